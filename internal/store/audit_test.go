package store_test

import (
	"database/sql"
	"strings"
	"testing"

	"gevor/fault"
	"gevor/handover"
	"gevor/internal/audit"
)

// handoverAudited goes through a handover and holds its record against checkpoints; the control edits the table.
func handoverAudited(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	ctx := t.Context()
	n := w.draft(handover.StatusOnly)
	w.sent(n)
	if _, err := w.reads(n); err != nil {
		t.Fatal(err)
	}
	w.answers(n, 3, handover.Command{Verb: handover.Accept})
	records := must[[][]byte](t)(w.AuditRecords(ctx))
	var verbs []string
	for _, r := range records {
		words := strings.Fields(string(r))
		if words[2] == string(n.ID) {
			verbs = append(verbs, words[4])
		}
		if strings.Contains(string(r), "Zaunkönig") || strings.Contains(string(r), "@") {
			t.Errorf("the record names somebody: %s", r)
		}
	}
	if got := strings.Join(verbs, " "); got != "created receipt consent send send open open accept accept" { // in the name of both sides
		t.Errorf("the record says %q", got)
	}
	secret, public, err := audit.Keys("gevor.example")
	w.does("keys", err)
	c, err := audit.Checkpoint(records, day, secret)
	w.does("checkpoint", err)
	file := audit.Join(nil, c)
	w.answers(n, 4, handover.Command{Verb: handover.Start})
	if r, err := audit.Verify(must[[][]byte](t)(w.AuditRecords(ctx)), file, public); err != nil || r.Records != r.Covered+2 {
		t.Errorf("%+v, %v", r, err)
	}
	for _, tampering := range []string{
		`UPDATE audit_records SET line = REPLACE(line, ' open ', ' read ') WHERE sequence = 10`,
		`DELETE FROM audit_records WHERE sequence = 5`,
	} {
		w.does("tamper", w.Within(ctx, func(tx *sql.Tx) error { _, err := tx.ExecContext(ctx, tampering); return err }))
		if _, err := audit.Verify(must[[][]byte](t)(w.AuditRecords(ctx)), file, public); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%s: %v", tampering, err)
		}
	}
}
