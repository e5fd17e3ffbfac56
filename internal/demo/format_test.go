package demo

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb/geojson"
	"golang.org/x/text/encoding/charmap"

	"gevor/geo"
)

// table reads a CSV by its header.
func table(t *testing.T, in io.Reader, separator rune) []map[string]string {
	t.Helper()
	r := csv.NewReader(in)
	r.Comma = separator
	rows, err := r.ReadAll() // demands the same number of fields everywhere
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

func open(t *testing.T, parts ...string) *os.File {
	t.Helper()
	f, err := os.Open(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func gtfs(t *testing.T, dir string) map[string][]map[string]string {
	t.Helper()
	z, err := zip.OpenReader(filepath.Join(dir, "gtfs/musterrevier.zip"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]map[string]string{}
	for _, m := range z.File {
		r, err := m.Open()
		if err != nil {
			t.Fatal(err)
		}
		out[m.Name] = table(t, r, ',')
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

// keys gives a column as a set, each value once.
func keys(t *testing.T, rows []map[string]string, column string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, r := range rows {
		if out[r[column]] {
			t.Errorf("%s %s stands there twice", column, r[column])
		}
		out[r[column]] = true
	}
	return out
}

func clockSeconds(t *testing.T, s string) int {
	t.Helper()
	p := strings.Split(s, ":")
	if len(p) != 3 {
		t.Fatalf("%q is no time", s)
	}
	total := 0
	for _, x := range p {
		n, err := strconv.Atoi(x)
		if err != nil {
			t.Fatal(err)
		}
		total = total*60 + n
	}
	return total
}

func TestTimetableIsWhole(t *testing.T) {
	feed := gtfs(t, region(t, Options{Seed: 2, People: 20_000}))
	stops, routes := keys(t, feed["stops.txt"], "stop_id"), keys(t, feed["routes.txt"], "route_id")
	trips, services := keys(t, feed["trips.txt"], "trip_id"), keys(t, feed["calendar.txt"], "service_id")
	for _, x := range feed["trips.txt"] {
		if !routes[x["route_id"]] || !services[x["service_id"]] {
			t.Errorf("trip %v names an unknown route or service", x)
		}
	}
	last, at, untimed, night := "", 0, 0, 0
	for _, x := range feed["stop_times.txt"] {
		if !trips[x["trip_id"]] || !stops[x["stop_id"]] {
			t.Fatalf("call %v names an unknown trip or stop", x)
		}
		if x["trip_id"] != last {
			last, at = x["trip_id"], 0
		}
		if x["arrival_time"] == "" {
			untimed++
			continue
		}
		arrive, depart := clockSeconds(t, x["arrival_time"]), clockSeconds(t, x["departure_time"])
		if arrive < at || depart < arrive {
			t.Fatalf("time runs backwards at %v", x)
		}
		if at = depart; arrive >= 24*3600 {
			night++
		}
	}
	if untimed == 0 || night == 0 {
		t.Errorf("%d calls without time, %d after midnight: both kinds are wanted", untimed, night)
	}
	if len(feed["calendar_dates.txt"]) == 0 || len(feed["frequencies.txt"]) == 0 || len(feed["transfers.txt"]) == 0 {
		t.Error("calendar_dates, frequencies or transfers are empty")
	}
	for _, x := range feed["frequencies.txt"] {
		if !trips[x["trip_id"]] {
			t.Errorf("frequency of an unknown trip: %v", x)
		}
	}
}

// Each age count is below the total, nothing between zero and three is published, and the centre fits the cell.
func TestCensusHasTheFormOfTheCensus(t *testing.T) {
	dir := region(t, Options{Seed: 2, People: 20_000})
	people := 0
	for _, x := range table(t, open(t, dir, "zensus/Zensus2022_Bevoelkerungszahl_100m-Gitter.csv"), ';') {
		c, err := geo.ParseCell(x["GITTER_ID_100m"])
		if err != nil {
			t.Fatal(err)
		}
		if x["x_mp_100m"] != strconv.Itoa(int(c.East)+50) || x["y_mp_100m"] != strconv.Itoa(int(c.North)+50) {
			t.Fatalf("%v: the centre is not that of the cell", x)
		}
		n, err := strconv.Atoi(x["Einwohner"])
		if err != nil || n < 3 {
			t.Fatalf("%v people: %v", x["Einwohner"], err)
		}
		people += n
	}
	if people != 20_000 {
		t.Errorf("%d people instead of 20,000", people)
	}
	for _, name := range []string{"Alter_in_10er-Jahresgruppen", "Alter_in_5_Altersklassen"} {
		dashes := 0
		for _, x := range table(t, open(t, dir, "zensus/Zensus2022_"+name+"_100m-Gitter.csv"), ';') {
			for column, v := range x {
				switch {
				case v == "–":
					dashes++
				case strings.HasPrefix(column, "a") || strings.HasPrefix(column, "Unter"):
					if n, err := strconv.Atoi(v); err != nil || n < 3 {
						t.Fatalf("%s of %v", column, x)
					}
				}
			}
		}
		if dashes == 0 {
			t.Errorf("%s has no dash", name)
		}
	}
}

func TestOffersTableIsWindows1252InUTM(t *testing.T) {
	dir := region(t, Options{Seed: 2, People: 20_000})
	raw, err := os.ReadFile(filepath.Join(dir, "offers/gesundheit.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), "best\xe4tigt") {
		t.Error("the umlaut is no single byte of Windows-1252")
	}
	box := boundsOf(t, dir)
	for _, x := range table(t, charmap.Windows1252.NewDecoder().Reader(strings.NewReader(string(raw))), ';') {
		east, err1 := strconv.ParseFloat(strings.Replace(x["Rechtswert"], ",", ".", 1), 64)
		north, err2 := strconv.ParseFloat(strings.Replace(x["Hochwert"], ",", ".", 1), 64)
		if err1 != nil || err2 != nil || !box.Contains(geo.FromUTM32(east, north)) {
			t.Fatalf("%v lies outside the region (%v, %v)", x, err1, err2)
		}
	}
	head := make([]byte, 3)
	if _, err := io.ReadFull(open(t, dir, "offers/sozialberatung.csv"), head); err != nil || string(head) != "\ufeff" {
		t.Errorf("the table of counselling begins with %x (%v)", head, err)
	}
}

func boundsOf(t *testing.T, dir string) geo.Box {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "region.toml"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(raw), "bounds = ")
	line, _, _ := strings.Cut(rest, "\n")
	var b [4]float64
	if err := json.Unmarshal([]byte(line), &b); err != nil {
		t.Fatal(err)
	}
	return geo.Box{MinLon: b[0], MinLat: b[1], MaxLon: b[2], MaxLat: b[3]}
}

// Districts tile their municipality: same area, and every cell lies in one of each.
func TestBoundariesTile(t *testing.T) {
	dir := region(t, Options{Seed: 2, People: 20_000})
	area := map[string]float64{}
	for _, name := range []string{"municipalities", "districts"} {
		raw, err := os.ReadFile(filepath.Join(dir, "boundaries", name+".geojson"))
		if err != nil {
			t.Fatal(err)
		}
		all, err := geojson.UnmarshalFeatureCollection(raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range all.Features {
			ags := f.Properties.MustString("ags")
			if len(ags) != 8 || ags[0] != '0' {
				t.Errorf("key %q is no eight digits with a leading zero", ags)
			}
			m, ok := f.Geometry.(interface{ Dimensions() int })
			if !ok || m.Dimensions() != 2 {
				t.Fatalf("%v is no area", f.Properties)
			}
			sign := 1.0
			if name == "districts" {
				sign = -1
			}
			area[ags] += sign * planar(t, f)
		}
	}
	for ags, left := range area {
		if math.Abs(left) > 1e-9 {
			t.Errorf("%s and its districts differ by %g square degrees", ags, left)
		}
	}
}

func planar(t *testing.T, f *geojson.Feature) float64 {
	t.Helper()
	raw, err := json.Marshal(geojson.NewGeometry(f.Geometry))
	if err != nil {
		t.Fatal(err)
	}
	var g struct{ Coordinates [][][][2]float64 }
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, polygon := range g.Coordinates {
		ring := polygon[0]
		if len(polygon) != 1 || ring[0] != ring[len(ring)-1] {
			t.Fatal("a ring is open, or there are holes")
		}
		for i := 1; i < len(ring); i++ {
			sum += (ring[i-1][0]*ring[i][1] - ring[i][0]*ring[i-1][1]) / 2
		}
	}
	if sum <= 0 {
		t.Error("a ring runs clockwise")
	}
	return sum
}

func TestStatisticsCarryMarkers(t *testing.T) {
	dir := region(t, Options{Seed: 2, People: 20_000})
	seen := map[string]bool{}
	for _, name := range []string{"haushalte", "arbeit"} {
		for _, x := range table(t, open(t, dir, "statistik", name+".csv"), ';') {
			for _, v := range x {
				seen[v] = true
			}
		}
	}
	for _, m := range []string{".", "x", "*", "-"} {
		if !seen[m] {
			t.Errorf("no marker %q", m)
		}
	}
	names := make([]string, 0, categories)
	for _, c := range categoryList {
		names = append(names, c.key)
	}
	if slices.Sort(names); len(slices.Compact(names)) != categories {
		t.Error("a category stands there twice")
	}
}
