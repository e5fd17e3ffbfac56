package webtest

import (
	"context"

	"gevor/atlas"
	"gevor/geo"
	"gevor/internal/web"
)

// tries answers what-ifs about the example town without streets: under every standard concerned, whoever lives in the
// east gains and a few in the west lose.
type tries struct{}

// Tries gives the answers of the example town.
func Tries() web.Trials { return tries{} }

// Try gives the same effects whatever is changed.
func (tries) Try(_ context.Context, run *web.Run, s atlas.Scenario) ([]atlas.Effect, error) {
	snap := run.Result.Snapshot
	concerned := s.Concerns(snap)
	var out []atlas.Effect
	for i := range run.Result.Layers {
		l := &run.Result.Layers[i]
		if !concerned(int(l.Standard)) {
			continue
		}
		e := atlas.Effect{Standard: l.Standard, Known: true, Was: l.State, State: append([]atlas.CellState(nil), l.State...), Total: atlas.DistrictEffect{Area: -1, Gain: 1234, Lose: 7}}
		for c, st := range l.State {
			if st == atlas.CellMissed && snap.Cells.District[c] == 2 {
				e.State[c] = atlas.CellMet
			}
		}
		e.Before, e.After = atlas.Standing{People: 9000, Missing: 2000}, atlas.Standing{People: 9000, Missing: 773}
		e.Districts = []atlas.DistrictEffect{{Area: 2, Gain: 1234}, {Area: 3, Lose: 7}}
		out = append(out, e)
	}
	return out, nil
}

// Choose gives two cells of the town for every objective. How many are still out says what was asked: 2,000 by the standard
// alone, 2,600 in a language, 810 where need weighs it, half for another group.
func (tries) Choose(_ context.Context, run *web.Run, q atlas.Question, wish atlas.Wish) (*web.Sites, error) {
	at := run.Result.Snapshot.Cells.At
	still := 2000.0
	if len(q.Languages) > 0 {
		still = 2600
	}
	if q.Need != nil { // a share of them needs the language
		still = 810
	}
	if q.Group != run.Result.Snapshot.Standards[q.Standard].Group {
		still /= 2
	}
	out := []atlas.Choice{{StillOut: still, MeanShare: 0.8, WorstShare: 1.9}}
	for _, o := range atlas.Objectives() {
		out = append(out, atlas.Choice{Objective: o, Open: []int32{0, 1}[:min(wish.Places, 2)], NewlyReached: 700, StillOut: still - 700, MeanShare: 0.6, WorstShare: 1.5, Bound: 800, Optimal: o == atlas.MostPeople, Gap: 0.0123})
	}
	spoken := atlas.Spoken{Places: 9, Told: 7, InThose: 9}
	if len(q.Languages) > 0 {
		spoken.InThose = 2
	}
	return &web.Sites{At: []geo.LonLat{at[100], at[len(at)/2]}, Choices: out, Spoken: spoken}, nil
}
