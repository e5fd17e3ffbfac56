package fetch

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gevor/fault"
)

// publisher is a small server of files with entity tags that can misbehave once.
type publisher struct {
	mu       sync.Mutex
	files    map[string][]byte
	cutAfter map[string]int // bytes after which the connection breaks, once
	failures map[string]int // answers 503 so often
	asked    []string
	server   *httptest.Server
}

func newPublisher(t *testing.T, files map[string][]byte) *publisher {
	p := &publisher{files: files, cutAfter: map[string]int{}, failures: map[string]int{}}
	p.server = httptest.NewTLSServer(p)
	t.Cleanup(p.server.Close)
	return p
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, fmt.Sprintf("%s range=%q", r.URL.Path, r.Header.Get("Range")))
	raw, ok := p.files[r.URL.Path]
	switch {
	case r.URL.Path == "/elsewhere":
		http.Redirect(w, r, "https://elsewhere.example/x.csv", http.StatusFound)
		return
	case p.failures[r.URL.Path] > 0:
		p.failures[r.URL.Path]--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case !ok:
		http.NotFound(w, r)
		return
	}
	sum := sha256.Sum256(raw)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	if n := p.cutAfter[r.URL.Path]; n > 0 {
		delete(p.cutAfter, r.URL.Path)
		w.Header().Set("Content-Length", fmt.Sprint(len(raw)))
		if _, err := w.Write(raw[:n]); err != nil {
			return
		}
		panic(http.ErrAbortHandler)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(raw))
}

func (p *publisher) options() Options {
	return Options{
		Client: p.server.Client(), Pause: func(context.Context, int) error { return nil },
		Now: func() time.Time { return time.Date(2026, 5, 12, 8, 0, 0, 0, time.UTC) },
	}
}

type entry struct{ path, to, form, more string }

// folder writes a sources.toml for files of the publisher.
func (p *publisher) folder(t *testing.T, entries ...entry) string {
	t.Helper()
	dir := t.TempDir()
	p.describe(t, dir, entries...)
	return dir
}

func (p *publisher) describe(t *testing.T, dir string, entries ...entry) {
	t.Helper()
	var b strings.Builder
	b.WriteString("version = 1\n")
	for _, e := range entries {
		fmt.Fprintf(&b, "[[file]]\nsource = \"x\"\ntitle = \"T\"\npublisher = \"P\"\nlicence = \"L\"\nevery = \"yearly\"\npage = \"https://p.example\"\nurl = %q\nto = %q\nform = %q\n%s\n",
			p.server.URL+e.path, e.to, e.form, e.more)
		if !strings.Contains(e.more, "max_bytes") || strings.HasPrefix(e.more, "[[") {
			t.Fatal("entry without max_bytes")
		}
	}
	if err := os.WriteFile(filepath.Join(dir, SourcesFile), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func zipped(t *testing.T, member string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(member)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func content(t *testing.T, dir, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func absent(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(dir, name)); !os.IsNotExist(err) {
			t.Errorf("%s is there: %v", name, err)
		}
	}
}

const table = "a;b\n1;2\n"

func TestFetch(t *testing.T) {
	p := newPublisher(t, map[string][]byte{"/a.csv": []byte(table), "/b.zip": zipped(t, "in/inner.csv", []byte(table))})
	dir := p.folder(t, entry{"/a.csv", "stat/a.csv", "csv", "max_bytes = 100"},
		entry{"/b.zip", "b.zip", "zip", "max_bytes = 1000\n[[file.unpack]]\nmember = \"in/inner.csv\"\nto = \"stat/inner.csv\"\nmax_bytes = 100"})
	out, err := Fetch(context.Background(), dir, p.options())
	if err != nil || len(out) != 2 || out[0].State != New || out[1].State != New {
		t.Fatalf("%v %v", out, err)
	}
	if content(t, dir, "stat/a.csv") != table || content(t, dir, "stat/inner.csv") != table {
		t.Error("other bytes came")
	}
	absent(t, dir, "stat/a.csv.part", "stat/a.csv.part.json")
	sum := sha256.Sum256([]byte(table))
	if r := content(t, dir, RecordFile); !strings.Contains(r, hex.EncodeToString(sum[:])) || !strings.Contains(r, "2026-05-12T08:00:00Z") {
		t.Errorf("record %s", r)
	}
	// The second time nothing is sent; then one file changes at the publisher, and one here.
	if out, err = Fetch(context.Background(), dir, p.options()); err != nil || out[0].State != Unchanged || out[1].State != Unchanged {
		t.Fatalf("%v %v", out, err)
	}
	p.files["/a.csv"] = []byte(table + "3;4\n")
	if err := os.WriteFile(filepath.Join(dir, "b.zip"), []byte("spoilt"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err = Fetch(context.Background(), dir, p.options()); err != nil || out[0].State != New || out[1].State != New {
		t.Fatalf("%v %v", out, err)
	}
	if content(t, dir, "stat/a.csv") != table+"3;4\n" {
		t.Error("the change did not come")
	}
}

func TestInterruptedDownloadGoesOn(t *testing.T) {
	long := []byte("a;b\n" + strings.Repeat("1;2\n", 5000))
	p := newPublisher(t, map[string][]byte{"/a.csv": long})
	p.cutAfter["/a.csv"] = 9000
	dir := p.folder(t, entry{"/a.csv", "a.csv", "csv", "max_bytes = 100000"})
	if out, err := Fetch(context.Background(), dir, p.options()); err != nil || out[0].State != New {
		t.Fatalf("%v %v", out, err)
	}
	if content(t, dir, "a.csv") != string(long) {
		t.Error("other bytes came")
	}
	if len(p.asked) != 2 || p.asked[1] != `/a.csv range="bytes=9000-"` {
		t.Errorf("asked %q", p.asked)
	}

	// Interrupted in one call, continued in the next; and where the file changed between the two, begun anew.
	for _, changed := range []bool{false, true} {
		p.asked, p.cutAfter["/a.csv"] = nil, 9000
		dir := p.folder(t, entry{"/a.csv", "a.csv", "csv", "max_bytes = 100000"})
		o := p.options()
		o.Attempts = 1
		if _, err := Fetch(context.Background(), dir, o); fault.KindOf(err) != fault.Busy && !strings.Contains(err.Error(), "9000") {
			t.Fatal(err)
		}
		absent(t, dir, "a.csv", RecordFile)
		if changed {
			p.files["/a.csv"] = append([]byte("x;y\n"), long...)
		}
		if _, err := Fetch(context.Background(), dir, o); err != nil {
			t.Fatal(err)
		}
		if content(t, dir, "a.csv") != string(p.files["/a.csv"]) {
			t.Errorf("changed %v: other bytes came", changed)
		}
	}
}

func TestWhatGoesWrong(t *testing.T) {
	p := newPublisher(t, map[string][]byte{
		"/good.csv": []byte(table), "/page.zip": []byte("<!DOCTYPE html><html>moved</html>"), "/long.csv": []byte(strings.Repeat(table, 100)),
		"/b.zip": zipped(t, "inner.csv", bytes.Repeat([]byte("x"), 5000)), "/no.pbf": []byte(table), "/no.json": []byte(table),
	})
	for name, c := range map[string]struct {
		e    entry
		kind fault.Kind
		what string
	}{
		"404":              {entry{"/gone.csv", "x.csv", "csv", "max_bytes = 100"}, fault.NotFound, "404"},
		"web page":         {entry{"/page.zip", "x.csv", "zip", "max_bytes = 100"}, fault.Invalid, "a web page instead of a zip"},
		"no zip":           {entry{"/good.csv", "x.csv", "zip", "max_bytes = 100"}, fault.Invalid, "instead of a zip"},
		"no pbf":           {entry{"/no.pbf", "x.csv", "pbf", "max_bytes = 100"}, fault.Invalid, "instead of a pbf"},
		"no json":          {entry{"/no.json", "x.csv", "json", "max_bytes = 100"}, fault.Invalid, "instead of a json"},
		"wrong sum":        {entry{"/good.csv", "x.csv", "csv", "max_bytes = 100\nsha256 = \"" + strings.Repeat("0", 64) + "\""}, fault.Corrupt, "SHA-256"},
		"too large":        {entry{"/long.csv", "x.csv", "csv", "max_bytes = 100"}, fault.TooLarge, "larger than 100"},
		"elsewhere":        {entry{"/elsewhere", "x.csv", "csv", "max_bytes = 100"}, fault.Denied, "elsewhere.example"},
		"member too large": {entry{"/b.zip", "x.csv", "zip", "max_bytes = 100000\n[[file.unpack]]\nmember = \"inner.csv\"\nto = \"y.csv\"\nmax_bytes = 100"}, fault.TooLarge, "unpacks"},
		"no such member":   {entry{"/b.zip", "x.csv", "zip", "max_bytes = 100000\n[[file.unpack]]\nmember = \"z.csv\"\nto = \"y.csv\"\nmax_bytes = 100"}, fault.NotFound, "holds no z.csv"},
	} {
		dir := p.folder(t, c.e, entry{"/good.csv", "good.csv", "csv", "max_bytes = 100"})
		if err := os.WriteFile(filepath.Join(dir, "x.csv"), []byte("the last good one"), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := Fetch(context.Background(), dir, p.options())
		if err == nil || len(out) != 2 || out[0].State != Failed || fault.KindOf(out[0].Err) != c.kind || !strings.Contains(out[0].Err.Error(), c.what) {
			t.Errorf("%s: %v %v", name, out, err)
			continue
		}
		if out[1].State != New || content(t, dir, "good.csv") != table {
			t.Errorf("%s: the next file did not come", name)
		}
		if content(t, dir, "x.csv") != "the last good one" {
			t.Errorf("%s: the file before is gone", name)
		}
		absent(t, dir, "y.csv")
		left, err := filepath.Glob(filepath.Join(dir, ".*"))
		if err != nil || len(left) != 0 {
			t.Errorf("%s: left behind %v %v", name, left, err)
		}
	}
}

func TestBusyServerIsAskedAgain(t *testing.T) {
	p := newPublisher(t, map[string][]byte{"/a.csv": []byte(table)})
	p.failures["/a.csv"] = 2
	dir := p.folder(t, entry{"/a.csv", "a.csv", "csv", "max_bytes = 100"})
	if _, err := Fetch(context.Background(), dir, p.options()); err != nil || len(p.asked) != 3 {
		t.Errorf("%v %q", err, p.asked)
	}
	p.failures["/a.csv"] = 100
	dir = p.folder(t, entry{"/a.csv", "a.csv", "csv", "max_bytes = 100"})
	p.asked = nil
	if _, err := Fetch(context.Background(), dir, p.options()); err == nil || len(p.asked) != 4 {
		t.Errorf("%v %q", err, p.asked)
	}
}

// The default client does not reach addresses of the own network; the control is the same server with them allowed,
// where only its unknown certificate keeps it out.
func TestPrivateAddressesAreOutOfReach(t *testing.T) {
	p := newPublisher(t, map[string][]byte{"/a.csv": []byte(table)})
	dir := p.folder(t, entry{"/a.csv", "a.csv", "csv", "max_bytes = 100"})
	o := p.options()
	o.Client, o.Attempts = nil, 1
	if _, err := Fetch(context.Background(), dir, o); err == nil || !strings.Contains(err.Error(), "private network") || len(p.asked) != 0 {
		t.Errorf("%v %q", err, p.asked)
	}
	o.AllowPrivate = true
	if _, err := Fetch(context.Background(), dir, o); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("control: %v", err)
	}
}

func TestSourcesAreCheckedBeforeAnythingIsAsked(t *testing.T) {
	for _, bad := range []string{
		"version = 2\n",
		"version = 1\n[[file]]\nurl = \"http://a.example/x\"\nto = \"x\"\nform = \"csv\"\nmax_bytes = 1\n",
		"version = 1\n[[file]]\nurl = \"https://a.example/x\"\nto = \"../x\"\nform = \"csv\"\nmax_bytes = 1\n",
		"version = 1\n[[file]]\nurl = \"https://a.example/x\"\nto = \"/x\"\nform = \"csv\"\nmax_bytes = 1\n",
		"version = 1\n[[file]]\nurl = \"https://a.example/x\"\nto = \"region.toml\"\nform = \"csv\"\nmax_bytes = 1\n",
		"version = 1\n[[file]]\nurl = \"https://a.example/x\"\nto = \"x\"\nform = \"exe\"\nmax_bytes = 1\n",
		"version = 1\n[[file]]\nurl = \"https://a.example/x\"\nto = \"x\"\nform = \"csv\"\n",
		"version = 1\n[[file]]\nurl = \"https://me:secret@a.example/x\"\nto = \"x\"\nform = \"csv\"\nmax_bytes = 1\n",
		"version = 1\n[[file]]\nurrl = \"https://a.example/x\"\n",
		"version = = 1\n",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, SourcesFile), []byte(bad), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Fetch(context.Background(), dir, Options{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := Fetch(context.Background(), t.TempDir(), Options{}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no list: %v", err)
	}
}
