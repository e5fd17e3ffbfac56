package app

import (
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/spatial"
)

func inequalityCommand(c console) *cobra.Command {
	var a areaFlags
	var value, people, group, rank string
	var line float64
	var bounds string
	cmd := &cobra.Command{
		Use:   "inequality --data AREAS --value COLUMN [--people COLUMN] [--group COLUMN] [--rank COLUMN] [--line Z]",
		Short: "Gini, Theil, concentration index, slope index, Palma, FGT",
		Long: `How unevenly a value is spread over people, and how far it follows a rank.

  data     id, value (≥ 0, any unit), optionally the people behind it, a group, and a rank (income, advantage: any
           number, only its order counts, high is better off)
  result   measure,value: gini, theil, theil_between, theil_within (with --group), palma; with --rank
           concentration, concentration_generalised, and with --bounds concentration_wagstaff and
           concentration_erreygers; slope_index (unit of the value), slope_error, relative_index (top / bottom),
           slope_share (slope / mean); with --line fgt0 (share below the line), fgt1 (mean shortfall), fgt2`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.inequality(c, value, people, group, rank, line, bounds)
		},
	}
	a.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&value, "value", "value", "column with the value, ≥ 0")
	fl.StringVar(&people, "people", "", "column with the people behind each value; one each without it")
	fl.StringVar(&group, "group", "", "column with a group, for Theil between and within")
	fl.StringVar(&rank, "rank", "", "column with the rank, for concentration and slope index")
	fl.Float64Var(&line, "line", 0, "line below which people are counted, in the unit of the value")
	fl.StringVar(&bounds, "bounds", "", "least and largest value that can occur, as 0,1")
	return cmd
}

func (f *areaFlags) inequality(c console, value, people, group, rank string, line float64, limits string) error {
	bounds, err := numbersOf("bounds", limits)
	if err != nil {
		return err
	}
	if len(bounds) != 0 && len(bounds) != 2 {
		return usage{fmt.Errorf("--bounds takes the least and the largest value, as 0,1")}
	}
	s, _, err := f.read()
	if err != nil {
		return err
	}
	x, err := s.numbers(value, 0)
	if err != nil {
		return err
	}
	var w, order []float64
	if people != "" {
		if w, err = s.numbers(people, 0); err != nil {
			return err
		}
	}
	var rows [][]string
	put := func(name string, v float64) { rows = append(rows, []string{name, figure(v)}) }
	gini, err := spatial.Gini(x, w)
	if err != nil {
		return err
	}
	put("gini", gini)
	var groups []string
	if group != "" {
		if groups, err = s.texts(group); err != nil {
			return err
		}
	}
	theil, err := spatial.TheilIndex(x, w, groups)
	if err != nil {
		return err
	}
	put("theil", theil.Total)
	if group != "" {
		put("theil_between", theil.Between)
		put("theil_within", theil.Within)
	}
	palma, err := spatial.Palma(x, w)
	if err != nil {
		return err
	}
	put("palma", palma)
	if rank != "" {
		if order, err = s.numbers(rank, lowest); err != nil {
			return err
		}
		var b spatial.Bounds
		if len(bounds) == 2 {
			b = spatial.Bounds{Least: bounds[0], Largest: bounds[1]}
		}
		ci, err := spatial.ConcentrationIndex(x, order, w, b)
		if err != nil {
			return err
		}
		put("concentration", ci.Index)
		put("concentration_generalised", ci.Generalised)
		if len(bounds) == 2 {
			put("concentration_wagstaff", ci.Wagstaff)
			put("concentration_erreygers", ci.Erreygers)
		}
		g, err := spatial.SlopeIndex(x, order, w)
		if err != nil {
			return err
		}
		put("slope_index", g.Slope)
		put("slope_error", g.Error)
		put("relative_index", g.Ratio)
		put("slope_share", g.Share)
	}
	if line != 0 {
		for alpha := range 3 {
			v, err := spatial.FGT(x, w, line, float64(alpha))
			if err != nil {
				return err
			}
			put(fmt.Sprintf("fgt%d", alpha), v)
		}
	}
	return writeRows(c, f.out, []string{"measure", "value"}, rows)
}

func segregationCommand(c console) *cobra.Command {
	var a areaFlags
	var d drawFlags
	var group, all string
	cmd := &cobra.Command{
		Use:   "segregation --data AREAS --group COLUMN --all COLUMN",
		Short: "Dissimilarity, isolation and exposure of a group",
		Long: `How unevenly a group lives among all people (Duncan & Duncan 1955; Bell 1954).

  data     id, group and all: people of the group and all people of every area, 0 ≤ group ≤ all
  result   measure,value: dissimilarity, isolation, exposure, eta2; with --draws also chance (the dissimilarity that a
           random spread of the group over the same areas would show; whole numbers only) and systematic (what remains)`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			s, _, err := a.read()
			if err != nil {
				return err
			}
			g, err := s.numbers(group, 0)
			if err != nil {
				return err
			}
			t, err := s.numbers(all, 0)
			if err != nil {
				return err
			}
			o, err := d.permutation()
			if err != nil {
				return err
			}
			r, err := spatial.Segregate(g, t, o)
			if err != nil {
				return err
			}
			rows := [][]string{
				{"dissimilarity", figure(r.Dissimilarity)},
				{"isolation", figure(r.Isolation)},
				{"exposure", figure(r.Exposure)},
				{"eta2", figure(r.Eta2)},
			}
			if o.Count > 0 {
				rows = append(rows, []string{"chance", figure(r.Chance)}, []string{"systematic", figure(r.Systematic)})
			}
			return writeRows(c, a.out, []string{"measure", "value"}, rows)
		},
	}
	a.add(cmd)
	d.add(cmd.Flags(), 0)
	cmd.Flags().StringVar(&group, "group", "group", "column with the people of the group")
	cmd.Flags().StringVar(&all, "all", "all", "column with all people")
	return cmd
}

func crosswalkCommand(c console) *cobra.Command {
	var a areaFlags
	var value, overlaps, kind string
	cmd := &cobra.Command{
		Use:   "crosswalk --data SOURCES.csv --value COLUMN --overlaps OVERLAPS.csv --kind count|rate",
		Short: "Carry values over to other areas by where people live",
		Long: `Areal weighting by people: each source is divided among the targets as its people are.

  data      id and value of every source area: a count (≥ 0, sums are kept) or a rate (any unit, means are taken);
            an empty value or NA is missing and makes every target that needs it empty, as unknown is not zero
  overlaps  source,target,people: one line for every pair, or for every 100 m cell; an empty target is outside
  result    id of the target, value, error (standard error of the estimate: differences inside sources, 0 where
            nothing was divided), lower and upper (90 %), people, unknown (share of people in sources without value),
            divided (share of the value that comes from divided sources), estimated (true where divided > 0)`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.crosswalk(c, value, overlaps, kind) },
	}
	a.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&value, "value", "value", "column with the value")
	fl.StringVar(&overlaps, "overlaps", "", "CSV source,target,people")
	fl.StringVar(&kind, "kind", "count", "count or rate")
	_ = cmd.MarkFlagRequired("overlaps") // fails only for a flag that does not exist
	return cmd
}

func (f *areaFlags) crosswalk(c console, value, overlaps, kind string) error {
	if kind != "count" && kind != "rate" {
		return usage{fmt.Errorf("--kind %q is neither count nor rate", kind)}
	}
	s, ids, err := f.read()
	if err != nil {
		return err
	}
	k, err := s.column(value)
	if err != nil {
		return err
	}
	least := 0.0
	if kind == "rate" {
		least = lowest
	}
	values := make([]float64, len(ids))
	for i, row := range s.rows {
		if row[k] == "" || row[k] == "NA" {
			values[i] = math.NaN()
			continue
		}
		if values[i], err = s.number(i, value, row[k], least); err != nil {
			return err
		}
	}
	list, targets, err := readOverlaps(overlaps, s, ids)
	if err != nil {
		return err
	}
	of := spatial.CrosswalkCounts
	if kind == "rate" {
		of = spatial.CrosswalkRates
	}
	out, err := of(values, len(targets), list)
	if err != nil {
		return err
	}
	const ninety = 1.6448536269514722
	rows := make([][]string, len(targets))
	for i, r := range out {
		lower, upper := r.Value-ninety*r.Error, r.Value+ninety*r.Error
		if kind == "count" {
			lower = math.Max(0, lower)
		}
		estimated := ""
		if !math.IsNaN(r.Value) {
			estimated = fmt.Sprint(r.Divided > 0)
		}
		rows[i] = append([]string{targets[i]}, figures(r.Value, r.Error, lower, upper, r.People, r.Unknown, r.Divided)...)
		rows[i] = append(rows[i], estimated)
	}
	return writeRows(c, f.out, []string{"id", "value", "error", "lower", "upper", "people", "unknown", "divided", "estimated"}, rows)
}

func readOverlaps(path string, sources *sheet, ids []string) ([]spatial.Overlap, []string, error) {
	at := map[string]int32{}
	for i, id := range ids {
		at[id] = int32(i)
	}
	t, err := readSheet(path)
	if err != nil {
		return nil, nil, err
	}
	from, err := t.texts("source")
	if err != nil {
		return nil, nil, err
	}
	to, err := t.texts("target")
	if err != nil {
		return nil, nil, err
	}
	people, err := t.numbers("people", 0)
	if err != nil {
		return nil, nil, err
	}
	var targets []string
	index := map[string]int32{"": -1}
	var out []spatial.Overlap
	for i := range from {
		source, ok := at[from[i]]
		if !ok {
			return nil, nil, fault.New(fault.Invalid, t.place[i], fmt.Sprintf("source %q is not in %s", from[i], sources.path), "add it there, with an empty value if it is unknown")
		}
		target, ok := index[to[i]]
		if !ok {
			target = int32(len(targets))
			index[to[i]] = target
			targets = append(targets, to[i])
		}
		out = append(out, spatial.Overlap{Source: source, Target: target, People: people[i]})
	}
	return out, targets, nil
}
