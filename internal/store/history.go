package store

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/history"
	"gevor/organisation"
)

const changeColumns = `c.sequence, c.at, c.actor, COALESCE(p.id, ''), COALESCE(p.name, ''), c.kind, c.object, c.owner, c.verb, c.before, c.after, COALESCE(c.undoes, 0)`

const changesWithPeople = ` FROM changes c LEFT JOIN actors a ON a.pseudonym = c.actor LEFT JOIN people p ON p.id = a.person `

func scanChange(row scanner) (c history.Change, err error) {
	var at, before, after string
	if err := row.Scan(&c.Sequence, &at, &c.Actor, &c.Person, &c.Name, &c.Kind, &c.Object, &c.Owner, &c.Verb, &before, &after, &c.Undoes); err != nil {
		return c, err
	}
	if before != "" {
		c.Before = json.RawMessage(before)
	}
	if after != "" {
		c.After = json.RawMessage(after)
	}
	c.At, err = timeOf(at)
	return c, err
}

// History gives changes of an organisation's things, the latest first, below a sequence number (0: from the latest).
// kind and object narrow it where they are not empty.
func (s *Store) History(ctx context.Context, actor authz.Actor, owner authz.OrganisationID, kind authz.Kind, object string, below int64, limit int) ([]history.Change, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.History, Owner: owner}); err != nil {
		return nil, err
	}
	changes, err := rowsOf(ctx, s.read, scanChange, `SELECT `+changeColumns+changesWithPeople+
		`WHERE c.owner = $1 AND ($2 = '' OR c.kind = $2) AND ($3 = '' OR c.object = $3) AND ($4 = 0 OR c.sequence < $4) ORDER BY c.sequence DESC LIMIT $5`,
		string(owner), string(kind), object, below, limit)
	if err != nil {
		return nil, failed(err)
	}
	return changes, nil
}

// Undo takes a change back: the thing gets the state it had before. It is a change of its own, with the rights that
// any change of the thing needs. Stale where the thing has changed again since; Conflict for what cannot be undone.
// What was released further is taken back with Release, what was withdrawn is never given back by Undo.
func (s *Store) Undo(ctx context.Context, actor authz.Actor, at time.Time, sequence int64) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		c, err := found(t.QueryRowContext(ctx, `SELECT `+changeColumns+changesWithPeople+`WHERE c.sequence = $1`, sequence), scanChange, absent(authz.History))
		if err != nil {
			return err
		}
		if err := t.may(authz.Undo, authz.Object{Kind: authz.History, Owner: c.Owner}); err != nil {
			return err
		}
		if !c.Undoable() {
			return fault.New(fault.Conflict, "history", "this change cannot be undone", "make a new change instead")
		}
		var later int64
		if err := t.QueryRowContext(ctx, `SELECT COALESCE(max(sequence), 0) FROM changes WHERE kind = $1 AND object = $2 AND owner = $3 AND verb <> 'released' AND verb <> 'withdrawn'`, string(c.Kind), c.Object, string(c.Owner)).Scan(&later); err != nil {
			return err
		}
		if later != c.Sequence {
			return stale(c.Kind)
		}
		return t.undo(ctx, c)
	})
}

func (t *tx) undo(ctx context.Context, c history.Change) error {
	unreadable := func(err error) error {
		return fault.Wrap(fault.Conflict, "history", "this change was made by an older program and cannot be undone", "make a new change instead", err)
	}
	switch c.Kind {
	case authz.Organisation:
		var was, is organisation.Organisation
		if err := json.Unmarshal(c.Before, &was); err != nil {
			return unreadable(err)
		}
		if err := json.Unmarshal(c.After, &is); err != nil {
			return unreadable(err)
		}
		was.Version = is.Version
		return t.changeOrganisation(ctx, was, c.Sequence)
	case authz.Members:
		var was seat
		if err := json.Unmarshal(c.Before, &was); err != nil {
			return unreadable(err)
		}
		m, err := found(t.QueryRowContext(ctx, `SELECT `+membershipColumns+` FROM memberships m JOIN actors a ON a.person = m.person WHERE m.organisation = $1 AND a.pseudonym = $2`, string(c.Owner), c.Object),
			func(row scanner) (organisation.Membership, error) { return scanMembership(row) }, absent(authz.Members))
		if err != nil {
			return err
		}
		return t.setRoles(ctx, c.Owner, m.Person, m.Version, was.Roles, c.Sequence)
	}
	return fault.New(fault.Internal, "history", "a kind that can be undone has no way to do it: "+string(c.Kind), "")
}

// The facts about the installation.
const (
	factOperator = "operator" // the organisation that runs it
	factDemo     = "demo"     // "yes" in a database that was made for a demo region
)

func factOf(ctx context.Context, q querier, name string) (string, error) {
	values, err := rowsOf(ctx, q, func(row scanner) (v string, err error) {
		err = row.Scan(&v)
		return v, err
	}, `SELECT value FROM installation WHERE name = $1`, name)
	return strings.Join(values, ""), err // there is at most one
}

func (t *tx) setFact(ctx context.Context, name, value string) error {
	_, err := t.ExecContext(ctx, `INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}
