package app

import (
	"archive/zip"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gevor/internal/web"
	"gevor/internal/web/webtest"
	"gevor/region"
	"gevor/signal"
	"gevor/vocabulary"
)

// townFeed writes a timetable with a stop in the middle of every district of the example town and a trip every half hour
// from each to the next, from 5 to 23 o'clock; keeps says which trips run.
func townFeed(t *testing.T, snap *region.Snapshot, first, last string, keeps func(district string, hour int) bool) string {
	t.Helper()
	middle := map[string]int{}
	for i, d := range snap.Cells.District {
		middle[snap.Areas[d].Key] = i // any cell of it
	}
	var keys []string
	for k := range middle {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var stops, trips, times strings.Builder
	stops.WriteString("stop_id,stop_name,stop_lat,stop_lon\n")
	trips.WriteString("route_id,service_id,trip_id\n")
	times.WriteString("trip_id,arrival_time,departure_time,stop_id,stop_sequence\n")
	for i, k := range keys {
		at := snap.Cells.At[middle[k]]
		fmt.Fprintf(&stops, "%s,%s,%.6f,%.6f\n", k, k, at.Lat, at.Lon)
		for m := 5 * 60; m < 23*60; m += 30 {
			if keeps(k, m/60) {
				id := fmt.Sprintf("%s-%d", k, m)
				fmt.Fprintf(&trips, "r,s,%s\n", id)
				fmt.Fprintf(&times, "%s,%02d:%02d:00,%02d:%02d:00,%s,1\n%s,%02d:%02d:00,%02d:%02d:00,%s,2\n", id, m/60, m%60, m/60, m%60, k, id, (m+20)/60, (m+20)%60, (m+20)/60, (m+20)%60, keys[(i+1)%len(keys)])
			}
		}
	}
	path := filepath.Join(t.TempDir(), "feed.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for name, text := range map[string]string{
		"agency.txt":   "agency_id,agency_name,agency_url,agency_timezone\nn,Neu,https://neu.example,Europe/Berlin\n",
		"stops.txt":    stops.String(),
		"routes.txt":   "route_id,agency_id,route_short_name,route_type\nr,n,1,3\n",
		"calendar.txt": fmt.Sprintf("service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\ns,1,1,1,1,1,0,0,%s,%s\n", first, last),
		"trips.txt":    trips.String(), "stop_times.txt": times.String(),
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// Of two timetables, of which the second loses half the day in one district and the evening in another, exactly these are
// said, with the hours and the days until it begins; the table counts them by hand. Control: the same timetable twice.
func TestALaterTimetableThatLosesTripsIsSaid(t *testing.T) {
	voc, err := vocabulary.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	snap := webtest.Run(web.Normal).Result.Snapshot
	g := newWatchGround(snap, voc)
	thin, dark := "05999001-02", "05999001-03"
	all := func(string, int) bool { return true }
	before := townFeed(t, snap, "20251214", "20261212", all)
	after := townFeed(t, snap, "20261213", "20271211", func(d string, h int) bool {
		return d != thin && d != dark || d == thin && h%2 == 0 || d == dark && h < 18
	})
	var errs strings.Builder
	list, err := compareFeeds(t.Context(), console{err: &errs}, before, after, g)
	if err != nil {
		t.Fatal(err, errs.String())
	}
	said := signal.Thinned(list, watchedAt, signal.LossOptions{})
	if len(said) != 2 || said[0].Area != thin || said[0].Observed != 18 || said[0].Expected != 36 || said[0].LeadDays != 27 || said[1].Area != dark || said[1].Expected-said[1].Observed != 10 {
		t.Errorf("%+v", said)
	}
	var out strings.Builder
	if err := printServices(console{out: &out}, "", list, watchedAt); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil || !slices.ContainsFunc(rows, func(r []string) bool {
		return slices.Equal(r, []string{dark, "20", "2", "0", "2", "1", "0", "2026-12-13", "27"})
	}) {
		t.Errorf("%v %v", rows, err)
	}
	again := townFeed(t, snap, "20261213", "20271211", all)
	list, err = compareFeeds(t.Context(), console{err: &errs}, before, again, g)
	if err != nil {
		t.Fatal(err)
	}
	if said := signal.Thinned(list, watchedAt, signal.LossOptions{}); len(said) != 0 {
		t.Errorf("control: %+v", said)
	}
	if _, err := compareFeeds(t.Context(), console{err: &errs}, after, before, g); err == nil {
		t.Error("the newer timetable is taken for the older")
	}
}
