package atlas_test

import (
	"math"
	"strings"
	"testing"

	"gevor/atlas"
	"gevor/fault"
	"gevor/internal/world"
	"gevor/region"
)

// gap plants what the street of a test really has.
func gap(w *world.Town, id, cause string, from, to int) atlas.TrueGap {
	g := atlas.TrueGap{ID: id, Standard: "s", Group: "all", Category: "care", Cause: cause}
	for x := from; x < to; x++ {
		g.Cells = append(g.Cells, w.Snap.Cells.ID[x])
	}
	return g
}

// Cells 0..9 and 20..29 with 10 people each miss the standard: two findings of 100 people.
func twoGaps() *world.Town {
	people := map[int]float32{}
	for x := range 10 {
		people[x], people[20+x] = 10, 10
	}
	return street(people, 60)
}

func TestEvaluateRule(t *testing.T) {
	w := twoGaps()
	r := run(t, w, atlas.Params{})
	if len(r.Findings) != 2 {
		t.Fatalf("%d findings", len(r.Findings))
	}
	for _, c := range []struct {
		name              string
		gaps              []atlas.TrueGap
		precision, recall float64
	}{
		{"both, exactly", []atlas.TrueGap{gap(w, "a", "too-far", 0, 10), gap(w, "b", "too-far", 20, 30)}, 1, 1},
		{"half of the finding is enough", []atlas.TrueGap{gap(w, "a", "too-far", 0, 5)}, 0.5, 1},
		{"less than half of the finding is not", []atlas.TrueGap{gap(w, "a", "too-far", 0, 4)}, 0, 0},
		{"empty cells of a gap weigh nothing", []atlas.TrueGap{gap(w, "a", "too-far", 0, 19)}, 0.5, 1},
		{"half of the gap is enough", []atlas.TrueGap{gap(w, "a", "too-far", 0, 30)}, 0.5, 1},
		{"another cause", []atlas.TrueGap{gap(w, "a", "only-car", 0, 10)}, 0, 0},
		{"two gaps in one finding: only one, by the tie on the id", []atlas.TrueGap{gap(w, "a", "too-far", 0, 5), gap(w, "b", "too-far", 5, 10)}, 0.5, 0.5},
		{"nowhere", []atlas.TrueGap{{ID: "a", Standard: "s", Cause: "too-far", Cells: []string{"x"}}}, 0, 0},
		{"no such standard", []atlas.TrueGap{{ID: "a", Standard: "t", Cause: "too-far", Cells: []string{"x"}}}, 0, 0},
		{"nothing planted", nil, 0, 1},
	} {
		e := atlas.Evaluate(atlas.Truth{Gaps: c.gaps}, r)
		if e.Precision != c.precision || e.Recall != c.recall {
			t.Errorf("%s: precision %v, recall %v; want %v, %v", c.name, e.Precision, e.Recall, c.precision, c.recall)
		}
		if len(e.Missed)+e.Matched != len(c.gaps) || len(e.False)+e.Matched != 2 {
			t.Errorf("%s: %+v loses somebody", c.name, e)
		}
	}
}

// A gap that reaches into met cells counts their people too: the finding must hold half of all of them.
func TestEvaluateCountsTheWholeGap(t *testing.T) {
	people := map[int]float32{}
	for x := range 12 {
		people[x] = 10
	}
	w := street(people, 40)
	w.Offer(10, 0, 1) // one step: cells 9, 10, 11 are met
	r := run(t, w, atlas.Params{})
	if e := atlas.Evaluate(atlas.Truth{Gaps: []atlas.TrueGap{gap(w, "a", "too-far", 0, 12)}}, r); e.Recall != 1 || e.Matches[0].OfGap != 0.75 {
		t.Errorf("%+v", e)
	}
	if e := atlas.Evaluate(atlas.Truth{Gaps: []atlas.TrueGap{gap(w, "a", "too-far", 7, 12)}}, r); e.Recall != 0 || e.Missed[0].Missing != 20 || e.Missed[0].People != 50 {
		t.Errorf("%+v", e)
	}
}

func TestEvaluateFalseFindings(t *testing.T) {
	w := twoGaps()
	w.Area("east", region.Municipality, -1, 15, 0, 60, 1)
	r := run(t, w, atlas.Params{})
	decoy := atlas.Decoy{ID: "d", Cells: gap(w, "", "", 22, 40).Cells}
	e := atlas.Evaluate(atlas.Truth{Gaps: []atlas.TrueGap{gap(w, "a", "too-far", 0, 10)}, Decoys: []atlas.Decoy{decoy}}, r)
	if e.FalseInGapFree != 1 || e.OnDecoys != 1 || e.False[0].Decoy != "d" || e.False[0].Gap != "" {
		t.Errorf("%+v", e)
	}
	if half := (atlas.Decoy{ID: "h", Cells: gap(w, "", "", 25, 40).Cells}); atlas.Evaluate(atlas.Truth{Decoys: []atlas.Decoy{half}}, r).OnDecoys != 1 {
		t.Error("half of a finding's people in a decoy are enough")
	}
	if less := (atlas.Decoy{ID: "l", Cells: gap(w, "", "", 26, 40).Cells}); atlas.Evaluate(atlas.Truth{Decoys: []atlas.Decoy{less}}, r).OnDecoys != 0 {
		t.Error("less than half of a finding's people in a decoy are not")
	}
	// The same false finding in a town with a gap of its own is false, but not in a gap-free place.
	e = atlas.Evaluate(atlas.Truth{Gaps: []atlas.TrueGap{gap(w, "a", "too-far", 0, 10), gap(w, "b", "only-car", 20, 30)}}, r)
	if e.FalseInGapFree != 0 || len(e.False) != 1 || e.False[0].Gap != "b" || e.Missed[0].Nearest != e.False[0].Finding {
		t.Errorf("%+v", e)
	}
	if e := atlas.Evaluate(atlas.Truth{}, r); e.FalseInGapFree != 2 {
		t.Errorf("without any gap every finding is false: %+v", e)
	}
}

func TestEvaluateNothing(t *testing.T) {
	w := street(map[int]float32{39: 10}, 40)
	r := run(t, w, atlas.Params{})
	if e := atlas.Evaluate(atlas.Truth{}, r); e.Precision != 1 || e.Recall != 1 {
		t.Errorf("nothing planted, nothing found: %+v", e)
	}
	if e := atlas.Evaluate(atlas.Truth{Gaps: []atlas.TrueGap{gap(w, "a", "too-far", 0, 40)}}, r); e.Precision != 0 || e.Recall != 0 {
		t.Errorf("planted, nothing found: %+v", e)
	}
}

func TestReadTruth(t *testing.T) {
	good := `{"version":1,"seed":7,"people":100,"gaps":[{"id":"g1","standard":"s","group":"g","category":"c","cause":"too-far","people":1.5,"cells":["x"]}],"decoys":[{"id":"d1","why":"w","cells":["y"]}],"later":true}`
	truth, err := atlas.ReadTruth(strings.NewReader(good), "truth.json")
	if err != nil || truth.Seed != 7 || truth.Gaps[0].People != 1.5 || truth.Gaps[0].Cells[0] != "x" || truth.Decoys[0].Why != "w" {
		t.Errorf("%+v, %v", truth, err)
	}
	for _, bad := range []string{"", "[]", `{"version":2}`, `{"version":1,"gaps":[{"id":"g","cause":"bad luck"}]}`, `{"version":1,"gaps":[{"cause":"none"}]}`} {
		if _, err := atlas.ReadTruth(strings.NewReader(bad), "truth.json"); fault.KindOf(err) != fault.Invalid || !strings.HasPrefix(err.Error(), "truth.json") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzReadTruth(f *testing.F) {
	f.Add([]byte(`{"version":1,"gaps":[{"id":"g1","cause":"too-far","cells":["x"]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		truth, err := atlas.ReadTruth(strings.NewReader(string(raw)), "truth.json")
		if err != nil {
			return
		}
		w := street(map[int]float32{0: 10}, 40)
		e := atlas.Evaluate(truth, run(t, w, atlas.Params{}))
		if math.IsNaN(e.Precision) || math.IsNaN(e.Recall) || e.Matched+len(e.Missed) != len(truth.Gaps) {
			t.Errorf("%+v", e)
		}
	})
}
