package store

import (
	"context"
	"errors"
	"time"

	"gevor/alliance"
	"gevor/authz"
)

const noteColumns = `id, dossier, owner, kind, said, at, taken`

func scanNote(row scanner) (n alliance.Note, err error) {
	var at, taken string
	if err := row.Scan(&n.ID, &n.Dossier, &n.Owner, &n.Kind, &n.Text, &at, &taken); err != nil {
		return n, err
	}
	var err2 error
	n.At, err = timeOf(at)
	n.Taken, err2 = timeOf(taken)
	return n, errors.Join(err, err2)
}

func noteObject(n alliance.Note) authz.Object {
	return authz.Object{Kind: authz.Note, Owner: n.Owner}
}

// Notes gives what organisations said of a dossier, the earliest first; what was taken back has no words any more.
func (s *Store) Notes(ctx context.Context, actor authz.Actor, dossier string) ([]alliance.Note, error) {
	all, err := rowsOf(ctx, s.read, scanNote, `SELECT `+noteColumns+` FROM dossier_notes WHERE dossier = $1 ORDER BY at, id`, dossier)
	if err != nil {
		return nil, failed(err)
	}
	var out []alliance.Note
	for _, n := range all {
		if s.may(actor, authz.View, noteObject(n)) == nil {
			out = append(out, n)
		}
	}
	return out, nil
}

// AddNote adds what the organisation n.Owner says to a dossier that the actor may see. Only its own people speak for it.
func (s *Store) AddNote(ctx context.Context, actor authz.Actor, at time.Time, n alliance.Note) (id string, err error) {
	id = newID("n")
	err = s.change(ctx, actor, at, func(t *tx) error {
		d, err := dossierByID(ctx, t, n.Dossier)
		if err != nil {
			return err
		}
		if err := t.may(authz.View, dossierObject(d)); err != nil {
			return err
		}
		if err := t.may(authz.Create, noteObject(n)); err != nil {
			return err
		}
		if n, err = n.Check(); err != nil {
			return err
		}
		n.ID, n.At = id, t.at
		if _, err := t.ExecContext(ctx, `INSERT INTO dossier_notes (`+noteColumns+`) VALUES ($1, $2, $3, $4, $5, $6, '')`, n.ID, n.Dossier, string(n.Owner), string(n.Kind), n.Text, stamp(n.At)); err != nil {
			return err
		}
		return t.record(ctx, authz.Note, n.ID, n.Owner, "said", nil, n)
	})
	return id, err
}

// TakeNoteBack removes the words of a note in the name of the organisation that said it; the line stays.
func (s *Store) TakeNoteBack(ctx context.Context, actor authz.Actor, at time.Time, id string) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		was, err := found(t.QueryRowContext(ctx, `SELECT `+noteColumns+` FROM dossier_notes WHERE id = $1`, id), scanNote, absent(authz.Note))
		if err != nil {
			return err
		}
		if err := t.may(authz.Remove, noteObject(was)); err != nil {
			return err
		}
		is, err := was.Withdraw(t.at)
		if err != nil {
			return err
		}
		if err := t.one(ctx, stale(authz.Note), `UPDATE dossier_notes SET said = '', taken = $2 WHERE id = $1 AND taken = ''`, id, stamp(is.Taken)); err != nil {
			return err
		}
		return t.record(ctx, authz.Note, id, was.Owner, "withdrawn", nil, is)
	})
}
