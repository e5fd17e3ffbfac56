package street_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"gevor/geo"
	"gevor/internal/realdata"
	"gevor/osm"
	"gevor/street"
	"gevor/travel"
)

func readExtract(t testing.TB, set, file string) *osm.Extract {
	t.Helper()
	f, err := os.Open(filepath.Join(realdata.Dir(t, set), file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	x, err := osm.Read(context.Background(), f, st.Size(), file, osm.Limits{}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func build(t testing.TB, x *osm.Extract, o street.Options) *street.Network {
	t.Helper()
	n, err := street.Build(context.Background(), x, o)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// scatter gives places near random nodes of the extract, up to about 100 m away.
func scatter(x *osm.Extract, count int, seed uint64) []geo.LonLat {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]geo.LonLat, count)
	for i := range out {
		at := x.Nodes[r.IntN(len(x.Nodes))].At
		out[i] = geo.LonLat{Lon: at.Lon + (r.Float64()-0.5)*0.002, Lat: at.Lat + (r.Float64()-0.5)*0.002}
	}
	return out
}

func BenchmarkBuildPorto(b *testing.B) {
	x := readExtract(b, "porto", "porto_portugal.osm.pbf")
	for b.Loop() {
		build(b, x, street.Options{})
	}
}

func BenchmarkLinkPorto(b *testing.B) {
	x := readExtract(b, "porto", "porto_portugal.osm.pbf")
	n := build(b, x, street.Options{})
	places := scatter(x, 10000, 1)
	for b.Loop() {
		n.Link(travel.Walk, places, 0)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(places)), "ns/point")
}

func benchmarkReach(b *testing.B, mode travel.Mode, minutes travel.Seconds) {
	x := readExtract(b, "porto", "porto_portugal.osm.pbf")
	n := build(b, x, street.Options{})
	from := n.Link(mode, scatter(x, 1000, 1), 0)
	to := n.Link(mode, scatter(x, 2000, 2), 0)
	s := n.NewSearch(mode, street.Speed{})
	var hits []street.Hit
	total, i := 0, 0
	for b.Loop() {
		hits = s.Reach(from, i%from.Len(), to, minutes*60, false, hits[:0])
		total += len(hits)
		i++
	}
	b.ReportMetric(float64(total)/float64(b.N), "hits/op")
}

func BenchmarkReachWalk30(b *testing.B) { benchmarkReach(b, travel.Walk, 30) }
func BenchmarkReachCar30(b *testing.B)  { benchmarkReach(b, travel.Car, 30) }

func benchmarkRows(b *testing.B, mode travel.Mode, minutes travel.Seconds, origins, targets int, prepare bool) {
	x := readExtract(b, "porto", "porto_portugal.osm.pbf")
	n := build(b, x, street.Options{})
	if prepare {
		if err := n.Prepare(context.Background(), []travel.Mode{mode}, street.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	from, to := n.Link(mode, scatter(x, origins, 1), 0), n.Link(mode, scatter(x, targets, 2), 0)
	pairs := 0
	for b.Loop() {
		pairs = 0
		err := n.Rows(context.Background(), mode, street.Speed{}, from, to, minutes*60, 0, func(r travel.Row) error {
			pairs += len(r.To)
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(pairs), "hits")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(origins), "ns/origin")
}

func BenchmarkRowsWalk15To500(b *testing.B) { benchmarkRows(b, travel.Walk, 15, 50000, 500, false) }

func BenchmarkRowsWalk30To20000(b *testing.B) { benchmarkRows(b, travel.Walk, 30, 20000, 20000, false) }

func BenchmarkRowsCar20To500(b *testing.B) { benchmarkRows(b, travel.Car, 20, 20000, 500, false) }

func BenchmarkRowsCar20To500Swept(b *testing.B) { benchmarkRows(b, travel.Car, 20, 20000, 500, true) }

func BenchmarkRowsCar20To5000Swept(b *testing.B) { benchmarkRows(b, travel.Car, 20, 20000, 5000, true) }

func BenchmarkPreparePortoCar(b *testing.B) {
	x := readExtract(b, "porto", "porto_portugal.osm.pbf")
	for b.Loop() {
		b.StopTimer()
		n := build(b, x, street.Options{})
		b.StartTimer()
		if err := n.Prepare(context.Background(), []travel.Mode{travel.Car}, street.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
