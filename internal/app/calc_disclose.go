package app

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gevor/disclosure"
	"gevor/fault"
)

// discloseFlags are the inputs of one publication.
type discloseFlags struct {
	data, rules, out             string
	keys, largest, hierarchies   []string
	value, units, organisations  string
	denominator, rate, total     string
	per, within                  float64
	decimals                     int
	part, amounts, preview, open bool
	earlier, concede, change     []string
	audience                     string
	withinGiven                  bool
	measures                     bool // the table has a dimension of measures: value and denominator
}

const measureName = "measure"

func discloseCommand(c console) *cobra.Command {
	var f discloseFlags
	cmd := &cobra.Command{
		Use:   "disclose --data CELLS.csv --rules RULES.toml",
		Short: "Disclosure control: hide small figures and what would give them away",
		Long: `Reads a table of figures with their true values and prints what may be published: sensitive figures are hidden, and as
few others as found necessary, so that no hidden figure can be bounded more narrowly than its protection width by anybody
who knows all that is published, now and before. What was lost is reported on standard error, for the owner only.

  data        one row a figure: key columns, value (people or events, whole numbers ≥ 0; with --amounts any unit ≥ 0;
              empty where nothing was gathered), and as the rules need them: units and organisations behind the figure
              (whole numbers), the largest contributions (unit of the value, falling), a denominator
  hierarchy   parent,child[,by][,share]: the children of a parent (and of one by) add up to it; one parent may have
              several partitions, as boroughs and planning areas that overlap. share, above 0 to 1, is a crosswalk's
  total       in keys without a hierarchy a row with this code is the sum of all others
  rules       TOML: name, minimum_cell, zeros = "shown"|"hidden", minimum_denominator, minimum_units,
              minimum_organisations, dominance = { n = 2, k = 85 }, p_percent, protect_percent (width of figures with few
              units, 10), rounding = { base = 5, method = "deterministic"|"controlled" }, insiders, complements,
              tolerance (totals of perturbed sources), weight = "cells"|"value" (what a loss costs)
  earlier     CSV with the same keys: earlier results of this command, withdrawn ones, publications of others; what
              stands there can no longer be hidden. Where protection has become impossible nothing is printed
  result      keys,figure,value,status: status published, zero, suppressed or missing; figure is value, the rate's name
              or a change. With --preview keys,status,rule,width: what the rules would hide and why, never to be published`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.withinGiven = cmd.Flags().Changed("earlier-within")
			return f.run(c)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.data, "data", "", "CSV of figures with their true values")
	fl.StringVar(&f.rules, "rules", "", "TOML with the rules of the source")
	fl.StringVar(&f.out, "out", "", "file for the result; standard output without it")
	fl.StringSliceVar(&f.keys, "keys", nil, "key columns; without it every column that no other flag names")
	fl.StringVar(&f.value, "value", "value", "column with the figure")
	fl.StringVar(&f.units, "units", "", "column with the units behind a figure, such as practices")
	fl.StringVar(&f.organisations, "organisations", "", "column with the organisations that fed a figure")
	fl.StringSliceVar(&f.largest, "largest", nil, "columns with the largest contributions, largest first")
	fl.StringSliceVar(&f.hierarchies, "hierarchy", nil, "key=FILE.csv with parent,child[,by][,share]; may be repeated")
	fl.StringVar(&f.total, "total", "total", "code of the total in keys without a hierarchy")
	fl.StringVar(&f.denominator, "denominator", "", "column with the people or events that a rate is per")
	fl.BoolVar(&f.open, "denominator-public", false, "its source publishes the denominator anyway: never hidden, known to everybody")
	fl.StringVar(&f.rate, "rate", "rate", "name of the rate in the result")
	fl.Float64Var(&f.per, "per", 100, "rate: factor, as 100 for percent and 1000 for per thousand")
	fl.IntVar(&f.decimals, "decimals", 1, "rate: decimals printed, 0 to 12")
	fl.BoolVar(&f.part, "part", true, "rate: the numerator counts some of what the denominator counts")
	fl.BoolVar(&f.amounts, "amounts", false, "figures are amounts, not counts")
	fl.StringSliceVar(&f.change, "change", nil, "key=FROM:TO prints the change between two codes, as year=2022:2023")
	fl.StringSliceVar(&f.earlier, "earlier", nil, "CSV that was published before; may be repeated")
	fl.Float64Var(&f.within, "earlier-within", 0, "earlier figures are rounded, the true ones at most this far away")
	fl.StringArrayVar(&f.concede, "concede", nil, "`codes` of a sensitive figure that everybody knows already, as a,b,c; may be repeated")
	fl.StringVar(&f.audience, "audience", "public", "public, or named for readers chosen by an organisation for its own figures")
	fl.BoolVar(&f.preview, "preview", false, "print what would be hidden, and why")
	for _, name := range []string{"data", "rules"} {
		_ = cmd.MarkFlagRequired(name) // fails only for a flag that does not exist
	}
	return cmd
}

func (f *discloseFlags) run(c console) error {
	text, err := os.ReadFile(f.rules)
	if err != nil {
		return fault.Wrap(fault.NotFound, f.rules, "cannot be opened", "check the path", err)
	}
	rules, err := disclosure.ReadRules(f.rules, string(text))
	if err != nil {
		return err
	}
	var o disclosure.Options
	switch f.audience {
	case "public":
	case "named":
		o.Audience = disclosure.Named
	default:
		return usage{fmt.Errorf("--audience %q is neither public nor named", f.audience)}
	}
	table, err := f.read()
	if err != nil {
		return err
	}
	for _, path := range f.earlier {
		release, err := f.readEarlier(path, table, rules)
		if err != nil {
			return err
		}
		o.Earlier = append(o.Earlier, release)
	}
	for _, codes := range f.concede {
		at := strings.Split(codes, ",")
		if f.measures && len(at) == len(table.Dimensions)-1 {
			at = append(at, f.value)
		}
		o.Conceded = append(o.Conceded, at)
	}
	protected, report, err := disclosure.Gate(table, rules, o)
	if err != nil {
		return err
	}
	if f.preview {
		err = f.writePreview(c, table, report)
	} else {
		err = writeTo(c.out, f.out, protected.WriteCSV)
	}
	if err != nil {
		return err
	}
	f.tell(c, rules, report)
	return nil
}

func (f *discloseFlags) writePreview(c console, table *disclosure.Table, report *disclosure.Report) error {
	var header []string
	for _, d := range table.Dimensions {
		header = append(header, d.Name)
	}
	var rows [][]string
	for _, r := range report.Reasons {
		width := ""
		if r.Width > 0 {
			width = figure(r.Width)
		}
		rows = append(rows, append(slices.Clone(r.At), r.Fate.String(), string(r.Rule), width))
	}
	return writeRows(c, f.out, append(header, "status", "rule", "width"), rows)
}

// tell reports the loss to the owner.
func (f *discloseFlags) tell(c console, rules disclosure.Rules, r *disclosure.Report) {
	value := 0.0
	if r.Value > 0 {
		value = 100 * r.Hidden / r.Value
	}
	fmt.Fprintf(c.err, "%d figures: %d published, %d zero, %d suppressed primary, %d suppressed secondary: %.1f %% of the figures and %.1f %% of their sum are lost\n",
		r.Cells, r.Published, r.Zeros, r.Primary, r.Secondary, 100*r.Lost(), value)
	var names []disclosure.Rule
	count := map[disclosure.Rule]int{}
	for _, reason := range r.Reasons {
		if reason.Rule != "" {
			if count[reason.Rule] == 0 {
				names = append(names, reason.Rule)
			}
			count[reason.Rule]++
		}
	}
	for _, n := range names {
		fmt.Fprintf(c.err, "  %s: %d\n", n, count[n])
	}
	for _, n := range []struct {
		count int
		what  string
	}{
		{r.Follows, "sensitive figures that no row shows follow from what rows show, and are protected too"},
		{r.Conceded, "figures are conceded: nobody is protected there"},
		{r.Revised, "earlier figures have another value now, and bind nothing"},
		{r.Unlinked, "relations with earlier figures do not add up, and bind nothing"},
	} {
		if n.count > 0 {
			fmt.Fprintf(c.err, "  %d %s\n", n.count, n.what)
		}
	}
	fmt.Fprintln(c.err, "this report is for the owner of the figures, not for publication")
}

// read makes the table: keys, values and what the rules look at.
func (f *discloseFlags) read() (*disclosure.Table, error) {
	s, err := readSheet(f.data)
	if err != nil {
		return nil, err
	}
	for _, name := range append([]string{f.value, f.units, f.organisations, f.denominator}, append(f.largest, f.keys...)...) {
		if name == "" {
			continue
		}
		if _, err := s.column(name); err != nil {
			return nil, err
		}
	}
	if len(f.keys) == 0 {
		taken := append([]string{f.value, f.units, f.organisations, f.denominator}, f.largest...)
		for _, h := range s.header {
			if !slices.ContainsFunc(taken, func(t string) bool { return strings.EqualFold(t, h) }) {
				f.keys = append(f.keys, h)
			}
		}
		if len(f.keys) == 0 {
			return nil, fault.New(fault.Invalid, f.data+":1", "no column is left for the keys", "give one column for each key, as area, age and year")
		}
	}
	table := &disclosure.Table{Counts: !f.amounts}
	f.measures = f.denominator != ""
	if err := f.readCells(s, table); err != nil {
		return nil, err
	}
	if err := f.dimensions(s, table); err != nil {
		return nil, err
	}
	if f.measures {
		if !(f.per > 0) || math.IsInf(f.per, 0) || f.decimals < 0 || f.decimals > 12 {
			return nil, usage{fmt.Errorf("--per %g is not above 0, or --decimals %d not between 0 and 12", f.per, f.decimals)}
		}
		table.Rates = []disclosure.Rate{{Name: f.rate, Dimension: measureName, Numerator: f.value, Denominator: f.denominator, Per: f.per, Decimals: f.decimals, Part: f.part}}
	}
	for _, text := range f.change {
		key, codes, ok := strings.Cut(text, "=")
		from, to, ok2 := strings.Cut(codes, ":")
		if !ok || !ok2 || !slices.Contains(f.keys, key) {
			return nil, usage{fmt.Errorf("--change %q is not key=FROM:TO with one of the keys %s", text, strings.Join(f.keys, ", "))}
		}
		table.Changes = append(table.Changes, disclosure.Change{Name: fmt.Sprintf("change %s to %s", from, to), Dimension: key, From: from, To: to})
	}
	return table, nil
}

func (f *discloseFlags) readCells(s *sheet, table *disclosure.Table) error {
	columns := make([]int, len(f.keys))
	for k, name := range f.keys {
		columns[k], _ = s.column(name) // looked at in read
	}
	for i, row := range s.rows {
		at := make([]string, len(columns), len(columns)+1)
		for k, c := range columns {
			if at[k] = strings.TrimSpace(row[c]); at[k] == "" {
				return fault.New(fault.Invalid, s.place[i], f.keys[k]+" is empty", "give every row all its keys")
			}
		}
		cell := disclosure.Cell{At: at, Place: s.place[i]}
		var err error
		if cell.Value, cell.Missing, err = f.figureOf(s, i, f.value); err != nil {
			return err
		}
		if cell.Units, err = wholeOf(s, i, f.units); err != nil {
			return err
		}
		if cell.Organisations, err = wholeOf(s, i, f.organisations); err != nil {
			return err
		}
		for _, name := range f.largest {
			v, missing, err := f.figureOf(s, i, name)
			if err != nil {
				return err
			}
			if !missing {
				cell.Largest = append(cell.Largest, v)
			}
		}
		if !f.measures {
			table.Cells = append(table.Cells, cell)
			continue
		}
		under := cell
		under.At = append(slices.Clone(at), f.denominator)
		under.Largest, under.Public = nil, f.open
		if under.Value, under.Missing, err = f.figureOf(s, i, f.denominator); err != nil {
			return err
		}
		cell.At = append(at, f.value)
		table.Cells = append(table.Cells, cell, under)
	}
	return nil
}

// figureOf gives a figure ≥ 0 of a row; empty is missing.
func (f *discloseFlags) figureOf(s *sheet, i int, name string) (v float64, missing bool, err error) {
	k, err := s.column(name)
	if err != nil {
		return 0, false, err
	}
	text := strings.TrimSpace(s.rows[i][k])
	if text == "" || strings.EqualFold(text, "NA") {
		return 0, true, nil
	}
	v, perr := strconv.ParseFloat(text, 64)
	switch {
	case perr != nil || math.IsNaN(v) || math.IsInf(v, 0):
		return 0, false, fault.New(fault.Invalid, s.place[i], fmt.Sprintf("%s %q is not a number", name, text), "give the true figures, with a decimal point; leave empty what was not gathered")
	case v < 0:
		return 0, false, fault.New(fault.Invalid, s.place[i], fmt.Sprintf("%s %q is below 0", name, text), "give counts; changes are computed from what is published, see --change")
	}
	return v, false, nil
}

// wholeOf gives a whole number ≥ 0 of a row; empty, or no column, is 0: not known.
func wholeOf(s *sheet, i int, name string) (int, error) {
	if name == "" {
		return 0, nil
	}
	k, err := s.column(name)
	if err != nil {
		return 0, err
	}
	text := strings.TrimSpace(s.rows[i][k])
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fault.New(fault.Invalid, s.place[i], fmt.Sprintf("%s %q is not a whole number ≥ 0", name, text), "leave it empty where it is not known")
	}
	return n, nil
}
