// Package webtest builds the small results that the tests of the pages show: a town of two cities on a grid, in
// each state a page must hold up under. Only tests import it.
package webtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"github.com/paulmach/orb"

	"gevor/atlas"
	"gevor/geo"
	"gevor/internal/tiles"
	"gevor/internal/web"
	"gevor/notice"
	"gevor/osm"
	"gevor/region"
	"gevor/travel"
)

// The town lies on a grid of columns x rows cells from a corner in EPSG:3035.
const (
	columns, rows = 60, 36
	east0, north0 = 4098000, 3151000
	side          = 100
	perDistrict   = 12 // districts are squares of so many cells
)

// Run gives the run of a state with all its files, nil for web.NoRun. It is the same at every call.
func Run(state web.State) *web.Run {
	if state == web.NoRun {
		return nil
	}
	r := bare(state)
	r.Files = files(r.Result)
	return r
}

// bare is a run without files, which take most of the time.
func bare(state web.State) *web.Run {
	s := snapshot(state)
	r := &atlas.Result{Snapshot: s}
	for i := range s.Standards {
		r.Layers = append(r.Layers, layer(s, int32(i), state))
	}
	for i := range r.Layers {
		r.Findings = append(r.Findings, findings(s, &r.Layers[i])...)
	}
	rank(r.Findings)
	for i := range r.Layers {
		r.Summaries = append(r.Summaries, summary(s, &r.Layers[i], r.Findings))
	}
	r.Profiles = profiles(s, r)
	hash := strings.Repeat("5eed", 16)
	if state == web.Suppressed { // another run of the same town
		hash = strings.Repeat("5ec2", 16)
	}
	return &web.Run{Region: RegionKey, Hash: hash, Program: "0.0.0-test", Result: r}
}

// Finding is the identity of a finding that exists in every state with findings.
func Finding(r *web.Run) string {
	if len(r.Result.Findings) == 0 {
		return "F-NONE"
	}
	return r.Result.Findings[0].ID
}

// District is the key of a district that exists in every state.
func District() string { return "05999001-02" }

func files(r *atlas.Result) fstest.MapFS {
	f := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return fstest.MapFS{
		"run.json": f(`{"version":1}`), "findings.json": f(`[]`), "standards.json": f(`[]`), "districts.json": f(`[]`), "notices.json": f(`[]`),
		"findings.geojson": f(`{"type":"FeatureCollection","features":[]}`), "findings.gpkg": f("SQLite format 3\x00"),
		"layers/kinderarzt-15-zu-fuss.csv": f("cell,state\n"), "layers/kinderarzt-15-zu-fuss.parquet": f("PAR1PAR1"),
		"map.pmtiles": tilesOf(func(w io.Writer) error { return tiles.WriteMap(context.Background(), w, r, tiles.Options{Workers: 1}) }),
		"base.pmtiles": tilesOf(func(w io.Writer) error {
			return tiles.WriteBase(context.Background(), w, slices.Values(ground()), "erfunden", tiles.Options{Workers: 1})
		}),
		"report.html": f("<!doctype html><title>Bericht</title>"), "timings.json": f(`{}`),
	}
}

// tilesOf panics where tiles cannot be made: a test without them would test the wrong page.
func tilesOf(write func(io.Writer) error) *fstest.MapFile {
	var out bytes.Buffer
	if err := write(&out); err != nil {
		panic(err)
	}
	return &fstest.MapFile{Data: out.Bytes()}
}

// ground is a little base map: a river, a park, a railway, two roads, a name.
func ground() []osm.Feature {
	return []osm.Feature{
		{Kind: osm.Residential, Geometry: square(2, 2, 50, 30)},
		{Kind: osm.Green, Class: "forest", Geometry: square(40, 26, 16, 9)},
		{Kind: osm.Water, Class: "river", Geometry: orb.LineString{corner(0, 20), corner(30, 16), corner(60, 24)}},
		{Kind: osm.Rail, Geometry: orb.LineString{corner(10, 0), corner(20, 36)}},
		{Kind: osm.Road, Class: "motorway", Geometry: orb.LineString{corner(0, 4), corner(60, 10)}},
		{Kind: osm.Road, Class: "primary", Geometry: orb.LineString{corner(34, 0), corner(30, 36)}},
		{Kind: osm.Place, Class: "city", Name: "Musterstadt", Geometry: corner(18, 16)},
	}
}

func snapshot(state web.State) *region.Snapshot {
	s := &region.Snapshot{
		Hash: strings.Repeat("beef", 16), Name: region.Label{"de": "Musterstadt und Nachbarn", "en": "Model Town and neighbours"},
		Synthetic: true, TimeZone: "Europe/Berlin", Date: time.Date(2026, 5, 12, 0, 0, 0, 0, time.UTC),
	}
	areas(s)
	cells(s)
	people(s, state)
	s.Categories = []region.Category{
		{Key: "kinderarzt", Label: region.Label{"de": "Kinder- und Jugendarztpraxis", "en": "Paediatric practice"}},
		{Key: "hausarzt", Label: region.Label{"de": "Hausarztpraxis", "en": "General practice"}},
		{Key: "beratung", Label: region.Label{"de": "Schuldnerberatung", "en": "Debt counselling"}},
		{Key: "clearing", Label: region.Label{"de": "Clearingstelle", "en": "Clearing office"}},
	}
	offers(s)
	s.Standards = []region.Standard{
		{
			Key: "kinderarzt-15-zu-fuss", Group: 0, Category: 0, Nearest: 1, Label: region.Label{"de": "Kinderarzt in 15 Minuten zu Fuß oder 30 mit Bus und Bahn", "en": "Paediatrician within 15 minutes on foot or 30 by public transport"},
			Ways: []region.Way{{Mode: travel.Walk, Minutes: 15}, {Mode: travel.Transit, Minutes: 30, Departure: 36000, Window: 3600, Percentile: 50}},
		},
		{
			Key: "kinderarzt-plaetze", Group: 0, Category: 0, PerThousand: 0.6, Label: region.Label{"de": "Genug Kinderarztplätze in 20 Minuten mit dem Auto", "en": "Enough paediatric places within 20 minutes by car"},
			Ways: []region.Way{{Mode: travel.Car, Minutes: 20}},
		},
		{
			Key: "hausarzt-stufenlos", Group: 1, Category: 1, Nearest: 2, Label: region.Label{"de": "Zwei Hausarztpraxen in 20 Minuten ohne Stufen", "en": "Two general practices within 20 minutes without steps"},
			Ways: []region.Way{{Mode: travel.WalkNoSteps, Minutes: 20}},
		},
		{
			Key: "beratung-30", Group: 2, Category: 2, Nearest: 1, Label: region.Label{"de": "Schuldnerberatung in 30 Minuten mit Bus und Bahn", "en": "Debt counselling within 30 minutes by public transport"},
			Ways: []region.Way{{Mode: travel.Transit, Minutes: 30, Departure: 61200, Window: 3600, Percentile: 50}},
		},
		{
			Key: "clearing-45", Group: 3, Category: 3, Nearest: 1, Label: region.Label{"de": "Clearingstelle in 45 Minuten mit Bus und Bahn", "en": "Clearing office within 45 minutes by public transport"},
			Ways: []region.Way{{Mode: travel.Transit, Minutes: 45, Departure: 36000, Window: 3600, Percentile: 50}},
		},
	}
	for _, more := range []struct {
		key, de, en string
		group       int32
		category    int32
		minutes     int
	}{
		{"hausarzt-10-rad", "Hausarztpraxis in 10 Minuten mit dem Rad", "General practice within 10 minutes by bicycle", 1, 1, 10},
		{"kinderarzt-10-auto", "Kinderarztpraxis in 10 Minuten mit dem Auto für Kinder unter sechs Jahren", "Paediatrician within 10 minutes by car", 0, 0, 10},
		{"beratung-20-rad", "Schuldnerberatung in 20 Minuten mit dem Rad", "Debt counselling within 20 minutes by bicycle", 2, 2, 20},
		{"clearing-30-rad", "Clearingstelle in 30 Minuten mit dem Rad", "Clearing office within 30 minutes by bicycle", 3, 3, 30},
		{"clearing-15-kinder", "Clearingstelle für Familien mit Kindern unter sechs Jahren in 15 Minuten", "Clearing office for families within 15 minutes", 0, 3, 15},
		{"hausarzt-15-allein", "Hausarztpraxis für Alleinerziehende in 15 Minuten mit dem Rad", "General practice for single parents within 15 minutes", 2, 1, 15},
	} {
		s.Standards = append(s.Standards, region.Standard{
			Key: more.key, Group: more.group, Category: more.category, Nearest: 1, Label: region.Label{"de": more.de, "en": more.en},
			Ways: []region.Way{{Mode: travel.Bike, Minutes: more.minutes}},
		})
	}
	s.Need = []region.NeedFactor{{Key: "sgb2", Label: region.Label{"de": "Anteil der Menschen mit Grundsicherung", "en": "Share of people on basic income support"}, Weight: 0.5, Source: "city"}}
	s.Sources = []region.Source{
		{Key: "osm", Title: "Straßen und Orte", Publisher: "OpenStreetMap", Licence: "ODbL-1.0", URL: "https://example.org/osm", ReferenceDate: "2026-05-01", Status: "open", Attribution: "© OpenStreetMap-Mitwirkende (erfundene Daten)"},
		{Key: "zensus", Title: "Bevölkerungsgitter", Publisher: "Statistische Ämter", Licence: "DL-DE-BY-2.0", ReferenceDate: "2022-05-15", Status: "open", Attribution: "Statistische Ämter (erfundene Daten), 2022"},
		{Key: "city", Title: "Angebotsverzeichnis", Publisher: "Musterstadt", Licence: "CC0-1.0", ReferenceDate: "2026-04", Status: "cleared"},
	}
	s.Inputs = []region.Input{
		{Path: "osm/muster.osm.pbf", Bytes: 1234567, SHA256: strings.Repeat("ab", 32), Source: "osm"},
		{Path: "zensus/Zensus2022_Bevoelkerungszahl_100m-Gitter.csv", Bytes: 83211, SHA256: strings.Repeat("cd", 32), Source: "zensus"},
		{Path: "offers/beratung.csv", Bytes: 9211, SHA256: strings.Repeat("ef", 32), Source: "city"},
	}
	notices(s, state)
	if state == web.LongWords {
		lengthen(s)
	}
	return s
}

// corner is the place of a grid corner in degrees.
func corner(col, row int) orb.Point {
	p := geo.FromLAEA(float64(east0+col*side), float64(north0+row*side))
	return orb.Point{p.Lon, p.Lat}
}

func square(col, row, w, h int) orb.MultiPolygon {
	return orb.MultiPolygon{{{corner(col, row), corner(col+w, row), corner(col+w, row+h), corner(col, row+h), corner(col, row)}}}
}

func areas(s *region.Snapshot) {
	names := [...]string{"Altstadt", "Bergheim", "Cäcilienviertel", "Deichsiedlung", "Erlengrund", "Friedrichsort", "Grünau", "Hafen", "Innenstadt", "Johannisthal", "Königsheide", "Lindenhof", "Mühlenkamp", "Nordstadt", "Ödland"}
	s.Areas = []region.Area{
		{Key: "05999001", Kind: region.Municipality, Name: "Musterstadt", Parent: -1, Shape: square(0, 0, 36, rows), Source: "city"},
		{Key: "05999002", Kind: region.Municipality, Name: "Nachbarburg", Parent: -1, Shape: square(36, 0, 24, rows), Source: "city"},
	}
	n := [2]int{}
	for col := 0; col < columns; col += perDistrict {
		for row := 0; row < rows; row += perDistrict {
			parent := int32(0)
			if col >= 36 {
				parent = 1
			}
			n[parent]++
			s.Areas = append(s.Areas, region.Area{
				Key: fmt.Sprintf("%s-%02d", s.Areas[parent].Key, n[parent]), Kind: region.District, Name: names[len(s.Areas)-2],
				Parent: parent, Shape: square(col, row, perDistrict, perDistrict), Source: "city",
			})
		}
	}
	// Postcodes cut through districts and cities.
	for k := range 3 {
		s.Zones = append(s.Zones, region.Area{Key: fmt.Sprintf("9900%d", k+1), Kind: region.Postcode, Name: fmt.Sprintf("9900%d", k+1), Parent: -1, Shape: square(20*k, 0, 20, rows), Source: "city"})
	}
	a, b := corner(0, 0), corner(columns, rows)
	s.Bounds = geo.Box{MinLon: a[0], MinLat: a[1], MaxLon: b[0], MaxLat: b[1]}.Grow(500)
}

func cells(s *region.Snapshot) {
	c := &s.Cells
	c.SizeM = side
	for row := range rows {
		for col := range columns {
			if (col*7+row*13)%11 == 0 || row > 28 && col%5 == 0 {
				continue // nobody lives everywhere
			}
			e, n := int32(east0+col*side), int32(north0+row*side)
			c.ID = append(c.ID, fmt.Sprintf("CRS3035RES100mN%dE%d", n, e))
			c.At = append(c.At, geo.FromLAEA(float64(e)+50, float64(n)+50))
			c.East, c.North = append(c.East, e), append(c.North, n)
			c.Population = append(c.Population, float32(20+40*wave(col, row)))
			c.Flag = append(c.Flag, region.Known)
			c.District = append(c.District, int32(2+col/perDistrict*(rows/perDistrict)+row/perDistrict))
			m := int32(0)
			if col >= 36 {
				m = 1
			}
			c.Municipality = append(c.Municipality, m)
		}
	}
}

// wave is a smooth value of 0..1 over the grid.
func wave(col, row int) float64 {
	return 0.5 + 0.5*math.Sin(float64(col)/7)*math.Cos(float64(row)/5)
}

func people(s *region.Snapshot, state web.State) {
	known := func(share float64) ([]float32, []region.ValueFlag) {
		people, flag := make([]float32, s.Cells.Len()), make([]region.ValueFlag, s.Cells.Len())
		for i := range people {
			people[i] = s.Cells.Population[i] * float32(share)
			if state == web.Suppressed && i%3 == 0 {
				people[i], flag[i] = 0, region.Suppressed
			}
		}
		return people, flag
	}
	kids, kidsFlag := known(0.08)
	old, oldFlag := known(0.2)
	single, _ := known(0.05)
	singleFlag := make([]region.ValueFlag, s.Cells.Len())
	for i := range singleFlag {
		singleFlag[i] = region.Estimated
	}
	s.Groups = []region.Group{
		{Key: "kinder", Label: region.Label{"de": "Kinder unter 6 Jahren", "en": "Children under 6"}, State: region.GroupKnown, People: kids, Flag: kidsFlag, Method: "grid-column", Need: 1.2, Source: "zensus"},
		{Key: "aeltere", Label: region.Label{"de": "Ältere Menschen ab 75", "en": "People aged 75 and over"}, State: region.GroupKnown, People: old, Flag: oldFlag, Method: "grid-column", Need: 1, Source: "zensus"},
		{Key: "alleinerziehende", Label: region.Label{"de": "Alleinerziehende", "en": "Single parents"}, State: region.GroupEstimated, People: single, Flag: singleFlag, RelError: 0.3, Method: "district-spread-by-population", Need: 1.5, Source: "city"},
		{Key: "ohne-versicherung", Label: region.Label{"de": "Menschen ohne Krankenversicherung", "en": "People without health insurance"}, State: region.GroupUnknown, Need: 2},
	}
	if state == web.Suppressed {
		s.Groups[2] = region.Group{Key: "alleinerziehende", Label: s.Groups[2].Label, State: region.GroupUnknown, Need: 1.5}
	}
}

func offers(s *region.Snapshot) {
	add := func(id, name string, category int32, col, row int, capacity float64) {
		p := corner(col, row)
		m := int32(0)
		if col >= 36 {
			m = 1
		}
		s.Offers = append(s.Offers, region.Offer{
			ID: id, Name: name, Categories: []int32{category}, At: geo.LonLat{Lon: p[0], Lat: p[1]}, Municipality: m,
			Capacity: capacity, ConfirmedOn: "2026-03-01", ConfirmEvery: 180, Source: "city", Record: id,
		})
	}
	add("k1", "Kinderarztpraxis am Markt", 0, 8, 8, 1.5)
	add("k2", "Gemeinschaftspraxis für Kinder- und Jugendmedizin", 0, 50, 20, math.NaN())
	add("h1", "Hausarztpraxis Dr. Muster", 1, 20, 12, 1)
	add("h2", "Hausärzte am Hafen", 1, 44, 30, 2)
	add("b1", "Schuldnerberatung der Stadt", 2, 14, 30, math.NaN())
	add("c1", "Clearingstelle Nachbarburg", 3, 46, 8, 1)
}

func notices(s *region.Snapshot, state web.State) {
	if state == web.Empty {
		s.Counts = []notice.Count{{File: "offers/beratung.csv", Read: 6, Used: 6}}
		return
	}
	s.Counts = []notice.Count{
		{File: "gtfs/muster.zip!stop_times.txt", Read: 48211, Used: 48211},
		{File: "offers/beratung.csv", Read: 120, Used: 56, Rejected: 64},
		{File: "zensus/Zensus2022_Bevoelkerungszahl_100m-Gitter.csv", Read: 2140, Used: 2137, Rejected: 3},
	}
	for i := range 64 {
		s.Notices = append(s.Notices, notice.Notice{
			Severity: notice.Reject, File: "offers/beratung.csv", Line: i + 2, Record: fmt.Sprintf("A%d", i), Field: "lon", Value: "5137184",
			Rule: "coordinates-swapped", Advice: "write longitude into lon and latitude into lat",
		})
	}
	s.Notices = append(s.Notices,
		notice.Notice{Severity: notice.Warning, File: "gtfs/muster.zip!stop_times.txt", Line: 4711, Field: "arrival_time", Value: "", Rule: "stop-time-interpolated", Advice: "nothing to do; the time was interpolated between its neighbours"},
		notice.Notice{Severity: notice.Info, File: "zensus/Zensus2022_Bevoelkerungszahl_100m-Gitter.csv", Line: 17, Record: "CRS3035RES100mN3151700E4098100", Field: "Einwohner", Value: "–", Rule: "value-suppressed", Advice: "nothing to do; the cell counts as suppressed, not as zero"},
	)
}

// lengthen makes every name as long as the administration knows how to.
func lengthen(s *region.Snapshot) {
	const long = "Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung"
	for i := range s.Areas {
		s.Areas[i].Name = "Oberunterammergrundstadtteilbezirk-" + s.Areas[i].Name
	}
	for i := range s.Groups {
		s.Groups[i].Label = region.Label{"de": "Langzeiterwerbslosenbedarfsgemeinschaftsangehörige und " + s.Groups[i].Label["de"], "en": "Floccinaucinihilipilification " + s.Groups[i].Label["en"]}
	}
	for i := range s.Categories {
		s.Categories[i].Label = region.Label{"de": "Schwangerschaftskonfliktberatungsstellenaußensprechstunde", "en": "Pneumonoultramicroscopicsilicovolcanoconiosis ward"}
	}
	for i := range s.Standards {
		s.Standards[i].Label = region.Label{"de": long + ": " + s.Standards[i].Label["de"], "en": long + ": " + s.Standards[i].Label["en"]}
	}
	for i := range s.Offers {
		s.Offers[i].Name = "Kassenärztlichevereinigungsnotdienstpraxis " + s.Offers[i].Name
	}
	for i := range s.Sources {
		s.Sources[i].Title = "Kleinräumigegebietsgliederungsdatensatzsammlung"
		s.Sources[i].URL = "https://example.org/" + strings.Repeat("sehr-langer-pfad/", 12)
	}
	for i := range s.Notices {
		s.Notices[i].Value = strings.Repeat("x", 80)
		s.Notices[i].File = strings.Repeat("sehr_langer_dateiname_", 5) + ".csv"
	}
	s.Name = region.Label{"de": "Verbandsgemeindeverwaltungszusammenschlussgebiet", "en": "Llanfairpwllgwyngyllgogerychwyrndrobwll"}
}
