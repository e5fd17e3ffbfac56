package web_test

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gevor/internal/store"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// channels are the places where something could be read: name and content.
type channels map[string][]byte

// heard names the channels that hold a word, plain or as usual encodings write it.
func (c channels) heard(word string) []string {
	forms := []string{word, hex.EncodeToString([]byte(word)), strings.ToUpper(word)}
	for skip := range 3 { // base 64 at each of the three offsets, without the ends that neighbours change
		text := base64.StdEncoding.EncodeToString(append(make([]byte, skip), word...))
		if len(text) > 12 { // of a shorter word nothing is left
			forms = append(forms, text[4:len(text)-4])
		}
	}
	var out []string
	for name, raw := range c {
		for _, f := range forms {
			if bytes.Contains(raw, []byte(f)) {
				out = append(out, name)
				break
			}
		}
	}
	return out
}

// listen looks into every channel of a served town: pages as everybody, the log, the database, its journal, a copy, a
// dump, and the mails.
func listen(t *testing.T, w *webtest.Houses, dir string, ask ...string) channels {
	t.Helper()
	ctx := t.Context()
	var log bytes.Buffer
	h, err := webtest.Serve(web.Normal, w.Store, &log)
	if err != nil {
		t.Fatal(err)
	}
	var pages bytes.Buffer
	for _, who := range readers() {
		for _, v := range webtest.Addresses("") {
			about := slices.ContainsFunc([]string{"/ueberleitungen", "/beleg", "/verlauf", "/ausgang", "/zettel", "/praxis", "/antwort", "/sealed"}, func(room string) bool { return strings.Contains(v.Path, room) })
			if !about || v.Lang == "en" {
				continue
			}
			for _, path := range []string{v.Path, strings.Replace(v.Path, string(webtest.East), string(webtest.West), 1)} {
				req := httptest.NewRequest(http.MethodGet, path, nil)
				req.Header.Set(webtest.PersonHeader, string(who.id()))
				rec := httptest.NewRecorder()
				h.ServeHTTP(rec, req)
				pages.Write(rec.Body.Bytes())
			}
		}
	}
	for _, path := range ask {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	read := func(name string) []byte {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	at := filepath.Join(dir, "town.db")
	if err := store.Copy(ctx, at, filepath.Join(dir, "copy.db")); err != nil {
		t.Fatal(err)
	}
	var dump bytes.Buffer
	if _, err := store.DumpOf(ctx, at, &dump); err != nil {
		t.Fatal(err)
	}
	out := channels{"pages": pages.Bytes(), "log": log.Bytes(), "database and journal": append(read("town.db"), read("town.db-wal")...), "copy for a backup": read("copy.db"), "dump for a backup": dump.Bytes()}
	if err := os.Remove(filepath.Join(dir, "copy.db")); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSealedContentIsNowhere looks for a word of sealed content in every channel. The control puts the same word where
// a platform without seals would have it, and hears it in each of them.
func TestSealedContentIsNowhere(t *testing.T) {
	dir := t.TempDir()
	w, err := webtest.OpenHouses(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	all := listen(t, w, dir)
	if got := all.heard(webtest.Sealed); len(got) > 0 {
		t.Errorf("the word is heard in %v", got)
	}
	t.Logf("figure: a word of sealed content is looked for in %d channels, pages as %d readers: heard in 0", len(all), len(readers()))
	if len(all.heard("h-")) < len(all)-1 {
		t.Errorf("the names of handovers are heard in %v alone: the channels are not those of handovers", all.heard("h-"))
	}
	raw, err := sql.Open("sqlite", filepath.Join(dir, "town.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.ExecContext(t.Context(), `UPDATE handover_boxes SET box = $1`, `{"name":"Frau `+webtest.Sealed+`"}`); err != nil {
		t.Fatal(err)
	}
	if _, err := raw.ExecContext(t.Context(), `UPDATE handover_files SET box = $1`, webtest.Sealed); err != nil {
		t.Fatal(err)
	}
	open := listen(t, w, dir, "/de/beleg?name="+webtest.Sealed, "/de/"+webtest.Sealed)
	got := open.heard(webtest.Sealed)
	t.Logf("figure: control with sealing off: heard in %d of %d channels", len(got), len(open))
	if len(got) != len(open) {
		t.Errorf("the control is heard in %v alone", got)
	}
}
