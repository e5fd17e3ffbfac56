package app

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gevor/atlas"
	"gevor/fault"
	"gevor/geo"
	"gevor/region"
	"gevor/siting"
)

type prospectFlags struct {
	state, run, standard, category, group, people, need, sites, out string
	objectives, languages                                           []string
	places, candidates, workers                                     int
	capacity                                                        float64
	effort                                                          siting.Effort
}

func prospectCommand(c console) *cobra.Command {
	var f prospectFlags
	cmd := &cobra.Command{
		Use:   "site --state DIR --category KEY --group KEY [--objectives mclp,pmedian,pcenter]",
		Short: "Where would new places reach most people who reach none now?",
		Long: `Takes the current run (or --run) and one of its standards, by its key or by category and group, and sites --places
new places beside those of today, once for each objective, so that the choices can be compared:

  mclp       most people come in time to some place (Church & ReVelle 1974)
  pmedian    the ways of all people together are least; who is beyond twice the limit counts as twice the limit
  pcenter    the longest way of anybody who can come to some place within twice the limit is least
  lscp       the fewest new places that bring everybody in time whom some candidate can (Toregas et al. 1971)

Candidates are cells where people miss the standard, and beside them, those with most people first and spread over the
area; or the points of --sites (CSV id,lon,lat). A way is measured in shares of its limit, 1 is just in time, by the best
of the standard's ways. --each is how many people a new place serves, for mclp and pmedian. Capacities of today
play no part.

With --language, only places known to be given in all the languages named count as places of today; a place whose source
says nothing of languages does not, and how many those are is said. --people counts another target group than the
standard's. --need weighs people by which share (0 to 1) of the group in each district counts, such as those who need the
language (CSV district,share); districts it leaves out count in full.

  result   objective,sites,lon,lat,newly_reached,still_out,mean_share,worst_share,beyond,bound,optimal,gap: people who reach
           none today and would; people who would still reach none; mean and largest share of people within twice the
           limit; people beyond it; the bound of the objective (mclp: people reached at most; pmedian: sum of shares at
           least; pcenter: share at least; lscp: places at least). The first line, today, is the state without new
           places. An objective that no choice of so many places fulfils has the figures of today and no bound.
           Best means best among the candidates. For planning inside the house: small numbers are not suppressed`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.compare(cmd.Context(), c) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.state, "state", "var", "folder for snapshots, runs and the database")
	fl.StringVar(&f.run, "run", "current", "run to start from: current, or its hash")
	fl.StringVar(&f.standard, "standard", "", "key of a standard")
	fl.StringVar(&f.category, "category", "", "key of the category, where no standard is named")
	fl.StringVar(&f.group, "group", "", "key of the target group, where no standard is named")
	fl.StringSliceVar(&f.languages, "language", nil, "`languages` in all of which a place must be given to count, tags or names")
	fl.StringVar(&f.people, "people", "", "`key` of the target group whose people count; the standard's without it")
	fl.StringVar(&f.need, "need", "", "CSV district,share: which share of the group counts")
	fl.StringVar(&f.sites, "sites", "", "CSV id,lon,lat with the candidates; cells of the region without it")
	fl.StringSliceVar(&f.objectives, "objectives", []string{"mclp", "pmedian", "pcenter"}, "objectives to compare")
	fl.IntVar(&f.places, "places", 1, "new places")
	fl.Float64Var(&f.capacity, "each", 0, "most `people` that each new place serves; 0 for no limit")
	fl.IntVar(&f.candidates, "candidates", 100, "most cells tried as candidates")
	fl.IntVar(&f.effort.Nodes, "nodes", 2000, "most nodes of each search tree")
	fl.StringVar(&f.out, "out", "", "file for the result; standard output without it")
	fl.IntVar(&f.workers, "workers", runtime.GOMAXPROCS(0), "processors to use; the result does not depend on it")
	return cmd
}

func (f *prospectFlags) compare(ctx context.Context, c console) error {
	for _, o := range f.objectives {
		if !slices.Contains(atlas.Objectives(), atlas.Objective(o)) {
			return usage{fmt.Errorf("--objectives %q is none of mclp, pmedian, pcenter and lscp", o)}
		}
	}
	if f.places < 1 || f.candidates < 1 || !(f.capacity >= 0) {
		return usage{fmt.Errorf("--places and --candidates must be at least 1")}
	}
	t, err := openTried(f.state, f.run, f.workers)
	if err != nil {
		return err
	}
	r, err := t.networks()
	if err != nil {
		return err
	}
	standard, err := f.pick(r.Snapshot)
	if err != nil {
		return err
	}
	question, err := f.question(r.Snapshot, standard)
	if err != nil {
		return err
	}
	var ids []string
	if f.sites != "" {
		points, err := readPoints(f.sites)
		if err != nil {
			return err
		}
		ids, question.Places = points.id, points.at
	}
	report, wait := progress(c.err)
	p, err := atlas.Prospects(ctx, r.Snapshot, t.params, question, report)
	wait()
	if err != nil {
		return err
	}
	for _, i := range p.Picked {
		ids = append(ids, r.Snapshot.Cells.ID[i])
	}
	fmt.Fprintf(c.err, "standard %s, people %s, %d candidates, %d cells with people\n", r.Snapshot.Standards[standard].Key, r.Snapshot.Groups[question.Group].Key, len(p.At), len(p.Cells))
	if len(question.Languages) > 0 {
		fmt.Fprintf(c.err, "%d places of today, %d say their languages, %d are given in %s\n", p.Spoken.Places, p.Spoken.Told, p.Spoken.InThose, strings.Join(question.Languages, " and "))
	}
	objectives := make([]atlas.Objective, len(f.objectives))
	for k, o := range f.objectives {
		objectives[k] = atlas.Objective(o)
	}
	choices, err := atlas.Choices(p, atlas.Wish{Places: f.places, Capacity: f.capacity}, objectives, f.effort)
	if err != nil {
		return err
	}
	rows := make([][]string, 0, len(choices))
	for _, k := range choices {
		rows = append(rows, choiceRow(k, ids, p.At))
	}
	return writeRows(c, f.out, []string{"objective", "sites", "lon", "lat", "newly_reached", "still_out", "mean_share", "worst_share", "beyond", "bound", "optimal", "gap"}, rows)
}

// pick finds the standard that is meant.
func (f *prospectFlags) pick(snap *region.Snapshot) (int32, error) {
	if f.standard == "" && (f.category == "" || f.group == "") {
		return 0, usage{fmt.Errorf("give --standard, or --category and --group")}
	}
	var found []int32
	var keys []string
	for i, s := range snap.Standards {
		keys = append(keys, s.Key)
		if f.standard == s.Key || f.standard == "" && snap.Categories[s.Category].Key == f.category && snap.Groups[s.Group].Key == f.group {
			found = append(found, int32(i))
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return 0, fault.New(fault.NotFound, "standard", "the run has none of that name, or for that category and group", "there are: "+strings.Join(keys, ", "))
	}
	return 0, usage{fmt.Errorf("several standards are about %s for %s; name one with --standard: %s", f.category, f.group, strings.Join(keys, ", "))}
}

func choiceRow(c atlas.Choice, ids []string, at []geo.LonLat) []string {
	var sites, lon, lat []string
	for _, j := range c.Open {
		sites, lon, lat = append(sites, ids[j]), append(lon, strconv.FormatFloat(at[j].Lon, 'f', 6, 64)), append(lat, strconv.FormatFloat(at[j].Lat, 'f', 6, 64))
	}
	name, optimal, gap := "today", "", ""
	if c.None {
		name = string(c.Objective)
	} else if c.Objective != "" {
		name, optimal, gap = string(c.Objective), strconv.FormatBool(c.Optimal), short(c.Gap)
	}
	list := func(v []string) string { return strings.Join(v, " ") }
	return []string{name, list(sites), list(lon), list(lat), figure(c.NewlyReached), figure(c.StillOut), short(c.MeanShare), short(c.WorstShare), figure(c.Beyond), short(c.Bound), optimal, gap}
}

// short writes a number to six digits, more than the seconds behind it carry; what has no answer is an empty field.
func short(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}
