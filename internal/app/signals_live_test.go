package app

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"gevor/atlas"
	"gevor/authz"
	"gevor/contact"
	"gevor/directory"
	"gevor/handover"
	"gevor/indicator"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
	"gevor/region"
	"gevor/signal"
	"gevor/vocabulary"
)

// watchedAt is the Monday of the tests' report.
var watchedAt = time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)

const (
	risingWeeks  = 130
	risingMonths = 34
)

// course is what happens in the districts of the example town, with a rise in one of them.
type course struct {
	r       *rand.Rand
	areas   []string
	rising  string
	problem string // of the region
	kind    string // of the vocabulary
}

func newCourse(snap *region.Snapshot, g *watchGround) *course {
	c := &course{r: rand.New(rand.NewPCG(7, 7)), rising: webtest.District(), kind: "hausarzt"}
	for i := range snap.Areas {
		if snap.Areas[i].Kind == region.District {
			c.areas = append(c.areas, snap.Areas[i].Key)
		}
	}
	c.problem = g.about(c.kind).Problem
	return c
}

// cases draws the cases of one period; in the rising district there are four times as many lately.
func (c *course) cases(area string, mean float64, lately bool) int {
	if lately && area == c.rising {
		mean *= 4
	}
	n := 0
	for at := c.r.ExpFloat64(); at < mean; at += c.r.ExpFloat64() {
		n++
	}
	return n
}

func (c *course) weeks(mean float64, each func(area string, week time.Time, house int)) {
	for _, a := range c.areas {
		for w := range risingWeeks {
			week := watchedAt.AddDate(0, 0, 7*(w-risingWeeks))
			for range c.cases(a, mean, w >= risingWeeks-9) {
				each(a, week.AddDate(0, 0, c.r.IntN(7)), c.r.IntN(4))
			}
		}
	}
}

func (c *course) offers() (out []directory.Record) {
	for _, a := range c.areas {
		for n := range 4 {
			r := directory.Record{Locations: []directory.Location{{District: a}}, Released: authz.Release{Level: authz.PublicLevel}}
			r.ID = directory.ServiceID(fmt.Sprintf("s-%s-%d", a, n))
			r.Kinds = []string{c.kind}
			r.Confirmations = []directory.Confirmation{{At: watchedAt.AddDate(0, -1, 0)}}
			out = append(out, r)
		}
	}
	return out
}

// risingSources plants a rise in one source each.
func risingSources() map[signal.Source]func(*course) *live {
	service := func(area string, n int) directory.ServiceID {
		return directory.ServiceID(fmt.Sprintf("s-%s-%d", area, n))
	}
	return map[signal.Source]func(*course) *live{
		signal.Observations: func(c *course) *live {
			l := &live{services: c.offers()}
			c.weeks(1.5, func(area string, day time.Time, house int) {
				l.observations = append(l.observations, directory.Observation{Service: service(area, c.r.IntN(4)), By: authz.OrganisationID(fmt.Sprint("o", house)), What: "takes-nobody", On: day})
			})
			return l
		},
		signal.Contacts: func(c *course) *live {
			l := &live{}
			c.weeks(3, func(area string, day time.Time, house int) {
				l.contacts = append(l.contacts, contact.Count{Source: contact.FromContacts, House: authz.OrganisationID(fmt.Sprint("o", house)), Week: contact.WeekOf(day), District: area, Need: c.kind, Reason: contact.NoOffer, Times: 1})
			})
			return l
		},
		signal.Handovers: func(c *course) *live {
			l := &live{services: c.offers()}
			c.weeks(1.5, func(area string, day time.Time, house int) {
				day = day.AddDate(0, 0, -lateDays)
				l.handovers = append(l.handovers, handover.Handover{Sender: authz.OrganisationID(fmt.Sprint("o", house)), Receiver: authz.OrganisationID(fmt.Sprint("r", c.r.IntN(4))), Service: string(service(area, c.r.IntN(4))), Status: handover.Requested, Requested: day})
			})
			return l
		},
		signal.Searches: func(c *course) *live {
			l := &live{}
			for _, a := range c.areas {
				for m := range risingMonths {
					if n := c.cases(a, 6, m >= risingMonths-2); n > 0 {
						l.unanswered = append(l.unanswered, directory.Unanswered{Month: firstOf(watchedAt).AddDate(0, m-risingMonths, 0).Format("2006-01"), District: a, Need: c.kind, Language: "de", Reason: directory.NothingFits, Times: n})
					}
				}
			}
			return l
		},
		signal.Indicator: func(c *course) *live {
			p := &indicator.Publication{Dataset: indicator.Dataset{ID: "waiting", Level: indicator.Districts, Direction: indicator.LessIsBetter, Category: c.problem}}
			for m := range risingMonths {
				p.Periods = append(p.Periods, indicator.Period{Grain: indicator.Month, Start: firstOf(watchedAt).AddDate(0, m-risingMonths, 0)})
			}
			for _, a := range c.areas {
				p.Areas = append(p.Areas, indicator.Area{Key: a, Level: indicator.Districts})
				for m := range risingMonths {
					p.Shown = append(p.Shown, indicator.Of(float64(c.cases(a, 9, m >= risingMonths-2))))
				}
			}
			return &live{figures: []*indicator.Publication{p}}
		},
		signal.Offers: func(c *course) *live {
			l := &live{services: c.offers()}
			for i := range l.services {
				if l.services[i].Locations[0].District == c.rising {
					l.services[i].Confirmations[0].At = watchedAt.AddDate(-2, 0, 0)
				}
			}
			return l
		},
	}
}

// A rise that is planted in one source is on the page of early warning, under its district, with its source, whichever
// source it is. The same course without the planted rise says nothing of the district.
func TestARiseInAnySourceIsOnThePage(t *testing.T) {
	voc, err := vocabulary.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	run := webtest.Run(web.Normal)
	snap := run.Result.Snapshot
	g := newWatchGround(snap, voc)
	for source, plant := range risingSources() {
		t.Run(string(source), func(t *testing.T) {
			server, err := webtest.Handler(web.SignedIn, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = server.Close() })
			c := newCourse(snap, g)
			w, err := plant(c).folder(g, watchedAt).watch(watchedAt, 1, 2)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(w.signals, func(s signal.Signal) bool { return s.Area == c.rising && slices.Contains(s.Sources, source) }) {
				t.Fatalf("nothing is said of %s: %+v", c.rising, w.signals)
			}
			for _, s := range w.signals {
				if s.Method != signal.Foreseen && (math.Mod(s.Observed, 5) != 0 || s.Observed > 0 && s.Observed < 5) {
					t.Errorf("a figure that the gate does not give: %+v", s)
				}
			}
			ctx := t.Context()
			if _, _, err := reportWatch(ctx, server.Houses.Store, voc, webtest.RegionKey, run.Result, plant(newCourse(snap, g)).folder(g, watchedAt), watchedAt, 2); err != nil {
				t.Fatal(err)
			}
			previous, err := server.Houses.PreviousWarnings(ctx, webtest.RegionKey)
			if err != nil {
				t.Fatal(err)
			}
			k := slices.IndexFunc(previous, func(p atlas.PreviousWarning) bool {
				return p.Area == c.rising && p.Subject.Problem == c.problem && p.Since.After(watchedAt.AddDate(0, -4, 0))
			})
			if k < 0 {
				t.Fatalf("nothing was kept: %+v", previous)
			}
			if page := pageOf(t, server, "/de/fruehwarnung"); !strings.Contains(page, previous[k].ID) {
				t.Error("the list does not lead to it")
			}
			if page := pageOf(t, server, "/de/fruehwarnung/"+previous[k].ID); !strings.Contains(page, labels[source]) {
				t.Errorf("its page does not say %q", labels[source])
			}
			calm := newCourse(snap, g)
			calm.rising = "none"
			w, err = plant(calm).folder(g, watchedAt).watch(watchedAt, 1, 2)
			if err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(w.signals, func(s signal.Signal) bool { return s.Area == c.rising && s.Strength > 4 || s.Method == signal.Foreseen }) {
				t.Errorf("control: without a rise: %+v", w.signals)
			}
		})
	}
}

// labels are the German names of the sources on the page.
var labels = map[signal.Source]string{signal.Observations: "Beobachtungen von Fachkräften", signal.Contacts: "Kontakte mit offenem Bedarf", signal.Handovers: "Überleitungen ohne Antwort", signal.Searches: "Suchen ohne Treffer", signal.Indicator: "Statistik der Stadt", signal.Offers: "Angebote, die schließen oder die niemand bestätigt"}

func pageOf(t *testing.T, h http.Handler, path string) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d", path, w.Code)
	}
	return w.Body.String()
}

// A rise that only two organisations met with is said without its figures: what they met with is theirs. The control: what
// the gate was given is small and is of two.
func TestWhatTwoOrganisationsMetWithStaysTheirs(t *testing.T) {
	voc, err := vocabulary.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	snap := webtest.Run(web.Normal).Result.Snapshot
	g := newWatchGround(snap, voc)
	c := newCourse(snap, g)
	l := risingSources()[signal.Handovers](c)
	for i := range l.handovers { // all of the rising district went to two receivers
		if h := &l.handovers[i]; strings.HasPrefix(h.Service, "s-"+c.rising+"-") {
			h.Receiver = authz.OrganisationID(fmt.Sprint("r", i%2))
		}
	}
	w, err := l.folder(g, watchedAt).watch(watchedAt, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(w.signals) == 0 {
		t.Fatal("the rise is not said at all")
	}
	for _, s := range w.signals {
		if s.Area == c.rising && !s.Withheld && !s.Wider {
			t.Errorf("figures of two receivers: %+v", s)
		}
	}
	same, err := risingSources()[signal.Handovers](newCourse(snap, g)).folder(g, watchedAt).watch(watchedAt, 1, 2)
	if err != nil || !slices.ContainsFunc(same.signals, func(s signal.Signal) bool { return s.Area == c.rising && !s.Withheld && !s.Wider }) {
		t.Errorf("control: with four receivers its figures are not shown either: %+v %v", same, err)
	}
}

// Signals of two sources about one place, group and problem are one warning that names both.
func TestSourcesOfOneMatterAreOneWarning(t *testing.T) {
	voc, err := vocabulary.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	run := webtest.Run(web.Normal)
	g := newWatchGround(run.Result.Snapshot, voc)
	c := newCourse(run.Result.Snapshot, g)
	sources := risingSources()
	l := sources[signal.Contacts](c)
	offers := sources[signal.Offers](c)
	searches := sources[signal.Searches](c)
	l.services, l.unanswered = offers.services, searches.unanswered
	w, err := l.folder(g, watchedAt).watch(watchedAt, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, x := range atlas.Warnings(w.signals, run.Result, nil) {
		if x.Area == c.rising && x.Subject.Problem == c.problem {
			n++
			if _, of := x.Strength(); of != 3 {
				t.Errorf("%d sources: %+v", of, x)
			}
		}
	}
	if n != 1 {
		t.Errorf("%d warnings of one matter", n)
	}
}

// A service that only its owner sees is no offer in doubt for others, and one that ended is none at all.
func TestOffersInDoubtArePublic(t *testing.T) {
	o := offered{district: "d", subject: signal.Subject{Problem: "p"}}
	r := directory.Record{Released: authz.Release{Level: authz.AllianceLevel}}
	if _, ok := doubtful(&r, o, watchedAt); ok {
		t.Error("an offer for the alliance")
	}
	r.Released.Level = authz.PublicLevel
	if _, ok := doubtful(&r, o, watchedAt); !ok {
		t.Error("control: a public offer")
	}
	r.Ended = watchedAt
	if _, ok := doubtful(&r, o, watchedAt); ok {
		t.Error("an offer that ended")
	}
	r.Ended = watchedAt.AddDate(0, 3, 0)
	if a, ok := doubtful(&r, o, watchedAt); !ok || !a.Ends.Equal(r.Ended) {
		t.Errorf("an offer that is to end: %+v", a)
	}
}
