package app

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gevor/internal/config"
	"gevor/internal/telemetry"
)

// running is a server of a test: where it answers, and how it is stopped.
type running struct {
	address string
	client  *http.Client
	stop    context.CancelFunc
	ended   chan error
}

// start runs a server on a free port until the test or stop ends it.
func start(t *testing.T, c *config.Config, handler http.Handler) running {
	t.Helper()
	c.Server.Listen = "127.0.0.1:0"
	out, in := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	log := telemetry.NewLog(in, "error", "text")
	r := running{stop: stop, ended: make(chan error, 1), client: &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the certificate is the test's own
	}}}
	s := &server{Config: c, console: console{err: in}, log: log, health: telemetry.NewHealth(log)}
	go func() {
		err := s.run(ctx, handler)
		_ = in.CloseWithError(err)
		r.ended <- err
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("it said %q: %v", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // so that its log never blocks it
	r.address = strings.TrimSpace(strings.TrimPrefix(line, "gevor serves "))
	t.Cleanup(func() { stop(); r.client.CloseIdleConnections() })
	return r
}

// get asks for a page with one header.
func (r running) get(t *testing.T, header, value string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(header, value)
	response, err := r.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

// seen answers with what a page sees of who asks.
func seen(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, r.RemoteAddr+" "+r.Host+" "+r.Header.Get("X-Forwarded-For"))
}

func TestTheProxyIsBelievedOnlyAsConfigured(t *testing.T) {
	c := config.Default()
	c.Server.PublicURL, c.Server.BehindProxy = "https://help.example.org", true
	c.Server.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	response, body := start(t, c, http.HandlerFunc(seen)).get(t, "X-Forwarded-For", "198.51.100.1, 203.0.113.5") //nolint:bodyclose // get reads and closes it
	if body != "203.0.113.5:0 help.example.org " {
		t.Errorf("behind the proxy a page sees %q", body)
	}
	if response.Header.Get("Strict-Transport-Security") == "" {
		t.Error("nobody is told to come back over HTTPS")
	}
	alone := start(t, config.Default(), http.HandlerFunc(seen))
	response, body = alone.get(t, "X-Forwarded-For", "203.0.113.5") //nolint:bodyclose // get reads and closes it
	if !strings.HasPrefix(body, "127.0.0.1:") || strings.Contains(body, "203.0.113.5") || response.Header.Get("Strict-Transport-Security") != "" {
		t.Errorf("alone a page sees %q", body)
	}
}

func TestTLS(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: time.Unix(0, 0), NotAfter: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	raw, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	c := config.Default()
	c.Server.TLSCert, c.Server.TLSKey = filepath.Join(t.TempDir(), "cert"), filepath.Join(t.TempDir(), "key")
	for file, block := range map[string]*pem.Block{c.Server.TLSCert: {Type: "CERTIFICATE", Bytes: raw}, c.Server.TLSKey: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := start(t, c, http.HandlerFunc(seen))
	if response, _ := r.get(t, "Accept", "*/*"); !strings.HasPrefix(r.address, "https://") || response.TLS == nil { //nolint:bodyclose // get reads and closes it
		t.Errorf("%s is answered without encryption", r.address)
	}
}

// A request under way when the program is told to stop is answered; the program ends only then.
func TestStoppingAnswersWhatIsUnderWay(t *testing.T) {
	arrived, goOn := make(chan struct{}), make(chan struct{})
	r := start(t, config.Default(), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-goOn
		_, _ = io.WriteString(w, "kept")
	}))
	answer := make(chan string, 1)
	go func() {
		response, err := r.client.Get(r.address)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		answer <- string(body)
	}()
	<-arrived
	r.stop()
	select {
	case err := <-r.ended:
		t.Fatalf("it ended before the answer: %v", err)
	case got := <-answer:
		t.Fatalf("the request was cut off: %s", got)
	default:
	}
	close(goOn)
	if got := <-answer; got != "kept" {
		t.Errorf("the answer is %q", got)
	}
	if err := <-r.ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
}

func TestATakenAddressIsSaid(t *testing.T) {
	first := start(t, config.Default(), http.NotFoundHandler())
	c := config.Default()
	c.Server.Listen = strings.TrimPrefix(first.address, "http://")
	log := telemetry.NewLog(io.Discard, "error", "text")
	err := (&server{Config: c, console: console{err: io.Discard}, log: log, health: telemetry.NewHealth(log)}).run(t.Context(), http.NotFoundHandler())
	if err == nil || !strings.Contains(err.Error(), "cannot be listened on") {
		t.Errorf("%v", err)
	}
}
