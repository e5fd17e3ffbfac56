package app

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/spatial"
)

// scanFlags are the inputs of the scan statistic.
type scanFlags struct {
	areaFlags
	caseFlags
	placeFlags
	drawFlags
	population, period, model string
	o                         spatial.ScanOptions
}

func scanCommand(c console) *cobra.Command {
	var f scanFlags
	cmd := &cobra.Command{
		Use:   "scan --data AREAS --x COLUMN --y COLUMN --cases COLUMN --base COLUMN --population COLUMN [--period COLUMN]",
		Short: "Kulldorff's scan: where, and since when, are there more cases than chance explains?",
		Long: `The scan statistic (Kulldorff 1997, 1998, 2001): circles around every area, times stretches of periods.

  data     one line an area, or with --period one line an area and period (all pairs; periods sort as text or numbers):
           id, place, cases (whole, ≥ 0), base and population
  poisson    base is expected cases, or people; any scale
  bernoulli  base is the number of people (whole) of whom the cases are some
  result   cluster (1 is the most likely), p, llr, centre, radius (metres), areas (number), from, to (periods), cases,
           expected, risk (rate inside / outside), members (ids, separated by spaces). Secondary clusters share no area
           with those before. p is compared with the best cluster of each of --draws random replications.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return f.run(c) },
	}
	f.areaFlags.add(cmd)
	f.caseFlags.add(cmd, "expected", "column with expected cases or people")
	fl := cmd.Flags()
	f.placeFlags.add(fl)
	f.drawFlags.add(fl, 999)
	fl.StringVar(&f.population, "population", "", "column with the people that bound a circle; the base without it")
	fl.StringVar(&f.period, "period", "", "column with the period, for a scan in space and time")
	fl.StringVar(&f.model, "model", "poisson", "poisson or bernoulli")
	fl.Float64Var(&f.o.MaxShare, "share", 0.5, "largest share of the population in a circle, up to 0.5")
	fl.IntVar(&f.o.MinLength, "min-length", 1, "least number of periods of a cluster")
	fl.IntVar(&f.o.MaxLength, "max-length", 0, "largest number of periods; 0 is half of them")
	fl.BoolVar(&f.o.Prospective, "prospective", false, "only clusters that last until the latest period")
	fl.IntVar(&f.o.MinCases, "min-cases", 2, "least number of cases of a cluster")
	fl.IntVar(&f.o.MaxClusters, "clusters", 5, "how many clusters to print")
	return cmd
}

func (f *scanFlags) run(c console) error {
	if f.model != "poisson" && f.model != "bernoulli" {
		return usage{fmt.Errorf("--model %q is neither poisson nor bernoulli", f.model)}
	}
	s, err := readSheet(f.data)
	if err != nil {
		return err
	}
	ids, periods, d, err := f.layout(s)
	if err != nil {
		return err
	}
	draw, err := f.permutation()
	if err != nil {
		return err
	}
	o := f.o
	o.Bernoulli = f.model == "bernoulli"
	o.Draws, o.Seed, o.Workers = draw.Count, draw.Seed, draw.Workers
	found, err := spatial.Scan(d, o)
	if err != nil {
		return err
	}
	rows := make([][]string, len(found))
	for k, r := range found {
		members := make([]string, len(r.Areas))
		for i, a := range r.Areas {
			members[i] = ids[a]
		}
		rows[k] = []string{
			strconv.Itoa(k + 1), figure(r.P), figure(r.LLR), ids[r.Centre], figure(r.Radius), strconv.Itoa(len(r.Areas)),
			periods[r.From], periods[r.To-1], strconv.Itoa(r.Cases), figure(r.Expected), figure(r.Risk), strings.Join(members, " "),
		}
	}
	return writeRows(c, f.out, []string{"cluster", "p", "llr", "centre", "radius", "areas", "from", "to", "cases", "expected", "risk", "members"}, rows)
}

// layout turns lines of areas, or of areas and periods, into arrays.
func (f *scanFlags) layout(s *sheet) (ids, periods []string, d spatial.ScanData, err error) {
	fail := func(e error) ([]string, []string, spatial.ScanData, error) { return nil, nil, d, e }
	names, err := s.texts(f.id)
	if err != nil {
		return fail(err)
	}
	when := make([]string, len(names))
	if f.period != "" {
		if when, err = s.texts(f.period); err != nil {
			return fail(err)
		}
	}
	periods = orderOf(when)
	cases, err := s.counts(f.cases)
	if err != nil {
		return fail(err)
	}
	base, err := s.numbers(f.base, 0)
	if err != nil {
		return fail(err)
	}
	people := base
	if f.population != "" {
		if people, err = s.numbers(f.population, 0); err != nil {
			return fail(err)
		}
	}
	area := map[string]int{}
	first := &sheet{path: s.path, header: s.header} // one line an area, for the places
	for i, name := range names {
		if _, ok := area[name]; !ok {
			area[name] = len(ids)
			ids = append(ids, name)
			first.rows, first.place = append(first.rows, s.rows[i]), append(first.place, s.place[i])
			if s.shapes != nil {
				first.shapes = append(first.shapes, s.shapes[i])
			}
		}
	}
	t := len(periods)
	d.Periods = t
	d.Cases, d.Base = make([]int, len(ids)*t), make([]float64, len(ids)*t)
	d.Population = make([]float64, len(ids))
	filled := make([]bool, len(ids)*t)
	for i, name := range names {
		k, _ := slices.BinarySearchFunc(periods, when[i], comparePeriods)
		at := area[name]*t + k
		if filled[at] {
			return fail(fault.New(fault.Invalid, s.place[i], strings.TrimSpace(fmt.Sprintf("area %q stands twice %s", name, when[i])), "keep one line"))
		}
		filled[at] = true
		d.Cases[at], d.Base[at] = cases[i], base[i]
		d.Population[area[name]] += people[i] / float64(t)
	}
	if at := slices.Index(filled, false); at >= 0 {
		return fail(fault.New(fault.Invalid, s.path, fmt.Sprintf("area %q has no line for period %q", ids[at/t], periods[at%t]), "give every area a line for every period"))
	}
	d.Places, err = f.places(first)
	return ids, periods, d, err
}

// orderOf gives the distinct periods in order.
func orderOf(when []string) []string {
	out := slices.Clone(when)
	slices.SortFunc(out, comparePeriods)
	return slices.Compact(out)
}

// comparePeriods compares numbers as such and everything else as text, dates of the form 2026-05-12 included.
func comparePeriods(a, b string) int {
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	if err1 == nil && err2 == nil && x != y && !math.IsNaN(x+y) {
		if x < y {
			return -1
		}
		return 1
	}
	return strings.Compare(a, b)
}
