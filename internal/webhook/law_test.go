package webhook_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"pgregory.net/rapid"

	"gevor/outbox"
)

// inner are addresses that no call may reach, each with the name of its sort.
var inner = map[string]string{
	"127.0.0.1": "loopback", "127.8.8.8": "loopback", "::1": "loopback", "0.0.0.0": "this host", "::": "unspecified", "0.1.2.3": "this network",
	"10.1.2.3": "private", "172.16.0.1": "private", "172.31.255.255": "private", "192.168.178.1": "private", "fc00::1": "unique local", "fd12:3456::1": "unique local",
	"169.254.169.254": "link-local", "fe80::1": "link-local", "fec0::1": "site-local", "224.0.0.1": "multicast", "239.1.1.1": "multicast", "ff02::1": "multicast", "ff0e::1": "multicast",
	"100.64.0.1": "shared behind a provider", "100.127.255.255": "shared behind a provider", "255.255.255.255": "broadcast", "240.0.0.1": "reserved",
	"192.0.2.1": "documentation", "198.51.100.1": "documentation", "203.0.113.1": "documentation", "2001:db8::1": "documentation", "3fff::1": "documentation",
	"198.18.0.1": "benchmarks", "192.0.0.8": "protocols", "192.88.99.1": "6to4 relay",
	"::ffff:127.0.0.1": "IPv4 in IPv6", "::ffff:10.0.0.1": "IPv4 in IPv6", "::127.0.0.1": "IPv4 in IPv6", "64:ff9b::7f00:1": "IPv4 behind NAT64", "64:ff9b:1::1": "IPv4 behind NAT64",
	"2002:7f00:1::1": "IPv4 in 6to4", "2001::1": "Teredo", "100::1": "discard", "5f00::1": "segment routing", "4000::1": "not given out",
}

func TestNoAddressInsideIsDialled(t *testing.T) {
	for address, sort := range inner {
		for _, answer := range [][]string{{address}, {public, address}, {address, public}} {
			s := arranged(t, func(http.ResponseWriter, *http.Request) { t.Errorf("%s (%s) was called", address, sort) })
			s.zone.answers = [][]string{answer}
			if got := s.deliver(t); got != (outbox.Result{Note: "not-allowed"}) || len(s.dialled) != 0 {
				t.Errorf("%s (%s): %+v, dialled %v", address, sort, got, s.dialled)
			}
		}
	}
	for _, outer := range []string{public, "::ffff:" + public, "2606:2800:220:1:248:1893:25c8:1946", "172.32.0.1", "100.128.0.1", "11.0.0.1", "192.0.3.1"} {
		s := arranged(t, func(http.ResponseWriter, *http.Request) {})
		s.zone.answers = [][]string{{outer}}
		if got := s.deliver(t); got.Outcome != outbox.Delivered || len(s.dialled) != 1 {
			t.Errorf("%s: %+v, dialled %v", outer, got, s.dialled)
		}
	}
	t.Logf("figure: webhooks: %d addresses of the inside in three answers each, 0 dialled", len(inner))
}

// What the standard library holds for inside is inside here, too.
func TestInsideIncludesTheLibrarysIdea(t *testing.T) {
	s := arranged(t, func(http.ResponseWriter, *http.Request) {})
	rapid.Check(t, func(r *rapid.T) {
		var a netip.Addr
		if rapid.Bool().Draw(r, "six") {
			a = netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(r, "address")))
		} else {
			a = netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(r, "address")))
		}
		s.zone.answers, s.dialled = [][]string{{a.String()}}, nil
		s.deliver(t)
		plain := a.Unmap()
		if len(s.dialled) > 0 && (plain.IsPrivate() || plain.IsLoopback() || plain.IsLinkLocalUnicast() || plain.IsMulticast() || plain.IsUnspecified() || !plain.IsGlobalUnicast()) {
			r.Fatalf("%s was dialled", a)
		}
	})
}

// A name that leads outside when it is checked and inside when it is used: looked up once, the call goes where the
// check has looked.
func TestRebindingChangesNothing(t *testing.T) {
	s := arranged(t, func(http.ResponseWriter, *http.Request) {})
	s.zone.answers = [][]string{{public}, {"127.0.0.1"}}
	if got := s.deliver(t); got.Outcome != outbox.Delivered || s.zone.asked != 1 || len(s.dialled) != 1 || s.dialled[0] != public+":443" {
		t.Errorf("%+v: asked %d times, dialled %v", got, s.zone.asked, s.dialled)
	}
	// The next call looks again, and is refused.
	if got := s.deliver(t); got != (outbox.Result{Note: "not-allowed"}) || len(s.dialled) != 1 {
		t.Errorf("%+v, dialled %v", got, s.dialled)
	}
}

// The control: who checks first and lets the connection look up for itself reaches the inside.
func TestControlCheckingTwiceIsRebound(t *testing.T) {
	reached := false
	srv := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer srv.Close()
	z := &zone{answers: [][]string{{public}, {"127.0.0.1"}}}
	checked, err := z.LookupNetIP(t.Context(), "ip", host)
	if err != nil || checked[0].IsLoopback() {
		t.Fatalf("%v, %v", checked, err)
	}
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{RootCAs: srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs},
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			again, err := z.LookupNetIP(ctx, "ip", host)
			if err != nil {
				return nil, err
			}
			return (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(again[0].String(), port))
		},
	}}
	res, err := client.Get("https://" + host + "/")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if !reached {
		t.Error("the control reached nothing: the test above cannot see a rebinding")
	}
}
