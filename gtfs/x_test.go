package gtfs

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gevor/fault"
	"gevor/notice"
)

// members is a small complete timetable: three stops, one trip on weekdays.
func members() map[string]string {
	return map[string]string{
		"agency.txt":         "agency_id,agency_name,agency_url,agency_timezone\nA,Verkehr,https://example.org,Europe/Berlin\n",
		"stops.txt":          "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\ns1,Markt,51.50,7.00,,st\ns2,Hafen,51.51,7.00,,\ns3,Nord,51.54,7.00,,\nst,Bahnhof,51.50,7.00,1,\n",
		"routes.txt":         "route_id,agency_id,route_short_name,route_long_name,route_type\nr1,A,1,,3\n",
		"trips.txt":          "route_id,service_id,trip_id\nr1,wk,t1\n",
		"stop_times.txt":     "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt1,8:00:00,8:00:00,s1,1\nt1,08:10:00,08:11:00,s2,2\nt1,25:00:30,25:00:30,s3,3\n",
		"calendar.txt":       "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nwk,1,1,1,1,1,0,0,20240101,20241231\n",
		"calendar_dates.txt": "service_id,date,exception_type\nwk,20240501,2\nwk,20240505,1\n",
	}
}

func pack(t testing.TB, m map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(m[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(t testing.TB, m map[string]string) (*Feed, *notice.List, error) {
	t.Helper()
	raw := pack(t, m)
	var notes notice.List
	f, err := Read(context.Background(), bytes.NewReader(raw), int64(len(raw)), "t.zip", Limits{}, &notes)
	return f, &notes, err
}

func good(t testing.TB, m map[string]string) (*Feed, *notice.List) {
	t.Helper()
	f, notes, err := read(t, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range notes.Counts() {
		if c.Read != c.Used+c.Rejected {
			t.Errorf("%+v does not add up", c)
		}
	}
	return f, notes
}

// said gives the rules of all notices with member and line, except that a member was ignored.
func said(notes *notice.List) []string {
	var out []string
	for _, n := range notes.Notices() {
		out = append(out, fmt.Sprintf("%s:%d %s", strings.TrimPrefix(n.File, "t.zip!"), n.Line, n.Rule))
	}
	return out
}

func TestRead(t *testing.T) {
	f, notes := good(t, members())
	if s := said(notes); len(s) != 0 {
		t.Errorf("unexpected notices %v", s)
	}
	want := []StopTime{{Stop: 0, Arrive: 28800, Depart: 28800}, {Stop: 1, Arrive: 29400, Depart: 29460}, {Stop: 2, Arrive: 90030, Depart: 90030}}
	if !reflect.DeepEqual(f.StopTimes, want) {
		t.Errorf("stop times %+v", f.StopTimes)
	}
	if f.Stops[0].Parent != 3 || f.Stops[1].Parent != None || f.Stops[3].Kind != Station {
		t.Errorf("stations %+v", f.Stops)
	}
	if f.Trips[0].First != 0 || f.Trips[0].End != 3 || f.Routes[0].Agency != 0 {
		t.Errorf("trip %+v, route %+v", f.Trips[0], f.Routes[0])
	}
	for day, runs := range map[Date]bool{20240430: true, 20240501: false, 20240504: false, 20240505: true, 20231229: false, 20241231: true} {
		if got := f.ActiveOn(day)[0]; got != runs {
			t.Errorf("%s: %v", day, got)
		}
	}
}

// Members as careless tools write them: byte order mark, spaces and quotes in the header, CRLF, spaces around
// values, capitals, an empty last line, a folder.
func TestUntidyFiles(t *testing.T) {
	m := members()
	m["feed/stops.txt"] = "\ufeffstop_id, \"stop_name\" , stop_lat,STOP_LON\r\n s1 ,\"Markt, oben\",51.5 ,7.0\r\ns2,Hafen,51.51,7\r\ns3,Nord,51.54,7\r\n\r\n"
	delete(m, "stops.txt")
	m["agency.txt"] = "agency_id, agency_name,agency_timezone\nA,Verkehr,Europe/Berlin\n"
	f, notes := good(t, m)
	if len(f.Stops) != 3 || f.Stops[0].ID != "s1" || f.Stops[0].Name != "Markt, oben" || f.Agencies[0].Name != "Verkehr" {
		t.Errorf("%+v %+v", f.Stops, f.Agencies)
	}
	if s := said(notes); !slices.Equal(s, []string{"t.zip:0 member-in-folder"}) {
		t.Errorf("%v", s)
	}
}

// Each spoilt row is named with its line and rule, and everything else is still read.
func TestBadRows(t *testing.T) {
	for _, c := range []struct {
		member, row, want string
	}{
		{"stops.txt", "s9,Ort,7.0,510,,", "stops.txt:6 place-invalid"},
		{"stops.txt", "s9,Ort,0,0,,", "stops.txt:6 place-invalid"},
		{"stops.txt", "s9,Ort,abc,7,,", "stops.txt:6 place-invalid"},
		{"stops.txt", "s1,Ort,51,7,,", "stops.txt:6 key-duplicate"},
		{"stops.txt", ",Ort,51,7,,", "stops.txt:6 field-missing"},
		{"stops.txt", "s9,Ort,51,7,7,", "stops.txt:6 field-invalid"},
		{"stops.txt", "s9,Ort,51,7,,nowhere", "stops.txt:6 parent-unknown"},
		{"stops.txt", "s9,K\u00c3\u00b6ln,51,7,,", "stops.txt:6 text-encoding-suspicious"},
		{"stops.txt", "s9,K\xf6ln,51,7,,", "stops.txt:6 text-not-utf8"},
		{"stops.txt", "s9,\"Ort" + strings.Repeat("\nx", 5000), "stops.txt:6 record-too-long"},
		{"routes.txt", "r2,B,2,,3", "routes.txt:3 agency-unknown"},
		{"routes.txt", "r2,A,2,,99", "routes.txt:3 route-type-unknown"},
		{"routes.txt", "r2,A,2,,bus", "routes.txt:3 field-invalid"},
		{"trips.txt", "r9,wk,t2", "trips.txt:3 reference-unknown"},
		{"trips.txt", "r1,we,t2", "trips.txt:3 reference-unknown"},
		{"trips.txt", "r1,wk,t1", "trips.txt:3 key-duplicate"},
		{"stop_times.txt", "t9,9:00:00,9:00:00,s1,1", "stop_times.txt:5 reference-unknown"},
		{"stop_times.txt", "t1,26:00:00,26:00:00,s9,4", "stop_times.txt:5 reference-unknown"},
		{"stop_times.txt", "t1,26:00:00,26:00:00,st,4", "stop_times.txt:5 stop-time-at-station"},
		{"stop_times.txt", "t1,26:60:00,26:00:00,s1,4", "stop_times.txt:5 time-invalid"},
		{"stop_times.txt", "t1,26:00:00,26:0:00,s1,4", "stop_times.txt:5 time-invalid"},
		{"stop_times.txt", "t1,26:00:00,26:00:00,s1,x", "stop_times.txt:5 field-invalid"},
		{"stop_times.txt", "t1,26:00:00,26:00:00,s1,3", "stop_times.txt:5 sequence-duplicate"},
		{"stop_times.txt", "t1,24:00:00,24:00:00,s1,4", "stop_times.txt:5 time-decreases"},
		{"stop_times.txt", "t1,26:00:00,25:59:00,s1,4", "stop_times.txt:5 departure-before-arrival"},
		{"stop_times.txt", "t1,,,s1,4", "stop_times.txt:5 trip-end-without-time"},
		{"stop_times.txt", "t1,,,s1,0", "stop_times.txt:5 trip-end-without-time"},
		{"calendar.txt", "we,0,0,0,0,0,1,1,20240101,201912313", "calendar.txt:3 date-invalid"},
		{"calendar.txt", "we,0,0,0,0,0,1,1,20240230,20241231", "calendar.txt:3 date-invalid"},
		{"calendar.txt", "we,0,0,0,0,0,1,2,20240101,20241231", "calendar.txt:3 field-invalid"},
		{"calendar.txt", "no,0,0,0,0,0,0,0,20240101,20241231", "calendar.txt:0 service-without-days"},
		{"calendar_dates.txt", "wk,20240501,1", "calendar_dates.txt:4 key-duplicate"},
		{"calendar_dates.txt", "wk,2024-05-01,1", "calendar_dates.txt:4 date-invalid"},
		{"calendar_dates.txt", "wk,20240601,3", "calendar_dates.txt:4 field-invalid"},
	} {
		m := members()
		m[c.member] += c.row + "\n"
		f, notes := good(t, m)
		if s := said(notes); !slices.Equal(s, []string{c.want}) {
			t.Errorf("%s %q: %v, want %s", c.member, c.row[:min(40, len(c.row))], s, c.want)
		}
		if len(f.StopTimes) < 3 {
			t.Errorf("%s %q: lost good rows", c.member, c.row[:min(40, len(c.row))])
		}
	}
}

func TestFrequenciesAndTransfers(t *testing.T) {
	m := members()
	m["frequencies.txt"] = "trip_id,start_time,end_time,headway_secs,exact_times\nt1,6:00:00,9:00:00,600,1\nt1,9:00:00,10:00:00,1200,\nt1,9:00:00,8:00:00,600,\nt1,9:00:00,10:00:00,0,\nt7,9:00:00,10:00:00,60,\n"
	m["transfers.txt"] = "from_stop_id,to_stop_id,transfer_type,min_transfer_time,from_trip_id\ns2,s1,3,,\ns1,s2,2,120,\ns1,s2,2,60,\ns1,s9,0,,\ns1,s3,1,,t1\ns1,s3,4,,\n"
	m["pathways.txt"] = "pathway_id\np1\n"
	f, notes := good(t, m)
	if !reflect.DeepEqual(f.Frequencies, []Frequency{{0, 21600, 32400, 600, true}, {0, 32400, 36000, 1200, false}}) {
		t.Errorf("%+v", f.Frequencies)
	}
	if !reflect.DeepEqual(f.Transfers, []Transfer{{0, 1, MinimumTime, 120}, {1, 0, Forbidden, 0}}) {
		t.Errorf("%+v", f.Transfers)
	}
	want := []string{
		"t.zip:0 member-ignored",
		"frequencies.txt:4 headway-invalid", "frequencies.txt:5 headway-invalid", "frequencies.txt:6 reference-unknown",
		"transfers.txt:4 key-duplicate", "transfers.txt:5 reference-unknown", "transfers.txt:6 transfer-kind-ignored", "transfers.txt:7 transfer-kind-ignored",
	}
	if s := said(notes); !slices.Equal(s, want) {
		t.Errorf("%v", s)
	}
}

// s1, s2 and s3 lie 0, 1 and 4 parts of the way north, so that of 40 minutes 10 are spent to s2. With distances
// 0, 30 and 40 along the shape it is 30. In one place, time is spread evenly.
func TestInterpolation(t *testing.T) {
	for name, c := range map[string]struct {
		rows string
		want []int32
	}{
		"straight lines":      {"t1,8:00:00,8:00:00,s1,1,\nt1,,,s2,2,\nt1,8:40:00,8:40:00,s3,3,\n", []int32{28800, 29400, 31200}},
		"along the shape":     {"t1,8:00:00,8:00:00,s1,1,0\nt1,,,s2,2,30\nt1,8:40:00,8:40:00,s3,3,40\n", []int32{28800, 30600, 31200}},
		"a distance missing":  {"t1,8:00:00,8:00:00,s1,1,0\nt1,,,s2,2,\nt1,8:40:00,8:40:00,s3,3,40\n", []int32{28800, 29400, 31200}},
		"distances that fall": {"t1,8:00:00,8:00:00,s1,1,9\nt1,,,s2,2,5\nt1,8:40:00,8:40:00,s3,3,40\n", []int32{28800, 29400, 31200}},
		"one place":           {"t1,8:00:00,8:00:00,s1,1,\nt1,,,s1,2,\nt1,8:40:00,8:40:00,s1,3,\n", []int32{28800, 30000, 31200}},
		"rows in disorder":    {"t1,8:40:00,8:40:00,s3,30,\nt1,,,s2,20,\nt1,8:00:00,8:00:00,s1,10,\n", []int32{28800, 29400, 31200}},
		"arrival only":        {"t1,,8:00:00,s1,1,\nt1,8:40:00,,s3,3,\n", []int32{28800, 31200}},
	} {
		m := members()
		m["stop_times.txt"] = "trip_id,arrival_time,departure_time,stop_id,stop_sequence,shape_dist_traveled\n" + c.rows
		f, _ := good(t, m)
		var got []int32
		for _, s := range f.StopTimes {
			got = append(got, s.Arrive)
			if s.Depart != s.Arrive {
				t.Errorf("%s: departs at %d, arrives at %d", name, s.Depart, s.Arrive)
			}
		}
		for i := range c.want {
			if len(got) != len(c.want) || got[i] < c.want[i]-1 || got[i] > c.want[i] { // rounded down
				t.Errorf("%s: %v, want %v", name, got, c.want)
				break
			}
		}
	}
}

// Where nothing useful remains, the message says place and advice.
func TestUseless(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(m map[string]string)
		place string
	}{
		"no stops":       {func(m map[string]string) { delete(m, "stops.txt") }, "t.zip!stops.txt"},
		"no calendar":    {func(m map[string]string) { delete(m, "calendar.txt"); delete(m, "calendar_dates.txt") }, "t.zip"},
		"a column":       {func(m map[string]string) { m["stops.txt"] = "stop_id,stop_name\n" }, "t.zip!stops.txt:1"},
		"no trip at all": {func(m map[string]string) { m["trips.txt"] = "route_id,service_id,trip_id\n" }, "t.zip!stop_times.txt"},
		"only one call":  {func(m map[string]string) { m["stop_times.txt"] = m["stop_times.txt"][:100] }, "t.zip!stop_times.txt"},
	} {
		m := members()
		c.spoil(m)
		_, _, err := read(t, m)
		if fault.KindOf(err) != fault.Invalid || !strings.HasPrefix(err.Error(), c.place+":") || !strings.Contains(err.Error(), ";") {
			t.Errorf("%s: %v", name, err)
		}
	}
	only := members()
	delete(only, "calendar.txt")
	only["calendar_dates.txt"] = "service_id,date,exception_type\nwk,20240505,1\n"
	if f, _ := good(t, only); !f.ActiveOn(20240505)[0] || f.ActiveOn(20240506)[0] {
		t.Error("calendar_dates.txt alone must do")
	}
	delete(only, "calendar_dates.txt")
	only["calendar.txt"] = members()["calendar.txt"]
	if f, _ := good(t, only); !f.ActiveOn(20240501)[0] {
		t.Error("calendar.txt alone must do")
	}
}

func TestLimits(t *testing.T) {
	bomb := members()
	bomb["stop_times.txt"] += strings.Repeat("\n", 30<<20)
	raw := pack(t, bomb)
	plain := pack(t, members())
	damaged := slices.Clone(plain)
	damaged[len(damaged)/2] ^= 0xFF
	long := members()
	long["stops.txt"] += "s9," + strings.Repeat("x", 3000) + ",51,7,,\n"
	for name, c := range map[string]struct {
		raw    []byte
		limits Limits
		kind   fault.Kind
	}{
		"zip bomb":  {raw, Limits{}, fault.TooLarge},
		"bytes":     {plain, Limits{Bytes: 500}, fault.TooLarge},
		"members":   {plain, Limits{Members: 3}, fault.TooLarge},
		"rows":      {plain, Limits{Rows: 2}, fault.TooLarge},
		"line":      {pack(t, long), Limits{LineBytes: 2000}, fault.TooLarge},
		"cut off":   {plain[:len(plain)/2], Limits{}, fault.Invalid},
		"not a zip": {[]byte("trip_id,arrival_time\n"), Limits{}, fault.Invalid},
		"empty":     {nil, Limits{}, fault.Invalid},
	} {
		var notes notice.List
		_, err := Read(context.Background(), bytes.NewReader(c.raw), int64(len(c.raw)), "t.zip", c.limits, &notes)
		if fault.KindOf(err) != c.kind || err == nil || !strings.HasPrefix(err.Error(), "t.zip") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := read(t, members()); err != nil { // the control
		t.Error(err)
	}
	var notes notice.List
	page := "\ufeff\n<!DOCTYPE HTML><html><body>Please sign in</body></html>"
	if _, err := Read(context.Background(), strings.NewReader(page), int64(len(page)), "t.zip", Limits{}, &notes); err == nil || !strings.Contains(err.Error(), "t.zip: is a web page") {
		t.Errorf("a page in place of the feed: %v", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := Read(ctx, bytes.NewReader(plain), int64(len(plain)), "t.zip", Limits{}, &notes); err == nil {
		t.Error("a cancelled read must end")
	}
}
