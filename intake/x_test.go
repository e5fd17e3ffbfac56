package intake_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gevor/directory"
	"gevor/fault"
	"gevor/geo"
	"gevor/intake"
	"gevor/notice"
	"gevor/vocabulary"
)

var now = time.Date(2026, 5, 12, 8, 30, 0, 0, time.UTC)

var loaded = sync.OnceValues(func() (*vocabulary.Vocabulary, error) { return vocabulary.Load(nil) })

var wordsOf = sync.OnceValue(func() *intake.Words {
	voc, err := loaded()
	if err != nil {
		return nil
	}
	return intake.NewWords(voc)
})

func ready(t testing.TB) (*intake.Words, intake.Options) {
	t.Helper()
	voc, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return wordsOf(), intake.Options{File: "liste.csv", Notes: &notice.List{}, Vocabulary: voc, Now: now}
}

func flagged(o intake.Options, field, rule string) *notice.Notice {
	for _, n := range o.Notes.Notices() {
		if n.Field == field && n.Rule == rule {
			return &n
		}
	}
	return nil
}

const mapping = `
german_dates = false
[columns]
id = "Nr."
name = "Angebot"
provider = "Träger"
street = ["Straße", "Hausnr."]
postcode = "PLZ"
city = "Ort"
lon = "Länge"
lat = "Breite"
phone = "Telefon"
website = "Internet"
hours = "Zeiten"
languages = "Sprachen"
kinds = "Art"
summary = "Kurz"
confirmed = "Stand"
[kinds]
"Schulden" = "schuldnerberatung"
`

const header = "Nr.;Angebot;Träger;Straße;Hausnr.;PLZ;Ort;Länge;Breite;Telefon;Internet;Zeiten;Sprachen;Art;Kurz;Stand\n"

func sheetOf(t *testing.T, o intake.Options, w *intake.Words, rows ...string) []directory.Imported {
	t.Helper()
	m, err := intake.ReadMapping("m.toml", mapping)
	if err != nil {
		t.Fatal(err)
	}
	out, err := intake.CSV(strings.NewReader(header+strings.Join(rows, "\n")+"\n"), m, w, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const good = "1;Schuldnerberatung Mitte;Verein Mitte e. V.;Bochumer Straße;12;44866;Musterstadt;7,2163;51,4818;0234 123450;www.mitte-verein.de;Mo–Fr 9–12;Deutsch, Türkisch, Sorani;Schulden;Hilfe bei Schulden;2026-04-30"

func TestASheetOfAnOffice(t *testing.T) {
	w, o := ready(t)
	out := sheetOf(t, o, w, good)
	if len(out) != 1 || len(o.Notes.Notices()) != 0 {
		t.Fatalf("%+v %v", out, o.Notes.Notices())
	}
	x := out[0]
	var tags []string
	for _, l := range x.Service.Languages {
		tags = append(tags, l.Tag)
	}
	if !slices.Equal(tags, []string{"de", "tr", "ckb"}) || !slices.Equal(x.Service.Kinds, []string{"schuldnerberatung"}) || x.Places[0].Street != "Bochumer Straße 12" || len(x.Service.Places[0].Hours.Slots) != 5 ||
		x.Service.Places[0].Contacts[0].Phone != "+49234123450" || *x.Places[0].At != (geo.LonLat{Lon: 7.2163, Lat: 51.4818}) || x.Service.Website != "https://www.mitte-verein.de" || x.Assured[0].At.Day() != 30 {
		t.Errorf("%+v", x)
	}
}

// TestBadInputIsFlaggedFieldByField: each wrong field is named with its line and advice, left out, and withheld from a record
// that is there already; the rest of the line is taken over.
func TestBadInputIsFlaggedFieldByField(t *testing.T) {
	fields := strings.Split(good, ";")
	for name, c := range map[string]struct {
		column      int
		value       string
		field, rule string
		unread      string // column of the record that stays as it is
	}{
		"placeholder text":      {14, "Lorem ipsum dolor", "summary", "placeholder", "Summary"},
		"hours that cannot be":  {11, "Mo 25:99–26:00", "hours", "hours", "Places"},
		"half of hours":         {11, `"Mo 9–12; Di 25:99–26:00"`, "hours", "hours", "Places"},
		"unknown language":      {12, "Deutsch, qqx-nirgends", "languages", "language", "Languages"},
		"phone without area":    {9, "12345", "phone", "phone", "Places"},
		"German date":           {15, "31.12.2025", "confirmed", "date-order", ""},
		"date in the future":    {15, "2027-01-01", "confirmed", "date-future", ""},
		"no date at all":        {15, "demnächst", "confirmed", "date", ""},
		"no coordinates":        {7, "ostwärts", "lon, lat", "coordinate", "Places"},
		"postcode with letters": {5, "D-44866", "postcode", "postcode", ""},
		"no web address":        {10, "fragen Sie uns", "website", "url", "Website"},
		"unknown kind of help":  {13, "Wunderheilung", "kinds", "unknown-kind", ""},
	} {
		w, o := ready(t)
		row := slices.Clone(fields)
		row[c.column] = c.value
		out := sheetOf(t, o, w, strings.Join(row, ";"))
		n := flagged(o, c.field, c.rule)
		if len(out) != 1 || n == nil || n.Line != 2 || n.Advice == "" || n.File != "liste.csv" {
			t.Errorf("%s: %d taken, %+v", name, len(out), o.Notes.Notices())
			continue
		}
		if c.unread != "" && !slices.Contains(out[0].Unread, c.unread) {
			t.Errorf("%s: %v is not withheld from the record that is there", name, c.unread)
		}
		if len(out[0].Service.Languages) < 1 {
			t.Errorf("%s: good languages were lost", name)
		}
	}
}

func TestSwappedCoordinatesAreSaidToBe(t *testing.T) {
	w, o := ready(t)
	row := strings.Split(good, ";")
	row[7], row[8] = row[8], row[7]
	out := sheetOf(t, o, w, strings.Join(row, ";"))
	n := flagged(o, "at", "swapped")
	if len(out) != 1 || n == nil || out[0].Places[0].At != nil || !slices.Contains(out[0].Places[0].Unread, "At") || !strings.Contains(n.Value, "7.2163, 51.4818") {
		t.Errorf("%+v %+v", out, o.Notes.Notices())
	}
}

func TestWhatHasNoNameOrComesTwiceIsLeftOut(t *testing.T) {
	w, o := ready(t)
	nameless, twice := strings.Split(good, ";"), good
	nameless[0], nameless[1] = "2", ""
	unnamed := strings.Replace(good, "Schuldnerberatung Mitte", "N.N.", 1)
	out := sheetOf(t, o, w, good, strings.Join(nameless, ";"), twice, strings.Replace(unnamed, "1;", "3;", 1))
	if len(out) != 1 || flagged(o, "id", "duplicate-id") == nil || flagged(o, "name", "empty") == nil || flagged(o, "name", "placeholder") == nil {
		t.Errorf("%d taken, %+v", len(out), o.Notes.Notices())
	}
	for _, c := range o.Notes.Counts() {
		if c.Read != 4 || c.Used != 1 || c.Rejected != 3 {
			t.Errorf("%+v", c)
		}
	}
}

func TestGermanDatesWhereTheMappingSaysSo(t *testing.T) {
	w, o := ready(t)
	m, err := intake.ReadMapping("m.toml", strings.Replace(mapping, "german_dates = false", "german_dates = true", 1))
	if err != nil {
		t.Fatal(err)
	}
	out, err := intake.CSV(strings.NewReader(header+strings.Replace(good, "2026-04-30", "31.12.2025", 1)), m, w, o)
	if err != nil || len(out) != 1 || out[0].Assured[0].At != time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC) {
		t.Errorf("%+v %v", out, err)
	}
}

func TestMappingsThatMeanNothing(t *testing.T) {
	for text, says := range map[string]string{
		"":                                           "no column is named",
		"[columns]\nname = 7":                        "this is no mapping",
		"[columns]\nname = \"A\"\nphon = \"B\"":      "there is no field \"phon\"",
		"[columns]\nphone = \"B\"":                   "no column holds the name",
		"[columns]\nname = \"A\"\n[wat]\nx=1":        "is not known",
		"header = -1\n[columns]\nname = \"A\"":       "delimiter or header",
		"[columns]\nname = \"A\"\n[fixed]\nx = \"\"": "there is no field \"x\"",
		"= = =": "this is no mapping",
	} {
		if _, err := intake.ReadMapping("m.toml", text); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
	w, o := ready(t)
	m, err := intake.ReadMapping("m.toml", "[columns]\nname = \"Nirgends\"")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := intake.CSV(strings.NewReader("A;B\n1;2\n"), m, w, o); err == nil || !strings.Contains(err.Error(), "Nirgends") {
		t.Errorf("a column that is not there: %v", err)
	}
}

const bundle = `{"resourceType":"Bundle","type":"searchset","entry":[
{"fullUrl":"https://fhir.example/Organization/1","resource":{"resourceType":"Organization","id":"1","name":"Klinikum Mitte","telecom":[{"system":"phone","value":"0234 5550"},{"system":"url","value":"https://klinikum-mitte.de"}]}},
{"fullUrl":"urn:uuid:2","resource":{"resourceType":"Location","id":"2","name":"Haus A","address":{"line":["Klinikweg 1"],"city":"Musterstadt","postalCode":"44787"},"position":{"longitude":51.48,"latitude":7.21}}},
{"fullUrl":"https://fhir.example/HealthcareService/3","resource":{"resourceType":"HealthcareService","id":"3","active":true,"name":"Kinderarztpraxis","comment":"Für Kinder","providedBy":{"reference":"Organization/1"},
 "location":[{"reference":"urn:uuid:2"},{"reference":"Location/none"}],"specialty":[{"coding":[{"code":"kinderarzt"}]}],"telecom":[{"system":"phone","value":"12345"}],"communication":[{"coding":[{"code":"tr"}]},{"text":"Arabisch"},{"coding":[{"code":"qqq-what"}]}],
 "appointmentRequired":true,"availableTime":[{"daysOfWeek":["mon","tue"],"availableStartTime":"08:00:00","availableEndTime":"12:00:00"},{"daysOfWeek":["wed"],"availableStartTime":"25:99:00","availableEndTime":"26:00:00"},{"daysOfWeek":["someday"],"allDay":true}]}},
{"resource":{"resourceType":"HealthcareService","id":"3","name":"noch einmal"}},
{"resource":{"resourceType":"HealthcareService","id":"4","name":{"no":"text"}}},
{"resource":{"resourceType":"Practitioner","id":"9","name":[{"family":"Beispiel"}]}}]}`
