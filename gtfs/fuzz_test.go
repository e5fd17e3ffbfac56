package gtfs

import (
	"bytes"
	"context"
	"testing"

	"gevor/notice"
)

// FuzzMember spoils one member of a good timetable at a time. Whatever happens, nothing panics, the counts add
// up, and a feed that comes out holds together.
func FuzzMember(f *testing.F) {
	names := []string{"stops.txt", "stop_times.txt", "calendar.txt", "calendar_dates.txt", "frequencies.txt", "transfers.txt", "trips.txt"}
	for i, name := range names {
		f.Add(uint8(i), []byte(members()[name]))
	}
	f.Add(uint8(1), []byte("trip_id,stop_id,stop_sequence,arrival_time,departure_time\nt1,s1,1,1:00:00,\nt1,s2,2,,\n\"t1\",s3,3,\"2:00:00"))
	f.Fuzz(func(t *testing.T, which uint8, text []byte) {
		m := members()
		m[names[int(which)%len(names)]] = string(text)
		raw := pack(t, m)
		var notes notice.List
		feed, err := Read(context.Background(), bytes.NewReader(raw), int64(len(raw)), "t.zip", Limits{Bytes: 1 << 20, LineBytes: 1 << 12}, &notes)
		if err != nil {
			return
		}
		for _, c := range notes.Counts() {
			if c.Read != c.Used+c.Rejected {
				t.Fatalf("%+v", c)
			}
		}
		for _, trip := range feed.Trips {
			latest := int32(-1 << 31)
			for _, c := range feed.StopTimes[trip.First:trip.End] {
				if c.Arrive < latest || c.Depart < c.Arrive || int(c.Stop) >= len(feed.Stops) {
					t.Fatalf("%+v", c)
				}
				latest = c.Depart
			}
		}
		feed.ActiveOn(20240501)
	})
}

// FuzzArchive reads arbitrary bytes as an archive.
func FuzzArchive(f *testing.F) {
	f.Add(pack(f, members()))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var notes notice.List
		feed, err := Read(context.Background(), bytes.NewReader(raw), int64(len(raw)), "t.zip", Limits{Bytes: 1 << 20}, &notes)
		if err == nil && len(feed.StopTimes) < 2 {
			t.Fatal("a feed without a ride")
		}
	})
}
