package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/history"
	"gevor/outbox"
)

// tx is one transaction in which somebody changes something at a time. What it records and what it tells the
// outside counts together with the change, or not at all.
type tx struct {
	*sql.Tx
	store *Store
	actor authz.Actor
	at    time.Time
	told  map[outbox.Topic]bool // what deliverers are woken for once it counts
}

// querier is a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// scanner is a row.
type scanner interface{ Scan(...any) error }

// change runs work in one transaction in the name of an actor.
func (s *Store) change(ctx context.Context, actor authz.Actor, at time.Time, work func(*tx) error) error {
	told := map[outbox.Topic]bool{}
	err := s.within(ctx, func(t *sql.Tx) error { return work(&tx{Tx: t, store: s, actor: actor, at: at.UTC(), told: told}) })
	s.bell.ring(told) // for nothing where it failed; that wakes nobody for long
	return err
}

// UnsafeWithoutRights gives the store with every right granted to everybody. Only tests use it, as the control that
// shows what they would find if nothing were checked.
func UnsafeWithoutRights(s *Store) *Store {
	open := *s
	open.decide = func(authz.Actor, authz.Action, authz.Object) authz.Verdict { return authz.Allowed }
	return &open
}

// may turns a verdict into an error: what is hidden looks absent, what is refused says so.
func (s *Store) may(a authz.Actor, do authz.Action, o authz.Object) error {
	decide := authz.Decide
	if s.decide != nil {
		decide = s.decide
	}
	switch decide(a, do, o) {
	case authz.Allowed:
		return nil
	case authz.Refused:
		return fault.New(fault.Denied, string(o.Kind), "is not yours to "+string(do), "ask an admin of the organisation")
	case authz.Hidden:
	}
	return absent(o.Kind)
}

// May gives nil where the actor may do this; NotFound for what must look absent, Denied for what is seen but not
// theirs to do.
func (s *Store) May(a authz.Actor, do authz.Action, o authz.Object) error { return s.may(a, do, o) }

func (t *tx) may(do authz.Action, o authz.Object) error { return t.store.may(t.actor, do, o) }

// absent is what is not there, and what must look as if it were not. Both read the same.
func absent(k authz.Kind) error {
	return fault.New(fault.NotFound, string(k), "does not exist", "")
}

// stale is a change that is based on an outdated version.
func stale(k authz.Kind) error {
	return fault.New(fault.Stale, string(k), "has been changed by somebody else in the meantime", "look at the new state and repeat the change")
}

// record adds a change to the history. before and after are structs or nil.
func (t *tx) record(ctx context.Context, k authz.Kind, object string, owner authz.OrganisationID, verb string, before, after any) error {
	return t.recordUndo(ctx, k, object, owner, verb, before, after, 0)
}

func (t *tx) recordUndo(ctx context.Context, k authz.Kind, object string, owner authz.OrganisationID, verb string, before, after any, undoes int64) error {
	was, err := asJSON(before)
	if err != nil {
		return err
	}
	is, err := asJSON(after)
	if err != nil {
		return err
	}
	who, err := t.pseudonym(ctx)
	if err != nil {
		return err
	}
	var sequence int64
	if err := t.QueryRowContext(ctx, `INSERT INTO changes (at, actor, kind, object, owner, verb, before, after, undoes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING sequence`,
		stamp(t.at), who, string(k), object, string(owner), verb, was, is, sql.NullInt64{Int64: undoes, Valid: undoes != 0}).Scan(&sequence); err != nil {
		return err
	}
	if audited(k) {
		if err := t.audit(ctx, who, k, object, owner, verb); err != nil {
			return err
		}
	}
	return t.announce(ctx, sequence, k, object, owner, verb)
}

func asJSON(x any) (string, error) {
	if x == nil {
		return "", nil
	}
	raw, err := json.Marshal(x)
	return string(raw), err
}

// pseudonym gives the name under which the history knows the actor, made on first use.
func (t *tx) pseudonym(ctx context.Context) (string, error) {
	if !t.actor.SignedIn() {
		return history.Installation, nil
	}
	if _, err := t.ExecContext(ctx, `INSERT INTO actors (pseudonym, person) VALUES ($1, $2) ON CONFLICT (person) DO NOTHING`, newID("a"), string(t.actor.Person)); err != nil {
		return "", err
	}
	var p string
	err := t.QueryRowContext(ctx, `SELECT pseudonym FROM actors WHERE person = $1`, string(t.actor.Person)).Scan(&p)
	return p, err
}

// tell puts a message into the outbox. A message whose key is there already is not told twice.
func (t *tx) tell(ctx context.Context, topic outbox.Topic, owner authz.OrganisationID, key string, payload any, due time.Time) error {
	return t.tellBundled(ctx, topic, owner, key, payload, due, "")
}

// tellBundled is tell for what may travel together with others of the same bundle, a word without spaces: whichever
// of them falls due first takes the others along. See outbox.Message.
func (t *tx) tellBundled(ctx context.Context, topic outbox.Topic, owner authz.OrganisationID, key string, payload any, due time.Time, bundle string) error {
	raw, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	if t.told != nil {
		t.told[topic] = true
	}
	_, err = t.ExecContext(ctx, `INSERT INTO outbox (topic, owner, key, payload, made, due, bundle) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (key) DO NOTHING`,
		string(topic), string(owner), key, string(raw), stamp(t.at), stamp(due), bundle)
	return err
}

// erase notes that something is gone for good, so that no backup brings it back. See applyErasure.
func (t *tx) erase(ctx context.Context, kind, ref, detail string) error {
	_, err := t.ExecContext(ctx, `INSERT INTO erasures (at, kind, ref, detail) VALUES ($1, $2, $3, $4)`, stamp(t.at), kind, ref, detail)
	return err
}

// one runs a statement that must change exactly one line; otherwise it gives the fault.
func (t *tx) one(ctx context.Context, otherwise error, query string, args ...any) error {
	done, err := t.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return otherwise
}

// found gives the one row, or the fault where there is none.
func found[T any](row scanner, scan func(scanner) (T, error), otherwise error) (T, error) {
	x, err := scan(row)
	if errors.Is(err, sql.ErrNoRows) {
		return x, otherwise
	}
	if err != nil {
		return x, failed(err)
	}
	return x, nil
}

func stamp(t time.Time) string { return t.UTC().Format(timeForm) }

// timeOf reads a stamp; the empty text is the zero time.
func timeOf(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(timeForm, s)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// newID makes a name that nobody guesses: a letter for the kind and 130 random bits.
func newID(kind string) string { return kind + "-" + strings.ToLower(rand.Text()) }

// NewSecret makes the secret of a link and the hash by which it is recognised.
func NewSecret() (secret, hash string) {
	secret = rand.Text()
	return secret, HashSecret(secret)
}

// HashSecret gives the form in which the secret of a link is kept. Secrets have 130 random bits, so a plain hash
// cannot be searched.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
