package app

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/siting"
)

// siteFlags are the inputs of one siting problem.
type siteFlags struct {
	siteInputs
	places            int
	budget, most      float64
	miss              float64
	partial           bool
	effort            siting.Effort
	out, summary, tag string
}

// sitings are the four problems by the words of the command line.
var sitings = []struct{ key, short, says string }{
	{"lscp", "The fewest (or cheapest) new places so that everybody is within reach", `Location set covering (Toregas et al. 1971): everybody must be served at a cost of at most --within. With prices the
cheapest choice, else the smallest. --places and --budget play no part.`},
	{"mclp", "The places that serve most people within reach", `Maximal covering (Church & ReVelle 1974): most weight served at a cost of at most --within, under --places or --budget.`},
	{"pmedian", "The places for which people travel least altogether", `p-median (Hakimi 1964): the sum of weight × cost is least, under --places or --budget. With --miss nobody has to be
served, at that cost per unit of weight.`},
	{"pcenter", "The places for which nobody travels far", `p-centre (Hakimi 1964): the largest cost of anybody with weight above zero is least, under --places or --budget.`},
}

const siteInputsHelp = `

Give the costs in one of four ways:
  --matrix M.csv       from,to,cost: one line a pair; pairs that are not listed, or have no cost, cannot be served. Of
                       a pair listed twice the smaller cost counts
  --table T.csv        one line a demand (its id first), one column a candidate; an empty field cannot be served
  --orlib F.txt        OR-Library p-median: vertices, edges and p, then one edge a line (of an edge listed twice the
                       last counts); every vertex is demand and candidate, costs are shortest paths, --places defaults
                       to the file's p
  --demand D.geojson --sites S.geojson
                       points in degrees (WGS 84) with a property id; costs are great-circle distances in metres

and, where they matter:
  --demand D.csv       id,value: people of each demand, ≥ 0; without it each counts one (GeoJSON: property value)
  --sites S.csv        id and any of price (≥ 0), capacity (≥ 0, in units of weight; empty is unlimited), fixed (yes: it
                       is there already, costs nothing and is not counted). GeoJSON: the same properties

Costs may have any unit; --within and --miss are in the same one. --places and --budget limit what is opened besides the
fixed places. Under capacities the people of one demand may be split.

  result   site,state,demand,weight,cost: one line for each part of a demand at its site; state is fixed or new; a site
           that is open and serves nobody has one line without demand
  summary  on standard error, and as CSV with --summary: problem, objective, bound, gap, optimal, new, left_out, nodes,
           steps. The bound is what no choice can beat; where objective and bound meet, the choice is proved best

The search is bounded by counted work (--nodes), so it ends, and ends the same way, on every machine.`

func siteCommand(c console) *cobra.Command {
	var members []*cobra.Command
	for _, s := range sitings {
		f := siteFlags{tag: s.key}
		cmd := &cobra.Command{
			Use: s.key + " --matrix M.csv | --table T.csv | --orlib F.txt | --demand D.geojson --sites S.geojson", Short: s.short, Long: s.says + siteInputsHelp,
			Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error { return f.run(c) },
		}
		fl := cmd.Flags()
		f.add(fl)
		if s.key == "lscp" || s.key == "mclp" {
			fl.Float64Var(&f.most, "within", 0, "largest cost that counts as served")
			_ = cmd.MarkFlagRequired("within") // fails only for a flag that does not exist
		}
		if s.key != "lscp" {
			fl.IntVar(&f.places, "places", 0, "most new places; 0 leaves the number to --budget")
			fl.Float64Var(&f.budget, "budget", 0, "most that new places may cost together; 0 leaves it to --places")
		}
		if s.key == "pmedian" {
			fl.Float64Var(&f.miss, "miss", 0, "cost per unit of weight of not being served; 0 demands that everybody is")
		}
		if s.key != "mclp" {
			fl.BoolVar(&f.partial, "leave-out", false, "leave out demands that no candidate can serve, and count them, instead of refusing")
		}
		fl.IntVar(&f.effort.Nodes, "nodes", 0, "most nodes of the search tree; 0 takes 20,000")
		fl.Float64Var(&f.effort.Gap, "gap", 0, "relative gap that is good enough, e.g. 0.005; 0 asks for proof")
		fl.StringVar(&f.out, "out", "", "file for the result; standard output without it")
		fl.StringVar(&f.summary, "summary", "", "file for the summary as CSV")
		members = append(members, cmd)
	}
	site := family("site", "Where would new places help most, and how good is that known to be?", members...)
	site.Long = site.Short + "\n"
	for _, s := range sitings {
		site.Long += "\n  " + s.key + strings.Repeat(" ", 9-len(s.key)) + strings.ReplaceAll(s.says, "\n", "\n           ")
	}
	site.Long += siteInputsHelp
	return site
}

func (f *siteFlags) run(c console) error {
	in, err := f.read()
	if err != nil {
		return err
	}
	p := in.problem
	p.New, p.Budget, p.Miss, p.Partial = f.places, f.budget, f.miss, f.partial
	if f.tag != "lscp" && p.New == 0 && p.Budget == 0 {
		if p.New = in.places; p.New == 0 {
			return usage{fmt.Errorf("calc site %s needs --places or --budget", f.tag)}
		}
	}
	a, err := f.solve(p)
	if err != nil {
		return err
	}
	fmt.Fprintln(c.err, sentence(f.tag, &a, in.fixed()))
	if f.summary != "" {
		err := writeRows(c, f.summary, summaryHead, [][]string{summaryRow(f.tag, &a, in.fixed())})
		if err != nil {
			return err
		}
	}
	if math.IsInf(a.Objective, 0) {
		return fault.New(fault.Invalid, "calc site", "no choice that serves everybody was found within --nodes, and none was proved impossible", "raise --nodes, or allow more places")
	}
	return writeRows(c, f.out, []string{"site", "state", "demand", "weight", "cost"}, in.rows(&a))
}

func (f *siteFlags) solve(p siting.Problem) (siting.Answer, error) {
	switch f.tag {
	case "lscp":
		return siting.Cover(p, f.most, f.effort)
	case "mclp":
		return siting.MaxCover(p, f.most, f.effort)
	case "pmedian":
		return siting.Median(p, f.effort)
	}
	return siting.Centre(p, f.effort)
}

var summaryHead = []string{"problem", "objective", "bound", "gap", "optimal", "new", "left_out", "nodes", "steps"}

func summaryRow(tag string, a *siting.Answer, fixed int) []string {
	return []string{
		tag, figure(a.Objective), figure(a.Bound), figure(a.Gap()), strconv.FormatBool(a.Optimal), strconv.Itoa(len(a.Open) - fixed),
		figure(a.Beyond), strconv.Itoa(a.Nodes), strconv.Itoa(a.Steps),
	}
}

// sentence says in one line what came out and how good it is known to be.
func sentence(tag string, a *siting.Answer, fixed int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s with %d new places", tag, figure(a.Objective), len(a.Open)-fixed)
	if a.Optimal {
		b.WriteString(", proved best")
	} else {
		fmt.Fprintf(&b, ", not proved: no choice beats %s (gap %.3g %%)", figure(a.Bound), 100*a.Gap())
	}
	if a.BeyondCount > 0 {
		fmt.Fprintf(&b, "; %d demands with a weight of %s left out, no candidate serves them", a.BeyondCount, figure(a.Beyond))
	}
	fmt.Fprintf(&b, " (%d nodes, %d steps)", a.Nodes, a.Steps)
	return b.String()
}

// rows lists who is served where.
func (in *siteInput) rows(a *siting.Answer) [][]string {
	var out [][]string
	serves := map[int32]bool{}
	for _, s := range a.Served {
		serves[s.Place] = true
	}
	state := func(j int32) string {
		if slices.Contains(in.problem.Fixed, j) {
			return "fixed"
		}
		return "new"
	}
	for _, j := range a.Open {
		if !serves[j] {
			out = append(out, []string{in.sites[j], state(j), "", "", ""})
			continue
		}
		for _, s := range a.Served {
			if s.Place == j {
				out = append(out, []string{in.sites[j], state(j), in.demands[s.Demand], figure(s.Weight), figure(s.Cost)})
			}
		}
	}
	return out
}
