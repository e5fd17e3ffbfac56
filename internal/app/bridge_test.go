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
	sealed, err := seal.Seal(box, own[0].PublicKey(), own[1].PublicKey(), share, []byte(`{"name":"Frau `+word+`","concern":"Termin","files":[{"part":"b-1","name":"../`+word+`.txt","size":8},{"part":"b-2","name":"weg.txt","size":8}]}`))
	if err != nil {
		t.Fatal(err)
	}
	attached := box
	attached.Part = "b-1"
	file, err := seal.Seal(attached, own[0].PublicKey(), own[1].PublicKey(), share, []byte("Bescheid"))
	if err != nil {
		t.Fatal(err)
	}
	wrap, err := seal.Wrap(own[1], passphrase, "p-1")
	if err != nil {
		t.Fatal(err)
	}
	parcel := seal.Parcel{Format: seal.ParcelFormat, Holder: "p-1", Key: box.ReceiverKey, Wrap: string(wrap), Share: share, Parts: []seal.Piece{{Context: box, Box: string(sealed)}}, Files: []seal.Piece{{Context: attached, Box: string(file)}}}
	put("parcel.json", parcel)
	// Without the platform: what it says, and the attachments in a folder, whatever the sender called them.
	var printed, noted bytes.Buffer
	if err := unseal(console{strings.NewReader(passphrase + "\n"), &printed, &noted}, at("parcel.json"), at("files")); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(at(filepath.Join("files", "_"+word+".txt"))); err != nil || string(got) != "Bescheid" || !strings.Contains(printed.String(), word) || !strings.Contains(noted.String(), "weg.txt is not in the file") {
		t.Errorf("%q, %v, %s", got, err, noted.String())
	}
	if err := unseal(console{strings.NewReader(passphrase + "\n"), io.Discard, io.Discard}, at("parcel.json"), at("files")); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(at(filepath.Join("files", "2-_"+word+".txt"))); err != nil || string(got) != "Bescheid" {
		t.Errorf("a second time: %q, %v", got, err)
	}
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
	if opened, err := os.ReadFile(at("opened.json")); err != nil || !bytes.Contains(opened, []byte(`"data": "QmVzY2hlaWQ="`)) {
		t.Errorf("the attachment is not in the own system's bundle: %v", err)
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
