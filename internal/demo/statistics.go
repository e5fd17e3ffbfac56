package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// The municipal statistics of the demo region: a dozen indicators of every district over nine years, as statistics
// offices hand them out. Disparities, divergence, a redefinition and a boundary change are planted and told in truth.json.

const (
	firstYear       = 2017
	lastYear        = 2025
	boundaryYear    = 2021 // two districts exchange a quarter
	redefinedYear   = 2022 // unemployment is counted more widely
	pandemicYear    = 2020 // no school entry examination
	redefinedFactor = 1.22
	divergencePace  = 0.95 // percentage points of child poverty that diverging districts gain a year
	statYears       = lastYear - firstYear + 1
)

// statistic is the figures of one district over the years.
type statistic struct {
	key, name, city                       string
	empty                                 bool
	diverges                              bool
	poor                                  float64 // 0..1
	people, children, old, worker, single [statYears]int
	poorChildren, jobless, deaths         [statYears]int
	examined, speech                      [statYears]int
	tongues                               [len(tongueList)][statYears]int
	offers                                [len(tongueList)]int
	advised, missed, letters              [statYears]int
}

// tongue is a language that families speak at home, with its share among children of poor districts in percent and how
// well offers in it keep up.
type tongue struct {
	tag, de, en string
	share       float64
	offered     float64
}

var tongueList = [...]tongue{
	{"tr", "Türkisch", "Turkish", 14, 1},
	{"ar", "Arabisch", "Arabic", 9, 0.45},
	{"uk", "Ukrainisch", "Ukrainian", 6, 0.15},
	{"ro", "Rumänisch", "Romanian", 5, 0.05},
	{"pl", "Polnisch", "Polish", 4, 0.8},
}

// planningArea is where a physicians' association plans the number of paediatricians: a block of two cities.
type planningArea struct {
	key, name string
	cities    []int
	practices int
	supply    [statYears]float64 // per cent of what is planned
	age       float64
}

type statisticsBook struct {
	districts []statistic
	areas     []planningArea
	swap      [2]int // districts that exchanged a quarter
}

// draws of numbers around their expectation.

// around draws a count of so many among n, approximately binomial.
func around(r *rand.Rand, n int, p float64) int {
	p = math.Min(math.Max(p, 0), 1)
	if n < 60 {
		hits := 0
		for range n {
			if r.Float64() < p {
				hits++
			}
		}
		return hits
	}
	mean, dev := float64(n)*p, math.Sqrt(float64(n)*p*(1-p))
	return int(math.Min(math.Max(math.Round(mean+dev*r.NormFloat64()), 0), float64(n)))
}

// statistics draws the book. It draws from a stream of its own, so that nothing else of the region depends on it.
func (w *world) statistics() *statisticsBook {
	r := stream(w.o.Seed, "statistics")
	b := &statisticsBook{swap: [2]int{-1, -1}}
	for i := range w.q.districts {
		b.districts = append(b.districts, w.drawStatistic(r, i))
	}
	b.plantBoundary(w)
	practices := w.practicesByCity()
	total, children := 0, 0
	for _, n := range practices {
		total += n
	}
	for i := range b.districts {
		children += b.districts[i].children[statYears-1]
	}
	for k := range w.p.cities {
		c := &w.p.cities[k]
		for len(b.areas) <= c.block {
			b.areas = append(b.areas, planningArea{key: fmt.Sprintf("PB%02d", len(b.areas)+1), age: 47 + 12*r.Float64()})
		}
		a := &b.areas[c.block]
		a.cities = append(a.cities, k)
		a.practices += practices[k]
		a.name = strings.TrimPrefix(a.name+" und "+c.name, " und ")
	}
	for k := range b.areas {
		b.supply(&b.areas[k], w, float64(total)/math.Max(1, float64(children)))
	}
	return b
}

func (w *world) practicesByCity() []int {
	out := make([]int, len(w.p.cities))
	for i := range w.offers {
		if o := &w.offers[i]; o.category == paediatrician {
			out[w.p.towns[o.town].city]++
		}
	}
	return out
}

// supply gives the ratio of a planning area: the region as a whole counts as 118 per cent supplied.
func (b *statisticsBook) supply(a *planningArea, w *world, usual float64) {
	for y := range statYears {
		children := 0
		for i := range b.districts {
			if slices.Contains(a.cities, w.q.districts[i].city) {
				children += b.districts[i].children[y]
			}
		}
		if children > 0 && usual > 0 {
			a.supply[y] = 118 * float64(a.practices) / float64(children) / usual
		}
	}
}

func (w *world) drawStatistic(r *rand.Rand, i int) statistic {
	d := &w.q.districts[i]
	s := statistic{key: d.key, name: w.p.cities[d.city].name + "-" + d.name, city: w.p.cities[d.city].key, empty: d.people == 0, poor: math.Min(1, d.sgb2/38)}
	// Every second of the poor districts drifts away from the rest.
	s.diverges = !s.empty && d.sgb2 >= 17 && i%2 == 0
	growth := 0.004*r.NormFloat64() + 0.004*s.poor
	childShare, oldShare := 0.115+0.06*s.poor+0.006*r.NormFloat64(), 0.245-0.08*s.poor+0.012*r.NormFloat64()
	speech := 0.11 + 0.22*s.poor + 0.02*r.NormFloat64()
	var shares [len(tongueList)]float64
	for k, t := range tongueList {
		shares[k] = t.share / 100 * (0.15 + 0.85*s.poor) * (0.7 + 0.6*r.Float64())
		if w.p.towns != nil {
			s.offers[k] = around(r, 1+int(d.people/4000), t.offered*(0.3+0.4*s.poor))
		}
	}
	for y := range statYears {
		year := firstYear + y
		back := float64(lastYear - year)
		n := int(math.Round(d.people * math.Pow(1+growth, -back)))
		s.people[y] = n
		s.children[y] = around(r, n, childShare+0.001*float64(y-4)*s.poor)
		s.old[y] = around(r, n-s.children[y], (oldShare+0.0025*float64(y-4))/(1-childShare))
		s.worker[y] = n - s.children[y] - s.old[y]
		rate := 0.02 + 1.05*d.sgb2/100
		if s.diverges {
			rate += divergencePace / 100 * (float64(y) - 3)
		}
		s.poorChildren[y] = around(r, s.children[y], rate)
		jobless := 0.018 + 0.42*d.sgb2/100 - 0.0005*float64(y)
		if year >= redefinedYear {
			jobless *= redefinedFactor
		}
		s.jobless[y] = around(r, s.worker[y], jobless)
		s.single[y] = around(r, int(float64(s.children[y])*0.62), 0.14+0.2*s.poor)
		s.deaths[y] = around(r, s.worker[y]+s.children[y], 0.0014+0.0018*s.poor)
		s.examined[y] = around(r, s.children[y], 0.066)
		s.speech[y] = around(r, s.examined[y], speech+0.006*float64(y-4)*s.poor)
		for k := range tongueList {
			share := shares[k]
			if tongueList[k].tag == "uk" && year < 2022 {
				share *= 0.08
			}
			s.tongues[k][y] = around(r, s.children[y], share)
		}
		s.advised[y] = around(r, int(float64(n)*0.05), 0.4+0.5*s.poor)
		s.missed[y] = around(r, s.advised[y], 0.08+0.12*s.poor)
		s.letters[y] = around(r, s.advised[y], 0.15+0.3*s.poor)
	}
	return s
}

// plantBoundary moves a tenth of a district's people to its neighbour in the year of the boundary change.
func (b *statisticsBook) plantBoundary(w *world) {
	for i := range b.districts[:max(0, len(b.districts)-1)] {
		from, to := &b.districts[i], &b.districts[i+1]
		if from.empty || to.empty || from.city != to.city || w.q.districts[i].people < 800 {
			continue
		}
		b.swap = [2]int{i, i + 1}
		for y := range boundaryYear - firstYear {
			move := func(of, into *int) {
				n := *into / 10
				*of, *into = *of+n, *into-n
			}
			move(&from.people[y], &to.people[y])
			move(&from.children[y], &to.children[y])
			move(&from.old[y], &to.old[y])
			move(&from.worker[y], &to.worker[y])
		}
		return
	}
}

// statisticsTruth is what is planted.
type statisticsTruth struct {
	Years      [2]int   `json:"years"`
	Gradient   string   `json:"gradient"`  // which figures rise with which
	Diverging  []string `json:"diverging"` // districts whose child poverty rises on its own
	Pace       float64  `json:"pace"`      // percentage points a year
	Redefined  string   `json:"redefined"` // file and year
	Factor     float64  `json:"factor"`
	Boundary   []string `json:"boundary"` // districts that exchanged a quarter, and the year
	Unexamined int      `json:"unexamined"`
	Uncovered  string   `json:"uncovered"` // language that is needed and hardly offered
}

func (w *world) statisticsTruth() statisticsTruth {
	b := w.statistics()
	t := statisticsTruth{
		Years: [2]int{firstYear, lastYear}, Gradient: "kinderarmut, schuleingang and fruehe-sterbefaelle rise with the share of people on basic income support",
		Pace: divergencePace, Redefined: fmt.Sprintf("arbeitslosigkeit %d", redefinedYear), Factor: redefinedFactor, Unexamined: pandemicYear, Uncovered: "ro",
		Diverging: []string{}, Boundary: []string{},
	}
	for i := range b.districts {
		if b.districts[i].diverges {
			t.Diverging = append(t.Diverging, b.districts[i].key)
		}
	}
	for _, i := range b.swap {
		if i >= 0 {
			t.Boundary = append(t.Boundary, b.districts[i].key)
		}
	}
	return t
}
