package assets

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"gevor/fault"
)

func whole() fstest.MapFS {
	out := fstest.MapFS{"font.woff2": {Data: []byte("x")}}
	for _, name := range required {
		out[name] = &fstest.MapFile{Data: []byte(strings.Repeat("/* "+name+" */", 200))}
	}
	return out
}

func TestAMissingBundleSaysWhatToDo(t *testing.T) {
	_, err := open(fstest.MapFS{"placeholder.txt": {Data: []byte("x")}})
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "make build") {
		t.Errorf("got %v", err)
	}
}

func TestTheAddressChangesWithAnyByte(t *testing.T) {
	a, err := open(whole())
	if err != nil {
		t.Fatal(err)
	}
	changed := whole()
	changed["font.woff2"] = &fstest.MapFile{Data: []byte("y")}
	b, err := open(changed)
	if err != nil {
		t.Fatal(err)
	}
	if a.Build() == b.Build() {
		t.Error("another font, the same address")
	}
}

func TestFilesAreServedForever(t *testing.T) {
	b, err := open(whole())
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodGet, b.Path("site.css"), nil)
	req.Header.Set("Accept-Encoding", "br, gzip")
	rec := httptest.NewRecorder()
	if !b.Serve(rec, req, b.Build(), "site.css") {
		t.Fatal("not served")
	}
	h := rec.Header()
	if h.Get("Content-Encoding") != "gzip" || !strings.Contains(h.Get("Cache-Control"), "immutable") || h.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("headers %v", h)
	}
	if b.Serve(rec, req, "000000000000", "site.css") || b.Serve(rec, req, b.Build(), "nothing.css") {
		t.Error("an unknown file was served")
	}
}
