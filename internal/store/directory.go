package store

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
)

// entryTable is one of the three tables of the directory.
type entryTable struct{ name, kind, id string }

var (
	providers = entryTable{"providers", "provider", "v"}
	locations = entryTable{"locations", "location", "l"}
	services  = entryTable{"services", "service", "s"}
)

// entry is something of the directory as an object of rights. Releases are those of services: providers and locations show
// with the services that name them.
func entry(owner authz.OrganisationID, r authz.Release) authz.Object {
	return authz.Object{Kind: authz.Entry, Owner: owner, Released: r}
}

func docOf[T any](raw string) (x T, err error) {
	if err = json.Unmarshal([]byte(raw), &x); err != nil {
		return x, fault.Wrap(fault.Corrupt, "directory", "an entry cannot be read", "restore it from a backup", err)
	}
	return x, nil
}

func scanDoc[T any](row scanner) (x T, err error) {
	var raw string
	if err := row.Scan(&raw); err != nil {
		return x, err
	}
	return docOf[T](raw)
}

func docByID[T any](ctx context.Context, q querier, table entryTable, id string) (T, error) {
	return found(q.QueryRowContext(ctx, `SELECT doc FROM `+table.name+` WHERE id = $1`, id), scanDoc[T], absent(authz.Entry))
}

// keep writes a record: a new one with version 0, else the one whose version it names.
func (t *tx) keep(ctx context.Context, table entryTable, id string, owner authz.OrganisationID, version int, old, is any, more ...any) error {
	raw, err := asJSON(is)
	if err != nil {
		return err
	}
	verb := "changed"
	if version == 0 {
		verb, old = "created", nil
	}
	if err := t.write(ctx, table, id, owner, version, raw, more...); err != nil {
		return err
	}
	return t.record(ctx, authz.Entry, id, owner, verb, old, is)
}

// write puts a document into its table. A version that is not the one in the table is stale.
func (t *tx) write(ctx context.Context, table entryTable, id string, owner authz.OrganisationID, version int, raw string, more ...any) (err error) {
	switch {
	case table == services && version == 0:
		_, err = t.ExecContext(ctx, `INSERT INTO services (id, owner, version, modified, doc, provider, draft, ended) VALUES ($1, $2, 1, $3, $4, $5, $6, $7)`, append([]any{id, string(owner), stamp(t.at), raw}, more...)...)
	case table == services:
		err = t.one(ctx, stale(authz.Entry), `UPDATE services SET version = version + 1, modified = $3, doc = $4, provider = $5, draft = $6, ended = $7 WHERE id = $1 AND version = $2`, append([]any{id, version, stamp(t.at), raw}, more...)...)
	case version == 0:
		_, err = t.ExecContext(ctx, `INSERT INTO `+table.name+` (id, owner, version, modified, doc) VALUES ($1, $2, 1, $3, $4)`, id, string(owner), stamp(t.at), raw)
	default:
		err = t.one(ctx, stale(authz.Entry), `UPDATE `+table.name+` SET version = version + 1, modified = $3, doc = $4 WHERE id = $1 AND version = $2`, id, version, stamp(t.at), raw)
	}
	return err
}

// writes says whether the actor may write a record: create one for an owner, or change the one that is there, which then
// keeps its owner.
func (t *tx) writes(ctx context.Context, table entryTable, id string, owner *authz.OrganisationID) error {
	if id == "" {
		return t.may(authz.Create, entry(*owner, authz.Release{}))
	}
	var is string
	if err := t.QueryRowContext(ctx, `SELECT owner FROM `+table.name+` WHERE id = $1`, id).Scan(&is); err != nil {
		return absentIfNone(err, authz.Entry)
	}
	*owner = authz.OrganisationID(is)
	r := authz.Release{}
	if table == services {
		var err error
		if r, err = releaseOf(ctx, t, authz.Entry, id, authz.ForDirectory); err != nil {
			return err
		}
	}
	return t.may(authz.Change, entry(*owner, r))
}

// SaveProvider keeps a provider: a new one where it has no ID, else a change of the version it names. It gives the ID.
func (s *Store) SaveProvider(ctx context.Context, actor authz.Actor, at time.Time, p directory.Provider) (directory.ProviderID, error) {
	p, err := p.Check()
	if err != nil {
		return "", err
	}
	err = s.change(ctx, actor, at, func(t *tx) error { return t.saveProvider(ctx, &p) })
	return p.ID, err
}

func (t *tx) saveProvider(ctx context.Context, p *directory.Provider) error {
	if err := t.writes(ctx, providers, string(p.ID), &p.Owner); err != nil {
		return err
	}
	var old directory.Provider
	base := p.Version
	if p.ID == "" {
		p.ID, base = directory.ProviderID(newID(providers.id)), 0
	} else {
		var err error
		if old, err = docByID[directory.Provider](ctx, t, providers, string(p.ID)); err != nil {
			return err
		}
	}
	p.Version, p.Modified = base+1, t.at
	return t.keep(ctx, providers, string(p.ID), p.Owner, base, old, *p)
}

// SaveLocation keeps a location likewise.
func (s *Store) SaveLocation(ctx context.Context, actor authz.Actor, at time.Time, l directory.Location, rules directory.Rules) (directory.LocationID, error) {
	l, err := l.Check(rules)
	if err != nil {
		return "", err
	}
	err = s.change(ctx, actor, at, func(t *tx) error { return t.saveLocation(ctx, &l) })
	return l.ID, err
}

func (t *tx) saveLocation(ctx context.Context, l *directory.Location) error {
	if err := t.writes(ctx, locations, string(l.ID), &l.Owner); err != nil {
		return err
	}
	var old directory.Location
	base := l.Version
	if l.ID == "" {
		l.ID, base = directory.LocationID(newID(locations.id)), 0
	} else {
		var err error
		if old, err = docByID[directory.Location](ctx, t, locations, string(l.ID)); err != nil {
			return err
		}
	}
	l.Version, l.Modified = base+1, t.at
	if err := t.keep(ctx, locations, string(l.ID), l.Owner, base, old, *l); err != nil || base == 0 {
		return err
	}
	return t.moved(ctx, old, *l, directory.ByOwner)
}

// SaveService keeps a service likewise. What it names must be there: its provider and locations.
func (s *Store) SaveService(ctx context.Context, actor authz.Actor, at time.Time, x directory.Service, rules directory.Rules) (directory.ServiceID, error) {
	x, err := x.Check(rules, at)
	if err != nil {
		return "", err
	}
	err = s.change(ctx, actor, at, func(t *tx) error { return t.saveService(ctx, &x) })
	return x.ID, err
}

func (t *tx) saveService(ctx context.Context, x *directory.Service) error {
	if err := t.writes(ctx, services, string(x.ID), &x.Owner); err != nil {
		return err
	}
	if err := t.refers(ctx, x); err != nil {
		return err
	}
	x.Partners = nil
	var old directory.Service
	base := x.Version
	if x.ID == "" {
		x.ID, base = directory.ServiceID(newID(services.id)), 0
	} else {
		var err error
		if old, err = docByID[directory.Service](ctx, t, services, string(x.ID)); err != nil {
			return err
		}
	}
	x.Version, x.Modified = base+1, t.at
	ended := ""
	if !x.Ended.IsZero() {
		ended = stamp(x.Ended)
	}
	if err := t.keep(ctx, services, string(x.ID), x.Owner, base, old, *x, string(x.Provider), bit(x.Draft), ended); err != nil || base == 0 {
		return err
	}
	return t.rewritten(ctx, old, *x, directory.ByOwner)
}

// refers says whether everything that a service names is there and belongs to its owner. Partners of a joint offer are not
// kept with it: they stand there by their own consent (AnswerPartner).
func (t *tx) refers(ctx context.Context, x *directory.Service) error {
	p, err := docByID[directory.Provider](ctx, t, providers, string(x.Provider))
	if err != nil || p.Owner != x.Owner {
		return fault.New(fault.Invalid, "provider", "is none of this organisation", "choose one from the list, or add it")
	}
	for _, place := range x.Places {
		l, err := docByID[directory.Location](ctx, t, locations, string(place.Location))
		if err != nil || l.Owner != x.Owner {
			return fault.New(fault.Invalid, "places", "one of the places is none of this organisation", "choose one from the list, or add it")
		}
	}
	return nil
}

// visibleEntry says whether the actor may see a service: a draft is seen by its own house alone.
func visibleEntry(x *directory.Service, r authz.Release) authz.Object {
	if x.Draft {
		r = authz.Release{}
	}
	return entry(x.Owner, r)
}

// Service gives one service that the actor may see, with its provider and locations in the order of its places.
func (s *Store) Service(ctx context.Context, actor authz.Actor, id directory.ServiceID) (directory.Record, error) {
	var rec directory.Record
	r, err := releaseOf(ctx, s.read, authz.Entry, string(id), authz.ForDirectory)
	if err != nil {
		return rec, failed(err)
	}
	if rec.Service, err = docByID[directory.Service](ctx, s.read, services, string(id)); err != nil {
		return rec, err
	}
	if err := s.may(actor, authz.View, visibleEntry(&rec.Service, r)); err != nil {
		return directory.Record{}, err
	}
	rec.Released = r
	if rec.Provider, err = docByID[directory.Provider](ctx, s.read, providers, string(rec.Service.Provider)); err != nil {
		return directory.Record{}, err
	}
	for _, p := range rec.Places {
		l, err := docByID[directory.Location](ctx, s.read, locations, string(p.Location))
		if err != nil {
			return directory.Record{}, err
		}
		rec.Locations = append(rec.Locations, l)
	}
	if rec.Confirmations, err = s.confirmations(ctx, id); err != nil {
		return directory.Record{}, err
	}
	with, err := partnersOf(ctx, s.read, id)
	if err != nil {
		return directory.Record{}, err
	}
	joins(&rec, with[id])
	if s.may(actor, authz.View, authz.Object{Kind: authz.Observation}) == nil {
		rec.Observations, err = s.observations(ctx, id)
	}
	return rec, err
}

// Services gives every service that the actor may see, with provider and locations, by ID; owner narrows to one house
// where it is not empty, and after to those changed since.
func (s *Store) Services(ctx context.Context, actor authz.Actor, owner authz.OrganisationID, after time.Time) ([]directory.Record, error) {
	return s.records(ctx, owner, after, func(x *directory.Service, r authz.Release) bool {
		return s.may(actor, authz.View, visibleEntry(x, r)) == nil
	})
}

// records gives the services that are shown, whoever asks.
func (s *Store) records(ctx context.Context, owner authz.OrganisationID, after time.Time, shown func(*directory.Service, authz.Release) bool) ([]directory.Record, error) {
	since := ""
	if !after.IsZero() {
		since = stamp(after)
	}
	docs, err := rowsOf(ctx, s.read, scanDoc[directory.Service], `SELECT doc FROM services WHERE ($1 = '' OR owner = $1) AND modified > $2 ORDER BY id`, string(owner), since)
	if err != nil {
		return nil, failed(err)
	}
	released, err := releasesFor(ctx, s.read, authz.Entry, authz.ForDirectory)
	if err != nil {
		return nil, failed(err)
	}
	byProvider, err := byID(ctx, s.read, providers, func(p directory.Provider) string { return string(p.ID) })
	if err != nil {
		return nil, failed(err)
	}
	byLocation, err := byID(ctx, s.read, locations, func(l directory.Location) string { return string(l.ID) })
	if err != nil {
		return nil, failed(err)
	}
	confirmed, err := rowsOf(ctx, s.read, scanConfirmation, `SELECT service, field, organisation, how, at FROM confirmations ORDER BY service, at`)
	if err != nil {
		return nil, failed(err)
	}
	confirmations := map[directory.ServiceID][]directory.Confirmation{}
	for _, c := range confirmed {
		confirmations[c.Service] = append(confirmations[c.Service], c)
	}
	with, err := partnersOf(ctx, s.read, "")
	if err != nil {
		return nil, err
	}
	out := make([]directory.Record, 0, len(docs))
	for i := range docs {
		x := &docs[i]
		r := released[string(x.ID)]
		if !shown(x, r) {
			continue
		}
		rec := directory.Record{Service: *x, Provider: byProvider[string(x.Provider)], Released: r, Confirmations: confirmations[x.ID]}
		joins(&rec, with[x.ID])
		for _, p := range x.Places {
			rec.Locations = append(rec.Locations, byLocation[string(p.Location)])
		}
		out = append(out, rec)
	}
	return out, nil
}

func byID[T any](ctx context.Context, q querier, table entryTable, id func(T) string) (map[string]T, error) {
	docs, err := rowsOf(ctx, q, scanDoc[T], `SELECT doc FROM `+table.name)
	out := make(map[string]T, len(docs))
	for _, d := range docs {
		out[id(d)] = d
	}
	return out, err
}

// Providers gives the providers of a house, by name.
func (s *Store) Providers(ctx context.Context, actor authz.Actor, owner authz.OrganisationID) ([]directory.Provider, error) {
	if err := s.may(actor, authz.Change, entry(owner, authz.Release{})); err != nil {
		return nil, err
	}
	docs, err := rowsOf(ctx, s.read, scanDoc[directory.Provider], `SELECT doc FROM providers WHERE owner = $1 ORDER BY id`, string(owner))
	if err != nil {
		return nil, failed(err)
	}
	slices.SortStableFunc(docs, func(a, b directory.Provider) int { return compareText(a.Name, b.Name) })
	return docs, nil
}

// Locations gives the locations of a house, by city and street.
func (s *Store) Locations(ctx context.Context, actor authz.Actor, owner authz.OrganisationID) ([]directory.Location, error) {
	if err := s.may(actor, authz.Change, entry(owner, authz.Release{})); err != nil {
		return nil, err
	}
	docs, err := rowsOf(ctx, s.read, scanDoc[directory.Location], `SELECT doc FROM locations WHERE owner = $1 ORDER BY id`, string(owner))
	if err != nil {
		return nil, failed(err)
	}
	slices.SortStableFunc(docs, func(a, b directory.Location) int {
		if c := compareText(a.City, b.City); c != 0 {
			return c
		}
		return compareText(a.Street, b.Street)
	})
	return docs, nil
}

// service gives a service that the actor may do this to.
func (t *tx) service(ctx context.Context, id directory.ServiceID, do authz.Action) (directory.Service, error) {
	x, err := docByID[directory.Service](ctx, t, services, string(id))
	if err != nil {
		return x, err
	}
	r, err := releaseOf(ctx, t, authz.Entry, string(id), authz.ForDirectory)
	if err != nil {
		return x, err
	}
	return x, t.may(do, visibleEntry(&x, r))
}

// EndService notes that a service is no longer offered. It stays for the history, and is shown to nobody else.
func (s *Store) EndService(ctx context.Context, actor authz.Actor, at time.Time, id directory.ServiceID) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		x, err := t.service(ctx, id, authz.Remove)
		if err != nil {
			return err
		}
		return t.endService(ctx, x)
	})
}

func (t *tx) endService(ctx context.Context, x directory.Service) error {
	if !x.Ended.IsZero() {
		return nil
	}
	old := x
	x.Ended, x.Version, x.Modified = t.at, x.Version+1, t.at
	if err := t.keep(ctx, services, string(x.ID), x.Owner, old.Version, old, x, string(x.Provider), bit(x.Draft), stamp(t.at)); err != nil {
		return err
	}
	return t.release(ctx, authz.Ref{Kind: authz.Entry, Object: string(x.ID), Purpose: authz.ForDirectory}, x.Owner, authz.Release{})
}
