// Package seal is the form in which organisations tell each other about a person, so that nobody in between can read
// it: HPKE (RFC 9180: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM) to the keys of both organisations, a content
// key of its own for every box, and a share of that key which the platform holds outside every backup.
//
// Opening a box takes three things: the private key of one of the two organisations, the share, and the context that
// both sides know. Whoever destroys the share ends the readability of every copy. The same form is written and read in
// the browser by internal/web/assets/src/islands/seal.js; TestBrowserAndProgramAgree of tests/browser holds both
// together.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"slices"

	"gevor/fault"
)

// version of the form.
const version = 1

// ShareSize is the size in bytes of what the platform holds.
const ShareSize = 32

// secretSize is the size in bytes of what HPKE carries.
const secretSize = 32

// Context is what a box is bound to. A box opens in no other context. A fingerprint that is empty names nobody: a box
// to the receiver alone has no SenderKey, one under a secret that both sides know already has neither.
type Context struct {
	Handover    string // or the message of a practice
	Consent     string // or the number of its slip
	Sender      string // organisation
	Receiver    string // organisation
	SenderKey   string // fingerprint
	ReceiverKey string // fingerprint
	Part        string // "request" for what the sender says first; another word for each later box
}

// bytes writes the context so that no two contexts read alike: each field behind its length, big-endian in two bytes.
func (c Context) bytes(purpose string) []byte {
	out := []byte("gevor sealed 1\n")
	for _, f := range []string{purpose, c.Handover, c.Consent, c.Sender, c.Receiver, c.SenderKey, c.ReceiverKey, c.Part} {
		out = binary.BigEndian.AppendUint16(out, uint16(min(len(f), 1<<16-1)))
		out = append(out, f[:min(len(f), 1<<16-1)]...)
	}
	return out
}

// Sizes are those of a message in bytes, its length of four bytes included: every content is padded to the next.
func Sizes() []int { return []int{4 << 10, 16 << 10, 64 << 10, 128 << 10} }

// FileSizes are those of an attachment: the sizes of messages, and three more.
func FileSizes() []int { return append(Sizes(), 512<<10, 2<<20, 4<<20) }

// Most is the size in bytes of the largest content of a message.
func Most() int { return slices.Max(Sizes()) - 4 }

// MostFile is the size in bytes of the largest attachment.
func MostFile() int { return slices.Max(FileSizes()) - 4 }

// box is the form on the wire.
type box struct {
	V       int      `json:"v"`
	To      []sealed `json:"to"`
	Content []byte   `json:"content"` // nonce of 12 bytes, then AES-256-GCM
}

type sealed struct {
	Key string `json:"key"` // fingerprint
	Box []byte `json:"box"` // HPKE: encapsulated key of 65 bytes, then the sealed secret
}

// MostText is the size in bytes of the longest text of a message's box, MostFileText that of an attachment's.
const (
	MostText     = 190 << 10
	MostFileText = 6 << 20
)

// Fingerprint names a public key (65 bytes, uncompressed): SHA-256 in hexadecimal.
func Fingerprint(public []byte) string {
	sum := sha256.Sum256(public)
	return hex.EncodeToString(sum[:])
}

// PublicKey reads a public key of 65 bytes. Invalid where it is no point of P-256.
func PublicKey(raw []byte) (*ecdh.PublicKey, error) {
	k, err := ecdh.P256().NewPublicKey(raw)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "public key", "is none of P-256", "make a new one", err)
	}
	return k, nil
}

// Seal closes a content for the two organisations of a context, whose public keys must be those that it names. share
// has ShareSize bytes. Equal contents give different boxes. TooLarge beyond MostFile, Invalid otherwise; what is longer
// than Most is taken as an attachment only.
func Seal(c Context, sender, receiver *ecdh.PublicKey, share, content []byte) ([]byte, error) {
	if Fingerprint(sender.Bytes()) != c.SenderKey || Fingerprint(receiver.Bytes()) != c.ReceiverKey {
		return nil, otherKeys()
	}
	return closed(c, []*ecdh.PublicKey{sender, receiver}, fresh(), share, content)
}

// To closes a content for the receiver of a context alone, as somebody does who has no key. Errors are those of Seal.
func To(c Context, receiver *ecdh.PublicKey, share, content []byte) ([]byte, error) {
	if c.SenderKey != "" || Fingerprint(receiver.Bytes()) != c.ReceiverKey {
		return nil, otherKeys()
	}
	return closed(c, []*ecdh.PublicKey{receiver}, fresh(), share, content)
}

// SecretSize is the size in bytes of the secret of With.
const SecretSize = secretSize

// With closes a content under a secret of SecretSize bytes that the reader has already, as an answer to somebody
// without a key. Errors are those of Seal.
func With(c Context, secret, share, content []byte) ([]byte, error) {
	if c.SenderKey != "" || c.ReceiverKey != "" || len(secret) != secretSize {
		return nil, otherKeys()
	}
	return closed(c, nil, secret, share, content)
}

func otherKeys() error {
	return fault.New(fault.Invalid, "box", "is to be sealed with keys that its context does not name", "")
}

func fresh() []byte {
	secret := make([]byte, secretSize)
	rand.Read(secret) // never fails
	return secret
}

func closed(c Context, keys []*ecdh.PublicKey, secret, share, content []byte) ([]byte, error) {
	if len(share) != ShareSize {
		return nil, otherKeys()
	}
	padded, err := pad(content)
	if err != nil {
		return nil, err
	}
	b := box{V: version, To: []sealed{}}
	for _, k := range keys {
		to, err := hpke.NewDHKEMPublicKey(k)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "public key", "cannot be sealed to", "", err)
		}
		id := Fingerprint(k.Bytes())
		raw, err := hpke.Seal(to, hpke.HKDFSHA256(), hpke.AES256GCM(), c.bytes("to "+id), secret)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, "box", "cannot be sealed", "", err)
		}
		b.To = append(b.To, sealed{id, raw})
	}
	gcm, err := contentCipher(c, secret, share)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, gcm.NonceSize())
	rand.Read(nonce)
	b.Content = gcm.Seal(nonce, nonce, padded, c.bytes("content"))
	return json.Marshal(b)
}

// contentCipher derives the key of a content from both halves.
func contentCipher(c Context, secret, share []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, secret, share, string(c.bytes("content key")), 32)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "box", "cannot be sealed", "", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "box", "cannot be sealed", "", err)
	}
	return cipher.NewGCM(block)
}

// Open gives the content of a box to one of those whom its context names. Everything that does not fit, whatever it is,
// is one fault of kind Corrupt: it tells nobody which part was wrong.
func Open(raw []byte, c Context, key *ecdh.PrivateKey, share []byte) ([]byte, error) {
	b, err := read(raw, c, MostFileText)
	if err != nil {
		return nil, notOpen()
	}
	id := Fingerprint(key.PublicKey().Bytes())
	at := slices.IndexFunc(b.To, func(s sealed) bool { return s.Key == id })
	if at < 0 || id != c.SenderKey && id != c.ReceiverKey {
		return nil, notOpen()
	}
	private, err := hpke.NewDHKEMPrivateKey(key)
	if err != nil {
		return nil, notOpen()
	}
	secret, err := hpke.Open(private, hpke.HKDFSHA256(), hpke.AES256GCM(), c.bytes("to "+id), b.To[at].Box)
	if err != nil {
		return nil, notOpen()
	}
	return b.content(c, secret, share)
}

// OpenWith gives the content of a box of With to whoever has its secret. Corrupt as Open.
func OpenWith(raw []byte, c Context, secret, share []byte) ([]byte, error) {
	b, err := read(raw, c, MostText)
	if err != nil || len(b.To) > 0 {
		return nil, notOpen()
	}
	return b.content(c, secret, share)
}

func notOpen() error {
	return fault.New(fault.Corrupt, "box", "does not open with this key, share and context", "ask the sender to seal it again")
}

func (b box) content(c Context, secret, share []byte) ([]byte, error) {
	if len(secret) != secretSize || len(share) != ShareSize {
		return nil, notOpen()
	}
	gcm, err := contentCipher(c, secret, share)
	if err != nil || len(b.Content) < gcm.NonceSize() {
		return nil, notOpen()
	}
	n := gcm.NonceSize()
	padded, err := gcm.Open(nil, b.Content[:n], b.Content[n:], c.bytes("content"))
	if err != nil {
		return nil, notOpen()
	}
	content, ok := unpad(padded)
	if !ok {
		return nil, notOpen()
	}
	return content, nil
}

// recipients are the fingerprints that a context names.
func (c Context) recipients() []string {
	return slices.DeleteFunc([]string{c.SenderKey, c.ReceiverKey}, func(k string) bool { return k == "" })
}

func read(raw []byte, c Context, most int) (b box, err error) {
	if len(raw) > most {
		return b, fault.New(fault.TooLarge, "box", "is longer than any", "send less")
	}
	if err := json.Unmarshal(raw, &b); err != nil || b.V != version || len(b.To) != len(c.recipients()) {
		return b, fault.New(fault.Invalid, "box", "is none that this program knows", "load the page again")
	}
	return b, nil
}

// Check says whether a text has the outer form of a message's box to the keys of a context, as far as that can be told
// without opening it: version, names of the keys, one of the fixed sizes. TooLarge beyond MostText, Invalid otherwise.
func Check(raw []byte, c Context) error { return check(raw, c, MostText, Sizes()) }

// CheckFile is Check for an attachment. TooLarge beyond MostFileText.
func CheckFile(raw []byte, c Context) error { return check(raw, c, MostFileText, FileSizes()) }

func check(raw []byte, c Context, most int, sizes []int) error {
	b, err := read(raw, c, most)
	if err != nil {
		return err
	}
	fits := slices.Contains(sizes, len(b.Content)-12-16) // nonce and tag
	for i, key := range c.recipients() {
		fits = fits && b.To[i].Key == key && len(b.To[i].Box) == 65+secretSize+16
	}
	if !fits {
		return fault.New(fault.Invalid, "box", "was sealed to other keys or in another form", "load the page again and seal once more")
	}
	return nil
}

// pad brings a content to the next fixed size: its length in four bytes, big-endian, the content, zeros.
func pad(content []byte) ([]byte, error) {
	for _, size := range FileSizes() {
		if len(content)+4 <= size {
			out := make([]byte, size)
			binary.BigEndian.PutUint32(out, uint32(len(content)))
			copy(out[4:], content)
			return out, nil
		}
	}
	return nil, fault.New(fault.TooLarge, "content", "is longer than a box holds", "write less, or send the rest on paper")
}

func unpad(padded []byte) ([]byte, bool) {
	if len(padded) < 4 {
		return nil, false
	}
	n := binary.BigEndian.Uint32(padded)
	if uint64(n) > uint64(len(padded)-4) {
		return nil, false
	}
	return padded[4 : 4+n], true
}
