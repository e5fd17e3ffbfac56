package web_test

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gevor/authz"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// unpacked is what a reader of a file finds in it: the parts of a ZIP one after the other, else the file.
func unpacked(t *testing.T, raw []byte) string {
	t.Helper()
	if !bytes.HasPrefix(raw, []byte("PK")) {
		return string(raw)
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		part, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(part)
	}
	return out.String()
}

// TestNoFileHoldsAHiddenFigure releases a dataset in which 4 of 5 are hidden, so 80 % of them, and looks into every
// file of it as a stranger: none holds the rate. The control is the same table under no rules: all but the drawing,
// which holds no number, hold it.
func TestNoFileHoldsAHiddenFigure(t *testing.T) {
	h, err := webtest.Handler(web.Normal, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	d := desk{t, h}
	keeper := webtest.Person(webtest.East, authz.Statistician)
	base := "/de/organisationen/" + string(webtest.East) + "/statistik"
	raw := strings.Replace(string(webtest.Sketch().Raw), ";3;740\n", ";4;5\n", 1)
	for _, secrecy := range []string{"rules", "none"} {
		v := sentDataset(raw)
		v.Set("secrecy", secrecy)
		v.Set("short", "dateien-"+secrecy)
		rec := d.post(keeper, base+"/neu", v)
		at, _, _ := strings.Cut(rec.Header().Get("Location"), "?")
		if rec = d.post(keeper, at+"/freigabe", url.Values{"level": {"public"}}); rec.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", secrecy, rec.Code, rec.Body)
		}
		id := strings.TrimSuffix(strings.TrimPrefix(strings.Split(rec.Header().Get("Location"), "?")[0], "/de/daten/"), "/vorschau")
		for _, path := range []string{"/de/daten/" + id + "?as=csv", "/de/daten/" + id + "?as=xlsx", "/figures/" + id, "/figures/" + id + "/figures.docx?in=de", "/figures/" + id + "/map.svg?in=de"} {
			rec := d.get("", path)
			if rec.Code != http.StatusOK || rec.Body.Len() < 200 {
				t.Errorf("%s: %d, %d bytes", path, rec.Code, rec.Body.Len())
				continue
			}
			text := unpacked(t, rec.Body.Bytes())
			found := strings.Contains(text, "80,0") || strings.Contains(text, ">80<") || strings.Contains(text, ",80,") || strings.Contains(text, ";80;")
			if want := secrecy == "none" && !strings.Contains(path, "map.svg"); found != want {
				t.Errorf("%s: the hidden rate is found: %v, want %v", path, found, want)
			}
		}
	}
	if rec := d.get("", "/figures/"+webtest.PrivateDataset+"/figures.docx"); rec.Code != http.StatusNotFound {
		t.Errorf("a private dataset as a document: %d", rec.Code)
	}
	if rec := d.get("", "/figures/"+webtest.PrivateDataset+"/map.svg"); rec.Code != http.StatusNotFound {
		t.Errorf("a private dataset as a drawing: %d", rec.Code)
	}
}
