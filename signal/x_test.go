package signal_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"gevor/disclosure"
	"gevor/fault"
	"gevor/signal"
)

var monday = time.Date(2023, time.January, 2, 0, 0, 0, 0, time.UTC)

// counts draws quiet records: towns of four districts, one need, independent Poisson counts from four organisations
// that are a week late with a quarter. worse says by how much more there is.
func counts(seed uint64, districts, weeks int, mean float64, worse func(district, week int) float64) ([]signal.Area, []signal.Record) {
	r := rand.New(rand.NewPCG(seed, 1))
	var areas []signal.Area
	var records []signal.Record
	for d := range districts {
		area := signal.Area{Key: fmt.Sprintf("d%02d", d), Parent: fmt.Sprintf("t%d", d/4)}
		areas = append(areas, area)
		for _, source := range []signal.Source{signal.Contacts, signal.Handovers} {
			for t := range weeks {
				for at := r.ExpFloat64(); at < mean*worse(d, t); at += r.ExpFloat64() {
					late := 0
					if r.IntN(4) == 0 {
						late = 1
					}
					records = append(records, signal.Record{Source: source, Area: area.Key, Subject: signal.Subject{Group: "alle", Problem: "hausarzt"}, Period: t, Delay: late, House: fmt.Sprint("h", r.IntN(4)), Count: 1})
				}
			}
		}
	}
	return areas, records
}

func quiet(int, int) float64 { return 1 }

func panel(t *testing.T, weeks int, areas []signal.Area, records []signal.Record) *signal.Panel {
	t.Helper()
	p, err := signal.NewPanel(signal.Week, monday, weeks, areas, records)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A rise in one district becomes one signal of that district that says what it saw; the last weeks, of which a quarter is
// not in yet, do not hide it, and its date is not before the rise but where chance had raised an alarm there shortly before.
// The control are the same regions without the rise.
func TestARiseIsSeenWhereItIs(t *testing.T) {
	const weeks, seeds = 150, 4
	worse := func(d, week int) float64 {
		if d == 5 && week >= 140 {
			return 2.5
		}
		return 1
	}
	early := 0
	for seed := range uint64(seeds) {
		areas, records := counts(seed, 48, weeks, 6, worse)
		r, err := panel(t, weeks, areas, records).Watch(weeks-1, signal.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Signals) == 0 {
			t.Fatal("nothing was seen")
		}
		s := r.Signals[0]
		if s.Area != "d05" || s.Level != signal.InDistrict || s.Withheld || s.Wider || !(s.Observed > 1.6*s.Expected) || math.Mod(s.Observed, 5) != 0 {
			t.Errorf("region %d: %+v", seed, s)
		}
		if s.Complete >= 1 || s.Complete < 0.7 || s.LeadDays <= 0 || !s.To.Equal(monday.AddDate(0, 0, 7*weeks-1)) {
			t.Errorf("region %d: %+v", seed, s)
		}
		if s.Since.Before(monday.AddDate(0, 0, 7*140)) {
			early++
		}
		areas, records = counts(seed, 48, weeks, 6, quiet)
		r, err = panel(t, weeks, areas, records).Watch(weeks-1, signal.Options{})
		if err != nil || slices.ContainsFunc(r.Signals, func(s signal.Signal) bool { return s.Area == "d05" && s.Strength > 4 }) {
			t.Errorf("region %d without a rise: %+v %v", seed, r, err)
		}
	}
	if early > seeds/4 {
		t.Errorf("%d of %d rises are dated before they began", early, seeds)
	}
}

// What all places share is no signal of any: a winter with twice the cases raises nothing in any district.
func TestASharedSeasonRaisesNothing(t *testing.T) {
	const weeks = 150
	winter := func(_, week int) float64 { return 1 + 0.8*math.Max(0, math.Sin(float64(week)*2*math.Pi/52)) }
	areas, records := counts(5, 12, weeks, 6, winter)
	p := panel(t, weeks, areas, records)
	units := p.Units()
	scores, err := p.Scores(units, 100, weeks, signal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	high, n := 0, 0
	for _, row := range scores {
		for i := range row {
			if units[i].Level == signal.InDistrict && units[i].Method == signal.AgainstRest {
				n++
				if row[i].Z > 3.5 {
					high++
				}
			}
		}
	}
	t.Logf("figure: early warning, shared season: %d of %d scores above 3.5", high, n)
	if n == 0 || float64(high) > 0.004*float64(n) {
		t.Errorf("%d of %d scores are high", high, n)
	}
}

// The same panel gives the same report, whatever the number of workers and the order of the records.
func TestWorkersChangeNothing(t *testing.T) {
	const weeks = 130
	areas, records := counts(7, 8, weeks, 4, func(d, week int) float64 {
		if d == 2 && week > 115 {
			return 3
		}
		return 1
	})
	var first *signal.Report
	for _, workers := range []int{1, 2, 4, 1, 2, 4} {
		old := runtime.GOMAXPROCS(workers)
		rand.New(rand.NewPCG(uint64(workers), 2)).Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		r, err := panel(t, weeks, areas, records).Watch(weeks-1, signal.Options{Workers: workers})
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = r
		} else if !reflect.DeepEqual(first, r) {
			t.Errorf("%d workers: %+v, not %+v", workers, r, first)
		}
	}
	if len(first.Signals) == 0 {
		t.Error("there is nothing to compare")
	}
}

// Counts that are below the rules never leave: where two organisations report, a district's figures give way to those of
// a larger place or time, or are withheld. With the rule met, the same rise shows its own figures.
func TestSmallCountsStayInside(t *testing.T) {
	const weeks = 150
	worse := func(d, week int) float64 {
		if d == 5 && week >= 140 {
			return 4
		}
		return 1
	}
	areas, records := counts(11, 12, weeks, 1.5, worse)
	seen := func(houses int) signal.Signal {
		own := slices.Clone(records)
		for i := range own {
			if own[i].Area == "d05" {
				own[i].House = fmt.Sprint("x", i%houses)
			}
		}
		r, err := panel(t, weeks, areas, own).Watch(weeks-1, signal.Options{})
		if err != nil || len(r.Signals) == 0 {
			t.Fatal(err, "nothing was seen")
		}
		return r.Signals[0]
	}
	if s := seen(2); s.Area == "d05" && !s.Withheld {
		t.Errorf("two organisations: %+v", s)
	} else if !s.Withheld && (!s.Wider || s.Expected != 0) {
		t.Errorf("a wider figure that looks like the one that was judged: %+v", s)
	}
	if s := seen(4); s.Area != "d05" || s.Withheld || s.Wider { // the control
		t.Errorf("four organisations: %+v", s)
	}
	if r := signal.Rules([]signal.Source{signal.Searches, signal.Contacts}); r.MinimumCell != 5 || r.MinimumOrganisations != 3 || r.Rounding != disclosure.Deterministic {
		t.Errorf("%+v", r)
	}
}

// A count below the minimum is not shown rounded up to it: three would read as five.
func TestARoundedFigureHidesNoSmallerOne(t *testing.T) {
	const weeks = 150
	shown := 0
	for seed := uint64(1); seed <= 8; seed++ {
		areas, records := counts(seed, 12, weeks, 0.05, func(d, week int) float64 {
			if d == 5 && week >= 144 {
				return 6
			}
			return 1
		})
		r, err := panel(t, weeks, areas, records).Watch(weeks-1, signal.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range r.Signals {
			if s.Withheld {
				continue
			}
			shown++
			from, to, cases := int(s.From.Sub(monday).Hours()/168), int(s.To.Sub(monday).Hours()/168), 0
			for _, c := range records {
				inside := s.Level == signal.InRegion || s.Level == signal.InMunicipality || c.Area == s.Area
				if inside && slices.Contains(s.Sources, c.Source) && c.Period >= from && c.Period <= to {
					cases += c.Count
				}
			}
			if cases < 5 {
				t.Errorf("seed %d: %v cases are shown as %v: %+v", seed, cases, s.Observed, s)
			}
		}
	}
	if shown == 0 {
		t.Error("no figure was shown at all")
	}
}

func TestWhatIsNoPanel(t *testing.T) {
	areas := []signal.Area{{Key: "a", Parent: "t"}}
	good := signal.Record{Source: signal.Contacts, Area: "a", Subject: signal.Subject{Problem: "x"}, Count: 1}
	for name, spoil := range map[string]func(*signal.Record){
		"unknown area":   func(r *signal.Record) { r.Area = "b" },
		"unknown source": func(r *signal.Record) { r.Source = "rumours" },
		"no problem":     func(r *signal.Record) { r.Subject.Problem = "" },
		"too late":       func(r *signal.Record) { r.Period = 10 },
		"negative delay": func(r *signal.Record) { r.Delay = -1 },
		"negative count": func(r *signal.Record) { r.Count = -2 },
	} {
		r := good
		spoil(&r)
		if _, err := signal.NewPanel(signal.Week, monday, 10, areas, []signal.Record{r}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := panel(t, 10, areas, []signal.Record{good})
	if _, err := p.Watch(9, signal.Options{FalsePerMonth: -1}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a rate below 0: %v", err)
	}
	r, err := p.Watch(9, signal.Options{})
	if err != nil || len(r.Signals) != 0 || r.Threshold.Basis != signal.OnBound {
		t.Errorf("too short to say anything: %+v %v", r, err)
	}
}

// Losses: what is known to end and how old people are, exact where it can be reckoned by hand.
func TestForeseeableLosses(t *testing.T) {
	at := time.Date(2026, 5, 11, 0, 0, 0, 0, time.UTC)
	areas := []signal.Area{{Key: "a", Parent: "t"}, {Key: "b", Parent: "t"}, {Key: "c", Parent: "t"}}
	subject := signal.Subject{Group: "alle", Problem: "hausarzt"}
	old := func(area string, born ...int) (out []signal.Asset) {
		for _, b := range born {
			out = append(out, signal.Asset{Source: signal.Retirement, Area: area, Subject: subject, Born: b})
		}
		return out
	}
	list, err := signal.Foresee(areas, slices.Concat(old("a", 1957, 1958, 1959, 1985), old("b", 1985), old("c", 1957, 1958)), at, signal.LossOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].Area != "a" || list[0].Observed != 2 || list[0].Expected != 4 || !(list[0].Chance > 0.6) || !slices.Contains(list[0].Against, signal.Assumed) {
		t.Errorf("%+v", list)
	}
	// Two practices are no figure: c is spoken of as the town.
	if last := list[len(list)-1]; last.Level != signal.InMunicipality || last.Area != "t" || last.Expected != 7 {
		t.Errorf("%+v", last)
	}
	ends := []signal.Asset{{Source: signal.Funding, Area: "a", Subject: subject, Ends: at.AddDate(0, 8, 0)}, {Source: signal.Funding, Area: "a", Subject: subject}, {Source: signal.Funding, Area: "a", Subject: subject}}
	list, err = signal.Foresee(areas, ends, at, signal.LossOptions{})
	if err != nil || len(list) != 1 || list[0].Chance != 1 || !list[0].To.Equal(at.AddDate(0, 8, 0)) || list[0].Complete != 0.33 {
		t.Errorf("%+v %v", list, err)
	}
	list = signal.Thinned([]signal.Service{{Area: "a", From: at.AddDate(0, 7, 0), Before: 400, After: 200}, {Area: "b", From: at, Before: 400, After: 360}, {Area: "c", From: at, Before: 4, After: 0}}, at, signal.LossOptions{})
	if len(list) != 1 || list[0].Area != "a" || list[0].LeadDays < 200 {
		t.Errorf("%+v", list)
	}
}

// A timetable that keeps most of the day but loses the evening is said with its hours; the control keeps more than half of
// each hour and is not said.
func TestALostEveningIsSaid(t *testing.T) {
	at := time.Date(2026, 5, 11, 0, 0, 0, 0, time.UTC)
	service := func(evening float64) signal.Service {
		s := signal.Service{Area: "a", From: at.AddDate(0, 7, 0), Hours: make([]signal.Hour, 24)}
		for h := 5; h < 23; h++ {
			x := signal.Hour{Before: 20, After: 20}
			if h >= 20 {
				x = signal.Hour{Before: 8, After: evening}
			}
			s.Hours[h] = x
			s.Before, s.After = s.Before+x.Before, s.After+x.After
		}
		return s
	}
	list := signal.Thinned([]signal.Service{service(3)}, at, signal.LossOptions{})
	if len(list) != 1 || list[0].FromHour != 20 || list[0].ToHour != 23 || list[0].Expected != 24 || list[0].Observed != 9 || list[0].LeadDays < 200 {
		t.Errorf("%+v", list)
	}
	if list := signal.Thinned([]signal.Service{service(5)}, at, signal.LossOptions{}); len(list) != 0 {
		t.Errorf("control: %+v", list)
	}
}
