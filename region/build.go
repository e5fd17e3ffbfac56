package region

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"gevor/fault"
	"gevor/geo"
	"gevor/gtfs"
	"gevor/notice"
	"gevor/osm"
	"gevor/street"
	"gevor/transit"
	"gevor/travel"
)

// Options says how to build. None of it changes the snapshot.
type Options struct {
	Workers  int // 0 = one
	Progress travel.Progress
	// Extract is handed the OSM extract once it is read, for the base map; may be nil.
	Extract func(*osm.Extract) error
}

// builder carries what the stages of a build hand on to each other.
type builder struct {
	d     *Description
	o     Options
	in    *inputs
	notes *notice.List
	s     *Snapshot

	towns, districts *geo.Locator
	areaOf           [2]map[string]int32 // by kind: key to index into Areas
	cellOf           map[string]int32
	categoryOf       map[string]int32
	confirmEvery     []int // by category
	extract          *osm.Extract
	offerAt          map[string]string // by id: the file it came from
	areaNamed        map[string]int32  // by lower-case name; -1 where several areas share it
}

// Build reads everything a description names and makes the snapshot. It refuses sources that are neither open nor
// cleared before it reads any of them. Data problems become notices of the snapshot; Build fails where a file is
// missing or unreadable as a whole, or where nothing useful remains.
func Build(ctx context.Context, fsys fs.FS, d *Description, o Options) (*Snapshot, error) {
	if err := d.sourceGate(); err != nil {
		return nil, err
	}
	date, err := time.Parse(time.DateOnly, d.Date)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, DescriptionFile, "the date of the region is no date", "write date = \"2026-05-12\"", err)
	}
	service, err := time.Parse(time.DateOnly, d.ServiceDay)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, DescriptionFile, "the service day is no date", "write service_day = \"2026-05-12\"", err)
	}
	b := &builder{d: d, o: o, in: &inputs{fsys: fsys, seen: map[string]Input{}}, notes: &notice.List{}, categoryOf: map[string]int32{}}
	b.s = &Snapshot{Name: d.Name, Synthetic: d.Synthetic, TimeZone: d.TimeZone, Bounds: d.Bounds, Date: date, ServiceDay: service, WalkKmh: street.DefaultWalkKmh}
	for _, s := range d.Sources {
		b.s.Sources = append(b.s.Sources, s.Source)
	}
	b.catalogue()
	stages := []struct {
		name string
		run  func(context.Context) error
	}{
		{"boundaries", quick(b.areas)},
		{"population", quick(b.population)},
		{"groups", quick(b.groups)},
		{"need", quick(b.needs)},
		{"streets", b.streets},
		{"offers", quick(b.offers)},
		{"timetable", b.timetable},
	}
	for i, stage := range stages {
		o.Progress.Report(stage.name, int64(i), int64(len(stages)))
		if err := stage.run(ctx); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, fault.Wrap(fault.Busy, "", "the build was stopped", "start it again", err)
		}
	}
	b.s.Inputs = b.in.list()
	b.s.Notices, b.s.Counts = b.notes.Notices(), b.notes.Counts()
	b.s.Hash, err = identify(d, b.s.Inputs)
	return b.s, err
}

func quick(run func() error) func(context.Context) error {
	return func(context.Context) error { return run() }
}

// catalogue turns categories and standards from names into indices.
func (b *builder) catalogue() {
	groups := map[string]int32{}
	for i, g := range b.d.Groups {
		groups[g.Key] = int32(i)
	}
	for i, c := range b.d.Categories {
		b.categoryOf[c.Key] = int32(i)
		b.confirmEvery = append(b.confirmEvery, c.ConfirmEvery)
		b.s.Categories = append(b.s.Categories, Category{Key: c.Key, Label: c.Label, Parent: c.Parent})
	}
	for _, x := range b.d.Standards {
		b.s.Standards = append(b.s.Standards, Standard{Key: x.Key, Label: x.Label, Group: groups[x.Group], Category: b.categoryOf[x.Category],
			Ways: x.Ways, Nearest: x.Nearest, PerThousand: x.PerThousand})
	}
}

func (b *builder) streets(ctx context.Context) error {
	spec := b.d.Streets
	if spec == nil {
		return nil
	}
	b.s.WalkKmh = spec.WalkKmh
	return b.in.with(spec.File, spec.Source, spec.Line, func(f *file) error {
		x, err := osm.Read(ctx, f.reader(), f.size, spec.File, osm.Limits{}, b.notes, b.o.Progress)
		if err != nil {
			return err
		}
		b.extract = x
		if b.o.Extract != nil {
			if err := b.o.Extract(x); err != nil {
				return err
			}
		}
		b.s.Streets, err = street.Build(ctx, x, street.Options{Workers: b.o.Workers, Progress: b.o.Progress, Notices: b.notes, File: spec.File})
		return err
	})
}

func (b *builder) timetable(ctx context.Context) error {
	var feeds []*gtfs.Feed
	for _, spec := range b.d.Timetables {
		err := b.in.with(spec.File, spec.Source, spec.Line, func(f *file) error {
			feed, err := gtfs.Read(ctx, f.ReaderAt, f.size, spec.File, gtfs.Limits{}, b.notes)
			feeds = append(feeds, feed)
			return err
		})
		if err != nil {
			return err
		}
	}
	if len(feeds) == 0 {
		return nil
	}
	if b.s.Streets == nil {
		return fault.New(fault.Invalid, fmt.Sprintf("%s:%d", DescriptionFile, b.d.Timetables[0].Line), "a timetable needs streets", "add [streets] with an OSM extract")
	}
	var err error
	b.s.Timetable, err = transit.Build(ctx, feeds, b.s.Streets, transit.Options{Date: b.s.ServiceDay, WalkKmh: b.s.WalkKmh,
		MaxTransferWalk: travel.Seconds(60 * b.d.Transit.MaxTransferMinutes), BoardSlackSeconds: b.d.Transit.BoardSlackSeconds,
		Workers: b.o.Workers, Progress: b.o.Progress, Notices: b.notes})
	return err
}
