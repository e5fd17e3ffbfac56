package demo

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// Courses is an invented region in which a measure begins in one district: what figures went there and elsewhere, and
// what the measure truly did.
type Courses struct {
	Areas  []Course
	Start  int     // first period with the measure
	Counts bool    // Cases among People; otherwise Values
	Effect float64 // what it did to the area: units of the values, or log rate; lower is better
	Pushed float64 // what it did to the neighbours
	Noise  float64 // standard deviation of one period of the area around its own course, same unit
}

// Course is one district.
type Course struct {
	Key           string
	Role          string // measure, neighbour or comparable
	Traits        []float64
	Values        []float64
	Cases, People []float64
}

// Country says how a kind of region behaves; each breaks something else that an estimator might take for granted.
type Country struct {
	Name, Says     string
	places         int
	before, after  int
	trend          float64 // standard deviation of a course's own slope, in noises a period
	memory         float64 // of the noise, 0..1
	heavy          bool    // noise with Student's t, 4 degrees of freedom
	drift          float64 // how far the changes of the later periods follow the composition, in noises
	worst          bool    // the measure goes where it had just got worst
	push           float64 // share of the effect that turns up, reversed, in the neighbours
	leak           float64 // share of the effect that three places have too which count as comparable
	counts         bool
	cases          float64 // a period in an ordinary district
	overdispersion float64 // variance of the rate's factor from period to period
}

// Countries are the kinds of region.
func Countries() []Country {
	return []Country{
		{Name: "calm", Says: "slopes hardly differ; the control for the others", places: 30, before: 16, after: 8, trend: 0.02},
		{Name: "unequal trends", Says: "every course has a slope of its own; between the middles of the two times it moves by 1.8 noises (standard deviation)", places: 30, before: 16, after: 8, trend: 0.15},
		{Name: "few places", Says: "seven comparable places, slopes differ", places: 7, before: 16, after: 8, trend: 0.06},
		{Name: "few years", Says: "six years before, three after, and what comes later follows the composition", places: 30, before: 6, after: 3, trend: 0.1, drift: 1},
		{Name: "memory", Says: "noise with memory 0.6 and heavy tails", places: 30, before: 16, after: 8, trend: 0.05, memory: 0.6, heavy: true},
		{Name: "chosen when bad", Says: "the measure goes where the figure had just risen most; noise with memory", places: 30, before: 16, after: 8, trend: 0.05, memory: 0.4, worst: true},
		{Name: "spill-over", Says: "half of the effect is pushed to three neighbours, and three comparable places have a quarter of it, unknown to the estimator", places: 30, before: 16, after: 8, trend: 0.05, push: 0.5, leak: 0.25},
		{Name: "counts", Says: "30 cases a quarter, districts of a sixth to the whole of the people, twice the variance of chance, a season, memory 0.4", places: 30, before: 16, after: 8, trend: 0.03, memory: 0.4, counts: true, cases: 30, overdispersion: 1. / 30},
		{Name: "small counts, few places", Says: "8 cases a quarter in nine comparable places, overdispersed, slopes differ", places: 9, before: 16, after: 8, trend: 0.05, counts: true, cases: 8, overdispersion: 0.1},
	}
}

// DrawCourses draws one region. planted is the effect in noises, downwards; 0 is a measure that does nothing.
func DrawCourses(c Country, seed uint64, planted float64) *Courses {
	r := rand.New(rand.NewPCG(seed, 0xc0425e5))
	periods := c.before + c.after
	noise := 1.0
	size := make([]float64, c.places+4)
	for i := range size {
		size[i] = 1
		if c.counts {
			size[i] = math.Exp(0.5 * r.NormFloat64())
		}
	}
	if c.counts {
		noise = math.Sqrt(1/(c.cases*size[0]) + c.overdispersion)
	}
	out := &Courses{Start: c.before, Counts: c.counts, Effect: -planted * noise, Noise: noise}
	out.Pushed = -c.push * out.Effect
	shared := wander(r, periods, 0.7*noise, 0.8)
	latent := make([][]float64, c.places+4) // the area, three neighbours, the comparable places
	traits := make([][]float64, len(latent))
	for i := range latent {
		traits[i] = []float64{r.NormFloat64(), r.NormFloat64()}
		if i < 4 {
			traits[i][0] = 0.5 + 0.5*traits[i][0] // measures go where life is harder
		}
		slope, level := c.trend*noise*r.NormFloat64(), 2*noise*r.NormFloat64()
		own := c.own(r, periods, noise)
		latent[i] = make([]float64, periods)
		for t := range periods {
			latent[i][t] = level + slope*float64(t) + shared[t] + own[t]
			if t >= c.before {
				latent[i][t] += c.drift * noise * traits[i][0]
			}
			if c.counts {
				latent[i][t] += 0.2 * math.Sin(2*math.Pi*float64(t)/4)
			}
		}
	}
	if c.worst {
		rise := func(v []float64) float64 {
			return average(v[c.before-4:c.before]) - average(v[:c.before-4])
		}
		at := 0
		for i := range latent {
			if i == 0 || i >= 4 {
				if rise(latent[i]) > rise(latent[at]) {
					at = i
				}
			}
		}
		latent[0], latent[at], traits[0], traits[at] = latent[at], latent[0], traits[at], traits[0]
	}
	for i, v := range latent {
		does := 0.0
		a := Course{Key: "d" + string(rune('A'+i/26)) + string(rune('a'+i%26)), Role: "comparable", Traits: traits[i]}
		switch {
		case i == 0:
			a.Role, does = "measure", out.Effect
		case i < 4:
			a.Role, does = "neighbour", out.Pushed
		case i < 7:
			does = c.leak * out.Effect
		}
		for t := c.before; t < periods; t++ {
			v[t] += does
		}
		a.Values = v
		if c.counts {
			a.Values = nil
			for t := range v {
				mean := c.cases * size[i] * math.Exp(v[t])
				a.Cases = append(a.Cases, float64(poisson(r, mean)))
				a.People = append(a.People, math.Round(3000*size[i]))
			}
		}
		out.Areas = append(out.Areas, a)
	}
	return out
}

// own is the noise of one course: of the values, or of the log rate beyond chance.
func (c Country) own(r *rand.Rand, periods int, noise float64) []float64 {
	sd := noise
	if c.counts {
		sd = math.Sqrt(c.overdispersion)
	}
	out := make([]float64, periods)
	before := r.NormFloat64()
	for t := range out {
		e := r.NormFloat64()
		if c.heavy {
			e = distuv.StudentsT{Sigma: math.Sqrt(0.5), Nu: 4, Src: r}.Rand()
		}
		before = c.memory*before + math.Sqrt(1-c.memory*c.memory)*e
		out[t] = sd * before
	}
	return out
}

func average(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}
