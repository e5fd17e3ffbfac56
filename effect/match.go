package effect

import (
	"math"
	"slices"
	"strings"
)

// together puts all areas of a role together and says in which periods they are all known.
func (s Study) together(roles ...Role) (c *course, periods []int) {
	for t := range s.length() {
		known := true
		for i := range s.Areas {
			if slices.Contains(roles, s.Areas[i].Role) {
				known = known && !math.IsNaN(s.main(i)[t])
			}
		}
		if known {
			periods = append(periods, t)
		}
	}
	c, _ = s.at(periods, roles...)
	return c, periods
}

func (s Study) length() int { return len(s.main(0)) }

// main is the figure that the study is about.
func (s Study) main(i int) []float64 {
	if s.Counts {
		return s.Areas[i].Cases
	}
	return s.Areas[i].Values
}

// at puts all areas of some roles together in given periods; false where there is none or a period is missing. Values
// and traits are means weighted by people, cases and people are sums.
func (s Study) at(periods []int, roles ...Role) (*course, bool) {
	c := &course{values: make([]float64, len(periods)), cases: make([]float64, len(periods)), people: make([]float64, len(periods))}
	c.traits = make([]float64, len(s.Areas[0].Traits))
	size, n, whole := 0.0, 0, true
	for i := range s.Areas {
		a := &s.Areas[i]
		if !slices.Contains(roles, a.Role) {
			continue
		}
		n++
		c.key = a.Key
		for k, t := range periods {
			weight := 1.0
			if a.People != nil {
				weight = a.People[t]
			}
			v := s.main(i)[t]
			whole = whole && !math.IsNaN(v)
			c.people[k] += weight
			if s.Counts {
				c.cases[k] += v
			} else {
				c.values[k] += weight * v
			}
		}
		weight := 1.0
		if a.People != nil {
			weight = a.People[max(0, s.Start-1)]
		}
		size += weight
		for k, v := range a.Traits {
			c.traits[k] += weight * v
		}
	}
	for k := range c.traits {
		c.traits[k] /= size
	}
	for k := range c.values {
		if s.Counts {
			c.values[k] = math.Log((c.cases[k] + 0.5) / c.people[k])
		} else {
			c.values[k] /= c.people[k]
		}
	}
	return c, n > 0 && whole
}

type candidate struct {
	*course
	distance float64
}

// pool gives the comparable places, the nearest in composition first, and why others are not among them. The distance
// is the root mean square over the traits of differences in standard deviations of all comparable places; a trait that
// does not vary is no difference.
func (s Study) pool(area *course, periods []int, o Options) (taken []candidate, left []LeftOut) {
	deviation := s.deviations()
	var all []candidate
	for i := range s.Areas {
		a := &s.Areas[i]
		if a.Role != Comparable {
			continue
		}
		one := Study{Areas: s.Areas[i : i+1], Start: s.Start, Counts: s.Counts}
		c, whole := one.at(periods, Comparable)
		if !whole {
			left = append(left, LeftOut{a.Key, Incomplete})
			continue
		}
		sum := 0.0
		for k, sd := range deviation {
			if sd > 0 {
				d := (a.Traits[k] - area.traits[k]) / sd
				sum += d * d / float64(len(deviation))
			} else if a.Traits[k] != area.traits[k] {
				sum = math.NaN()
			}
		}
		d := math.Sqrt(sum)
		if !(d <= o.Caliper) {
			left = append(left, LeftOut{a.Key, Unlike})
			continue
		}
		all = append(all, candidate{c, d})
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		if a.distance != b.distance {
			if a.distance < b.distance {
				return -1
			}
			return 1
		}
		return strings.Compare(a.key, b.key)
	})
	for _, c := range all[min(len(all), o.Most):] {
		left = append(left, LeftOut{c.key, Surplus})
	}
	return all[:min(len(all), o.Most)], left
}

// deviations gives the standard deviation of every trait over the comparable places that know it.
func (s Study) deviations() []float64 {
	out := make([]float64, len(s.Areas[0].Traits))
	for k := range out {
		var v []float64
		for _, a := range s.Areas {
			if a.Role == Comparable && !math.IsNaN(a.Traits[k]) {
				v = append(v, a.Traits[k])
			}
		}
		out[k] = deviation(v)
	}
	return out
}

// mean of what is there; NaN of nothing.
func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// deviation is the standard deviation with n − 1; 0 for fewer than two.
func deviation(v []float64) float64 {
	if len(v) < 2 {
		return 0
	}
	m, sum := mean(v), 0.0
	for _, x := range v {
		sum += (x - m) * (x - m)
	}
	return math.Sqrt(sum / float64(len(v)-1))
}
