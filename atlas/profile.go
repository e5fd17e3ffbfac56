package atlas

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"gevor/geo"
	"gevor/region"
	"gevor/travel"
)

// profiles sums the layers up by district. An offer counts in the district whose shape holds it.
func profiles(snap *region.Snapshot, r *Result) []Profile {
	var areas []int32
	index := make([]int32, len(snap.Areas))
	for i := range snap.Areas {
		index[i] = -1
		if snap.Areas[i].Kind == region.District {
			index[i] = int32(len(areas))
			areas = append(areas, int32(i))
		}
	}
	if len(areas) == 0 {
		return nil
	}
	out := make([]Profile, len(areas))
	cells := make([][]int32, len(areas))
	for i := range snap.Cells.Len() {
		if d := snap.Cells.District[i]; d >= 0 {
			at := index[d]
			cells[at] = append(cells[at], int32(i))
			out[at].Population += float64(snap.Cells.Population[i])
		}
	}
	offers := offersByDistrict(snap, areas)
	tallies := make([]standardTally, len(snap.Standards))
	for i := range tallies {
		tallies[i] = tally(snap, &r.Layers[i])
	}
	for i, area := range areas {
		p := &out[i]
		p.Area = area
		for g := range snap.Groups {
			p.Groups = append(p.Groups, groupIn(&snap.Groups[g], int32(g), cells[i]))
		}
		for s := range snap.Standards {
			p.Standards = append(p.Standards, lineFor(snap, r, int32(s), area, cells[i], &tallies[s]))
		}
		p.Offers = offers[i]
	}
	return out
}

// groupIn sums a group over cells; suppressed and missing numbers add nobody, and the suppressed are counted.
func groupIn(g *region.Group, index int32, cells []int32) GroupCount {
	c := GroupCount{Group: index, State: g.State}
	if g.State == region.GroupUnknown {
		return c
	}
	for _, i := range cells {
		switch g.Flag[i] {
		case region.Suppressed:
			c.Suppressed++
		case region.Missing:
		default:
			c.People += float64(g.People[i])
		}
	}
	return c
}

// standardTally holds people and missing people by municipality and in all.
type standardTally struct {
	people, missing       []float64 // by area
	allPeople, allMissing float64
}

func tally(snap *region.Snapshot, l *Layer) standardTally {
	t := standardTally{people: make([]float64, len(snap.Areas)), missing: make([]float64, len(snap.Areas))}
	g := &snap.Groups[snap.Standards[l.Standard].Group]
	for i, st := range l.State {
		if st != CellMet && st != CellMissed {
			continue
		}
		people, missing := float64(g.People[i]), 0.0
		if st == CellMissed {
			missing = people
		}
		t.allPeople += people
		t.allMissing += missing
		if m := snap.Cells.Municipality[i]; m >= 0 {
			t.people[m] += people
			t.missing[m] += missing
		}
	}
	return t
}

func shareOfPeople(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return part / whole
}

func lineFor(snap *region.Snapshot, r *Result, standard, area int32, cells []int32, t *standardTally) ProfileLine {
	line := ProfileLine{Standard: standard, Known: r.Summaries[standard].Known, MedianMinutes: math.NaN()}
	if !line.Known {
		return line
	}
	layer := &r.Layers[standard]
	people := snap.Groups[snap.Standards[standard].Group].People
	var causes [7]float64
	var times []weighted
	for _, i := range cells {
		st := layer.State[i]
		if st != CellMet && st != CellMissed {
			continue
		}
		p := float64(people[i])
		line.People += p
		times = append(times, weighted{layer.Seconds[i], p})
		if st == CellMissed {
			line.Missing += p
			causes[layer.Cause[i]] += p
		}
	}
	for c := range causes {
		if causes[c] > causes[line.MainCause] {
			line.MainCause = Cause(c)
		}
	}
	line.MissingShare = shareOfPeople(line.Missing, line.People)
	if m := snap.Areas[area].Parent; m >= 0 {
		line.MunicipalityShare = shareOfPeople(t.missing[m], t.people[m])
	}
	line.RegionShare = shareOfPeople(t.allMissing, t.allPeople)
	line.MedianMinutes = medianMinutes(times)
	return line
}

type weighted struct {
	seconds int32
	people  float64
}

// medianMinutes is the time within which at least half of the people arrive; NaN where that never happens.
func medianMinutes(times []weighted) float64 {
	slices.SortFunc(times, func(a, b weighted) int { return cmp.Compare(a.seconds, b.seconds) })
	total := 0.0
	for _, t := range times {
		total += t.people
	}
	sum := 0.0
	for _, t := range times {
		sum += t.people
		if sum >= total/2 && t.seconds != int32(travel.Unreached) {
			return float64(t.seconds) / 60
		}
	}
	return math.NaN()
}

// offersByDistrict counts the offers of every category in every district; categories without offers are left out.
func offersByDistrict(snap *region.Snapshot, areas []int32) [][]CategoryCount {
	shapes := make([]orb.MultiPolygon, len(areas))
	for i, a := range areas {
		shapes[i] = snap.Areas[a].Shape
	}
	locator := geo.NewLocator(shapes)
	counts := make([]map[int32]int, len(areas))
	var hit []int32
	for i := range snap.Offers {
		hit = locator.At(snap.Offers[i].At, hit)
		for _, d := range hit {
			if counts[d] == nil {
				counts[d] = map[int32]int{}
			}
			for _, c := range snap.Offers[i].Categories {
				counts[d][c]++
			}
		}
	}
	out := make([][]CategoryCount, len(areas))
	for d, m := range counts {
		for _, c := range sorted(m) {
			out[d] = append(out[d], CategoryCount{Category: c, Offers: m[c]})
		}
	}
	return out
}
