package disclosure_test

import (
	"context"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"gevor/atlas"
	"gevor/internal/world"
	atlasregion "gevor/region"
	"gevor/travel"
)

// trialTown is a town of three districts with people drawn cell by cell.
func trialTown(seed uint64) *world.Town {
	r := rand.New(rand.NewPCG(seed, 5))
	w := world.New(10, 4)
	w.Area("town-2", atlasregion.District, 0, 4, 0, 8, 4)
	w.Area("town-3", atlasregion.District, 0, 8, 0, 10, 4)
	for y := range w.H {
		for x := range w.W {
			if r.IntN(5) > 0 {
				w.Settle(x, y, float32(1+r.IntN(1+r.IntN(30))))
			}
		}
	}
	for range 5 {
		w.Offer(r.IntN(w.W), r.IntN(w.H), float64(1+r.IntN(4)))
	}
	w.Nearest("near", 1, world.By(travel.Walk, 3+r.IntN(3)))
	w.PerThousand("enough", 10+40*r.Float64(), world.By(travel.Walk, 6))
	return w
}

// trialScenarios are what somebody tries who has time: every offer and every two of them closed, a place opened in every
// cell, and capacities one tenth apart.
func trialScenarios(w *world.Town) []atlas.Scenario {
	var out []atlas.Scenario
	n := int32(len(w.Snap.Offers))
	for a := range n {
		out = append(out, atlas.Scenario{Close: []int32{a}})
		for b := a + 1; b < n; b++ {
			out = append(out, atlas.Scenario{Close: []int32{a, b}})
		}
		for c := range 20 {
			out = append(out, atlas.Scenario{Capacity: map[int32]float64{a: 0.1 * float64(c)}})
		}
	}
	for i := range w.Snap.Cells.Len() {
		out = append(out, atlas.Scenario{Open: []atlasregion.Offer{{ID: "new", Categories: []int32{0}, At: w.Snap.Cells.At[i], Capacity: 2, StepFree: atlasregion.Yes}}})
	}
	return out
}

// trialAnswers tries everything on a town as it is known to what-ifs.
func trialAnswers(t *testing.T, w *world.Town, snap *atlasregion.Snapshot) [][]atlas.Effect {
	t.Helper()
	ctx, p := context.Background(), atlas.Params{Journeys: w, MinPeople: 1}
	known, err := atlas.Collect(ctx, snap, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	layers, err := atlas.Rejudged(ctx, snap, known, p, func(int) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	var out [][]atlas.Effect
	for _, s := range trialScenarios(w) {
		e, err := atlas.WhatIf(ctx, &atlas.Result{Snapshot: snap, Layers: layers}, known, p, s, nil)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// trialSets are the cells behind every figure: who gains and who loses, district by district.
func trialSets(snap *atlasregion.Snapshot, answers [][]atlas.Effect) map[string][]int32 {
	out := map[string][]int32{}
	for _, effects := range answers {
		for _, e := range effects {
			sets := map[[2]int32][]int32{}
			for i, now := range e.State {
				if was := e.Was[i]; was != now && was <= atlas.CellMissed && now <= atlas.CellMissed {
					k := [2]int32{snap.Cells.District[i], int32(now)}
					sets[k] = append(sets[k], int32(i))
				}
			}
			for _, set := range sets {
				key := ""
				for _, i := range set {
					key += strconv.Itoa(int(i)) + " "
				}
				out[key] = set
			}
		}
	}
	return out
}

func (a *attacker) between(coef map[int]*big.Rat, low, high int64) {
	a.slackRow(coef, rat(low))
	a.atMost(len(a.name)-1, rat(high-low))
}

// cells begins an attack: every inhabited cell holds one person at least.
func cells(snap *atlasregion.Snapshot) *attacker {
	a := &attacker{k: knowledge{counts: true}, index: map[string]int{}, hidden: map[int]bool{}, shown: map[int]bool{}}
	for i, n := range snap.Groups[0].People {
		c := a.unknown([]string{strconv.Itoa(i)})
		a.hidden[c] = true
		a.atLeast(c, rat(1))
		if n == 0 {
			a.atLeast(c, rat(0))
			a.bound[c] = span{rat(0), rat(0)}
			delete(a.hidden, c)
		}
	}
	return a
}

// The attacker gets more than any number of what-ifs could tell: the whole of what they are reckoned from, how it is made, and
// the exact number of every second district from elsewhere. He bounds every cell by linear programs, and the sums behind
// figures. The controls lack the protection: figures are sums of the true
// numbers, exact or rounded to tens one by one.
func TestWhatIfsGiveNobodyAway(t *testing.T) {
	const towns = 6
	recovered, narrow, cellsSeen := 0, 0, 0
	controlRecovered, controlNarrow := 0, 0
	var lost []float64
	for seed := range uint64(towns) {
		w := trialTown(seed)
		snap := atlas.Coarsen(w.Snap)
		sets := trialSets(snap, trialAnswers(t, w, snap))
		true0, known0 := w.Snap.Groups[0].People, snap.Groups[0].People
		order := atlas.Along(&snap.Cells)
		a := cells(w.Snap)
		prefix, kept := map[int]*big.Rat{}, 0.0
		people := int64(0)
		for n, i := range order {
			if true0[i] > 0 {
				prefix[int(i)] = rat(1)
				people++
				kept += float64(known0[i]) - 1
				low := int64(kept) - 5
				last := n+1 == len(order) || snap.Cells.District[order[n+1]] != snap.Cells.District[i]
				if !last {
					a.between(maps.Clone(prefix), low+people, low+people+9)
				}
			}
			if n+1 == len(order) || snap.Cells.District[order[n+1]] != snap.Cells.District[i] {
				total := int64(0)
				for k := range prefix {
					total += int64(true0[k])
				}
				if low := int64(kept) - 5 + people; snap.Cells.District[i]%2 == 0 {
					a.between(prefix, total, total)
				} else {
					a.between(prefix, low, low+9)
				}
				prefix, kept, people = map[int]*big.Rat{}, 0, 0
			}
		}
		for c, s := range a.bounds(nil) {
			if s.high == nil || len(a.name[c]) == 0 {
				continue
			}
			cellsSeen++
			width := new(big.Rat).Sub(s.high, s.low)
			if width.Sign() == 0 {
				recovered++
			}
			if width.Cmp(rat(atlas.CoarseStep-1)) < 0 {
				narrow++
				t.Logf("seed %d cell %s: %s to %s", seed, a.name[c], s.low.RatString(), s.high.RatString())
			}
		}
		b, exact := cells(w.Snap), cells(w.Snap)
		for _, set := range sets {
			coef, sum, rough := map[int]*big.Rat{}, 0.0, 0.0
			for _, i := range set {
				if true0[i] > 0 {
					coef[int(i)] = rat(1)
				}
				sum, rough = sum+float64(true0[i]), rough+float64(known0[i])
			}
			lost = append(lost, max(sum, rough)-min(sum, rough))
			exact.rows = append(exact.rows, equation{coef, rat(int64(sum))})
			coef = maps.Clone(coef)
			switch r := (int64(sum) + 5) / 10 * 10; {
			case sum < 10:
				b.between(coef, 0, 9)
			default:
				b.between(coef, r-5, r+4)
			}
		}
		for _, s := range exact.bounds(nil) {
			if s.high != nil && s.low.Cmp(s.high) == 0 {
				controlRecovered++
			}
		}
		for _, s := range b.bounds(nil) {
			if s.high == nil {
				continue
			}
			if width := new(big.Rat).Sub(s.high, s.low); width.Cmp(rat(atlas.CoarseStep-1)) < 0 {
				controlNarrow++
			}
		}
	}
	slices.Sort(lost)
	t.Logf("figure: what-ifs, %d cells of %d towns: %d recovered, %d too narrow; exact figures: %d recovered, rounded one by one: %d too narrow; a figure is off by %.0f people in the median, %.0f at most", cellsSeen, towns, recovered, narrow, controlRecovered, controlNarrow, lost[len(lost)/2], lost[len(lost)-1])
	if recovered+narrow > 0 {
		t.Errorf("%d cells recovered, %d narrower than %d", recovered, narrow, atlas.CoarseStep)
	}
	if controlRecovered == 0 || controlNarrow == 0 {
		t.Error("the attacker learns nothing without the protection either")
	}
}

// Two towns that look the same to what-ifs get the same answers to the byte, whatever is tried; as a control, without
// the protection they do not.
func TestWhatIfsKnowNoMore(t *testing.T) {
	other := 0
	for seed := range uint64(6) {
		a, b := trialTown(seed), trialTown(seed)
		coarse := atlas.Coarsen(a.Snap).Groups[0].People
		for _, i := range atlas.Along(&b.Snap.Cells) { // one person more where it does not show
			if p := b.Snap.Groups[0].People; p[i] > 0 {
				p[i]++
				if !slices.Equal(atlas.Coarsen(b.Snap).Groups[0].People, coarse) {
					p[i]--
				}
			}
		}
		answers := func(w *world.Town, s *atlasregion.Snapshot) string {
			var out []atlas.Outcome
			for _, e := range trialAnswers(t, w, s) {
				out = append(out, atlas.Outcomes(s, e)...)
			}
			return outcomesText(out)
		}
		if answers(a, atlas.Coarsen(a.Snap)) != answers(b, atlas.Coarsen(b.Snap)) {
			t.Errorf("seed %d: two towns that look the same are told apart", seed)
		}
		if answers(a, a.Snap) != answers(b, b.Snap) {
			other++
		}
	}
	if other == 0 {
		t.Error("without the protection no two towns are told apart either")
	}
}

func outcomesText(out []atlas.Outcome) string {
	text := ""
	f := func(x float64) { text += strconv.FormatFloat(x, 'g', -1, 64) + " " }
	for _, o := range out {
		text += o.Standard + " "
		for _, d := range append(o.Districts, o.Total) {
			text += d.District + " "
			for _, x := range []float64{d.Gain, d.Lose, d.Better, d.Worse, d.Unknown, o.People, o.Missing, o.After} {
				f(x)
			}
		}
	}
	return text
}
