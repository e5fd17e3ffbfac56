package demo

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"time"
)

// What early warning reads lies in a folder of its own.
const (
	watchWeeks     = 132
	watchOnsets    = 8
	watchDistricts = 60 // at most, those with most people
)

// watchStart is the Monday of the first week; the last week ends on the Sunday before referenceDate.
var watchStart = referenceDate.AddDate(0, 0, -1-7*watchWeeks)

// loss is a planted foreseeable loss.
type loss struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"` // retirement, funding, offers, timetable
	District string `json:"district"`
	Problem  string `json:"problem,omitempty"`
	Date     string `json:"date,omitempty"`
}

// watchTruth is early-warning/truth.json.
type watchTruth struct {
	Version int      `json:"version"`
	Start   string   `json:"start"`
	Onsets  []Onset  `json:"onsets"`
	Months  []Onset  `json:"onsets_by_month"`
	Losses  []loss   `json:"losses"`
	Quiet   []string `json:"districts_without_any"`
}

func watchFiles() []file {
	return []file{
		{"early-warning/districts.csv", (*world).writeWatchDistricts},
		{"early-warning/reports.csv", (*world).writeWatchReports},
		{"early-warning/months.csv", (*world).writeWatchMonths},
		{"early-warning/practices.csv", (*world).writeWatchPractices},
		{"early-warning/funding.csv", (*world).writeWatchFunding},
		{"early-warning/offers.csv", (*world).writeWatchOffers},
		{"early-warning/departures.csv", (*world).writeWatchDepartures},
		{"early-warning/truth.json", (*world).writeWatchTruth},
	}
}

// watchPlaces gives the districts that are watched, by key.
func (w *world) watchPlaces() []Place {
	var out []Place
	total := 0.0
	for i := range w.q.districts {
		if d := &w.q.districts[i]; d.people > 0 {
			out = append(out, Place{Key: d.key, Name: w.p.cities[d.city].name + "-" + d.name, Town: w.p.cities[d.city].key, Weight: d.people})
		}
	}
	slices.SortFunc(out, func(a, b Place) int { return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Key, b.Key)) })
	out = out[:min(len(out), watchDistricts)]
	for _, p := range out {
		total += p.Weight
	}
	for i := range out {
		out[i].Weight = math.Min(3, math.Max(0.3, out[i].Weight/total*float64(len(out))))
	}
	slices.SortFunc(out, func(a, b Place) int { return cmp.Compare(a.Key, b.Key) })
	return out
}

// watch draws what is reported week by week. Onsets lie in its last 26 weeks but the last two, so that some are seen
// already and some are not yet.
func (w *world) watch() *Watch {
	onsets := watchOnsets
	if w.o.NoGaps {
		onsets = 0
	}
	return DrawWatch(WatchOptions{Seed: w.o.Seed, Places: w.watchPlaces(), Start: watchStart, Weeks: watchWeeks, Onsets: onsets, First: watchWeeks - 26, Last: watchWeeks - 2})
}

func (w *world) writeWatchDistricts(out *os.File) error {
	return writeLines(out, func(put func(string, ...any)) {
		put("stadtteil;name;gemeinde")
		for _, p := range w.watchPlaces() {
			put("%s;%q;%s", p.Key, p.Name, p.Town)
		}
	})
}

func (w *world) writeWatchReports(out *os.File) error {
	course := w.watch()
	return writeLines(out, func(put func(string, ...any)) {
		put("quelle;stadtteil;gruppe;anliegen;woche_ab;gemeldet_woche_ab;stelle;anzahl")
		for _, r := range course.Reports {
			if r.Week+r.Late >= watchWeeks {
				continue // not known yet
			}
			n := strconv.Itoa(r.Cases)
			if r.Cases < 0 {
				n = "."
			}
			put("%s;%s;%s;%s;%s;%s;%s;%s", r.Source, r.District, r.Group, r.Problem, week(course.Start, r.Week), week(course.Start, r.Week+r.Late), r.House, n)
		}
	})
}

func week(start time.Time, n int) string { return start.AddDate(0, 0, 7*n).Format(time.DateOnly) }

// monthThemes are what is counted by month: searches without a result, and a number of municipal statistics.
var monthThemes = []theme{
	{"searches", "alle", "psychotherapie", 6, 1},
	{"searches", "alle", "schuldnerberatung", 4, 1},
	{"searches", "alle", "hebamme", 3, 1},
	{"indicator", "langzeitarbeitslose", "schuldnerberatung", 9, 1},
}

// months gives by month what a course by weeks of its own would give.
func (w *world) months() *Watch {
	onsets := 3
	if w.o.NoGaps {
		onsets = 0
	}
	return drawWatch(WatchOptions{Seed: w.o.Seed + 1<<40, Places: w.watchPlaces(), Start: watchStart, Weeks: watchWeeks, Onsets: onsets, First: watchWeeks - 26, Last: watchWeeks - 8}, monthThemes)
}

func (w *world) writeWatchMonths(out *os.File) error {
	course := w.months()
	type line struct{ source, district, group, problem, month, known string }
	sum := map[line]int{}
	var order []line
	last := course.Start.AddDate(0, 0, 7*watchWeeks).Format("2006-01")
	for _, r := range course.Reports {
		month := course.Start.AddDate(0, 0, 7*r.Week).Format("2006-01")
		known := course.Start.AddDate(0, 0, 7*(r.Week+r.Late)).Format("2006-01")
		if r.Cases < 0 || known >= last {
			continue
		}
		k := line{r.Source, r.District, r.Group, r.Problem, month, known}
		if sum[k] == 0 {
			order = append(order, k)
		}
		sum[k] += r.Cases
	}
	slices.SortFunc(order, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.problem, b.problem), cmp.Compare(a.group, b.group), cmp.Compare(a.district, b.district), cmp.Compare(a.month, b.month), cmp.Compare(a.known, b.known))
	})
	return writeLines(out, func(put func(string, ...any)) {
		put("quelle;stadtteil;gruppe;anliegen;monat;gemeldet_monat;anzahl")
		for _, k := range order {
			put("%s;%s;%s;%s;%s;%s;%d", k.source, k.district, k.group, k.problem, k.month, k.known, sum[k])
		}
	})
}

// districtOf gives the watched district of an offer, empty where it is not watched.
func (w *world) districtOf(o *offer, watched map[string]bool) string {
	if key := w.q.districts[w.q.district[o.town]].key; watched[key] {
		return key
	}
	return ""
}

func (w *world) watchedKeys() map[string]bool {
	out := map[string]bool{}
	for _, p := range w.watchPlaces() {
		out[p.Key] = true
	}
	return out
}

// by gives the offers of a category in the watched districts, and the district with most of them, the n-th after it.
func (w *world) by(category, n int) (list []*offer, at []string, chosen string) {
	watched := w.watchedKeys()
	count := map[string]int{}
	for i := range w.offers {
		o := &w.offers[i]
		if o.category != category {
			continue
		}
		if key := w.districtOf(o, watched); key != "" {
			list, at = append(list, o), append(at, key)
			count[key]++
		}
	}
	var keys []string
	for k := range count {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	if len(keys) > 0 {
		chosen = keys[min(n, len(keys)-1)]
	}
	if w.o.NoGaps {
		chosen = ""
	}
	return list, at, chosen
}

func (w *world) writeWatchPractices(out *os.File) error {
	r := stream(w.o.Seed, "practices")
	return writeLines(out, func(put func(string, ...any)) {
		put("praxis;stadtteil;gruppe;kategorie;geburtsjahr")
		for _, c := range []int{doctor, paediatrician} {
			list, at, old := w.by(c, 0)
			for i, o := range list {
				born := strconv.Itoa(1966 + r.IntN(25))
				if at[i] == old && c == doctor && i%4 != 3 {
					born = strconv.Itoa(1957 + r.IntN(4))
				} else if r.IntN(12) == 0 {
					born = "" // not supplied
				}
				put("%s;%s;%s;%s;%s", o.id, at[i], groupKeys[everyone], categoryList[c].key, born)
			}
		}
	})
}

func (w *world) writeWatchFunding(out *os.File) error {
	r := stream(w.o.Seed, "funding")
	return writeLines(out, func(put func(string, ...any)) {
		put("angebot;stadtteil;gruppe;kategorie;gefoerdert_bis")
		list, at, ends := w.by(familyCentre, 1)
		for i, o := range list {
			until := ""
			if r.IntN(3) == 0 {
				until = referenceDate.AddDate(3, r.IntN(12), 0).Format(time.DateOnly)
			}
			if at[i] == ends {
				until = fundingEnds
			}
			put("%s;%s;%s;%s;%s", o.id, at[i], groupKeys[singleParents], categoryList[familyCentre].key, until)
		}
	})
}

const fundingEnds = "2026-12-31"

func (w *world) writeWatchOffers(out *os.File) error {
	return writeLines(out, func(put func(string, ...any)) {
		put("angebot;stadtteil;gruppe;kategorie;zuletzt_bestaetigt;schliesst_am")
		for _, c := range []int{socialAdvice, debtAdvice, careAdvice} {
			list, at, closing := w.by(c, 2)
			for i, o := range list {
				ends := ""
				if at[i] == closing && c == socialAdvice {
					ends = "2026-09-30"
				}
				put("%s;%s;%s;%s;%s;%s", o.id, at[i], groupKeys[everyone], categoryList[c].key, o.confirmed, ends)
			}
		}
	})
}

// thinned is the district in which the next timetable has half the departures.
func (w *world) thinned() string {
	places := w.watchPlaces()
	if w.o.NoGaps {
		return ""
	}
	return places[len(places)/2].Key
}

func (w *world) writeWatchDepartures(out *os.File) error {
	r := stream(w.o.Seed, "departures")
	return writeLines(out, func(put func(string, ...any)) {
		put("stadtteil;fahrplan_ab;abfahrten_bisher;abfahrten_kuenftig")
		for _, p := range w.watchPlaces() {
			now := 120 + r.IntN(700)
			next := now + r.IntN(now/10) - now/20
			if p.Key == w.thinned() {
				next = now / 2
			}
			put("%s;2026-12-13;%d;%d", p.Key, now, next)
		}
	})
}

func (w *world) writeWatchTruth(out *os.File) error {
	t := watchTruth{Version: 1, Start: watchStart.Format(time.DateOnly), Onsets: w.watch().Onsets, Months: w.months().Onsets, Losses: []loss{}, Quiet: []string{}}
	if !w.o.NoGaps {
		plant := func(kind string, category, n int, date string) {
			_, _, key := w.by(category, n)
			t.Losses = append(t.Losses, loss{ID: fmt.Sprintf("l%d", len(t.Losses)+1), Kind: kind, District: key, Problem: categoryList[category].key, Date: date})
		}
		plant("retirement", doctor, 0, "")
		plant("funding", familyCentre, 1, fundingEnds)
		plant("offers", socialAdvice, 2, "2026-09-30")
		t.Losses = append(t.Losses, loss{ID: "l4", Kind: "timetable", District: w.thinned(), Date: "2026-12-13"})
	}
	if t.Onsets == nil {
		t.Onsets, t.Months = []Onset{}, []Onset{}
	}
	for _, p := range w.watchPlaces() {
		in := func(x Onset) bool { return slices.Contains(x.Districts, p.Key) }
		if !slices.ContainsFunc(t.Onsets, in) && !slices.ContainsFunc(t.Months, in) {
			t.Quiet = append(t.Quiet, p.Key)
		}
	}
	b, err := json.MarshalIndent(t, "", " ")
	if err != nil {
		return err
	}
	_, err = out.Write(append(b, '\n'))
	return err
}
