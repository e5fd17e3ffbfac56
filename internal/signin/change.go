package signin

import (
	"context"
	"net/http"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
	"gevor/organisation"
)

// mustBeFresh refuses to change how to sign in to whoever has not shown lately who they are: a screen left open must
// not be enough.
func (d *Doors) mustBeFresh(r *http.Request) error {
	if d.Fresh(r) {
		return nil
	}
	return fault.New(fault.Denied, "sign-in", "was too long ago for this", "sign in again and repeat it")
}

// Credentials gives how the actor can sign in.
func (d *Doors) Credentials(ctx context.Context, actor authz.Actor) (account.Credentials, error) {
	return d.Keeper.Credentials(ctx, actor, actor.Person)
}

// change changes how the actor signs in. Where that ends sessions, the one of the request goes on.
func (d *Doors) change(r *http.Request, actor authz.Actor, c account.Change) error {
	if err := d.mustBeFresh(r); err != nil {
		return err
	}
	epoch, err := d.Keeper.ChangeCredentials(r.Context(), actor, d.now(), actor.Person, c)
	if err != nil || !c.Ends() {
		return err
	}
	return d.follow(r, epoch)
}

// Add gives the actor another way in; a password takes the place of the old one. Field faults where it cannot be taken.
func (d *Doors) Add(r *http.Request, actor authz.Actor, n account.New) error {
	if err := d.mustBeFresh(r); err != nil {
		return err
	}
	p, err := d.Keeper.UnsafePerson(r.Context(), actor.Person)
	if err != nil {
		return err
	}
	c, err := d.proven(r, n, forAccount(actor.Person), p.Name, p.Email)
	if err != nil {
		return err
	}
	return d.change(r, actor, c)
}

// Drop takes one way in away from the actor: "password", a passkey's ID, or issuer and subject.
func (d *Doors) Drop(r *http.Request, actor authz.Actor, c account.Change) error {
	return d.change(r, actor, account.Change{DropPassword: c.DropPassword, DropPasskey: c.DropPasskey, DropIdentity: c.DropIdentity})
}

// Invitation gives what the secret of a link invites to, and the name of the organisation.
func (d *Doors) Invitation(ctx context.Context, secret string) (organisation.Invitation, string, error) {
	return d.Keeper.InvitationOf(ctx, secret, d.now())
}

// JoinAsNew accepts an invitation with a new account, and signs in to it. The link was sent to the address, so it stands
// for it; whoever joins by a provider must have the same address there.
func (d *Doors) JoinAsNew(r *http.Request, secret string, p organisation.Person, n account.New) error {
	i, _, err := d.Keeper.InvitationOf(r.Context(), secret, d.now())
	if err != nil {
		return err
	}
	p.Email = i.Email
	if p, err = p.Check(); err != nil {
		return err
	}
	c, err := d.proven(r, n, forLink(secret), p.Name, p.Email)
	if err != nil {
		return err
	}
	if c.AddIdentity != nil && organisation.EmailKey(c.AddIdentity.Email) != organisation.EmailKey(i.Email) {
		return fault.New(fault.Denied, "sign-in", "the account at the provider has another address than the invitation", "choose another way to sign in")
	}
	who, err := d.Keeper.UnsafeJoinWith(r.Context(), d.now(), secret, p, c)
	if err != nil {
		return err
	}
	return d.begin(r, who, account.ByLink)
}

// Recovery gives whom the secret of a link lets in again.
func (d *Doors) Recovery(ctx context.Context, secret string) (account.Recovery, error) {
	return d.Keeper.UnsafeRecoveryOf(ctx, secret, d.now())
}

// Recover uses a link of recovery up: the person gets new credentials, and every old one and every session is gone.
func (d *Doors) Recover(r *http.Request, secret string, n account.New) error {
	rec, err := d.Keeper.UnsafeRecoveryOf(r.Context(), secret, d.now())
	if err != nil {
		return err
	}
	c, err := d.proven(r, n, forLink(secret), rec.Name, rec.Email)
	if err != nil {
		return err
	}
	who, _, err := d.Keeper.UnsafeRecover(r.Context(), d.now(), secret, c)
	if err != nil {
		return err
	}
	return d.begin(r, who, account.ByLink)
}

// The purposes of a ceremony: what is begun for one thing cannot be ended as another.
func forAccount(who authz.PersonID) string { return "account " + string(who) }
func forLink(secret string) string         { return "link " + hashOf(secret) }

const forSignIn = "sign-in"

// demo says whether the door of a demo is there: the served region is invented, and the database was made for a demo.
func (d *Doors) demo(ctx context.Context) bool {
	if !d.Invented() {
		return false
	}
	seats, err := d.Keeper.UnsafeSeats(ctx)
	if err != nil {
		d.Log.Error("whether this is a demo cannot be told", "cause", err)
	}
	return err == nil && len(seats) > 0
}

// Seats gives the seats of a demo, none outside of one.
func (d *Doors) Seats(ctx context.Context) ([]account.Seat, error) {
	if !d.Invented() {
		return nil, nil
	}
	return d.Keeper.UnsafeSeats(ctx)
}

// BySeat takes the seat of a demo that has this key; NotFound outside of one.
func (d *Doors) BySeat(r *http.Request, key string) error {
	seats, err := d.Seats(r.Context())
	if err != nil {
		return err
	}
	for _, s := range seats {
		if s.Key == key {
			return d.begin(r, s.Person, account.ByDemo)
		}
	}
	return fault.New(fault.NotFound, "demo", "there is no such seat", "")
}
