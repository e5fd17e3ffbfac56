// Package sample makes up results of any size from a seed, without any analysis, so that what writes, draws and
// shows results can be tested and measured alone. Its numbers mean nothing, but they keep the rules of the result's
// types: unknown groups have no layer, causes only where a standard is missed, shares that add up.
package sample

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"gevor/atlas"
	"gevor/geo"
	"gevor/notice"
	"gevor/region"
	"gevor/travel"
)

// South-west corner of every sample in metres of EPSG:3035, in the Ruhr.
const (
	east0  = 4_110_000
	north0 = 3_150_000
)

// Result makes up a result with about so many cells (at least 16) in a square, cut into 2 x 2 municipalities of
// 2 x 2 districts each.
func Result(seed uint64, cells int) *atlas.Result {
	rng := rand.New(rand.NewPCG(seed, 7))
	side := max(4, int(math.Round(math.Sqrt(float64(cells))))/4*4)
	s := &region.Snapshot{
		Hash: fmt.Sprintf("%064x", seed+1), Synthetic: true, TimeZone: "Europe/Berlin",
		Name: region.Label{"de": "Musterrevier", "en": "Model region"},
		Date: time.Date(2026, 5, 12, 0, 0, 0, 0, time.UTC), ServiceDay: time.Date(2026, 5, 12, 0, 0, 0, 0, time.UTC), WalkKmh: 4.5,
		Sources: []region.Source{
			{Key: "osm", Title: "Straßennetz", Publisher: "Demo", Licence: "ODbL-1.0", URL: "https://example.org/osm", ReferenceDate: "2026-05-01", Status: "open", Attribution: "© OpenStreetMap contributors"},
			{Key: "census", Title: "Zensus <Demo> & mehr", Publisher: "Demo", Licence: "dl-de/by-2-0", ReferenceDate: "2022", Status: "cleared", Attribution: "Zensus 2022"},
		},
		Inputs: []region.Input{{Path: "osm/demo.osm.pbf", Bytes: 4711, SHA256: fmt.Sprintf("%064x", 1), Source: "osm"}},
		Counts: []notice.Count{{File: "zensus/demo.csv", Read: 10, Used: 9, Rejected: 1}},
		Notices: []notice.Notice{
			{Severity: notice.Reject, File: "zensus/demo.csv", Line: 3, Field: "Einwohner", Value: "zwölf", Rule: "not-a-number", Advice: "write a number"},
		},
	}
	putAreas(s, side)
	putCells(s, side, rng)
	putCatalogue(s, rng)
	r := &atlas.Result{Snapshot: s, Notices: []notice.Notice{{Severity: notice.Warning, Rule: "standard-unknown", Value: "x", Advice: "give data"}}}
	for i := range s.Standards {
		r.Layers = append(r.Layers, layer(s, int32(i), rng))
		r.Summaries = append(r.Summaries, summary(r, i))
		if s.Groups[s.Standards[i].Group].State != region.GroupUnknown {
			r.Findings = append(r.Findings, findings(r, int32(i), side, rng)...)
		}
	}
	slices.SortStableFunc(r.Findings, func(a, b atlas.Finding) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	for _, f := range r.Findings {
		r.Summaries[f.Standard].Findings++
	}
	for i, a := range s.Areas {
		if a.Kind == region.District {
			r.Profiles = append(r.Profiles, profile(r, int32(i)))
		}
	}
	return r
}

func putAreas(s *region.Snapshot, side int) {
	half, quarter := side/2, side/4
	for m := range 4 {
		x, y := m%2*half, m/2*half
		s.Areas = append(s.Areas, region.Area{
			Key: fmt.Sprintf("0591%d000", m), Kind: region.Municipality, Name: []string{"Nordstadt", "Ahlenberg", "Grünau", "Südfeld"}[m],
			Parent: -1, Shape: rectangle(x, y, half), Source: "osm",
		})
	}
	for m := range 4 {
		for d := range 4 {
			x, y := m%2*half+d%2*quarter, m/2*half+d/2*quarter
			s.Areas = append(s.Areas, region.Area{
				Key: fmt.Sprintf("0591%d-%d", m, d), Kind: region.District, Name: fmt.Sprintf("Stadtteil %d.%d", m+1, d+1),
				Parent: int32(m), Shape: rectangle(x, y, quarter), ValidFrom: "2020-01-01", Source: "osm",
			})
		}
	}
	low, high := geo.FromLAEA(east0, north0), geo.FromLAEA(east0+float64(side)*100, north0+float64(side)*100)
	s.Bounds = geo.Box{MinLon: low.Lon, MinLat: low.Lat, MaxLon: high.Lon, MaxLat: high.Lat}.Grow(500)
}

func rectangle(x, y, n int) orb.MultiPolygon {
	corner := func(x, y int) orb.Point {
		p := geo.FromLAEA(float64(east0+x*100), float64(north0+y*100))
		return orb.Point{p.Lon, p.Lat}
	}
	return orb.MultiPolygon{{{corner(x, y), corner(x+n, y), corner(x+n, y+n), corner(x, y+n), corner(x, y)}}}
}

func putCells(s *region.Snapshot, side int, rng *rand.Rand) {
	c := &s.Cells
	c.SizeM = 100
	half, quarter := side/2, side/4
	for y := range side {
		for x := range side {
			cell := geo.Cell{SizeM: 100, North: north0 + int32(y)*100, East: east0 + int32(x)*100}
			m := y/half*2 + x/half
			c.ID = append(c.ID, cell.String())
			c.At = append(c.At, cell.Centre())
			c.East, c.North = append(c.East, cell.East), append(c.North, cell.North)
			c.Municipality = append(c.Municipality, int32(m))
			c.District = append(c.District, int32(4+m*4+y%half/quarter*2+x%half/quarter))
			people, flag := rng.IntN(90), region.Known
			if people == 0 {
				flag = region.Suppressed
			}
			c.Population, c.Flag = append(c.Population, float32(people)), append(c.Flag, flag)
		}
	}
}

func putCatalogue(s *region.Snapshot, rng *rand.Rand) {
	n := s.Cells.Len()
	s.Groups = []region.Group{
		{Key: "kinder_u6", Label: region.Label{"de": "Kinder unter 6", "en": "Children under 6"}, State: region.GroupKnown, Need: 1, Method: "grid-column", Source: "census"},
		{Key: "alleinerziehende", Label: region.Label{"de": "Alleinerziehende", "en": "Single parents"}, State: region.GroupEstimated, RelError: 0.3, Need: 1.2, Method: "district-spread-by-population", Source: "census"},
		{Key: "ohne_versicherung", Label: region.Label{"de": "Menschen ohne Krankenversicherung", "en": "People without health insurance"}, State: region.GroupUnknown, Need: 1.5},
	}
	for i := range s.Groups[:2] {
		g := &s.Groups[i]
		for c := range n {
			flag, people := s.Cells.Flag[c], s.Cells.Population[c]*float32(rng.Float64()*0.2)
			if i == 1 && flag == region.Known {
				flag = region.Estimated
			}
			g.People, g.Flag = append(g.People, people), append(g.Flag, flag)
		}
	}
	s.Categories = []region.Category{
		{Key: "arzt", Label: region.Label{"de": "Arztpraxis", "en": "Medical practice"}},
		{Key: "kinderarzt", Label: region.Label{"de": "Kinder- und Jugendarztpraxis", "en": "Paediatric practice"}, Parent: "arzt"},
		{Key: "beratung", Label: region.Label{"de": "Sozialberatung", "en": "Social counselling"}},
	}
	for i := range max(3, n/40) {
		c := rng.IntN(n)
		o := region.Offer{
			ID: fmt.Sprintf("offer-%04d", i), Name: fmt.Sprintf("Praxis Nr. %d", i), Categories: []int32{int32(1 + i%2)}, At: s.Cells.At[c],
			Municipality: s.Cells.Municipality[c], Capacity: math.NaN(), ConfirmedOn: "2026-01-15", ConfirmEvery: 180, StepFree: region.Tristate(i % 3), Source: "osm", Record: fmt.Sprint(i),
		}
		if i%3 == 0 {
			o.Capacity = float64(1 + i%4)
		}
		switch i % 4 {
		case 0:
			o.Languages = []string{"de", "tr"}
		case 1:
			o.Languages = []string{"de"}
		}
		if i%5 == 0 {
			o.ServiceAreas = []int32{o.Municipality}
		}
		s.Offers = append(s.Offers, o)
	}
	value := make([]float64, len(s.Areas))
	for i := range value {
		value[i] = math.NaN()
		if s.Areas[i].Kind == region.District {
			value[i] = rng.Float64()
		}
	}
	s.Need = []region.NeedFactor{{Key: "sgb2", Label: region.Label{"de": "SGB-II-Quote", "en": "Share on basic income support"}, Weight: 0.5, Value: value, Source: "census"}}
	walk := region.Way{Mode: travel.Walk, Minutes: 15, EarlierDeparture: -1}
	bus := region.Way{Mode: travel.Transit, Minutes: 30, Departure: 20 * 3600, Window: 3600, Percentile: 50, EarlierDeparture: 10 * 3600}
	s.Standards = []region.Standard{
		{Key: "kinderarzt-15", Label: region.Label{"de": "Kinderarzt in 15 Minuten zu Fuß oder 30 mit Bus und Bahn", "en": "Paediatrician within 15 minutes on foot or 30 by public transport"}, Group: 0, Category: 1, Ways: []region.Way{walk, bus}, Nearest: 1},
		{Key: "beratung-plaetze", Label: region.Label{"de": "Genug Beratungsplätze", "en": "Enough counselling"}, Group: 1, Category: 2, Ways: []region.Way{{Mode: travel.Car, Minutes: 20, EarlierDeparture: -1}}, PerThousand: 0.6},
		{Key: "beratung-ohne-versicherung", Label: region.Label{"de": "Beratung ohne Versicherung", "en": "Counselling without insurance"}, Group: 2, Category: 2, Ways: []region.Way{walk}, Nearest: 2},
	}
}

func layer(s *region.Snapshot, standard int32, rng *rand.Rand) atlas.Layer {
	n := s.Cells.Len()
	st := s.Standards[standard]
	g := s.Groups[st.Group]
	l := atlas.Layer{
		Standard: standard, State: make([]atlas.CellState, n), Cause: make([]atlas.Cause, n), Seconds: make([]int32, n),
		Access: make([]float32, n), Shortfall: make([]float32, n), Walls: make([]bool, n),
	}
	side := int(math.Sqrt(float64(n)))
	for i := range n {
		l.Access[i], l.Seconds[i] = float32(math.NaN()), int32(travel.Unreached)
		switch {
		case g.State == region.GroupUnknown || g.Flag[i] == region.Suppressed:
			l.State[i] = atlas.CellUnknown
			continue
		case g.People[i] == 0:
			l.State[i] = atlas.CellEmpty
			continue
		}
		// Patches of missed cells whose place and cause change slowly over the square.
		wave := math.Sin(float64(i%side)*9/float64(side)+float64(standard)) * math.Cos(float64(i/side)*7/float64(side))
		l.Seconds[i] = int32(900 + 700*wave + rng.Float64()*60)
		if st.PerThousand > 0 {
			l.Access[i] = float32(0.6 - 0.5*wave)
		}
		if wave > 0.3 {
			l.State[i], l.Shortfall[i] = atlas.CellMissed, float32(min(1, wave))
			l.Cause[i] = atlas.Cause(1 + (i%side*6)/side)
		} else {
			l.Walls[i] = wave > 0.1
		}
	}
	return l
}

func summary(r *atlas.Result, i int) atlas.StandardSummary {
	s, l := r.Snapshot, &r.Layers[i]
	st := s.Standards[i]
	g := s.Groups[st.Group]
	sum := atlas.StandardSummary{Standard: int32(i), Known: g.State != region.GroupUnknown}
	for _, o := range s.Offers {
		if slices.Contains(o.Categories, st.Category) {
			sum.Data.Offers++
		}
	}
	sum.Data.CapacityKnown, sum.Data.ConfirmedInTime = 0.33, 0.75
	if !sum.Known {
		return sum
	}
	for c := range l.State {
		switch l.State[c] {
		case atlas.CellMissed:
			sum.Missing += float64(g.People[c])
			sum.MissingByCause[l.Cause[c]] += float64(g.People[c])
			sum.People += float64(g.People[c])
		case atlas.CellMet:
			sum.People += float64(g.People[c])
			if l.Walls[c] {
				sum.Walls += float64(g.People[c])
			}
		case atlas.CellUnknown:
			sum.Suppressed++
		}
	}
	return sum
}
