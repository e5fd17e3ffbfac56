package app

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/reach"
)

func calcCommand(c console) *cobra.Command {
	return family("calc", "Run one method on plain tables", fcaCommand(c),
		moranCommand(c), gearyCommand(c), getisCommand(c), lisaCommand(c),
		ebCommand(c), bym2Command(c), inequalityCommand(c), segregationCommand(c), scanCommand(c), crosswalkCommand(c),
		earsCommand(c), farringtonCommand(c), cusumCommand(c), siteCommand(c), discloseCommand(c), effectCommand(c))
}

// fcaFlags are the inputs of one catchment measure.
type fcaFlags struct {
	matrix, demand, supply, out string
	measure, selection          string
	steps                       string
	max, sigma, scale, alpha    float64
	tau, rho                    float64
}

func fcaCommand(c console) *cobra.Command {
	var f fcaFlags
	cmd := &cobra.Command{
		Use:   "fca --matrix M.csv --demand D.csv --supply S.csv --measure 2sfca|e2sfca|gauss|exp|power|3sfca|raam",
		Short: "Floating catchments: access to places that people share",
		Long: `Reads a matrix of travel costs and two tables, and prints the access of every origin.

  matrix   from,to,cost   one line a pair; pairs that are not listed are out of reach
  demand   id,value       people at an origin
  supply   id,value       capacity at a place; places that are missing have none
  result   id,access      capacity per person (raam: cost in units of mean congestion, lower is better);
                          empty where raam has no answer (no demand, or no supplied place in reach)

Costs may have any unit; --max, --steps, --sigma, --scale and --tau are in the same one. Limits are included.

  2sfca    all up to --max weigh alike (Luo & Wang 2003)
  e2sfca   --steps limit:weight,… (Luo & Qi 2009)
  gauss    exp(-c²/2σ²) with --sigma, cut at --max (Dai 2010)
  exp      exp(-c/scale) with --scale, cut at --max
  power    (1+c/scale)^-alpha with --alpha and --scale, cut at --max
  3sfca    --steps, and people choose among places first (Wan et al. 2012); --selection supplied is the textbook,
           --selection all counts places without supply as candidates too (as pysal/access does)
  raam     rational agents, --tau and optionally --rho (Saxon & Snow 2020)`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return f.run(c) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.matrix, "matrix", "", "CSV from,to,cost")
	fl.StringVar(&f.demand, "demand", "", "CSV id,value")
	fl.StringVar(&f.supply, "supply", "", "CSV id,value")
	fl.StringVar(&f.out, "out", "", "file for the result; standard output without it")
	fl.StringVar(&f.measure, "measure", "2sfca", "2sfca, e2sfca, gauss, exp, power, 3sfca or raam")
	fl.StringVar(&f.selection, "selection", "supplied", "3sfca: candidates are places with supply (supplied) or every listed place (all)")
	fl.Float64Var(&f.max, "max", 0, "largest cost that counts as reached; 0 takes the last step")
	fl.StringVar(&f.steps, "steps", "", "limit:weight,limit:weight,… with rising limits and falling weights")
	fl.Float64Var(&f.sigma, "sigma", 0, "gauss: standard deviation in units of cost")
	fl.Float64Var(&f.scale, "scale", 0, "exp and power: scale in units of cost")
	fl.Float64Var(&f.alpha, "alpha", 1, "power: exponent")
	fl.Float64Var(&f.tau, "tau", 60, "raam: cost that weighs as much as mean congestion")
	fl.Float64Var(&f.rho, "rho", 0, "raam: demand per supply at congestion one; 0 takes the mean of the tables")
	for _, name := range []string{"matrix", "demand", "supply"} {
		_ = cmd.MarkFlagRequired(name) // fails only for a flag that does not exist
	}
	return cmd
}

func (f *fcaFlags) run(c console) error {
	demand, err := readValues(f.demand)
	if err != nil {
		return err
	}
	supply, err := readValues(f.supply)
	if err != nil {
		return err
	}
	m, places, err := f.readMatrix(demand, supply)
	if err != nil {
		return err
	}
	access, err := f.compute(m, demand.value, places)
	if err != nil {
		return err
	}
	return writeTo(c.out, f.out, func(w io.Writer) error {
		out := csv.NewWriter(w)
		if err := out.Write([]string{"id", "access"}); err != nil {
			return err
		}
		for i, id := range demand.id {
			v := ""
			if !math.IsNaN(access[i]) {
				v = strconv.FormatFloat(access[i], 'g', -1, 64)
			}
			if err := out.Write([]string{id, v}); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	})
}

func (f *fcaFlags) compute(m *reach.Sparse[float64], demand, supply []float64) ([]float64, error) {
	if f.measure == "raam" {
		if !(f.rho >= 0) {
			return nil, usage{fmt.Errorf("--rho %g is neither a demand per supply > 0 nor 0 for the mean of the tables", f.rho)}
		}
		return reach.Raam(m, demand, supply, reach.RaamOptions{Tau: f.tau, Rho: f.rho})
	}
	decay, err := f.decayOf()
	if err != nil {
		return nil, err
	}
	selection := reach.NoSelection
	if f.measure == "3sfca" {
		switch f.selection {
		case "supplied":
			selection = reach.AmongSupplied
		case "all":
			selection = reach.AmongAll
		default:
			return nil, usage{fmt.Errorf("--selection %q is neither supplied nor all", f.selection)}
		}
	}
	access, _ := reach.Floating(m, demand, supply, decay, selection)
	return access, nil
}

// decayOf gives the weights of the measure, cut at --max.
func (f *fcaFlags) decayOf() (reach.Decay, error) {
	need := func(name string, v float64) error {
		if !(v > 0) || math.IsInf(v, 0) {
			return usage{fmt.Errorf("--measure %s needs --%s > 0", f.measure, name)}
		}
		return nil
	}
	switch f.measure {
	case "2sfca":
		return reach.Within(f.max), need("max", f.max)
	case "e2sfca", "3sfca":
		steps, err := parseSteps(f.steps)
		if err != nil {
			return nil, err
		}
		decay, err := reach.Steps(steps...)
		if err != nil || f.max == 0 {
			return decay, err
		}
		return func(c float64) float64 { return decay(c) * reach.Within(f.max)(c) }, need("max", f.max)
	case "gauss":
		return reach.Gaussian(f.sigma, f.max), errors.Join(need("sigma", f.sigma), need("max", f.max))
	case "exp":
		return reach.Exponential(f.scale, f.max), errors.Join(need("scale", f.scale), need("max", f.max))
	case "power":
		return reach.Power(f.alpha, f.scale, f.max), errors.Join(need("alpha", f.alpha), need("scale", f.scale), need("max", f.max))
	}
	return nil, usage{fmt.Errorf("unknown --measure %q; use 2sfca, e2sfca, gauss, exp, power, 3sfca or raam", f.measure)}
}

func parseSteps(s string) ([]reach.Step, error) {
	var out []reach.Step
	for part := range strings.SplitSeq(s, ",") {
		limit, weight, ok := strings.Cut(strings.TrimSpace(part), ":")
		l, err1 := strconv.ParseFloat(limit, 64)
		w, err2 := strconv.ParseFloat(weight, 64)
		if !ok || err1 != nil || err2 != nil {
			return nil, usage{fmt.Errorf("--steps %q: %q is not limit:weight, as in 5000:1,10000:0.68", s, part)}
		}
		out = append(out, reach.Step{UpTo: l, Weight: w})
	}
	return out, nil
}

// values is a table id,value in the order of its file.
type values struct {
	id    []string
	value []float64
	index map[string]int32
}

func readValues(path string) (*values, error) {
	v := &values{index: map[string]int32{}}
	err := eachRow(path, []string{"id", "value"}, func(line int, r []string) error {
		x, err := strconv.ParseFloat(r[1], 64)
		if err != nil || !(x >= 0) || math.IsInf(x, 0) {
			return fault.New(fault.Invalid, fmt.Sprintf("%s:%d", path, line), fmt.Sprintf("%q is not a number ≥ 0", r[1]), "use a decimal point and no thousands separator")
		}
		if _, twice := v.index[r[0]]; twice {
			return fault.New(fault.Invalid, fmt.Sprintf("%s:%d", path, line), fmt.Sprintf("id %q stands twice", r[0]), "keep one line for each id")
		}
		v.index[r[0]] = int32(len(v.id))
		v.id, v.value = append(v.id, r[0]), append(v.value, x)
		return nil
	})
	return v, err
}

// readMatrix gives the matrix from demand's ids to every place listed, and the supply of those places.
func (f *fcaFlags) readMatrix(demand, supply *values) (*reach.Sparse[float64], []float64, error) {
	place := map[string]int32{}
	var ids []string
	var pairs []reach.Pair[float64]
	err := eachRow(f.matrix, []string{"from", "to", "cost"}, func(line int, r []string) error {
		i, ok := demand.index[r[0]]
		if !ok {
			return fault.New(fault.Invalid, fmt.Sprintf("%s:%d", f.matrix, line), fmt.Sprintf("origin %q is not in %s", r[0], f.demand), "add it there, with 0 if nobody lives there")
		}
		if r[2] == "" {
			return nil // an empty cost is out of reach, as gevor matrix writes it
		}
		cost, err := strconv.ParseFloat(r[2], 64)
		if err != nil || !(cost >= 0) || math.IsInf(cost, 0) {
			return fault.New(fault.Invalid, fmt.Sprintf("%s:%d", f.matrix, line), fmt.Sprintf("cost %q is not a number ≥ 0", r[2]), "leave it empty where a place is out of reach")
		}
		j, ok := place[r[1]]
		if !ok {
			j = int32(len(ids))
			place[r[1]] = j
			ids = append(ids, r[1])
		}
		pairs = append(pairs, reach.Pair[float64]{From: i, To: j, Cost: cost})
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	amounts := make([]float64, len(ids))
	for j, id := range ids {
		if at, ok := supply.index[id]; ok {
			amounts[j] = supply.value[at]
		}
	}
	m, err := reach.FromPairs(len(demand.id), len(ids), pairs)
	return m, amounts, err
}

// eachRow reads a CSV file with a header line and gives of every row the columns wanted, in that order. Columns are
// found by name; a column whose name is not there is the next one that no name has taken, so that from,to,seconds
// and geoid,doctors work as they are.
func eachRow(path string, columns []string, row func(line int, fields []string) error) error {
	file, err := os.Open(path)
	if err != nil {
		return fault.Wrap(fault.NotFound, path, "cannot be opened", "check the path", err)
	}
	defer file.Close()
	r := csv.NewReader(bufio.NewReaderSize(file, 1<<20))
	r.ReuseRecord = true
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, path, "the file is empty", "write a header line and at least one row")
	}
	if err != nil {
		return badRow(path, err)
	}
	if len(header) < len(columns) {
		return fault.New(fault.Invalid, path+":1", fmt.Sprintf("%d columns where %d are needed", len(header), len(columns)),
			"write the header "+strings.Join(columns, ",")+" and separate columns by commas")
	}
	at := columnsOf(header, columns)
	picked := make([]string, len(columns))
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return badRow(path, err)
		}
		line, _ := r.FieldPos(0)
		for k, i := range at {
			picked[k] = fields[i]
		}
		if err := row(line, picked); err != nil {
			return err
		}
	}
}

func columnsOf(header, columns []string) []int {
	at := make([]int, len(columns))
	taken := map[int]bool{}
	for k, name := range columns {
		at[k] = slices.IndexFunc(header, func(h string) bool {
			return strings.EqualFold(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")), name)
		})
		taken[at[k]] = at[k] >= 0
	}
	next := 0
	for k := range at {
		if at[k] >= 0 {
			continue
		}
		for taken[next] {
			next++
		}
		at[k] = next
		next++
	}
	return at
}

// writeTo writes to a file, whole or not at all, or to standard output where path is empty. What is no file, such as a
// pipe or the null device, is written to as it is: nothing may take its place.
func writeTo(std io.Writer, path string, write func(io.Writer) error) (err error) {
	if path == "" {
		w := bufio.NewWriterSize(std, 1<<16)
		if err := write(w); err != nil {
			return err
		}
		return w.Flush()
	}
	if there, err := os.Stat(path); err == nil && !there.Mode().IsRegular() {
		return writeThrough(path, write)
	}
	part := path + ".part"
	file, err := os.Create(part)
	if err != nil {
		return fault.Wrap(fault.Invalid, path, "cannot be written", "check folder and rights", err)
	}
	w := bufio.NewWriterSize(file, 1<<20)
	if err = write(w); err == nil {
		err = w.Flush()
	}
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return nil
}

// writeThrough writes to what is there and is no file.
func writeThrough(path string, write func(io.Writer) error) (err error) {
	to, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fault.Wrap(fault.Invalid, path, "cannot be written", "name a file", err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	w := bufio.NewWriterSize(to, 1<<16)
	if err := write(w); err != nil {
		return err
	}
	return w.Flush()
}
