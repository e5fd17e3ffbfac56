package atlas_test

import (
	"context"
	"math"
	"testing"

	"gevor/atlas"
	"gevor/geo"
	"gevor/internal/world"
	"gevor/region"
	"gevor/travel"
)

// One place more does not make a choice of two where there is none.
func TestNoRemedyWhereOnePlaceIsNotEnough(t *testing.T) {
	w := street(map[int]float32{0: 10}, 40)
	w.Snap.Standards = nil
	w.Nearest("two", 2, world.By(travel.Walk, 3))
	if f := run(t, w, atlas.Params{}).Findings[0]; len(f.Remedies) != 0 {
		t.Errorf("remedies %+v", f.Remedies)
	}
	w.Offer(0, 0, 1)
	if f := run(t, w, atlas.Params{}).Findings[0]; len(f.Remedies) != 1 || f.Remedies[0].Closes != 10 {
		t.Errorf("remedies with a first place at hand %+v", f.Remedies)
	}
}

// An extension closes the cause that a cell has, and no other: these people have a place over steps (the cause) and
// a place they are not entitled to; opening the latter would help as well, but steps come first.
func TestExtensionFollowsTheCause(t *testing.T) {
	w := world.New(20, 1)
	w.Settle(0, 0, 10)
	other := w.Area("other", region.Municipality, -1, 18, 0, 20, 1)
	w.Offer(2, 0, 1).ServiceAreas = []int32{other}
	w.Offer(3, 0, 1).StepFree = region.No
	w.Nearest("s", 1, world.By(travel.WalkNoSteps, 15))
	if m := run(t, w, atlas.Params{}).Findings[0].Remedies[0]; m.Kind != atlas.RemedyExtend || m.Offer != 1 {
		t.Errorf("remedy %+v", m)
	}
}

// For a choice of two, freeing the place of steps that these people reach already helps nobody.
func TestExtensionIsNotAPlaceThatCountsAlready(t *testing.T) {
	w := world.New(20, 1)
	w.Settle(0, 0, 10)
	w.Offer(2, 0, 1)
	w.Offer(3, 0, 1).StepFree = region.No
	w.Nearest("two", 2, world.By(travel.WalkNoSteps, 15))
	if m := run(t, w, atlas.Params{}).Findings[0].Remedies[0]; m.Kind != atlas.RemedyExtend || m.Offer != 1 || m.Closes != 10 {
		t.Errorf("remedy %+v", m)
	}
}

// The neighbours who meet the standard use the new place as well.
func TestNewPlaceServesThoseWhoHaveEnoughToo(t *testing.T) {
	w := world.New(9, 1)
	w.Settle(0, 0, 100)  // reaches nothing
	w.Settle(2, 0, 1000) // reaches the place at 5, which has plenty
	w.Offer(5, 0, 50)
	w.PerThousand("s", 10, world.By(travel.Walk, 4)) // three steps; the nearer third is one step of 80 s
	w.Without(travel.Car)
	f := run(t, w, atlas.Params{}).Findings[0]
	if f.People != 100 || len(f.Remedies) != 1 {
		t.Fatalf("finding %+v", f)
	}
	// Candidates are cells 0 and 2. At 0: 100 people beside it and 1,000 in the middle third (0.68), so 780 weighted
	// people, and 10 per 1,000 for weight 1 take 7.8. At 2: (68 + 1000)·10/1000/0.68 = 15.7.
	if m := f.Remedies[0]; m.Cell != 0 || math.Abs(m.Capacity-7.8) > 1e-3 {
		t.Errorf("remedy %+v, want cell 0 with 7.8", m)
	}
}

// counting remembers how many rows each stage asked for.
type counting struct {
	*world.Town
	rows []int
}

func (c *counting) Rows(ctx context.Context, leg atlas.Leg, from, to []geo.LonLat, yield func(atlas.Reached) error) error {
	c.rows = append(c.rows, len(from))
	return c.Town.Rows(ctx, leg, from, to, yield)
}

// Candidates are spread over a finding: the best place of this street lies at its far end, where people are a
// little fewer, but where one can walk.
func TestCandidatesAreSpread(t *testing.T) {
	w := world.New(220, 1)
	for x := range 200 {
		w.Settle(x, 0, 1)
		if x < 100 {
			w.River(x+1, travel.Walk)
		} else {
			w.Settle(x, 0, 0.9)
		}
	}
	w.Offer(219, 0, 1)
	w.Nearest("s", 1, world.By(travel.Walk, 3))
	w.Without(travel.Car)
	f := run(t, w, atlas.Params{}).Findings[0]
	if m := f.Remedies[0]; m.Cell < 100 || math.Abs(m.Closes-4.5) > 1e-6 {
		t.Errorf("remedy %+v, want five people at the far end", m)
	}
}

// Only the likeliest candidates of a capacity standard cost a search for everybody around them.
func TestShortlistBoundsTheSearch(t *testing.T) {
	w := world.New(60, 1)
	for x := range 40 {
		w.Settle(x, 0, 10)
	}
	w.Offer(59, 0, 1)
	w.PerThousand("s", 10, world.By(travel.Walk, 3))
	w.Without(travel.Car)
	c := &counting{Town: w}
	if _, err := atlas.Analyse(context.Background(), w.Snap, atlas.Params{Journeys: c, MinPeople: 1}, nil); err != nil {
		t.Fatal(err)
	}
	if last := c.rows[len(c.rows)-1]; last != 8 {
		t.Errorf("rows asked by stage %v, want 8 in the last", c.rows)
	}
}

// Behind a finding stand its town's offers and those its people reach, not every offer of the region.
func TestOffersBehindAFinding(t *testing.T) {
	w := world.New(30, 1)
	w.Settle(0, 0, 10)
	w.Area("east", region.Municipality, -1, 3, 0, 30, 1)
	w.Offer(4, 0, 1)              // in the east, reached
	w.Offer(28, 0, 1)             // in the east, far away
	w.Offer(1, 0, 0)              // closed, but listed in the town
	w.Snap.Offers[0].Capacity = 1 // known
	w.Nearest("two", 2, world.By(travel.Walk, 15))
	w.Without(travel.Car)
	if f := run(t, w, atlas.Params{}).Findings[0]; f.Data.Offers != 2 {
		t.Errorf("%+v, want the offers at 4 and 1", f.Data)
	}
}
