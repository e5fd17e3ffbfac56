package transit

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"gevor/geo"
	"gevor/gtfs"
	"gevor/internal/realdata"
	"gevor/notice"
	"gevor/osm"
	"gevor/street"
	"gevor/travel"
)

// porto is Porto Alegre as the tests need it.
type porto struct {
	feeds   []*gtfs.Feed
	streets *street.Network
}

func loadPorto(t testing.TB) porto {
	t.Helper()
	dir := realdata.Dir(t, "porto-alegre")
	read := func(name string) []byte {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	var notes notice.List
	var p porto
	for _, name := range []string{"poa_eptc.zip", "poa_trensurb.zip"} {
		raw := read(name)
		f, err := gtfs.Read(context.Background(), bytes.NewReader(raw), int64(len(raw)), name, gtfs.Limits{}, &notes)
		if err != nil {
			t.Fatal(err)
		}
		p.feeds = append(p.feeds, f)
	}
	raw := read("poa_osm.pbf")
	x, err := osm.Read(context.Background(), bytes.NewReader(raw), int64(len(raw)), "poa_osm.pbf", osm.Limits{}, &notes, nil)
	if err != nil {
		t.Fatal(err)
	}
	if p.streets, err = street.Build(context.Background(), x, street.Options{}); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p porto) build(t testing.TB) *Timetable {
	t.Helper()
	tt, err := Build(context.Background(), p.feeds, p.streets, Options{Date: time.Date(2019, 5, 13, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return tt
}

// points reads id, lon and lat of a file of places.
func points(t testing.TB, name string) (ids []string, places []geo.LonLat) {
	t.Helper()
	f, err := os.Open(filepath.Join(realdata.Dir(t, "porto-alegre"), name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, c := range rows[0] {
		column[c] = i
	}
	number := func(s string) float64 {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, r := range rows[1:] {
		ids = append(ids, r[column["id"]])
		places = append(places, geo.LonLat{Lon: number(r[column["lon"]]), Lat: number(r[column["lat"]])})
	}
	return ids, places
}

// TestPortoAlegreAgainstR5 compares median travel times from the public market with those of Conveyal R5, as
// published with the r5r package: departure 2019-05-13 14:00, window of 10 minutes, 3.6 km/h on foot.
func TestPortoAlegreAgainstR5(t *testing.T) {
	p := loadPorto(t)
	tt := p.build(t)
	ids, places := points(t, "poa_points_of_interest.csv")
	to := p.streets.Link(travel.Walk, places, 0)
	want := map[string]int{
		"bus_central_station": 13, "gasometer_museum": 12, "santa_casa_hospital": 13, "townhall": 3,
		"piratini_palace": 14, "metropolitan_cathedral": 15, "farroupilha_park": 18,
		"moinhos_de_vento_hospital": 20, "farrapos_station": 20,
	}
	q := Query{Departure: 14 * 3600, Window: 600, Percentiles: []int{50}, WalkKmh: 3.6, MaxWalk: 1800, Max: 3600}
	compared := 0
	err := tt.Rows(context.Background(), q, to, to, 2, func(r Row) error {
		if ids[r.From] != "public_market" {
			return nil
		}
		for k, j := range r.To {
			minutes := int(r.Seconds[0][k]) / 60
			r5, ok := want[ids[j]]
			t.Logf("%-32s %3d s = %2d min, R5 %2d", ids[j], r.Seconds[0][k], minutes, r5)
			if !ok {
				continue
			}
			compared++
			if minutes < r5-2 || minutes > r5+2 {
				t.Errorf("%s: %d minutes, R5 says %d", ids[j], minutes, r5)
			}
		}
		return nil
	})
	if err != nil || compared != len(want) {
		t.Fatalf("compared %d of %d: %v", compared, len(want), err)
	}
}

// BenchmarkPortoAlegre answers 1,227 × 1,227 hexagons over 120 departure minutes with five percentiles.
func BenchmarkPortoAlegre(b *testing.B) {
	p := loadPorto(b)
	tt := p.build(b)
	b.Logf("%+v", tt.Counts())
	_, places := points(b, "poa_hexgrid.csv")
	to := p.streets.Link(travel.Walk, places, 0)
	q := Query{Departure: 14 * 3600, Window: 7200, Percentiles: []int{5, 25, 50, 75, 95}, WalkKmh: 3.6, MaxWalk: 1800, Max: 7200}
	for b.Loop() {
		pairs, sum := 0, 0
		err := tt.Rows(context.Background(), q, to, to, 0, func(r Row) error {
			pairs += len(r.To)
			for _, s := range r.Seconds[2] {
				if s != travel.Unreached {
					sum += int(s)
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(pairs), "pairs")
		b.ReportMetric(float64(sum)/float64(pairs), "mean-median-s")
	}
}

// BenchmarkBuildPortoAlegre lays both feeds into a timetable, walks between stops included.
func BenchmarkBuildPortoAlegre(b *testing.B) {
	p := loadPorto(b)
	for b.Loop() {
		tt := p.build(b)
		b.ReportMetric(float64(tt.Counts().Calls), "calls")
		b.ReportMetric(float64(tt.Counts().Transfers), "transfers")
	}
}
