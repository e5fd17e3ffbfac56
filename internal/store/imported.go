package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
)

// ImportOutcome counts what an import did.
type ImportOutcome = directory.ImportOutcome

// importBatch is how many services are written in one transaction.
const importBatch = 250

// verbRead stands in the history for what a source said: the next reading is held against it.
const verbRead = "imported"

// ImportEntries takes over what a source says. It recognises by (system, the source's name) what it took over before, and
// changes only what the source has changed since. A field that somebody of the house has written since stays as it is.
// Services that are new are released as told. The actor must be allowed to create entries of the owner. Each batch of
// services counts whole or not at all; done is told how many are through, and may be nil.
func (s *Store) ImportEntries(ctx context.Context, actor authz.Actor, at time.Time, owner authz.OrganisationID, system string, release authz.Release, list []directory.Imported, done func(int)) (out ImportOutcome, err error) {
	if system == "" {
		return out, fault.New(fault.Invalid, "system", "is empty", "name the source")
	}
	for part := range slices.Chunk(list, importBatch) {
		counted := out
		if err := s.change(ctx, actor, at, func(t *tx) error {
			counted = out // a transaction may be tried again
			if err := t.may(authz.Create, entry(owner, authz.Release{})); err != nil {
				return err
			}
			i := importing{tx: t, owner: owner, system: system, release: release, out: &counted}
			for k := range part {
				if _, err := i.take(ctx, part[k]); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return out, err
		}
		out = counted
		if done != nil {
			done(len(part))
		}
	}
	return out, nil
}

type importing struct {
	*tx
	owner   authz.OrganisationID
	system  string
	release authz.Release
	out     *ImportOutcome
	fields  []string // that were changed since somebody emptied it
}

// take takes over one service with its provider and locations, and gives its ID.
func (i *importing) take(ctx context.Context, x directory.Imported) (string, error) {
	if x.Gone {
		return "", i.hide(ctx, x.Source)
	}
	before := *i.out
	p, err := takeOver(ctx, i, providers, "provider", x.ProviderName, x.Provider, x.ProviderUnread)
	if err != nil {
		return "", err
	}
	x.Service.Provider = directory.ProviderID(p)
	for k := range x.Places {
		l, err := takeOver(ctx, i, locations, "location", x.Places[k].Source, x.Places[k].Location, x.Places[k].Unread)
		if err != nil {
			return "", err
		}
		x.Service.Places[k].Location = directory.LocationID(l)
	}
	touched := i.out.Changed > before.Changed // of provider and places: counted as a change of the service
	i.out.Created, i.out.Changed, i.out.Unchanged = before.Created, before.Changed, before.Unchanged
	x.Service.Sources = []directory.Source{{System: i.system, ID: x.Source}}
	id, err := takeOver(ctx, i, services, "service", x.Source, x.Service, x.Unread)
	if err != nil {
		return "", err
	}
	if touched && i.out.Unchanged > before.Unchanged {
		i.out.Unchanged, i.out.Changed = i.out.Unchanged-1, i.out.Changed+1
	}
	if i.out.Created > before.Created {
		if err := i.tx.release(ctx, authz.Ref{Kind: authz.Entry, Object: id, Purpose: authz.ForDirectory}, i.owner, i.release); err != nil {
			return id, err
		}
	}
	for _, c := range x.Assured {
		if c.At.After(i.at) {
			continue // nothing was confirmed in the future
		}
		done, err := i.ExecContext(ctx, `INSERT INTO confirmations (service, field, organisation, how, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (service, field, at, organisation) DO NOTHING`,
			id, c.Field, string(i.owner), string(c.How), stamp(c.At))
		if err != nil {
			return "", err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 || i.out.Created > before.Created {
			if err != nil {
				return id, err
			}
			continue
		}
		if err := i.record(ctx, authz.Entry, id, i.owner, "confirmed", nil, struct{ Field, How string }{c.Field, string(c.How)}); err != nil {
			return id, err
		}
	}
	return id, nil
}

// hide makes a draft of what a source shows no more. What was never taken over stays unknown.
func (i *importing) hide(ctx context.Context, source string) error {
	var id string
	err := i.QueryRowContext(ctx, `SELECT entry FROM entry_sources WHERE kind = 'service' AND system = $1 AND source_id = $2`, i.system, source).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	said, err := fieldsOf(directory.Service{Draft: true})
	if err != nil {
		return err
	}
	var untold []string
	for name := range said {
		if name != "Draft" {
			untold = append(untold, name)
		}
	}
	return i.renew(ctx, services, id, said, untold)
}

// takeOver takes over one record of a table and gives its ID. unread names fields that stay as they are in a record that is
// there already.
func takeOver[T any](ctx context.Context, i *importing, table entryTable, kind, source string, said T, unread []string) (string, error) {
	if source == "" {
		return "", fault.New(fault.Invalid, kind, "has no name in its source", "give it an id")
	}
	fields, err := fieldsOf(said)
	if err != nil {
		return "", err
	}
	var id string
	err = i.QueryRowContext(ctx, `SELECT entry FROM entry_sources WHERE kind = $1 AND system = $2 AND source_id = $3`, kind, i.system, source).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return i.create(ctx, table, kind, source, fields)
	}
	if err != nil {
		return "", err
	}
	return id, i.renew(ctx, table, id, fields, unread)
}

func (i *importing) create(ctx context.Context, table entryTable, kind, source string, said map[string]json.RawMessage) (string, error) {
	id := newID(table.id)
	is, err := i.put(ctx, table, id, 0, said)
	if err != nil {
		return "", err
	}
	i.out.Created++
	if _, err := i.ExecContext(ctx, `INSERT INTO entry_sources (kind, system, source_id, entry, read_at) VALUES ($1, $2, $3, $4, $5)`, kind, i.system, source, id, stamp(i.at)); err != nil {
		return "", err
	}
	return id, i.record(ctx, authz.Entry, id, i.owner, verbRead, nil, is)
}

// renew changes what the source has changed since it was read last, and nobody of the house has written.
func (i *importing) renew(ctx context.Context, table entryTable, id string, said map[string]json.RawMessage, unread []string) error {
	var owner, doc, base string
	var version int
	if err := i.QueryRowContext(ctx, `SELECT owner, version, doc FROM `+table.name+` WHERE id = $1`, id).Scan(&owner, &version, &doc); err != nil {
		return absentIfNone(err, authz.Entry)
	}
	if authz.OrganisationID(owner) != i.owner {
		return fault.New(fault.Conflict, "owner", "what this source describes belongs to another organisation by now", "import it for that organisation, or under another name of the source")
	}
	err := i.QueryRowContext(ctx, `SELECT after FROM changes WHERE kind = $1 AND object = $2 AND verb = $3 ORDER BY sequence DESC LIMIT 1`, string(authz.Entry), id, verbRead).Scan(&base)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	was, err := rawFields(base)
	if err != nil {
		return err
	}
	is, err := rawFields(doc)
	if err != nil {
		return err
	}
	for _, name := range unread { // as the source said it when it could be read last
		if before, ok := was[name]; ok {
			said[name] = before
		} else {
			delete(said, name)
		}
	}
	spoke, changed := false, false // the source says something else; the record becomes something else
	for name, value := range said {
		if sameJSON(value, was[name]) {
			continue
		}
		spoke = true
		switch {
		case sameJSON(is[name], value):
		case len(was) > 0 && sameJSON(is[name], was[name]):
			is[name], changed = value, true
			i.wrote(table, name)
		default:
			i.out.Kept++
		}
	}
	if spoke {
		if err := i.record(ctx, authz.Entry, id, i.owner, verbRead, nil, said); err != nil {
			return err
		}
	}
	if !changed {
		i.out.Unchanged++
		return nil
	}
	i.out.Changed++
	now, err := i.put(ctx, table, id, version, is)
	if err != nil {
		return err
	}
	if err := i.record(ctx, authz.Entry, id, i.owner, "changed", json.RawMessage(doc), now); err != nil {
		return err
	}
	return i.rewrote(ctx, table, doc, string(now))
}

// rewrote notes which of the fields that are confirmed one by one the source has written anew.
func (i *importing) rewrote(ctx context.Context, table entryTable, before, after string) error {
	switch table {
	case services:
		was, err := docOf[directory.Service](before)
		if err != nil {
			return err
		}
		is, err := docOf[directory.Service](after)
		if err != nil {
			return err
		}
		return i.rewritten(ctx, was, is, directory.ByFeed)
	case locations:
		was, err := docOf[directory.Location](before)
		if err != nil {
			return err
		}
		is, err := docOf[directory.Location](after)
		if err != nil {
			return err
		}
		return i.moved(ctx, was, is, directory.ByFeed)
	}
	return nil
}

// wrote notes that a field was changed.
func (i *importing) wrote(table entryTable, field string) {
	switch table {
	case providers:
		field = "provider"
	case locations:
		field = "place"
	}
	if !slices.Contains(i.fields, field) {
		i.fields = append(i.fields, field)
	}
}

// put writes a record with the fields that every record has: a new one with version 0.
func (i *importing) put(ctx context.Context, table entryTable, id string, version int, fields map[string]json.RawMessage) (json.RawMessage, error) {
	for name, value := range map[string]any{"ID": id, "Owner": i.owner, "Version": version + 1, "Modified": i.at} {
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		fields[name] = raw
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	var more []any
	if table == services {
		x, err := docOf[directory.Service](string(raw))
		if err != nil {
			return nil, err
		}
		ended := ""
		if !x.Ended.IsZero() {
			ended = stamp(x.Ended)
		}
		more = []any{string(x.Provider), bit(x.Draft), ended}
	}
	return raw, i.write(ctx, table, id, i.owner, version, string(raw), more...)
}

// own are the fields of a record that its source does not tell.
var ownFields = []string{"ID", "Owner", "Version", "Modified"}

func fieldsOf(x any) (map[string]json.RawMessage, error) {
	raw, err := json.Marshal(x)
	if err != nil {
		return nil, err
	}
	out, err := rawFields(string(raw))
	for _, name := range ownFields {
		delete(out, name)
	}
	return out, err
}

func rawFields(doc string) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	if doc == "" {
		return out, nil
	}
	if err := json.Unmarshal([]byte(doc), &out); err != nil {
		return nil, fault.Wrap(fault.Corrupt, "directory", "an entry cannot be read", "restore it from a backup", err)
	}
	return out, nil
}

// sameJSON says whether two texts are the same value, whatever the order of names in them.
func sameJSON(a, b json.RawMessage) bool {
	if string(a) == string(b) {
		return true
	}
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	return reflect.DeepEqual(x, y)
}
