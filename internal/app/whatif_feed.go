package app

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"gevor/atlas"
	"gevor/fault"
	"gevor/region"
)

// ride reckons what additional lines change: the timetables of the region are read anew together with those of the
// feeds, and every standard that public transport has a part in is analysed with both.
func (f *whatifFlags) ride(cmd *cobra.Command, c console) error {
	ctx := cmd.Context()
	if f.region == "" || len(f.closed)+len(f.opened)+len(f.sized)+len(f.lengthy) > 0 || f.file != "" || f.name != "" {
		return usage{fmt.Errorf("--feed needs --region, and is tried without other changes")}
	}
	t, err := openTried(f.keep.at.state, f.run, f.workers)
	if err != nil {
		return err
	}
	fsys := regionFiles(f.region, f.data)
	d, err := region.ReadDescription(fsys)
	if err != nil {
		return inFolder(err, f.region, f.data)
	}
	if hash, err := region.Identify(fsys, d); err != nil {
		return inFolder(err, f.region, f.data)
	} else if hash != t.run.Record.Snapshot {
		return fault.New(fault.Stale, f.region, "has changed since the run was made", "analyse the region first, or name the run that was made of it")
	}
	if len(d.Timetables) == 0 {
		return fault.New(fault.Invalid, f.region, "has no timetable to which a line could be added", "add one to region.toml")
	}
	base, err := t.networks()
	if err != nil {
		return err
	}
	more := added{}
	for k, path := range f.feeds {
		name := fmt.Sprintf("what-if/%d-%s", k+1, filepath.Base(path))
		more[name] = path
		d.Timetables = append(d.Timetables, region.FileSpec{File: name, Source: d.Timetables[0].Source})
	}
	begin := time.Now()
	report, wait := progress(c.err)
	defer func() { wait() }()
	snap, err := region.Retime(ctx, region.Overlay(more, fsys), d, base.Snapshot, region.Options{Workers: f.workers, Progress: report})
	if err != nil {
		return err
	}
	after, err := atlas.Analyse(ctx, atlas.Riding(snap), t.params, report)
	if err != nil {
		return err
	}
	if f.shown {
		steps, riding := *base, *after
		steps.Snapshot, riding.Snapshot = atlas.Coarsen(base.Snapshot), atlas.Coarsen(after.Snapshot)
		base, after = &steps, &riding
	}
	effects, err := atlas.Compare(base, after)
	if err != nil {
		return err
	}
	wait()
	wait = func() {}
	for _, n := range snap.Notices {
		if _, ours := more[n.File]; ours {
			fmt.Fprintf(c.err, "%s: %s %s; %s\n", more[n.File], n.Record, n.Rule, n.Advice)
		}
	}
	fmt.Fprintf(c.err, "%d standards reckoned with the new lines in %.1f s on run %.12s\n", len(effects), time.Since(begin).Seconds(), t.run.Hash)
	if err := f.keep.put(cmd, c, t, ridesOf(f.feeds), effects); err != nil {
		return err
	}
	return writeRows(c, f.out, []string{"standard", "group", "district", "gain", "lose", "better", "worse", "unknown"}, effectRows(base.Snapshot, effects))
}

// added are files from anywhere under names of their own.
type added map[string]string

// Open opens the file of a name.
func (a added) Open(name string) (fs.File, error) {
	path, ok := a[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return os.Open(path)
}
