package atlas_test

import (
	"math"
	"slices"
	"testing"

	"gevor/atlas"
	"gevor/internal/world"
	"gevor/region"
	"gevor/travel"
)

// street is a long street with people at the given places and nobody near a place of care; the only place lies at
// the far end and is reached by nobody.
func street(people map[int]float32, length int) *world.Town {
	w := world.New(length, 1)
	for x, p := range people {
		w.Settle(x, 0, p)
	}
	w.Offer(length-1, 0, 1)
	w.Nearest("s", 1, world.By(travel.Walk, 2))
	w.Without(travel.Car)
	return w
}

// Cells 300 m apart hang together over a hole, cells 400 m apart do not.
func TestGroupingBridgesSmallHolesOnly(t *testing.T) {
	for _, c := range []struct {
		people map[int]float32
		want   int
	}{
		{map[int]float32{0: 8, 1: 8}, 1},
		{map[int]float32{0: 8, 3: 8}, 1},
		{map[int]float32{0: 8, 4: 8}, 2},
		{map[int]float32{0: 8, 3: 8, 6: 8, 10: 8}, 2},
	} {
		if r := run(t, street(c.people, 40), atlas.Params{}); len(r.Findings) != c.want {
			t.Errorf("%v: %d findings, want %d", c.people, len(r.Findings), c.want)
		}
	}
}

// Small findings are not reported, but their people are counted.
func TestSmallestFinding(t *testing.T) {
	w := street(map[int]float32{0: 29, 10: 30}, 40)
	r := run(t, w, atlas.Params{MinPeople: 30})
	if len(r.Findings) != 1 || r.Findings[0].People != 30 || r.Summaries[0].Missing != 59 || r.Summaries[0].Findings != 1 {
		t.Errorf("findings %+v, summary %+v", r.Findings, r.Summaries[0])
	}
}

// twoCauses is a street where the west misses its place for want of a bus in the evening, and the east for
// distance: the bus ends between them.
func twoCauses(west, east float32) *world.Town {
	w := world.New(60, 1)
	for x := range 5 {
		w.Settle(x, 0, west)
		w.Settle(5+x, 0, east)
	}
	for x := range 5 {
		w.Bus(world.Line{Stops: [][2]int{{x, 0}, {59, 0}}, Hop: 60, First: 0, Last: 18 * 3600})
	}
	w.River(5, travel.Walk)
	w.Offer(59, 0, 1)
	w.Nearest("s", 1, world.ByBus(10, 20*3600, 18*3600))
	w.Without(travel.Car)
	return w
}

// Two causes side by side are two findings; a fragment of less than a quarter of its neighbour joins it and the
// finding says so in its shares.
func TestCausesSplitAndFragmentsJoin(t *testing.T) {
	r := run(t, twoCauses(10, 10), atlas.Params{})
	if len(r.Findings) != 2 {
		t.Fatalf("%d findings, want 2", len(r.Findings))
	}
	causes := []atlas.Cause{r.Findings[0].Cause, r.Findings[1].Cause}
	slices.Sort(causes)
	if causes[0] != atlas.CauseOnlyOtherTime || causes[1] != atlas.CauseTooFar {
		t.Errorf("causes %v", causes)
	}
	r = run(t, twoCauses(10, 2), atlas.Params{})
	if len(r.Findings) != 1 {
		t.Fatalf("%d findings, want 1", len(r.Findings))
	}
	f := r.Findings[0]
	if f.Cause != atlas.CauseOnlyOtherTime || f.People != 60 || f.CauseShares[atlas.CauseTooFar] != 10.0/60 {
		t.Errorf("finding %+v", f)
	}
}

// Plain points 1,000 m apart hang together over 1.6 times their median spacing, and fall apart beyond it.
func TestGroupingOfPoints(t *testing.T) {
	w := world.New(100, 1)
	for _, x := range []int{0, 10, 20, 30, 60, 70, 80} {
		w.Settle(x, 0, 10)
	}
	w.Offer(99, 0, 1)
	w.Nearest("s", 1, world.By(travel.Walk, 2))
	w.Without(travel.Car)
	asPoints(w, 0, 10, 20, 30, 60, 70, 80)
	r := run(t, w, atlas.Params{})
	if len(r.Findings) != 2 || len(r.Findings[0].Cells) != 4 || len(r.Findings[1].Cells) != 3 {
		t.Errorf("findings %+v", r.Findings)
	}
}

// asPoints keeps only some cells and forgets that they lie on a grid.
func asPoints(w *world.Town, keep ...int) {
	c, g := &w.Snap.Cells, &w.Snap.Groups[0]
	old, people := *c, g.People
	*c, g.People, g.Flag = region.Cells{}, nil, nil
	for _, i := range keep {
		c.ID, c.At = append(c.ID, old.ID[i]), append(c.At, old.At[i])
		c.Population, c.Flag = append(c.Population, old.Population[i]), append(c.Flag, old.Flag[i])
		c.Municipality, c.District = append(c.Municipality, 0), append(c.District, 1)
		g.People, g.Flag = append(g.People, people[i]), append(g.Flag, region.Known)
	}
}

// A new place in the middle of five cells serves all five; at the end it would serve three.
func TestBestNewPlaceByTravelTime(t *testing.T) {
	w := street(map[int]float32{0: 1, 1: 1, 2: 1, 3: 1, 4: 1}, 40)
	w.Snap.Standards = nil
	w.Nearest("s", 1, world.By(travel.Walk, 3)) // two steps
	f := run(t, w, atlas.Params{}).Findings[0]
	if len(f.Remedies) != 1 {
		t.Fatalf("remedies %+v", f.Remedies)
	}
	if m := f.Remedies[0]; m.Kind != atlas.RemedyOpen || m.Cell != 2 || m.Closes != 5 || m.Offer != -1 {
		t.Errorf("remedy %+v", m)
	}
	// A wall between the second and the third cell makes the middle a bad place, though it is no farther away.
	w.River(2, travel.Walk)
	f = run(t, w, atlas.Params{}).Findings[0]
	if m := f.Remedies[0]; m.Cell != 2 || m.Closes != 3 {
		t.Errorf("remedy behind the wall %+v, want a place among the three eastern cells", m)
	}
}

// Opening the nearer of two restricted places to everyone closes more than opening the other.
func TestBestExtension(t *testing.T) {
	w := world.New(20, 1)
	for x := range 6 {
		w.Settle(x, 0, 4)
	}
	other := w.Area("other", region.Municipality, -1, 6, 0, 20, 1)
	for _, x := range []int{7, 9} {
		w.Offer(x, 0, 1).ServiceAreas = []int32{other}
	}
	w.Nearest("s", 1, world.By(travel.Walk, 8)) // six steps: cells 1..5 reach 7, cells 3..5 reach 9
	w.Without(travel.Car)
	r := run(t, w, atlas.Params{})
	if len(r.Findings) != 1 {
		t.Fatalf("findings %+v", r.Findings)
	}
	if m := r.Findings[0].Remedies[0]; m.Kind != atlas.RemedyExtend || m.Offer != 0 || m.Closes != 20 {
		t.Errorf("remedy %+v, want place 0 closing 20", m)
	}
}

// A thousand people at one place, who have half of what they need: it must double.
func TestMoreCapacityByHand(t *testing.T) {
	w := world.New(3, 1)
	w.Settle(1, 0, 1000)
	w.Offer(1, 0, 2)
	w.PerThousand("s", 4, world.By(travel.Walk, 3))
	f := run(t, w, atlas.Params{}).Findings[0]
	for _, m := range f.Remedies {
		if m.Closes != 1000 || m.Capacity < 1.9999 || m.Capacity > 2.0001 {
			t.Errorf("remedy %+v, want 2 more for 1,000 people", m)
		}
	}
	if len(f.Remedies) != 2 {
		t.Errorf("remedies %+v", f.Remedies)
	}
}

// Half of a district's estimated 100 people with a relative error of 0.4: 0.4·50·50/√(50²+50²) = 14.142, times
// 1.645 is 23.26 either way. The whole district is known.
func TestIntervalOfAnEstimate(t *testing.T) {
	w := street(map[int]float32{0: 50, 30: 50}, 40)
	g := &w.Snap.Groups[0]
	g.State, g.RelError = region.GroupEstimated, 0.4
	r := run(t, w, atlas.Params{})
	for _, f := range r.Findings {
		if !f.Estimated || f.High-73.26 > 0.01 || f.High-73.26 < -0.01 || f.Low-26.74 > 0.01 || f.Low-26.74 < -0.01 {
			t.Errorf("%v people, %v to %v", f.People, f.Low, f.High)
		}
	}
	whole := street(map[int]float32{0: 50, 1: 50}, 40)
	whole.Snap.Groups[0].State, whole.Snap.Groups[0].RelError = region.GroupEstimated, 0.4
	if f := run(t, whole, atlas.Params{}).Findings[0]; f.Low != 100 || f.High != 100 {
		t.Errorf("a whole district: %v to %v", f.Low, f.High)
	}
}

// An interval never goes below nobody.
func TestIntervalStopsAtZero(t *testing.T) {
	w := street(map[int]float32{0: 50, 30: 50}, 40)
	w.Snap.Groups[0].State, w.Snap.Groups[0].RelError = region.GroupEstimated, 2
	if f := run(t, w, atlas.Params{}).Findings[0]; f.Low != 0 || f.High < 100 {
		t.Errorf("%v to %v", f.Low, f.High)
	}
}

// Cells of 1 km that touch at an edge or a corner are neighbours, however small the bridge.
func TestGroupingOfCoarseCells(t *testing.T) {
	w := street(map[int]float32{0: 10, 1: 10, 3: 10}, 40)
	w.Snap.Cells.SizeM = 1000
	for i := range w.Snap.Cells.East {
		w.Snap.Cells.East[i] = int32(1000 * i)
	}
	w.Snap.Cells.North[1] += 1000
	if r := run(t, w, atlas.Params{}); len(r.Findings) != 2 || len(r.Findings[0].Cells) != 2 {
		t.Errorf("findings %+v", r.Findings)
	}
}

// Extreme weights move need by no more than a factor of four either way.
func TestNeedIsBounded(t *testing.T) {
	w := street(map[int]float32{0: 10, 30: 10}, 40)
	east := w.Area("east", region.District, 0, 20, 0, 40, 1)
	value := []float64{math.NaN(), 1, math.NaN()}
	value[east] = 3
	w.Snap.Need = []region.NeedFactor{{Key: "poverty", Weight: 100, Value: value}, {Key: "constant", Weight: 5, Value: []float64{math.NaN(), 7, 7}}, {Key: "nothing", Weight: 5, Value: []float64{math.NaN(), math.NaN(), math.NaN()}}}
	r := run(t, w, atlas.Params{})
	if r.Findings[0].Need != 4 || r.Findings[1].Need != 0.25 {
		t.Errorf("need %v and %v", r.Findings[0].Need, r.Findings[1].Need)
	}
}

// A factor that only municipalities have is read by municipality.
func TestNeedOfMunicipalities(t *testing.T) {
	w := street(map[int]float32{0: 10, 30: 10}, 40)
	east := w.Area("east", region.Municipality, -1, 20, 0, 40, 1)
	value := []float64{1, math.NaN(), math.NaN()}
	value[east] = 3
	w.Snap.Need = []region.NeedFactor{{Key: "poverty", Weight: 0.5, Value: value}}
	r := run(t, w, atlas.Params{})
	if r.Findings[0].Need != 1.5 || r.Findings[1].Need != 0.5 || r.Findings[0].Cells[0] != 30 {
		t.Errorf("findings %+v", r.Findings)
	}
}

// Need is standardised over districts: values 1 and 3 become −1 and +1, so weight 0.5 gives 0.5 and 1.5.
func TestNeedOfDistricts(t *testing.T) {
	w := street(map[int]float32{0: 10, 30: 10}, 40)
	east := w.Area("east", region.District, 0, 20, 0, 40, 1)
	w.Snap.Groups[0].Need = 2
	value := make([]float64, len(w.Snap.Areas))
	value[1], value[east] = 1, 3
	w.Snap.Need = []region.NeedFactor{{Key: "poverty", Weight: 0.5, Value: value}}
	r := run(t, w, atlas.Params{})
	if len(r.Findings) != 2 || r.Findings[0].Need != 3 || r.Findings[1].Need != 1 || r.Findings[0].Cells[0] != 30 {
		t.Errorf("findings %+v", r.Findings)
	}
}
