package gtfs

import (
	"context"
	"errors"
	"io"
	"sort"

	"gevor/fault"
	"gevor/notice"
)

// reader builds one feed.
type reader struct {
	ctx   context.Context
	box   *box
	notes *notice.List
	feed  *Feed

	agencies, stops, routes, services, trips map[string]int32
}

// known members, and whether their absence is an error (decided in Read).
var readMembers = [...]string{
	"agency.txt", "stops.txt", "routes.txt", "calendar.txt", "calendar_dates.txt", "trips.txt", "stop_times.txt",
	"frequencies.txt", "transfers.txt",
}

// Read reads a timetable of size bytes. file names it in notices and errors, e.g. "gtfs/bus.zip"; members are
// written "gtfs/bus.zip!stops.txt".
//
// It fails where nothing useful remains (no zip, a limit passed, a required member or column missing, neither
// calendar, no trip that carries anybody) and where ctx ends; everything else is a notice.
func Read(ctx context.Context, r io.ReaderAt, size int64, file string, limits Limits, notes *notice.List) (*Feed, error) {
	b, err := openBox(r, size, file, limits.filled())
	if err != nil {
		return nil, err
	}
	rd := &reader{
		ctx: ctx, box: b, notes: notes, feed: &Feed{File: file},
		agencies: map[string]int32{}, stops: map[string]int32{}, routes: map[string]int32{},
		services: map[string]int32{}, trips: map[string]int32{},
	}
	if err := rd.checkMembers(); err != nil {
		return nil, err
	}
	for _, step := range []func() error{
		rd.readAgencies, rd.readStops, rd.readRoutes, rd.readCalendar, rd.readExceptions, rd.readTrips,
		rd.readStopTimes, rd.readFrequencies, rd.readTransfers,
	} {
		if err := step(); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	if len(rd.feed.StopTimes) == 0 {
		return nil, fault.New(fault.Invalid, file+"!stop_times.txt", "no trip has two usable calls", "see the notices of this import for the rows that were rejected")
	}
	return rd.feed, nil
}

func (r *reader) checkMembers() error {
	for _, m := range []string{"stops.txt", "routes.txt", "trips.txt", "stop_times.txt"} {
		if r.box.members[m] == nil {
			return fault.New(fault.Invalid, r.box.file+"!"+m, "is missing", "give a complete GTFS zip file")
		}
	}
	if r.box.members["calendar.txt"] == nil && r.box.members["calendar_dates.txt"] == nil {
		return fault.New(fault.Invalid, r.box.file, "holds neither calendar.txt nor calendar_dates.txt",
			"without one of them no trip runs on any day; ask the publisher for a complete timetable")
	}
	known := map[string]bool{}
	for _, m := range readMembers {
		known[m] = true
	}
	for _, m := range r.box.names {
		if !known[m] {
			x := ruleIgnored.text()
			r.notes.Add(notice.Notice{Severity: x.severity, File: r.box.file, Record: m, Rule: string(ruleIgnored), Advice: x.advice})
		}
	}
	for _, m := range r.box.nested {
		if known[m] {
			x := ruleNested.text()
			r.notes.Add(notice.Notice{Severity: x.severity, File: r.box.file, Record: m, Value: r.box.members[m].Name, Rule: string(ruleNested), Advice: x.advice})
		}
	}
	return nil
}

// each calls row for every row of a member until the end or an error. An absent member has no rows.
func (r *reader) each(member string, need int, columns []string, row func(t *table)) error {
	t, err := r.box.table(member, r.notes, need, columns...)
	if t == nil || err != nil {
		return err
	}
	for n := 1; ; n++ {
		ok, err := t.next()
		if err == nil && n%65536 == 0 {
			err = r.ctx.Err()
		}
		if err != nil {
			return errors.Join(err, t.closer.Close())
		}
		if !ok {
			return t.close()
		}
		row(t)
	}
}

// enter gives a new record its key, or rejects the row where the key is empty or taken.
func enter(t *table, keys map[string]int32, column int, next int) (string, bool) {
	id := t.id(column)
	if id == "" {
		t.reject(ruleMissing, t.columns[column], "", "")
		return "", false
	}
	if _, taken := keys[id]; taken {
		t.reject(ruleDuplicate, t.columns[column], id, id)
		return "", false
	}
	keys[id] = int32(next)
	return id, true
}

func (r *reader) readAgencies() error {
	return r.each("agency.txt", 0, []string{"agency_id", "agency_name", "agency_timezone"}, func(t *table) {
		id := t.id(0) // may be empty where there is one agency
		if _, taken := r.agencies[id]; taken {
			t.reject(ruleDuplicate, "agency_id", id, id)
			return
		}
		r.agencies[id] = int32(len(r.feed.Agencies))
		r.feed.Agencies = append(r.feed.Agencies, Agency{ID: id, Name: t.label(1, id), Timezone: t.id(2)})
		t.use()
	})
}

func (r *reader) readRoutes() error {
	return r.each("routes.txt", 1, []string{"route_id", "agency_id", "route_short_name", "route_long_name", "route_type"}, func(t *table) {
		kind, ok := t.number(4, 0, 1<<30, 3)
		if !ok {
			t.reject(ruleField, "route_type", t.get(4), t.get(0))
			return
		}
		id, ok := enter(t, r.routes, 0, len(r.feed.Routes))
		if !ok {
			return
		}
		if kind > 12 && kind < 100 || kind > 1799 || kind > 7 && kind < 11 {
			t.remark(ruleRouteType, "route_type", t.get(4), id)
		}
		agency := None
		if a := t.get(1); a != "" {
			if i, known := r.agencies[a]; known {
				agency = i
			} else {
				t.remark(ruleAgency, "agency_id", a, id)
			}
		} else if len(r.feed.Agencies) == 1 {
			agency = 0
		}
		r.feed.Routes = append(r.feed.Routes, Route{ID: id, ShortName: t.label(2, id), LongName: t.label(3, id), Agency: agency, Type: int32(kind)})
		t.use()
	})
}

func (r *reader) readTrips() error {
	columns := []string{"route_id", "service_id", "trip_id", "trip_headsign", "direction_id", "wheelchair_accessible"}
	return r.each("trips.txt", 3, columns, func(t *table) {
		route, ok := r.routes[t.get(0)]
		if !ok {
			t.reject(ruleReference, "route_id", t.get(0), t.get(2))
			return
		}
		service, ok := r.services[t.get(1)]
		if !ok {
			t.reject(ruleReference, "service_id", t.get(1), t.get(2))
			return
		}
		id, ok := enter(t, r.trips, 2, len(r.feed.Trips))
		if !ok {
			return
		}
		direction, ok := t.number(4, 0, 1, -1)
		if !ok {
			t.remarkField(4, id)
			direction = -1
		}
		wheelchair, ok := t.number(5, 0, 2, 0)
		if !ok {
			t.remarkField(5, id)
			wheelchair = 0
		}
		r.feed.Trips = append(r.feed.Trips, Trip{
			ID: id, Headsign: t.label(3, id), Route: route, Service: service,
			Direction: int8(direction), Wheelchair: Wheelchair(wheelchair),
		})
		t.use()
	})
}

// remarkField warns of an invalid value in a field that travel times can do without.
func (t *table) remarkField(column int, record string) {
	n := t.notice(ruleField, t.columns[column], t.get(column), record)
	n.Severity = notice.Warning
	n.Advice = "the value was taken as unknown; " + n.Advice
	t.notes.Add(n.at(t.line))
}

func (r *reader) readFrequencies() error {
	columns := []string{"trip_id", "start_time", "end_time", "headway_secs", "exact_times"}
	return r.each("frequencies.txt", 4, columns, func(t *table) {
		trip, ok := r.trips[t.get(0)]
		if !ok {
			t.reject(ruleReference, "trip_id", t.get(0), t.get(0))
			return
		}
		start, ok1 := t.time(1)
		end, ok2 := t.time(2)
		if !ok1 || start == noTime {
			t.reject(ruleTime, "start_time", t.get(1), t.get(0))
			return
		}
		if !ok2 || end == noTime {
			t.reject(ruleTime, "end_time", t.get(2), t.get(0))
			return
		}
		headway, ok := t.number(3, 1, maxHours*3600, 0)
		if !ok || headway == 0 || end <= start {
			t.reject(ruleHeadway, "headway_secs", t.get(3), t.get(0))
			return
		}
		exact, ok := t.number(4, 0, 1, 0)
		if !ok {
			t.reject(ruleField, "exact_times", t.get(4), t.get(0))
			return
		}
		r.feed.Frequencies = append(r.feed.Frequencies, Frequency{Trip: trip, Start: start, End: end, Headway: int32(headway), Exact: exact == 1})
		t.use()
	})
}

func (r *reader) readTransfers() error {
	columns := []string{
		"from_stop_id", "to_stop_id", "transfer_type", "min_transfer_time",
		"from_trip_id", "to_trip_id", "from_route_id", "to_route_id",
	}
	seen := map[[2]int32]bool{}
	err := r.each("transfers.txt", 0, columns, func(t *table) {
		kind, ok := t.number(2, 0, 5, 0)
		if !ok {
			t.reject(ruleField, "transfer_type", t.get(2), "")
			return
		}
		if kind > 3 || t.get(4) != "" || t.get(5) != "" || t.get(6) != "" || t.get(7) != "" {
			t.remark(ruleTransfer, "transfer_type", t.get(2), t.get(0))
			t.use()
			return
		}
		from, ok := r.stops[t.get(0)]
		if !ok {
			t.reject(ruleReference, "from_stop_id", t.get(0), "")
			return
		}
		to, ok := r.stops[t.get(1)]
		if !ok {
			t.reject(ruleReference, "to_stop_id", t.get(1), "")
			return
		}
		seconds, ok := t.number(3, 0, 24*3600, 0)
		if !ok {
			t.reject(ruleField, "min_transfer_time", t.get(3), "")
			return
		}
		if seen[[2]int32{from, to}] {
			t.reject(ruleDuplicate, "from_stop_id", t.get(0), t.get(0)+" "+t.get(1))
			return
		}
		seen[[2]int32{from, to}] = true
		if TransferKind(kind) != MinimumTime {
			seconds = 0
		}
		r.feed.Transfers = append(r.feed.Transfers, Transfer{From: from, To: to, Kind: TransferKind(kind), MinSeconds: int32(seconds)})
		t.use()
	})
	sort.SliceStable(r.feed.Transfers, func(i, j int) bool {
		a, b := r.feed.Transfers[i], r.feed.Transfers[j]
		return a.From < b.From || a.From == b.From && a.To < b.To
	})
	return err
}
