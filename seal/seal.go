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

// Context is what a box is bound to. A box opens in no other context.
type Context struct {
	Handover    string
	Consent     string
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

// Sizes are those of a content in bytes, its length of four bytes included: every content is padded to the next.
func Sizes() []int { return []int{4 << 10, 16 << 10, 64 << 10, 128 << 10} }

// Most is the largest content in bytes.
func Most() int { return slices.Max(Sizes()) - 4 }

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

// MostText is the size in bytes of the longest text of a box.
const MostText = 190 << 10

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
// has ShareSize bytes. Equal contents give different boxes. TooLarge beyond Most, Invalid otherwise.
func Seal(c Context, sender, receiver *ecdh.PublicKey, share, content []byte) ([]byte, error) {
	if len(share) != ShareSize || Fingerprint(sender.Bytes()) != c.SenderKey || Fingerprint(receiver.Bytes()) != c.ReceiverKey {
		return nil, fault.New(fault.Invalid, "box", "is to be sealed with keys that its context does not name", "")
	}
	padded, err := pad(content)
	if err != nil {
		return nil, err
	}
	secret := make([]byte, secretSize)
	rand.Read(secret) // never fails
	b := box{V: version}
	for _, k := range []*ecdh.PublicKey{sender, receiver} {
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

// Open gives the content of a box to one of its two organisations. Everything that does not fit, whatever it is, is one
// fault of kind Corrupt: it tells nobody which part was wrong.
func Open(raw []byte, c Context, key *ecdh.PrivateKey, share []byte) ([]byte, error) {
	wrong := fault.New(fault.Corrupt, "box", "does not open with this key, share and context", "ask the sender to seal it again")
	b, err := read(raw)
	if err != nil || len(share) != ShareSize {
		return nil, wrong
	}
	id := Fingerprint(key.PublicKey().Bytes())
	if id != c.SenderKey && id != c.ReceiverKey {
		return nil, wrong
	}
	at := slices.IndexFunc(b.To, func(s sealed) bool { return s.Key == id })
	if at < 0 {
		return nil, wrong
	}
	private, err := hpke.NewDHKEMPrivateKey(key)
	if err != nil {
		return nil, wrong
	}
	secret, err := hpke.Open(private, hpke.HKDFSHA256(), hpke.AES256GCM(), c.bytes("to "+id), b.To[at].Box)
	if err != nil || len(secret) != secretSize {
		return nil, wrong
	}
	gcm, err := contentCipher(c, secret, share)
	if err != nil || len(b.Content) < gcm.NonceSize() {
		return nil, wrong
	}
	n := gcm.NonceSize()
	padded, err := gcm.Open(nil, b.Content[:n], b.Content[n:], c.bytes("content"))
	if err != nil {
		return nil, wrong
	}
	content, ok := unpad(padded)
	if !ok {
		return nil, wrong
	}
	return content, nil
}

func read(raw []byte) (b box, err error) {
	if len(raw) > MostText {
		return b, fault.New(fault.TooLarge, "box", "is longer than any", "send less")
	}
	if err := json.Unmarshal(raw, &b); err != nil || b.V != version || len(b.To) != 2 {
		return b, fault.New(fault.Invalid, "box", "is none that this program knows", "load the page again")
	}
	return b, nil
}

// Check says whether a text has the outer form of a box to the two keys of a context, as far as that can be told
// without opening it: version, names of the keys, one of the fixed sizes.
func Check(raw []byte, c Context) error {
	b, err := read(raw)
	if err != nil {
		return err
	}
	size := len(b.Content) - 12 - 16 // nonce and tag
	if b.To[0].Key != c.SenderKey || b.To[1].Key != c.ReceiverKey || !slices.Contains(Sizes(), size) ||
		len(b.To[0].Box) != 65+secretSize+16 || len(b.To[1].Box) != 65+secretSize+16 {
		return fault.New(fault.Invalid, "box", "was sealed to other keys or in another form", "load the page again and seal once more")
	}
	return nil
}

// pad brings a content to the next fixed size: its length in four bytes, big-endian, the content, zeros.
func pad(content []byte) ([]byte, error) {
	for _, size := range Sizes() {
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
