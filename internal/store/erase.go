package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"

	"gevor/authz"
	"gevor/fault"
	"gevor/internal/erasure"
)

// The kinds of erasures: what must stay gone even after an older backup is brought back.
const (
	erasedRelease      = "release"      // ref: kind, object, purpose; detail: what is left of the release
	erasedPerson       = "person"       // ref: the person
	erasedOrganisation = "organisation" // ref: the organisation that was closed
	erasedInvitation   = "invitation"   // ref: the invitation that was withdrawn
	erasedContact      = "contact"      // ref: the feedback that was settled
	erasedFeedback     = "feedback"     // ref: the feedback that was deleted
	erasedWebhook      = "webhook"      // ref: the address that must not be called any more
	erasedPassword     = "password"     // ref: the person; passwords from before then
	erasedPasskey      = "passkey"      // ref: the passkey
	erasedIdentity     = "identity"     // ref: the issuer; detail: the subject
	erasedCode         = "code"         // ref: the person; detail: the hash, or all codes from before then
	erasedRecovery     = "recovery"     // ref: the link that was used or replaced
	erasedSessions     = "sessions"     // ref: the person; detail: the epoch that began
	erasedTrial        = "trial"        // ref: the trial that was removed
	erasedSketch       = "sketch"       // ref: the dataset by hand that was released or dropped
	erasedRight        = "block"        // ref: the person; detail: "blocked", or empty where they may sign in again
	erasedConsent      = "consent"      // ref: the handover whose consent was withdrawn; detail: the side
	erasedContent      = "content"      // ref: the handover whose sealed content was destroyed
	erasedHolder       = "holder"       // ref: the key of an organisation; detail: whoever holds it no more

	erasedContactAuthors = "contact-authors" // ref: the week up to which nobody knows any more who wrote what arrived
	erasedContactEntries = "contact-entries" // ref: the week up to which figures were made of what arrived
	erasedContactEntry   = "contact-entry"   // ref: the organisation and the key of an entry that was taken back
)

// applyErasure does again to a restored database what had been done when it was erased. Doing it twice changes
// nothing more.
func (s *Store) applyErasure(ctx context.Context, t *sql.Tx, r erasure.Record) error {
	run := func(query string, args ...any) error {
		_, err := t.ExecContext(ctx, query, args...)
		return err
	}
	switch r.Kind {
	case erasedRelease:
		parts := strings.SplitN(r.Ref, " ", 3)
		var left remaining
		if err := json.Unmarshal([]byte(r.Detail), &left); err != nil || len(parts) != 3 {
			return fault.New(fault.Corrupt, "erasures", "a withdrawn release cannot be read: "+r.Ref, "")
		}
		// A release that is newer than the withdrawal was given again afterwards, and stands.
		return run(`UPDATE releases SET level = $5, named = $6, withdrawn = $4, version = version + 1 WHERE kind = $1 AND object = $2 AND purpose = $3 AND since < $4`,
			parts[0], parts[1], parts[2], stamp(r.At), left.Level, left.Named)
	case erasedPerson:
		return (&tx{Tx: t, store: s, at: r.At}).forget(ctx, authz.PersonID(r.Ref))
	case erasedOrganisation:
		if err := run(`UPDATE organisations SET closed = 1, alliance = 0, version = version + 1 WHERE id = $1 AND closed = 0`, r.Ref); err != nil {
			return err
		}
		return run(`UPDATE releases SET level = 'private', named = '', withdrawn = $2, version = version + 1 WHERE owner = $1 AND level <> 'private'`, r.Ref, stamp(r.At))
	case erasedContact:
		return run(`UPDATE feedback SET contact = '', done = CASE WHEN done = '' THEN $2 ELSE done END WHERE id = $1`, r.Ref, stamp(r.At))
	case erasedTrial:
		return run(`DELETE FROM trials WHERE id = $1`, r.Ref)
	case erasedSketch:
		return run(`DELETE FROM dataset_sketches WHERE id = $1`, r.Ref)
	case erasedFeedback:
		return run(`DELETE FROM feedback WHERE id = $1`, r.Ref)
	case erasedInvitation:
		if err := untell(ctx, t, "invitation "+r.Ref); err != nil {
			return err
		}
		return run(`DELETE FROM invitations WHERE id = $1`, r.Ref)
	case erasedWebhook:
		return run(`DELETE FROM webhooks WHERE id = $1`, r.Ref)
	case erasedConsent, erasedContent, erasedHolder:
		return (&tx{Tx: t, store: s, at: r.At}).eraseHandover(ctx, r)
	case erasedContactAuthors, erasedContactEntries, erasedContactEntry:
		return (&tx{Tx: t, store: s, at: r.At}).eraseContacts(ctx, r)
	case erasedPassword, erasedPasskey, erasedIdentity, erasedCode, erasedRecovery, erasedSessions, erasedRight:
		return eraseCredential(run, r)
	}
	return fault.New(fault.Corrupt, "erasures", "holds a kind that this program does not know: "+r.Kind, "restore with a newer program")
}

// eraseCredential does again what was done to somebody's ways to sign in.
func eraseCredential(run func(query string, args ...any) error, r erasure.Record) error {
	switch r.Kind {
	case erasedPassword:
		return run(`DELETE FROM passwords WHERE person = $1 AND since < $2`, r.Ref, stamp(r.At))
	case erasedPasskey:
		return run(`DELETE FROM passkeys WHERE id = $1`, r.Ref)
	case erasedIdentity: // connected again afterwards, it stands
		return run(`DELETE FROM identities WHERE issuer = $1 AND subject = $2 AND since < $3`, r.Ref, r.Detail, stamp(r.At))
	case erasedCode:
		if r.Detail == "" {
			return run(`DELETE FROM recovery_codes WHERE person = $1 AND since < $2`, r.Ref, stamp(r.At))
		}
		return run(`DELETE FROM recovery_codes WHERE person = $1 AND hash = $2`, r.Ref, r.Detail)
	case erasedRecovery:
		return run(`DELETE FROM recoveries WHERE id = $1`, r.Ref)
	case erasedSessions:
		epoch, err := strconv.Atoi(r.Detail)
		if err != nil {
			return fault.Wrap(fault.Corrupt, "erasures", "an end of sessions cannot be read", "", err)
		}
		return run(`UPDATE people SET epoch = $2 WHERE id = $1 AND epoch < $2`, r.Ref, epoch)
	}
	return run(`UPDATE people SET blocked = $2 WHERE id = $1`, r.Ref, bit(r.Detail != ""))
}
