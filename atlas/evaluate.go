package atlas

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"gevor/fault"
	"gevor/region"
)

// Truth is what a generated region knows of its own gaps (truth.json of the demo region).
type Truth struct {
	Version int
	Seed    uint64
	People  int
	Gaps    []TrueGap
	Decoys  []Decoy
}

// TrueGap is a planted gap.
type TrueGap struct {
	ID       string
	Standard string // key, as are Group and Category
	Group    string
	Category string
	Cause    string // as Cause.String writes it
	People   float64
	Cells    []string
}

// Decoy is a place that only looks like a gap.
type Decoy struct {
	ID    string
	Why   string
	Cells []string
}

// maxTruthBytes bounds a truth file: 64 MiB hold a million cell IDs.
const maxTruthBytes = 64 << 20

// ReadTruth reads a truth.json; file names it in errors.
func ReadTruth(r io.Reader, file string) (Truth, error) {
	var t Truth
	raw, err := io.ReadAll(io.LimitReader(r, maxTruthBytes+1))
	if err != nil {
		return t, fault.Wrap(fault.Corrupt, file, "the file cannot be read", "write the region anew with gevor demo", err)
	}
	if len(raw) > maxTruthBytes {
		return t, fault.New(fault.TooLarge, file, "the file is larger than 64 MiB", "this is no truth.json of a demo region")
	}
	if err := json.Unmarshal(raw, &t); err != nil {
		return t, fault.Wrap(fault.Invalid, file, "the file is no truth.json", "write the region anew with gevor demo", err)
	}
	if t.Version != 1 {
		return t, fault.New(fault.Invalid, file, fmt.Sprintf("version %d is unknown", t.Version), "this program reads version 1")
	}
	for _, g := range t.Gaps {
		if !slices.Contains(causeKeys[1:], g.Cause) {
			return t, fault.New(fault.Invalid, file, fmt.Sprintf("gap %s has the unknown cause %q", g.ID, g.Cause), "write the region anew with gevor demo")
		}
	}
	return t, nil
}

// Evaluation compares the findings of a run with planted gaps; docs/methods.md fixes the rule.
type Evaluation struct {
	Planted   int
	Reported  int
	Matched   int
	Precision float64 // Matched / Reported; 1 where none is reported and none planted, 0 where some are planted
	Recall    float64 // Matched / Planted; 1 where none is planted
	// FalseInGapFree counts findings without a match in a municipality without planted gaps (any municipality, where
	// nothing is planted at all).
	FalseInGapFree int
	OnDecoys       int // findings without a match, at least half of whose people live in one decoy

	Matches []Match
	Missed  []MissedGap    // gaps without a match, in order of the truth
	False   []FalseFinding // findings without a match, in order of the result
}

// Match is a finding that recovers a gap.
type Match struct {
	Gap, Finding string  // IDs
	People       float64 // of the group in the cells of both
	OfFinding    float64 // share of the finding's people in the gap
	OfGap        float64 // share of the gap's people in the finding
}

// MissedGap says how near the detector came: the finding of the same standard with most people of the gap.
type MissedGap struct {
	Gap        string
	People     float64 // of the group in the gap's cells
	Missing    float64 // of those, who miss the standard according to the run
	Nearest    string  // ID of that finding; empty where none touches the gap
	Cause      Cause   // its cause
	OfFinding  float64
	OfGap      float64
	Unreported bool // the standard is unknown to the region, or is not judged
}

// FalseFinding is a finding that no planted gap explains.
type FalseFinding struct {
	Finding string
	Gap     string // the gap of the same standard with which it shares most people; empty where none
	Decoy   string // the decoy it fell for; empty where none
}

// Evaluate holds the findings of a run against the truth of its region.
func Evaluate(truth Truth, r *Result) Evaluation {
	v := newEvaluator(truth, r)
	pairs := v.matches()
	e := Evaluation{Planted: len(truth.Gaps), Reported: len(r.Findings)}
	gapDone, findingDone := make([]bool, len(truth.Gaps)), make([]bool, len(r.Findings))
	for _, p := range pairs {
		if gapDone[p.gap] || findingDone[p.finding] {
			continue
		}
		gapDone[p.gap], findingDone[p.finding] = true, true
		e.Matches = append(e.Matches, Match{truth.Gaps[p.gap].ID, r.Findings[p.finding].ID, p.people, p.ofFinding, p.ofGap})
	}
	e.Matched = len(e.Matches)
	e.Precision, e.Recall = ratio(e.Matched, e.Reported, e.Planted == 0), ratio(e.Matched, e.Planted, true)
	for i := range truth.Gaps {
		if !gapDone[i] {
			e.Missed = append(e.Missed, v.missed(i))
		}
	}
	for i := range r.Findings {
		if findingDone[i] {
			continue
		}
		f := FalseFinding{Finding: r.Findings[i].ID, Gap: v.closest(i), Decoy: v.decoy(i)}
		if f.Decoy != "" {
			e.OnDecoys++
		}
		if v.gapFree(i) {
			e.FalseInGapFree++
		}
		e.False = append(e.False, f)
	}
	return e
}

// ratio is a/b, and for b = 0 one or zero.
func ratio(a, b int, emptyIsRight bool) float64 {
	switch {
	case b > 0:
		return float64(a) / float64(b)
	case emptyIsRight:
		return 1
	}
	return 0
}

// evaluator holds truth and result by index.
type evaluator struct {
	truth    Truth
	r        *Result
	standard map[string]int32
	gaps     [][]int32        // cells of each gap known to the snapshot, each once
	inGap    []map[int32]bool // the same as sets
	decoys   []map[int32]bool
	towns    map[int32]bool // municipalities with a gap
}

// gapPair is a finding that matches a gap.
type gapPair struct {
	gap, finding             int
	people, ofFinding, ofGap float64
}

func newEvaluator(truth Truth, r *Result) *evaluator {
	v := &evaluator{truth: truth, r: r, standard: map[string]int32{}, towns: map[int32]bool{}}
	snap := r.Snapshot
	cellAt := make(map[string]int32, snap.Cells.Len())
	for i, id := range snap.Cells.ID {
		cellAt[id] = int32(i)
	}
	for i, s := range snap.Standards {
		v.standard[s.Key] = int32(i)
	}
	resolve := func(ids []string) (cells []int32, set map[int32]bool) {
		set = map[int32]bool{}
		for _, id := range ids {
			if c, ok := cellAt[id]; ok && !set[c] {
				set[c] = true
				cells = append(cells, c)
			}
		}
		slices.Sort(cells)
		return cells, set
	}
	for _, g := range truth.Gaps {
		cells, set := resolve(g.Cells)
		v.gaps, v.inGap = append(v.gaps, cells), append(v.inGap, set)
		for _, c := range cells {
			v.towns[snap.Cells.Municipality[c]] = true
		}
	}
	for _, d := range truth.Decoys {
		_, set := resolve(d.Cells)
		v.decoys = append(v.decoys, set)
	}
	return v
}

// people counts the group of a standard in those of the cells that the set holds; a nil set holds all.
func (v *evaluator) people(standard int32, cells []int32, set map[int32]bool) float64 {
	g := &v.r.Snapshot.Groups[v.r.Snapshot.Standards[standard].Group]
	if g.State == region.GroupUnknown {
		return 0
	}
	sum := 0.0
	for _, c := range cells {
		if (set == nil || set[c]) && counted(g, int(c)) {
			sum += float64(g.People[c])
		}
	}
	return sum
}

// pair reckons the overlap of a gap and a finding of the same standard.
func (v *evaluator) pair(gap, finding int) gapPair {
	f := &v.r.Findings[finding]
	p := gapPair{gap: gap, finding: finding, people: v.people(f.Standard, f.Cells, v.inGap[gap])}
	if whole := v.people(f.Standard, f.Cells, nil); whole > 0 {
		p.ofFinding = p.people / whole
	}
	if whole := v.people(f.Standard, v.gaps[gap], nil); whole > 0 {
		p.ofGap = p.people / whole
	}
	return p
}

// matches lists every pair that fulfils the rule, largest overlap first.
func (v *evaluator) matches() []gapPair {
	var out []gapPair
	for g, gap := range v.truth.Gaps {
		s, ok := v.standard[gap.Standard]
		if !ok {
			continue
		}
		for f := range v.r.Findings {
			if v.r.Findings[f].Standard != s || v.r.Findings[f].Cause.String() != gap.Cause {
				continue
			}
			if p := v.pair(g, f); p.people > 0 && p.ofFinding >= 0.5 && p.ofGap >= 0.5 {
				out = append(out, p)
			}
		}
	}
	slices.SortFunc(out, func(a, b gapPair) int {
		return cmp.Or(cmp.Compare(b.people, a.people), cmp.Compare(v.truth.Gaps[a.gap].ID, v.truth.Gaps[b.gap].ID), cmp.Compare(v.r.Findings[a.finding].ID, v.r.Findings[b.finding].ID))
	})
	return out
}

func (v *evaluator) missed(gap int) MissedGap {
	m := MissedGap{Gap: v.truth.Gaps[gap].ID, Unreported: true}
	s, ok := v.standard[v.truth.Gaps[gap].Standard]
	if !ok || !v.r.Summaries[s].Known {
		return m
	}
	m.Unreported = false
	m.People = v.people(s, v.gaps[gap], nil)
	missing := map[int32]bool{}
	for _, c := range v.gaps[gap] {
		missing[c] = v.r.Layers[s].State[c] == CellMissed
	}
	m.Missing = v.people(s, v.gaps[gap], missing)
	best := 0.0
	for f := range v.r.Findings {
		if v.r.Findings[f].Standard != s {
			continue
		}
		if p := v.pair(gap, f); p.people > best {
			best = p.people
			m.Nearest, m.Cause, m.OfFinding, m.OfGap = v.r.Findings[f].ID, v.r.Findings[f].Cause, p.ofFinding, p.ofGap
		}
	}
	return m
}

// closest is the gap of the finding's standard with which it shares most people.
func (v *evaluator) closest(finding int) string {
	best, id := 0.0, ""
	for g, gap := range v.truth.Gaps {
		if s, ok := v.standard[gap.Standard]; !ok || s != v.r.Findings[finding].Standard {
			continue
		}
		if p := v.pair(g, finding); p.people > best {
			best, id = p.people, gap.ID
		}
	}
	return id
}

// decoy is the first decoy that holds at least half of the finding's people.
func (v *evaluator) decoy(finding int) string {
	f := &v.r.Findings[finding]
	whole := v.people(f.Standard, f.Cells, nil)
	for d, set := range v.decoys {
		if whole > 0 && v.people(f.Standard, f.Cells, set) >= whole/2 {
			return v.truth.Decoys[d].ID
		}
	}
	return ""
}

// gapFree says whether the municipality with most of the finding's people holds no planted gap.
func (v *evaluator) gapFree(finding int) bool {
	f := &v.r.Findings[finding]
	byTown := map[int32]float64{}
	for i := range f.Cells {
		byTown[v.r.Snapshot.Cells.Municipality[f.Cells[i]]] += v.people(f.Standard, f.Cells[i:i+1], nil)
	}
	best := int32(-1)
	for _, m := range sorted(byTown) {
		if best < 0 || byTown[m] > byTown[best] {
			best = m
		}
	}
	return !v.towns[best]
}
