package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"strings"

	"golang.org/x/text/unicode/norm"

	"gevor/fault"
)

// Iterations is how many rounds of PBKDF2-HMAC-SHA256 a passphrase goes through, as OWASP advises for 2025.
const Iterations = 600_000

// mostIterations is what a wrapped key may ask a reader to compute.
const mostIterations = 10_000_000

// LeastPassphrase is the length in characters of the shortest passphrase.
const LeastPassphrase = 12

// wrapped is a private key under a passphrase.
type wrapped struct {
	V          int    `json:"v"`
	Iterations int    `json:"iterations"`
	Salt       []byte `json:"salt"`
	Nonce      []byte `json:"nonce"`
	Box        []byte `json:"box"` // AES-256-GCM of the key in PKCS #8
}

// Wrap closes a private key under a passphrase for one holder. holder and the key's fingerprint are bound into it.
func Wrap(key *ecdh.PrivateKey, passphrase, holder string) ([]byte, error) {
	plain, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "private key", "cannot be written", "", err)
	}
	w := wrapped{V: version, Iterations: Iterations, Salt: make([]byte, 16), Nonce: make([]byte, 12)}
	rand.Read(w.Salt) // never fails
	rand.Read(w.Nonce)
	gcm, err := w.cipher(passphrase)
	if err != nil {
		return nil, err
	}
	w.Box = gcm.Seal(nil, w.Nonce, plain, bound(Fingerprint(key.PublicKey().Bytes()), holder))
	return json.Marshal(w)
}

func bound(fingerprint, holder string) []byte {
	return []byte("gevor key 1\n" + fingerprint + "\n" + holder)
}

// Tidy gives a passphrase as it is used: composed form, single spaces, none around.
func Tidy(passphrase string) string {
	return norm.NFC.String(strings.Join(strings.Fields(passphrase), " "))
}

func (w wrapped) cipher(passphrase string) (cipher.AEAD, error) {
	key, err := pbkdf2.Key(sha256.New, Tidy(passphrase), w.Salt, w.Iterations, 32)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "passphrase", "cannot be used", "", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "passphrase", "cannot be used", "", err)
	}
	return cipher.NewGCM(block)
}

// CheckWrap says whether a text has the form of a wrapped key with at least Iterations rounds.
func CheckWrap(raw []byte) error {
	_, err := readWrap(raw, Iterations)
	return err
}

func readWrap(raw []byte, least int) (w wrapped, err error) {
	if len(raw) > 2000 {
		return w, fault.New(fault.TooLarge, "wrapped key", "is longer than any", "load the page again")
	}
	if err := json.Unmarshal(raw, &w); err != nil || w.V != version || w.Iterations < least || w.Iterations > mostIterations || len(w.Salt) != 16 || len(w.Nonce) != 12 || len(w.Box) < 100 {
		return w, fault.New(fault.Invalid, "wrapped key", "is none that this program knows", "load the page again")
	}
	return w, nil
}

// Unwrap opens a private key. Denied where the passphrase, the holder or the key is another.
func Unwrap(raw []byte, passphrase, fingerprint, holder string) (*ecdh.PrivateKey, error) {
	w, err := readWrap(raw, Iterations)
	if err != nil {
		return nil, err
	}
	wrong := fault.New(fault.Denied, "wrapped key", "does not open with this passphrase", "type it again, or use the recovery sheet")
	gcm, err := w.cipher(passphrase)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, w.Nonce, w.Box, bound(fingerprint, holder))
	if err != nil {
		return nil, wrong
	}
	parsed, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return nil, wrong
	}
	signing, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, wrong
	}
	key, err := signing.ECDH()
	if err != nil || Fingerprint(key.PublicKey().Bytes()) != fingerprint {
		return nil, wrong
	}
	return key, nil
}

// ProofOf is what shows the platform that somebody reads a recovery sheet, without telling it the code: SHA-256 in
// hexadecimal, as proofOf of the browser's form.
func ProofOf(code string) string {
	sum := sha256.Sum256([]byte("gevor sheet proof 1\n" + code))
	return hex.EncodeToString(sum[:])
}

// SheetHolder is the holder to whom the wrap of a recovery sheet is bound.
const SheetHolder = "sheet"

// Parcel is everything that opens one handover without the platform, but for a passphrase: what an organisation keeps
// in its own files when it downloads it. It holds the share, so deleting that at the platform does not reach it.
type Parcel struct {
	Format string  `json:"format"` // ParcelFormat
	Holder string  `json:"holder"`
	Key    string  `json:"key"` // fingerprint
	Wrap   string  `json:"wrap"`
	Share  []byte  `json:"share"`
	Parts  []Piece `json:"parts"`
	Files  []Piece `json:"files,omitempty"` // attachments, as their messages name them
}

// Piece is one box of a parcel with its context.
type Piece struct {
	Context Context `json:"context"`
	Box     string  `json:"box"`
}

// ParcelFormat names the form of parcels.
const ParcelFormat = "gevor-parcel-1"

// Opened is what a parcel says: its messages in order, and their attachments by part.
type Opened struct {
	Messages [][]byte
	Files    map[string][]byte
}

// Unseal opens all boxes of a parcel. Errors are those of Unwrap and Open.
func (p Parcel) Unseal(passphrase string) (out Opened, err error) {
	if p.Format != ParcelFormat {
		return out, fault.New(fault.Invalid, "parcel", "is none that this program knows", "download it again")
	}
	key, err := Unwrap([]byte(p.Wrap), passphrase, p.Key, p.Holder)
	if err != nil {
		return out, err
	}
	for _, x := range p.Parts {
		content, err := Open([]byte(x.Box), x.Context, key, p.Share)
		if err != nil {
			return Opened{}, err
		}
		out.Messages = append(out.Messages, content)
	}
	out.Files = make(map[string][]byte, len(p.Files))
	for _, x := range p.Files {
		content, err := Open([]byte(x.Box), x.Context, key, p.Share)
		if err != nil {
			return Opened{}, err
		}
		out.Files[x.Context.Part] = content
	}
	return out, nil
}

// Attached is how a message names an attachment. The name is the sender's own: for showing, never for opening a path.
type Attached struct {
	Part string `json:"part"`
	Name string `json:"name"`
	Size int    `json:"size"` // in bytes
}

// Message is what a message says: its fields of text, and its attachments.
type Message struct {
	Fields map[string]string
	Files  []Attached
}

// filesField is the field of a message that names its attachments.
const filesField = "files"

// ReadMessage reads an opened message. Corrupt where it is none.
func ReadMessage(content []byte) (m Message, err error) {
	bad := func(err error) error {
		return fault.Wrap(fault.Corrupt, "message", "says something that is no text", "ask the sender to seal it again", err)
	}
	raw := map[string]json.RawMessage{}
	if err := json.Unmarshal(content, &raw); err != nil {
		return m, bad(err)
	}
	m.Fields = map[string]string{}
	for name, value := range raw {
		if name == filesField {
			err = json.Unmarshal(value, &m.Files)
		} else {
			var text string
			err = json.Unmarshal(value, &text)
			m.Fields[name] = text
		}
		if err != nil {
			return Message{}, bad(err)
		}
	}
	return m, nil
}
