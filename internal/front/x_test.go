package front

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// seen is what a page sees of a request.
type seen struct {
	from, host string
	headers    http.Header
}

func pass(p Proxies, from string, headers map[string]string) seen {
	var s seen
	r := httptest.NewRequest(http.MethodGet, "http://inner.local/", http.NoBody)
	r.RemoteAddr = from
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	p.Guard(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		s = seen{r.RemoteAddr, r.Host, r.Header}
	})).ServeHTTP(httptest.NewRecorder(), r)
	return s
}

func trusted() Proxies {
	return Proxies{Trusted: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/24"), netip.MustParsePrefix("::1/128")}, Host: "help.example.org", Log: quiet()}
}

func TestWhoReallyAsks(t *testing.T) {
	for _, c := range []struct{ name, peer, chain, want string }{
		{"through the proxy", "10.1.0.7:999", "203.0.113.5", "203.0.113.5:0"},
		{"through two proxies", "10.1.0.7:999", "203.0.113.5, 10.1.0.8", "203.0.113.5:0"},
		{"forged by the client, the proxy appends", "10.1.0.7:999", "198.51.100.1, 203.0.113.5", "203.0.113.5:0"},
		{"forged as if trusted", "10.1.0.7:999", "10.1.0.9, 203.0.113.5", "203.0.113.5:0"},
		{"IPv6", "[::1]:9", "2001:db8::5", "[2001:db8::5]:0"},
		{"mapped", "[::ffff:10.1.0.7]:9", "::ffff:203.0.113.5", "203.0.113.5:0"},
		{"with ports", "10.1.0.7:999", "[2001:db8::5]:44", "[2001:db8::5]:0"},
		{"past the proxy", "203.0.113.9:1", "198.51.100.1", "203.0.113.9:1"},
		{"past the proxy as if through it", "203.0.113.9:1", "198.51.100.1, 10.1.0.7", "203.0.113.9:1"},
		{"the proxy strips", "10.1.0.7:999", "", "10.1.0.7:999"},
		{"the proxy writes no address", "10.1.0.7:999", "unknown", "10.1.0.7:999"},
		{"rubbish at the right", "10.1.0.7:999", "203.0.113.5, _hidden", "10.1.0.7:999"},
		{"only proxies", "10.1.0.7:999", "10.1.0.8", "10.1.0.7:999"},
	} {
		headers := map[string]string{"X-Real-Ip": "192.0.2.66", "Forwarded": "for=192.0.2.66", "X-Forwarded-Proto": "https"}
		if c.chain != "" {
			headers["X-Forwarded-For"] = c.chain
		}
		got := pass(trusted(), c.peer, headers)
		if got.from != c.want {
			t.Errorf("%s: %s, want %s", c.name, got.from, c.want)
		}
		for _, h := range forwarding {
			if v, there := got.headers[h]; there {
				t.Errorf("%s: %s = %q gets through", c.name, h, v)
			}
		}
	}
	// The control: who believes everybody lets a stranger choose the address.
	everybody := Proxies{Trusted: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}, Log: quiet()}
	if got := pass(everybody, "203.0.113.9:1", map[string]string{"X-Forwarded-For": "198.51.100.1"}); got.from != "198.51.100.1:0" {
		t.Errorf("the control is not fooled: %s", got.from)
	}
}

func TestHostIsThePublicOneOnlyBehindTheProxy(t *testing.T) {
	if got := pass(trusted(), "10.1.0.7:9", map[string]string{"X-Forwarded-For": "203.0.113.5", "X-Forwarded-Host": "evil.example"}); got.host != "help.example.org" {
		t.Errorf("behind the proxy: %s", got.host)
	}
	if got := pass(trusted(), "203.0.113.9:9", nil); got.host != "inner.local" {
		t.Errorf("past the proxy: %s", got.host)
	}
}

func TestAStrippingProxyIsToldOnce(t *testing.T) {
	var b bytes.Buffer
	p := trusted()
	p.Log = slog.New(slog.NewTextHandler(&b, nil))
	h := p.Guard(http.NotFoundHandler())
	for range 3 {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.RemoteAddr = "10.1.0.7:1"
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	if strings.Count(b.String(), "does not say who asks") != 1 || strings.Contains(b.String(), "10.1.0.7") {
		t.Errorf("%s", b.String())
	}
}

// pair writes a certificate for localhost with a serial number, and its key.
func pair(t *testing.T, cert, key string, serial int64) *x509.Certificate {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	raw, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	put(t, cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))
	put(t, key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// put writes a file whose time differs from that of the file before, as a later write would.
func put(t *testing.T, name string, raw []byte) {
	t.Helper()
	before, err := os.Stat(name)
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if err == nil {
		later := before.ModTime().Add(time.Second)
		if err := os.Chtimes(name, later, later); err != nil {
			t.Fatal(err)
		}
	}
}

func served(t *testing.T, c *Certificate) int64 {
	t.Helper()
	got, err := c.Get(nil)
	if err != nil {
		t.Fatal(err)
	}
	return got.Leaf.SerialNumber.Int64()
}

func TestACertificateIsReplacedWhileItIsServed(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert"), filepath.Join(dir, "key")
	pair(t, cert, key, 1)
	c, err := OpenCertificate(cert, key, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if got := served(t, c); got != 1 {
		t.Errorf("served %d", got)
	}
	pair(t, cert, key, 2)
	if got := served(t, c); got != 2 {
		t.Errorf("the new one is not served: %d", got)
	}
	// Half replaced, damaged or gone: the last good pair stays.
	good, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	pair(t, cert, filepath.Join(dir, "elsewhere"), 3)
	if got := served(t, c); got != 2 {
		t.Errorf("a certificate without its key is served: %d", got)
	}
	put(t, cert, []byte("rubbish"))
	if err := c.Reload(); err == nil || served(t, c) != 2 {
		t.Errorf("rubbish: %v", err)
	}
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	if got := served(t, c); got != 2 {
		t.Errorf("gone: %d", got)
	}
	put(t, cert, good)
	if err := c.Reload(); err != nil || served(t, c) != 2 {
		t.Errorf("back again: %v", err)
	}
	if _, err := OpenCertificate(filepath.Join(dir, "none"), key, quiet()); err == nil {
		t.Error("no certificate is one")
	}
}

func TestHandshake(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert"), filepath.Join(dir, "key")
	parsed := pair(t, cert, key, 1)
	c, err := OpenCertificate(cert, key, quiet())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = c.TLS()
	server.StartTLS()
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	dial := func(version uint16) error {
		conn, err := tls.Dial("tcp", server.Listener.Addr().String(), &tls.Config{RootCAs: roots, ServerName: "localhost", MinVersion: tls.VersionTLS10, MaxVersion: version})
		if err != nil {
			return err
		}
		return conn.Close()
	}
	if err := dial(tls.VersionTLS13); err != nil {
		t.Errorf("TLS 1.3: %v", err)
	}
	if err := dial(tls.VersionTLS11); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
}

func TestCertificatesAreAskedForOneNameOnly(t *testing.T) {
	p := onlyHost("help.example.org")
	if err := p(t.Context(), "help.example.org"); err != nil {
		t.Error(err)
	}
	if err := p(t.Context(), "other.example.org"); err == nil {
		t.Error("another name is allowed")
	}
}
