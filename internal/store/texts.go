package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/history"
	"gevor/statement"
)

var errUnwritten = errors.New("nobody has written this text yet")

func scanText(row scanner) (x statement.Text, err error) {
	var changed string
	if err := row.Scan(&x.Name, &x.Language, &x.Body, &changed, &x.Version); err != nil {
		return x, err
	}
	x.Changed, err = timeOf(changed)
	return x, err
}

func textOf(ctx context.Context, q querier, name statement.Name, lang string) (statement.Text, error) {
	x, err := found(q.QueryRowContext(ctx, `SELECT name, language, body, changed, version FROM texts WHERE name = $1 AND language = $2`, string(name), lang), scanText, errUnwritten)
	if errors.Is(err, errUnwritten) {
		return statement.Text{Name: name, Language: lang}, nil
	}
	return x, err
}

// Text gives a text of the installation; one that nobody has written yet has version 0 and no body.
func (s *Store) Text(ctx context.Context, actor authz.Actor, name statement.Name, lang string) (statement.Text, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Site}); err != nil {
		return statement.Text{}, err
	}
	return textOf(ctx, s.read, name, lang)
}

// SetText writes a text; x.Version names the version it is based on, 0 for the first. Stale where somebody else has
// written it since.
func (s *Store) SetText(ctx context.Context, actor authz.Actor, at time.Time, x statement.Text) error {
	if err := s.may(actor, authz.Change, authz.Object{Kind: authz.Site}); err != nil {
		return err
	}
	x, err := x.Check()
	if err != nil {
		return err
	}
	return s.change(ctx, actor, at, func(t *tx) error {
		was, err := textOf(ctx, t, x.Name, x.Language)
		if err != nil {
			return err
		}
		query := `UPDATE texts SET body = $3, changed = $4, version = version + 1 WHERE name = $1 AND language = $2 AND version = $5`
		args := []any{string(x.Name), x.Language, x.Body, stamp(t.at), x.Version}
		if x.Version == 0 {
			query, args = `INSERT INTO texts (name, language, body, changed) VALUES ($1, $2, $3, $4) ON CONFLICT (name, language) DO NOTHING`, args[:4]
		}
		if err := t.one(ctx, stale(authz.Site), query, args...); err != nil {
			return err
		}
		if was.Version == 0 {
			return t.record(ctx, authz.Site, textObject(x.Name, x.Language), "", "created", nil, written{x.Body})
		}
		return t.record(ctx, authz.Site, textObject(x.Name, x.Language), "", "changed", written{was.Body}, written{x.Body})
	})
}

// written is a text as the history keeps it.
type written struct{ Body string }

func textObject(name statement.Name, lang string) string { return string(name) + "/" + lang }

// TextHistory gives the changes of a text, the latest first, to those who may change it.
func (s *Store) TextHistory(ctx context.Context, actor authz.Actor, name statement.Name, lang string) ([]history.Change, error) {
	if err := s.may(actor, authz.Change, authz.Object{Kind: authz.Site}); err != nil {
		return nil, err
	}
	changes, err := rowsOf(ctx, s.read, scanChange, `SELECT `+changeColumns+changesWithPeople+`WHERE c.kind = $1 AND c.object = $2 ORDER BY c.sequence DESC LIMIT 100`,
		string(authz.Site), textObject(name, lang))
	if err != nil {
		return nil, failed(err)
	}
	return changes, nil
}

// RestoreText gives a text the body that it had after an earlier change, as a change of its own. version is that of the
// text which is being replaced. NotFound where the change is of something else.
func (s *Store) RestoreText(ctx context.Context, actor authz.Actor, at time.Time, name statement.Name, lang string, sequence int64, version int) error {
	changes, err := s.TextHistory(ctx, actor, name, lang)
	if err != nil {
		return err
	}
	for _, c := range changes {
		if c.Sequence != sequence {
			continue
		}
		for _, f := range history.Fields(nil, c.After) {
			if f.Name == "Body" {
				return s.SetText(ctx, actor, at, statement.Text{Name: name, Language: lang, Body: f.After, Version: version})
			}
		}
		return fault.New(fault.Conflict, "history", "this change was made by an older program and cannot be restored", "copy the text instead")
	}
	return absent(authz.Site)
}

// UnfilledTexts names the texts of an installation that still have places to be written in a language, those that nobody
// has written at all among them. It opens the database, reads, and changes nothing.
func UnfilledTexts(ctx context.Context, dsn, lang string) (out []statement.Name, err error) {
	err = peek(ctx, dsn, func(s *Store) error {
		tables, err := s.tables(ctx, s.read)
		if err != nil {
			return err
		}
		for _, name := range statement.Names() {
			var x statement.Text
			if slices.Contains(tables, "texts") {
				if x, err = textOf(ctx, s.read, name, lang); err != nil {
					return err
				}
			}
			if x.Version == 0 || len(statement.Unfilled(x.Body)) > 0 {
				out = append(out, name)
			}
		}
		return nil
	})
	return out, err
}
