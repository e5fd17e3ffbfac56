package store

import (
	"context"

	"gevor/authz"
	"gevor/fault"
	"gevor/handover"
	"gevor/seal"
)

// checkFiles holds attachments to their form: few enough, small enough together, each sealed to the keys of its message.
func checkFiles(files []handover.Attachment, sends, takes string) error {
	if len(files) > handover.MostFiles {
		return fault.New(fault.TooLarge, "attachments", "are too many for one message", "send the rest with another message")
	}
	size, seen := 0, map[string]bool{}
	for _, f := range files {
		if size += len(f.Box); size > handover.MostFileText {
			return fault.New(fault.TooLarge, "attachments", "are too large for one message", "send smaller files, or the rest with another message")
		}
		if !properID(f.Part, "b") || seen[f.Part] {
			return fault.New(fault.Invalid, "attachment", "is not as the page makes one", "load the page again")
		}
		seen[f.Part] = true
		if err := seal.CheckFile([]byte(f.Box), seal.Context{SenderKey: sends, ReceiverKey: takes}); err != nil {
			return err
		}
	}
	return nil
}

// writeFiles keeps the attachments of a message that is new.
func (t *tx) writeFiles(ctx context.Context, id handover.ID, message string, files []handover.Attachment) error {
	for i, f := range files {
		if err := t.one(ctx, fault.New(fault.Conflict, "attachment", "is there already", "load the page again"),
			`INSERT INTO handover_files (handover, part, message, position, box) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (handover, part) DO NOTHING`,
			string(id), f.Part, message, i, f.Box); err != nil {
			return err
		}
	}
	return nil
}

// resealFiles puts new boxes in the place of the attachments of a message: of all of them, or of none.
func (t *tx) resealFiles(ctx context.Context, id handover.ID, message string, files []handover.Attachment) error {
	var there int
	if err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM handover_files WHERE handover = $1 AND message = $2`, string(id), message).Scan(&there); err != nil {
		return err
	}
	other := fault.New(fault.Stale, "attachments", "are others than the page has sealed", "load the page again and seal once more")
	if there != len(files) {
		return other
	}
	for _, f := range files {
		if err := t.one(ctx, other, `UPDATE handover_files SET box = $4 WHERE handover = $1 AND message = $2 AND part = $3`, string(id), message, f.Part, f.Box); err != nil {
			return err
		}
	}
	return nil
}

// addFiles names the attachments of messages, without their boxes.
func addFiles(ctx context.Context, q querier, id handover.ID, boxes []handover.Sealed) error {
	type named struct{ message, part string }
	all, err := rowsOf(ctx, q, func(row scanner) (n named, err error) { return n, row.Scan(&n.message, &n.part) },
		`SELECT message, part FROM handover_files WHERE handover = $1 ORDER BY message, position`, string(id))
	if err != nil {
		return err
	}
	for _, n := range all {
		for i := range boxes {
			if boxes[i].Part == n.message {
				boxes[i].Files = append(boxes[i].Files, handover.Attachment{Part: n.part})
			}
		}
	}
	return nil
}

// HandoverFile gives a sealed attachment of a handover to one of its organisations. NotFound where there is none, or none
// any more.
func (s *Store) HandoverFile(ctx context.Context, actor authz.Actor, o authz.OrganisationID, id handover.ID, part string) (handover.Attachment, error) {
	h, err := handoverByID(ctx, s.read, id)
	if err != nil {
		return handover.Attachment{}, err
	}
	if _, err := s.sideOf(actor, authz.View, h, o); err != nil {
		return handover.Attachment{}, err
	}
	return found(s.read.QueryRowContext(ctx, `SELECT part, box FROM handover_files WHERE handover = $1 AND part = $2`, string(id), part),
		func(row scanner) (f handover.Attachment, err error) { return f, row.Scan(&f.Part, &f.Box) }, absent(authz.Handover))
}
