package web_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"gevor/authz"
	"gevor/indicator"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// desk is somebody at the example town.
type desk struct {
	t *testing.T
	h http.Handler
}

func (d desk) ask(who authz.PersonID, method, path, kind string, body io.Reader) *httptest.ResponseRecorder {
	d.t.Helper()
	req := httptest.NewRequest(method, path, body)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if who != "" {
		req.Header.Set(webtest.PersonHeader, string(who))
	}
	rec := httptest.NewRecorder()
	d.h.ServeHTTP(rec, req)
	return rec
}

func (d desk) get(who authz.PersonID, path string) *httptest.ResponseRecorder {
	return d.ask(who, http.MethodGet, path, "", nil)
}

func (d desk) post(who authz.PersonID, path string, v url.Values) *httptest.ResponseRecorder {
	return d.ask(who, http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(v.Encode()))
}

// sent is a dataset by hand as its form sends it.
func sentDataset(table string) url.Values {
	return url.Values{
		"title_de": {"Frühe Hilfen"}, "unit_de": {"% der Kinder"}, "short": {"fruehe-hilfen"}, "topic": {"health"}, "level": {"district"}, "direction": {"more"}, "source": {"Jugendamt"},
		"publisher": {"Beispielstadt"}, "licence": {"CC0-1.0"}, "reference_date": {"2025-12-31"}, "holds": {"rates"}, "per": {"100"}, "part": {"yes"}, "decimals": {"1"}, "open_base": {"yes"},
		"secrecy": {"rules"}, "rule_set": {"unter 5"}, "minimum_cell": {"5"}, "table": {table},
	}
}

// release writes a dataset by hand in the name of the east and makes it public; it gives its id.
func (d desk) release(v url.Values) string {
	d.t.Helper()
	keeper := webtest.Person(webtest.East, authz.Statistician)
	rec := d.post(keeper, "/de/organisationen/"+string(webtest.East)+"/statistik/neu", v)
	at, _, _ := strings.Cut(rec.Header().Get("Location"), "?")
	if rec = d.post(keeper, at+"/freigabe", url.Values{"level": {"public"}}); rec.Code != http.StatusSeeOther {
		d.t.Fatalf("%s: %d %s", v.Get("short"), rec.Code, rec.Body)
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(rec.Header().Get("Location"), "/de/daten/"), "?")
	return strings.TrimSuffix(id, "/vorschau")
}

// TestADatasetByHand writes a table, looks at what is wrong and what would be hidden, mends it, releases it, and takes it
// back. Nobody else sees the draft; released, the public sees what passed the gate and no true small figure.
func TestADatasetByHand(t *testing.T) {
	h, err := webtest.Handler(web.Normal, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	d := desk{t, h}
	keeper := webtest.Person(webtest.East, authz.Statistician)
	base := "/de/organisationen/" + string(webtest.East) + "/statistik"
	raw := string(webtest.Sketch().Raw)
	if rec := d.post(keeper, base+"/neu", url.Values{"title_de": {"x"}}); rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), "Kurzname") {
		t.Errorf("an empty form: %d", rec.Code)
	}
	rec := d.post(keeper, base+"/neu", sentDataset(raw))
	at, _, _ := strings.Cut(rec.Header().Get("Location"), "?")
	if rec.Code != http.StatusSeeOther || !strings.HasPrefix(at, base+"/") {
		t.Fatalf("kept: %d %q %s", rec.Code, at, rec.Body)
	}
	page := d.get(keeper, at).Body.String()
	for _, want := range []string{"Frühe Hilfen", "Zelle A", "00000000", "Diesen Schlüssel hat heute kein Gebiet", "verborgen nach der Regel der Quelle", "Freigeben"} {
		if !strings.Contains(page, want) {
			t.Errorf("the preview lacks %q", want)
		}
	}
	for _, who := range []authz.PersonID{"", webtest.Person(webtest.East, authz.Editor), webtest.Person(webtest.West, authz.Statistician)} {
		for _, path := range []string{at, at + "/bearbeiten", base, strings.Replace(at, string(webtest.East), string(webtest.West), 1)} {
			if rec := d.get(who, path); rec.Code < 300 || strings.Contains(rec.Body.String(), webtest.SketchFigure) {
				t.Errorf("%q gets %s: %d", who, path, rec.Code)
			}
		}
		if rec := d.post(who, at+"/freigabe", url.Values{"level": {"public"}}); rec.Code == http.StatusSeeOther && strings.Contains(rec.Header().Get("Location"), "done") {
			t.Errorf("%q releases a draft", who)
		}
	}
	// Without a direction there is no public release.
	v := sentDataset(raw)
	v.Del("direction")
	if rec := d.post(keeper, at+"/bearbeiten", v); rec.Code != http.StatusSeeOther {
		t.Fatalf("without a direction: %d", rec.Code)
	}
	if rec := d.post(keeper, at+"/freigabe", url.Values{"level": {"public"}}); rec.Code != http.StatusConflict {
		t.Errorf("released without a direction: %d", rec.Code)
	}
	// A changed form without a table keeps the table.
	v = sentDataset("")
	if rec := d.post(keeper, at+"/bearbeiten", v); rec.Code != http.StatusSeeOther {
		t.Fatalf("changed: %d %s", rec.Code, rec.Body)
	}
	rec = d.post(keeper, at+"/freigabe", url.Values{"level": {"public"}})
	if rec.Code != http.StatusSeeOther {
		t.Fatalf("released: %d %s", rec.Code, rec.Body)
	}
	dataset := strings.TrimSuffix(strings.TrimPrefix(strings.Split(rec.Header().Get("Location"), "?")[0], "/de/daten/"), "/vorschau")
	if rec := d.get(keeper, at); rec.Code != http.StatusNotFound {
		t.Errorf("the draft is still there: %d", rec.Code)
	}
	file := d.get("", "/figures/"+dataset)
	if file.Code != http.StatusOK || !strings.Contains(file.Body.String(), webtest.SketchFigure) || !strings.Contains(file.Body.String(), "suppressed") {
		t.Errorf("released: %d %s", file.Code, file.Body)
	}
	if strings.Contains(file.Body.String(), "2025,measured,0.4,") || strings.Contains(file.Body.String(), ",3,measured") {
		t.Errorf("the small figure is out: %s", file.Body)
	}
	if rec := d.get("", "/de/daten/"+dataset); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "Frühe Hilfen") {
		t.Errorf("the page: %d", rec.Code)
	}
	if rec := d.post(keeper, "/de/daten/"+dataset+"/freigabe", url.Values{"level": {"private"}}); rec.Code != http.StatusSeeOther {
		t.Errorf("withdrawn: %d", rec.Code)
	}
	if rec := d.get("", "/figures/"+dataset); rec.Code != http.StatusNotFound {
		t.Errorf("withdrawn figures: %d", rec.Code)
	}
}

// workbook has a date instead of a year and merged header cells.
func workbook(t *testing.T) []byte {
	t.Helper()
	book := excelize.NewFile()
	for cell, value := range map[string]any{"A1": "key", "B1": "period", "C1": "count", "D1": "base", "A2": webtest.District(), "B2": "2025", "C2": 12, "D2": 300, "A3": webtest.District(), "B3": 45657, "C3": 13, "D3": 310} {
		if err := book.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.MergeCell("Sheet1", "D1", "E1"); err != nil {
		t.Fatal(err)
	}
	out, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestAWorkbookByHand sends a workbook instead of text: it is kept as it is, and dropped without a trace.
func TestAWorkbookByHand(t *testing.T) {
	h, err := webtest.Handler(web.Normal, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	d := desk{t, h}
	keeper := webtest.Person(webtest.East, authz.Statistician)
	base := "/de/organisationen/" + string(webtest.East) + "/statistik"
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range sentDataset("") {
		if err := w.WriteField(name, value[0]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", "zahlen.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(workbook(t)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rec := d.ask(keeper, http.MethodPost, base+"/neu", w.FormDataContentType(), &body)
	at, _, _ := strings.Cut(rec.Header().Get("Location"), "?")
	if rec.Code != http.StatusSeeOther {
		t.Fatalf("kept: %d %s", rec.Code, rec.Body)
	}
	page := d.get(keeper, at).Body.String()
	for _, want := range []string{"zahlen.xlsx", "Zelle B3", "innere Zahl eines Datums", "Zelle D1:E1", "Verbundene Zellen"} {
		if !strings.Contains(page, want) {
			t.Errorf("the preview lacks %q", want)
		}
	}
	if rec := d.post(keeper, at+"/verwerfen", nil); rec.Code != http.StatusOK || d.get(keeper, at).Code != http.StatusOK {
		t.Errorf("nobody was asked: %d", rec.Code)
	}
	if rec := d.post(keeper, at+"/verwerfen", url.Values{"sure": {"yes"}}); rec.Code != http.StatusSeeOther {
		t.Errorf("dropped: %d", rec.Code)
	}
	if rec := d.get(keeper, at); rec.Code != http.StatusNotFound {
		t.Errorf("still there: %d", rec.Code)
	}
	if rec := d.get(keeper, "/sheets/"+string(webtest.East)+"/statistics.csv?level="+string(indicator.Districts)); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "key;name;period;count;base") {
		t.Errorf("the template: %d", rec.Code)
	}
}

// TestADatasetByHandKeepsPublishedDenominators: a denominator of 6 is public by one dataset, so another one over the same
// denominators, whose rules hide what is below 8, cannot be released; the page says so. The control, over denominators of
// which one differs, can.
func TestADatasetByHandKeepsPublishedDenominators(t *testing.T) {
	h, err := webtest.Handler(web.Normal, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	d := desk{t, h}
	keeper := webtest.Person(webtest.East, authz.Statistician)
	raw := strings.Replace(string(webtest.Sketch().Raw), ";3;740\n", ";0;6\n", 1)
	write := func(short, table, minimum string) string {
		v := sentDataset(table)
		v.Del("open_base")
		v.Set("short", short)
		v.Set("minimum_cell", minimum)
		rec := d.post(keeper, "/de/organisationen/"+string(webtest.East)+"/statistik/neu", v)
		if rec.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", short, rec.Code, rec.Body)
		}
		at, _, _ := strings.Cut(rec.Header().Get("Location"), "?")
		return at
	}
	const refused = "Kann so nicht veröffentlicht werden"
	first := sentDataset(raw)
	first.Del("open_base")
	first.Set("short", "nenner-eins")
	d.release(first)
	if second := d.get(keeper, write("nenner-zwei", raw, "8")); second.Code != http.StatusOK || !strings.Contains(second.Body.String(), refused) {
		t.Errorf("the second: %d, not refused", second.Code)
	}
	if other := d.get(keeper, write("nenner-drei", strings.Replace(raw, ";0;6\n", ";0;7\n", 1), "8")); other.Code != http.StatusOK || strings.Contains(other.Body.String(), refused) {
		t.Errorf("the control: %d, refused", other.Code)
	}
}
