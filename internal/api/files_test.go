package api_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/xuri/excelize/v2"

	"gevor/directory"
	"gevor/internal/api/hsds3"
)

// workbook gives every cell of a workbook.
func workbook(t *testing.T, raw []byte) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(strings.Join(r, "\t") + "\n")
	}
	return b.String()
}

func TestFilesHoldEverything(t *testing.T) {
	w := openTown(t, stock)
	rec := w.get("/open/services.csv", "Accept-Encoding", "identity")
	raw, marked := strings.CutPrefix(rec.Body.String(), "\ufeff")
	r := csv.NewReader(strings.NewReader(raw))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil || !marked || len(rows) != stock+2 || !strings.Contains(rec.Header().Get("Content-Disposition"), "angebote.csv") {
		t.Fatalf("%v, %d lines", err, len(rows))
	}
	column := func(name string) int { return slices.Index(rows[0], name) }
	at := slices.IndexFunc(rows, func(r []string) bool { return r[0] == hsds3.ServiceName(w.ids[7]) })
	for name, want := range map[string]string{
		"name": "Angebot 7 für Müßige", "traeger": "Träger 0", "strasse": "Marktstraße 8", "plz": "44781", "telefon": "'+49234123457", "sprachen": "de, ar", "kosten": "copayment", "bestaetigt": "2026-03-01", "geaendert": "2026-04-01", "laenge": "7.207000",
		"zeiten": "Mo 09:00-12:00, Mi 14:00-18:00, Fr 22:00-01:00 (nach Vereinbarung), Mi 10:00-11:00 (1. 3. im Monat)", "stufenlos": "ja", "alter_ab": "6", "alter_bis": "17",
	} {
		if got := rows[at][column(name)]; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, row := range rows[1:] {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
				t.Errorf("a formula: %q", cell)
			}
		}
	}
	book := strings.Split(strings.TrimSpace(workbook(t, w.get("/open/services.xlsx").Body.Bytes())), "\n")
	if len(book) != stock+2 || !strings.Contains(strings.Join(book, ""), "+49234123457") {
		t.Errorf("the workbook has %d rows", len(book))
	}
	if head := ask(w.h, http.MethodHead, "/open/services.csv", ""); head.Body.Len() != 0 || head.Code != http.StatusOK {
		t.Errorf("HEAD: %d, %d bytes", head.Code, head.Body.Len())
	}
}

// TestACalendarSaysWhatTheHoursSay takes every event of a calendar for a year, and holds it against the hours of the
// record: whatever begins in the calendar is open then, and on every day on which the record is surely open something
// begins.
func TestACalendarSaysWhatTheHoursSay(t *testing.T) {
	w := openTown(t, stock)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	c := directory.Calendar{Zone: berlin, Holiday: directory.NRWHoliday}
	for _, i := range []int{0, 1, 2} {
		cal, err := ics.ParseCalendar(w.get("/open/services/" + hsds3.ServiceName(w.ids[i]) + "/calendar.ics").Body)
		if err != nil {
			t.Fatal(err)
		}
		hours := offer(i).Service.Places[0].Hours
		starts := map[string]bool{}
		for _, e := range cal.Events() {
			value := func(p ics.ComponentProperty) string {
				if x := e.GetProperty(p); x != nil {
					return x.Value
				}
				return ""
			}
			begin, err := time.ParseInLocation("20060102T150405", value(ics.ComponentPropertyDtStart), berlin)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, p := range e.GetProperties(ics.ComponentPropertyExdate) {
				out = append(out, p.Value)
			}
			days := 1
			rule := value(ics.ComponentPropertyRrule)
			if rule != "" {
				days = 366
			}
			for d := range days {
				day := begin.AddDate(0, 0, d)
				if rule != "" && !ruled(rule, day) || slices.Contains(out, day.Format("20060102T150405")) {
					continue
				}
				starts[day.Format("20060102T1504")] = true
				if hours.OpenAt(day, c) != directory.Yes {
					t.Errorf("offer %d: the calendar says %s, the record does not", i, day)
				}
			}
		}
		from := moment(i).In(berlin)
		missing := 0
		for d := 1; d < 360; d++ {
			day := time.Date(from.Year(), from.Month(), from.Day()+d, 0, 0, 0, 0, berlin)
			for m := 0; m < 24*60; m += 30 {
				now := time.Date(day.Year(), day.Month(), day.Day(), 0, m, 0, 0, berlin)
				if hours.OpenAt(now, c) == directory.Yes && hours.OpenAt(now.Add(-time.Minute), c) != directory.Yes && !starts[now.Format("20060102T1504")] {
					missing++
				}
			}
		}
		if missing > 0 || len(starts) < 100 {
			t.Errorf("offer %d: %d openings are not in the calendar, %d are", i, missing, len(starts))
		}
		t.Logf("figure: offer %d: %d openings of a year in the calendar, none missing", i, len(starts))
	}
	groups, err := ics.ParseCalendar(w.get("/open/groups.ics").Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range groups.Events() {
		name := strings.SplitN(e.Id(), "-", 6)
		id := strings.Join(name[:5], "-")
		i := slices.IndexFunc(w.ids, func(s directory.ServiceID) bool { return hsds3.ServiceName(s) == id })
		if i < 0 || i%4 < 2 {
			t.Errorf("%s is no group", e.Id())
		}
	}
	if n := len(groups.Events()); n < stock {
		t.Errorf("%d events of groups", n)
	}
}

// ruled says whether a day is one of a rule of the two kinds that the calendar writes.
func ruled(rule string, day time.Time) bool {
	short := [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}[day.Weekday()]
	_, by, _ := strings.Cut(rule, "BYDAY=")
	for _, d := range strings.Split(by, ",") {
		if d == short || len(d) == 3 && d[1:] == short && int(d[0]-'0') == (day.Day()-1)/7+1 {
			return true
		}
	}
	return false
}

func TestTheSiteMapLeadsToPages(t *testing.T) {
	w := openTown(t, 3)
	var index struct {
		Parts []string `xml:"sitemap>loc"`
	}
	if err := xml.Unmarshal(w.get("/sitemap.xml").Body.Bytes(), &index); err != nil || len(index.Parts) != 1 {
		t.Fatal(err, index)
	}
	path, ok := strings.CutPrefix(index.Parts[0], "https://gevor.example")
	if !ok {
		t.Fatal(index.Parts)
	}
	var set struct {
		Pages []string `xml:"url>loc"`
	}
	if err := xml.Unmarshal(w.get(path).Body.Bytes(), &set); err != nil || len(set.Pages) != 2*4 || !slices.Contains(set.Pages, "https://gevor.example/de/offer/"+string(w.ids[1])) {
		t.Errorf("%v %v", err, set.Pages)
	}
}
