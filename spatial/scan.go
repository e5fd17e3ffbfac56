package spatial

import (
	"fmt"
	"math"
	"slices"

	"gevor/fault"
)

// ScanData is what a scan looks at: areas, one or more periods, cases, and what cases are measured by.
type ScanData struct {
	Places     Places
	Population []float64 // of every area, ≥ 0; bounds how large a window may grow
	Periods    int       // T ≥ 1; 1 is a purely spatial scan
	Cases      []int     // areas × periods, period running fastest: Cases[area*T+t]
	// Base has the shape of Cases. Poisson: cases expected without any cluster, > 0 in total, in any scale (population
	// × time, or adjusted for age and sex); it is scaled to the number of cases. Bernoulli: people observed, cases
	// being some of them, whole numbers.
	Base []float64
}

// ScanOptions are the settings.
type ScanOptions struct {
	Bernoulli   bool
	MaxShare    float64 // of the population a window may hold, 0 < share ≤ 0.5
	MinLength   int     // least length of a window in periods; below 1 counts as 1
	MaxLength   int     // largest length; 0 takes half of the periods, at least 1
	Prospective bool    // only windows that last until the latest period
	MinCases    int     // least number of cases in a cluster
	MaxClusters int     // how many clusters to report, the first being the most likely; below 1 counts as 1
	Draws       int     // replications for p-values, 0 for none; 999 as a rule
	Seed        uint64
	Workers     int
}

// Cluster is one window with more cases than the rest would let expect.
type Cluster struct {
	Centre   int     // area in the middle
	Areas    []int   // from the centre outwards
	Radius   float64 // distance from the centre to the farthest area, in the unit of Places
	From, To int     // periods [From, To)
	Cases    int
	Expected float64 // cases expected at the rate of all areas and periods together
	Risk     float64 // rate inside / rate outside; +Inf where there is no case outside
	LLR      float64 // log likelihood ratio
	P        float64 // (1 + replications whose best window is at least as likely) / (1 + Draws); NaN without draws
}

// Scan gives the scan statistic of Kulldorff (1997; space-time: Kulldorff et al. 1998; prospective: Kulldorff 2001).
// Windows are circles around each place that take in the next nearest place until their population would exceed
// MaxShare of all, times every stretch of periods allowed. With c cases inside, e expected there and C in all:
//
//	Poisson:    c·ln(c/e) + (C−c)·ln((C−c)/(C−e))                       where c > e, else 0
//	Bernoulli:  the same for cases and non-cases: Σ over inside/outside, case/non-case of x·ln(x/expected)
//
// The most likely window comes first, then the most likely one that shares no area with those before. Replications
// place the same number of cases at random (Poisson: by Base; Bernoulli: without replacement among the people) and
// keep the best window each; secondary clusters are compared with the same list, which makes their P conservative.
// Places at one distance join in the order of the list. An area without population is never a reason to stop. Cost
// of the search and of every replication: windows, i.e. Σ over places of circle sizes × stretches of periods.
//
// No case, a base that is all zero, or no window within MaxShare is Invalid; one area alone has no outside and is
// Invalid too. TestPennsylvaniaScan holds both models against SpatialEpi; TestScanAgainstAllWindows compares with a
// plain enumeration, TestScanKeepsItsLevel the p-values with their meaning.
func Scan(d ScanData, o ScanOptions) ([]Cluster, error) {
	s, err := newScanner(d, o)
	if err != nil {
		return nil, err
	}
	var out []Cluster
	used := make([]bool, s.n)
	for range max(1, o.MaxClusters) {
		b := s.best(s.cases, used, newSums(s))
		if !(b.llr > 0) || b.cases < o.MinCases {
			break
		}
		c := s.cluster(b)
		for _, i := range c.Areas {
			used[i] = true
		}
		out = append(out, c)
	}
	if o.Draws < 1 {
		return out, nil
	}
	best := make([]float64, o.Draws)
	none := make([]bool, s.n)
	inParallel(o.Draws, o.Workers, func() *replication {
		return &replication{make([]int32, len(d.Cases)), make([]int32, s.n*s.width), newSums(s)}
	},
		func(k int, r *replication) {
			clear(r.cases)
			s.place(r.cases, streamOf(o.Seed, uint64(k)))
			s.accumulate(r.cases, r.prefix)
			best[k] = s.best(r.prefix, none, r.sums).llr
		})
	for i := range out {
		atLeast := 1
		for _, b := range best {
			if b >= out[i].LLR*(1-1e-12) {
				atLeast++
			}
		}
		out[i].P = float64(atLeast) / float64(o.Draws+1)
	}
	return out, nil
}

// scanner holds what is the same for the data and all replications. Sums over periods are kept as prefixes, so that any
// stretch is one subtraction.
type scanner struct {
	o        ScanOptions
	places   Places
	n, t     int
	width    int
	first    []int // circle of place i: order[first[i]:first[i+1]]
	order    []int32
	cases    []int32   // prefixes
	base     []float64 // prefixes, scaled for Poisson
	total    int       // C
	all      float64   // ΣBase
	trials   []float64 // Base as given, Bernoulli
	alias    *aliasTable
	min, max int     // lengths
	least    float64 // cases
	// Windows end in one of the columns ends … width−1 of the prefixes, the first of which is before period offset:
	// looking at the latest periods only, a prospective scan keeps no others.
	ends, offset int
}

// replication and sums are scratch of one goroutine.
type replication struct {
	cases, prefix []int32
	sums          *sums
}

type sums struct {
	cases, base []float64
	last        []int // latest column from which a window up to this one holds a case of the place taken in last; −1
}

func newSums(s *scanner) *sums {
	return &sums{make([]float64, s.width), make([]float64, s.width), make([]int, s.width)}
}

// window is the best one found.
type window struct {
	llr          float64
	centre, size int // the first size places of the circle
	from, to     int
	cases        int
	base         float64
}

func newScanner(d ScanData, o ScanOptions) (*scanner, error) {
	bad := func(what, advice string) (*scanner, error) {
		return nil, fault.New(fault.Invalid, "scan", what, advice)
	}
	n, t := d.Places.Len(), d.Periods
	switch {
	case n < 2:
		return bad(fmt.Sprintf("%d areas", n), "a scan compares inside with outside")
	case t < 1 || len(d.Cases) != n*t || len(d.Base) != n*t || len(d.Population) != n:
		return bad(fmt.Sprintf("%d cases, %d bases and %d populations for %d areas × %d periods", len(d.Cases), len(d.Base), len(d.Population), n, t), "give one for each")
	case !(o.MaxShare > 0 && o.MaxShare <= 0.5):
		return bad(fmt.Sprintf("largest share %g", o.MaxShare), "take a share above 0 and up to 0.5")
	}
	s := &scanner{o: o, places: d.Places, n: n, t: t, min: max(1, o.MinLength), max: o.MaxLength, least: float64(o.MinCases)}
	if s.max == 0 {
		s.max = max(1, t/2)
	}
	if s.max > t || s.min > s.max {
		return bad(fmt.Sprintf("windows of %d to %d of %d periods", s.min, s.max, t), "let lengths lie within the series")
	}
	s.ends = s.min
	if o.Prospective {
		s.offset, s.ends = t-s.max, s.max
	}
	s.width = t - s.offset + 1
	people := 0.0
	for i, p := range d.Population {
		if !(p >= 0) || math.IsInf(p, 1) {
			return bad(fmt.Sprintf("population %g of area %d", p, i+1), "populations are numbers ≥ 0")
		}
		people += p
	}
	for k, c := range d.Cases {
		b := d.Base[k]
		switch {
		case c < 0 || !(b >= 0) || math.IsInf(b, 1):
			return bad(fmt.Sprintf("%d cases and base %g in area %d", c, b, k/t+1), "both are numbers ≥ 0")
		case b == 0 && c > 0:
			return bad(fmt.Sprintf("%d cases and base 0 in area %d", c, k/t+1), "correct the population or the expected cases")
		case o.Bernoulli && (float64(c) > b || b != math.Trunc(b)):
			return bad(fmt.Sprintf("%d cases among %g people in area %d", c, b, k/t+1), "cases are some of a whole number of people")
		}
		s.total += c
		s.all += b
	}
	if s.total == 0 || s.total > math.MaxInt32 || s.all == 0 {
		return bad(fmt.Sprintf("%d cases in all", s.total), "a scan needs at least one case and a base")
	}
	scale := 1.0
	if !o.Bernoulli {
		scale = float64(s.total) / s.all
		s.all = float64(s.total)
	}
	s.trials = d.Base
	s.base = make([]float64, n*s.width)
	counts := make([]int32, len(d.Cases))
	for i := range n {
		for k := range s.width - 1 {
			s.base[i*s.width+k+1] = s.base[i*s.width+k] + d.Base[i*t+s.offset+k]*scale
		}
	}
	for k, c := range d.Cases {
		counts[k] = int32(c)
	}
	s.cases = make([]int32, n*s.width)
	s.accumulate(counts, s.cases)
	s.alias = newAlias(d.Base)
	s.circles(d.Population, people*o.MaxShare*(1+1e-12))
	if len(s.order) == 0 {
		return bad(fmt.Sprintf("every area alone holds more than %g of the population", o.MaxShare), "take a larger share or smaller areas")
	}
	return s, nil
}

func (s *scanner) accumulate(cases, prefix []int32) {
	for i := range s.n {
		sum := int32(0)
		for k := range s.width - 1 {
			sum += cases[i*s.t+s.offset+k]
			prefix[i*s.width+k+1] = sum
		}
	}
}

func (s *scanner) circles(population []float64, most float64) {
	s.first = make([]int, 1, s.n+1)
	ring := make([]found, s.n)
	for i := range s.n {
		for j := range s.n {
			ring[j] = found{int32(j), square(s.places.at[i], s.places.at[j])}
		}
		slices.SortFunc(ring, closer)
		// The place itself comes first, whatever else lies at distance 0.
		at := slices.IndexFunc(ring, func(f found) bool { return int(f.at) == i })
		copy(ring[1:at+1], ring[:at])
		ring[0] = found{int32(i), 0}
		sum := 0.0
		for _, f := range ring {
			if sum += population[f.at]; sum > most {
				break
			}
			s.order = append(s.order, f.at)
		}
		s.first = append(s.first, len(s.order))
	}
}

// best searches all windows without used areas. Of a circle that takes in one more place only those windows are looked
// at in which that place has a case: more base with the same cases makes no window likelier.
func (s *scanner) best(prefix []int32, used []bool, sum *sums) window {
	var best window
	look := s.lookPoisson
	if s.o.Bernoulli {
		look = s.lookBernoulli
	}
	for centre := range s.n {
		clear(sum.cases)
		clear(sum.base)
		circle := s.order[s.first[centre]:s.first[centre+1]]
		for k, area := range circle {
			if used[area] {
				break
			}
			row := int(area) * s.width
			for x, v := range s.base[row : row+s.width] {
				sum.base[x] += v
			}
			own := prefix[row : row+s.width]
			if own[len(own)-1] == 0 {
				continue
			}
			last, before := -1, int32(0)
			for x, v := range own {
				sum.cases[x] += float64(v)
				if v > before {
					last = x - 1
				}
				before = v
				sum.last[x] = last
			}
			if look(sum, &best) {
				best.centre, best.size = centre, k+1
			}
		}
	}
	return best
}

// lookPoisson takes the best stretch of periods of one circle if it beats what was found before. A window is worked
// out only where a bound of its likelihood ratio does: with d = c − b > 0, x·ln(x/a) − (x−a) is at most (x−a)²/2a for
// x ≥ a and (x−a)²/a else, hence d²(1/2b + 1/(C−b)) for both terms.
func (s *scanner) lookPoisson(sum *sums, best *window) (better bool) {
	total := s.all
	for to := s.ends; to < s.width; to++ {
		from, last := max(0, to-s.max), min(to-s.min, sum.last[to])
		if last < from {
			continue
		}
		cases, base := sum.cases[from:last+1], sum.base[from:]
		ct, bt := sum.cases[to], sum.base[to]
		for k, cf := range cases {
			b := bt - base[k]
			d := ct - cf - b
			if d <= 0 || d*d*0.5*(total+b) <= best.llr*b*(total-b) || d+b < s.least {
				continue
			}
			if llr := s.llr(ct-cf, b); llr > best.llr {
				*best = window{llr: llr, from: s.offset + from + k, to: s.offset + to, cases: int(ct - cf), base: b}
				better = true
			}
		}
	}
	return better
}

// lookBernoulli is the same for cases and non-cases: of the four terms two lie above and two below their expectation.
func (s *scanner) lookBernoulli(sum *sums, best *window) (better bool) {
	total := float64(s.total)
	for to := s.ends; to < s.width; to++ {
		for from := max(0, to-s.max); from <= min(to-s.min, sum.last[to]); from++ {
			c, b := sum.cases[to]-sum.cases[from], sum.base[to]-sum.base[from]
			e := b * total / s.all
			d := c - e
			if d <= 0 || d*d*(0.5/e+1/(b-e)+1/(total-e)+0.5/(s.all-b-total+e)) <= best.llr || c < s.least {
				continue
			}
			if llr := s.llr(c, b); llr > best.llr {
				*best = window{llr: llr, from: s.offset + from, to: s.offset + to, cases: int(c), base: b}
				better = true
			}
		}
	}
	return better
}

// llr is the log likelihood ratio of c cases over a base b.
func (s *scanner) llr(c, b float64) float64 {
	total := float64(s.total)
	term := func(x, expected float64) float64 {
		if x <= 0 {
			return 0
		}
		return x * math.Log(x/expected)
	}
	if !s.o.Bernoulli {
		return term(c, b) + term(total-c, s.all-b)
	}
	e := b * total / s.all
	return term(c, e) + term(b-c, b-e) + term(total-c, total-e) + term(s.all-b-total+c, s.all-b-total+e)
}

func (s *scanner) cluster(b window) Cluster {
	c := Cluster{Centre: b.centre, From: b.from, To: b.to, Cases: b.cases, LLR: b.llr, P: math.NaN()}
	for _, i := range s.order[s.first[b.centre]:][:b.size] {
		c.Areas = append(c.Areas, int(i))
		c.Radius = math.Max(c.Radius, s.places.Distance(b.centre, int(i)))
	}
	c.Expected = b.base * float64(s.total) / s.all
	c.Risk = float64(c.Cases) / b.base / (float64(s.total-c.Cases) / (s.all - b.base))
	return c
}
