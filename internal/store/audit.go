package store

import (
	"context"
	"strings"

	"gevor/authz"
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
