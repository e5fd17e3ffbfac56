package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
)

// PlanImport says what ImportEntries would do, and does nothing: it does all of it in one transaction and takes it back.
func (s *Store) PlanImport(ctx context.Context, actor authz.Actor, at time.Time, owner authz.OrganisationID, system string, list []directory.Imported) (plan directory.ImportPlan, err error) {
	if system == "" {
		return plan, fault.New(fault.Invalid, "system", "is empty", "name the source")
	}
	planned := fault.New(fault.Conflict, "import", "is only planned", "")
	err = s.change(ctx, actor, at, func(t *tx) error {
		plan = directory.ImportPlan{}
		if err := t.may(authz.Create, entry(owner, authz.Release{})); err != nil {
			return err
		}
		i := importing{tx: t, owner: owner, system: system, out: &plan.ImportOutcome}
		told := map[string]bool{}
		for k := range list {
			told[list[k].Source] = true
			before := plan.ImportOutcome
			i.fields = nil
			id, err := i.take(ctx, list[k])
			if err != nil {
				return err
			}
			name, _ := list[k].Service.Name.In("de")
			c := directory.ImportChange{Kind: directory.ImportUnchanged, Source: list[k].Source, Service: directory.ServiceID(id), Name: name, Fields: i.fields}
			switch {
			case list[k].Gone:
				if plan.Changed > before.Changed {
					c.Kind, plan.Gone = directory.ImportGone, plan.Gone+1
				}
				plan.ImportOutcome = before
			case plan.Created > before.Created:
				c.Kind, c.Service, c.Fields = directory.ImportNew, "", nil
			case plan.Changed > before.Changed:
				c.Kind = directory.ImportChanged
			}
			if c.Kind != directory.ImportUnchanged {
				plan.Changes = append(plan.Changes, c)
			}
		}
		left, err := i.untold(ctx, told)
		if err != nil {
			return err
		}
		plan.Gone, plan.Changes = plan.Gone+len(left), append(plan.Changes, left...)
		return planned
	})
	if errors.Is(err, planned) {
		return plan, nil
	}
	return directory.ImportPlan{}, err
}

// untold gives the shown services of the house that a source told of before and tells nothing of now.
func (i *importing) untold(ctx context.Context, told map[string]bool) ([]directory.ImportChange, error) {
	known, err := rowsOf(ctx, i, func(row scanner) (c directory.ImportChange, err error) {
		var doc string
		if err := row.Scan(&c.Source, &c.Service, &doc); err != nil {
			return c, err
		}
		x, err := docOf[directory.Service](doc)
		c.Kind = directory.ImportGone
		c.Name, _ = x.Name.In("de")
		return c, err
	}, `SELECT e.source_id, e.entry, s.doc FROM entry_sources e JOIN services s ON s.id = e.entry
		WHERE e.kind = 'service' AND e.system = $1 AND s.owner = $2 AND s.draft = 0 AND s.ended = '' ORDER BY e.source_id`, i.system, string(i.owner))
	return slices.DeleteFunc(known, func(c directory.ImportChange) bool { return told[c.Source] }), err
}

// UnsafeForgetImports forgets the files that nobody took over in time. It gives how many.
func (s *Store) UnsafeForgetImports(ctx context.Context, at time.Time) (forgotten int64, err error) {
	err = s.change(ctx, authz.Public(), at, func(t *tx) error {
		done, err := t.ExecContext(ctx, `DELETE FROM import_drafts WHERE made < $1`, stamp(at.Add(-directory.ImportDraftHours*time.Hour)))
		if err != nil {
			return err
		}
		forgotten, err = done.RowsAffected()
		return err
	})
	return forgotten, err
}

// KeepImportDraft keeps a file until it is taken over. It gives its name.
func (s *Store) KeepImportDraft(ctx context.Context, actor authz.Actor, at time.Time, d directory.ImportDraft) (string, error) {
	err := s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Create, entry(d.Owner, authz.Release{})); err != nil {
			return err
		}
		if d.ID == "" {
			d.ID, d.Made = newID("u"), t.at
		}
		raw, err := json.Marshal(d)
		if err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, `INSERT INTO import_drafts (id, owner, system, made, doc) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc`,
			d.ID, string(d.Owner), d.System, stamp(d.Made), string(raw))
		return err
	})
	return d.ID, err
}

// ImportDraft gives a file that waits in a house.
func (s *Store) ImportDraft(ctx context.Context, actor authz.Actor, house authz.OrganisationID, id string) (directory.ImportDraft, error) {
	if err := s.may(actor, authz.Create, entry(house, authz.Release{})); err != nil {
		return directory.ImportDraft{}, err
	}
	return found(s.read.QueryRowContext(ctx, `SELECT doc FROM import_drafts WHERE id = $1 AND owner = $2`, id, string(house)), scanDoc[directory.ImportDraft], absent(authz.Entry))
}

// ImportDrafts gives the files that wait in a house, the latest first, without what is in them.
func (s *Store) ImportDrafts(ctx context.Context, actor authz.Actor, house authz.OrganisationID) ([]directory.ImportDraft, error) {
	if err := s.may(actor, authz.Create, entry(house, authz.Release{})); err != nil {
		return nil, err
	}
	out, err := rowsOf(ctx, s.read, func(row scanner) (d directory.ImportDraft, err error) {
		var made string
		if err := row.Scan(&d.ID, &d.System, &made); err != nil {
			return d, err
		}
		d.Owner = house
		d.Made, err = timeOf(made)
		return d, err
	}, `SELECT id, system, made FROM import_drafts WHERE owner = $1 ORDER BY made DESC, id`, string(house))
	if err != nil {
		return nil, failed(err)
	}
	return out, nil
}

// DropImportDraft forgets a file.
func (s *Store) DropImportDraft(ctx context.Context, actor authz.Actor, at time.Time, house authz.OrganisationID, id string) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Create, entry(house, authz.Release{})); err != nil {
			return err
		}
		return t.one(ctx, absent(authz.Entry), `DELETE FROM import_drafts WHERE id = $1 AND owner = $2`, id, string(house))
	})
}

// ImportSources gives what a house has read files of, by name.
func (s *Store) ImportSources(ctx context.Context, actor authz.Actor, house authz.OrganisationID) ([]directory.ImportSource, error) {
	if err := s.may(actor, authz.Create, entry(house, authz.Release{})); err != nil {
		return nil, err
	}
	out, err := rowsOf(ctx, s.read, func(row scanner) (x directory.ImportSource, err error) {
		var mapping, used string
		if err := row.Scan(&x.System, &x.Format, &mapping, &used); err != nil {
			return x, err
		}
		if mapping != "" {
			m, err := docOf[directory.ImportMapping](mapping)
			if err != nil {
				return x, err
			}
			x.Mapping = &m
		}
		x.Used, err = timeOf(used)
		return x, err
	}, `SELECT system, format, mapping, used FROM import_sources WHERE owner = $1 ORDER BY system`, string(house))
	if err != nil {
		return nil, failed(err)
	}
	return out, nil
}

// KeepImportSource keeps how a house reads the files of a source.
func (s *Store) KeepImportSource(ctx context.Context, actor authz.Actor, at time.Time, house authz.OrganisationID, x directory.ImportSource) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Create, entry(house, authz.Release{})); err != nil {
			return err
		}
		mapping := ""
		if x.Mapping != nil {
			raw, err := json.Marshal(x.Mapping)
			if err != nil {
				return err
			}
			mapping = string(raw)
		}
		_, err := t.ExecContext(ctx, `INSERT INTO import_sources (owner, system, format, mapping, used) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (owner, system) DO UPDATE SET format = excluded.format, mapping = excluded.mapping, used = excluded.used`, string(house), x.System, x.Format, mapping, stamp(t.at))
		return err
	})
}
