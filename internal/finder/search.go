package finder

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/find"
	"gevor/geo"
)

// Hit is one offer found, read again in the reader's name.
type Hit struct {
	Record directory.Record
	Judged
	Trust    directory.Trust
	Capacity directory.Capacity
	Score    float64
}

// Relaxation is what one gets by giving up one condition.
type Relaxation struct {
	Condition Condition
	Total     int
}

// Results of one search.
type Results struct {
	Hits       []Hit
	Total      int          // that fit, whatever Limit and Offset
	Relax      []Relaxation // where nothing fits: the single conditions whose giving up finds something, most first
	Farther    bool         // nothing lay within Within; these lie farther away
	DidYouMean string
	Language   string   // in which the words were understood
	Acute      []string // matters whose hotlines come first
	Concepts   []string // what was understood, the strongest first
	Unsure     bool     // what is shown may not be what was meant
	Asked      []Condition
}

// defaultLimit is how many hits a page shows.
const defaultLimit = 20

// Search answers a query for an actor. It keeps nothing of it; a search without any result is counted as Unanswered.
func (f *Finder) Search(ctx context.Context, actor authz.Actor, q Query) (Results, error) {
	if q.Limit <= 0 {
		q.Limit = defaultLimit
	}
	s, err := f.look(ctx, actor, &q)
	if err != nil {
		return Results{}, err
	}
	out, err := s.run(q)
	if err != nil {
		return out, err
	}
	if out.Total == 0 && q.Within > 0 {
		wide, err := s.run(q.Without(ByWithin))
		if err != nil {
			return out, err
		}
		if wide.Total > 0 {
			wide.Farther = true
			out = wide
		}
	}
	out.Asked = q.conditions()
	if out.Total > 0 || q.Offset > 0 {
		return out, nil
	}
	for _, c := range out.Asked {
		if n := s.count(q.Without(c)); n > 0 {
			out.Relax = append(out.Relax, Relaxation{c, n})
		}
	}
	slices.SortStableFunc(out.Relax, func(a, b Relaxation) int { return b.Total - a.Total })
	if q.Text != "" || len(q.Needs) > 0 {
		f.unanswered(q, &out)
	}
	return out, nil
}

// search is one search under way.
type search struct {
	f       *Finder
	ctx     context.Context
	actor   authz.Actor
	parts   []*part
	changed map[directory.ServiceID]bool // since the indexes were built
	home    *Area
	way     *journey
}

func (f *Finder) look(ctx context.Context, actor authz.Actor, q *Query) (*search, error) {
	shelf, changed, err := f.current(ctx)
	if err != nil {
		return nil, err
	}
	s := &search{f: f, ctx: ctx, actor: actor, parts: []*part{shelf.public}, changed: changed, home: f.o.Ground().Area(q.Home)}
	more, err := f.beyond(ctx, shelf, actor)
	if err != nil {
		return nil, err
	}
	if more != nil && len(more.records) > 0 {
		s.parts = append(s.parts, more)
	}
	from, err := s.begins(q)
	if err != nil {
		return nil, err
	}
	s.way, err = f.journey(ctx, shelf, from, more)
	return s, err
}

// begins gives where ways begin: at a service somebody stands at, else in the middle of where they live.
func (s *search) begins(q *Query) (*geo.LonLat, error) {
	if q.Near != "" {
		r, err := s.f.o.Entries.Service(s.ctx, s.actor, q.Near)
		if err == nil {
			for _, l := range r.Locations {
				if l.At != nil {
					return l.At, nil
				}
			}
		}
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return nil, err
		}
	}
	if s.home != nil {
		return s.home.At, nil
	}
	return nil, nil
}

func (s *search) judge(q *Query, r *directory.Record) Judged {
	return s.f.judge(q, r, s.home, func(i int) Trip {
		if i >= len(r.Locations) {
			return Trip{}
		}
		return s.way.to(&r.Locations[i])
	})
}

// found is a hit before it is read again.
type found struct {
	id         directory.ServiceID
	score, fit float64
}

// match searches one index. Nothing that changed since it was built is in it: it is looked at anew once it is built.
func (s *search) match(p *part, q *Query, limit int) ([]found, find.Results) {
	judged := make(map[int]Judged)
	of := func(n int) Judged {
		j, ok := judged[n]
		if !ok {
			j = s.judge(q, &p.records[n])
			judged[n] = j
		}
		return j
	}
	keep := func(n int) bool {
		if s.changed[p.records[n].ID] {
			return false
		}
		j := of(n)
		return q.keeps(&j)
	}
	boost := func(n int) float64 {
		j := of(n)
		return weight(q, &p.records[n], &j)
	}
	if q.Text == "" && len(q.Needs) == 0 {
		return s.browse(p, keep, boost)
	}
	res := p.index.Search(find.Query{Text: q.Text, Language: q.Language, Concepts: q.Needs, Must: []find.Constraint{{Name: "conditions", Keep: keep}}, Boost: boost, Limit: limit})
	out := make([]found, len(res.Hits))
	for i, h := range res.Hits {
		out[i] = found{directory.ServiceID(h.ID), h.Score, h.Fit}
	}
	return out, res
}

// browse gives everything that fits, where nothing but conditions was asked for.
func (s *search) browse(p *part, keep func(int) bool, boost func(int) float64) ([]found, find.Results) {
	var out []found
	for n := range p.records {
		if keep(n) {
			out = append(out, found{p.records[n].ID, boost(n), 1})
		}
	}
	return out, find.Results{Total: len(out), Matching: len(p.records)}
}

// count gives how many fit a query.
func (s *search) count(q Query) int {
	n := 0
	for _, p := range s.parts {
		_, res := s.match(p, &q, 1)
		n += res.Total
	}
	return n
}

// spare is how many more hits than wanted are taken from the indexes, for those that turn out to be gone.
const spare = 20

func (s *search) run(q Query) (Results, error) {
	var out Results
	var all []found
	for i, p := range s.parts {
		hits, res := s.match(p, &q, q.Offset+q.Limit+spare)
		all = append(all, hits...)
		out.Total += res.Total
		if i == 0 || out.DidYouMean == "" && res.Total > 0 {
			out.DidYouMean = res.DidYouMean
		}
		if i == 0 {
			out.Language, out.Acute, out.Concepts, out.Unsure = res.Language, res.Acute, res.Concepts, res.Abstain
		} else if !res.Abstain {
			out.Unsure = false
		}
	}
	if len(s.changed) > 0 {
		out.DidYouMean = "" // it may hold a word of what was withdrawn a moment ago
	}
	slices.SortStableFunc(all, func(a, b found) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.id, b.id)) })
	for _, h := range all[min(q.Offset, len(all)):] {
		if len(out.Hits) == q.Limit {
			break
		}
		hit, ok, err := s.read(&q, h)
		if err != nil {
			return Results{}, err
		}
		if !ok {
			out.Total--
			continue
		}
		out.Hits = append(out.Hits, hit)
	}
	if out.Unsure && len(out.Hits) > 0 && s.meant(out.Concepts, out.Hits[0].Record.Kinds) {
		out.Unsure = false
	}
	return out, nil
}

// meant says whether kinds of service are what the words of a query mean first of all: then nobody need ask whether
// something else was meant, however little of the record's text holds the words.
func (s *search) meant(concepts, kinds []string) bool {
	return len(concepts) > 0 && slices.ContainsFunc(kinds, func(k string) bool {
		_, above := s.f.o.Vocabulary.Above(k)[concepts[0]]
		return above
	})
}

// read gives a hit as it is now, where the reader may see it and it still fits.
func (s *search) read(q *Query, h found) (Hit, bool, error) {
	r, err := s.f.o.Entries.Service(s.ctx, s.actor, h.id)
	if fault.KindOf(err) == fault.NotFound {
		return Hit{}, false, nil
	}
	if err != nil {
		return Hit{}, false, err
	}
	j := s.judge(q, &r)
	if r.Draft || !r.Ended.IsZero() || !q.keeps(&j) {
		return Hit{}, false, nil
	}
	return Hit{Record: r, Judged: j, Trust: r.TrustAt(directory.Whole, r.Confirmations, q.Now), Capacity: r.Capacity.At(q.Now), Score: h.score}, true, nil
}

// weight multiplies the fit of a service: how far it may be believed, whether there is room, how long the way takes, and
// how much of what was asked for is not known. Nothing becomes 0: what is out of date or far away sinks, and stays.
func weight(q *Query, r *directory.Record, j *Judged) float64 {
	w := 1.0
	switch t := r.TrustAt(directory.Whole, r.Confirmations, q.Now); {
	case t.Confirmed.IsZero():
		w *= 0.6
	case t.Expired:
		w *= 0.7
	}
	switch r.Capacity.At(q.Now).Room {
	case directory.RoomFree:
		w *= 1.1
	case directory.RoomWaiting:
		w *= 0.85
	case directory.RoomClosed:
		w *= 0.5
	case directory.RoomUnknown:
	}
	w *= math.Pow(0.7, float64(min(j.Unknown, 4)))
	switch minutes, known := j.Trip.Minutes(); {
	case known && minutes < Beyond:
		w *= farthest + (1-farthest)*math.Exp(-float64(minutes)/halfway)
	case known:
		w *= farthest
	case q.Home != "" || q.Near != "":
		w *= 0.6 // nobody knows where it is, or it has no place
	}
	return w
}

// farthest is what is left of the fit of something that is far away: a rare service from another city comes after what
// is as good and near, and before what does not fit. halfway is in minutes.
const (
	farthest = 0.25
	halfway  = 30.0
)
