package webhook

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"gevor/fault"
)

// Resolver finds the addresses of a host. *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Guard says which hosts may be called, and keeps calls out of the operator's own network.
type Guard struct {
	// Allow lists the hosts by name; an empty list allows none.
	Allow []string
	// Resolver is asked once for each call; nil is the system's.
	Resolver Resolver
}

// Permits gives nil where an address may be registered: its host is on the operator's list. Whether the host lies
// inside is found out at each call, because names change.
func (g *Guard) Permits(address string) error {
	u, err := url.Parse(address)
	if err != nil || !g.listed(u.Hostname()) {
		return fault.New(fault.Denied, "webhooks.allow", "this host is not on the list of hosts that may be called", "ask whoever runs the installation to add it")
	}
	return nil
}

// Listed names the hosts of the list.
func (g *Guard) Listed() []string { return slices.Clone(g.Allow) }

func (g *Guard) listed(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return host != "" && slices.ContainsFunc(g.Allow, func(a string) bool { return strings.TrimSuffix(strings.ToLower(a), ".") == host })
}

// resolve gives the one address that is dialled for a host. A host of which any address lies inside is refused whole:
// who answers so means no good, or is not meant to be called from outside.
func (g *Guard) resolve(ctx context.Context, host string) (netip.Addr, error) {
	if !g.listed(host) {
		return netip.Addr{}, fault.New(fault.Denied, "webhooks.allow", "this host is not on the list of hosts that may be called", "ask whoever runs the installation to add it")
	}
	var r Resolver = net.DefaultResolver
	if g.Resolver != nil {
		r = g.Resolver
	}
	found, err := r.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.Addr{}, fault.Wrap(fault.Busy, "webhook", "the name of the host leads nowhere", "check the address", err)
	}
	for i, a := range found {
		found[i] = a.Unmap() // resolvers write IPv4 in either way
		if inside(found[i]) {
			return netip.Addr{}, fault.New(fault.Denied, "webhook", fmt.Sprintf("%s is no address of the public network", a), "use a host outside")
		}
	}
	if len(found) == 0 {
		return netip.Addr{}, fault.New(fault.Busy, "webhook", "the name of the host leads nowhere", "check the address")
	}
	return found[0], nil
}

// notPublic are the networks that the registries of special-purpose addresses keep from the public network
// (IANA, RFC 6890 and its updates), and those that carry an IPv4 address inside, which could be any of them.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), // this host; private; shared behind providers
	netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("224.0.0.0/4"), netip.MustParsePrefix("240.0.0.0/4"),
}

// publicIPv6 is all of IPv6 that is given out (2000::/3); what lies within but is not public stands in notPublicIPv6.
var (
	publicIPv6    = netip.MustParsePrefix("2000::/3")
	notPublicIPv6 = []netip.Prefix{
		netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("3fff::/20"),
	}
)

// inside says whether an address is anything but one of the public network: this machine, private, local to a link or
// a site, multicast, reserved, a documentation's, or a way to write one of these.
func inside(a netip.Addr) bool {
	a = a.Unmap()
	if a.Zone() != "" || !a.IsValid() {
		return true
	}
	among := func(nets []netip.Prefix) bool {
		return slices.ContainsFunc(nets, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	if a.Is4() {
		return among(notPublic)
	}
	return !publicIPv6.Contains(a) || among(notPublicIPv6)
}
