package hsds

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gevor/fault"
	"gevor/internal/realdata"
	"gevor/notice"
)

func TestPublishedExamples(t *testing.T) {
	dir := realdata.Dir(t, "hsds")
	for _, name := range []string{"3.1-dev/examples/service_full.json", "3.1-dev/examples/service_list.json", "uk-profile/examples/service_full.json", "uk-profile/examples/service_list.json"} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		notes := &notice.List{}
		services, err := Read(f, Options{File: name, Notes: notes})
		if err != nil || len(services) != 1 || len(notes.Notices()) != 0 {
			t.Fatalf("%s: %v %v %v", name, services, err, notes.Notices())
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		s := services[0]
		if s.ID != "ac148810-d857-441c-9679-408f346de14b" || s.Name != "Community Counselling" || s.Status != "active" {
			t.Errorf("%s: %+v", name, s)
		}
		if !strings.Contains(name, "full") {
			continue
		}
		// Values as they stand in the files.
		at := s.AtLocations[0]
		if len(s.AtLocations) != 1 || at.Location == nil || *at.Location.Latitude != 100 || *at.Location.Longitude != 101 || at.Location.Addresses[0].City != "MyCity" {
			t.Errorf("%s: place %+v", name, at)
		}
		if s.AssuredDate != "2005-01-01" || *s.MinimumAge != 12 || s.Schedules[0].ByDay != "TH,FR" || s.Organization.Name != "Example Organization Inc." {
			t.Errorf("%s: %+v", name, s)
		}
		if terms := s.Terms(&at); len(terms) == 0 || terms[0].Name != "name" {
			t.Errorf("%s: terms %+v", name, terms)
		}
		if strings.HasPrefix(name, "3.1") && (len(s.Capacities) != 1 || *s.Capacities[0].Maximum != 10 || s.Languages[0].Code != "ur") {
			t.Errorf("%s: capacities %+v languages %+v", name, s.Capacities, s.Languages)
		}
	}
}

func TestForms(t *testing.T) {
	a, b := `{"id":"a","name":"A"}`, `{"id":"b","name":"B","capacities":[{"maximum":"12"}],"minimum_age":null}`
	for _, in := range []string{
		"[" + a + "," + b + "]", a + "\n" + b + "\n", "\ufeff[" + a + "," + b + "]",
		`{"total_items":2,"contents":[` + a + `,` + b + `],"empty":false}`, `{"services":[` + a + `,` + b + `]}`,
		`{"contents":[` + a + `]}` + "\n" + `{"contents":[` + b + `]}`,
	} {
		services, err := Read(strings.NewReader(in), Options{})
		if err != nil || len(services) != 2 || services[1].ID != "b" || *services[1].Capacities[0].Maximum != 12 || services[1].Index != 2 {
			t.Errorf("%s: %+v %v", in, services, err)
		}
	}
}

func TestWhatIsNoService(t *testing.T) {
	for bad, rule := range map[string]string{
		`{"name":"x"}`:                     "no-id",
		`{"id":"a"}`:                       "duplicate-id",
		`{"id":7}`:                         "no-service",
		`{"id":"x","schedules":"daily"}`:   "no-service",
		`{"id":"x","minimum_age":"young"}`: "no-service",
		`"text"`:                           "no-service",
		`null`:                             "no-id",
	} {
		notes := &notice.List{}
		services, err := Read(strings.NewReader(`[{"id":"a"},`+bad+`]`), Options{File: "h.json", Notes: notes})
		n := notes.Notices()
		if err != nil || len(services) != 1 || len(n) != 1 || n[0].Rule != rule || !strings.HasPrefix(n[0].Record, "service 2") {
			t.Errorf("%s: %v %v %v", bad, services, err, n)
		}
	}
	for _, in := range []string{"", "[", `[{"id":"a"}`, `{"contents":5}`, "<html>", "[]"} {
		if _, err := Read(strings.NewReader(in), Options{File: "h.json"}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", in, err)
		}
	}
	for _, l := range []Limits{{Services: 1}, {Bytes: 10}} {
		if _, err := Read(strings.NewReader(`[{"id":"a"},{"id":"b"}]`), Options{Limits: l}); fault.KindOf(err) != fault.TooLarge {
			t.Errorf("%+v: %v", l, err)
		}
	}
}

func FuzzServices(f *testing.F) {
	f.Add([]byte(`[{"id":"a","service_at_locations":[{"location":{"latitude":51.4,"longitude":"7.2"}}]}]`))
	f.Add([]byte(`{"contents":[{"id":"a","attributes":[{"taxonomy_term":{"term":"x"}}]}]}`))
	f.Add([]byte("{\"id\":\"a\"}\n{\"id\":\"b\"}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		notes := &notice.List{}
		services, err := Read(strings.NewReader(string(raw)), Options{File: "f", Notes: notes})
		if err != nil && fault.KindOf(err) == fault.Internal {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, s := range services {
			if s.ID == "" || seen[s.ID] {
				t.Fatalf("%+v", s)
			}
			seen[s.ID] = true
			for i := range s.AtLocations {
				s.Terms(&s.AtLocations[i])
			}
		}
	})
}
