package intake_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/xuri/excelize/v2"

	"gevor/directory"
	"gevor/fault"
	"gevor/fhir"
	"gevor/geo"
	"gevor/hsds"
	"gevor/intake"
	"gevor/osm"
)

// endless gives lines without end and counts what was taken of them.
type endless struct{ n int64 }

func (e *endless) Read(p []byte) (int, error) {
	line := fmt.Sprintf("%d;Angebot %d;;;;;;;;;;;;;;\n", e.n, e.n)
	n := copy(p, line)
	e.n += int64(n)
	return n, nil
}

// TestAnUploadOf200MB: what is larger than the limit is refused without being read to its end, and nothing of it is taken.
func TestAnUploadOf200MB(t *testing.T) {
	w, o := ready(t)
	o.Limits.Bytes = 1 << 20
	m, err := intake.ReadMapping("m.toml", mapping)
	if err != nil {
		t.Fatal(err)
	}
	const size = 200 << 20
	source := &endless{}
	out, err := intake.CSV(io.MultiReader(strings.NewReader(header), io.LimitReader(source, size)), m, w, o)
	if fault.KindOf(err) != fault.TooLarge || out != nil {
		t.Errorf("%d taken, %v", len(out), err)
	}
	if source.n > 2<<20 {
		t.Errorf("%d of %d bytes were read before saying no to more than %d", source.n, size, 1<<20)
	}
	t.Logf("figure: a sheet of %d MB with a limit of 1 MB is refused after %.1f MB", size>>20, float64(source.n)/(1<<20))
	source = &endless{}
	if _, err := intake.XLSX(io.LimitReader(source, size), m, w, o); fault.KindOf(err) != fault.TooLarge || source.n > 2<<20 {
		t.Errorf("a workbook: %d bytes read, %v", source.n, err)
	}
	o.Limits = intake.Limits{Records: 10}
	if _, err := intake.CSV(io.MultiReader(strings.NewReader(header), io.LimitReader(&endless{}, 1<<20)), m, w, o); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("too many records: %v", err)
	}
}

func TestAWorkbookIsReadLikeASheet(t *testing.T) {
	w, o := ready(t)
	o.File = "liste.xlsx"
	book := excelize.NewFile()
	put := func(row int, cells string) {
		for i, c := range strings.Split(cells, ";") {
			at, err := excelize.CoordinatesToCellName(i+1, row)
			if err != nil {
				t.Fatal(err)
			}
			if err := book.SetCellStr("Sheet1", at, c); err != nil {
				t.Fatal(err)
			}
		}
	}
	put(2, strings.TrimSpace(header))
	put(3, good)
	put(5, strings.Replace(strings.Replace(good, "1;", "2;", 1), "0234 123450", "4711", 1))
	var raw bytes.Buffer
	if err := book.Write(&raw); err != nil {
		t.Fatal(err)
	}
	m, err := intake.ReadMapping("m.toml", mapping)
	if err != nil {
		t.Fatal(err)
	}
	out, err := intake.XLSX(bytes.NewReader(raw.Bytes()), m, w, o)
	if err != nil || len(out) != 2 {
		t.Fatalf("%d %v %+v", len(out), err, o.Notes.Notices())
	}
	_, plain := ready(t)
	if want := sheetOf(t, plain, w, good)[0]; fmt.Sprintf("%+v", want.Service) != fmt.Sprintf("%+v", out[0].Service) {
		t.Errorf("%+v\n%+v", out[0].Service, want.Service)
	}
	if n := flagged(o, "phone", "phone"); n == nil || n.Line != 5 {
		t.Errorf("%+v", o.Notes.Notices())
	}
	if _, err := intake.XLSX(strings.NewReader("PK no workbook"), m, w, o); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no workbook: %v", err)
	}
	m.Sheet = "Tabelle9"
	if _, err := intake.XLSX(bytes.NewReader(raw.Bytes()), m, w, o); err == nil || !strings.Contains(err.Error(), "Tabelle9") {
		t.Errorf("no such sheet: %v", err)
	}
}

func tables() fstest.MapFS {
	put := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return fstest.MapFS{
		"datapackage.json":                put("{}"),
		"data/organizations.csv":          put("id,name,website,email\no1,Verein Mitte,https://mitte-verein.de,haus@mitte-verein.de\n"),
		"data/services.csv":               put("id,organization_id,name,description,status,assured_date\ns1,o1,Schuldnerberatung,\"Rat, kostenlos\",active,2026-04-01\ns2,o9,Tafel,,inactive,31.12.2025\n"),
		"data/locations.csv":              put("id,location_type,name,latitude,longitude\nl1,physical,Haus,51.48,7.21\n"),
		"data/service_at_location.csv":    put("id,service_id,location_id\nsl1,s1,l1\nsl2,s1,l9\n"),
		"data/addresses.csv":              put("id,location_id,address_1,city,postal_code,country\na1,l1,Weg 1,Musterstadt,44787,DE\n"),
		"data/phones.csv":                 put("id,service_id,contact_id,number,type\np1,s1,,0234 123450,voice\np2,,c1,0170 9999999,voice\n"),
		"data/schedules.csv":              put("id,service_at_location_id,byday,opens_at,closes_at\nx1,sl1,\"MO,TU\",09:00,12:00\nx2,sl1,FR,25:99,26:00\n"),
		"data/languages.csv":              put("id,service_id,code,name\ng1,s1,tr,\ng2,s1,,Arabisch\n"),
		"data/contacts.csv":               put("id,service_id,name\nc1,s1,Erika Beispiel\n"),
		"data/taxonomy_terms.csv":         put("id,code,name\nt1,schuldnerberatung,Schuldnerberatung\n"),
		"data/attributes.csv":             put("id,link_id,link_entity,taxonomy_term_id\nb1,s1,service,t1\n"),
		"__MACOSX/data/._services.csv":    put("\x00\x05"),
		"data/unit_of_something_else.csv": put("id\n1\n"),
	}
}

func TestTablesOfHSDS(t *testing.T) {
	w, o := ready(t)
	o.File = "paket"
	read, err := hsds.ReadTables(tables(), hsds.Options{File: "paket", Notes: o.Notes})
	if err != nil {
		t.Fatal(err)
	}
	out, err := intake.HSDS(read, w, o)
	if err != nil || len(out) != 2 {
		t.Fatalf("%+v %v", out, err)
	}
	x := out[0]
	if x.Provider.Name != "Verein Mitte" || x.Provider.Email != "haus@mitte-verein.de" || x.Places[0].Street != "Weg 1" || x.Service.Places[0].Contacts[0].Phone != "+49234123450" || len(x.Service.Places[0].Hours.Slots) != 2 ||
		len(x.Service.Languages) != 2 || x.Service.Languages[1].Tag != "ar" || !slices.Equal(x.Service.Kinds, []string{"schuldnerberatung"}) || len(x.Assured) != 1 {
		t.Errorf("%+v", x)
	}
	if !out[1].Service.Draft || flagged(o, "assured_date", "date-order") == nil || flagged(o, "organization_id", "unknown-reference") == nil || flagged(o, "location_id", "unknown-reference") == nil || flagged(o, "schedules", "hours") == nil {
		t.Errorf("%+v", o.Notes.Notices())
	}
	if strings.Contains(fmt.Sprintf("%+v", out), "0170") || strings.Contains(fmt.Sprintf("%+v", out), "Erika") {
		t.Error("a contact person was read")
	}
	if _, err := hsds.ReadTables(fstest.MapFS{"a.csv": {Data: []byte("x\n1\n")}}, hsds.Options{}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no services: %v", err)
	}
	if _, err := hsds.ReadTables(tables(), hsds.Options{Limits: hsds.Limits{Bytes: 60}}); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("too long: %v", err)
	}
}

func TestPlacesOfOpenStreetMap(t *testing.T) {
	w, o := ready(t)
	o.File = "stadt.osm.pbf"
	tags := func(pairs ...string) (out osm.Tags) {
		for i := 0; i+1 < len(pairs); i += 2 {
			out = append(out, osm.Tag{Key: pairs[i], Value: pairs[i+1]})
		}
		slices.SortFunc(out, func(a, b osm.Tag) int { return strings.Compare(a.Key, b.Key) })
		return out
	}
	at := geo.LonLat{Lon: 7.21, Lat: 51.48}
	out, err := intake.OSM([]osm.POI{
		{ID: "node/1", At: at, Tags: tags("name", "Praxis Yıldız", "amenity", "doctors", "healthcare", "doctor", "healthcare:speciality", "paediatrics", "phone", "+49 234 123450;+49 234 99", "opening_hours", "Mo-Fr 08:00-12:00; PH off", "addr:street", "Marktplatz", "addr:housenumber", "5", "addr:city", "Musterstadt", "addr:postcode", "44787", "wheelchair", "yes", "name:tr", "Yıldız Çocuk Doktoru", "language:tr", "yes", "check_date", "2026-02-01")},
		{ID: "node/2", At: at, Tags: tags("amenity", "bench")},
		{ID: "node/3", At: at, Tags: tags("amenity", "pharmacy")},
		{ID: "way/4", At: at, Tags: tags("name", "Tafel", "social_facility", "food_bank", "opening_hours", "Mo 09:00-12:00; sunrise-sunset", "phone", "4711", "operator", "Tafel Musterstadt e. V.")},
	}, w, o)
	if err != nil || len(out) != 2 {
		t.Fatalf("%+v %v", out, err)
	}
	x := out[0]
	if !slices.Equal(x.Service.Kinds, []string{"kinderarzt"}) || x.Service.Places[0].Hours.Holidays != directory.HolidaysClosed || len(x.Service.Places[0].Hours.Slots) != 5 || x.Places[0].StepFree != directory.Yes || x.Service.Name["tr"] == "" || x.Service.Languages[0].Tag != "tr" || x.Places[0].Street != "Marktplatz 5" || len(x.Assured) != 1 {
		t.Errorf("%+v", x)
	}
	if y := out[1]; y.Provider.Name != "Tafel Musterstadt e. V." || len(y.Service.Places[0].Hours.Slots) != 0 || y.Service.Places[0].Hours.Text["de"] == "" || flagged(o, "opening_hours", "hours") == nil || flagged(o, "phone", "phone") == nil {
		t.Errorf("%+v %+v", y, o.Notes.Notices())
	}
}

func TestABundleOfFHIR(t *testing.T) {
	w, o := ready(t)
	o.File = "bundle.json"
	dir, err := fhir.Read(strings.NewReader(bundle), fhir.Options{File: o.File, Notes: o.Notes})
	if err != nil || len(dir.Services) != 1 || len(dir.Organisations) != 1 || len(dir.Locations) != 1 {
		t.Fatalf("%+v %v", dir, err)
	}
	out, err := intake.FHIR(dir, w, o)
	if err != nil || len(out) != 1 {
		t.Fatal(out, err)
	}
	x := out[0]
	if x.Provider.Name != "Klinikum Mitte" || x.Provider.Phone != "+492345550" || x.Places[0].Street != "Klinikweg 1" || x.Places[0].At != nil || !slices.Equal(x.Service.Kinds, []string{"kinderarzt"}) ||
		len(x.Service.Places[0].Hours.Slots) != 2 || len(x.Service.Languages) != 2 || x.Service.Access[0] != directory.Appointment {
		t.Errorf("%+v", x)
	}
	for _, c := range [][2]string{{"at", "swapped"}, {"phone", "phone"}, {"languages", "language"}, {"availableTime", "hours"}, {"location", "no-location"}, {"id", "duplicate-id"}, {"name", "no-resource"}} {
		if flagged(o, c[0], c[1]) == nil {
			t.Errorf("%v is not flagged: %+v", c, o.Notes.Notices())
		}
	}
	for _, broken := range []string{"", "[]", "{}", `{"resourceType":"Patient","entry":[]}`, `{"resourceType":"Bundle","entry":[{`, bundle[:len(bundle)-40]} {
		if _, err := fhir.Read(strings.NewReader(broken), fhir.Options{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", broken[:min(30, len(broken))], err)
		}
	}
	if _, err := fhir.Read(strings.NewReader(bundle), fhir.Options{Limits: fhir.Limits{Bytes: 100}}); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("too long: %v", err)
	}
	if _, err := fhir.Read(strings.NewReader(bundle), fhir.Options{Limits: fhir.Limits{Entries: 2}}); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("too many: %v", err)
	}
}
