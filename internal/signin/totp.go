package signin

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"net/url"
	"strings"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"gevor/account"
)

// Codes of authenticator apps as every app makes them (RFC 6238): six digits, SHA-1, a new one every 30 seconds.
const (
	totpPeriod = 30 // seconds
	totpDrift  = 1  // steps that the clock of the phone may be off, before and after
	totpBytes  = 20 // of a secret
)

var base32NoPad = base32.StdEncoding.WithPadding(base32.NoPadding)

func newTOTP() string {
	raw := make([]byte, totpBytes)
	rand.Read(raw) // never fails: it ends the program instead
	return base32NoPad.EncodeToString(raw)
}

var errCode = errors.New("wrong code")

// step gives the time step of which code is the code of a secret. All steps are compared, so the time taken tells none.
func (d *Doors) step(secret, code string) (int64, error) {
	raw, err := base32NoPad.DecodeString(secret)
	if err != nil || len(raw) != totpBytes {
		return 0, errCode
	}
	code = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' {
			return -1
		}
		return r
	}, code)
	now, found := d.now().Unix()/totpPeriod, int64(0)
	for at := now - totpDrift; at <= now+totpDrift; at++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(at), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, err
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found = at
		}
	}
	if found == 0 {
		return 0, errCode
	}
	return found, nil
}

// Propose gives the secret for a new app; again gives the same one once more, for a form that is shown again.
func (d *Doors) Propose(email, again string) account.Proposal {
	if raw, err := base32NoPad.DecodeString(again); err != nil || len(raw) != totpBytes {
		again = newTOTP()
	}
	p := account.Proposal{Secret: again}
	for i := 0; i < len(again); i += 4 {
		p.Grouped += again[i:min(i+4, len(again))] + " "
	}
	p.Grouped = strings.TrimSpace(p.Grouped)
	// Apps know neither "+" for a space nor the order of parameters; they all read this.
	p.URI = "otpauth://totp/" + url.PathEscape(d.Name+":"+email) + "?secret=" + again + "&issuer=" + url.PathEscape(d.Name)
	return p
}
