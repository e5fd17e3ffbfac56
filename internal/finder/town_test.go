package finder_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/geo"
	"gevor/internal/finder"
	"gevor/vocabulary"
)

// noon is a Tuesday.
var noon = time.Date(2026, 5, 12, 10, 0, 0, 0, time.UTC)

var words = sync.OnceValues(func() (*vocabulary.Vocabulary, error) { return vocabulary.Load(nil) })

// town is a directory in memory. With open set it shows everything to everybody: the control of tests about what is hidden.
type town struct {
	records  []directory.Record
	revision int64
	changed  map[string]int64
	counted  []directory.Unanswered
	open     bool
}

func (w *town) sees(a authz.Actor, r *directory.Record) bool {
	return w.open || authz.Decide(a, authz.View, authz.Object{Kind: authz.Entry, Owner: r.Owner, Released: r.Released}) == authz.Allowed
}

func (w *town) EntryRevision(context.Context) (int64, error) { return w.revision, nil }

func (w *town) EntriesSince(_ context.Context, revision int64) (out []string, err error) {
	for id, at := range w.changed {
		if at > revision {
			out = append(out, id)
		}
	}
	return out, nil
}

func (w *town) Services(_ context.Context, a authz.Actor, _ authz.OrganisationID, _ time.Time) (out []directory.Record, err error) {
	for i := range w.records {
		if w.sees(a, &w.records[i]) {
			out = append(out, w.records[i])
		}
	}
	return out, nil
}

func (w *town) ServicesBeyond(_ context.Context, a authz.Actor) (out []directory.Record, err error) {
	for i := range w.records {
		if r := &w.records[i]; w.sees(a, r) && r.Released.Level != authz.PublicLevel {
			out = append(out, *r)
		}
	}
	return out, nil
}

func (w *town) Service(_ context.Context, a authz.Actor, id directory.ServiceID) (directory.Record, error) {
	for i := range w.records {
		if w.records[i].ID == id && w.sees(a, &w.records[i]) {
			return w.records[i], nil
		}
	}
	return directory.Record{}, fault.New(fault.NotFound, "entry", "does not exist", "")
}

func (w *town) AddUnanswered(_ context.Context, counts []directory.Unanswered) error {
	w.counted = append(w.counted, counts...)
	return nil
}

func (w *town) release(id directory.ServiceID, l authz.Level) {
	for i := range w.records {
		if w.records[i].ID == id {
			w.records[i].Released.Level = l
		}
	}
	w.revision++
	if w.changed == nil {
		w.changed = map[string]int64{}
	}
	w.changed[string(id)] = w.revision
}

// member is somebody who works in a house of the alliance.
func member(o authz.OrganisationID) authz.Actor {
	return authz.Actor{Person: "p", Memberships: []authz.Membership{{Organisation: o, Alliance: true, Roles: []authz.Role{authz.Navigator}}}}
}

// offer makes a plain service that everybody may see.
func offer(id, name string, kinds ...string) directory.Record {
	return directory.Record{
		Service: directory.Service{ID: directory.ServiceID(id), Owner: "o-east", Name: directory.Texts{"de": name}, Kinds: kinds}, Provider: directory.Provider{Name: "Träger"},
		Released: authz.Release{Level: authz.PublicLevel},
	}
}

func open(t *testing.T, w *town, ground *finder.Ground) *finder.Finder {
	t.Helper()
	voc, err := words()
	if err != nil {
		t.Fatal(err)
	}
	f, err := finder.New(finder.Options{Entries: w, Vocabulary: voc, Ground: func() *finder.Ground {
		if ground == nil {
			return &finder.Ground{}
		}
		return ground
	}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func search(t *testing.T, f *finder.Finder, a authz.Actor, q finder.Query) finder.Results {
	t.Helper()
	q.Now = noon
	res, err := f.Search(t.Context(), a, q)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func names(r finder.Results) string {
	out := make([]string, len(r.Hits))
	for i, h := range r.Hits {
		out[i] = string(h.Record.ID)
	}
	return strings.Join(out, " ")
}

// crowd makes services whose conditions are drawn at random, unknown ones among them.
func crowd(n int, seed uint64) *town {
	r := rand.New(rand.NewPCG(seed, 1))
	w := &town{}
	three := func() directory.Three { return directory.Three(r.IntN(3)) }
	for i := range n {
		x := offer(fmt.Sprintf("s-%03d", i), []string{"Kinderarzt", "Schuldnerberatung", "Hebamme", "Sozialberatung"}[i%4]+" "+fmt.Sprint(i), []string{"kinderarzt", "schuldnerberatung", "hebamme", "sozialberatung"}[i%4])
		for range r.IntN(3) {
			at := geo.LonLat{Lon: 7 + r.Float64()/10, Lat: 51.4 + r.Float64()/10}
			x.Locations = append(x.Locations, directory.Location{ID: "l", At: &at, StepFree: three()})
			h := directory.Hours{Holidays: []directory.Holidays{"", directory.HolidaysClosed, directory.HolidaysOpen}[r.IntN(3)]}
			for d := range 7 {
				if r.IntN(2) == 0 {
					from := 60 * (7 + r.IntN(6))
					h.Slots = append(h.Slots, directory.Slot{Day: time.Weekday(d), From: from, To: from + 60*(1+r.IntN(6))})
				}
			}
			x.Places = append(x.Places, directory.Place{Location: "l", Hours: h})
		}
		for _, l := range []string{"de", "tr", "ar"} {
			if r.IntN(2) == 0 {
				l := directory.Language{Tag: l}
				if r.IntN(2) == 0 {
					l.Hours = []directory.Slot{{Day: time.Weekday(r.IntN(7)), From: 540, To: 900}}
				}
				x.Languages = append(x.Languages, l)
			}
		}
		for _, in := range directory.Insurances() {
			if r.IntN(2) == 0 {
				x.Insurance = append(x.Insurance, in)
			}
		}
		for _, in := range directory.AccessWays() {
			if r.IntN(4) == 0 {
				x.Access = append(x.Access, in)
			}
		}
		x.Cost = []directory.Cost{"", directory.Free, directory.Fee, directory.Copayment}[r.IntN(4)]
		x.For.MinAge, x.For.MaxAge = r.IntN(2)*r.IntN(40), r.IntN(2)*(40+r.IntN(40))
		x.Area = [...]directory.Area{{}, {Reach: directory.Nationwide}, {Reach: directory.Municipality, Keys: []string{"a"}}, {Reach: directory.Municipality, Keys: []string{"b"}}, {Reach: directory.DistrictReach, Keys: []string{"a1"}}}[r.IntN(5)]
		w.records = append(w.records, x)
	}
	slices.SortFunc(w.records, func(a, b directory.Record) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return w
}
