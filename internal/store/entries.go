package store

import (
	"context"
	"errors"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/form"
)

// SaveEntry keeps a service with its provider and first place in one transaction, or nothing of them. Without IDs they
// are new; a new one takes a provider of the same name and a location of the same address that the house has already.
func (s *Store) SaveEntry(ctx context.Context, actor authz.Actor, at time.Time, e directory.Entry, rules directory.Rules) (directory.ServiceID, error) {
	var f form.Fields
	var err error
	if e.Provider, err = e.Provider.Check(); err != nil {
		take(&f, err, map[string]string{"name": "provider"})
	}
	if e.Location, err = e.Location.Check(rules); err != nil {
		take(&f, err, nil)
	}
	placed := e.Location.Street != "" || e.Location.At != nil
	x := e.Service
	if placed {
		e.Place.Location = "first"
		x.Places = append([]directory.Place{e.Place}, restOf(x.Places)...)
	}
	if x, err = x.Check(rules, at); err != nil {
		take(&f, err, map[string]string{"place_1": "hours", "description": "details", "age": "min_age", "area": "reach"})
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	err = s.change(ctx, actor, at, func(t *tx) error {
		if err := t.houseProvider(ctx, &e.Provider); err != nil {
			return err
		}
		x.Provider = e.Provider.ID
		if placed {
			if err := t.houseLocation(ctx, &e.Location); err != nil {
				return err
			}
			x.Places[0].Location = e.Location.ID
		}
		return t.saveService(ctx, &x)
	})
	return x.ID, err
}

func restOf(places []directory.Place) []directory.Place {
	if len(places) < 2 {
		return nil
	}
	return places[1:]
}

// take adds the fields of a refusal to f, some under the name they have in the form.
func take(f *form.Fields, err error, names map[string]string) {
	for _, w := range form.Of(err) {
		if n, ok := names[w.Name]; ok {
			w.Name = n
		}
		f.Add(w.Name, w.Reason)
	}
}

// houseProvider keeps a provider where it is new or has changed.
func (t *tx) houseProvider(ctx context.Context, p *directory.Provider) error {
	mine, err := rowsOf(ctx, t, scanDoc[directory.Provider], `SELECT doc FROM providers WHERE owner = $1 ORDER BY id`, string(p.Owner))
	if err != nil {
		return err
	}
	for _, old := range mine {
		if old.ID == p.ID || p.ID == "" && directory.Name(old.Name) == directory.Name(p.Name) {
			p.ID, p.Version, p.Modified = old.ID, old.Version, old.Modified
			if *p == old {
				return nil
			}
			break
		}
	}
	return t.saveProvider(ctx, p)
}

// houseLocation likewise.
func (t *tx) houseLocation(ctx context.Context, l *directory.Location) error {
	mine, err := rowsOf(ctx, t, scanDoc[directory.Location], `SELECT doc FROM locations WHERE owner = $1 ORDER BY id`, string(l.Owner))
	if err != nil {
		return err
	}
	for _, old := range mine {
		same := l.ID == "" && directory.Street(old.Street) == directory.Street(l.Street) && old.Postcode == l.Postcode && old.Street != ""
		if old.ID == l.ID || same {
			l.ID, l.Version, l.Modified = old.ID, old.Version, old.Modified
			if l.At == nil {
				l.At = old.At
			}
			break
		}
	}
	return t.saveLocation(ctx, l)
}

// SetCapacity notes how much room a service has, as its house says now.
func (s *Store) SetCapacity(ctx context.Context, actor authz.Actor, at time.Time, id directory.ServiceID, c directory.Capacity) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		x, err := docByID[directory.Service](ctx, t, services, string(id))
		if err != nil {
			return err
		}
		x.Capacity = c
		checked, err := x.Check(directory.Rules{}, at)
		if err != nil {
			var f form.Fields
			f.Add("room", "unknown")
			return errors.Join(f.Err(), err)
		}
		return t.saveService(ctx, &checked)
	})
}
