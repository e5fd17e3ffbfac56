package cli

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"testing"
)

// recovery is what "gevor bench findings" prints.
type recovery struct {
	Planted, Reported, Matched int
	Precision, Recall          float64
	FalseInGapFree             int `json:"false_in_gap_free_municipalities"`
	OnDecoys                   int `json:"on_decoys"`
	Missed, False              []map[string]any
}

func recovered(t *testing.T, dir string) (r recovery) {
	t.Helper()
	if err := json.Unmarshal([]byte(must(t, "bench", "findings", "--dir", dir)), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Missed) != r.Planted-r.Matched || len(r.False) != r.Reported-r.Matched {
		t.Errorf("%d missed and %d false do not go with %+v", len(r.Missed), len(r.False), r)
	}
	return r
}

func (r recovery) tell(t *testing.T, seed uint64, people int) {
	t.Helper()
	t.Logf("figure: seed %d, %d people: %d gaps planted, %d found, precision %.3f, recall %.3f, %d false in gap-free cities, %d decoys hit",
		seed, people, r.Planted, r.Reported, r.Precision, r.Recall, r.FalseInGapFree, r.OnDecoys)
}

func region(t *testing.T, seed uint64, people int, more ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "musterrevier")
	must(t, append([]string{"demo", "--seed", strconv.FormatUint(seed, 10), "--people", strconv.Itoa(people), "--out", dir}, more...)...)
	return dir
}

// In regions that nobody has seen before, the findings are the planted gaps and nothing else, by the rule in
// docs/methods.md.
func TestFindingsRecoverPlantedGaps(t *testing.T) {
	planted := 0
	for _, people := range []int{20_000, 20_000, 20_000, 20_000, 20_000, 20_000, 100_000} {
		seed := drawn(t)
		r := recovered(t, region(t, seed, people))
		r.tell(t, seed, people)
		planted += r.Planted
		if r.Precision < 0.9 || r.Recall < 0.9 {
			t.Errorf("seed %d, %d people:\nmissed %v\nfalse %v", seed, people, r.Missed, r.False)
		}
	}
	if planted < 40 {
		t.Errorf("only %d gaps were planted", planted)
	}
}

// Where no gap is planted, hardly anything is found; what is found is counted and shown.
func TestRegionsWithoutGaps(t *testing.T) {
	for range 3 {
		seed := drawn(t)
		r := recovered(t, region(t, seed, 20_000, "--no-gaps"))
		r.tell(t, seed, 20_000)
		if r.Planted != 0 || r.FalseInGapFree != r.Reported || r.Reported > 1 {
			t.Errorf("seed %d: %+v", seed, r)
		}
	}
}

// The control: the same measure condemns findings held against the truth of another region, and against a truth
// whose causes, standards or places are not the planted ones.
func TestTheMeasureCanFail(t *testing.T) {
	const people = 20_000
	seed := drawn(t)
	dir := region(t, seed, people)
	truth := filepath.Join(dir, "truth.json")
	right := read(t, truth)
	if r := recovered(t, dir); r.Precision < 0.9 || r.Recall < 0.9 {
		t.Fatalf("seed %d: %+v", seed, r)
	}
	for name, wrong := range map[string]string{
		"truth of another region": read(t, region(t, seed+1, people), "truth.json"),
		"causes passed on":        passedOn(t, right, "cause"),
		"places passed on":        passedOn(t, right, "cells"),
		"standards passed on":     passedOn(t, right, "standard", "group", "category"),
	} {
		write(t, wrong, truth)
		r := recovered(t, dir)
		t.Logf("figure: seed %d, control, %s: precision %.3f, recall %.3f", seed, name, r.Precision, r.Recall)
		if r.Precision >= 0.9 || r.Recall >= 0.9 {
			t.Errorf("seed %d: the measure passes a truth with %s: %+v", seed, name, r)
		}
	}
}

// passedOn gives every gap of a truth some values of the gap after it.
func passedOn(t *testing.T, truth string, keys ...string) string {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(truth), &m); err != nil {
		t.Fatal(err)
	}
	gaps, _ := m["gaps"].([]any)
	if len(gaps) < 3 {
		t.Fatalf("the truth has %d gaps", len(gaps))
	}
	for _, key := range keys {
		values := make([]any, len(gaps))
		for i, g := range gaps {
			gap, _ := g.(map[string]any)
			values[i] = gap[key]
		}
		for i, g := range gaps {
			gap, _ := g.(map[string]any)
			gap[key] = values[(i+1)%len(values)]
		}
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
