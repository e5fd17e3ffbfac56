package web_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"gevor/atlas"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// tried asks for an address as somebody who may try out.
func tried(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
	return rec
}

// TestTriedNumbersAreRough: in the example 1,234 people gain and 7 lose. Pages and files say 1,230 and fewer than ten.
func TestTriedNumbersAreRough(t *testing.T) {
	h := serve(t, web.SignedIn)
	s := webtest.Run(web.Normal).Result.Snapshot
	offer := webtest.Run(web.Normal).Result.Snapshot.Offers[0]
	page := "/de/ausprobieren?close=" + offer.ID
	html := tried(t, h, page).Body.String()
	csv := tried(t, h, page+"&as=csv").Body.String()
	book, err := excelize.OpenReader(bytes.NewReader(tried(t, h, page+"&as=xlsx").Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	var sheet strings.Builder
	for _, r := range rows {
		sheet.WriteString(strings.Join(r, ";") + "\n")
	}
	for what, text := range map[string]string{"page": html, "CSV": csv, "workbook": sheet.String()} {
		if strings.Contains(text, "1.234") || strings.Contains(text, "1234") || strings.Contains(text, ">7<") || strings.Contains(text, ";7;") {
			t.Errorf("the %s tells more than tens:\n%s", what, text)
		}
		if !strings.Contains(text, "1.230") && !strings.Contains(text, "1230") {
			t.Errorf("the %s does not tell the tens:\n%s", what, text)
		}
	}
	group := s.Groups[s.Standards[0].Group].Label["de"]
	if !strings.Contains(csv, "Zielgruppe") || !strings.Contains(csv, group) {
		t.Errorf("the file does not say of which group %q:\n%s", group, csv)
	}
	if !strings.Contains(html, "unter 10") {
		t.Error("the page does not say that fewer than ten lose")
	}
	// The control: the figures behind it are exact.
	effects, err := webtest.Tries().Try(t.Context(), webtest.Run(web.Normal), atlas.Scenario{Close: []int32{0}})
	if err != nil || len(effects) == 0 {
		t.Fatal(err)
	}
	if o := atlas.Outcomes(s, effects)[0]; o.Total.Gain != 1234 || o.Total.Lose != 7 {
		t.Errorf("%+v", o.Total)
	}
}

// TestWhatIsTriedStandsInTheAddress: a form leads on to an address that holds the change, and what is wrong in it is said
// beside its field while all else that is tried stays.
func TestWhatIsTriedStandsInTheAddress(t *testing.T) {
	h := serve(t, web.SignedIn)
	s := webtest.Run(web.Normal).Result.Snapshot
	middle := s.Cells.At[s.Cells.Len()/2]
	inside := fmt.Sprintf("%.5f, %.5f", middle.Lat, middle.Lon)
	close := "close=" + s.Offers[0].ID
	rec := tried(t, h, "/de/ausprobieren?"+close+"&add=open&category=kinderarzt&place="+url.QueryEscape(inside)+"&capacity=2%2C5")
	if to := rec.Header().Get("Location"); rec.Code != http.StatusSeeOther || !strings.Contains(to, close) || !strings.Contains(to, "%2Ckinderarzt%2C2.5") {
		t.Errorf("%d to %q", rec.Code, to)
	}
	rec = tried(t, h, "/de/ausprobieren?add=size&offer="+s.Offers[0].ID+"&capacity=3&"+close)
	if to := rec.Header().Get("Location"); rec.Code != http.StatusSeeOther || strings.Contains(to, "close=") || !strings.Contains(to, "size=") {
		t.Errorf("the newest change of an offer counts: %d to %q", rec.Code, to)
	}
	rec = tried(t, h, "/de/ausprobieren?add=longer&offer="+s.Offers[0].ID+"&hours=20&hours_then=30&"+close)
	if to := rec.Header().Get("Location"); rec.Code != http.StatusSeeOther || !strings.Contains(to, "longer="+s.Offers[0].ID+"%3A1.5") {
		t.Errorf("20 hours become 30: %d to %q", rec.Code, to)
	}
	for query, field := range map[string]string{
		"add=longer&hours=20&hours_then=169&offer=" + s.Offers[0].ID:                     "f-longer-hours_then",
		"add=open&category=kinderarzt&place=dort":                                        "f-open-place",
		"add=open&category=kinderarzt&place=" + url.QueryEscape(inside) + "&capacity=-1": "f-open-capacity",
		"add=size&offer=" + s.Offers[0].ID + "&capacity=viel":                            "f-size-capacity",
		"add=open&category=kinderarzt&place=7.2,51.5&capacity=10":                        "f-open-place",
	} {
		rec := tried(t, h, "/de/ausprobieren?"+close+"&"+query)
		if body := rec.Body.String(); rec.Code != http.StatusUnprocessableEntity || !strings.Contains(body, `href="#`+field+`"`) || !strings.Contains(body, s.Offers[0].Name+" schließt") {
			t.Errorf("%s: %d without a way to %s", query, rec.Code, field)
		}
	}
	for _, query := range []string{"close=nirgends", "size=x", "longer=a:0", "open=1,2", "open=51.5,7.2,nichts", strings.Repeat("close=a&", 21)} {
		if rec := tried(t, h, "/de/ausprobieren?"+query); rec.Code < 400 || rec.Code >= 500 {
			t.Errorf("%s: %d", query, rec.Code)
		}
	}
}
