package app

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gevor/atlas"
	"gevor/authz"
	"gevor/fault"
	"gevor/internal/store"
	"gevor/organisation"
)

// lineFeed writes a feed with one line between two places, every ten minutes all day, ten minutes long, that runs until
// the end of a year.
func lineFeed(t *testing.T, year int, lon1, lat1, lon2, lat2 float64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), fmt.Sprintf("linie-%d.zip", year))
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	var trips, times strings.Builder
	trips.WriteString("route_id,service_id,trip_id\n")
	times.WriteString("trip_id,arrival_time,departure_time,stop_id,stop_sequence\n")
	for way := range 2 {
		for at := 5 * 60; at < 24*60; at += 10 {
			id, clock := fmt.Sprintf("%d-%d", way, at), func(m int) string { return fmt.Sprintf("%02d:%02d:00", m/60, m%60) }
			fmt.Fprintf(&trips, "neu,immer,%s\n", id)
			fmt.Fprintf(&times, "%s,%s,%s,%c,1\n%s,%s,%s,%c,2\n", id, clock(at), clock(at), "ab"[way], id, clock(at+10), clock(at+10), "ba"[way])
		}
	}
	z := zip.NewWriter(f)
	for name, text := range map[string]string{
		"agency.txt":     "agency_id,agency_name,agency_url,agency_timezone\nn,Neu,https://neu.example,Europe/Berlin\n",
		"stops.txt":      fmt.Sprintf("stop_id,stop_name,stop_lat,stop_lon\na,Hier,%.6f,%.6f\nb,Dort,%.6f,%.6f\n", lat1, lon1, lat2, lon2),
		"routes.txt":     "route_id,agency_id,route_short_name,route_type\nneu,n,N1,3\n",
		"calendar.txt":   fmt.Sprintf("service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nimmer,1,1,1,1,1,1,1,20150101,%d1231\n", year),
		"trips.txt":      trips.String(),
		"stop_times.txt": times.String(),
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

// TestANewLineBringsPeople: a bus from the middle of a gap that public transport has a part in to the nearest offer brings
// people there and takes nothing from anybody. As a control, the same line in a timetable that ran out changes nothing.
func TestANewLineBringsPeople(t *testing.T) {
	state := analysedDemo(t)
	region := filepath.Join(filepath.Dir(state), "region")
	var findings []struct {
		Standard, Category string
		Lon, Lat           float64
	}
	var offers []struct {
		Categories []string
		Lon, Lat   float64
	}
	for name, to := range map[string]any{"findings.json": &findings, "offers.json": &offers} {
		found, err := filepath.Glob(filepath.Join(state, "runs", "*", name))
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		raw, err := os.ReadFile(found[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, to); err != nil {
			t.Fatal(err)
		}
	}
	at := slices.IndexFunc(findings, func(x struct {
		Standard, Category string
		Lon, Lat           float64
	},
	) bool {
		return strings.Contains(x.Standard, "oepnv")
	})
	if at < 0 {
		t.Fatal("the region has no gap that a bus could close")
	}
	f := findings[at]
	best, least := -1, math.Inf(1)
	for i, o := range offers {
		if d := math.Hypot(o.Lon-f.Lon, o.Lat-f.Lat); slices.Contains(o.Categories, f.Category) && d < least {
			best, least = i, d
		}
	}
	if best < 0 {
		t.Fatalf("no offer of %s", f.Category)
	}
	try := func(year int) string {
		line := lineFeed(t, year, f.Lon, f.Lat, offers[best].Lon, offers[best].Lat)
		code, out, errs := call("whatif", "--state", state, "--region", region, "--feed", line, "--workers", "2")
		if code != 0 {
			t.Fatalf("%d: %s", code, errs)
		}
		return out
	}
	out := try(2030)
	gain, lose := sumOf(t, out, "gain"), sumOf(t, out, "lose")
	if gain <= 0 || lose != 0 || !strings.Contains(out, f.Standard) {
		t.Errorf("%v gain and %v lose:\n%s", gain, lose, out)
	}
	t.Logf("figure: %.0f people gain by one new line", gain)
	keepsALine(t, state, region, lineFeed(t, 2030, f.Lon, f.Lat, offers[best].Lon, offers[best].Lat))
	if out := try(2016); sumOf(t, out, "gain")+sumOf(t, out, "lose")+sumOf(t, out, "better")+sumOf(t, out, "worse") != 0 {
		t.Errorf("a line that no longer runs changes something:\n%s", out)
	}
	for _, args := range [][]string{{"--feed", "x.zip"}, {"--feed", "x.zip", "--region", region, "--close", "y"}} {
		if code, _, _ := call(append([]string{"whatif", "--state", state}, args...)...); code != 2 {
			t.Errorf("%v is taken", args)
		}
	}
}

// keepsALine keeps a new line as a trial of an organisation, whose people alone see it.
func keepsALine(t *testing.T, state, region, line string) {
	t.Helper()
	db := filepath.Join(t.TempDir(), "gevor.db")
	s, err := store.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.CreateOrganisation(t.Context(), authz.Actor{Memberships: []authz.Membership{{Roles: []authz.Role{authz.SystemAdmin}}}}, time.Now(), organisation.Organisation{Name: "Haus", Kind: organisation.Kinds()[0]})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := call("whatif", "--state", state, "--database", db, "--region", region, "--feed", line, "--keep", "Ringlinie", "--owner", string(o)); code != 0 {
		t.Fatalf("%d: %s", code, errs)
	}
	if code, _, _ := call("whatif", "--state", state, "--database", db, "--region", region, "--feed", line, "--keep", "Ringlinie"); code != 2 {
		t.Error("a trial is kept for nobody")
	}
	if s, err = store.Open(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	run, err := openTried(state, "current", 1)
	if err != nil {
		t.Fatal(err)
	}
	key := run.run.Record.Region.Key
	planner := authz.Actor{Memberships: []authz.Membership{{Organisation: o, Roles: []authz.Role{authz.Planner}}}}
	list, err := s.Trials(t.Context(), planner, key)
	if err != nil || len(list) != 1 || list[0].Name != "Ringlinie" || len(list[0].Changes) != 1 || list[0].Changes[0].Feed != filepath.Base(line) {
		t.Fatalf("%+v %v", list, err)
	}
	x, err := s.Trial(t.Context(), planner, list[0].ID)
	if err != nil || !slices.ContainsFunc(x.Outcomes, func(o atlas.Outcome) bool { return o.Total.Gain > 0 }) {
		t.Errorf("%+v %v", x, err)
	}
	if _, err := s.Trial(t.Context(), authz.Public(), list[0].ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the public sees it: %v", err)
	}
}
