package store

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/organisation"
	"gevor/outbox"
)

const endpointColumns = `id, organisation, address, made, off, failures, failing_since, CASE WHEN old_secret = '' THEN '' ELSE old_until END, version`

func scanEndpoint(row scanner) (e outbox.Endpoint, err error) {
	var made, since, old string
	var off int
	if err := row.Scan(&e.ID, &e.Organisation, &e.Address, &made, &off, &e.Failures, &since, &old, &e.Version); err != nil {
		return e, err
	}
	e.Off = off == 1
	for _, x := range []struct {
		to   *time.Time
		from string
	}{{&e.Made, made}, {&e.FailingSince, since}, {&e.OldUntil, old}} {
		if *x.to, err = timeOf(x.from); err != nil {
			return e, err
		}
	}
	return e, nil
}

func endpointByID(ctx context.Context, q querier, id string) (outbox.Endpoint, error) {
	return found(q.QueryRowContext(ctx, `SELECT `+endpointColumns+` FROM webhooks WHERE id = $1`, id), scanEndpoint, absent(authz.Webhook))
}

// newSigningSecret makes a secret in the form of Standard Webhooks: 256 random bits.
func newSigningSecret() string {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails
	return "whsec_" + base64.StdEncoding.EncodeToString(raw)
}

// Webhooks gives the endpoints of an organisation, the oldest first, without their secrets.
func (s *Store) Webhooks(ctx context.Context, actor authz.Actor, id authz.OrganisationID) ([]outbox.Endpoint, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Webhook, Owner: id}); err != nil {
		return nil, err
	}
	list, err := rowsOf(ctx, s.read, scanEndpoint, `SELECT `+endpointColumns+` FROM webhooks WHERE organisation = $1 ORDER BY made, id`, string(id))
	if err != nil {
		return nil, failed(err)
	}
	return list, nil
}

// Calls gives the latest calls of an endpoint, the latest first: state and note, never what was said.
func (s *Store) Calls(ctx context.Context, actor authz.Actor, id string, limit int) (outbox.Endpoint, []outbox.Sending, error) {
	e, err := endpointByID(ctx, s.read, id)
	if err != nil {
		return e, nil, err
	}
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Webhook, Owner: e.Organisation}); err != nil {
		return outbox.Endpoint{}, nil, err
	}
	calls, err := rowsOf(ctx, s.read, scanSending, `SELECT `+sendingColumns+` FROM outbox WHERE owner = $1 AND topic = $2 AND substr(key, 1, length($3)) = $3 ORDER BY sequence DESC LIMIT $4`,
		string(e.Organisation), string(outbox.Webhook), callKey(id, ""), limit)
	if err != nil {
		return e, nil, failed(err)
	}
	return e, calls, nil
}

// callKey is the key of a call's message; its end says what it is about.
func callKey(endpoint, about string) string { return "webhook " + endpoint + " " + about }

// hook is an endpoint as the history keeps it.
type hook struct {
	Address string
	Off     bool
}

// CreateWebhook registers an address of an organisation and gives the secret its calls are signed with: now, and never
// again. Whether the operator allows the host is the caller's to ask.
func (s *Store) CreateWebhook(ctx context.Context, actor authz.Actor, at time.Time, owner authz.OrganisationID, address string) (id, secret string, err error) {
	if address, err = outbox.CheckAddress(address); err != nil {
		return "", "", err
	}
	id, secret = newID("w"), newSigningSecret()
	err = s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Create, authz.Object{Kind: authz.Webhook, Owner: owner}); err != nil {
			return err
		}
		// Two who register at once wait here for each other, so that the limit holds.
		if err := t.one(ctx, absent(authz.Organisation), `UPDATE organisations SET version = version WHERE id = $1 AND closed = 0`, string(owner)); err != nil {
			return err
		}
		var n int
		if err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM webhooks WHERE organisation = $1`, string(owner)).Scan(&n); err != nil {
			return err
		}
		if n >= outbox.MostEndpoints {
			return fault.New(fault.Conflict, "webhook", fmt.Sprintf("the organisation has %d already", n), "remove one first")
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO webhooks (id, organisation, address, secret, made) VALUES ($1, $2, $3, $4, $5)`, id, string(owner), address, secret, stamp(t.at)); err != nil {
			return err
		}
		return t.record(ctx, authz.Webhook, id, owner, "created", nil, hook{Address: address})
	})
	return id, secret, err
}

// onEndpoint runs work on an endpoint that the actor may treat so.
func (s *Store) onEndpoint(ctx context.Context, actor authz.Actor, at time.Time, do authz.Action, id string, work func(*tx, outbox.Endpoint) error) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		e, err := endpointByID(ctx, t, id)
		if err != nil {
			return err
		}
		if err := t.may(do, authz.Object{Kind: authz.Webhook, Owner: e.Organisation}); err != nil {
			return err
		}
		return work(t, e)
	})
}

// RotateWebhook gives an endpoint a new secret. For outbox.SecretOverlap calls are signed with the one before, too.
func (s *Store) RotateWebhook(ctx context.Context, actor authz.Actor, at time.Time, id string, version int) (secret string, err error) {
	secret = newSigningSecret()
	err = s.onEndpoint(ctx, actor, at, authz.Change, id, func(t *tx, e outbox.Endpoint) error {
		if err := t.one(ctx, stale(authz.Webhook), `UPDATE webhooks SET old_secret = secret, old_until = $3, secret = $4, version = version + 1 WHERE id = $1 AND version = $2`,
			id, version, stamp(t.at.Add(outbox.SecretOverlap)), secret); err != nil {
			return err
		}
		return t.record(ctx, authz.Webhook, id, e.Organisation, "rotated", nil, nil)
	})
	return secret, err
}

// ResumeWebhook calls an endpoint again that had been given up.
func (s *Store) ResumeWebhook(ctx context.Context, actor authz.Actor, at time.Time, id string) error {
	return s.onEndpoint(ctx, actor, at, authz.Change, id, func(t *tx, e outbox.Endpoint) error {
		if !e.Off {
			return nil
		}
		if _, err := t.ExecContext(ctx, `UPDATE webhooks SET off = 0, failures = 0, failing_since = '', version = version + 1 WHERE id = $1`, id); err != nil {
			return err
		}
		return t.record(ctx, authz.Webhook, id, e.Organisation, "resumed", hook{e.Address, true}, hook{e.Address, false})
	})
}

// RemoveWebhook forgets an endpoint and its secret; what waits for it is never sent.
func (s *Store) RemoveWebhook(ctx context.Context, actor authz.Actor, at time.Time, id string, version int) error {
	return s.onEndpoint(ctx, actor, at, authz.Remove, id, func(t *tx, e outbox.Endpoint) error {
		if err := t.one(ctx, stale(authz.Webhook), `DELETE FROM webhooks WHERE id = $1 AND version = $2`, id, version); err != nil {
			return err
		}
		if err := t.erase(ctx, erasedWebhook, id, ""); err != nil {
			return err
		}
		return t.record(ctx, authz.Webhook, id, e.Organisation, "removed", hook{e.Address, e.Off}, nil)
	})
}

// TryWebhook sends a trial call to an endpoint.
func (s *Store) TryWebhook(ctx context.Context, actor authz.Actor, at time.Time, id string) error {
	return s.onEndpoint(ctx, actor, at, authz.Change, id, func(t *tx, e outbox.Endpoint) error {
		return t.tell(ctx, outbox.Webhook, e.Organisation, callKey(id, "test "+newID("t")), outbox.Call{Endpoint: id, Event: "test", Organisation: e.Organisation, At: t.at}, t.at)
	})
}

// announce tells the endpoints of an organisation that one of its things has changed: which one and how, not what
// stands in it.
func (t *tx) announce(ctx context.Context, sequence int64, k authz.Kind, object string, owner authz.OrganisationID, verb string) error {
	if owner == "" || k == authz.Webhook {
		return nil
	}
	if k == authz.Members || k == authz.Account {
		object = "" // a pseudonym is the same in every organisation: two of them could find a person they share
	}
	ids, err := rowsOf(ctx, t, func(row scanner) (id string, err error) { return id, row.Scan(&id) }, `SELECT id FROM webhooks WHERE organisation = $1 AND off = 0 ORDER BY id`, string(owner))
	if err != nil {
		return err
	}
	event := string(k) + "." + verb
	for _, id := range ids {
		call := outbox.Call{Endpoint: id, Event: event, Organisation: owner, Kind: k, Object: object, Change: sequence, At: t.at}
		if err := t.tell(ctx, outbox.Webhook, owner, callKey(id, fmt.Sprintf("%s %d", event, sequence)), call, t.at); err != nil {
			return err
		}
	}
	return nil
}

// UnsafeEndpoint gives an endpoint with the secrets that sign its calls at a time, the present one first. NotFound
// where it was removed or its organisation has ended.
func (s *Store) UnsafeEndpoint(ctx context.Context, id string, at time.Time) (outbox.Endpoint, []string, error) {
	var secret, old string
	e, err := found(s.read.QueryRowContext(ctx, `SELECT `+endpointColumns+`, secret, old_secret FROM webhooks w
		WHERE id = $1 AND EXISTS (SELECT 1 FROM organisations o WHERE o.id = w.organisation AND o.closed = 0)`, id), func(row scanner) (outbox.Endpoint, error) {
		return scanEndpoint(more{row, []any{&secret, &old}})
	}, absent(authz.Webhook))
	if err != nil {
		return e, nil, err
	}
	if old != "" && at.Before(e.OldUntil) {
		return e, []string{secret, old}, nil
	}
	return e, []string{secret}, nil
}

// more scans further columns behind those of a known row.
type more struct {
	scanner
	to []any
}

// Scan reads the row.
func (m more) Scan(to ...any) error { return m.scanner.Scan(append(to, m.to...)...) }

// WebhookOffMail is the payload of the mail that tells an admin that an endpoint is called no more; see outbox.Mail.
type WebhookOffMail struct {
	Template, To, Language string
	Organisation           string
	OrganisationID         authz.OrganisationID
	Host                   string
}

// noticeWindow is how long a notice waits for others to the same reader.
const noticeWindow = 10 * time.Minute

// UnsafeCalled notes how a call of an endpoint went. One that has failed for too long, or is gone for good, is called
// no more, and the organisation's admins get a mail.
func (s *Store) UnsafeCalled(ctx context.Context, id string, at time.Time, well, gone bool) error {
	return s.change(ctx, authz.Public(), at, func(t *tx) error {
		// The line is taken first, so that of several deliverers one at a time counts.
		if _, err := t.ExecContext(ctx, `UPDATE webhooks SET failures = failures WHERE id = $1`, id); err != nil {
			return err
		}
		e, err := endpointByID(ctx, t, id)
		if fault.KindOf(err) == fault.NotFound {
			return nil // removed while it was called
		}
		if err != nil || e.Off {
			return err
		}
		if well {
			_, err := t.ExecContext(ctx, `UPDATE webhooks SET failures = 0, failing_since = '' WHERE id = $1 AND failures > 0`, id)
			return err
		}
		since := e.FailingSince
		if since.IsZero() || since.After(t.at) { // the clock may have been set back
			since = t.at
		}
		if _, err := t.ExecContext(ctx, `UPDATE webhooks SET failures = failures + 1, failing_since = $2 WHERE id = $1`, id, stamp(since)); err != nil {
			return err
		}
		if gone || e.Failures+1 >= outbox.LeastFailures && t.at.Sub(since) >= outbox.FailingFor {
			return t.giveUp(ctx, e)
		}
		return nil
	})
}

func (t *tx) giveUp(ctx context.Context, e outbox.Endpoint) error {
	if _, err := t.ExecContext(ctx, `UPDATE webhooks SET off = 1, version = version + 1 WHERE id = $1`, e.ID); err != nil {
		return err
	}
	if err := t.record(ctx, authz.Webhook, e.ID, e.Organisation, "given-up", hook{e.Address, false}, hook{e.Address, true}); err != nil {
		return err
	}
	o, err := organisationByID(ctx, t, e.Organisation)
	if err != nil {
		return err
	}
	u, err := url.Parse(e.Address)
	if err != nil {
		return err
	}
	admins, err := t.adminsOf(ctx, e.Organisation)
	if err != nil {
		return err
	}
	for _, p := range admins {
		mail := WebhookOffMail{"webhook-off", p.Email, p.Language, o.Name, o.ID, u.Hostname()}
		if err := t.tellBundled(ctx, outbox.Mail, o.ID, fmt.Sprintf("webhook-off %s %d %s", e.ID, e.Version, p.ID), mail, t.at.Add(noticeWindow), reader(mail.Template, p)); err != nil {
			return err
		}
	}
	return nil
}

// reader names the bundle of notices of one kind to one person in one language, without naming the person.
func reader(template string, p organisation.Person) string {
	return HashSecret(template + " " + p.Language + " " + organisation.EmailKey(p.Email))[:32]
}

// adminsOf gives the people who are admins of an organisation and can act.
func (t *tx) adminsOf(ctx context.Context, id authz.OrganisationID) ([]organisation.Person, error) {
	type admin struct {
		organisation.Person
		roles string
	}
	everybody, err := rowsOf(ctx, t, func(row scanner) (a admin, err error) {
		a.Person, err = scanPerson(more{row, []any{&a.roles}})
		return a, err
	}, `SELECT p.id, p.name, p.email, p.language, p.blocked, p.epoch, p.version, m.roles FROM memberships m JOIN people p ON p.id = m.person
		WHERE m.organisation = $1 AND m.suspended = 0 AND p.blocked = 0 ORDER BY p.id`, string(id))
	var out []organisation.Person
	for _, a := range everybody {
		if slices.Contains(rolesOf(a.roles), authz.OrganisationAdmin) {
			out = append(out, a.Person)
		}
	}
	return out, err
}
