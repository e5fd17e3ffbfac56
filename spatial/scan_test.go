package spatial_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gevor/spatial"
)

func xlog(x, e float64) float64 {
	if x <= 0 {
		return 0
	}
	return x * math.Log(x/e)
}

// bestByHand looks at every window as the definition says: circles of nearest places within the share, stretches of
// periods within the lengths.
func bestByHand(d spatial.ScanData, o spatial.ScanOptions) (llr float64) {
	n, t := d.Places.Len(), d.Periods
	var cases, base, people float64
	for k, c := range d.Cases {
		cases += float64(c)
		base += d.Base[k]
	}
	for _, p := range d.Population {
		people += p
	}
	for centre := range n {
		circle := append([]int32{int32(centre)}, d.Places.Nearest(n - 1)[centre]...)
		inside := 0.0
		for k, area := range circle {
			if inside += d.Population[area]; inside > o.MaxShare*people*(1+1e-12) {
				break
			}
			for from := range t {
				for to := from + 1; to <= t; to++ {
					if to-from < o.MinLength || to-from > o.MaxLength || o.Prospective && to < t {
						continue
					}
					var c, b float64
					for _, i := range circle[:k+1] {
						for p := from; p < to; p++ {
							c += float64(d.Cases[int(i)*t+p])
							b += d.Base[int(i)*t+p]
						}
					}
					e := b * cases / base
					if c <= e {
						continue
					}
					v := xlog(c, e) + xlog(cases-c, cases-e)
					if o.Bernoulli {
						v += xlog(b-c, b-e) + xlog(base-b-cases+c, base-b-cases+e)
					}
					llr = math.Max(llr, v)
				}
			}
		}
	}
	return llr
}

func TestScanAgainstAllWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, periods := rapid.IntRange(3, 9).Draw(t, "n"), rapid.IntRange(1, 5).Draw(t, "periods")
		xy := make([][2]float64, n)
		d := spatial.ScanData{Periods: periods}
		for i := range xy {
			xy[i] = [2]float64{rapid.Float64Range(0, 10).Draw(t, "x"), rapid.Float64Range(0, 10).Draw(t, "y")}
			d.Population = append(d.Population, float64(rapid.IntRange(1, 50).Draw(t, "people")))
			for range periods {
				b := rapid.IntRange(1, 30).Draw(t, "base")
				d.Base = append(d.Base, float64(b))
				d.Cases = append(d.Cases, rapid.IntRange(0, b).Draw(t, "cases"))
			}
		}
		d.Places = spatial.Planar(xy)
		o := spatial.ScanOptions{
			Bernoulli: rapid.Bool().Draw(t, "bernoulli"), MaxShare: rapid.Float64Range(0.2, 0.5).Draw(t, "share"),
			MinLength: 1, MaxLength: rapid.IntRange(1, periods).Draw(t, "length"), Prospective: rapid.Bool().Draw(t, "prospective"),
			MaxClusters: n,
		}
		want := bestByHand(d, o)
		got, err := spatial.Scan(d, o)
		if err != nil {
			return // no case, or no circle
		}
		if want == 0 {
			if len(got) != 0 {
				t.Fatalf("found %+v where there is nothing", got[0])
			}
			return
		}
		close2(t, "LLR", got[0].LLR, want)
		used := map[int]bool{}
		for k, c := range got {
			if k > 0 && c.LLR > got[k-1].LLR {
				t.Fatal("clusters are not in order")
			}
			sum := 0
			for _, i := range c.Areas {
				if used[i] {
					t.Fatalf("area %d is in two clusters", i)
				}
				used[i] = true
				for p := c.From; p < c.To; p++ {
					sum += d.Cases[i*periods+p]
				}
			}
			if sum != c.Cases || !(c.Risk > 1) || o.Prospective && c.To != periods {
				t.Fatalf("%+v, %d cases counted", c, sum)
			}
		}
	})
}

func scanMap(r *rand.Rand, n, periods int, mean float64) spatial.ScanData {
	d := spatial.ScanData{Periods: periods}
	xy := make([][2]float64, n)
	for i := range xy {
		xy[i] = [2]float64{r.Float64(), r.Float64()}
		people := 500 + 1000*r.Float64()
		d.Population = append(d.Population, people)
		for range periods {
			d.Base = append(d.Base, people)
			d.Cases = append(d.Cases, int(math.Round(people/1000*mean)))
		}
	}
	d.Places = spatial.Planar(xy)
	return d
}

// Cases placed by the null hypothesis itself have p-values that are uniform on 1/20 … 20/20: of 300 maps 30 lie at or
// below 0.1, give or take 4·√27. The control is a map with a planted cluster.
func TestScanKeepsItsLevel(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, bernoulli := range []bool{false, true} {
		low := 0
		for seed := range uint64(300) {
			d := scanMap(r, 15, 2, 0)
			for k := range d.Base {
				d.Base[k] = math.Round(d.Base[k] / 10)
			}
			for range 200 {
				for {
					k := r.IntN(len(d.Cases))
					if r.Float64()*150 < d.Base[k]-float64(d.Cases[k]) || !bernoulli && r.Float64()*150 < d.Base[k] {
						d.Cases[k]++
						break
					}
				}
			}
			if !bernoulli { // multinomial by base instead of by what is left
				clear(d.Cases)
				sum := 0.0
				for _, b := range d.Base {
					sum += b
				}
				for range 200 {
					u := r.Float64() * sum
					k := 0
					for u >= d.Base[k] {
						u -= d.Base[k]
						k++
					}
					d.Cases[k]++
				}
			}
			got, err := spatial.Scan(d, spatial.ScanOptions{Bernoulli: bernoulli, MaxShare: 0.4, Draws: 19, Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			if len(got) > 0 && got[0].P <= 0.1 {
				low++
			}
		}
		t.Logf("figure: scan, 300 maps without clusters (Bernoulli %t): %d with p ≤ 0.1, 30 expected", bernoulli, low)
		if low < 30-21 || low > 30+21 {
			t.Errorf("Bernoulli %t: %d of 300 p-values at or below 0.1", bernoulli, low)
		}
	}
	d := scanMap(r, 60, 12, 2)
	near := append([]int32{7}, d.Places.Nearest(3)[7]...)
	for _, i := range near {
		for p := 9; p < 12; p++ {
			d.Cases[int(i)*12+p] *= 4
		}
	}
	got := must(spatial.Scan(d, spatial.ScanOptions{MaxShare: 0.3, Prospective: true, Draws: 99, Seed: 1}))(t)
	if got[0].P != 0.01 || got[0].From != 9 || len(got[0].Areas) != 4 {
		t.Errorf("the planted cluster of 4 areas since period 9 came out as %+v", got[0])
	}
}

func TestScanIsTheSameOnAnyNumberOfWorkers(t *testing.T) {
	d := scanMap(rand.New(rand.NewPCG(2, 2)), 40, 6, 3)
	d.Cases[17] += 9
	run := func(workers int) []spatial.Cluster {
		return must(spatial.Scan(d, spatial.ScanOptions{MaxShare: 0.3, Draws: 99, Seed: 3, Workers: workers, MaxClusters: 4}))(t)
	}
	if a := run(1); !reflect.DeepEqual(a, run(2)) || !reflect.DeepEqual(a, run(4)) {
		t.Error("clusters depend on workers")
	}
}

func TestDegenerateScans(t *testing.T) {
	good := scanMap(rand.New(rand.NewPCG(1, 1)), 4, 2, 3)
	o := spatial.ScanOptions{MaxShare: 0.5}
	for what, change := range map[string]func(d *spatial.ScanData, o *spatial.ScanOptions){
		"no case":                 func(d *spatial.ScanData, _ *spatial.ScanOptions) { d.Cases = make([]int, 8) },
		"a negative case":         func(d *spatial.ScanData, _ *spatial.ScanOptions) { d.Cases[0] = -1 },
		"no base":                 func(d *spatial.ScanData, _ *spatial.ScanOptions) { d.Base = make([]float64, 8) },
		"cases without a base":    func(d *spatial.ScanData, _ *spatial.ScanOptions) { d.Base[2] = 0 },
		"a share above one half":  func(_ *spatial.ScanData, o *spatial.ScanOptions) { o.MaxShare = 0.6 },
		"no share":                func(_ *spatial.ScanData, o *spatial.ScanOptions) { o.MaxShare = 0 },
		"a share below all areas": func(_ *spatial.ScanData, o *spatial.ScanOptions) { o.MaxShare = 0.001 },
		"too long windows":        func(_ *spatial.ScanData, o *spatial.ScanOptions) { o.MaxLength = 3 },
		"lengths the wrong way":   func(_ *spatial.ScanData, o *spatial.ScanOptions) { o.MinLength, o.MaxLength = 2, 1 },
		"half a person":           func(d *spatial.ScanData, o *spatial.ScanOptions) { o.Bernoulli, d.Base[0] = true, 700.5 },
		"more cases than people": func(d *spatial.ScanData, o *spatial.ScanOptions) {
			o.Bernoulli = true
			for k := range d.Base {
				d.Base[k] = 1
			}
		},
		"one area": func(d *spatial.ScanData, _ *spatial.ScanOptions) {
			*d = spatial.ScanData{Places: spatial.Planar([][2]float64{{0, 0}}), Population: []float64{1}, Periods: 1, Cases: []int{1}, Base: []float64{1}}
		},
		"too few numbers": func(d *spatial.ScanData, _ *spatial.ScanOptions) { d.Cases = d.Cases[1:] },
	} {
		d, o := good, o
		d.Cases, d.Base = slices.Clone(good.Cases), slices.Clone(good.Base)
		change(&d, &o)
		_, err := spatial.Scan(d, o)
		invalid(t, what, err)
	}
	// The same rate everywhere: nothing is found, and that is no error.
	flat := good
	flat.Cases, flat.Base = []int{2, 2, 2, 2, 2, 2, 2, 2}, []float64{1, 1, 1, 1, 1, 1, 1, 1}
	if got, err := spatial.Scan(flat, spatial.ScanOptions{MaxShare: 0.5, Draws: 9}); err != nil || len(got) != 0 {
		t.Errorf("the same rate everywhere: %v %v", got, err)
	}
	// Without draws there is no p-value.
	if got := must(spatial.Scan(good, o))(t); len(got) > 0 && !math.IsNaN(got[0].P) {
		t.Error("a p-value without draws")
	}
}
