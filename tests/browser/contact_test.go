//go:build browser

package browser

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gevor/authz"
	"gevor/contact"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// unspeakable is a word that the browser types into a note that is refused. It must be nowhere afterwards.
const unspeakable = "Rotkehlchen"

// line can be cut, and can lose answers: what was sent then has arrived, and nobody tells the device.
type line struct {
	mu    sync.Mutex
	mute  bool
	posts int
	next  http.Handler
}

func (l *line) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/line/mute", "/line/hear":
		l.mu.Lock()
		l.mute = r.URL.Path == "/line/mute"
		l.mu.Unlock()
		return
	}
	l.mu.Lock()
	lost := l.mute && r.Method == http.MethodPost
	if r.Method == http.MethodPost {
		l.posts++
	}
	l.mu.Unlock()
	if !lost {
		l.next.ServeHTTP(w, r)
		return
	}
	l.next.ServeHTTP(httptest.NewRecorder(), r)
	panic(http.ErrAbortHandler) // the connection breaks before the answer
}

// TestContactsInTheBrowser writes contacts by a scripted hand at phone width, with and without a line.
func TestContactsInTheBrowser(t *testing.T) {
	var log bytes.Buffer
	h, err := webtest.Handler(web.Normal, &log)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	l := &line{next: h}
	srv := httptest.NewServer(l)
	defer srv.Close()
	who, _, err := h.Houses.UnsafeActor(t.Context(), webtest.Person(webtest.East, authz.Navigator))
	if err != nil {
		t.Fatal(err)
	}
	count := func() (n int) {
		f, _, err := h.Houses.ContactFigures(t.Context(), who, webtest.East, "2000-01", "2099-12")
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range f.Shares {
			if s.Facet == contact.ByKind {
				n += s.Times
			}
		}
		return n
	}
	before := count()
	plan, err := json.Marshal(map[string]any{
		"server": srv.URL, "chromium": chromium(t), "visits": []string{}, "servers": map[string]string{}, "offer": webtest.PublicOffer(),
		"navigator": who.Person, "organisation": webtest.East, "district": webtest.District(), "unspeakable": unspeakable, "pictures": os.Getenv("GEVOR_PICTURES"),
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	at := filepath.Join(dir, "plan.json")
	if err := os.WriteFile(at, plan, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "--test", "--test-reporter=spec", "--test-concurrency=1", "contact.test.mjs")
	cmd.Env = append(os.Environ(), "GEVOR_BROWSER_PLAN="+at)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("the browser tests failed: %v", err)
	}
	// One in haste, one without scripts, one from a search, three that waited, two whose answer was lost, one that was
	// taken back again.
	if got := count() - before; got != 8 {
		t.Errorf("%d contacts arrived, want 8", got)
	}
	for _, channel := range channelsOf(t, h, &log) {
		if bytes.Contains(channel, []byte(unspeakable)) {
			t.Error("what was typed into a refused note is in a log or the database")
		}
	}
	if !strings.Contains(log.String(), "kontakte") {
		t.Error("control: the log knows nothing of contacts")
	}
}

// channelsOf are the log and the database with its journal.
func channelsOf(t *testing.T, h *webtest.Server, log *bytes.Buffer) [][]byte {
	t.Helper()
	out := [][]byte{log.Bytes()}
	for _, name := range []string{"town.db", "town.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(h.Dir(), name))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, raw)
	}
	db, err := sql.Open("sqlite", filepath.Join(h.Dir(), "town.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRow(`SELECT COUNT(*) FROM contacts`).Scan(&n); err != nil || n == 0 {
		t.Errorf("control: the database holds %d contacts, %v", n, err)
	}
	return out
}
