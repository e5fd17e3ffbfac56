package api_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/hsds"
	"gevor/internal/api/hsds3"
	"gevor/internal/store"
	"gevor/internal/web/webtest"
)

// TestAFeedLosesNothing walks the feed page by page while records are changed, withdrawn, released again and added, and
// does so again from the time at which the walk before began. What a client then holds is what is public. The control
// walks the same feed ordered by the time of change, as one would think of first, and loses records.
func TestAFeedLosesNothing(t *testing.T) {
	lost, lostByTime, walks := 0, 0, 0
	for seed := range uint64(4) {
		w := openTown(t, 30)
		r := rand.New(rand.NewPCG(seed, 5))
		at := webtest.Day()
		open := map[int]bool{}
		for i := range w.ids {
			open[i] = true
		}
		disturb := func() {
			for range 1 + r.IntN(3) {
				at = at.Add(time.Second)
				i := r.IntN(len(w.ids))
				switch {
				case r.IntN(8) == 0:
					w.take(len(w.ids), len(w.ids)+1)
					open[len(w.ids)-1] = true
					w.change(len(w.ids)-1, at, "neu")
				case r.IntN(3) == 0:
					open[i] = !open[i]
					level := authz.Private
					if open[i] {
						level = authz.PublicLevel
					}
					w.release(i, at, level)
				case open[i]:
					w.change(i, at, fmt.Sprint("Stand ", at.Unix()))
				}
			}
		}
		held := map[string]string{}       // what the client has: when it was changed, by name
		heldByTime := map[string]string{} // of the control
		take := func(held map[string]string, contents []map[string]any) {
			for _, c := range contents {
				id, _ := c["id"].(string)
				if c["status"] == "inactive" {
					delete(held, id)
				} else {
					held[id], _ = c["last_modified"].(string)
				}
			}
		}
		since := time.Time{}.AddDate(2000, 0, 0)
		sinceByTime := since
		for range 3 {
			began := at
			for n := 1; ; n++ {
				p := w.page("/hsds/v3/services" + query("modified_after", since.Format(time.RFC3339), "per_page", "7", "page", fmt.Sprint(n)))
				take(held, p.Contents)
				if p.Last {
					break
				}
				disturb()
			}
			since = began
			walks++
			for n := 0; ; n++ { // all at once, put in order of the time, of which the client gets a page
				all := w.page("/hsds/v3/services" + query("modified_after", sinceByTime.Format(time.RFC3339), "per_page", "500")).Contents
				slices.SortFunc(all, func(a, b map[string]any) int {
					return strings.Compare(a["last_modified"].(string)+a["id"].(string), b["last_modified"].(string)+b["id"].(string))
				})
				take(heldByTime, all[min(n*7, len(all)):min(n*7+7, len(all))])
				if n*7+7 >= len(all) {
					break
				}
				disturb()
			}
			sinceByTime = at // it believes that it has everything up to the end of its walk
		}
		p := w.page("/hsds/v3/services" + query("modified_after", since.Format(time.RFC3339), "per_page", "500"))
		take(held, p.Contents) // nobody disturbs this one
		truth := map[string]string{}
		take(truth, w.page("/hsds/v3/services?per_page=500").Contents)
		for id, when := range truth {
			if held[id] != when {
				lost++
			}
			if heldByTime[id] != when {
				lostByTime++
			}
		}
		for id := range held {
			if truth[id] == "" {
				lost++
			}
		}
	}
	t.Logf("figure: %d walks of a feed that changes under way lose %d records; the control, in order of time, %d", walks, lost, lostByTime)
	if lost > 0 {
		t.Errorf("%d records lost", lost)
	}
	if lostByTime == 0 {
		t.Error("the control lost nothing: the test shows nothing")
	}
}

// TestOurOwnReaderReadsUs reads the file and the feed with the reader of imports, and holds every field that it knows
// against the record.
func TestOurOwnReaderReadsUs(t *testing.T) {
	w := openTown(t, 12)
	for _, path := range []string{"/open/services.json", "/hsds/v3/services?full=true&per_page=500", "/hsds/v3/services?full=true&format=ndjson", "/hsds/v3/services?full=true&per_page=500&modified_after=2020-01-01"} {
		read, err := hsds.Read(w.get(path).Body, hsds.Options{File: path})
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for i, id := range w.ids {
			at := slices.IndexFunc(read, func(s hsds.Service) bool { return s.ID == hsds3.ServiceName(id) })
			if at < 0 {
				t.Errorf("%s: offer %d is not there", path, i)
				continue
			}
			found++
			is(t, path, &read[at], i)
		}
		t.Logf("figure: %s: %d of %d records read back as they are", path, found, len(w.ids))
	}
}

// is holds a record that was read against the i-th offer of the stock.
func is(t *testing.T, path string, s *hsds.Service, i int) {
	t.Helper()
	x := offer(i)
	same := func(what string, got, want any) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s %d %s: %v, want %v", path, i, what, got, want)
		}
	}
	number := func(n *hsds.Number) int {
		if n == nil {
			return 0
		}
		return int(*n)
	}
	same("name", s.Name, x.Service.Name["de"])
	same("description", s.Description, x.Service.Summary["de"]+"\n\n"+x.Service.Description["de"])
	same("url", s.URL, x.Service.Website)
	same("ages", []int{number(s.MinimumAge), number(s.MaximumAge)}, []int{x.Service.For.MinAge, x.Service.For.MaxAge})
	same("eligibility", s.Eligibility, x.Service.For.Conditions["de"])
	same("assured", s.AssuredDate, "2026-03-01")
	same("status", s.Status, "active")
	same("organisation", s.Organization.Name, x.Provider.Name)
	same("languages", []string{s.Languages[0].Code, s.Languages[1].Code}, []string{"de", "ar"})
	same("area", s.Areas[0].Extent, "05999001")
	same("kind", s.Terms(nil)[0].Code, x.Service.Kinds[0])
	l, at := x.Places[0].Location, s.AtLocations[0]
	same("address", []string{at.Location.Addresses[0].Address1, at.Location.Addresses[0].PostalCode, at.Location.Addresses[0].City}, []string{l.Street, l.Postcode, l.City})
	same("place", []float64{float64(*at.Location.Longitude), float64(*at.Location.Latitude)}, []float64{l.At.Lon, l.At.Lat})
	same("hours", []string{at.Schedules[0].ByDay, at.Schedules[0].OpensAt, at.Schedules[0].ClosesAt}, []string{"MO", "09:00", "12:00"})
	same("hours past midnight", []string{at.Schedules[2].ByDay, at.Schedules[2].OpensAt, at.Schedules[2].ClosesAt}, []string{"FR", "22:00", "01:00"})
	same("hours of some weeks", []string{at.Schedules[3].Frequency, at.Schedules[3].ByDay}, []string{"MONTHLY", "1WE,3WE"})
	free := len(s.Costs) > 0 && s.Costs[0].Amount != nil && *s.Costs[0].Amount == 0
	same("free", free, x.Service.Cost == directory.Free)
}

// everywhere are addresses and questions that reach whatever the interfaces give away.
func everywhere(w *town) []string {
	out := []string{"/openapi.json", "/sitemap.xml", "/sitemaps/1.xml", "/fhir/metadata", "/hsds/v3/"}
	for _, list := range []string{"services", "service_at_locations", "organizations", "taxonomies", "taxonomy_terms"} {
		for _, q := range []string{"?per_page=500", "?per_page=500&full=true", "?format=ndjson", "?search=" + webtest.Canary, "?modified_after=2020-01-01&per_page=500", "?full=true&full_service=true", "?minimal=true&modified_after=2020-01-01"} {
			out = append(out, "/hsds/v3/"+list+q)
		}
	}
	for _, kind := range []string{"HealthcareService", "Location", "Organization"} {
		for _, q := range []string{"?_count=500", "?name:contains=" + webtest.Canary, "?_lastUpdated=ge2020-01-01&_count=500", "?near=51|7|500|km"} {
			out = append(out, "/fhir/"+kind+q)
		}
	}
	for _, f := range []string{"services.csv", "services.xlsx", "services.json", "groups.ics"} {
		out = append(out, "/open/"+f)
	}
	private, _ := webtest.Offers()
	name := hsds3.ServiceName(directory.ServiceID(private))
	r, err := w.Service(w.t.Context(), authz.Actor{Memberships: []authz.Membership{{Organisation: webtest.East, Roles: []authz.Role{authz.Editor}}}}, directory.ServiceID(private))
	if err != nil {
		w.t.Fatal(err)
	}
	return append(out,
		"/hsds/v3/services/"+name, "/hsds/v3/service_at_locations/"+hsds3.PlaceName(&r, 0), "/hsds/v3/organizations/"+hsds3.ProviderName(r.Provider.ID),
		"/fhir/HealthcareService/"+name, "/fhir/Location/"+hsds3.LocationName(r.Locations[0].ID), "/fhir/Organization/"+hsds3.ProviderName(r.Provider.ID), "/open/services/"+name+"/calendar.ics",
		"/fhir/HealthcareService?identifier="+private, "/hsds/v3/services?organization_id="+hsds3.ProviderName(r.Provider.ID)+"&full=true")
}

// TestTheCanaryIsInNoAnswer looks for what the east keeps to itself in every answer to every question. The control, over a
// store without rights, finds it.
func TestTheCanaryIsInNoAnswer(t *testing.T) {
	w := openTown(t, 3)
	heard := func(h http.Handler) (asked int, at []string) {
		for _, path := range everywhere(w) {
			rec := ask(h, http.MethodGet, path, "")
			asked++
			body := rec.Body.String()
			if strings.HasSuffix(path, ".xlsx") {
				body = workbook(t, rec.Body.Bytes())
			}
			if strings.Contains(body+fmt.Sprint(rec.Header()), webtest.Canary) {
				at = append(at, path)
			}
		}
		return asked, at
	}
	asked, at := heard(w.h)
	t.Logf("figure: %d answers searched for the canary, %d hold it", asked, len(at))
	for _, path := range at {
		t.Errorf("the canary sings in %s", path)
	}
	_, at = heard(w.serve(store.UnsafeWithoutRights(w.Store)))
	t.Logf("figure: control without rights: the canary is heard %d times", len(at))
	if len(at) < 20 {
		t.Errorf("without rights the canary is heard only %d times: %v", len(at), at)
	}
}

// TestQuestionsAreForgotten: words of a question stand in no log, also where the question is wrong or something fails. The
// control: the log has lines about the failures.
func TestQuestionsAreForgotten(t *testing.T) {
	w := openTown(t, 2)
	const secret = "zwiebelfisch"
	broken := w.serve(fails{w.Store})
	for _, h := range []http.Handler{w.h, broken} {
		for _, path := range []string{"/hsds/v3/services?search=" + secret, "/hsds/v3/services?page=" + secret, "/hsds/v3/services?" + secret + "=1", "/fhir/HealthcareService?name=" + secret, "/fhir/Location?near=" + secret} {
			ask(h, http.MethodGet, path, "")
		}
		for kind, body := range map[string]string{"application/x-www-form-urlencoded": "search=" + secret, "application/json": `{"search":"` + secret + `"}`, "text/plain": secret} {
			ask(h, http.MethodPost, "/hsds/v3/services", body, "Content-Type", kind)
			ask(h, http.MethodPost, "/fhir/HealthcareService/_search", body, "Content-Type", kind)
		}
		ask(h, http.MethodPost, "/hsds/v3/services", `{"search":"`+secret, "Content-Type", "application/json") // cut off
	}
	if log := w.log.String(); strings.Contains(log, secret) || !strings.Contains(log, "an interface failed") {
		t.Errorf("the log: %s", log)
	}
}

// fails is a directory that cannot be read.
type fails struct{ *store.Store }

func (fails) EntryRevision(ctx context.Context) (int64, error) {
	return 0, errors.New("the disk is gone")
}

// TestNothingIsSharedBeyondTheMoment: between a shelf and its answer a record may be withdrawn; the answer then lacks it.
// The control is the shelf alone.
func TestNothingIsSharedBeyondTheMoment(t *testing.T) {
	w := openTown(t, 4)
	late := &late{Store: w.Store}
	h := w.serve(late)
	ask(h, http.MethodGet, "/hsds/v3/services", "") // makes the shelf
	late.still = true                               // from here on no change is noticed
	w.release(1, webtest.Day(), authz.Private)
	name := hsds3.ServiceName(w.ids[1])
	reach := func() (n int) {
		for _, path := range []string{"/hsds/v3/services", "/hsds/v3/services/" + name, "/hsds/v3/service_at_locations?full=true", "/hsds/v3/organizations?full=true", "/fhir/HealthcareService", "/fhir/HealthcareService/" + name, "/open/services.csv", "/open/services.json", "/hsds/v3/services?format=ndjson", "/open/groups.ics", "/sitemaps/1.xml"} {
			if body := ask(h, http.MethodGet, path, "").Body.String(); strings.Contains(body, name) || strings.Contains(body, string(w.ids[1])) {
				n++
			}
		}
		return n
	}
	if n := reach(); n != 0 {
		t.Errorf("%d answers hold what was withdrawn", n)
	}
	late.blind = true
	if n := reach(); n < 8 {
		t.Errorf("control: without the last look %d answers hold it", n)
	}
}

// late is a directory of which no change is noticed; blind, it takes everything for visible.
type late struct {
	*store.Store
	still, blind bool
}

func (l *late) EntryRevision(ctx context.Context) (int64, error) {
	if l.still {
		return 0, nil
	}
	return l.Store.EntryRevision(ctx)
}

func (l *late) VisibleServices(ctx context.Context, actor authz.Actor, ids []directory.ServiceID) (map[directory.ServiceID]bool, error) {
	if !l.blind {
		return l.Store.VisibleServices(ctx, actor, ids)
	}
	out := map[directory.ServiceID]bool{}
	for _, id := range ids {
		out[id] = true
	}
	return out, nil
}
