package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/history"
)

// audited says whether what happens to things of a kind stands in the record that checkpoints protect.
func audited(k authz.Kind) bool { return k == authz.Handover || k == authz.SealKey }

// audit adds a line to the record, in the same transaction as what it tells: when, what, whose, how, and by whom under
// the name of the history. Lines have numbers without gaps, from 0.
func (t *tx) audit(ctx context.Context, who string, k authz.Kind, object string, owner authz.OrganisationID, verb string) error {
	var n int64
	if err := t.QueryRowContext(ctx, `UPDATE audit_head SET size = size + 1 WHERE id = 1 RETURNING size - 1`).Scan(&n); err != nil {
		return err
	}
	line := strings.Join([]string{stamp(t.at), string(k), object, string(owner), verb, who}, " ")
	_, err := t.ExecContext(ctx, `INSERT INTO audit_records (sequence, line) VALUES ($1, $2)`, n, line)
	return err
}

// AuditRecords gives all lines of the record in order.
func (s *Store) AuditRecords(ctx context.Context) ([][]byte, error) {
	lines, err := rowsOf(ctx, s.read, func(row scanner) (line []byte, err error) {
		var text string
		err = row.Scan(&text)
		return []byte(text), err
	}, `SELECT line FROM audit_records ORDER BY sequence`)
	if err != nil {
		return nil, failed(err)
	}
	return lines, nil
}

// everybody stands in a line in the place of the organisation where the line is about all of them.
const everybody = "-"

// UnsafeNoteBundle writes the hash of the shipped scripts into the record where it is not the last one there: whoever
// keeps checkpoints can say afterwards which scripts sealed.
func (s *Store) UnsafeNoteBundle(ctx context.Context, at time.Time, hash string) error {
	return s.change(ctx, authz.Public(), at, func(t *tx) error {
		var last string
		err := t.QueryRowContext(ctx, `SELECT line FROM audit_records WHERE line LIKE $1 ORDER BY sequence DESC LIMIT 1`, "% "+history.Bundle+" %").Scan(&last)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if f := strings.Fields(last); len(f) > 2 && f[2] == hash {
			return nil
		}
		return t.audit(ctx, history.Installation, history.Bundle, hash, everybody, "shipped")
	})
}

// Trail gives the lines of the record about an organisation's things and about everybody, the latest first, with the
// names of those who are still known: so many at most, all for 0. Cost: from the end of the record as far back as that
// takes.
func (s *Store) Trail(ctx context.Context, actor authz.Actor, o authz.OrganisationID, most int) ([]history.Trace, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.SealKey, Owner: o}); err != nil {
		return nil, err
	}
	names := map[string]string{}
	known, err := rowsOf(ctx, s.read, func(row scanner) (x [2]string, err error) { return x, row.Scan(&x[0], &x[1]) },
		`SELECT a.pseudonym, p.name FROM actors a JOIN people p ON p.id = a.person`)
	if err != nil {
		return nil, failed(err)
	}
	for _, x := range known {
		names[x[0]] = x[1]
	}
	if most == 0 {
		most = math.MaxInt32
	}
	lines, err := rowsOf(ctx, s.read, func(row scanner) (x history.Trace, err error) {
		var line string
		if err := row.Scan(&x.Number, &line); err != nil {
			return x, err
		}
		err = readTrace(&x, line)
		return x, err
	}, `SELECT sequence, line FROM audit_records WHERE line LIKE $1 OR line LIKE $2 ORDER BY sequence DESC LIMIT $3`, "% "+string(o)+" %", "% "+everybody+" %", most)
	if err != nil {
		return nil, failed(err)
	}
	out := lines[:0]
	for _, x := range lines {
		if x.Owner == o || x.Owner == everybody { // elsewhere in a line the words mean something else
			x.Name = names[x.Actor]
			out = append(out, x)
		}
	}
	return out, nil
}

// readTrace reads what audit wrote.
func readTrace(x *history.Trace, line string) (err error) {
	f := strings.Fields(line)
	if len(f) != 6 {
		return fault.New(fault.Corrupt, "audit", fmt.Sprintf("record %d has another form", x.Number), "run gevor audit verify")
	}
	x.Kind, x.Object, x.Owner, x.Verb, x.Actor = authz.Kind(f[1]), f[2], authz.OrganisationID(f[3]), f[4], f[5]
	x.At, err = timeOf(f[0])
	return err
}
