package atlas_test

import (
	"regexp"
	"slices"
	"testing"

	"gevor/atlas"
	"gevor/internal/world"
)

// previous turns a run into what the next one needs of it.
func previous(r *atlas.Result, hash string) *atlas.PreviousRun {
	p := &atlas.PreviousRun{Hash: hash}
	for _, f := range r.Findings {
		was := atlas.PreviousFinding{ID: f.ID, Standard: r.Snapshot.Standards[f.Standard].Key, Since: f.Since}
		for _, c := range f.Cells {
			was.Cells = append(was.Cells, r.Snapshot.Cells.ID[c])
		}
		p.Findings = append(p.Findings, was)
	}
	return p
}

// next runs a street against an earlier one.
func next(t *testing.T, people map[int]float32, before *atlas.PreviousRun) *atlas.Result {
	t.Helper()
	return run(t, street(people, 60), atlas.Params{Previous: before})
}

// at gives the finding that holds the cell.
func at(t *testing.T, r *atlas.Result, cell int32) atlas.Finding {
	t.Helper()
	for _, f := range r.Findings {
		if slices.Contains(f.Cells, cell) {
			return f
		}
	}
	t.Fatalf("no finding holds cell %d", cell)
	return atlas.Finding{}
}

func TestIdentityOfTheSameRun(t *testing.T) {
	people := map[int]float32{0: 10, 1: 20, 30: 5, 31: 6}
	first := next(t, people, nil)
	again := next(t, people, nil)
	after := next(t, people, previous(first, "h1"))
	for i, f := range first.Findings {
		if !regexp.MustCompile(`^B-[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{2}$`).MatchString(f.ID) || f.Since != "" {
			t.Errorf("finding %q since %q", f.ID, f.Since)
		}
		if again.Findings[i].ID != f.ID || after.Findings[i].ID != f.ID || after.Findings[i].Since != "h1" {
			t.Errorf("%s became %s and %s since %q", f.ID, again.Findings[i].ID, after.Findings[i].ID, after.Findings[i].Since)
		}
	}
	third := next(t, people, previous(after, "h2"))
	if third.Findings[0].Since != "h1" {
		t.Errorf("since %q, want the first run", third.Findings[0].Since)
	}
	if len(first.Findings) != 2 || first.Findings[0].ID == first.Findings[1].ID {
		t.Errorf("findings %+v", first.Findings)
	}
}

// The cell with most people moves, so a fresh name would differ; the overlap keeps the old one.
func TestIdentityOfASlightlyChangedArea(t *testing.T) {
	first := next(t, map[int]float32{0: 10, 1: 20, 2: 10}, nil)
	fresh := next(t, map[int]float32{0: 10, 1: 20, 2: 40, 3: 5}, nil)
	kept := next(t, map[int]float32{0: 10, 1: 20, 2: 40, 3: 5}, previous(first, "h1"))
	if fresh.Findings[0].ID == first.Findings[0].ID {
		t.Fatal("the control finding has the same name without any memory")
	}
	if kept.Findings[0].ID != first.Findings[0].ID || kept.Findings[0].Since != "h1" {
		t.Errorf("%+v, want %s since h1", kept.Findings[0], first.Findings[0].ID)
	}
}

// Other standards and places far away do not inherit.
func TestIdentityIsNotGivenToStrangers(t *testing.T) {
	first := previous(next(t, map[int]float32{0: 10}, nil), "h1")
	if f := next(t, map[int]float32{40: 10}, first).Findings[0]; f.ID == first.Findings[0].ID || f.Since != "" {
		t.Errorf("a place far away became %s since %q", f.ID, f.Since)
	}
	first.Findings[0].Standard = "another"
	f := next(t, map[int]float32{0: 10}, first).Findings[0]
	if f.Since != "" || f.ID == first.Findings[0].ID {
		t.Errorf("another standard's name %s was given again", f.ID)
	}
}

// Shared people over all people of both: 30 of 100 are enough, 29 are not; neither part is 80 % of the smaller.
func TestIdentityByJaccard(t *testing.T) {
	for _, c := range []struct {
		shared float32
		same   bool
	}{{30, true}, {29, false}} {
		rest := (100 - c.shared) / 2
		people := map[int]float32{0: rest, 1: c.shared, 2: rest}
		r := run(t, street(people, 60), atlas.Params{})
		if len(r.Findings) != 1 {
			t.Fatal("not one finding")
		}
		now := r.Findings
		now[0].Cells, now[0].People, now[0].ID = []int32{1, 2}, float64(c.shared+rest), ""
		ids := r.Snapshot.Cells.ID
		atlas.Identify(r.Snapshot, &atlas.PreviousRun{Hash: "h1", Findings: []atlas.PreviousFinding{{ID: "B-AAAA-AA", Standard: "s", Cells: ids[0:2]}}}, now)
		if got := now[0].ID == "B-AAAA-AA"; got != c.same {
			t.Errorf("%v of 100 people shared: same = %v", c.shared, got)
		}
	}
}

// A place that shrinks to a fifth lies within the old one and keeps its name, though all people of both are many.
func TestIdentityByContainment(t *testing.T) {
	first := run(t, street(map[int]float32{0: 80, 1: 20}, 60), atlas.Params{})
	now := run(t, street(map[int]float32{0: 80, 1: 20}, 60), atlas.Params{}).Findings
	now[0].Cells, now[0].People, now[0].ID = []int32{1}, 20, ""
	atlas.Identify(first.Snapshot, previous(first, "h1"), now)
	if now[0].ID != first.Findings[0].ID {
		t.Errorf("became %s", now[0].ID)
	}
}

// The middle empties: the larger part keeps the name, the smaller gets a new one, even though the old name came
// from the smaller part's own heart.
func TestIdentityAfterASplit(t *testing.T) {
	first := next(t, map[int]float32{0: 20, 1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 9, 7: 9, 8: 9}, nil)
	second := next(t, map[int]float32{0: 20, 6: 9, 7: 9, 8: 9}, previous(first, "h1"))
	if len(first.Findings) != 1 || len(second.Findings) != 2 {
		t.Fatalf("%d then %d findings", len(first.Findings), len(second.Findings))
	}
	large, small := at(t, second, 7), at(t, second, 0)
	if large.ID != first.Findings[0].ID || large.Since != "h1" {
		t.Errorf("the larger part is %+v", large)
	}
	if small.ID == first.Findings[0].ID || small.Since != "" {
		t.Errorf("the smaller part is %+v", small)
	}
}

func TestIdentityAfterAMerger(t *testing.T) {
	first := next(t, map[int]float32{0: 20, 1: 1, 6: 9, 7: 9, 8: 9}, nil)
	large, small := at(t, first, 7), at(t, first, 0)
	second := next(t, map[int]float32{0: 20, 1: 1, 3: 1, 5: 1, 6: 9, 7: 9, 8: 9}, previous(first, "h1"))
	if len(second.Findings) != 1 {
		t.Fatalf("%d findings", len(second.Findings))
	}
	if f := second.Findings[0]; f.ID != large.ID || len(f.Succeeds) != 1 || f.Succeeds[0] != small.ID {
		t.Errorf("%+v, want %s succeeding %s", f, large.ID, small.ID)
	}
}

// A district whose previous findings name unknown cells, standards or nobody at all does no harm.
func TestIdentityWithAStrangePast(t *testing.T) {
	past := &atlas.PreviousRun{Hash: "h0", Findings: []atlas.PreviousFinding{
		{ID: "B-AAAA-AA", Standard: "s", Cells: []string{"nowhere"}},
		{ID: "B-BBBB-BB", Standard: "gone"},
		{ID: "B-CCCC-CC", Standard: "s"},
	}}
	r := run(t, street(map[int]float32{0: 10}, 40), atlas.Params{Previous: past})
	if f := r.Findings[0]; f.Since != "" || len(f.Succeeds) != 0 {
		t.Errorf("%+v", f)
	}
}

var _ atlas.Journeys = (*world.Town)(nil)
