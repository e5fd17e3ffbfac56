package api

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/internal/api/hsds3"
)

// shelf is what of the directory was public at one revision. It does not change.
type shelf struct {
	revision int64
	items    []*item // by name
	gone     []gone  // by name

	once      sync.Once
	providers []*house
	places    []place
	spots     []*spot
}

// item is a public service.
type item struct {
	name     string // outside: a UUID
	rec      directory.Record
	modified time.Time // of anything that is told of it
	called   string    // the name in German
	folded   string    // the same, folded
	words    string    // folded, for the search
}

// gone is a service that is no longer public.
type gone struct {
	name string
	directory.Gone
}

// house is a provider with its public services.
type house struct {
	name     string
	folded   string // name of the provider
	provider *directory.Provider
	items    []*item
	modified time.Time
}

// place is a public service at one of its locations.
type place struct {
	name string
	item *item
	at   int // of rec.Places
}

// known is what the next shelf is made from, beside the last one.
type known struct {
	touched map[string]time.Time             // by service, provider or location
	of      map[string][]directory.ServiceID // services that name a provider or a location, perhaps no longer
}

// mostSteps is how many services are read one by one for a new shelf; with more of them all are read anew.
const mostSteps = 2000

// shelf gives what is public now.
func (a *API) shelf(ctx context.Context) (*shelf, error) {
	revision, err := a.o.Entries.EntryRevision(ctx)
	if err != nil {
		return nil, err
	}
	if s := a.last(); s != nil && s.revision >= revision {
		return s, nil
	}
	a.building.Lock()
	defer a.building.Unlock()
	if s := a.last(); s != nil && s.revision >= revision {
		return s, nil
	}
	s, err := a.next(ctx, a.last())
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now = s
	return s, nil
}

func (a *API) last() *shelf {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now
}

// next makes the shelf that follows one, or the first.
func (a *API) next(ctx context.Context, last *shelf) (*shelf, error) {
	after := int64(0)
	if last != nil {
		after = last.revision
	}
	touched, revision, err := a.o.Entries.EntriesTouched(ctx, after)
	if err != nil {
		return nil, err
	}
	if last == nil {
		a.known = known{touched: make(map[string]time.Time, len(touched)), of: map[string][]directory.ServiceID{}}
	}
	changed := map[directory.ServiceID]bool{}
	for _, t := range touched {
		if !t.At.IsZero() { // else its view may have changed, and not itself
			a.known.touched[t.ID] = t.At
		}
		changed[directory.ServiceID(t.ID)] = true // a provider or a location is no service and will not be found as one
		for _, id := range a.known.of[t.ID] {
			changed[id] = true
		}
	}
	if last == nil || len(changed) > mostSteps {
		return a.everything(ctx, revision)
	}
	return a.step(ctx, last, changed, revision)
}

// everything reads the whole directory.
func (a *API) everything(ctx context.Context, revision int64) (*shelf, error) {
	all, err := a.o.Entries.Services(ctx, authz.Public(), "", time.Time{})
	if err != nil {
		return nil, err
	}
	left, err := a.o.Entries.GoneServices(ctx, "")
	if err != nil {
		return nil, err
	}
	s := &shelf{revision: revision, items: make([]*item, 0, len(all)), gone: make([]gone, 0, len(left))}
	for i := range all {
		if x := a.item(&all[i]); x != nil {
			s.items = append(s.items, x)
		}
	}
	for _, g := range left {
		s.gone = append(s.gone, gone{hsds3.ServiceName(g.ID), g})
	}
	slices.SortFunc(s.items, func(a, b *item) int { return cmp.Compare(a.name, b.name) })
	slices.SortFunc(s.gone, func(a, b gone) int { return cmp.Compare(a.name, b.name) })
	return s, nil
}

// step reads what changed.
func (a *API) step(ctx context.Context, last *shelf, changed map[directory.ServiceID]bool, revision int64) (*shelf, error) {
	s := &shelf{revision: revision, items: make([]*item, 0, len(last.items)+len(changed)), gone: make([]gone, 0, len(last.gone)+len(changed))}
	for _, x := range last.items {
		if !changed[x.rec.ID] {
			s.items = append(s.items, x)
		}
	}
	for _, g := range last.gone {
		if !changed[g.ID] {
			s.gone = append(s.gone, g)
		}
	}
	for id := range changed {
		rec, err := a.o.Entries.Service(ctx, authz.Public(), id)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return nil, err
		}
		if err == nil && rec.ID == id { // else it stands under the name of another record, which is among those that changed
			if x := a.item(&rec); x != nil {
				s.items = append(s.items, x)
				continue
			}
		}
		left, err := a.o.Entries.GoneServices(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, g := range left {
			if g.ID == id {
				s.gone = append(s.gone, gone{hsds3.ServiceName(id), g})
			}
		}
	}
	slices.SortFunc(s.items, func(a, b *item) int { return cmp.Compare(a.name, b.name) })
	slices.SortFunc(s.gone, func(a, b gone) int { return cmp.Compare(a.name, b.name) })
	return s, nil
}

// item makes a public service of a record; nil for a draft and for what has ended.
func (a *API) item(r *directory.Record) *item {
	if r.Draft || !r.Ended.IsZero() {
		return nil
	}
	x := &item{name: hsds3.ServiceName(r.ID), rec: *r}
	x.called, _ = r.Name.In("de")
	x.folded = fold(x.called)
	x.rec.Observations = nil // what professionals say among themselves is no part of the public record
	note := func(id string) {
		if at := a.known.touched[id]; at.After(x.modified) {
			x.modified = at
		}
	}
	link := func(id string) {
		note(id)
		if list := a.known.of[id]; !slices.Contains(list, r.ID) {
			a.known.of[id] = append(list, r.ID)
		}
	}
	note(string(r.ID))
	for _, id := range r.Merged {
		note(string(id))
	}
	link(string(r.Provider.ID))
	for i := range r.Locations {
		link(string(r.Locations[i].ID))
	}
	if x.modified.IsZero() {
		x.modified = r.Modified
	}
	var b strings.Builder
	add := func(s string) {
		if s != "" {
			b.WriteString(" " + s)
		}
	}
	for _, t := range []directory.Texts{r.Name, r.Summary, r.Description} {
		tags := make([]string, 0, len(t))
		for tag := range t {
			tags = append(tags, tag)
		}
		slices.Sort(tags)
		for _, tag := range tags {
			add(t[tag])
		}
	}
	add(r.Provider.Name)
	for _, k := range r.Kinds {
		for _, lang := range []string{"de", "en"} {
			label, _, _ := a.o.Vocabulary.Label(k, lang)
			add(label)
		}
	}
	for i := range r.Locations {
		add(r.Locations[i].City)
	}
	x.words = fold(b.String()) + " "
	return x
}

// fold brings a text to one form for the search: small letters without marks, ae for ä, single spaces for everything that
// is no letter and no digit, and one before the first word.
func fold(s string) string {
	s = umlauts.Replace(strings.ToLower(norm.NFC.String(s)))
	var b strings.Builder
	space := true
	b.WriteByte(' ')
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
			space = false
		case !space:
			b.WriteByte(' ')
			space = true
		}
	}
	return strings.TrimRight(b.String(), " ")
}

var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss")

// find gives the item of a name outside; nil where there is none.
func (s *shelf) find(name string) *item {
	i, ok := slices.BinarySearchFunc(s.items, name, func(x *item, n string) int { return cmp.Compare(x.name, n) })
	if !ok {
		return nil
	}
	return s.items[i]
}

// derive sorts what is public by provider and by place, once.
func (s *shelf) derive() {
	s.once.Do(func() {
		by := map[directory.ProviderID]*house{}
		for _, x := range s.items {
			h := by[x.rec.Provider.ID]
			if h == nil {
				h = &house{name: hsds3.ProviderName(x.rec.Provider.ID), folded: fold(x.rec.Provider.Name), provider: &x.rec.Provider}
				by[x.rec.Provider.ID] = h
				s.providers = append(s.providers, h)
			}
			h.items = append(h.items, x)
			if x.modified.After(h.modified) {
				h.modified = x.modified
			}
			for i := range x.rec.Locations {
				s.places = append(s.places, place{hsds3.PlaceName(&x.rec, i), x, i})
			}
		}
		slices.SortFunc(s.providers, func(a, b *house) int { return cmp.Compare(a.name, b.name) })
		slices.SortFunc(s.places, func(a, b place) int { return cmp.Compare(a.name, b.name) })
		s.spots = spotsOf(s.places)
	})
}

// still keeps of some services those that are public at this very moment: what was withdrawn since the shelf was made is
// not given.
func (a *API) still(ctx context.Context, items []*item) (map[directory.ServiceID]bool, error) {
	ids := make([]directory.ServiceID, 0, len(items))
	for _, x := range items {
		ids = append(append(ids, x.rec.ID), x.rec.Merged...)
	}
	seen, err := a.o.Entries.VisibleServices(ctx, authz.Public(), ids)
	if err != nil {
		return nil, err
	}
	for _, x := range items {
		if slices.ContainsFunc(x.rec.Merged, func(id directory.ServiceID) bool { return !seen[id] }) {
			seen[x.rec.ID] = false // it holds values of a record that was withdrawn a moment ago
		}
	}
	return seen, nil
}
