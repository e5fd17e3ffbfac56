package app

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gevor/spatial"
)

// caseFlags name the columns of cases and what they are measured by.
type caseFlags struct{ cases, base string }

func (f *caseFlags) add(cmd *cobra.Command, base, about string) {
	cmd.Flags().StringVar(&f.cases, "cases", "cases", "column with the number of cases, ≥ 0")
	cmd.Flags().StringVar(&f.base, "base", base, about)
}

func (f *caseFlags) read(s *sheet) (cases, base []float64, err error) {
	if cases, err = s.numbers(f.cases, 0); err != nil {
		return nil, nil, err
	}
	base, err = s.numbers(f.base, 0)
	return cases, base, err
}

// numbersOf reads a list of numbers separated by commas.
func numbersOf(flag, text string) ([]float64, error) {
	if text == "" {
		return nil, nil
	}
	var out []float64
	for part := range strings.SplitSeq(text, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, usage{fmt.Errorf("--%s %q: %q is not a number", flag, text, part)}
		}
		out = append(out, v)
	}
	return out, nil
}

func ebCommand(c console) *cobra.Command {
	var a areaFlags
	var k caseFlags
	var w weightFlags
	var method, above string
	var z float64
	cmd := &cobra.Command{
		Use:   "eb --data AREAS --cases COLUMN --base COLUMN [--method gamma|marshall|local] [neighbours]",
		Short: "Empirical Bayes: small numbers drawn towards the mean; funnel limits",
		Long: `Smoothed rates or relative risks, and where each area lies in a funnel plot.

  data     id, cases (≥ 0) and base (≥ 0): expected cases, or people; a base of 0 with cases is refused
  gamma    relative risks under a gamma prior by maximum likelihood (Clayton & Kaldor 1987), with the median and, for
           --above, the probability of exceeding a risk
  marshall global shrinkage by the method of moments (Marshall 1991)
  local    the same towards the mean of the neighbours
  result   id, raw (empty where the base is 0), smoothed, weight of raw in it, median, above_…;
           funnel_z (Spiegelhalter 2005, widened for overdispersion) and the limits that hold 95 % and 99.8 % of areas
           like the mean` + "\n" + weightHelp,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.smooth(c, &k, &w, method, above, z)
		},
	}
	a.add(cmd)
	k.add(cmd, "expected", "column with expected cases or people, ≥ 0")
	fl := cmd.Flags()
	w.add(fl, "binary")
	fl.StringVar(&method, "method", "gamma", "gamma, marshall or local")
	fl.StringVar(&above, "above", "", "gamma: thresholds of relative risk, as 1,1.5")
	fl.Float64Var(&z, "winsorise", 0.1, "funnel: share of areas at either end that does not widen it, 0..0.4")
	return cmd
}

func (f *areaFlags) smooth(c console, k *caseFlags, wf *weightFlags, method, above string, winsorise float64) error {
	s, ids, err := f.read()
	if err != nil {
		return err
	}
	cases, base, err := k.read(s)
	if err != nil {
		return err
	}
	thresholds, err := numbersOf("above", above)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(thresholds, func(t float64) bool { return t <= 0 }) {
		return usage{fmt.Errorf("--above %q: risks are above 0", above)}
	}
	var smoothed []spatial.Smoothed
	var prior spatial.GammaPrior
	switch method {
	case "gamma":
		smoothed, prior, err = spatial.PoissonGamma(cases, base)
	case "marshall":
		smoothed, err = spatial.Marshall(cases, base)
	case "local":
		var w *spatial.Weights
		if w, err = wf.neighbours(s, ids); err == nil {
			smoothed, err = spatial.LocalMarshall(cases, base, w)
		}
	default:
		return usage{fmt.Errorf("unknown --method %q; use gamma, marshall or local", method)}
	}
	if err != nil {
		return err
	}
	if method != "gamma" && thresholds != nil {
		return usage{fmt.Errorf("--above needs --method gamma")}
	}
	funnel, points, err := spatial.NewFunnel(cases, base, spatial.FunnelOptions{Over: spatial.Additive, Winsorise: winsorise})
	if err != nil {
		return err
	}
	header := []string{"id", "raw", "smoothed", "weight", "median"}
	for _, t := range thresholds {
		header = append(header, "above_"+figure(t))
	}
	header = append(header, "funnel_z", "lower95", "upper95", "lower998", "upper998")
	rows := make([][]string, len(ids))
	for i, v := range smoothed {
		rows[i] = append([]string{ids[i]}, figures(v.Raw, v.Value, v.Weight, v.Median)...)
		for _, t := range thresholds {
			rows[i] = append(rows[i], figure(prior.Exceeds(t, cases[i], base[i])))
		}
		limits := []float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}
		if base[i] > 0 {
			limits[0], limits[1] = funnel.Limits(base[i], 0.95)
			limits[2], limits[3] = funnel.Limits(base[i], 0.998)
		}
		rows[i] = append(rows[i], figures(append([]float64{points[i].Z}, limits...)...)...)
	}
	return writeRows(c, f.out, header, rows)
}

func bym2Command(c console) *cobra.Command {
	var a areaFlags
	var k caseFlags
	var w weightFlags
	var covariates, above string
	o := spatial.BYM2Options{}
	cmd := &cobra.Command{
		Use:   "bym2 --data AREAS --cases COLUMN --base COLUMN (--gal FILE | --contiguity queen | …)",
		Short: "BYM2: relative risks smoothed over neighbours, with probabilities",
		Long: `The model of Riebler, Sørbye, Simpson & Rue (2016) by a nested Laplace approximation: Poisson cases, a structured
and an unstructured effect, penalised complexity priors; separate parts and areas without neighbours are handled.

  data     id, cases (≥ 0) and base: expected cases or people (≥ 0; areas with 0 are predicted), covariates by name
  result   first the parameters (kind fixed, precision, mix), then the areas (kind area) with the posterior of the
           relative risk: mean, standard deviation, 2.5 %, 50 %, 97.5 %, and the probability of exceeding each --above
` + weightHelp,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.bym2(c, &k, &w, covariates, above, o) },
	}
	a.add(cmd)
	k.add(cmd, "expected", "column with expected cases or people, ≥ 0")
	fl := cmd.Flags()
	w.add(fl, "binary")
	fl.StringVar(&covariates, "covariates", "", "columns with covariates, separated by commas")
	fl.StringVar(&above, "above", "1", "relative risks whose exceedance is wanted, as 1,1.5")
	fl.Float64Var(&o.SDAbove, "sd-above", 1, "prior: the standard deviation exceeds this …")
	fl.Float64Var(&o.SDChance, "sd-chance", 0.01, "… with this probability")
	fl.Float64Var(&o.MixBelow, "mix-below", 0.5, "prior: the structured share is below this …")
	fl.Float64Var(&o.MixChance, "mix-chance", 0.5, "… with this probability")
	fl.IntVar(&o.Workers, "workers", 2, "goroutines; change nothing in the result")
	return cmd
}

func (f *areaFlags) bym2(c console, k *caseFlags, wf *weightFlags, covariates, above string, o spatial.BYM2Options) error {
	s, ids, err := f.read()
	if err != nil {
		return err
	}
	cases, base, err := k.read(s)
	if err != nil {
		return err
	}
	if o.Above, err = numbersOf("above", above); err != nil {
		return err
	}
	var names []string
	var x [][]float64
	if covariates != "" {
		for name := range strings.SplitSeq(covariates, ",") {
			column, err := s.numbers(strings.TrimSpace(name), lowest)
			if err != nil {
				return err
			}
			names, x = append(names, strings.TrimSpace(name)), append(x, column)
		}
	}
	w, err := wf.neighbours(s, ids)
	if err != nil {
		return err
	}
	r, err := spatial.BYM2(cases, base, x, w, o)
	if err != nil {
		return err
	}
	header := []string{"kind", "id", "mean", "sd", "lower", "median", "upper"}
	for _, t := range o.Above {
		header = append(header, "above_"+figure(t))
	}
	line := func(kind, id string, p spatial.Posterior, above []float64) []string {
		row := append([]string{kind, id}, figures(p.Mean, p.SD, p.Lower, p.Median, p.Upper)...)
		row = append(row, figures(above...)...)
		for len(row) < len(header) {
			row = append(row, "")
		}
		return row
	}
	rows := [][]string{line("fixed", "intercept", r.Fixed[0], nil)}
	for i, name := range names {
		rows = append(rows, line("fixed", name, r.Fixed[i+1], nil))
	}
	rows = append(rows, line("precision", "", r.Precision, nil), line("mix", "", r.Mix, nil))
	for i, a := range r.Areas {
		rows = append(rows, line("area", ids[i], a.Posterior, a.Above))
	}
	return writeRows(c, f.out, header, rows)
}
