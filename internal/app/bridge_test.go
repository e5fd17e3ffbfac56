package app

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gevor/handover"
	"gevor/internal/loop4"
	"gevor/seal"
)

// TestTheBridgeOpensBesideTheOwnSystem carries a handover to an own system and its answer back. The word that was sealed
// stands in what the bridge writes there, and neither in the envelope nor in the sealed file; the control is that file
// opened. Another passphrase and another handover write nothing.
func TestTheBridgeOpensBesideTheOwnSystem(t *testing.T) {
	const word, passphrase = "Nachtigall", "vier Worte im Wind"
	dir := t.TempDir()
	day := time.Date(2026, 5, 11, 9, 0, 0, 0, time.UTC)
	at := func(name string) string { return filepath.Join(dir, name) }
	put := func(name string, x any) {
		t.Helper()
		raw, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at(name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var own [2]*ecdh.PrivateKey
	for i := range own {
		k, err := ecdh.P256().GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		own[i] = k
	}
	f := handover.File{Handover: handover.Handover{ID: "h-abc", Sender: "o-east", Receiver: "o-west", Status: handover.Received, Version: 3, Made: day, Requested: day, Changed: day}}
	put("bundle.json", loop4.Write(f, "https://gevor.example"))
	box := seal.Context{
		Handover: "h-abc", Consent: "c-abc", Sender: "o-east", Receiver: "o-west", Part: "request",
		SenderKey: seal.Fingerprint(own[0].PublicKey().Bytes()), ReceiverKey: seal.Fingerprint(own[1].PublicKey().Bytes()),
	}
	share := bytes.Repeat([]byte{3}, seal.ShareSize)
	sealed, err := seal.Seal(box, own[0].PublicKey(), own[1].PublicKey(), share, []byte(`{"name":"Frau `+word+`","concern":"Termin"}`))
	if err != nil {
		t.Fatal(err)
	}
	wrap, err := seal.Wrap(own[1], passphrase, "p-1")
	if err != nil {
		t.Fatal(err)
	}
	parcel := seal.Parcel{Format: seal.ParcelFormat, Holder: "p-1", Key: box.ReceiverKey, Wrap: string(wrap), Share: share, Parts: []seal.Piece{{Context: box, Box: string(sealed)}}}
	put("parcel.json", parcel)
	run := func(typed, bundle, out string) error {
		return unsealLoop(console{strings.NewReader(typed + "\n"), io.Discard, io.Discard}, at(bundle), at("parcel.json"), at(out))
	}
	if err := run(passphrase, "bundle.json", "opened.json"); err != nil {
		t.Fatal(err)
	}
	holds := func(name string) bool {
		raw, err := os.ReadFile(at(name))
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(raw, []byte(word))
	}
	if holds("bundle.json") || holds("parcel.json") || !holds("opened.json") {
		t.Errorf("the word: envelope %v, sealed file %v, opened %v", holds("bundle.json"), holds("parcel.json"), holds("opened.json"))
	}
	if run("drei Worte im Wind", "bundle.json", "wrong.json") == nil {
		t.Error("another passphrase opens")
	}
	other := f
	other.ID = "h-other"
	put("other.json", loop4.Write(other, "https://gevor.example"))
	if run(passphrase, "other.json", "wrong.json") == nil {
		t.Error("the content goes into another handover's bundle")
	}
	if _, err := os.Stat(at("wrong.json")); err == nil {
		t.Error("what was refused wrote a file")
	}
	// The own system accepts; what comes back is the receiver's command.
	raw, err := os.ReadFile(at("opened.json"))
	if err != nil {
		t.Fatal(err)
	}
	answered := bytes.Replace(raw, []byte(`"status": "received"`), []byte(`"status": "accepted"`), 1)
	c, err := loop4.Read(answered, f.Handover)
	if err != nil || c.Verb != handover.Accept || c.Version != 3 {
		t.Errorf("the answer is %+v: %v", c, err)
	}
	if h, err := f.Apply(c, day); err != nil || h.Status != handover.Accepted {
		t.Errorf("the answer leads to %s: %v", h.Status, err)
	}
}
