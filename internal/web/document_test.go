package web_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// TestDocumentsSayWhatThePagesSay: a finding and a district as files hold the numbers of their pages, in the language asked
// for, and their maps are whole drawings.
func TestDocumentsSayWhatThePagesSay(t *testing.T) {
	h := serve(t, web.Normal)
	run := webtest.Run(web.Normal)
	f := run.Result.Findings[0]
	label := run.Result.Snapshot.Standards[f.Standard].Label
	for address, wants := range map[string][]string{
		"/documents/" + f.ID + "/finding.docx?in=de":                     {"Wer", label["de"], run.Hash},
		"/documents/" + f.ID + "/finding.docx?in=en":                     {"Who", label["en"], run.Hash},
		"/documents/" + webtest.District() + "/district.docx?in=de":      {"Kinderarzt in 15 Minuten", "Musterstadt", run.Hash, "Synthetische Daten"},
		"/documents/" + webtest.District() + "/district.docx?in=ar":      {"Kinderarzt in 15 Minuten"},
		"/documents/" + webtest.District() + "/district.docx?in=klingon": {"Kinderarzt in 15 Minuten"},
	} {
		rec := tried(t, h, address)
		if rec.Code != http.StatusOK {
			t.Errorf("%s: %d", address, rec.Code)
			continue
		}
		z, err := zip.NewReader(bytes.NewReader(rec.Body.Bytes()), int64(rec.Body.Len()))
		if err != nil {
			t.Fatal(err)
		}
		body, err := z.Open("word/document.xml")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s lacks %q", address, want)
			}
		}
		if picture, err := z.Open("word/media/image1.png"); err != nil {
			t.Errorf("%s has no map: %v", address, err)
		} else if err := picture.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, address := range []string{"/documents/" + f.ID + "/finding.svg", "/documents/" + webtest.District() + "/district.svg"} {
		rec := tried(t, h, address)
		if rec.Header().Get("Content-Type") != "image/svg+xml" || !strings.Contains(rec.Body.String(), "<title>") || strings.Contains(rec.Body.String(), "var(") {
			t.Errorf("%s: %s", address, rec.Header().Get("Content-Type"))
		}
		d := xml.NewDecoder(rec.Body)
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", address, err)
			}
		}
	}
	for address, want := range map[string]string{
		"/documents/" + f.ID + "/finding.csv?in=de":                 "Wer;",
		"/documents/" + f.ID + "/finding.xlsx?in=de":                run.Hash,
		"/documents/" + f.ID + "/finding.gpkg?in=de":                f.ID,
		"/documents/" + webtest.District() + "/district.csv?in=en":  run.Hash,
		"/documents/" + webtest.District() + "/district.xlsx?in=de": "Kinderarzt in 15 Minuten",
		"/documents/" + webtest.District() + "/district.gpkg?in=de": "Kinderarzt in 15 Minuten",
	} {
		rec := tried(t, h, address)
		if rec.Code != http.StatusOK || !strings.Contains(unpacked(t, rec.Body.Bytes()), want) {
			t.Errorf("%s: %d lacks %q", address, rec.Code, want)
		}
	}
	for _, address := range []string{"/documents/F-NONE/finding.gpkg", "/documents/nirgends/district.csv", "/documents/F-NONE/finding.docx", "/documents/nirgends/district.svg"} {
		if rec := tried(t, h, address); rec.Code != http.StatusNotFound {
			t.Errorf("%s: %d", address, rec.Code)
		}
	}
}
