package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/internal/api/hsds3"
	"gevor/internal/web/webtest"
)

// memory is a directory of many public services.
type memory struct {
	all      []directory.Record
	at       map[directory.ServiceID]int
	revision int64
}

func many(n int) *memory {
	m := &memory{at: map[directory.ServiceID]int{}, revision: int64(n)}
	for i := range n {
		x := offer(i)
		r := directory.Record{Service: x.Service, Provider: x.Provider, Released: authz.Release{Level: authz.PublicLevel}}
		r.ID, r.Provider.ID = directory.ServiceID(fmt.Sprint("s-", i)), directory.ProviderID(fmt.Sprint("v-", i/10))
		r.Service.Provider = r.Provider.ID
		l := x.Places[0].Location
		l.ID = directory.LocationID(fmt.Sprint("l-", i))
		r.Places[0].Location = l.ID
		r.Locations = []directory.Location{l}
		m.at[r.ID] = len(m.all)
		m.all = append(m.all, r)
	}
	return m
}

func (m *memory) EntryRevision(context.Context) (int64, error) { return m.revision, nil }

func (m *memory) EntriesTouched(_ context.Context, after int64) ([]directory.Touched, int64, error) {
	var out []directory.Touched
	for i := range m.all {
		if after == 0 || int64(i) == after%int64(len(m.all)) {
			out = append(out, directory.Touched{ID: string(m.all[i].ID), At: moment(i % 5000)})
		}
	}
	return out, m.revision, nil
}

func (m *memory) Services(context.Context, authz.Actor, authz.OrganisationID, time.Time) ([]directory.Record, error) {
	return slices.Clone(m.all), nil
}

func (m *memory) Service(_ context.Context, _ authz.Actor, id directory.ServiceID) (directory.Record, error) {
	if i, ok := m.at[id]; ok {
		return m.all[i], nil
	}
	return directory.Record{}, fault.New(fault.NotFound, "entry", "does not exist", "")
}

func (m *memory) VisibleServices(_ context.Context, _ authz.Actor, ids []directory.ServiceID) (map[directory.ServiceID]bool, error) {
	out := map[directory.ServiceID]bool{}
	for _, id := range ids {
		_, out[id] = m.at[id]
	}
	return out, nil
}

func (m *memory) GoneServices(context.Context, directory.ServiceID) ([]directory.Gone, error) {
	return nil, nil
}

// BenchmarkFiftyThousand asks the questions of docs/figures/interfaces.md of 50,000 services.
func BenchmarkFiftyThousand(b *testing.B) {
	m := many(50_000)
	w := &town{}
	h := w.over(b, m)
	id := hsds3.ServiceName("s-4711")
	ask(h, http.MethodGet, "/hsds/v3/service_at_locations", "") // the first shelf is measured below
	for _, q := range []struct{ name, path string }{
		{"one", "/hsds/v3/services/" + id},
		{"page", "/hsds/v3/services"},
		{"page of 500 full", "/hsds/v3/services?full=true&per_page=500"},
		{"last page", "/hsds/v3/services?page=1000"},
		{"search", "/hsds/v3/services?search=angebot+4711"},
		{"search for nothing", "/hsds/v3/services?search=gibtesnicht"},
		{"three filters", "/hsds/v3/services?taxonomy_term_id=" + hsds3.TermName("kinderarzt") + "&minimum_age=6&day=TH"},
		{"places around a postcode", "/hsds/v3/service_at_locations?postcode=44780&proximity=2000"},
		{"minimal, all", "/hsds/v3/services?minimal=true"},
		{"harvest of a day", "/hsds/v3/services?modified_after=2026-10-26&per_page=500"},
		{"FHIR near", "/fhir/Location?near=51.48|7.25|2|km"},
		{"FHIR one location", "/fhir/Location/" + hsds3.LocationName("l-4711")},
		{"FHIR name", "/fhir/HealthcareService?name:contains=angebot+47"},
	} {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				rec := httptest.NewRecorder()
				h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, q.path, nil))
				if rec.Code != http.StatusOK {
					b.Fatal(rec.Code, rec.Body)
				}
				b.ReportMetric(float64(rec.Body.Len()), "bytes")
			}
		})
	}
	b.Run("page after a change", func(b *testing.B) {
		for b.Loop() {
			m.revision++
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/hsds/v3/services", nil))
		}
	})
	for _, file := range []string{"services.csv", "services.json", "services.xlsx", "groups.ics"} {
		b.Run(file, func(b *testing.B) {
			for b.Loop() {
				m.revision++ // nothing of the last one is kept
				rec := httptest.NewRecorder()
				h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/open/"+file, nil))
				b.ReportMetric(float64(rec.Body.Len()), "bytes")
			}
		})
	}
	b.Run("first shelf", func(b *testing.B) {
		for b.Loop() {
			rec := httptest.NewRecorder()
			w.over(b, m).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/hsds/v3/services?per_page=1", nil))
		}
	})
}

// BenchmarkOverTheDatabase asks 5,000 services of SQLite, the last look at rights included.
func BenchmarkOverTheDatabase(b *testing.B) {
	h, err := webtest.OpenHouses(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := h.Close(); err != nil {
			b.Error(err)
		}
	})
	list := make([]directory.Imported, 5000)
	for i := range list {
		list[i] = offer(i)
	}
	if _, err := h.ImportEntries(b.Context(), west(), moment(0), webtest.West, "stock", authz.Release{Level: authz.PublicLevel}, list, nil); err != nil {
		b.Fatal(err)
	}
	w := &town{}
	api := w.over(b, h.Store)
	for _, q := range []struct{ name, path string }{
		{"page", "/hsds/v3/services"}, {"page of 500 full", "/hsds/v3/services?full=true&per_page=500"}, {"csv", "/open/services.csv"},
	} {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				rec := httptest.NewRecorder()
				api.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, q.path, nil))
				if rec.Code != http.StatusOK {
					b.Fatal(rec.Code)
				}
			}
		})
	}
	b.Run("first shelf", func(b *testing.B) {
		for b.Loop() {
			rec := httptest.NewRecorder()
			w.over(b, h.Store).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/hsds/v3/services?per_page=1", nil))
		}
	})
}
