package region

import (
	"context"
	"io/fs"
	"slices"
	"time"

	"gevor/fault"
	"gevor/geo"
	"gevor/notice"
	"gevor/osm"
	"gevor/street"
	"gevor/travel"
	"gevor/vocabulary"
)

// Options says how to build. None of it changes the snapshot.
type Options struct {
	Workers  int // 0 = one
	Progress travel.Progress
	// Extract is handed the OSM extract once it is read, for the base map; may be nil.
	Extract func(*osm.Extract) error
	// Notices gathers what the imports have to say, also where the build fails; nil = only the snapshot keeps it.
	Notices *notice.List
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
	tongues          vocabulary.Tongues
	offerAt          map[string]string // by id: the file it came from
	areaNamed        map[string]int32  // by lower-case name; -1 where several areas share it
}

// Build reads everything a description names and makes the snapshot. It refuses sources that are neither open nor
// cleared before it reads any of them. Data problems become notices of the snapshot; Build fails where a file is
// missing or unreadable as a whole, or where nothing useful remains.
func Build(ctx context.Context, fsys fs.FS, d *Description, o Options) (*Snapshot, error) {
	b, err := newBuilder(fsys, d, o)
	if err != nil {
		return nil, err
	}
	return b.build(ctx,
		stage{"boundaries", quick(b.areas)},
		stage{"population", quick(b.population)},
		stage{"groups", quick(b.groups)},
		stage{"need", quick(b.needs)},
		stage{"streets", b.streets},
		stage{"offers", quick(b.offers)},
		stage{"timetable", b.timetable},
	)
}

// BuildNetworks makes a snapshot of nothing but streets and timetable, for travel times between given points.
func BuildNetworks(ctx context.Context, fsys fs.FS, d *Description, o Options) (*Snapshot, error) {
	b, err := newBuilder(fsys, d, o)
	if err != nil {
		return nil, err
	}
	return b.build(ctx, stage{"streets", b.streets}, stage{"timetable", b.timetable})
}

// contracted lists the modes worth a hierarchy: driving reaches far in any standard and in every question for causes,
// walking and cycling only where a standard looks beyond a quarter of an hour.
func (b *builder) contracted() []travel.Mode {
	modes := []travel.Mode{}
	for _, mode := range []travel.Mode{travel.Walk, travel.WalkNoSteps, travel.Bike} {
		if slices.ContainsFunc(b.s.Standards, func(s Standard) bool {
			return slices.ContainsFunc(s.Ways, func(w Way) bool { return w.Mode == mode && w.Minutes > 15 })
		}) {
			modes = append(modes, mode)
		}
	}
	if len(b.s.Standards) > 0 {
		modes = append(modes, travel.Car)
	}
	return modes
}

// stage is a named part of a build.
type stage struct {
	name string
	run  func(context.Context) error
}

func newBuilder(fsys fs.FS, d *Description, o Options) (*builder, error) {
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
	b := &builder{d: d, o: o, in: &inputs{fsys: fsys, seen: map[string]Input{}}, notes: o.Notices, categoryOf: map[string]int32{}}
	if b.notes == nil {
		b.notes = &notice.List{}
	}
	b.s = &Snapshot{Name: d.Name, Synthetic: d.Synthetic, TimeZone: d.TimeZone, Bounds: d.Bounds, Date: date, ServiceDay: service, WalkKmh: street.DefaultWalkKmh}
	for _, s := range d.Sources {
		b.s.Sources = append(b.s.Sources, s.Source)
	}
	b.catalogue()
	return b, nil
}

func (b *builder) build(ctx context.Context, stages ...stage) (*Snapshot, error) {
	for i, stage := range stages {
		b.o.Progress.Report(stage.name, int64(i), int64(len(stages)))
		if err := stage.run(ctx); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, fault.Wrap(fault.Busy, "", "the build was stopped", "start it again", err)
		}
	}
	b.s.Inputs = b.in.list()
	b.s.Notices, b.s.Counts = b.notes.Notices(), b.notes.Counts()
	var err error
	b.s.Hash, err = identify(b.d, b.s.Inputs)
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
		b.s.Standards = append(b.s.Standards, Standard{
			Key: x.Key, Label: x.Label, Group: groups[x.Group], Category: b.categoryOf[x.Category],
			Ways: x.Ways, Nearest: x.Nearest, PerThousand: x.PerThousand,
		})
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
		o := street.Options{Workers: b.o.Workers, Progress: b.o.Progress, Notices: b.notes, File: spec.File}
		if b.s.Streets, err = street.Build(ctx, x, o); err != nil {
			return err
		}
		return b.s.Streets.Prepare(ctx, b.contracted(), o)
	})
}
