package telemetry

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var personal = []string{"203.0.113.5", "2001:db8::7", "2001:db8:1:2:3:4:5:6", "anna@example.org", "depression", "Mozilla"}

// chatter logs what careless code might.
func chatter(log *slog.Logger) {
	log.Info("request from 203.0.113.5:4711 and [2001:db8::7]:80", "path", "/de/suche?q=depression", "ip", "203.0.113.5", "User_Agent", "Mozilla/5")
	log.Error("no mail to anna@example.org", "cause", errors.New("dial tcp 2001:db8:1:2:3:4:5:6 via 203.0.113.5:25: refused; GET https://x/y?q=depression"))
	log.WithGroup("g").With("email", "anna@example.org").Warn("x", "url", "http://203.0.113.5/?q=depression&a=b")
}

func TestLogsHoldNothingOfPeople(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var b bytes.Buffer
		chatter(NewLog(&b, "debug", format))
		for _, p := range personal {
			if strings.Contains(b.String(), p) {
				t.Errorf("%s: %q is in the log:\n%s", format, p, b.String())
			}
		}
		if !strings.Contains(b.String(), "/de/suche?…") || !strings.Contains(b.String(), "refused") {
			t.Errorf("%s: the log lost what operators need:\n%s", format, b.String())
		}
	}
	// The control: an ordinary log holds all of it.
	var b bytes.Buffer
	chatter(slog.New(slog.NewTextHandler(&b, nil)))
	for _, p := range personal {
		if !strings.Contains(b.String(), p) {
			t.Errorf("the control lacks %q", p)
		}
	}
}

func TestImpersonalKeepsTheRest(t *testing.T) {
	for s, want := range map[string]string{
		"at 12:30:15 in 3.2 s": "at 12:30:15 in 3.2 s",
		"version 1.2.3":        "version 1.2.3",
		"f.toml:12: x":         "f.toml:12: x",
		"[1 2] and a[i]":       "[1 2] and a[i]",
		"std::vector":          "std::vector",
		"why?":                 "why?",
		"at ::1":               "at (address)",
		"10.1.2.3:80":          "(address)",
	} {
		if got := Impersonal(s); got != want {
			t.Errorf("%q became %q, want %q", s, got, want)
		}
	}
}

func TestLevels(t *testing.T) {
	var b bytes.Buffer
	log := NewLog(&b, "warn", "text")
	log.Info("quiet")
	log.Warn("loud")
	if strings.Contains(b.String(), "quiet") || !strings.Contains(b.String(), "loud") {
		t.Errorf("%s", b.String())
	}
}

// A failed handshake makes the standard server write the client's address; through ServerLog it does not.
func TestTheServersOwnMessages(t *testing.T) {
	said := func(wrap func(*slog.Logger, *httptest.Server)) string {
		var b bytes.Buffer
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		wrap(NewLog(&b, "debug", "text"), server)
		server.StartTLS()
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "this is no handshake\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, conn) // until the server gives up
		conn.Close()
		server.Close()
		return b.String()
	}
	if got := said(func(log *slog.Logger, s *httptest.Server) { s.Config.ErrorLog = ServerLog(log) }); strings.Contains(got, "127.0.0.1") || !strings.Contains(got, "handshake") {
		t.Errorf("%s", got)
	}
	// The control: as the standard library writes it.
	if got := said(func(to *slog.Logger, s *httptest.Server) {
		s.Config.ErrorLog = slog.NewLogLogger(to.Handler(), slog.LevelError)
		s.Config.ErrorLog.SetOutput(plain{to})
	}); !strings.Contains(got, "from withheld") {
		t.Errorf("the control says nothing of where the client is: %s", got)
	}
}

// plain marks where an address would stand.
type plain struct{ to *slog.Logger }

func (p plain) Write(b []byte) (int, error) {
	p.to.Error(strings.ReplaceAll(string(b), "127.0.0.1", "withheld"))
	return len(b), nil
}

func get(t *testing.T, mux http.Handler, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
	return w.Code, w.Body.String()
}

func TestHealthNamesWhatFailsAndHidesWhy(t *testing.T) {
	var log bytes.Buffer
	h := NewHealth(NewLog(&log, "info", "text"))
	mux := http.NewServeMux()
	h.Register(mux)
	var broken error
	h.Add("state", func(context.Context) error { return nil })
	h.Add("database", func(context.Context) error { return broken })
	if code, body := get(t, mux, "/readyz"); code != 200 || body != "ready\n" {
		t.Errorf("%d %q", code, body)
	}
	broken = errors.New("password refused")
	if code, body := get(t, mux, "/readyz"); code != 503 || body != "not ready\ndatabase\n" {
		t.Errorf("%d %q", code, body)
	}
	if !strings.Contains(log.String(), "password refused") {
		t.Errorf("the log lacks the cause: %s", log.String())
	}
	if code, _ := get(t, mux, "/healthz"); code != 200 {
		t.Errorf("a program that lives answers %d", code)
	}
}

func TestFiguresHoldNoPath(t *testing.T) {
	now := time.Unix(0, 0)
	m := NewMetrics("1.2.3", func() time.Time { now = now.Add(time.Second); return now })
	inner := http.NewServeMux()
	inner.HandleFunc("GET /de/befunde/{id}", func(http.ResponseWriter, *http.Request) {})
	counted := m.Count(inner)
	for _, path := range []string{"/de/befunde/geheim-7?q=x", "/de/befunde/geheim-8", "/geheim-9"} {
		get(t, counted, path)
	}
	r := httptest.NewRequest("GEHEIM-10", "/", http.NoBody)
	counted.ServeHTTP(httptest.NewRecorder(), r)
	mux := http.NewServeMux()
	m.Register(mux)
	code, body := get(t, mux, "/metrics")
	for _, want := range []string{
		`gevor_http_requests_total{method="GET",route="GET /de/befunde/{id}",status="200"} 2`,
		`gevor_http_requests_total{method="GET",route="other",status="404"} 1`,
		`gevor_http_requests_total{method="other",route="other",status="404"} 1`,
		`gevor_build_info{version="1.2.3"} 1`, `gevor_http_request_seconds_sum{route="GET /de/befunde/{id}"} 2`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if code != 200 || strings.Contains(strings.ToLower(body), "geheim") {
		t.Errorf("%d: a path is in the figures", code)
	}
}

// The test is the service manager.
func TestTheServiceManagerHears(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	listen, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer listen.Close()
	env := map[string]string{"NOTIFY_SOCKET": socket, "WATCHDOG_USEC": "2000"}
	m := FindServiceManager(func(k string) string { return env[k] })
	hear := func() string {
		b := make([]byte, 100)
		n, err := listen.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	if err := m.Tell("READY=1"); err != nil {
		t.Fatal(err)
	}
	if got := hear(); got != "READY=1" {
		t.Errorf("heard %q", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	asked := make(chan struct{})
	go func() {
		defer close(done)
		sick := true
		m.Watch(ctx, func(context.Context) error {
			if sick {
				sick = false
				close(asked)
				return errors.New("sick")
			}
			return nil
		})
	}()
	<-asked
	if got := hear(); got != "WATCHDOG=1" {
		t.Errorf("heard %q", got)
	}
	cancel()
	<-done
	env = map[string]string{}
	nobody := FindServiceManager(func(k string) string { return env[k] })
	if err := nobody.Tell("READY=1"); err != nil {
		t.Error(err)
	}
	nobody.Watch(t.Context(), nil) // returns at once
	if err := (ServiceManager{socket: filepath.Join(t.TempDir(), "none")}).Tell("READY=1"); err == nil {
		t.Error("a socket that is not there hears")
	}
}
