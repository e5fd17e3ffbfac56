package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"gevor/atlas"
	"gevor/fault"
	"gevor/internal/files"
	"gevor/internal/report"
	"gevor/internal/store"
	"gevor/internal/tiles"
	"gevor/notice"
	"gevor/osm"
	"gevor/region"
	"gevor/travel"
)

type analyseFlags struct {
	region, data, state, previous, dsn string
	workers                            int
	minPeople                          float64
	again                              bool
	cluster                            clusterFlags
}

func analyseCommand(c console) *cobra.Command {
	var f analyseFlags
	cmd := &cobra.Command{
		Use:   "analyse --region DIR",
		Short: "Compute who in a region cannot reach what",
		Long: `Reads the region, builds its snapshot unless one of the same inputs is there, holds it against its standards and
writes a run. The run becomes the one that is served once it is complete; until then the last one stays.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), c) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.region, "region", "", "folder with region.toml")
	fl.StringVar(&f.data, "data", "", "folder with files that do not lie in the region's folder")
	fl.StringVar(&f.state, "state", "var", "folder for snapshots, runs and the database")
	fl.StringVar(&f.dsn, "database", "", "postgres://… ; an SQLite file in the state folder without it")
	fl.StringVar(&f.previous, "previous", "current", "run whose findings keep their names: current, none, or its hash")
	fl.Float64Var(&f.minPeople, "min-people", 0, "smallest finding reported; 0 takes the default")
	fl.IntVar(&f.workers, "workers", runtime.GOMAXPROCS(0), "processors to use; the result does not depend on it")
	fl.BoolVar(&f.again, "again", false, "compute even where the current run has the same inputs, parameters and program")
	f.cluster.add(fl)
	_ = cmd.MarkFlagRequired("region") // fails only for a flag that does not exist
	return cmd
}

// analysis is one call of the command under way.
type analysis struct {
	analyseFlags
	c       console
	state   *files.State
	report  travel.Progress
	name    string // of the region's folder
	timings []files.Timing
	// after prints what came out, once no progress bar moves any more.
	after func()
}

func (f *analyseFlags) run(ctx context.Context, c console) error {
	state, err := files.OpenState(f.state)
	if err != nil {
		return err
	}
	abs, err := filepath.Abs(f.region)
	if err != nil {
		return fault.Wrap(fault.Invalid, f.region, "is no path", "", err)
	}
	report, wait := progress(c.err)
	a := &analysis{analyseFlags: *f, c: c, state: state, report: report, name: filepath.Base(abs)}
	err = a.run(ctx)
	wait()
	if a.after != nil {
		a.after()
	}
	return inFolder(err, f.region, f.data)
}

func (a *analysis) run(ctx context.Context) error {
	fsys := regionFiles(a.region, a.data)
	d, err := region.ReadDescription(fsys)
	if err != nil {
		return err
	}
	if len(d.Standards) == 0 {
		return fault.New(fault.Invalid, region.DescriptionFile, "holds no [[standard]], so there is nothing to hold the region against", "add one: group, category, nearest or per_thousand, and way")
	}
	hash, err := region.Identify(fsys, d)
	if err != nil {
		return err
	}
	params := atlas.Params{Workers: a.workers, MinPeople: a.minPeople}
	if d.Streets != nil {
		params.WalkKmh = d.Streets.WalkKmh
	}
	if params, err = params.Filled(); err != nil {
		return err
	}
	previous, err := a.previousRun()
	if err != nil {
		return err
	}
	if previous != nil && !a.again && a.previous == "current" && previous.Made(hash, Version, params) {
		fmt.Fprintf(a.c.err, "nothing has changed since run %.12s\n", previous.Hash)
		return nil
	}
	snap, err := a.snapshot(ctx, hash, d)
	if err != nil {
		return err
	}
	if previous != nil {
		params.Previous = previous.Previous()
	}
	if a.cluster.urls != "" {
		end, err := a.spread(ctx, snap, &params)
		if err != nil {
			return err
		}
		defer end()
	}
	var result *atlas.Result
	if err := a.timed("analysis", func() error {
		result, err = atlas.Analyse(ctx, snap, params, a.report)
		return err
	}); err != nil {
		return err
	}
	if !slices.ContainsFunc(result.Summaries, func(s atlas.StandardSummary) bool { return s.Known }) {
		a.after = func() { tell(a.c.err, slices.Concat(snap.Notices, result.Notices), snap.Counts, a.place, "") }
		return fault.New(fault.Invalid, region.DescriptionFile, "no standard can be judged with these data, so no run was written", "the notices say what each of them lacks")
	}
	return a.publish(ctx, result, params)
}

// previousRun gives the run that lends its findings their names, nil where there is none. A current run that cannot be
// read must not keep a new one from replacing it: the person is told, and findings are named anew.
func (a *analysis) previousRun() (*files.Run, error) {
	switch a.previous {
	case "none":
		return nil, nil
	case "current":
	default:
		run, err := a.state.OpenRun(a.previous)
		if fault.KindOf(err) == fault.NotFound {
			return nil, usage{fmt.Errorf("--previous %s is no run in %s; give current, none, or the name of a folder in %s", a.previous, a.state.Dir(), a.state.Path(files.Runs, ""))}
		}
		return run, err
	}
	hash, err := a.state.Current()
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	var run *files.Run
	if err == nil {
		run, err = a.state.OpenRun(hash)
	}
	switch kind := fault.KindOf(err); {
	case err == nil && run.Record.Region.Key != a.name:
		return nil, nil // another region was served before
	case err != nil && (kind == fault.Corrupt || kind == fault.NotFound):
		fmt.Fprintf(a.c.err, "the last run cannot be read, so findings are named anew: %s\n", message(err))
		return nil, nil
	}
	return run, err
}

// snapshot opens the snapshot of a hash, or builds and keeps it.
func (a *analysis) snapshot(ctx context.Context, hash string, d *region.Description) (*region.Snapshot, error) {
	if snap, err := openSnapshot(a.state, hash); err == nil {
		return snap, nil
	} else if k := fault.KindOf(err); k != fault.NotFound && k != fault.Corrupt {
		return nil, err
	}
	var snap *region.Snapshot
	var base []files.Artefact
	notes := &notice.List{}
	err := a.timed("snapshot", func() (err error) {
		snap, err = region.Build(ctx, regionFiles(a.region, a.data), d, region.Options{
			Workers: a.workers, Progress: a.report, Notices: notes,
			Extract: func(x *osm.Extract) error {
				base = append(base, files.Artefact{Name: files.BaseMap, Write: tiles.Base(x, a.report)})
				return nil
			},
		})
		return err
	})
	if err != nil {
		if ctx.Err() == nil {
			a.after = func() { tell(a.c.err, notes.Notices(), notes.Counts(), a.place, "") }
		}
		return nil, err
	}
	return snap, a.timed("snapshot files", func() error { return a.state.WriteSnapshot(snap, snap.Save, base...) })
}

// publish writes the run, records it and makes it the one that is served.
func (a *analysis) publish(ctx context.Context, r *atlas.Result, params atlas.Params) error {
	info := files.RunInfo{Region: a.name, Version: Version, Params: params, Timings: a.timings}
	if params.Previous != nil {
		info.Previous = params.Previous.Hash
	}
	if r.Snapshot.Streets != nil {
		info.BaseMap = filepath.Join(a.state.Path(files.Snapshots, r.Snapshot.Hash), files.BaseMap)
	}
	info.Artefacts = append(info.Artefacts, files.Artefact{Name: "map.pmtiles", Write: tiles.Map(r, a.report)})
	info.Artefacts = append(info.Artefacts, report.Files(r, info)...)
	var hash string
	if err := a.timed("run files", func() (err error) {
		hash, err = a.state.WriteRun(r, info)
		return err
	}); err != nil {
		return err
	}
	db, err := store.Open(ctx, databaseOf(a.dsn, a.state.Dir()))
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.RecordRun(ctx, hash, a.name, time.Now().UTC(), r); err != nil {
		return err
	}
	if err := a.state.SetCurrent(hash); err != nil {
		return err
	}
	a.after = func() {
		a.sum(hash, r)
		tell(a.c.err, slices.Concat(r.Snapshot.Notices, r.Notices), r.Snapshot.Counts, a.place,
			filepath.Join(a.state.Path(files.Runs, hash), "notices.json"))
	}
	return nil
}

// place puts the folder of the region or its data before a file.
func (a *analysis) place(file string) string { return path(file, a.region, a.data) }

func (a *analysis) timed(stage string, do func() error) error {
	begin := time.Now()
	err := do()
	a.timings = append(a.timings, files.Timing{Stage: stage, Seconds: time.Since(begin).Seconds()})
	return err
}

// sum tells on standard output what came out.
func (a *analysis) sum(hash string, r *atlas.Result) {
	fmt.Fprintf(a.c.out, "run %s\n%d findings\n", hash, len(r.Findings))
	for i, s := range r.Summaries {
		key := r.Snapshot.Standards[s.Standard].Key
		if !s.Known {
			fmt.Fprintf(a.c.out, "%-44s unknown\n", key)
			continue
		}
		fmt.Fprintf(a.c.out, "%-44s %9.0f of %9.0f people miss it, %d findings\n", key, s.Missing, s.People, r.Summaries[i].Findings)
	}
}

// databaseOf gives the address of the database: as asked, or a file beside the runs.
func databaseOf(dsn, state string) string {
	if dsn != "" {
		return dsn
	}
	return filepath.Join(state, "gevor.db")
}

// openSnapshot maps a stored snapshot. The mapping lives as long as the program.
func openSnapshot(state *files.State, hash string) (*region.Snapshot, error) {
	snap, _, err := mapSnapshot(state, hash)
	return snap, err
}

// mapSnapshot maps a stored snapshot until it is released.
func mapSnapshot(state *files.State, hash string) (snap *region.Snapshot, release func() error, err error) {
	dir, err := state.Open(files.Snapshots, hash)
	if err != nil {
		return nil, nil, err
	}
	var held []func() error
	release = func() error {
		var errs []error
		for _, r := range held {
			errs = append(errs, r())
		}
		return errors.Join(errs...)
	}
	snap, err = region.Load(func(name string) ([]byte, error) {
		raw, r, err := files.Map(filepath.Join(dir, name))
		if err == nil {
			held = append(held, r)
		}
		return raw, err
	})
	if err != nil {
		return nil, nil, errors.Join(err, release())
	}
	return snap, release, nil
}
