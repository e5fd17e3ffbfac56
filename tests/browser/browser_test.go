//go:build browser

// Package browser looks at every page in headless Chromium: the router's table gives the addresses, in every
// language and state; an address of the table that the browser did not ask for fails the test.
package browser

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// asked remembers which addresses the browser asked each server for.
type asked struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (a *asked) wrap(state string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.seen[state+" "+r.URL.EscapedPath()] = true
		a.mu.Unlock()
		h.ServeHTTP(w, r)
	})
}

// control is a page that breaks every rule, so that each check is seen to catch something.
const control = `<!doctype html><html><head><title>control</title></head><body>
<img src="http://127.0.0.2:9/leak.png"><div style="width:3000px">wide</div><p style="color:#ccc;background:#fff">pale</p>
<script>console.error("broken"); document.body.append(String(nothing))</script></body></html>`

func TestPagesInTheBrowser(t *testing.T) {
	seen := &asked{seen: map[string]bool{}}
	servers := map[string]string{}
	var build string
	for _, state := range append(web.AllStates(), web.SignedIn) {
		log, err := os.Create(filepath.Join(t.TempDir(), "log"))
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		h, err := webtest.Handler(state, log)
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		if state == web.Normal {
			build = buildOf(t, h)
		}
		srv := httptest.NewServer(seen.wrap(string(state), h))
		defer srv.Close()
		servers[string(state)] = srv.URL
	}
	bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		if _, err := w.Write([]byte(control)); err != nil {
			t.Error(err)
		}
	}))
	defer bad.Close()
	door := town(t) // a server of its own: there an invitation is used up
	visits := webtest.Visits(build)
	plan, err := json.Marshal(map[string]any{"servers": servers, "control": bad.URL, "door": door, "visits": visits, "chromium": chromium(t)})
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(t.TempDir(), "plan.json")
	if err := os.WriteFile(at, plan, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "--test", "--test-reporter=spec", "--test-concurrency=2", "pages.test.mjs", "finder.test.mjs", "work.test.mjs", "work.signin.test.mjs", "base.test.mjs")
	cmd.Env = append(os.Environ(), "GEVOR_BROWSER_PLAN="+at)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		t.Errorf("the browser tests failed: %v", err)
	}
	for _, v := range visits {
		if !seen.seen[v.State+" "+v.Path] {
			t.Errorf("no browser test visits %s (%s, state %s)", v.Path, v.Route, v.State)
		}
	}
	// The control of the check above: an address that nobody asks for is missed.
	if seen.seen[string(web.Normal)+" /de/nobody-asks"] {
		t.Error("the record of visits holds what nobody asked for")
	}
}

// town serves the example town once more and gives its address.
func town(t *testing.T) string {
	t.Helper()
	h, err := webtest.Handler(web.Normal, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(func() {
		srv.Close()
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return srv.URL
}

// buildOf reads the name of the bundle from a page.
func buildOf(t *testing.T, h http.Handler) string {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/de/", nil))
	m := regexp.MustCompile(`/assets/([0-9a-f]+)/site\.css`).FindStringSubmatch(rec.Body.String())
	if m == nil {
		t.Fatal("the start page names no style sheet")
	}
	return m[1]
}

func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if at, err := exec.LookPath(name); err == nil {
			return at
		}
	}
	t.Fatal("no Chromium: run  apt-get install -y chromium")
	return ""
}
