package demo

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Watch is an invented course of reports from districts: who met which need when, and when it became known. Some places
// get worse on purpose; Onsets says where.
type Watch struct {
	Start   time.Time // a Monday
	Weeks   int
	Places  []Place
	Reports []Report
	Onsets  []Onset
}

// Place is a district with the key of its municipality.
type Place struct {
	Key, Name, Town string
	Weight          float64 // people relative to an ordinary district
}

// Report is one line of a report: cases of a week that one organisation sent in so many weeks later; −1 where it says
// that the week is missing.
type Report struct {
	Source, District, Group, Problem, House string
	Week, Late, Cases                       int
}

// Onset is a planted worsening.
type Onset struct {
	ID        string   `json:"id"`
	Districts []string `json:"districts"`
	Group     string   `json:"group"`
	Problem   string   `json:"problem"`
	Sources   []string `json:"sources"`
	Shape     string   `json:"shape"` // step, ramp, pulse
	Week      int      `json:"week"`  // first that is worse
	Length    int      `json:"weeks"` // for how long; a step or ramp stays until the end
	Factor    float64  `json:"factor"`
}

// WatchOptions say what is drawn.
type WatchOptions struct {
	Seed   uint64
	Places []Place // empty takes Districts of them, in Towns
	Start  time.Time
	Weeks  int
	Onsets int // planted in the weeks [First, Last), as far as they do not fall together
	First  int
	Last   int
}

// theme is a pool of series: what a source reports about.
type theme struct {
	source, group, problem string
	mean                   float64 // cases in an ordinary week of an ordinary district
	share                  float64 // of a worsening that shows here
}

// What is reported about, by the sources. The same need shows in several sources, each at its own pace.
var themes = []theme{
	{"contacts", "alleinerziehende", "familienzentrum", 4, 1},
	{"contacts", "alle", "hausarzt", 7, 1},
	{"contacts", "kinder_u10", "kinderarzt", 5, 1},
	{"contacts", "langzeitarbeitslose", "schuldnerberatung", 3, 1},
	{"contacts", "alle", "psychotherapie", 4, 1},
	{"handovers", "alleinerziehende", "familienzentrum", 1.2, 0.8},
	{"handovers", "langzeitarbeitslose", "schuldnerberatung", 1.5, 0.9},
	{"handovers", "alle", "psychotherapie", 2, 0.9},
	{"observations", "kinder_u10", "kinderarzt", 1, 0.7},
	{"observations", "alle", "hausarzt", 1.4, 0.7},
}

// DrawWatch draws a course of reports. It shares no model with what looks for worsenings: cases come in families that
// arrive by a Poisson process (Neyman & Scott 1952) whose rate follows a wandering weather of the region and of each
// district, a year with a long winter, school holidays and a shut week at its end; organisations have their own delays,
// one in six sends a month's cases at once, and some fall silent or say that weeks are missing.
func DrawWatch(o WatchOptions) *Watch { return drawWatch(o, themes) }

func drawWatch(o WatchOptions, themes []theme) *Watch {
	if len(o.Places) == 0 {
		o.Places = places(o.Seed)
	}
	w := &Watch{Start: o.Start, Weeks: o.Weeks, Places: o.Places}
	w.plant(o, themes)
	houses := make([][]house, len(o.Places))
	r := stream(o.Seed, "houses")
	for i := range houses {
		for k := range 3 + r.IntN(4) {
			houses[i] = append(houses[i], house{name: fmt.Sprintf("T%02d-%d", i+1, k+1), late: 0.4 + 1.4*r.Float64(), monthly: r.IntN(6) == 0})
		}
	}
	for k, t := range themes {
		w.draw(stream(o.Seed, fmt.Sprint("theme ", k)), t, houses)
	}
	slices.SortFunc(w.Reports, func(a, b Report) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Problem, b.Problem), cmp.Compare(a.Group, b.Group), cmp.Compare(a.District, b.District),
			cmp.Compare(a.Week, b.Week), cmp.Compare(a.House, b.House), cmp.Compare(a.Late, b.Late))
	})
	return w
}

// house is an organisation that reports.
type house struct {
	name    string
	late    float64 // scale of its delays in weeks
	monthly bool
}

// places draws districts where no region is given: four towns of six.
func places(seed uint64) []Place {
	r := stream(seed, "places")
	var out []Place
	for town := range 4 {
		for d := range 6 {
			out = append(out, Place{Key: fmt.Sprintf("%02d%02d", town+1, d+1), Name: fmt.Sprintf("Bezirk %d.%d", town+1, d+1), Town: fmt.Sprintf("%02d", town+1), Weight: math.Exp(0.45 * r.NormFloat64())})
		}
	}
	return out
}

// plant chooses what gets worse, where, and how.
func (w *Watch) plant(o WatchOptions, themes []theme) {
	r := stream(o.Seed, "onsets")
	for n := range o.Onsets {
		t := themes[r.IntN(len(themes))]
		at := r.IntN(len(w.Places))
		x := Onset{
			ID: fmt.Sprintf("o%d", n+1), Districts: []string{w.Places[at].Key}, Group: t.group, Problem: t.problem,
			Shape: []string{"step", "ramp", "pulse"}[r.IntN(3)], Week: o.First + r.IntN(o.Last-o.First), Factor: math.Exp(math.Log(1.5) + r.Float64()*math.Log(2)),
		}
		x.Length = w.Weeks - x.Week
		if x.Shape == "pulse" {
			x.Length = min(x.Length, 4+r.IntN(9))
			x.Factor = 1 + 1.6*(x.Factor-1)
		}
		if r.IntN(3) == 0 { // a neighbour in the same town gets it too
			for _, p := range w.Places {
				if p.Town == w.Places[at].Town && p.Key != w.Places[at].Key {
					x.Districts = append(x.Districts, p.Key)
					break
				}
			}
		}
		for _, s := range themes {
			if s.group == x.Group && s.problem == x.Problem {
				x.Sources = append(x.Sources, s.source)
			}
		}
		if slices.ContainsFunc(w.Onsets, func(y Onset) bool {
			return y.Problem == x.Problem && y.Group == x.Group && slices.ContainsFunc(y.Districts, func(d string) bool { return slices.Contains(x.Districts, d) })
		}) {
			continue // one at a time: two in one place could not be told apart by anybody
		}
		w.Onsets = append(w.Onsets, x)
	}
}

// worse is by how much more than usual there is in a week.
func (x *Onset) worse(week int) float64 {
	since := week - x.Week
	if since < 0 || since >= x.Length {
		return 1
	}
	if x.Shape == "ramp" {
		return 1 + (x.Factor-1)*math.Min(1, float64(since+1)/26)
	}
	return x.Factor
}

// wander is a course that wanders around 0 and comes back.
func wander(r *rand.Rand, weeks int, spread, memory float64) []float64 {
	out := make([]float64, weeks)
	x := spread * r.NormFloat64()
	for t := range out {
		x = memory*x + math.Sqrt(1-memory*memory)*spread*r.NormFloat64()
		out[t] = x
	}
	return out
}

// season is the year as everybody feels it: a long winter, holidays, and a week at the end in which most is shut.
func season(day time.Time, winter float64) float64 {
	d := float64(day.YearDay())
	x := 1 + winter*math.Exp(-math.Pow(math.Min(math.Abs(d-40), 365-math.Abs(d-40))/45, 2))
	switch {
	case d > 358 || d < 3:
		x *= 0.25
	case d > 190 && d < 232:
		x *= 0.65
	case d > 90 && d < 104, d > 285 && d < 298:
		x *= 0.8
	}
	return x
}

func (w *Watch) draw(r *rand.Rand, t theme, houses [][]house) {
	region := wander(r, w.Weeks, 0.18, 0.85)
	winter := 0.6 * r.Float64()
	drift := 0.002 * (r.Float64() - 0.3)
	for i, p := range w.Places {
		own := wander(r, w.Weeks, 0.08+0.14*r.Float64(), 0.6)
		family := 0.3 * r.Float64() // chance that one more of a family comes
		level := t.mean * p.Weight * math.Exp(0.35*r.NormFloat64())
		silent := -1
		if r.IntN(8) == 0 {
			silent = r.IntN(w.Weeks)
		}
		tell := map[[3]int]int{} // house, week, late → cases
		for week := range w.Weeks {
			worse := 1.0
			for k := range w.Onsets {
				x := &w.Onsets[k]
				if x.Group == t.group && x.Problem == t.problem && slices.Contains(x.Districts, p.Key) {
					worse = math.Max(worse, 1+t.share*(x.worse(week)-1))
				}
			}
			day := w.Start.AddDate(0, 0, 7*week)
			rate := level * worse * season(day, winter) * math.Exp(region[week]+own[week]+drift*float64(week)) * (1 - family)
			for range poisson(r, rate) {
				for at := week; at < w.Weeks; {
					h := r.IntN(len(houses[i]))
					if week < silent || week >= silent+3 || silent < 0 || h > 0 {
						tell[[3]int{h, at, houses[i][h].delay(r, at)}]++
					}
					if r.Float64() >= family {
						break
					}
					at += r.IntN(3)
				}
			}
		}
		missing := -1
		if r.IntN(10) == 0 {
			missing = r.IntN(w.Weeks)
			w.Reports = append(w.Reports, Report{t.source, p.Key, t.group, t.problem, houses[i][0].name, missing, 0, -1})
		}
		for k, n := range tell {
			if k[1] != missing {
				w.Reports = append(w.Reports, Report{t.source, p.Key, t.group, t.problem, houses[i][k[0]].name, k[1], k[2], n})
			}
		}
	}
}

// delay is how many weeks a case of a week takes to become known.
func (h *house) delay(r *rand.Rand, week int) int {
	if h.monthly {
		return 3 - week%4 + 1
	}
	return min(16, int(h.late*math.Exp(0.9*r.NormFloat64())*0.7))
}

// poisson draws a number by counting, for means below some hundreds.
func poisson(r *rand.Rand, mean float64) int {
	n := 0
	for at := r.ExpFloat64(); at < mean; at += r.ExpFloat64() {
		n++
	}
	return n
}
