package spatial_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"gevor/spatial"
)

// LISA of a region of 170,000 cells of 100 m with eight neighbours each, 999 conditional permutations.
func BenchmarkLISA170000(b *testing.B) {
	const rows, cols = 425, 400
	xy := make([][2]float64, 0, rows*cols)
	for r := range rows {
		for c := range cols {
			xy = append(xy, [2]float64{float64(100 * c), float64(100 * r)})
		}
	}
	w, err := spatial.DistanceBand(spatial.Planar(xy), 150, 0)
	if err != nil {
		b.Fatal(err)
	}
	w = w.RowStandardised()
	r := rand.New(rand.NewPCG(1, 1))
	x := make([]float64, len(xy))
	for i := range x {
		x[i] = math.Exp(r.NormFloat64())
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := spatial.LocalMoran(x, w); err != nil {
			b.Fatal(err)
		}
		p, err := spatial.PermuteLag(x, w, spatial.Permutation{Count: 999, Seed: 1, Workers: runtime.GOMAXPROCS(0)})
		if err != nil {
			b.Fatal(err)
		}
		values := make([]float64, len(p))
		for i, v := range p {
			values[i] = v.P
		}
		spatial.FalseDiscovery(values)
	}
}

// A map of 5,000 areas × 52 weeks with about 0.14 cases a week in each. Windows hold
// up to 5 % of the people (about 250 areas).
func scan5000(b *testing.B, o spatial.ScanOptions) {
	const n, weeks = 5000, 52
	r := rand.New(rand.NewPCG(1, 2))
	d := spatial.ScanData{Periods: weeks}
	xy := make([][2]float64, n)
	for i := range xy {
		xy[i] = [2]float64{50000 * r.Float64(), 50000 * r.Float64()}
		people := 300 + 1500*r.Float64()
		d.Population = append(d.Population, people)
		for range weeks {
			d.Base = append(d.Base, people)
			c := 0
			for u := r.Float64(); u < people/9000; u *= 6 { // about 0.14 cases a week and area
				c++
			}
			d.Cases = append(d.Cases, c)
		}
	}
	d.Places = spatial.Planar(xy)
	o.MaxShare, o.Seed, o.Workers, o.MaxClusters = 0.05, 1, runtime.GOMAXPROCS(0), 3
	b.ReportAllocs()
	for b.Loop() {
		if _, err := spatial.Scan(d, o); err != nil {
			b.Fatal(err)
		}
	}
}

// Prospective, up to eight weeks: 5,000 × 250 × 8 windows in every replication.
func BenchmarkScanProspective5000x52(b *testing.B) {
	scan5000(b, spatial.ScanOptions{Draws: 999, Prospective: true, MaxLength: 8})
}

// Retrospective, up to eight weeks: 5,000 × 250 × 388 windows in every replication; 9 replications, to be scaled up.
func BenchmarkScanRetrospective5000x52Draws9(b *testing.B) {
	scan5000(b, spatial.ScanOptions{Draws: 9, MaxLength: 8})
}

// BYM2 on a map of 2,500 areas, from data to posterior.
func BenchmarkBYM2Of2500(b *testing.B) {
	w := grid(b, 50, 50)
	r := rand.New(rand.NewPCG(1, 1))
	y, e := make([]float64, w.Len()), make([]float64, w.Len())
	for i := range y {
		e[i] = 5 + 10*r.Float64()
		y[i] = math.Round(e[i] * math.Exp(0.3*math.Sin(float64(i%50)/8)+0.2*r.NormFloat64()))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := spatial.BYM2(y, e, nil, w, spatial.BYM2Options{Workers: runtime.GOMAXPROCS(0)}); err != nil {
			b.Fatal(err)
		}
	}
}
