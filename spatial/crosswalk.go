package spatial

import (
	"fmt"
	"math"

	"gevor/fault"
)

// Overlap is the number of people (any share of a part, a 100 m cell say) that live both in a source area and in a
// target area. Target −1 is outside every target.
type Overlap struct {
	Source, Target int32
	People         float64
}

// Recomputed is a value carried over to a target area. It is an estimate wherever a source was divided.
type Recomputed struct {
	Value   float64 // NaN where a source that it needs has no value
	Error   float64 // standard error of the estimate; 0 where every source lies wholly inside; NaN with Value
	People  float64 // of the target in all overlaps
	Unknown float64 // share of them in sources without a value, 0..1
	Divided float64 // share of Value that comes from sources divided between targets, 0..1
}

// fewest is the number of sources below which their spread is not estimated but taken as assumedSpread.
const (
	fewest        = 3
	assumedSpread = 0.5
)

// CrosswalkCounts carries counts of source areas over to target areas in proportion to people (areal weighting by an
// ancillary population after Goodchild & Lam 1980; Flowerdew & Green 1992), so that sums are kept:
//
//	Value(t) = Σ_s v(s)·f(s,t),   f = people(s,t) / people(s)
//	Error²   = Σ_s [ (c·v·f·(1−f)/√(f²+(1−f)²))² + v·f·(1−f) ]
//
// The first term is a rate that differs inside a source as much as it does between sources (c = coefficient of
// variation of v/people over sources, weighted by people and less what chance explains; 0.5 with fewer than three),
// both parts erring independently and conditioned on the total, as in "Spreading district values"; the second is the
// chance by which each counted person falls on one side. Sources err independently. A source without a value (NaN)
// makes all its targets NaN, as unknown is not zero. A source with a value above 0 and nobody in any overlap is
// Invalid: it cannot be placed. TestCrosswalkByHand, TestCrosswalkKeepsSums, TestCrosswalkErrorsAreHonest.
func CrosswalkCounts(values []float64, targets int, overlaps []Overlap) ([]Recomputed, error) {
	source, err := sourcesOf(values, targets, overlaps)
	if err != nil {
		return nil, err
	}
	c := spreadOf(values, source)
	out := make([]Recomputed, targets)
	part := merged(overlaps)
	for _, o := range part {
		if o.Target < 0 || o.People == 0 {
			continue
		}
		t := &out[o.Target]
		v, f := values[o.Source], o.People/source[o.Source]
		t.People += o.People
		if math.IsNaN(v) {
			t.Unknown += o.People
			continue
		}
		t.Value += v * f
		if f < 1 {
			rest := 1 - f
			rate := c * v * f * rest / math.Sqrt(f*f+rest*rest)
			t.Error += rate*rate + v*f*rest
			t.Divided += v * f
		}
	}
	for i := range out {
		finish(&out[i], math.Sqrt(out[i].Error))
	}
	return out, nil
}

// CrosswalkRates carries rates or means of source areas (per head; any unit) over as means weighted by people:
//
//	Value(t) = Σ_s r(s)·people(s,t) / Σ_s people(s,t)
//
// with the first term of CrosswalkCounts for the error (the absolute spread between sources in place of c·v). A
// target without people has no value (NaN). Divided is the share of people.
func CrosswalkRates(rates []float64, targets int, overlaps []Overlap) ([]Recomputed, error) {
	for i, r := range rates {
		if math.IsInf(r, 0) {
			return nil, fault.New(fault.Invalid, "crosswalk", fmt.Sprintf("rate %d is infinite", i+1), "")
		}
	}
	source, err := sourcesOf(make([]float64, len(rates)), targets, overlaps)
	if err != nil {
		return nil, err
	}
	var people, mean, spread, count float64
	for i, r := range rates {
		if !math.IsNaN(r) && source[i] > 0 {
			people += source[i]
			mean += source[i] * r
			count++
		}
	}
	mean /= people
	for i, r := range rates {
		if !math.IsNaN(r) && source[i] > 0 {
			spread += source[i] / people * (r - mean) * (r - mean)
		}
	}
	dev := math.Sqrt(spread)
	if count < fewest {
		dev = assumedSpread * math.Abs(mean)
	}
	out := make([]Recomputed, targets)
	for _, o := range merged(overlaps) {
		if o.Target < 0 || o.People == 0 {
			continue
		}
		t := &out[o.Target]
		t.People += o.People
		if math.IsNaN(rates[o.Source]) {
			t.Unknown += o.People
			continue
		}
		t.Value += rates[o.Source] * o.People
		if f := o.People / source[o.Source]; f < 1 {
			rest := 1 - f
			d := dev * source[o.Source] * f * rest / math.Sqrt(f*f+rest*rest)
			t.Error += d * d
			t.Divided += o.People
		}
	}
	for i := range out {
		t := &out[i]
		if t.People == 0 {
			nan := math.NaN()
			*t = Recomputed{Value: nan, Error: nan}
			continue
		}
		t.Value /= t.People
		divided := t.Divided / t.People
		finish(t, math.Sqrt(t.Error)/t.People)
		t.Divided = divided
	}
	return out, nil
}

func finish(t *Recomputed, dev float64) {
	if t.Unknown > 0 {
		t.Unknown /= t.People
		t.Value, t.Error, t.Divided = math.NaN(), math.NaN(), 0
		return
	}
	t.Error = dev
	if t.Value > 0 {
		t.Divided /= t.Value
	}
}

// sourcesOf checks and gives the people of every source.
func sourcesOf(values []float64, targets int, overlaps []Overlap) ([]float64, error) {
	source := make([]float64, len(values))
	for _, o := range overlaps {
		if o.Source < 0 || int(o.Source) >= len(values) || o.Target < -1 || int(o.Target) >= targets || !(o.People >= 0) || math.IsInf(o.People, 1) {
			return nil, fault.New(fault.Invalid, "crosswalk", fmt.Sprintf("%g people in source %d and target %d", o.People, o.Source+1, o.Target+1), "list every area first; people are ≥ 0")
		}
		source[o.Source] += o.People
	}
	for i, v := range values {
		if v < 0 || math.IsInf(v, 0) {
			return nil, fault.New(fault.Invalid, "crosswalk", fmt.Sprintf("count %g of source %d", v, i+1), "counts are numbers ≥ 0, or missing")
		}
		if v > 0 && source[i] == 0 {
			return nil, fault.New(fault.Invalid, "crosswalk", fmt.Sprintf("source %d has a count of %g and nobody in any overlap", i+1, v), "add its people, or an overlap with target −1 to leave it outside")
		}
	}
	return source, nil
}

// merged adds up overlaps of the same pair, in the order in which pairs first occur.
func merged(overlaps []Overlap) []Overlap {
	at := map[[2]int32]int{}
	var out []Overlap
	for _, o := range overlaps {
		key := [2]int32{o.Source, o.Target}
		k, ok := at[key]
		if !ok {
			k = len(out)
			at[key] = k
			out = append(out, Overlap{o.Source, o.Target, 0})
		}
		out[k].People += o.People
	}
	return out
}

// spreadOf is the coefficient of variation of v/people between sources, the part that chance explains taken off.
func spreadOf(values, people []float64) float64 {
	var sum, cases, count float64
	for i, v := range values {
		if !math.IsNaN(v) && people[i] > 0 {
			sum += people[i]
			cases += v
			count++
		}
	}
	if count < fewest || cases == 0 {
		return assumedSpread
	}
	rate := cases / sum
	square, chance := 0.0, 0.0
	for i, v := range values {
		if !math.IsNaN(v) && people[i] > 0 {
			d := v/people[i] - rate
			square += people[i] / sum * d * d
			chance += people[i] / sum * rate / people[i]
		}
	}
	return math.Sqrt(math.Max(0, square-chance)) / rate
}
