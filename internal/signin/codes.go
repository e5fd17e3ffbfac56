package signin

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
)

// codesAtOnce is how many recovery codes a sheet holds.
const codesAtOnce = 10

// codeAlphabet has no characters that are taken for each other when read from paper.
const codeAlphabet = "abcdefghjkmnpqrstuvwxyz23456789"

// newCode makes a recovery code: 16 characters in groups of four, 79 random bits, so a plain hash cannot be searched
// by guessing at a sign-in page, nor in practice by whoever has the hashes.
func newCode() string {
	var b strings.Builder
	buf := make([]byte, 1)
	for n := 0; n < 16; {
		rand.Read(buf) // never fails: it ends the program instead
		i := int(buf[0])
		if i >= 256/len(codeAlphabet)*len(codeAlphabet) { // all characters equally often
			continue
		}
		if n > 0 && n%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(codeAlphabet[i%len(codeAlphabet)])
		n++
	}
	return b.String()
}

// codeHash is the form in which a recovery code is kept; spaces, hyphens and capitals do not matter.
func codeHash(who authz.PersonID, code string) string {
	code = strings.ToLower(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' || r == '–' {
			return -1
		}
		return r
	}, code))
	return hashOf("recovery code of " + string(who) + ": " + code)
}

// ByCode signs in with a recovery code. It stands for what was lost: for the authenticator app, so that the password is
// needed too, or for the passkey of somebody who has no password.
func (d *Doors) ByCode(r *http.Request, email, password, code string) error {
	return d.guess(r, email, func(ctx context.Context) (authz.PersonID, account.Way, error) {
		who, c, err := d.known(ctx, email)
		if err != nil {
			return "", "", err
		}
		_, _, wrong := d.openAny(ctx, c.Password, password)
		if fault.KindOf(wrong) == fault.Busy {
			return "", "", wrong
		}
		if who == "" || c.Password != nil && wrong != nil {
			return "", "", denied(errors.Join(errPassword, wrong))
		}
		if err := d.Keeper.UnsafeUseCode(ctx, d.now(), who, codeHash(who, code)); err != nil {
			return "", "", refused(err)
		}
		return who, account.ByCode, nil
	})
}

// NewCodes gives the actor a new sheet of recovery codes; those of the old one are worthless from now on. They are
// shown this once.
func (d *Doors) NewCodes(r *http.Request, actor authz.Actor) ([]string, error) {
	if err := d.mustBeFresh(r); err != nil {
		return nil, err
	}
	var c account.Change
	codes := make([]string, codesAtOnce)
	for i := range codes {
		codes[i] = newCode()
		c.Codes = append(c.Codes, codeHash(actor.Person, codes[i]))
	}
	_, err := d.Keeper.ChangeCredentials(r.Context(), actor, d.now(), actor.Person, c)
	return codes, err
}
