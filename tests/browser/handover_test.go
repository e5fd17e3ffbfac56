//go:build browser

package browser

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"gevor/authz"
	"gevor/internal/store"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
	"gevor/outbox"
	"gevor/seal"
)

// said is what the browser has to say again, whatever the alphabet.
const said = `{"name":"Frau Nachtigall","concern":"Гроші й житло · نقود · 1 < 2 & \"so\""}`

// letterSecret is the secret of the link in the last mail to an organisation without an account.
func letterSecret(t *testing.T, h *webtest.Houses) (secret string) {
	waiting, err := h.UnsafeLease(t.Context(), outbox.Mail, webtest.Day().AddDate(0, 0, 1), webtest.Day().AddDate(0, 0, 2), 1000)
	if err != nil {
		t.Error(err)
	}
	for _, m := range waiting {
		var mail store.LetterMail
		if json.Unmarshal(m.Payload, &mail) == nil && mail.Template == "handover-letter" {
			secret = mail.Secret
		}
	}
	return secret
}

// TestHandoversInTheBrowser seals and opens in the program what the browser opens and seals, and walks the whole loop of
// two organisations and a person at phone width.
func TestHandoversInTheBrowser(t *testing.T) {
	h, err := webtest.Handler(web.Normal, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	quiet, err := h.Houses.QuietOffer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pages := http.NewServeMux()
	pages.Handle("/", h)
	pages.HandleFunc("/test/letter", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, letterSecret(t, h.Houses)) })
	pages.HandleFunc("/test/rotate", func(w http.ResponseWriter, _ *http.Request) {
		if err := h.Houses.NewKey(t.Context(), webtest.West); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	srv := httptest.NewServer(pages)
	defer srv.Close()
	newKey := func() *ecdh.PrivateKey {
		k, err := ecdh.P256().GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	pkcs8 := func(k *ecdh.PrivateKey) []byte {
		raw, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	sender, receiver := newKey(), newKey()
	c := seal.Context{
		Handover: "h-1", Consent: "c-1", Sender: "o-ä", Receiver: "o-2", Part: "request",
		SenderKey: seal.Fingerprint(sender.PublicKey().Bytes()), ReceiverKey: seal.Fingerprint(receiver.PublicKey().Bytes()),
	}
	share := bytes.Repeat([]byte{7}, seal.ShareSize)
	box, err := seal.Seal(c, sender.PublicKey(), receiver.PublicKey(), share, []byte(said))
	if err != nil {
		t.Fatal(err)
	}
	const passphrase = "vier  Wörter im Wind"
	wrap, err := seal.Wrap(receiver, passphrase, "p-1")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	answer, parcel := filepath.Join(dir, "answer.json"), filepath.Join(dir, "parcel.json")
	plan, err := json.Marshal(map[string]any{
		"server": srv.URL, "chromium": chromium(t), "island": "/assets/" + buildOf(t, h) + "/handover.js", "visits": []string{}, "servers": map[string]string{},
		"context": c, "share": share, "box": string(box), "wrap": string(wrap), "passphrase": passphrase, "said": said, "answer": answer, "parcel": parcel,
		"senderPublic": sender.PublicKey().Bytes(), "receiverPublic": receiver.PublicKey().Bytes(), "receiverKey": pkcs8(receiver),
		"sends": webtest.Person(webtest.East, authz.Navigator), "takes": webtest.Person(webtest.West, authz.Receiver),
		"first": webtest.Person(webtest.South, authz.Navigator), "second": webtest.Person(webtest.South, authz.Receiver),
		"offer": webtest.PublicOffer(), "district": webtest.District(), "office": webtest.Person(webtest.East, authz.Coordinator), "quiet": quiet, "known": webtest.Passphrase,
	})
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(dir, "plan.json")
	if err := os.WriteFile(at, plan, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "--test", "--test-reporter=spec", "--test-concurrency=1", "handover.test.mjs")
	cmd.Env = append(os.Environ(), "GEVOR_BROWSER_PLAN="+at)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("the browser tests failed: %v", err)
	}
	var kept seal.Parcel
	if raw, err := os.ReadFile(parcel); err != nil || json.Unmarshal(raw, &kept) != nil {
		t.Fatalf("the file that was kept: %v", err)
	}
	if o, err := kept.Unseal(webtest.Passphrase); err != nil || len(o.Messages) != 2 || len(o.Files) != 3 {
		t.Errorf("the program opens %d messages and %d attachments of the file that was kept: %v", len(o.Messages), len(o.Files), err)
	} else if m, err := seal.ReadMessage(o.Messages[0]); err != nil || len(m.Files) != 2 || string(o.Files[m.Files[0].Part]) != "Bescheid über 41 Euro für Frau Eisvogel" {
		t.Errorf("the request says %+v: %v", m, err)
	}
	raw, err := os.ReadFile(answer)
	if err != nil {
		t.Fatal(err)
	}
	var made struct{ Box, Wrap, Key string }
	if err := json.Unmarshal(raw, &made); err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]*ecdh.PrivateKey{"sender": sender, "receiver": receiver} {
		if got, err := seal.Open([]byte(made.Box), c, k, share); err != nil || string(got) != said {
			t.Errorf("what the browser sealed, the %s reads as %q: %v", name, got, err)
		}
	}
	if err := seal.Check([]byte(made.Box), c); err != nil {
		t.Error(err)
	}
	if _, err := seal.Open([]byte(made.Box), c, receiver, bytes.Repeat([]byte{8}, seal.ShareSize)); err == nil {
		t.Error("another share opens what the browser sealed")
	}
	if k, err := seal.Unwrap([]byte(made.Wrap), passphrase, made.Key, "p-2"); err != nil || seal.Fingerprint(k.PublicKey().Bytes()) != made.Key {
		t.Errorf("the key that the browser wrapped: %v", err)
	}
}
