// Package front is the outermost layer of the server: who is really asking, and with which certificate this
// installation answers.
package front

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
)

// Proxies says whom to believe about where a request comes from.
type Proxies struct {
	// Trusted are the proxies in front. Nobody else's headers are believed; empty believes nobody.
	Trusted []netip.Prefix
	// Host replaces the Host of what trusted proxies pass on, since many of them put their own there. Empty keeps it.
	Host string
	// Log is told once when a trusted proxy does not say who asked. Required.
	Log *slog.Logger
}

// forwarding are the headers by which anybody can claim to speak for somebody else. They never get past Guard.
var forwarding = [...]string{
	"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server",
	"X-Forwarded-Prefix", "X-Forwarded-Ssl", "X-Real-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "True-Client-Ip",
	"Cf-Connecting-Ip", "Fastly-Client-Ip", "X-Original-Url", "X-Rewrite-Url", "X-Original-Host", "X-Http-Method-Override",
}

// Guard hands requests on with one truth about where they come from: RemoteAddr. Headers that claim something else are
// removed from every request, after X-Forwarded-For of a trusted proxy has been read.
//
//   - From anybody but a trusted proxy: the address of the connection; the headers are ignored.
//   - From a trusted proxy: the rightmost address in X-Forwarded-For that is no trusted proxy. What stands further left
//     was written by the client and may be forged.
//   - From a trusted proxy that does not say who asked, or not in the form of an address: the proxy itself, so that
//     all its clients share one rate limit and none escapes it. The log is told once.
func (p Proxies) Guard(next http.Handler) http.Handler {
	var told atomic.Bool
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, ok := addressOf(r.RemoteAddr)
		if ok && p.trusts(peer) {
			client, said := p.client(r.Header.Values("X-Forwarded-For"))
			if said {
				r.RemoteAddr = net.JoinHostPort(client.String(), "0")
			} else if told.CompareAndSwap(false, true) {
				p.Log.Warn("the proxy does not say who asks: all its clients share one rate limit; let it set X-Forwarded-For")
			}
			if p.Host != "" {
				r.Host = p.Host
			}
		}
		for _, h := range forwarding {
			r.Header.Del(h)
		}
		next.ServeHTTP(w, r)
	})
}

func (p Proxies) trusts(a netip.Addr) bool {
	return slices.ContainsFunc(p.Trusted, func(n netip.Prefix) bool { return n.Contains(a) })
}

// client reads a chain of addresses from the right, where the nearest proxy wrote last.
func (p Proxies) client(values []string) (netip.Addr, bool) {
	chain := strings.Split(strings.Join(values, ","), ",")
	for _, s := range slices.Backward(chain) {
		a, ok := addressOf(strings.TrimSpace(s))
		if !ok {
			return netip.Addr{}, false
		}
		if !p.trusts(a) {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// addressOf reads 192.0.2.1, 192.0.2.1:80, 2001:db8::1 and [2001:db8::1]:80.
func addressOf(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		host, _, cut := net.SplitHostPort(s)
		if cut != nil {
			host = strings.Trim(s, "[]")
		}
		if a, err = netip.ParseAddr(host); err != nil {
			return netip.Addr{}, false
		}
	}
	return a.Unmap().WithZone(""), true
}
