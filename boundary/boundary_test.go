package boundary

import (
	"fmt"
	"strings"
	"testing"

	"gevor/fault"
	"gevor/geo"
	"gevor/notice"
)

const square = `[[7,51],[7.1,51],[7.1,51.1],[7,51.1],[7,51]]`

func collection(features ...string) string {
	return `{"type":"FeatureCollection","name":"x","features":[` + strings.Join(features, ",") + `]}`
}

func area(properties, kind, coordinates string) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{%s},"geometry":{"type":%q,"coordinates":%s}}`, properties, kind, coordinates)
}

var options = Options{File: "b.geojson", Key: "ags", Name: "name", Parent: "kreis", ValidFrom: "von", ValidTo: "bis"}

func read(t testing.TB, in string, o Options) ([]Record, []notice.Notice) {
	t.Helper()
	o.Notes = &notice.List{}
	records, err := Read(strings.NewReader(in), o)
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, c := range o.Notes.Counts() {
		if c.Read != c.Used+c.Rejected || c.Used != int64(len(records)) {
			t.Errorf("counts %+v for %d areas", c, len(records))
		}
	}
	return records, o.Notes.Notices()
}

func TestAreas(t *testing.T) {
	records, notices := read(t, collection(
		area(`"ags":"05911000","name":"Bochum","kreis":"05911","von":"2020-01-01","bis":"2025-01-01T00:00:00Z","extra":{"a":1}`, "Polygon", "["+square+"]"),
		area(`"ags":5913000,"name":"Dortmund","von":"01.01.2020","bis":null`, "MultiPolygon", "[["+square+",[[7.04,51.04],[7.06,51.04],[7.06,51.06]]],["+square+"]]"),
	), Options{File: "b.geojson", Key: "ags", KeyLength: 8, Name: "name", Parent: "kreis", ValidFrom: "von", ValidTo: "bis"})
	if len(records) != 2 {
		t.Fatalf("%v %v", records, notices)
	}
	a, b := records[0], records[1]
	if a.Key != "05911000" || a.Name != "Bochum" || a.Parent != "05911" || a.ValidFrom != "2020-01-01" || a.ValidTo != "2025-01-01" || a.Index != 1 {
		t.Errorf("%+v", a)
	}
	// The number lost its zero, and the hole was not closed.
	if b.Key != "05913000" || b.ValidFrom != "2020-01-01" || b.ValidTo != "" || len(b.Shape) != 2 || len(b.Shape[0][1]) != 4 {
		t.Errorf("%+v", b)
	}
	if len(notices) != 2 || notices[0].Rule != "key-mended" || notices[1].Rule != "open-ring" || notices[1].Record != "feature 2" {
		t.Errorf("%v", notices)
	}
}

func TestWhatIsNoArea(t *testing.T) {
	good := area(`"ags":"1"`, "Polygon", "["+square+"]")
	for rule, bad := range map[string]string{
		"no-key":              area(`"name":"x"`, "Polygon", "["+square+"]"),
		"duplicate-key":       area(`"ags":"1"`, "Polygon", "["+square+"]"),
		"no-date":             area(`"ags":"2","von":"gestern"`, "Polygon", "["+square+"]"),
		"valid-never":         area(`"ags":"2","von":"2021-01-01","bis":"2020-01-01"`, "Polygon", "["+square+"]"),
		"no-geometry":         `{"type":"Feature","properties":{"ags":"2"},"geometry":null}`,
		"no-polygon":          area(`"ags":"2"`, "Point", "[7,51]"),
		"ring-too-short":      area(`"ags":"2"`, "Polygon", "[[[7,51],[7.1,51],[7,51]]]"),
		"no-coordinate":       area(`"ags":"2"`, "Polygon", "[[[7],[7.1,51],[7,51.1]]]"),
		"no-degrees":          area(`"ags":"2"`, "Polygon", "[[[370000,5700000],[380000,5700000],[380000,5710000]]]"),
		"coordinates-swapped": area(`"ags":"2"`, "Polygon", "[[[51,170],[51,171],[52,171]]]"),
		"no-feature":          `"text"`,
	} {
		records, notices := read(t, collection(good, bad), options)
		if len(records) != 1 || len(notices) != 1 || notices[0].Rule != rule || notices[0].Record != "feature 2" {
			t.Errorf("%s: %v %v", rule, records, notices)
		}
	}
}

func TestProjectedAreas(t *testing.T) {
	e, n := geo.ToUTM32(geo.LonLat{Lon: 7, Lat: 51})
	ring := fmt.Sprintf("[[[%f,%f],[%f,%f],[%f,%f]]]", e, n, e+1000, n, e, n+1000)
	for _, in := range []string{
		`{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::25832"}},"features":[` + area(`"ags":"1"`, "Polygon", ring) + `]}`,
		collection(area(`"ags":"1"`, "Polygon", ring)),
	} {
		o := options
		if !strings.Contains(in, "crs") {
			o.CRS = "EPSG:25832"
		}
		records, notices := read(t, in, o)
		if len(records) != 1 || geo.Distance(geo.LonLat{Lon: records[0].Shape[0][0][0][0], Lat: records[0].Shape[0][0][0][1]}, geo.LonLat{Lon: 7, Lat: 51}) > 0.01 {
			t.Errorf("%v %v", records, notices)
		}
	}
}

func TestWhatIsNoCollection(t *testing.T) {
	for _, in := range []string{
		"", "[]", "{}", `{"features":{}}`, `{"features":[` + area(`"ags":"1"`, "Polygon", "["+square+"]"), "<html></html>",
		`{"crs":{"properties":{"name":"EPSG:31466"}},"features":[]}`,
	} {
		if _, err := Read(strings.NewReader(in), options); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", in, err)
		}
	}
	o := options
	o.Limits = Limits{Features: 1}
	if _, err := Read(strings.NewReader(collection(area(`"ags":"1"`, "Polygon", "["+square+"]"), area(`"ags":"2"`, "Polygon", "["+square+"]"))), o); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("two of one: %v", err)
	}
	o.Limits = Limits{Bytes: 50}
	if _, err := Read(strings.NewReader(collection(area(`"ags":"1"`, "Polygon", "["+square+"]"))), o); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("too many bytes: %v", err)
	}
}

func FuzzAreas(f *testing.F) {
	f.Add([]byte(collection(area(`"ags":"1","von":"2020-01-01"`, "Polygon", "["+square+"]"))))
	f.Add([]byte(collection(area(`"ags":5911000`, "MultiPolygon", "[["+square+"]]"))))
	f.Add([]byte(`{"crs":{"properties":{"name":"urn:ogc:def:crs:EPSG::3035"}},"features":[]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		o := options
		o.Notes = &notice.List{}
		o.KeyLength = 8
		records, err := Read(strings.NewReader(string(raw)), o)
		if err != nil && fault.KindOf(err) == fault.Internal {
			t.Fatal(err)
		}
		for _, r := range records {
			if r.Key == "" || len(r.Shape) == 0 {
				t.Fatalf("%+v", r)
			}
			for _, p := range r.Shape {
				for _, ring := range p {
					if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
						t.Fatalf("ring %v", ring)
					}
				}
			}
		}
		for _, c := range o.Notes.Counts() {
			if c.Read != c.Used+c.Rejected {
				t.Fatalf("%+v", c)
			}
		}
	})
}
