package webhook_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gevor/authz"
	"gevor/fault"
	"gevor/internal/webhook"
	"gevor/outbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var day = time.Date(2026, 5, 12, 8, 30, 0, 0, time.UTC)

// example.com is the name on the certificate of httptest; the address stands for any public one. Neither is ever
// asked: names are looked up in zone, and connections end at the test's own server.
const (
	host   = "example.com"
	public = "93.184.216.34"
	secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

// zone is a name server: each look-up takes the next answer, the last one for ever.
type zone struct {
	mu      sync.Mutex
	answers [][]string
	asked   int
}

func (z *zone) LookupNetIP(_ context.Context, _, _ string) ([]netip.Addr, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	answer := z.answers[min(z.asked, len(z.answers)-1)]
	z.asked++
	if answer == nil {
		return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
	}
	var out []netip.Addr
	for _, a := range answer {
		out = append(out, netip.MustParseAddr(a))
	}
	return out, nil
}

// shelf is a store with one endpoint.
type shelf struct {
	endpoint outbox.Endpoint
	secrets  []string
	err      error
	well     []bool
	gone     int
}

func (s *shelf) UnsafeEndpoint(context.Context, string, time.Time) (outbox.Endpoint, []string, error) {
	return s.endpoint, s.secrets, s.err
}

func (s *shelf) UnsafeCalled(_ context.Context, _ string, _ time.Time, well, gone bool) error {
	s.well = append(s.well, well)
	if gone {
		s.gone++
	}
	return nil
}

// scene is a caller, its name server, its store and the receiver.
type scene struct {
	*webhook.Caller
	zone    *zone
	shelf   *shelf
	dialled []string
	log     bytes.Buffer
}

func arranged(t *testing.T, receiver http.HandlerFunc) *scene {
	t.Helper()
	srv := httptest.NewUnstartedServer(receiver)
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	s := &scene{zone: &zone{answers: [][]string{{public}}}}
	s.shelf = &shelf{endpoint: outbox.Endpoint{ID: "w-1", Organisation: "o-1", Address: "https://" + host + "/in?x=1"}, secrets: []string{secret}}
	s.Caller = webhook.New(webhook.Config{
		Endpoints: s.shelf, Guard: &webhook.Guard{Allow: []string{"Example.COM"}, Resolver: s.zone}, Version: "0.0.0-test",
		Now: func() time.Time { return day }, Log: slog.New(slog.NewTextHandler(&s.log, nil)),
		TLS: &tls.Config{RootCAs: srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs},
		Dial: func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
			s.dialled = append(s.dialled, to.String())
			return (&net.Dialer{}).DialContext(ctx, "tcp", srv.Listener.Addr().String())
		},
	})
	return s
}

func message() outbox.Message {
	raw, err := json.Marshal(outbox.Call{Endpoint: "w-1", Event: "organisation.changed", Organisation: "o-1", Kind: authz.Organisation, Object: "o-1", Change: 7, At: day})
	if err != nil {
		panic(err)
	}
	return outbox.Message{Sequence: 3, Topic: outbox.Webhook, Owner: "o-1", Key: "webhook w-1 organisation.changed 7", Payload: raw, Attempts: 1}
}

func (s *scene) deliver(t *testing.T) outbox.Result {
	t.Helper()
	return s.Deliver(t.Context(), []outbox.Message{message()})
}

// The example of the specification's own libraries (standard-webhooks, "webhook_test"): secret, id, time, body and the
// signature they give.
func TestSignatureEqualsTheSpecification(t *testing.T) {
	got, err := webhook.Sign([]string{secret}, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if err != nil || got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{"", "whsec_", "whsec_***"} {
		if _, err := webhook.Sign([]string{bad}, "x", day, nil); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestACall(t *testing.T) {
	var seen *http.Request
	var body []byte
	s := arranged(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
	})
	s.shelf.secrets = []string{secret, "whsec_b2xkIHNlY3JldA=="}
	if got := s.deliver(t); got != (outbox.Result{Outcome: outbox.Delivered, Note: "http 202"}) {
		t.Fatalf("%+v: %s", got, s.log.String())
	}
	if seen.Method != http.MethodPost || seen.Host != host || seen.RequestURI != "/in?x=1" || seen.Header.Get("Content-Type") != "application/json" || seen.UserAgent() != "gevor/0.0.0-test" {
		t.Errorf("%+v", seen)
	}
	if want := `{"type":"organisation.changed","timestamp":"2026-05-12T08:30:00Z","data":{"organisation":"o-1","kind":"organisation","id":"o-1","change":7}}`; string(body) != want {
		t.Errorf("%s", body)
	}
	id := seen.Header.Get("webhook-id")
	want, err := webhook.Sign(s.shelf.secrets, id, day, body)
	if err != nil || seen.Header.Get("webhook-signature") != want || strings.Count(want, "v1,") != 2 || seen.Header.Get("webhook-timestamp") != fmt.Sprint(day.Unix()) {
		t.Errorf("%v, want %q, %v", seen.Header, want, err)
	}
	if strings.Contains(id, ".") || id != webhook.ID(message().Key) {
		t.Errorf("webhook-id %q", id)
	}
	if !slices.Equal(s.dialled, []string{public + ":443"}) || s.zone.asked != 1 || !slices.Equal(s.shelf.well, []bool{true}) {
		t.Errorf("dialled %v, asked %d times, %v", s.dialled, s.zone.asked, s.shelf.well)
	}
	// Again: the same id.
	s.deliver(t)
	if seen.Header.Get("webhook-id") != id {
		t.Error("a repetition has another id")
	}
}

func TestWhatReceiversSay(t *testing.T) {
	for _, c := range []struct {
		status int
		want   outbox.Result
		gone   int
	}{
		{200, outbox.Result{Outcome: outbox.Delivered, Note: "http 200"}, 0},
		{204, outbox.Result{Outcome: outbox.Delivered, Note: "http 204"}, 0},
		{302, outbox.Result{Note: "http 302"}, 0},
		{400, outbox.Result{Note: "http 400"}, 0},
		{410, outbox.Result{Outcome: outbox.Refused, Note: "http 410"}, 1},
		{429, outbox.Result{Note: "http 429"}, 0},
		{500, outbox.Result{Note: "http 500"}, 0},
	} {
		calls := 0
		s := arranged(t, func(w http.ResponseWriter, _ *http.Request) {
			calls++
			w.Header().Set("Location", "https://169.254.169.254/latest/meta-data/")
			w.WriteHeader(c.status)
		})
		if got := s.deliver(t); got != c.want || calls != 1 || s.shelf.gone != c.gone || len(s.dialled) != 1 {
			t.Errorf("%d: %+v after %d calls, %v", c.status, got, calls, s.dialled)
		}
	}
}

// An answer of ten megabytes, and one without an end: the beginning is read, the rest is left.
func TestALongAnswer(t *testing.T) {
	s := arranged(t, func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 32<<10)
		for range 320 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	if got := s.deliver(t); got.Outcome != outbox.Delivered {
		t.Errorf("%+v", got)
	}
	s = arranged(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		for {
			if _, err := w.Write(make([]byte, 32<<10)); err != nil {
				return
			}
		}
	})
	if got := s.deliver(t); got != (outbox.Result{Note: "http 500"}) {
		t.Errorf("%+v", got)
	}
}

// A receiver that never answers ends at the time limit, which is short here so that the test is.
func TestASlowReceiver(t *testing.T) {
	s := arranged(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	s.Timeout = 100 * time.Millisecond
	if got := s.deliver(t); got != (outbox.Result{Note: "unreachable"}) || !slices.Equal(s.shelf.well, []bool{false}) {
		t.Errorf("%+v, %v", got, s.shelf.well)
	}
	// When the program is told to stop, that counts against nobody.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.shelf.well = nil
	if got := s.Deliver(ctx, []outbox.Message{message()}); !got.Down || len(s.shelf.well) != 0 {
		t.Errorf("%+v, %v", got, s.shelf.well)
	}
}

func TestWhatIsNotCalled(t *testing.T) {
	for name, change := range map[string]func(*scene){
		"removed":          func(s *scene) { s.shelf.err = fault.New(fault.NotFound, "webhook", "does not exist", "") },
		"off":              func(s *scene) { s.shelf.endpoint.Off = true },
		"of another house": func(s *scene) { s.shelf.endpoint.Organisation = "o-2" },
		"not on the list":  func(s *scene) { s.shelf.endpoint.Address = "https://evil.example.com/" },
		"plain":            func(s *scene) { s.shelf.endpoint.Address = "http://" + host + "/" },
		"another port":     func(s *scene) { s.shelf.endpoint.Address = "https://" + host + ":8443/" },
		"with a password":  func(s *scene) { s.shelf.endpoint.Address = "https://u:p@" + host + "/" },
		"an address":       func(s *scene) { s.shelf.endpoint.Address = "https://127.0.0.1/" },
		"no list":          func(s *scene) { s.Guard.Allow = nil },
		"no such name":     func(s *scene) { s.zone.answers = [][]string{nil} },
		"no address":       func(s *scene) { s.zone.answers = [][]string{{}} },
		"a bad secret":     func(s *scene) { s.shelf.secrets = []string{"x"} },
		"no database":      func(s *scene) { s.shelf.err = errors.New("gone") },
	} {
		s := arranged(t, func(http.ResponseWriter, *http.Request) { t.Errorf("%s: was called", name) })
		change(s)
		if got := s.deliver(t); got.Outcome == outbox.Delivered || len(s.dialled) != 0 {
			t.Errorf("%s: %+v, dialled %v", name, got, s.dialled)
		}
	}
	s := arranged(t, func(http.ResponseWriter, *http.Request) { t.Error("another's certificate was trusted") })
	s.TLS = nil
	if got := s.deliver(t); got != (outbox.Result{Note: "unreachable"}) {
		t.Errorf("a certificate nobody knows: %+v", got)
	}
}

func TestPermits(t *testing.T) {
	g := &webhook.Guard{Allow: []string{"hooks.example.org"}}
	for _, good := range []string{"https://hooks.example.org/x", "https://HOOKS.example.org./x"} {
		if err := g.Permits(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"https://example.org/", "https://hooks.example.org.evil.example/", "https://x.hooks.example.org/", "https://hooks.example.org@evil.example/", "https://[::1]/", "", "%"} {
		if fault.KindOf(g.Permits(bad)) != fault.Denied {
			t.Errorf("%q is permitted", bad)
		}
	}
}
