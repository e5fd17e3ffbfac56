package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gevor/authz"
	"gevor/internal/audit"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// TestATrailCanBeChecked checks every proof that an organisation downloads with the key that it downloads. The control
// is each line with one letter changed.
func TestATrailCanBeChecked(t *testing.T) {
	w, err := webtest.OpenHouses(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	h, err := webtest.Serve(web.Normal, w.Store, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) string {
		req := httptest.NewRequest(http.MethodGet, path, nil)
		req.Header.Set(webtest.PersonHeader, string(webtest.Person(webtest.East, authz.OrganisationAdmin)))
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		if rec.Code != http.StatusOK {
			t.Fatalf("%s: %d", path, rec.Code)
		}
		return rec.Body.String()
	}
	at := "/de/organisationen/" + string(webtest.East) + "/protokoll"
	if page := get(at); !strings.Contains(page, "gevor audit check-proofs") || strings.Contains(page, string(webtest.West)) {
		t.Error("the page says too little, or too much")
	}
	public := get(at + "?file=key")
	whole, changed := 0, 0
	for line := range strings.Lines(get(at + "?file=proofs")) {
		var p audit.Proof
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		if err := p.Check(public); err != nil {
			t.Error(err)
		}
		whole++
		p.Line += "x"
		if err := p.Check(public); err == nil {
			changed++
		}
	}
	t.Logf("figure: %d proofs of lines that an organisation downloads fit; with a letter changed %d", whole, changed)
	if whole == 0 || changed > 0 {
		t.Errorf("%d proofs fit, with a letter changed %d", whole, changed)
	}
}
