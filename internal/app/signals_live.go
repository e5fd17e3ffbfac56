package app

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"gevor/authz"
	"gevor/contact"
	"gevor/directory"
	"gevor/handover"
	"gevor/indicator"
	"gevor/intake"
	"gevor/internal/store"
	"gevor/region"
	"gevor/signal"
	"gevor/vocabulary"
)

// How early warning reads the database.
const (
	watchedYears = 3  // years of past that are read
	lateDays     = 14 // days after which a handover that nobody answered counts
)

// live is what early warning reads of the database.
type live struct {
	services     []directory.Record
	unanswered   []directory.Unanswered
	observations []directory.Observation
	handovers    []handover.Handover
	contacts     []contact.Count          // of organisations that released theirs for regional totals
	figures      []*indicator.Publication // released to the alliance at least, past the gate
}

// readLive reads what the database knows of the years before a day.
func readLive(ctx context.Context, s *store.Store, at time.Time) (*live, error) {
	since := at.AddDate(-watchedYears, 0, 0)
	out := &live{}
	var err error
	if out.services, err = s.UnsafeServices(ctx); err != nil {
		return nil, err
	}
	if out.unanswered, err = s.UnsafeUnanswered(ctx, since.Format("2006-01")); err != nil {
		return nil, err
	}
	if out.observations, err = s.UnsafeObserved(ctx, since); err != nil {
		return nil, err
	}
	if out.handovers, err = s.UnsafeHandoversSince(ctx, since); err != nil {
		return nil, err
	}
	if out.contacts, err = s.UnsafeContactCounts(ctx, since, at); err != nil {
		return nil, err
	}
	out.figures, err = s.UnsafeReleasedFigures(ctx)
	return out, err
}

// watchGround says where things are and what they are about, in the words of a region.
type watchGround struct {
	areas    []signal.Area
	known    map[string]bool
	everyone string            // key of the group of all people; empty where there is none
	problems map[string]string // category of the region by concept of the vocabulary
	voc      *vocabulary.Vocabulary
	snap     *region.Snapshot
	near     map[[2]int][]int32 // populated cells by hundredths of a degree
}

func newWatchGround(snap *region.Snapshot, voc *vocabulary.Vocabulary) *watchGround {
	g := &watchGround{known: map[string]bool{}, problems: map[string]string{}, voc: voc, snap: snap, near: map[[2]int][]int32{}}
	kind := region.District
	if !slices.ContainsFunc(snap.Areas, func(a region.Area) bool { return a.Kind == region.District }) {
		kind = region.Municipality
	}
	for i := range snap.Areas {
		a := &snap.Areas[i]
		if a.Kind != kind || g.known[a.Key] {
			continue
		}
		g.known[a.Key] = true
		x := signal.Area{Key: a.Key, Name: a.Name}
		if a.Parent >= 0 {
			x.Parent = snap.Areas[a.Parent].Key
		}
		g.areas = append(g.areas, x)
	}
	for i, p := range snap.Cells.At {
		k := hundredth(p.Lon, p.Lat)
		g.near[k] = append(g.near[k], int32(i))
	}
	for i := range snap.Groups {
		if all := &snap.Groups[i]; g.everyone == "" && len(all.People) == snap.Cells.Len() && slices.Equal(all.People, snap.Cells.Population) {
			g.everyone = all.Key
		}
	}
	words := intake.NewWords(voc)
	for _, c := range snap.Categories {
		for _, concept := range words.Find(c.Key, c.Label.In("de"), c.Label.In("en")) {
			if g.problems[concept] == "" {
				g.problems[concept] = c.Key
			}
		}
	}
	return g
}

func hundredth(lon, lat float64) [2]int {
	return [2]int{int(math.Floor(lon * 100)), int(math.Floor(lat * 100))}
}

// about gives what a concept is about: the category of the region that it, or the nearest broader concept, stands for;
// else the concept itself.
func (g *watchGround) about(concept string) signal.Subject {
	problem := g.problems[concept]
	if problem == "" {
		above, least := g.voc.Above(concept), math.MaxInt
		for _, broader := range slices.Sorted(maps.Keys(above)) {
			if d := above[broader]; d < least && g.problems[broader] != "" {
				problem, least = g.problems[broader], d
			}
		}
	}
	return signal.Subject{Group: g.everyone, Problem: cmp.Or(problem, concept)}
}

// district gives the watched district of a place: the one that its entry names, else that of the nearest populated cell.
func (g *watchGround) district(l *directory.Location) string {
	if g.known[l.District] {
		return l.District
	}
	if l.At == nil {
		return ""
	}
	best, least := int32(-1), math.Inf(1)
	mid := hundredth(l.At.Lon, l.At.Lat)
	for dx := -1; dx <= 1; dx++ {
		for dy := -1; dy <= 1; dy++ {
			for _, i := range g.near[[2]int{mid[0] + dx, mid[1] + dy}] {
				c := g.snap.Cells.At[i]
				if d := math.Hypot((c.Lon-l.At.Lon)*0.62, c.Lat-l.At.Lat); d < least {
					best, least = i, d
				}
			}
		}
	}
	if best < 0 {
		return ""
	}
	for _, of := range [][]int32{g.snap.Cells.District, g.snap.Cells.Municipality} {
		if int(best) < len(of) && of[best] >= 0 && g.known[g.snap.Areas[of[best]].Key] {
			return g.snap.Areas[of[best]].Key
		}
	}
	return ""
}

// offered is where an offer is and what it is about.
type offered struct {
	district string
	subject  signal.Subject
}

// folder brings what the database knows into the form of the tables, as known before a day, a Monday.
func (l *live) folder(g *watchGround, at time.Time) *watchFolder {
	f := &watchFolder{areas: g.areas, weeks: watchRecords{step: signal.Week}, months: watchRecords{step: signal.Month}}
	offers := map[directory.ServiceID]offered{}
	for i := range l.services {
		r := &l.services[i]
		o := offered{}
		for k := range r.Locations {
			if o.district = g.district(&r.Locations[k]); o.district != "" {
				break
			}
		}
		if o.district == "" || len(r.Kinds) == 0 {
			continue
		}
		o.subject = g.about(r.Kinds[0])
		offers[r.ID] = o
		if asset, ok := doubtful(r, o, at); ok {
			f.assets = append(f.assets, asset)
		}
	}
	for _, o := range l.observations {
		if of, known := offers[o.Service]; known && hinders(o.What) {
			week := monday(o.On)
			f.weeks.put(watchLine{Record: signal.Record{Source: signal.Observations, Area: of.district, Subject: of.subject, House: string(o.By), Count: 1}, period: week, known: week})
		}
	}
	for _, h := range l.handovers {
		if of, known := offers[directory.ServiceID(h.Service)]; known && unheard(h, at) {
			f.weeks.put(watchLine{
				Record: signal.Record{Source: signal.Handovers, Area: of.district, Subject: of.subject, House: string(h.Sender), Other: string(h.Receiver), Count: 1},
				period: monday(h.Requested), known: monday(h.Requested.AddDate(0, 0, lateDays)),
			})
		}
	}
	for _, c := range l.contacts {
		if g.known[c.District] && c.Need != "" && c.Reason != contact.Met {
			week := c.Week.Monday()
			f.weeks.put(watchLine{Record: signal.Record{Source: signal.Contacts, Area: c.District, Subject: g.about(c.Need), House: string(c.House), Count: c.Times}, period: week, known: week})
		}
	}
	for _, u := range l.unanswered {
		month, err := time.Parse("2006-01", u.Month)
		if err != nil || !g.known[u.District] || u.Need == "" || u.Reason != directory.NothingFits && u.Reason != directory.ConditionsExact {
			continue
		}
		f.months.put(watchLine{Record: signal.Record{Source: signal.Searches, Area: u.District, Subject: g.about(u.Need), Count: u.Times}, period: month, known: month})
	}
	for _, p := range l.figures {
		g.series(p, &f.months)
	}
	f.weeks.until(at)
	f.months.until(firstOf(at))
	return f
}

// series takes the monthly counts of a published dataset about districts of which less is better. What is suppressed or
// missing is missing here.
func (g *watchGround) series(p *indicator.Publication, to *watchRecords) {
	if p.Dataset.Direction != indicator.LessIsBetter || p.Dataset.Values || p.Dataset.Category == "" || p.Dataset.Level != indicator.Districts {
		return
	}
	for _, a := range p.Units() {
		if !g.known[a.Key] {
			continue
		}
		for _, point := range p.Series(a.Key).Points {
			count := point.Count
			if p.Count == nil {
				count = point.Value
			}
			if point.Period.Grain != indicator.Month {
				continue
			}
			n := -1
			if count.Known() && count.Number >= 0 {
				n = int(math.Round(count.Number))
			}
			to.put(watchLine{Record: signal.Record{Source: signal.Indicator, Area: a.Key, Subject: signal.Subject{Group: g.everyone, Problem: p.Dataset.Category}, House: p.Dataset.ID, Count: n}, period: point.Period.Start, known: point.Period.Start})
		}
	}
}

// doubtful gives a public offer that runs as something that may be lost: until when it is offered, and when it was last
// confirmed.
func doubtful(r *directory.Record, o offered, at time.Time) (signal.Asset, bool) {
	if r.Draft || r.Released.Level != authz.PublicLevel || !r.Ended.IsZero() && !r.Ended.After(at) {
		return signal.Asset{}, false
	}
	a := signal.Asset{Source: signal.Offers, Area: o.district, Subject: o.subject, Ends: r.Ended}
	for _, c := range r.Confirmations {
		if c.At.After(a.Confirmed) {
			a.Confirmed = c.At
		}
	}
	return a, true
}

// hinders says whether an observation is that people were not helped; the others are about the entry.
func hinders(what string) bool {
	return slices.Contains([]string{"takes-nobody", "waiting", "closed-down"}, what)
}

// unheard says whether nobody answered a handover in time, as far as that is known on a day.
func unheard(h handover.Handover, at time.Time) bool {
	end := at
	for _, t := range []time.Time{h.Answered, h.Ended} {
		if !t.IsZero() && t.Before(end) {
			end = t
		}
	}
	return end.Sub(h.Requested) >= lateDays*24*time.Hour
}

// monday gives the Monday of a day's week, at midnight UTC.
func monday(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), t.Day()-(int(t.Weekday())+6)%7, 0, 0, 0, 0, time.UTC)
}

func firstOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}
