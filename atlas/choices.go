package atlas

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gevor/fault"
	"gevor/reach"
	"gevor/siting"
)

// Objective is by which measure new places are chosen.
type Objective string

// The objectives.
const (
	MostPeople   Objective = "mclp"    // most people come in time to some place (Church & ReVelle 1974)
	LeastWays    Objective = "pmedian" // the ways of all people together are least
	ShortestLast Objective = "pcenter" // the longest way of anybody who can come at all is least
	FewestPlaces Objective = "lscp"    // as few as bring everybody in time whom some candidate can (Toregas et al. 1971)
)

// Wish is what new places are to be like.
type Wish struct {
	Places int // most of them; the objective lscp says how many it takes
	// Capacity is the most people that each serves, for mclp and pmedian; 0 sets no limit. Places of today have none.
	Capacity float64
}

// Objectives lists all objectives.
func Objectives() []Objective { return []Objective{MostPeople, LeastWays, ShortestLast, FewestPlaces} }

// Choice is a choice of new places, measured by every yardstick.
type Choice struct {
	Objective    Objective // empty for the state of today
	Open         []int32   // the candidates chosen, ascending
	NewlyReached float64   // people who reach no place in time today, and would
	StillOut     float64   // people who would still reach none in time
	MeanShare    float64   // of the limit, over the people within Prospect.Bound; NaN where there are none
	WorstShare   float64   // the largest of them
	Beyond       float64   // people for whom every place lies beyond Prospect.Bound
	// Bound is what no choice can beat in the objective: people reached at most (mclp, today's included), the sum of
	// shares at least (pmedian), the share at least (pcenter), places at least (lscp). NaN for the state of today.
	Bound   float64
	Optimal bool // the choice is proved best among the candidates
	// None says that no choice of so many places fulfils the objective: some would stay beyond Prospect.Bound whom a
	// candidate can reach. All figures are then those of today.
	None bool
	Gap  float64 // |value − bound| / max of both: how far from the best it can be at most; 0 where proved
}

// Choices sites places new ones beside those of today, once for each objective. The first of the answers is the state
// without new places. Best means best among the candidates; effort bounds the search.
// TestChoicesAgreeWithAllPairs checks small cases against all choices.
func Choices(p *Prospect, wish Wish, objectives []Objective, e siting.Effort) ([]Choice, error) {
	k, err := newContest(p)
	if err != nil {
		return nil, err
	}
	out := []Choice{k.measure("", siting.Answer{Bound: math.NaN()})}
	for _, o := range objectives {
		a, err := k.solve(o, wish, e)
		if errors.Is(err, siting.ErrNoChoice) {
			c := k.measure(o, siting.Answer{Bound: math.NaN()})
			c.None = true
			out = append(out, c)
			continue
		}
		if err != nil {
			return nil, err
		}
		c := k.measure(o, a)
		if wish.Capacity > 0 && (o == MostPeople || o == LeastWays) {
			k.seated(&c, a)
		}
		out = append(out, c)
	}
	return out, nil
}

// contest is one problem for several objectives: the last column stands for the places of today, and is fixed.
type contest struct {
	p     *Prospect
	cost  *reach.Sparse[float64]
	today int32
}

func newContest(p *Prospect) (*contest, error) {
	b := reach.NewBuilder[float64](p.Candidates.Cols + 1)
	today := int32(p.Candidates.Cols)
	for i := range p.Cells {
		to, cost := p.Candidates.Row(i)
		if e := p.Existing[i]; !math.IsInf(e, 1) {
			to, cost = append(slices.Clone(to), today), append(slices.Clone(cost), e)
		}
		b.Add(to, cost)
	}
	return &contest{p, b.Done(), today}, nil
}

func (k *contest) solve(o Objective, wish Wish, e siting.Effort) (siting.Answer, error) {
	p := siting.Problem{Cost: k.cost, Weight: k.p.People, Fixed: []int32{k.today}, New: wish.Places, Partial: true}
	if wish.Capacity > 0 && (o == MostPeople || o == LeastWays) {
		p.Capacity = make([]float64, k.cost.Cols)
		for j := range p.Capacity {
			p.Capacity[j] = wish.Capacity
		}
		p.Capacity[k.today] = math.Inf(1)
	}
	switch o {
	case MostPeople:
		return siting.MaxCover(p, 1, e)
	case LeastWays:
		p.Miss = k.p.Bound
		return siting.Median(p, e)
	case ShortestLast:
		return siting.Centre(p, e)
	case FewestPlaces:
		p.New = 0
		return siting.Cover(p, 1, e)
	}
	return siting.Answer{}, fault.New(fault.Invalid, "objective", fmt.Sprintf("%q is none", o), "choose mclp, pmedian, pcenter or lscp")
}

func (k *contest) measure(o Objective, a siting.Answer) Choice {
	c := Choice{Objective: o, Bound: a.Bound, Optimal: a.Optimal, Gap: a.Gap()}
	isOpen := make([]bool, k.cost.Cols)
	isOpen[k.today] = true
	for _, j := range a.Open {
		if j != k.today {
			isOpen[j] = true
			c.Open = append(c.Open, j)
		}
	}
	var sum, people float64
	for i, w := range k.p.People {
		best := math.Inf(1)
		to, cost := k.cost.Row(i)
		for n, j := range to {
			if isOpen[j] {
				best = math.Min(best, cost[n])
			}
		}
		switch {
		case best > 1:
			c.StillOut += w
		case k.p.Existing[i] > 1:
			c.NewlyReached += w
		}
		if math.IsInf(best, 1) {
			c.Beyond += w
			continue
		}
		sum, people, c.WorstShare = sum+w*best, people+w, math.Max(c.WorstShare, best)
	}
	c.MeanShare = sum / people
	return c
}

// seated counts those who are newly reached where new places have a capacity: who finds a place at one of them.
func (k *contest) seated(c *Choice, a siting.Answer) {
	seats := 0.0
	for _, s := range a.Served {
		if s.Place != k.today && s.Cost <= 1 && k.p.Existing[s.Demand] > 1 {
			seats += s.Weight
		}
	}
	c.StillOut += c.NewlyReached - seats
	c.NewlyReached = seats
}
