package app

import (
	"fmt"
	"math"
	"strconv"

	"github.com/spf13/cobra"

	"gevor/spatial"
)

// patternFlags are the inputs of all measures of autocorrelation.
type patternFlags struct {
	areaFlags
	weightFlags
	drawFlags
	value string
}

func (f *patternFlags) command(use, short, long, style string, run func() error) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use + " --data AREAS --value COLUMN (--gal FILE | --contiguity queen | --nearest K | --band D | …)",
		Short: short, Long: long + "\n" + weightHelp, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return run() },
	}
	f.areaFlags.add(cmd)
	fl := cmd.Flags()
	f.weightFlags.add(fl, style)
	f.drawFlags.add(fl, 999)
	fl.StringVar(&f.value, "value", "value", "column with the value of the area")
	return cmd
}

func (f *patternFlags) inputs() (ids []string, x []float64, w *spatial.Weights, o spatial.Permutation, err error) {
	s, ids, err := f.read()
	if err != nil {
		return nil, nil, nil, o, err
	}
	if x, err = s.numbers(f.value, lowest); err != nil {
		return nil, nil, nil, o, err
	}
	if w, err = f.neighbours(s, ids); err != nil {
		return nil, nil, nil, o, err
	}
	o, err = f.permutation()
	return ids, x, w, o, err
}

const globalHelp = `
  result   one line: statistic, its expectation, variance, z and two-sided p under randomisation and under normality,
           the two-sided p of --draws random assignments, number of areas, of links and of areas without neighbours`

func globalCommand(c console, use, short, long, style string,
	of func([]float64, *spatial.Weights) (spatial.Test, error),
	draw func([]float64, *spatial.Weights, spatial.Permutation) (spatial.Pseudo, error),
) *cobra.Command {
	var f patternFlags
	return f.command(use, short, long+globalHelp, style, func() error {
		_, x, w, o, err := f.inputs()
		if err != nil {
			return err
		}
		if w, err = f.styled(w); err != nil {
			return err
		}
		t, err := of(x, w)
		if err != nil {
			return err
		}
		drawn := math.NaN()
		if o.Count > 0 {
			p, err := draw(x, w, o)
			if err != nil {
				return err
			}
			drawn = p.P
		}
		row := figures(t.Statistic, t.Expected, t.Random.Variance, t.Random.Z, t.Random.P, t.Normal.Variance, t.Normal.Z, t.Normal.P, drawn)
		row = append(row, strconv.Itoa(len(x)), strconv.Itoa(len(w.To)), strconv.Itoa(len(w.Islands())))
		return writeRows(c, f.out, []string{
			"statistic", "expected", "variance_random", "z_random", "p_random",
			"variance_normal", "z_normal", "p_normal", "p_drawn", "areas", "links", "islands",
		}, [][]string{row})
	})
}

func moranCommand(c console) *cobra.Command {
	return globalCommand(c, "moran", "Moran's I: do similar values lie together?",
		`Moran's I of one value an area (any unit). Above its expectation, similar values lie together (Cliff & Ord 1981).

  data     id and value of every area; missing values are refused, not guessed`, "row", spatial.Moran, spatial.PermuteMoran)
}

func gearyCommand(c console) *cobra.Command {
	return globalCommand(c, "geary", "Geary's C: do neighbours differ less than others?",
		`Geary's C of one value an area (any unit). Below 1, neighbours are alike (Cliff & Ord 1981).

  data     id and value of every area; missing values are refused, not guessed`, "row", spatial.Geary, spatial.PermuteGeary)
}

func getisCommand(c console) *cobra.Command {
	return globalCommand(c, "getis", "Getis-Ord G: do high values lie together?",
		`The general G of Getis & Ord (1992) of one value ≥ 0 an area. Above its expectation, high values lie together.
For single areas see "gevor calc lisa", which also gives G and G*. There are no moments under normality.

  data     id and value ≥ 0 of every area; missing values are refused, not guessed`, "binary", spatial.GeneralG, spatial.PermuteG)
}

func lisaCommand(c console) *cobra.Command {
	var f patternFlags
	long := `Local Moran (Anselin 1995), G and G* (Ord & Getis 1995) of every area, with the moments under conditional
randomisation and p-values from conditional permutation, adjusted for many areas after Benjamini & Hochberg (1995).

  data     id and value of every area (any unit); missing values are refused, not guessed
  result   id, value, lag (weighted mean or sum of the neighbours), local Moran i with expectation, variance, z and
           two-sided p; g_z and gstar_z; p_drawn two-sided from --draws conditional permutations and p_fdr, adjusted;
           class high-high, low-low, high-low or low-high where p_fdr (without draws: the adjusted p) is at most --fdr,
           else empty. Areas without neighbours have empty fields.`
	var rate float64
	cmd := f.command("lisa", "Local Moran, G and G* of every area, with false discovery control", long, "row", func() error {
		return f.lisa(c, rate)
	})
	cmd.Flags().Float64Var(&rate, "fdr", 0.05, "expected share of false ones among the areas given a class, 0..1")
	return cmd
}

func (f *patternFlags) lisa(c console, rate float64) error {
	if !(rate >= 0 && rate <= 1) {
		return usage{fmt.Errorf("--fdr %g is not between 0 and 1", rate)}
	}
	ids, x, plain, o, err := f.inputs()
	if err != nil {
		return err
	}
	w, err := f.styled(plain)
	if err != nil {
		return err
	}
	withSelf, err := f.styled(plain.WithSelf(1))
	if err != nil {
		return err
	}
	local, err := spatial.LocalMoran(x, w)
	if err != nil {
		return err
	}
	g, err := spatial.LocalG(x, w)
	if err != nil {
		return err
	}
	star, err := spatial.LocalGStar(x, withSelf)
	if err != nil {
		return err
	}
	drawn := make([]float64, len(x))
	p := make([]float64, len(x))
	for i := range x {
		drawn[i], p[i] = math.NaN(), local[i].P
	}
	if o.Count > 0 {
		draws, err := spatial.PermuteLag(x, w, o)
		if err != nil {
			return err
		}
		for i, d := range draws {
			drawn[i], p[i] = d.P, d.P
		}
	}
	adjusted := spatial.FalseDiscovery(p)
	lag := w.Lag(x)
	mean := 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	rows := make([][]string, len(x))
	for i, l := range local {
		class := ""
		if adjusted[i] <= rate {
			class = classOf(x[i] > mean, l.Statistic > 0)
		}
		if w.Degree(i) == 0 {
			lag[i] = math.NaN()
		}
		rows[i] = append([]string{ids[i]}, figures(x[i], lag[i], l.Statistic, l.Expected, l.Variance, l.Z, l.P, g[i].Z, star[i].Z, drawn[i], adjusted[i])...)
		rows[i] = append(rows[i], class)
	}
	return writeRows(c, f.out, []string{"id", "value", "lag", "i", "expected", "variance", "z", "p", "g_z", "gstar_z", "p_drawn", "p_fdr", "class"}, rows)
}

// classOf names the quadrant: a positive local Moran means neighbours on the same side of the mean.
func classOf(high, alike bool) string {
	switch {
	case high && alike:
		return "high-high"
	case high:
		return "high-low"
	case alike:
		return "low-low"
	}
	return "low-high"
}
