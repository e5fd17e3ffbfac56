package atlas

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gevor/geo"
	"gevor/region"
)

// CoarseStep is the width in people to which figures of what-ifs are protected.
const CoarseStep = 10

// Coarsen gives the region as what-ifs may know it: whoever tries out as much as he likes, one offer apart, overlapping,
// capacity by capacity, learns in the end the groups of this snapshot and nothing more, as no other is reckoned with.
//
// Cells are taken district by district along a Hilbert curve, and of the running sum of people C only the step of ten in
// which it lies is kept, the last step of a district reaching from its beginning to the district's end. A cell gets what
// the kept sum grows by. So one cell, or any run of cells, stays open by ten people at least, also to one who knows the
// exact number of every district, and a run of cells is never off by more than ten. Where all numbers are whole, one
// person of each inhabited cell is public, as maps show who is there, and only those beyond it are summed and stepped;
// otherwise an inhabited cell keeps a thousandth of a person, to stay inhabited.
//
// Not protected: a group against another that holds nearly all of it in the same cell, and people of two snapshots of
// which one was mended in few cells. Package disclosure's TestWhatIfsGiveNobodyAway bounds cells
// by linear programs, TestWhatIfsKnowNoMore shows that nothing else goes in.
func Coarsen(s *region.Snapshot) *region.Snapshot {
	out := *s
	out.Groups = slices.Clone(s.Groups)
	order := Along(&s.Cells)
	for g := range out.Groups {
		if x := &out.Groups[g]; x.State != region.GroupUnknown {
			x.People = coarse(&s.Cells, order, x)
		}
	}
	return &out
}

// inhabited is what a cell keeps of people whose number need not be whole.
const inhabited = 1e-3

func coarse(c *region.Cells, order []int32, g *region.Group) []float32 {
	out := slices.Clone(g.People)
	here := func(i int32) bool { return counted(g, int(i)) }
	shown, public := inhabited, 0.0
	if !slices.ContainsFunc(order, func(i int32) bool { return here(i) && g.People[i] != float32(math.Trunc(float64(g.People[i]))) }) {
		shown, public = 1, 1
	}
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && c.District[order[to]] == c.District[order[from]] {
			to++
		}
		total := 0.0
		var cells []int32
		for _, i := range order[from:to] {
			if here(i) {
				cells = append(cells, i)
				total += float64(g.People[i]) - public
			}
		}
		last := math.Max(0, math.Floor(total/CoarseStep)-1)
		sum, kept := 0.0, 0.0
		for n, i := range cells {
			sum += float64(g.People[i]) - public
			step := math.Min(math.Floor(sum/CoarseStep), last)
			if n == len(cells)-1 {
				step = math.Floor(total / CoarseStep)
			}
			now := CoarseStep*step + CoarseStep/2
			out[i] = float32(now - kept + shown)
			kept = now
		}
		from = to
	}
	return out
}

// Along orders cells by district, and within it along a Hilbert curve.
func Along(c *region.Cells) []int32 {
	box := geo.Box{MinLon: 180, MinLat: 90, MaxLon: -180, MaxLat: -90}
	for _, at := range c.At {
		box.MinLon, box.MaxLon = math.Min(box.MinLon, at.Lon), math.Max(box.MaxLon, at.Lon)
		box.MinLat, box.MaxLat = math.Min(box.MinLat, at.Lat), math.Max(box.MaxLat, at.Lat)
	}
	order, key := make([]int32, c.Len()), make([]uint32, c.Len())
	for i := range order {
		order[i], key[i] = int32(i), geo.Hilbert(c.At[i], box)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(c.District[a], c.District[b]), cmp.Compare(key[a], key[b]), cmp.Compare(a, b))
	})
	return order
}

// Rejudged gives the layers of the standards that are asked for, judged anew with the groups of a snapshot from the
// travel times kept: State, Access and Seconds, without causes and findings. Cost as a what-if's.
func Rejudged(ctx context.Context, snap *region.Snapshot, known *Approaches, p Params, asked func(standard int) bool) ([]Layer, error) {
	a, err := newWhatif(snap, p, nil)
	if err != nil {
		return nil, err
	}
	var out []Layer
	for i := range known.Standards {
		if !asked(i) {
			continue
		}
		e, err := a.effectOn(ctx, a.inquiryOf(int32(i), snap), &known.Standards[i], known.Linked)
		if err != nil {
			return nil, err
		}
		out = append(out, Layer{Standard: int32(i), State: e.State, Access: e.Access, Seconds: e.Seconds})
	}
	return out, nil
}
