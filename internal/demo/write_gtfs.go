package demo

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"os"

	"gevor/geo"
)

func clock(seconds int32) string {
	return fmt.Sprintf("%02d:%02d:%02d", seconds/hour, seconds/60%60, seconds%60)
}

var serviceNames = [...]string{daily: "taeglich", weekdays: "werktags", weekend: "wochenende"}

// writeGTFS writes the timetable as one feed.
func (w *world) writeGTFS(out *os.File) error {
	z := zip.NewWriter(out)
	for _, table := range []struct {
		name string
		rows func(put func(format string, args ...any))
	}{
		{"agency.txt", w.agencies},
		{"calendar.txt", w.calendar},
		{"calendar_dates.txt", w.calendarDates},
		{"feed_info.txt", w.feedInfo},
		{"stops.txt", w.stops},
		{"routes.txt", w.routes},
		{"trips.txt", w.trips},
		{"stop_times.txt", w.stopTimes},
		{"frequencies.txt", w.frequencies},
		{"transfers.txt", w.transfers},
	} {
		// CreateHeader without a time keeps the bytes the same on every day.
		member, err := z.CreateHeader(&zip.FileHeader{Name: table.name, Method: zip.Deflate})
		if err != nil {
			return err
		}
		if err := writeTable(member, table.rows); err != nil {
			return err
		}
	}
	return z.Close()
}

func writeTable(out io.Writer, rows func(put func(format string, args ...any))) error {
	b := bufio.NewWriterSize(out, 1<<16)
	var failed error
	rows(func(format string, args ...any) {
		if _, err := fmt.Fprintf(b, format+"\n", args...); err != nil {
			failed = err
		}
	})
	if failed != nil {
		return failed
	}
	return b.Flush()
}

func (w *world) agencies(put func(string, ...any)) {
	put("agency_id,agency_name,agency_url,agency_timezone,agency_lang")
	put("MVG,Muster-Verkehrsgesellschaft (synthetisch),https://example.org/,Europe/Berlin,de")
	put("MRB,Muster-Regionalbahn (synthetisch),https://example.org/,Europe/Berlin,de")
}

func (w *world) calendar(put func(string, ...any)) {
	put("service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date")
	put("taeglich,1,1,1,1,1,1,1,20260101,20261231")
	put("werktags,1,1,1,1,1,0,0,20260101,20261231")
	put("wochenende,0,0,0,0,0,1,1,20260101,20261231")
}

func (w *world) calendarDates(put func(string, ...any)) {
	put("service_id,date,exception_type")
	for _, day := range []string{"20260501", "20260514", "20260525", "20261225"} {
		put("werktags,%s,2", day)
		put("wochenende,%s,1", day)
	}
}

func (w *world) feedInfo(put func(string, ...any)) {
	put("feed_publisher_name,feed_publisher_url,feed_lang,feed_start_date,feed_end_date,feed_version")
	put("Musterrevier (synthetisch),https://example.org/,de,20260101,20261231,seed-%d", w.o.Seed)
}

func (w *world) stops(put func(string, ...any)) {
	put("stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station,wheelchair_boarding")
	seen := map[string]bool{}
	for i := range w.lines.stops {
		s := &w.lines.stops[i]
		p := geo.FromLAEA(s.x, s.y)
		if s.parent != "" && !seen[s.parent] {
			seen[s.parent] = true
			put("%s,\"%s\",%s,%s,1,,1", s.parent, s.name, decimal(p.Lat, 7), decimal(p.Lon, 7))
		}
		put("%s,\"%s\",%s,%s,0,%s,1", s.id, s.name, decimal(p.Lat, 7), decimal(p.Lon, 7), s.parent)
	}
}

func (w *world) routes(put func(string, ...any)) {
	put("route_id,agency_id,route_short_name,route_long_name,route_type")
	for i := range w.lines.lines {
		ln := &w.lines.lines[i]
		agency := "MVG"
		if ln.agency == 1 {
			agency = "MRB"
		}
		put("%s,%s,%s,\"%s\",%d", ln.id, agency, ln.short, ln.long, ln.mode)
	}
}

// eachTrip calls do for every trip of the feed; a line by frequency has one trip a direction.
func (t *timetable) eachTrip(do func(ln *line, direction, number int, s start)) {
	for i := range t.lines {
		ln := &t.lines[i]
		for direction := range ln.patterns {
			for number, s := range ln.patterns[direction].starts {
				if ln.byFrequency && number > 0 {
					break
				}
				do(ln, direction, number, s)
			}
		}
	}
}

func tripID(ln *line, direction, number int) string {
	return fmt.Sprintf("%s-%d-%04d", ln.id, direction, number)
}

func (w *world) trips(put func(string, ...any)) {
	put("route_id,service_id,trip_id,direction_id,trip_headsign")
	w.lines.eachTrip(func(ln *line, direction, number int, s start) {
		stops := ln.patterns[direction].stops
		put("%s,%s,%s,%d,\"%s\"", ln.id, serviceNames[s.service], tripID(ln, direction, number), direction, w.lines.stops[stops[len(stops)-1]].name)
	})
}

func (w *world) stopTimes(put func(string, ...any)) {
	put("trip_id,arrival_time,departure_time,stop_id,stop_sequence,timepoint")
	w.lines.eachTrip(func(ln *line, direction, number int, s start) {
		pt := &ln.patterns[direction]
		id := tripID(ln, direction, number)
		for k, stop := range pt.stops {
			arrive, depart := pt.at(s.at, k)
			if number%4 == 3 && k > 0 && k < len(pt.stops)-1 && k%2 == 1 {
				// Some trips give times at every second stop only; readers interpolate.
				put("%s,,,%s,%d,0", id, w.lines.stops[stop].id, k+1)
				continue
			}
			put("%s,%s,%s,%s,%d,1", id, clock(arrive), clock(depart), w.lines.stops[stop].id, k+1)
		}
	})
}

// at gives when a trip that starts at a time arrives at and leaves its k-th stop.
func (pt *pattern) at(starts int32, k int) (arrive, depart int32) {
	arrive = starts + pt.run[k]
	depart = arrive
	if k > 0 && k < len(pt.stops)-1 {
		depart += dwellSeconds
	}
	return arrive, depart
}

func (w *world) frequencies(put func(string, ...any)) {
	put("trip_id,start_time,end_time,headway_secs,exact_times")
	for i := range w.lines.lines {
		ln := &w.lines.lines[i]
		if !ln.byFrequency {
			continue
		}
		for direction := range ln.patterns {
			s := ln.patterns[direction].starts
			if len(s) < 2 {
				continue
			}
			put("%s,%s,%s,%d,1", tripID(ln, direction, 0), clock(s[0].at), clock(s[len(s)-1].at+1), s[1].at-s[0].at)
		}
	}
}

// transfers says that changing at a hub takes two minutes.
func (w *world) transfers(put func(string, ...any)) {
	put("from_stop_id,to_stop_id,transfer_type,min_transfer_time")
	for i := range w.lines.stops {
		for k := max(0, i-8); k < min(len(w.lines.stops), i+9); k++ {
			a, b := &w.lines.stops[i], &w.lines.stops[k]
			if i != k && a.hub >= 0 && a.hub == b.hub && a.parent == b.parent {
				put("%s,%s,2,120", a.id, b.id)
			}
		}
	}
}
