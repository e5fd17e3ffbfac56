package atlas

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"gevor/region"
)

// PreviousRun is what identity needs of an earlier run.
type PreviousRun struct {
	Hash     string
	Findings []PreviousFinding
}

// PreviousFinding is one of its findings.
type PreviousFinding struct {
	ID       string
	Standard string   // key
	Cells    []string // cell IDs
	Since    string   // empty = the previous run itself
}

// The overlap from which two findings are the same place.
const (
	sameJaccard   = 0.3 // shared people over all people of both
	sameContained = 0.8 // shared people over the people of the smaller one
)

// Identify gives every finding its ID, its Since and the findings it Succeeds.
//
// A finding is the same as one of the previous run when both belong to the same standard and their people overlap:
// Jaccard >= 0.3, or at least 80 % of the smaller lies in the larger. People are counted as the current snapshot
// knows them; a cell that is gone weighs nothing. Pairs are taken in descending order of shared people, one to
// one, so after a split the part with most of the people keeps the ID and the other parts get new ones, and after a
// merger the area keeps the ID of the part that brought most people and names the others in Succeeds.
//
// A new ID comes from the standard and the cell in which most people miss it, so the same data give the same ID
// without any previous run; an ID that is taken is never given again. TestIdentity* hold this.
func Identify(snap *region.Snapshot, previous *PreviousRun, findings []Finding) {
	taken := map[string]bool{}
	if previous != nil {
		for _, f := range previous.Findings {
			taken[f.ID] = true
		}
		inherit(snap, previous, findings)
	}
	order := make([]int, len(findings))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(findings[a].Standard, findings[b].Standard), cmp.Compare(findings[a].Cells[0], findings[b].Cells[0]))
	})
	for _, i := range order {
		f := &findings[i]
		if f.ID != "" {
			continue
		}
		heart := heartOf(snap, f)
		for try := uint64(0); ; try++ {
			f.ID = name(snap.Standards[f.Standard].Key, snap.Cells.ID[heart], try)
			if !taken[f.ID] {
				break
			}
		}
		taken[f.ID] = true
	}
}

// heartOf is the cell of a finding with most people of its group, the first of several.
func heartOf(snap *region.Snapshot, f *Finding) int32 {
	people := snap.Groups[snap.Standards[f.Standard].Group].People
	best := f.Cells[0]
	for _, c := range f.Cells {
		if people[c] > people[best] {
			best = c
		}
	}
	return best
}

// letters leaves out what is mistaken for another when read aloud or written down: I, L, O, U, 0, 1.
const letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// name makes an ID like "B-7K3M-Q2" (B for Befund): 30^6, about 7·10^8 of them.
func name(standard, cell string, try uint64) string {
	h := sha256.New()
	h.Write([]byte(standard))
	h.Write([]byte{0})
	h.Write([]byte(cell))
	h.Write([]byte{0})
	h.Write(binary.BigEndian.AppendUint64(nil, try))
	v := binary.BigEndian.Uint64(h.Sum(nil))
	b := []byte("B-....-..")
	for _, i := range []int{2, 3, 4, 5, 7, 8} {
		b[i] = letters[v%uint64(len(letters))]
		v /= uint64(len(letters))
	}
	return string(b)
}

// overlap is a pair of findings that share people.
type overlap struct {
	previous, current int
	people            float64
}

// inherit hands IDs of the previous run on.
func inherit(snap *region.Snapshot, previous *PreviousRun, findings []Finding) {
	cellAt := map[string]int32{}
	for i, id := range snap.Cells.ID {
		cellAt[id] = int32(i)
	}
	standardAt := map[string]int32{}
	for i, s := range snap.Standards {
		standardAt[s.Key] = int32(i)
	}
	owner := map[[2]int32]int{} // standard and cell to finding
	for i, f := range findings {
		for _, c := range f.Cells {
			owner[[2]int32{f.Standard, c}] = i
		}
	}
	var pairs []overlap
	for i, was := range previous.Findings {
		s, ok := standardAt[was.Standard]
		if !ok {
			continue
		}
		people := snap.Groups[snap.Standards[s].Group].People
		if people == nil {
			continue
		}
		total := 0.0
		shared := map[int]float64{}
		for _, id := range was.Cells {
			c, ok := cellAt[id]
			if !ok {
				continue
			}
			total += float64(people[c])
			if f, ok := owner[[2]int32{s, c}]; ok {
				shared[f] += float64(people[c])
			}
		}
		for f, both := range shared {
			if now := findings[f].People; both > 0 && (both/(total+now-both) >= sameJaccard || both/min(total, now) >= sameContained) {
				pairs = append(pairs, overlap{i, f, both})
			}
		}
	}
	slices.SortFunc(pairs, func(a, b overlap) int {
		return cmp.Or(cmp.Compare(b.people, a.people), cmp.Compare(previous.Findings[a.previous].ID, previous.Findings[b.previous].ID), cmp.Compare(a.current, b.current))
	})
	used := map[int]bool{}
	for _, p := range pairs {
		f, was := &findings[p.current], previous.Findings[p.previous]
		if used[p.previous] || f.ID != "" {
			continue
		}
		used[p.previous] = true
		f.ID, f.Since = was.ID, cmp.Or(was.Since, previous.Hash)
	}
	for _, p := range pairs {
		if !used[p.previous] {
			used[p.previous] = true
			f := &findings[p.current]
			f.Succeeds = append(f.Succeeds, previous.Findings[p.previous].ID)
		}
	}
	for i := range findings {
		slices.Sort(findings[i].Succeeds)
	}
}
