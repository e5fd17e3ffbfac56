// Package finder answers the searches of the public directory: it keeps an index of what everybody may see, a small one
// for each audience that may see more, and judges every offer by the conditions that somebody asks for.
//
// What a reader may not see is in no index that the reader's search touches: it changes no count, no suggestion and no
// word statistic. Every hit is read again in the reader's name before it is given, so a withdrawal counts at once, also
// between a change and the next index.
//
// A search keeps nothing. What it counts of searches without a result (ledger.go) says what was needed where in which
// month, and is written once a day.
package finder

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/find"
	"gevor/vocabulary"
)

// Entries is the directory that is searched. Every method but the first two decides for the actor.
type Entries interface {
	// EntryRevision grows with every change of the directory.
	EntryRevision(ctx context.Context) (int64, error)
	// EntriesSince names what was changed after a revision.
	EntriesSince(ctx context.Context, revision int64) ([]string, error)
	Services(ctx context.Context, actor authz.Actor, owner authz.OrganisationID, after time.Time) ([]directory.Record, error)
	// ServicesBeyond gives the services that the actor may see and the public may not.
	ServicesBeyond(ctx context.Context, actor authz.Actor) ([]directory.Record, error)
	Service(ctx context.Context, actor authz.Actor, id directory.ServiceID) (directory.Record, error)
	AddUnanswered(ctx context.Context, counts []directory.Unanswered) error
}

// Options of a finder. Entries and Vocabulary are required.
type Options struct {
	Entries    Entries
	Vocabulary *vocabulary.Vocabulary
	Ground     func() *Ground // where the districts lie now; nil knows none
	Travel     func() Travel  // how long ways take now; nil measures beelines
	Log        *slog.Logger   // failures of the background; nil drops them
}

// Finder answers searches. It is safe for concurrent use.
type Finder struct {
	o        Options
	calendar directory.Calendar

	building sync.Mutex // one index is built at a time
	mu       sync.Mutex
	now      *shelf
	wake     chan struct{} // nil until Start: then indexes are built in the background
	counts   map[directory.Unanswered]int
}

// New makes a finder. Its first search builds the index, unless Start did so before.
func New(o Options) (*Finder, error) {
	if o.Entries == nil || o.Vocabulary == nil {
		return nil, fault.New(fault.Invalid, "finder.Options", "Entries and Vocabulary are required", "set both")
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "Europe/Berlin", "the time zone is not known", "", err)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Ground == nil {
		o.Ground = func() *Ground { return &Ground{} }
	}
	return &Finder{o: o, calendar: directory.Calendar{Zone: zone, Holiday: directory.NRWHoliday}, counts: map[directory.Unanswered]int{}}, nil
}

// shelf is everything that was indexed at one revision.
type shelf struct {
	revision int64
	public   *part

	mu        sync.Mutex
	audiences map[string]*part
	roads     *roads
}

// part is the index of what one audience may see.
type part struct {
	records []directory.Record
	index   *find.Index
	n       map[directory.ServiceID]int
}

// Start builds the index and keeps it up to date in the background until stop is called, which also writes what was
// counted.
func (f *Finder) Start(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	wake := make(chan struct{}, 1)
	f.mu.Lock()
	f.wake = wake
	f.mu.Unlock()
	var work sync.WaitGroup
	work.Go(func() {
		for {
			if err := f.Refresh(ctx); err != nil && ctx.Err() == nil {
				f.o.Log.Error("the index of the directory could not be built", "cause", err)
			}
			if err := f.warm(ctx); err != nil && ctx.Err() == nil {
				f.o.Log.Error("ways from the districts could not be worked out", "cause", err)
			}
			select {
			case <-wake:
			case <-ctx.Done():
				return
			}
		}
	})
	work.Go(func() { f.keepLedger(ctx) })
	return func() {
		cancel()
		work.Wait()
		if err := f.WriteLedger(context.WithoutCancel(ctx)); err != nil {
			f.o.Log.Error("searches without a result could not be counted", "cause", err)
		}
	}
}

// Refresh builds the index anew where the directory has changed since it was built.
func (f *Finder) Refresh(ctx context.Context) error {
	f.building.Lock()
	defer f.building.Unlock()
	revision, err := f.o.Entries.EntryRevision(ctx)
	if err != nil {
		return err
	}
	if s := f.shelf(); s != nil && s.revision == revision {
		return nil
	}
	records, err := f.o.Entries.Services(ctx, authz.Public(), "", time.Time{})
	if err != nil {
		return err
	}
	p, err := f.newPart(records)
	if err != nil {
		return err
	}
	s := &shelf{revision: revision, public: p, audiences: map[string]*part{}}
	s.inherit(f.shelf())
	f.mu.Lock()
	f.now = s
	f.mu.Unlock()
	return nil
}

func (f *Finder) shelf() *shelf {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// current gives the shelf to search in and what of it has changed since. Without Start it is never out of date.
func (f *Finder) current(ctx context.Context) (*shelf, map[directory.ServiceID]bool, error) {
	s := f.shelf()
	f.mu.Lock()
	wake := f.wake
	f.mu.Unlock()
	if s == nil || wake == nil {
		if err := f.Refresh(ctx); err != nil {
			return nil, nil, err
		}
		return f.shelf(), nil, nil
	}
	revision, err := f.o.Entries.EntryRevision(ctx)
	if err != nil || revision == s.revision {
		return s, nil, err
	}
	select {
	case wake <- struct{}{}:
	default:
	}
	ids, err := f.o.Entries.EntriesSince(ctx, s.revision)
	changed := make(map[directory.ServiceID]bool, len(ids))
	for _, id := range ids {
		changed[directory.ServiceID(id)] = true
	}
	return s, changed, err
}

// mostAudiences is how many audiences a shelf keeps an index for. There is one for each set of organisations that
// somebody works in.
const mostAudiences = 200

// beyond gives the index of what the actor may see and the public may not; nil where that is nothing.
func (f *Finder) beyond(ctx context.Context, s *shelf, actor authz.Actor) (*part, error) {
	if !actor.SignedIn() {
		return nil, nil
	}
	key := audience(actor)
	s.mu.Lock()
	p, ok := s.audiences[key]
	s.mu.Unlock()
	if ok {
		return p, nil
	}
	records, err := f.o.Entries.ServicesBeyond(ctx, actor)
	if err != nil {
		return nil, err
	}
	if p, err = f.newPart(records); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.audiences) >= mostAudiences {
		clear(s.audiences)
	}
	s.audiences[key] = p
	return p, nil
}

// audience names what decides which releases reach somebody: the organisations, and whether they belong to the alliance.
func audience(a authz.Actor) string {
	words := make([]string, len(a.Memberships))
	for i, m := range a.Memberships {
		words[i] = string(m.Organisation)
		if m.Alliance {
			words[i] += "+"
		}
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// newPart indexes the running services among records.
func (f *Finder) newPart(records []directory.Record) (*part, error) {
	p := &part{n: map[directory.ServiceID]int{}}
	for i := range records {
		if r := &records[i]; !r.Draft && r.Ended.IsZero() {
			p.n[r.ID] = len(p.records)
			p.records = append(p.records, *r)
		}
	}
	docs := make([]find.Doc, len(p.records))
	for i := range p.records {
		docs[i] = document(&p.records[i])
	}
	var err error
	p.index, err = find.Build(docs, f.o.Vocabulary, find.Options{})
	return p, err
}

// document is what of a service is searched: its texts in German, what it is called elsewhere, and where it is.
func document(r *directory.Record) find.Doc {
	d := find.Doc{ID: string(r.ID), Concepts: r.Kinds}
	add := func(t directory.Texts, weight float64, title bool) {
		text, tag := t.In("de")
		if text == "" {
			return
		}
		d.Fields = append(d.Fields, find.Field{Text: text, Weight: weight, Title: title})
		var others []string
		for l := range t {
			if l != tag {
				others = append(others, l)
			}
		}
		slices.Sort(others)
		for _, l := range others {
			d.Fields = append(d.Fields, find.Field{Text: t[l], Weight: weight / 2})
		}
	}
	add(r.Name, 3, true)
	add(r.Summary, 1.5, false)
	add(r.Description, 1, false)
	add(r.For.Conditions, 0.5, false)
	d.Fields = append(d.Fields, find.Field{Text: r.Provider.Name, Weight: 1.5})
	for _, l := range r.Locations {
		d.Fields = append(d.Fields, find.Field{Text: strings.Join([]string{l.Name, l.Street, l.City}, " "), Weight: 0.5})
	}
	for _, l := range r.Languages {
		d.Facts = append(d.Facts, "language:"+l.Tag)
	}
	return d
}

// Vocabulary gives the vocabulary that is searched with.
func (f *Finder) Vocabulary() *vocabulary.Vocabulary { return f.o.Vocabulary }

// Ground gives the districts of the region that is served now.
func (f *Finder) Ground() *Ground { return f.o.Ground() }

// Calendar gives the zone and the holidays by which hours are read.
func (f *Finder) Calendar() directory.Calendar { return f.calendar }
