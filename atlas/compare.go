package atlas

import (
	"fmt"
	"slices"

	"gevor/fault"
	"gevor/region"
	"gevor/travel"
)

// Compare says what one result changes against another over the same cells and groups: another timetable, other streets,
// other offers. There is an effect for every standard that both hold, by its key, in the order of before; its number is
// that of before. Invalid where the cells or a standard's group are others. Cost O(cells x standards).
// TestWhatIfEqualsAnalysis holds it against what-ifs.
func Compare(before, after *Result) ([]Effect, error) {
	s, t := before.Snapshot, after.Snapshot
	if s.Cells.SizeM != t.Cells.SizeM || !slices.Equal(s.Cells.ID, t.Cells.ID) || len(s.Areas) != len(t.Areas) {
		return nil, fault.New(fault.Invalid, "comparison", "the two results are of other cells or districts", "compare runs of one region with the same grid and boundaries")
	}
	var out []Effect
	for i := range before.Layers {
		was := &before.Layers[i]
		standard := s.Standards[was.Standard]
		k := slices.IndexFunc(after.Layers, func(l Layer) bool { return t.Standards[l.Standard].Key == standard.Key })
		if k < 0 {
			continue
		}
		now := &after.Layers[k]
		old, group := &s.Groups[standard.Group], &t.Groups[t.Standards[now.Standard].Group]
		if old.Key != group.Key || !slices.Equal(old.People, group.People) {
			return nil, fault.New(fault.Invalid, "standard "+standard.Key, fmt.Sprintf("speaks of %q with other numbers of people in the two results", group.Key), "compare runs with the same group data")
		}
		e := Effect{Standard: was.Standard, Known: known(after, now.Standard), State: now.State, Access: now.Access, Seconds: now.Seconds}
		e.compare(s, old, was)
		out = append(out, e)
	}
	return out, nil
}

// known says whether a standard could be judged.
func known(r *Result, standard int32) bool {
	return slices.ContainsFunc(r.Summaries, func(s StandardSummary) bool { return s.Standard == standard && s.Known })
}

// Riding gives a snapshot with only those of its standards that a timetable has a part in.
func Riding(s *region.Snapshot) *region.Snapshot {
	out := *s
	out.Standards = nil
	for _, t := range s.Standards {
		if slices.ContainsFunc(t.Ways, func(w region.Way) bool { return w.Mode == travel.Transit }) {
			out.Standards = append(out.Standards, t)
		}
	}
	return &out
}
