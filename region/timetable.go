package region

import (
	"context"
	"fmt"
	"io/fs"

	"gevor/fault"
	"gevor/gtfs"
	"gevor/transit"
	"gevor/travel"
)

// Retime gives a snapshot with the timetables of another description of the same region, read anew: the same streets,
// cells, people and offers with other lines. It has no identity of its own (Hash is empty), so it is never kept. The
// inputs and notices are those of the timetables alone.
func Retime(ctx context.Context, fsys fs.FS, d *Description, s *Snapshot, o Options) (*Snapshot, error) {
	b, err := newBuilder(fsys, d, o)
	if err != nil {
		return nil, err
	}
	with := *s
	with.Timetable, with.Hash = nil, ""
	b.s = &with
	out, err := b.build(ctx, stage{"timetable", b.timetable})
	if err != nil {
		return nil, err
	}
	out.Hash = ""
	return out, nil
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
	slack := b.d.Transit.BoardSlackSeconds
	var err error
	b.s.Timetable, err = transit.Build(ctx, feeds, b.s.Streets, transit.Options{
		Date: b.s.ServiceDay, WalkKmh: b.s.WalkKmh,
		MaxTransferWalk: travel.Seconds(60 * b.d.Transit.MaxTransferMinutes), BoardSlack: travel.Seconds(slack), NoSlack: slack == 0,
		Workers: b.o.Workers, Progress: b.o.Progress, Notices: b.notes,
	})
	return err
}
