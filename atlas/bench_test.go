package atlas_test

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"gevor/atlas"
	"gevor/geo"
	"gevor/region"
	"gevor/travel"
)

// beeline travels in straight lines at a speed per mode, so that a benchmark measures the atlas and not the engines.
type beeline struct{}

var metresPerSecond = map[travel.Mode]float64{travel.Walk: 1.25, travel.WalkNoSteps: 1.2, travel.Bike: 4, travel.Car: 8, travel.Transit: 3.5}

func (beeline) Offers(travel.Mode) bool { return true }

func (beeline) Linked(_ travel.Mode, at []geo.LonLat) []bool {
	out := make([]bool, len(at))
	for i := range out {
		out[i] = true
	}
	return out
}

func (beeline) Rows(_ context.Context, leg atlas.Leg, from, to []geo.LonLat, yield func(atlas.Reached) error) error {
	const metres = 111_195.0
	speed := metresPerSecond[leg.Mode]
	bound := speed * float64(leg.Max)
	narrow := math.Cos(51.5 * math.Pi / 180)
	flat := func(p geo.LonLat) (x, y float64) { return p.Lon * metres * narrow, p.Lat * metres }
	type key [2]int
	buckets := map[key][]int32{}
	for j, p := range to {
		x, y := flat(p)
		k := key{int(x / bound), int(y / bound)}
		buckets[k] = append(buckets[k], int32(j))
	}
	type pair struct {
		to int32
		s  travel.Seconds
	}
	var pairs []pair
	r := atlas.Reached{Seconds: make([][]travel.Seconds, 1)}
	for i, p := range from {
		x, y := flat(p)
		pairs = pairs[:0]
		for bx := int(x/bound) - 1; bx <= int(x/bound)+1; bx++ {
			for by := int(y/bound) - 1; by <= int(y/bound)+1; by++ {
				for _, j := range buckets[key{bx, by}] {
					u, v := flat(to[j])
					if d := math.Hypot(u-x, v-y); d <= bound {
						pairs = append(pairs, pair{j, travel.Seconds(math.Ceil(d / speed))})
					}
				}
			}
		}
		slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.to, b.to) })
		r.From, r.To, r.Seconds[0] = int32(i), r.To[:0], r.Seconds[0][:0]
		for _, q := range pairs {
			if q.s <= leg.Max {
				r.To, r.Seconds[0] = append(r.To, q.to), append(r.Seconds[0], q.s)
			}
		}
		if err := yield(r); err != nil {
			return err
		}
	}
	return nil
}

// bigRegion has 170,000 populated cells with 5.1 million people, 53 municipalities and 20,000 offers in ten
// categories, and twelve standards: eight on the nearest place, four on capacity.
func bigRegion() *region.Snapshot {
	const side, cells, offers, towns = 660, 170_000, 20_000, 53
	r := rand.New(rand.NewPCG(1, 2))
	s := &region.Snapshot{Date: time.Date(2026, 5, 12, 0, 0, 0, 0, time.UTC), Sources: []region.Source{{Status: "open"}}}
	for i := range towns {
		s.Areas = append(s.Areas, region.Area{Kind: region.Municipality, Parent: -1}, region.Area{Kind: region.District, Parent: int32(2 * i)})
	}
	for c := range 10 {
		s.Categories = append(s.Categories, region.Category{Key: string(rune('a' + c))})
	}
	taken := make([]bool, side*side)
	for n := 0; n < cells; {
		// Towns thin out towards their edges.
		t := r.IntN(towns)
		x := int(float64(45+90*(t%7)) + 30*r.NormFloat64())
		y := int(float64(40+80*(t/7)) + 30*r.NormFloat64())
		if x >= 0 && y >= 0 && x < side && y < side && !taken[y*side+x] {
			taken[y*side+x] = true
			n++
		}
	}
	c := &s.Cells
	c.SizeM = 100
	g := region.Group{Key: "all", State: region.GroupKnown, Need: 1}
	for i, is := range taken {
		if !is {
			continue
		}
		x, y := i%side, i/side
		cell := geo.Cell{SizeM: 100, East: int32(4_100_000 + 100*x), North: int32(3_100_000 + 100*y)}
		c.ID, c.At = append(c.ID, cell.String()), append(c.At, cell.Centre())
		c.East, c.North = append(c.East, cell.East), append(c.North, cell.North)
		c.Population = append(c.Population, float32(1+r.IntN(59)))
		t := int32(x/95) + 7*int32(min(y/88, 6))
		c.Municipality, c.District = append(c.Municipality, 2*t), append(c.District, 2*t+1)
		g.Flag = append(g.Flag, region.Known)
	}
	g.People = c.Population
	s.Groups = []region.Group{g}
	for range offers {
		at := r.IntN(cells)
		s.Offers = append(s.Offers, region.Offer{Categories: []int32{int32(r.IntN(10))}, At: c.At[at], Municipality: c.Municipality[at], Capacity: float64(1 + r.IntN(3))})
	}
	for i := range 12 {
		std := region.Standard{Key: string(rune('a' + i)), Category: int32(i % 10), Nearest: 1 + i%2}
		switch i % 3 {
		case 0:
			std.Ways = []region.Way{{Mode: travel.Walk, Minutes: 15, EarlierDeparture: -1}, {Mode: travel.Transit, Minutes: 30, Departure: 36000, Percentile: 50, EarlierDeparture: -1}}
		case 1:
			std.Ways = []region.Way{{Mode: travel.WalkNoSteps, Minutes: 20, EarlierDeparture: -1}}
		case 2:
			std.Ways = []region.Way{{Mode: travel.Car, Minutes: 20, EarlierDeparture: -1}}
			std.Nearest, std.PerThousand = 0, 0.7
		}
		s.Standards = append(s.Standards, std)
	}
	return s
}

// BenchmarkBigRegion reports the wall time of a whole analysis beyond travel (travel in straight lines is part of
// it) and the heap in use right after it.
func BenchmarkBigRegion(b *testing.B) {
	s := bigRegion()
	for b.Loop() {
		stages := map[string]time.Time{}
		var peak uint64
		r, err := atlas.Analyse(context.Background(), s, atlas.Params{Journeys: beeline{}}, func(stage string, done, total int64) {
			if done == 0 {
				stages[stage] = time.Now()
			}
			if done == total {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapInuse)
				b.Logf("%s: %v for %d rows, heap %d MiB", stage, time.Since(stages[stage]).Round(time.Millisecond), total, m.HeapInuse>>20)
			}
		})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(peak)/(1<<20), "MiB-heap")
		b.ReportMetric(float64(len(r.Findings)), "findings")
	}
}
