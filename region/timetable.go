package region

import (
	"context"

	"gevor/archive"
	"gevor/fault"
	"gevor/street"
	"gevor/transit"
)

func (b *builder) timetable(context.Context) error {
	if len(b.d.Timetables) == 0 {
		return nil
	}
	return fault.New(fault.Internal, b.d.Timetables[0].File, "timetables cannot be built yet", "")
}

func saveTimetable(*archive.Writer, *transit.Timetable) error { return nil }

func loadTimetable(*archive.Reader, *street.Network) (*transit.Timetable, error) { return nil, nil }
