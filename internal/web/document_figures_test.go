package web_test

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// unpacked is what a reader of a file finds in it: the parts of a ZIP one after the other, the lines of all tables of a
// GeoPackage, else the file.
func unpacked(t *testing.T, raw []byte) string {
	t.Helper()
	if bytes.HasPrefix(raw, []byte("SQLite format 3")) {
		return tabled(t, raw)
	}
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

// tabled prints every line of every table that a GeoPackage lists, cells between commas.
func tabled(t *testing.T, raw []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.gpkg")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all := func(query string) (out [][]any) {
		rows, err := db.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		names, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			line, into := make([]any, len(names)), make([]any, len(names))
			for i := range line {
				into[i] = &line[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			out = append(out, line)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return out
	}
	var out strings.Builder
	for _, table := range all(`SELECT table_name FROM gpkg_contents ORDER BY 1`) {
		for _, line := range all(fmt.Sprintf(`SELECT * FROM %q`, table[0])) {
			for _, cell := range line {
				if _, geometry := cell.([]byte); !geometry {
					fmt.Fprintf(&out, ",%v", cell)
				}
			}
			out.WriteString(",\n")
		}
	}
	return out.String()
}

// filesOf are the addresses of everything that can be taken of a dataset of one period, with whether it tells the figure of
// an area: a map holds none, a chart says them to screen readers, and one period has no course.
func filesOf(id, area string) map[string]bool {
	pages := "/de/daten/vergleich/"
	by := pages + "ungleichheit?data=" + id + "&by=" + id
	over := pages + "auseinander?data=" + id
	twins := pages + "aehnliche?area=" + area
	both := pages + "zusammen?burden=" + id + "&health=" + id
	out := map[string]bool{
		"/figures/" + id: true, "/figures/" + id + "/figures.docx?in=de": true, "/figures/" + id + "/figures.gpkg?in=de": true,
		"/figures/" + id + "/map.svg?in=de": false, "/figures/" + id + "/map.svg?in=de&chart=spread": true, "/figures/" + id + "/map.svg?in=de&chart=funnel": true,
		by + "&as=svg&part=now": true, by + "&as=csv&part=trend": false, by + "&as=xlsx&part=trend": false, pages + "index?as=svg&part=ranks": false,
		over + "&as=csv&part=spread": false, over + "&as=xlsx&part=spread": false, twins + "&as=csv&part=twins": true, twins + "&as=xlsx&part=twins": true,
		both + "&as=svg&part=districts": false, twins + "&as=docx": true, over + "&as=docx": false, over + "&as=csv": false,
	}
	for _, as := range []string{"csv", "xlsx"} {
		out["/de/daten/"+id+"?as="+as] = true
	}
	for _, as := range []string{"csv", "xlsx", "docx"} {
		for _, page := range []string{by + "&as=", pages + "index?as=", both + "&as="} {
			out[page+as] = true
		}
		out["/documents/"+area+"/district."+as+"?in=de"] = true
	}
	out["/documents/"+area+"/district.gpkg?in=de"] = true
	return out
}

// TestNoFileHoldsAHiddenFigure releases a dataset in which 3 of 7 are hidden, so 42.9 % of them, and looks into every
// file of it as a stranger: none holds the rate. The control is the same table under no rules: all hold it but those that
// tell no figures of areas.
func TestNoFileHoldsAHiddenFigure(t *testing.T) {
	h, err := webtest.Handler(web.Normal, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	d := desk{t, h}
	raw := strings.Replace(string(webtest.Sketch().Raw), ";3;740\n", ";3;7\n", 1)
	area, _, _ := strings.Cut(strings.Split(raw, "\n")[2], ";")
	for _, secrecy := range []string{"rules", "none"} {
		v := sentDataset(raw)
		v.Set("secrecy", secrecy)
		v.Set("short", "dateien-"+secrecy)
		id := d.release(v)
		for path, tells := range filesOf(id, area) {
			rec := d.get("", path)
			if rec.Code != http.StatusOK || rec.Body.Len() < 50 {
				t.Errorf("%s: %d, %d bytes", path, rec.Code, rec.Body.Len())
				continue
			}
			text := unpacked(t, rec.Body.Bytes())
			found := strings.Contains(text, "42,9") || strings.Contains(text, "42.9") || strings.Contains(text, "42,85") || strings.Contains(text, "42.85")
			if want := secrecy == "none" && tells; found != want {
				t.Errorf("%s under %s: the hidden rate is found: %v, want %v", path, secrecy, found, want)
			}
		}
	}
	for _, file := range []string{"figures.docx", "figures.gpkg", "map.svg"} {
		if rec := d.get("", "/figures/"+webtest.PrivateDataset+"/"+file); rec.Code != http.StatusNotFound {
			t.Errorf("a private dataset as %s: %d", file, rec.Code)
		}
	}
	for path, want := range map[string]int{
		"/de/daten/vergleich/ungleichheit?as=exe": http.StatusBadRequest, "/de/daten/vergleich/index?as=svg&part=nothing": http.StatusBadRequest,
		"/figures/" + webtest.Dataset + "/map.svg?chart=nothing": http.StatusNotFound,
	} {
		if rec := d.get("", path); rec.Code != want {
			t.Errorf("%s: %d, want %d", path, rec.Code, want)
		}
	}
}
