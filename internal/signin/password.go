package signin

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/crypto/argon2"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/organisation"
)

// Hashing is the cost of a password: what argon2id (RFC 9106) spends on each attempt.
type Hashing struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
	AtOnce    int // attempts hashed at the same time; others wait. It bounds memory: AtOnce × MemoryKiB
}

// DefaultHashing is RFC 9106's second recommendation, with one lane so that it costs one processor.
func DefaultHashing() Hashing { return Hashing{MemoryKiB: 64 << 10, Passes: 3, Lanes: 1, AtOnce: 4} }

func (h Hashing) String() string {
	return fmt.Sprintf("argon2id$m=%d,t=%d,p=%d", h.MemoryKiB, h.Passes, h.Lanes)
}

var errHash = errors.New("a stored password cannot be read")

// parse reads parameters, salt and verifier of a stored hash.
func parse(stored string) (h Hashing, salt, verifier []byte, err error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 4 || parts[0] != "argon2id" {
		return h, nil, nil, errHash
	}
	if n, err := fmt.Sscanf(parts[1], "m=%d,t=%d,p=%d", &h.MemoryKiB, &h.Passes, &h.Lanes); err != nil || n != 3 || h.Passes == 0 || h.Lanes == 0 {
		return h, nil, nil, errHash
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[2])
	verifier, err2 := base64.RawStdEncoding.DecodeString(parts[3])
	if err1 != nil || err2 != nil {
		return h, nil, nil, errHash
	}
	return h, salt, verifier, nil
}

// keys derives from a password what is compared and, apart from it, the key that seals the secret of the authenticator
// app. Waiting for a turn ends with the request.
func (d *Doors) keys(ctx context.Context, h Hashing, password string, salt []byte) (verifier, seal []byte, err error) {
	select {
	case d.hashing <- struct{}{}:
		defer func() { <-d.hashing }()
	case <-ctx.Done():
		return nil, nil, fault.Wrap(fault.Busy, "sign-in", "too many people sign in at once", "try again in a moment", ctx.Err())
	}
	master := argon2.IDKey([]byte(account.TidyPassword(password)), salt, h.Passes, h.MemoryKiB, h.Lanes, 32)
	verifier, err1 := hkdf.Expand(sha256.New, master, "gevor password", 32)
	seal, err2 := hkdf.Expand(sha256.New, master, "gevor authenticator app", 32)
	return verifier, seal, errors.Join(err1, err2)
}

// seal makes what is kept of a password and the secret of an app.
func (d *Doors) seal(ctx context.Context, password, secret string) (p account.Password, err error) {
	salt := make([]byte, 16)
	rand.Read(salt) // never fails: it ends the program instead
	verifier, key, err := d.keys(ctx, d.Hashing, password, salt)
	if err != nil {
		return p, err
	}
	box, err := boxOf(key)
	if err != nil {
		return p, err
	}
	p.Hash = d.Hashing.String() + "$" + base64.RawStdEncoding.EncodeToString(salt) + "$" + base64.RawStdEncoding.EncodeToString(verifier)
	p.Sealed = base64.RawStdEncoding.EncodeToString(box.Seal(nil, nil, []byte(secret), []byte(p.Hash)))
	return p, nil
}

// boxOf seals with a fresh random nonce, which it puts in front.
func boxOf(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

var errPassword = errors.New("wrong password")

// open gives the secret of the app where the password is right.
func (d *Doors) open(ctx context.Context, p account.Password, password string) (secret string, err error) {
	h, salt, want, err := parse(p.Hash)
	if err != nil {
		return "", err
	}
	got, key, err := d.keys(ctx, h, password, salt)
	if err != nil {
		return "", err
	}
	if subtle.ConstantTimeCompare(got, want) != 1 {
		return "", errPassword
	}
	box, err := boxOf(key)
	if err != nil {
		return "", err
	}
	sealed, err := base64.RawStdEncoding.DecodeString(p.Sealed)
	if err != nil {
		return "", errHash
	}
	plain, err := box.Open(nil, nil, sealed, []byte(p.Hash))
	return string(plain), err
}

// openAny opens a password, and one that nobody has where there is none: the cost is the same for everybody, whatever
// they have.
func (d *Doors) openAny(ctx context.Context, p *account.Password, password string) (kept account.Password, secret string, err error) {
	kept = d.decoy
	if p != nil {
		kept = *p
	}
	secret, err = d.open(ctx, kept, password)
	return kept, secret, err
}

// outdated says whether a hash was made with other parameters than new ones are.
func (d *Doors) outdated(stored string) bool {
	return !strings.HasPrefix(stored, d.Hashing.String()+"$")
}

// known looks up who has an address. Somebody without a password, and an address that nobody has, give the decoy: they
// cost as much to refuse as a wrong password does.
func (d *Doors) known(ctx context.Context, email string) (who authz.PersonID, c account.Credentials, err error) {
	p, err := d.Keeper.UnsafePersonByEmail(ctx, email)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		_, err := d.Keeper.UnsafeCredentials(ctx, "") // as many questions as for a known address
		return "", account.Credentials{}, err
	case err != nil:
		return "", c, err
	}
	c, err = d.Keeper.UnsafeCredentials(ctx, p.ID)
	return p.ID, c, err
}

// ByPassword signs in with a password and the code of an authenticator app; both are needed. A refusal is Denied and
// always the same, or Busy where it was tried too often.
func (d *Doors) ByPassword(r *http.Request, email, password, code string) error {
	return d.guess(r, email, func(ctx context.Context) (authz.PersonID, account.Way, error) {
		who, c, err := d.known(ctx, email)
		if err != nil {
			return "", "", err
		}
		kept, secret, err := d.openAny(ctx, c.Password, password)
		if fault.KindOf(err) == fault.Busy {
			return "", "", err
		}
		if err != nil || c.Password == nil {
			return "", "", denied(errors.Join(errPassword, err))
		}
		step, err := d.step(secret, code)
		if err != nil {
			return "", "", denied(err)
		}
		if err := d.Keeper.UnsafeUseStep(ctx, who, step); err != nil {
			return "", "", refused(err)
		}
		if d.outdated(kept.Hash) {
			renewed, err := d.seal(ctx, password, secret)
			if err != nil {
				return "", "", err
			}
			if err := d.Keeper.UnsafeRehash(ctx, who, kept, renewed); err != nil {
				return "", "", err
			}
		}
		return who, account.ByPassword, nil
	})
}

// refused turns a Denied of the keeper into the one answer; what failed otherwise stays what it is.
func refused(err error) error {
	if k := fault.KindOf(err); k == fault.Denied || k == fault.NotFound {
		return denied(err)
	}
	return err
}

// guess runs one attempt at an account behind the brake, and lets in who came through.
func (d *Doors) guess(r *http.Request, email string, attempt func(context.Context) (authz.PersonID, account.Way, error)) error {
	from, key := address(r), hashOf(organisation.EmailKey(email))
	if err := d.slow.ask(d.now(), from, key); err != nil {
		return err
	}
	who, way, err := attempt(r.Context())
	if err != nil {
		return err
	}
	if err := d.begin(r, who, way); err != nil {
		return err
	}
	d.slow.done(from, key)
	return nil
}

// proven turns what somebody brings into a change of credentials; field faults where it cannot be taken. For a passkey,
// purpose says what the ceremony was begun for.
func (d *Doors) proven(r *http.Request, n account.New, purpose string, about ...string) (c account.Change, err error) {
	switch {
	case n.Passkey != "":
		k, err := d.newPasskey(r, purpose, n.Name, n.Passkey)
		c.AddPasskey = k
		return c, err
	case n.Provider:
		i, err := d.heldIdentity(r, purpose)
		c.AddIdentity = i
		return c, err
	}
	p, err := d.newPassword(r.Context(), n, about...)
	c.Password = p
	return c, err
}

// newPassword checks a new password and that the app shows the codes of its secret.
func (d *Doors) newPassword(ctx context.Context, n account.New, about ...string) (*account.Password, error) {
	var f form.Fields
	if reason := account.CheckPassword(n.Password, append(about, d.Name)...); reason != "" {
		f.Add("password", reason)
	}
	step, err := d.step(n.Secret, n.Code)
	if err != nil {
		f.Add("code", "code")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	p, err := d.seal(ctx, n.Password, n.Secret)
	if err != nil {
		return nil, err
	}
	p.Step = step
	return &p, nil
}

// same compares two secrets without telling by its time how far they agree; empty ones agree with nothing.
func same(a, b string) bool { return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
