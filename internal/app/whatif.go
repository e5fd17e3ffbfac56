package app

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gevor/atlas"
	"gevor/fault"
	"gevor/geo"
	"gevor/internal/files"
	"gevor/region"
	"gevor/travel"
)

type whatifFlags struct {
	keep                           keeping
	run, name, file, out           string
	closed, opened, sized, lengthy []string
	feeds                          []string
	region, data                   string
	shown                          bool
	workers                        int
}

func whatifCommand(c console) *cobra.Command {
	var f whatifFlags
	cmd := &cobra.Command{
		Use:   "whatif --state DIR --close ID | --open LON,LAT,CATEGORY[,CAPACITY] | --capacity ID=N | --longer ID=FACTOR",
		Short: "Who gains and who loses if offers close, open or change, without a new run",
		Long: `Takes the current run (or --run), makes the changes asked for, and reckons every standard anew on whose category a
changed offer counts. Who meets a standard afterwards is what a run of the changed offers would find. Each flag may be
given several times, and all changes are made together.

  close      the offer is closed to everyone
  open       a new place for everyone, free of steps as far as is known, in degrees (WGS 84); CATEGORY is a key of the
             region. Without CAPACITY its capacity is unknown and stands at the median, as in a run
  capacity   places or full-time equivalents, as the category counts; 0 closes
  longer     so many times the hours: a run knows no hours, so this is so many times the capacity, which must be known;
             it changes nothing for standards on the nearest place

  feed       a GTFS feed (ZIP) with lines that run besides those of today. It needs --region, from which the
             timetables are read anew, and changes no offer: all standards that public transport has a part in are
             reckoned by a whole analysis

  result     standard,group,district,gain,lose,better,worse,unknown: people of the group. gain: miss the standard today
             and would meet it; lose: the other way round; better and worse: on the same side of the standard, with a
             shorter way or more capacity per head, or the reverse; unknown: no longer judged, or newly so. Empty where
             the standard cannot be judged. district is its key, - outside all, and "all" for the sum. These are figures
             for planning inside the house: small numbers are not suppressed, so they must not be published as they are.
             --as-shown reckons as the pages do, whose figures keep every cell and every run of cells open by ten people

The first call for a region collects travel times (as long as a run's first stage) and keeps them in the state folder;
without any change that is all it does. --save keeps changes and result with the run's hash as scenarios/NAME.json in
the state folder; --scenario reckons such a file again, on its run, and says whether the result is still the same.
--keep keeps it in the database, --as-shown, as a trial of an organisation, which pages show and whose people may share it.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.reckon(cmd, c) },
	}
	f.keep.flags(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.run, "run", "current", "run to start from: current, or its hash")
	fl.StringArrayVar(&f.closed, "close", nil, "`id` of an offer")
	fl.StringArrayVar(&f.opened, "open", nil, "`place` as longitude,latitude,category[,capacity]")
	fl.StringArrayVar(&f.sized, "capacity", nil, "`change` as id=capacity")
	fl.StringArrayVar(&f.lengthy, "longer", nil, "`change` as id=factor")
	fl.StringArrayVar(&f.feeds, "feed", nil, "GTFS `file` with additional lines")
	fl.StringVar(&f.region, "region", "", "folder with region.toml, for --feed")
	fl.StringVar(&f.data, "data", "", "folder with files that do not lie in the region's folder, for --feed")
	fl.BoolVar(&f.shown, "as-shown", false, "reckon from people in steps of ten, as pages do before they round")
	fl.StringVar(&f.name, "save", "", "name under which the scenario is kept: letters, digits, - and _")
	fl.StringVar(&f.file, "scenario", "", "saved scenario to reckon again: its name, or a path")
	fl.StringVar(&f.out, "out", "", "file for the result; standard output without it")
	fl.IntVar(&f.workers, "workers", runtime.GOMAXPROCS(0), "processors to use; the result does not depend on it")
	return cmd
}

// tried is a run with what a what-if on it needs.
type tried struct {
	state  *files.State
	run    *files.Run
	params atlas.Params
	coarse *atlas.Result // as what-ifs on pages may know it; layers as far as asked about
}

// coarsened gives the run as what-ifs on pages may know it (atlas.Coarsen), with the layers of the standards asked for.
// For one caller at a time.
func (t *tried) coarsened(ctx context.Context, known *atlas.Approaches, asked func(standard int) bool) (*atlas.Result, error) {
	if t.coarse == nil {
		r := *t.run.Result
		r.Snapshot = atlas.Coarsen(r.Snapshot)
		r.Layers = make([]atlas.Layer, len(r.Layers))
		t.coarse = &r
	}
	layers, err := atlas.Rejudged(ctx, t.coarse.Snapshot, known, t.params, func(i int) bool { return asked(i) && t.coarse.Layers[i].State == nil })
	for _, l := range layers {
		t.coarse.Layers[l.Standard] = l
	}
	return t.coarse, err
}

// overWays lays the streets and the timetable of one result under the groups and layers of another.
func overWays(r, ways *atlas.Result) *atlas.Result {
	snap, out := *ways.Snapshot, *r
	snap.Groups = r.Snapshot.Groups
	out.Snapshot = &snap
	return &out
}

func openTried(stateDir, hash string, workers int) (*tried, error) {
	state, err := files.OpenState(stateDir)
	if err != nil {
		return nil, err
	}
	if hash == "current" {
		if hash, err = state.Current(); err != nil {
			return nil, err
		}
	}
	run, err := state.OpenRun(hash)
	if err != nil {
		return nil, err
	}
	p := run.Record.Parameters
	t := &tried{state: state, run: run, params: atlas.Params{
		Workers: workers, WalkKmh: p.WalkKmh, BikeKmh: p.BikeKmh, MaxAccessWalk: travel.Seconds(p.MaxAccessWalkSeconds), CarBoundFactor: p.CarBoundFactor,
		FarFactor: p.FarFactor, CatchmentWeights: p.CatchmentWeights, MinPeople: p.MinPeople, Bridge: geo.Metres(p.BridgeMetres), FragmentShare: p.FragmentShare,
		Candidates: p.Candidates,
	}}
	return t, nil
}

// networks gives the run's result over streets and timetable of its snapshot.
func (t *tried) networks() (*atlas.Result, error) {
	full, err := openSnapshot(t.state, t.run.Record.Snapshot)
	if err != nil {
		return nil, err
	}
	snap := *t.run.Result.Snapshot
	snap.Streets, snap.Timetable, snap.Hash = full.Streets, full.Timetable, full.Hash
	r := *t.run.Result
	r.Snapshot = &snap
	return &r, nil
}

// approaches opens the travel times kept for the run's snapshot, and collects them first where there are none.
func (t *tried) approaches(ctx context.Context, c console, wanted func(standard int) bool) (*atlas.Approaches, func(), error) {
	key := files.ApproachesKey(t.run.Record.Snapshot, Version, t.params)
	a, release, err := t.state.OpenApproaches(key, wanted)
	if k := fault.KindOf(err); err == nil || k != fault.NotFound && k != fault.Corrupt {
		return a, release, err
	}
	r, err := t.networks()
	if err != nil {
		return nil, nil, err
	}
	report, wait := progress(c.err)
	collected, err := atlas.Collect(ctx, r.Snapshot, t.params, report)
	wait()
	if err != nil {
		return nil, nil, err
	}
	if err := t.state.WriteApproaches(key, r.Snapshot, collected); err != nil {
		return nil, nil, err
	}
	return t.state.OpenApproaches(key, wanted)
}

func (f *whatifFlags) reckon(cmd *cobra.Command, c console) error {
	ctx := cmd.Context()
	if err := f.keep.check(); err != nil {
		return err
	}
	f.shown = f.shown || f.keep.name != ""
	if f.name != "" && !scenarioName.MatchString(f.name) {
		return usage{fmt.Errorf("--save %q is no name: use letters, digits, - and _", f.name)}
	}
	if len(f.feeds) > 0 {
		return f.ride(cmd, c)
	}
	given := len(f.closed)+len(f.opened)+len(f.sized)+len(f.lengthy) > 0
	var saved *savedScenario
	if f.file != "" {
		if given || f.run != "current" {
			return usage{fmt.Errorf("--scenario brings its own changes and its own run")}
		}
		var err error
		if saved, err = readScenario(f.keep.at.state, f.file); err != nil {
			return err
		}
		f.run = saved.Run
	}
	t, err := openTried(f.keep.at.state, f.run, f.workers)
	if err != nil {
		return err
	}
	if !given && saved == nil {
		_, release, err := t.approaches(ctx, c, func(int) bool { return false })
		if err != nil {
			return err
		}
		release()
		fmt.Fprintf(c.err, "travel times of run %.12s are kept; what-ifs need no more of them\n", t.run.Hash)
		return nil
	}
	snap := t.run.Result.Snapshot
	var changes []change
	if saved != nil {
		changes = saved.Changes
	} else if changes, err = f.changes(snap); err != nil {
		return err
	}
	scenario, err := atlas.ScenarioOf(snap, changesOf(changes))
	if err != nil {
		return err
	}
	effects, took, err := t.whatif(ctx, c, scenario, f.shown)
	if err != nil {
		return err
	}
	if err := f.keep.put(cmd, c, t, changesOf(changes), effects); err != nil {
		return err
	}
	kept := keep(f.name, t.run, changes, effects)
	if saved != nil {
		kept.Name = saved.Name
		tellSame(c.err, saved, kept)
	}
	if f.name != "" {
		path, err := writeScenario(t.state.Dir(), kept)
		if err != nil {
			return err
		}
		fmt.Fprintf(c.err, "scenario %s is kept as %s\n", f.name, path)
	}
	fmt.Fprintf(c.err, "%d standards reckoned anew in %.2f s on run %.12s\n", len(effects), took.Seconds(), t.run.Hash)
	return writeRows(c, f.out, []string{"standard", "group", "district", "gain", "lose", "better", "worse", "unknown"}, effectRows(snap, effects))
}

// whatif reckons a scenario; took is the time from when everything is open.
func (t *tried) whatif(ctx context.Context, c console, s atlas.Scenario, shown bool) ([]atlas.Effect, time.Duration, error) {
	base := t.run.Result
	known, release, err := t.approaches(ctx, c, s.Concerns(base.Snapshot))
	if err != nil {
		return nil, 0, err
	}
	defer release()
	ways := base
	if s.NeedsWays(base.Snapshot) {
		if ways, err = t.networks(); err != nil {
			return nil, 0, err
		}
	}
	begin := time.Now()
	if shown {
		if base, err = t.coarsened(ctx, known, s.Concerns(base.Snapshot)); err != nil {
			return nil, 0, err
		}
	}
	base = overWays(base, ways)
	effects, err := atlas.WhatIf(ctx, base, known, t.params, s, nil)
	return effects, time.Since(begin), err
}

func effectRows(snap *region.Snapshot, effects []atlas.Effect) [][]string {
	var rows [][]string
	for _, e := range effects {
		s := snap.Standards[e.Standard]
		line := func(district string, d atlas.DistrictEffect) {
			row := append([]string{s.Key, snap.Groups[s.Group].Key, district}, figures(d.Gain, d.Lose, d.Better, d.Worse, d.Unknown)...)
			if !e.Known { // nobody is known to gain or lose: that is not zero
				for k := range 4 {
					row[3+k] = ""
				}
			}
			rows = append(rows, row)
		}
		line("all", e.Total)
		for _, d := range e.Districts {
			if d.Area < 0 {
				line("-", d)
				continue
			}
			line(snap.Areas[d.Area].Key, d)
		}
	}
	return rows
}

// changes reads the flags.
func (f *whatifFlags) changes(snap *region.Snapshot) ([]change, error) {
	var out []change
	for _, id := range f.closed {
		zero := 0.0
		out = append(out, change{Offer: id, Capacity: &zero})
	}
	for k, text := range slices.Concat(f.sized, f.lengthy) {
		flag := "capacity"
		if k >= len(f.sized) {
			flag = "longer"
		}
		at := strings.LastIndex(text, "=")
		if at < 0 {
			return nil, usage{fmt.Errorf("--%s %q is not ID=number", flag, text)}
		}
		v, err := strconv.ParseFloat(text[at+1:], 64)
		if err != nil || !(v >= 0) || math.IsInf(v, 0) {
			return nil, usage{fmt.Errorf("--%s %q: %q is not a number ≥ 0", flag, text, text[at+1:])}
		}
		if flag == "longer" {
			if v, err = longer(snap, text[:at], v); err != nil {
				return nil, err
			}
		}
		out = append(out, change{Offer: text[:at], Capacity: &v})
	}
	slices.SortFunc(out, func(a, b change) int { return strings.Compare(a.Offer, b.Offer) })
	for _, text := range f.opened {
		ch, err := openingOf(text)
		if err != nil {
			return nil, err
		}
		out = append(out, ch)
	}
	return out, nil
}

// longer gives the capacity of an offer that opens factor times as long.
func longer(snap *region.Snapshot, id string, factor float64) (float64, error) {
	i, err := atlas.OfferByID(snap, id)
	if err != nil {
		return 0, err
	}
	if c := snap.Offers[i].Capacity; c > 0 {
		return c * factor, nil
	}
	return 0, fault.New(fault.Invalid, "--longer "+id, "the offer's capacity is not known", "give what it would have with --capacity")
}

func openingOf(text string) (change, error) {
	bad := func(what string) (change, error) {
		return change{}, usage{fmt.Errorf("--open %q: %s; give LON,LAT,CATEGORY or LON,LAT,CATEGORY,CAPACITY", text, what)}
	}
	parts := strings.Split(text, ",")
	if len(parts) != 3 && len(parts) != 4 {
		return bad(fmt.Sprintf("%d parts", len(parts)))
	}
	lon, err1 := strconv.ParseFloat(strings.TrimSpace(parts[0]), 64)
	lat, err2 := strconv.ParseFloat(strings.TrimSpace(parts[1]), 64)
	if at := (geo.LonLat{Lon: lon, Lat: lat}); err1 != nil || err2 != nil || !at.Valid() {
		return bad("longitude and latitude are not in degrees")
	}
	ch := change{Open: &opening{Lon: lon, Lat: lat, Category: strings.TrimSpace(parts[2])}}
	if len(parts) == 4 {
		v, err := strconv.ParseFloat(strings.TrimSpace(parts[3]), 64)
		if err != nil || !(v > 0) || math.IsInf(v, 0) {
			return bad("the capacity is not a number above 0")
		}
		ch.Capacity = &v
	}
	return ch, nil
}
