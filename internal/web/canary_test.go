package web_test

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gevor/authz"
	"gevor/handover"
	"gevor/internal/loop4"
	"gevor/internal/store"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
	"gevor/seal"
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

// carried is what programs and files beyond the pages hold of the handovers and messages of a town: what the bridge
// writes as FHIR for either organisation, attachments as they are served, messages of practices, mails as they wait. A
// platform without seals would write what lies in its boxes into the bridge's files.
func carried(t *testing.T, w *webtest.Houses, db *sql.DB) channels {
	t.Helper()
	ctx := t.Context()
	var bundles, attached, notes bytes.Buffer
	for _, o := range []authz.OrganisationID{webtest.East, webtest.West, webtest.South} {
		who, _, err := w.UnsafeActor(ctx, webtest.Person(o, authz.Receiver))
		if err != nil {
			t.Fatal(err)
		}
		for _, side := range []handover.Side{handover.Sender, handover.Receiver} {
			items, err := w.Handovers(ctx, who, o, side)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range items {
				f, err := w.Handover(ctx, who, o, i.ID)
				if err != nil {
					t.Fatal(err)
				}
				var told []loop4.Told
				for _, b := range f.Boxes {
					if m, err := seal.ReadMessage([]byte(b.Box)); err == nil {
						told = append(told, loop4.Told{Field: "name", Text: m.Fields["name"]})
					}
					for _, a := range b.Files {
						file, err := w.HandoverFile(ctx, who, o, i.ID, a.Part)
						if err != nil {
							t.Fatal(err)
						}
						attached.WriteString(string(i.ID) + file.Part + file.Box)
					}
				}
				raw, err := json.Marshal(loop4.Write(f, "https://gevor.example").WithContent(told))
				if err != nil {
					t.Fatal(err)
				}
				bundles.Write(raw)
			}
		}
		box, err := w.SlipNotes(ctx, who, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range box.Notes {
			notes.WriteString(n.ID + n.Box + n.Reply)
		}
	}
	var mails string
	if err := db.QueryRowContext(ctx, `SELECT COALESCE(group_concat(key || ' ' || payload), '') FROM outbox`).Scan(&mails); err != nil {
		t.Fatal(err)
	}
	return channels{"FHIR files of the bridge": bundles.Bytes(), "attachments as served": attached.Bytes(), "messages of practices": notes.Bytes(), "mails that wait": []byte(mails)}
}

// listen looks into every channel of a served town: pages as everybody, the log, the database, its journal, a copy, a
// dump, and what is carried elsewhere.
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
	db, err := sql.Open("sqlite", at)
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(out, carried(t, w, db))
	if err := db.Close(); err != nil {
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
	if len(all.heard("h-")) < len(all)-3 { // the log writes patterns, mails and messages of practices name no handover
		t.Errorf("the names of handovers are heard in %v alone: the channels are not those of handovers", all.heard("h-"))
	}
	raw, err := sql.Open("sqlite", filepath.Join(dir, "town.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, off := range []string{
		`UPDATE handover_boxes SET box = '{"name":"Frau ' || $1 || '"}'`, `UPDATE handover_files SET box = $1`, `UPDATE slip_notes SET box = $1`,
		`INSERT INTO outbox (key, topic, owner, payload, made, due) VALUES ('control', 'mail', 'o-east', $1, '2026-05-12T08:30:00.000Z', '2026-05-12T08:30:00.000Z')`,
	} {
		if _, err := raw.ExecContext(t.Context(), off, webtest.Sealed); err != nil {
			t.Fatal(off, err)
		}
	}
	open := listen(t, w, dir, "/de/beleg?name="+webtest.Sealed, "/de/"+webtest.Sealed)
	got := open.heard(webtest.Sealed)
	t.Logf("figure: control with sealing off: heard in %d of %d channels", len(got), len(open))
	if len(got) != len(open) {
		t.Errorf("the control is heard in %v alone", got)
	}
}

// TestDestroyedContentIsNowhere looks for the sealed text itself, of a handover and of its attachment, once the content
// is destroyed: no page, file, copy or dump has it any more, nor the bytes of the database's own file and its
// log. The control is the same look before.
func TestDestroyedContentIsNowhere(t *testing.T) {
	dir := t.TempDir()
	w, err := webtest.OpenHouses(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	who, _, err := w.UnsafeActor(t.Context(), webtest.Person(webtest.East, authz.Navigator))
	if err != nil {
		t.Fatal(err)
	}
	items, err := w.Handovers(t.Context(), who, webtest.East, handover.Sender)
	if err != nil || len(items) == 0 {
		t.Fatalf("no handover to destroy: %v", err)
	}
	f, err := w.Handover(t.Context(), who, webtest.East, items[0].ID)
	if err != nil || len(f.Boxes) == 0 || len(f.Boxes[0].Files) == 0 {
		t.Fatalf("no content to destroy: %v", err)
	}
	file, err := w.HandoverFile(t.Context(), who, webtest.East, f.ID, f.Boxes[0].Files[0].Part)
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{"content": f.Boxes[0].Box, "attachment": file.Box}
	for what, box := range words {
		at := strings.Index(box, `"content":"`) + 100
		words[what] = box[at : at+60]
	}
	before := listen(t, w, dir)
	for what, word := range words {
		if got := before.heard(word); len(got) < 3 {
			t.Errorf("control: the %s is heard in %v alone", what, got)
		}
	}
	if _, err := w.UnsafeSweepHandovers(t.Context(), webtest.Day().AddDate(1, 0, 0), handover.Keep); err != nil {
		t.Fatal(err)
	}
	after := listen(t, w, dir)
	for what, word := range words {
		if got := after.heard(word); len(got) > 0 {
			t.Errorf("the %s is heard in %v after it was destroyed", what, got)
		}
		t.Logf("figure: sealed %s after its destruction: heard in 0 of %d channels, before in %d", what, len(after), len(before.heard(word)))
	}
}
