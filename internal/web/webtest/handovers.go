package webtest

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"

	"gevor/authz"
	"gevor/directory"
	"gevor/handover"
	"gevor/internal/shares"
	"gevor/internal/store"
	"gevor/organisation"
	"gevor/seal"
)

// sharing gives a store that keeps shares in a folder beside its database.
func sharing(dir string) store.Option {
	return store.WithShares(shares.In(filepath.Join(dir, shares.FolderName)))
}

// Passphrase opens the keys of the example town for their holders.
const Passphrase = "vier Wörter im Wind"

// Sealed is what the sealed content of the example town says. Nobody outside the two houses may ever see it.
const Sealed = "Nachtigall"

// hands makes two handovers: one of the east, and one of others whose receipt the tests know.
func (h *Houses) hands(ctx context.Context, e *example) error {
	keys := map[authz.OrganisationID]*ecdh.PrivateKey{}
	for _, o := range []authz.OrganisationID{East, West, South} {
		k, err := h.key(ctx, o)
		if err != nil {
			return err
		}
		keys[o] = k
	}
	for _, from := range []authz.OrganisationID{East, South} {
		id, code, err := h.hand(ctx, e, from, keys[from], keys[West])
		if err != nil {
			return err
		}
		if from == East {
			e.handover = string(id)
		} else {
			e.receipt = code
		}
		share := filepath.Join(e.dir, shares.FolderName, string(id))
		raw, err := os.ReadFile(share)
		if err != nil {
			return err
		}
		e.shares[string(id)] = raw
	}
	return h.slips(ctx, e, keys)
}

// slips prints three slips of the west, and lets the practice write about the first.
func (h *Houses) slips(ctx context.Context, e *example, takes map[authz.OrganisationID]*ecdh.PrivateKey) error {
	who, _, err := h.UnsafeActor(ctx, Person(West, authz.Receiver))
	if err != nil {
		return err
	}
	_, codes, secret, err := h.CreateSlips(ctx, who, Day(), handover.NewSlips{Owner: West, Service: string(e.public), Practice: "Praxis am Markt", Count: 3})
	if err != nil {
		return err
	}
	e.slip, e.practice = codes[0], secret
	if err := h.MarkSlip(ctx, who, Day(), West, codes[1], handover.Arrived, true); err != nil {
		return err
	}
	if e.note, err = h.noted(ctx, e, West, e.practice, takes[West]); err != nil {
		return err
	}
	if who, _, err = h.UnsafeActor(ctx, Person(East, authz.Receiver)); err != nil {
		return err
	}
	_, _, east, err := h.CreateSlips(ctx, who, Day(), handover.NewSlips{Owner: East, Service: string(e.service), Practice: "Praxis am Kanal", Count: 1})
	if err != nil {
		return err
	}
	e.note, err = h.noted(ctx, e, East, east, takes[East])
	return err
}

// noted writes what a practice says about its first slip, answers it, and gives its name.
func (h *Houses) noted(ctx context.Context, e *example, o authz.OrganisationID, secret string, takes *ecdh.PrivateKey) (string, error) {
	desk, err := h.Practice(ctx, Day(), secret)
	if err != nil {
		return "", err
	}
	n := handover.Note{ID: h.NewNoteID(), Block: desk.Block, Number: 1, Takes: desk.Key.ID, Share: bytes.Repeat([]byte{4}, seal.ShareSize)}
	box, err := seal.To(n.Context(o), takes.PublicKey(), n.Share, []byte(`{"note":"`+Sealed+` kommt am Montag.","reply":"`+base64.StdEncoding.EncodeToString(PracticeSecret())+`"}`))
	if err != nil {
		return "", err
	}
	n.Box = string(box)
	if err := h.WriteNote(ctx, Day(), secret, n); err != nil {
		return "", err
	}
	reply, err := seal.With(n.ReplyContext(o), PracticeSecret(), n.Share, []byte(Sealed+" war hier."))
	if err != nil {
		return "", err
	}
	e.shares[n.ID] = n.Share
	who, _, err := h.UnsafeActor(ctx, Person(o, authz.Receiver))
	if err != nil {
		return "", err
	}
	return n.ID, h.AnswerNote(ctx, who, Day(), o, n.ID, string(reply))
}

// PracticeSecret is what stands in the fragment of the example practice's link.
func PracticeSecret() []byte { return bytes.Repeat([]byte{5}, seal.SecretSize) }

// NewKey makes a further key for an organisation, which takes the place of the one before.
func (h *Houses) NewKey(ctx context.Context, o authz.OrganisationID) error {
	_, err := h.key(ctx, o)
	return err
}

// key makes a key with two holders.
func (h *Houses) key(ctx context.Context, o authz.OrganisationID) (*ecdh.PrivateKey, error) {
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	proof := strings.Repeat("f", 64)
	id := ""
	for _, r := range []authz.Role{authz.Navigator, authz.Receiver} {
		who, _, err := h.UnsafeActor(ctx, Person(o, r))
		if err != nil {
			return nil, err
		}
		wrap, err := seal.Wrap(k, Passphrase, string(who.Person))
		if err != nil {
			return nil, err
		}
		if id == "" {
			if id, err = h.CreateSealKey(ctx, who, Day(), handover.NewKey{Organisation: o, Public: k.PublicKey().Bytes(), Wrap: string(wrap), Sheet: string(wrap), Proof: proof}); err != nil {
				return nil, err
			}
			continue
		}
		if err := h.HoldSealKey(ctx, who, Day(), id, string(wrap), proof); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// hand sends a handover to the west.
func (h *Houses) hand(ctx context.Context, e *example, from authz.OrganisationID, sends, takes *ecdh.PrivateKey) (handover.ID, string, error) {
	who, _, err := h.UnsafeActor(ctx, Person(from, authz.Navigator))
	if err != nil {
		return "", "", err
	}
	id, consent, _ := h.NewHandoverIDs()
	n := handover.New{
		ID: id, Sender: from, Receiver: West, Service: string(e.public), Share: bytes.Repeat([]byte{3}, seal.ShareSize), Lapses: 10,
		Consent: handover.Consent{ID: consent, Giver: handover.ByPerson, Categories: []handover.Category{"contact", "concern"}, Purpose: "help", Until: Day().AddDate(0, 3, 0), Language: "ar", How: handover.OnPaper, Level: handover.StatusAndText},
		Sends:   seal.Fingerprint(sends.PublicKey().Bytes()), Takes: seal.Fingerprint(takes.PublicKey().Bytes()),
	}
	sealed := func(part, content string) (string, error) {
		box, err := seal.Seal(seal.Context{
			Handover: string(id), Consent: consent, Sender: string(from), Receiver: string(West), SenderKey: n.Sends, ReceiverKey: n.Takes, Part: part,
		}, sends.PublicKey(), takes.PublicKey(), n.Share, []byte(content))
		return string(box), err
	}
	_, _, part := h.NewHandoverIDs()
	if n.Box, err = sealed("request", `{"name":"Frau `+Sealed+`","concern":"Braucht einen Termin.","files":[{"part":"`+part+`","name":"`+Sealed+`.txt","size":26}]}`); err != nil {
		return "", "", err
	}
	file, err := sealed(part, "Bescheid für Frau "+Sealed)
	if err != nil {
		return "", "", err
	}
	n.Files = []handover.Attachment{{Part: part, Box: file}}
	if from == East {
		e.attachment = part
	}
	if err := h.CreateHandover(ctx, who, Day(), n); err != nil {
		return "", "", err
	}
	code, err := h.NewReceipt(ctx, who, Day(), from, id)
	if err != nil {
		return "", "", err
	}
	if err := h.GiveConsent(ctx, who, Day(), from, id); err != nil {
		return "", "", err
	}
	_, err = h.CommandHandover(ctx, who, Day(), from, id, handover.Command{Key: "send", Verb: handover.Send, Version: 1})
	return id, code, err
}

// layShares puts the shares of the example into the folder of a copy.
func (e example) layShares(dir string) error {
	folder := shares.In(filepath.Join(dir, shares.FolderName))
	for id, share := range e.shares {
		if err := folder.Put(id, share); err != nil {
			return err
		}
	}
	return nil
}

// PublicOffer is an offer of the west that everybody sees.
func PublicOffer() string {
	town, err := built()
	if err != nil {
		panic(err)
	}
	return string(town.public)
}

// QuietOffer makes an organisation without an account and an offer of it that everybody sees, and gives the offer.
func (h *Houses) QuietOffer(ctx context.Context) (directory.ServiceID, error) {
	o, err := h.UnsafeFound(ctx, Day(), organisation.Organisation{Name: "Verein Still", Kind: organisation.Kinds()[0], Email: "post@still.example"})
	if err != nil {
		return "", err
	}
	free := &Houses{Store: store.UnsafeWithoutRights(h.Store)}
	id, err := free.offer(ctx, authz.Public(), o, "Trauercafé", directory.Advising)
	if err != nil {
		return "", err
	}
	return id, free.Release(ctx, authz.Public(), Day(), authz.Ref{Kind: authz.Entry, Object: string(id), Purpose: authz.ForDirectory}, authz.Release{Level: authz.PublicLevel})
}

// Letter sends a handover without content from the east to the owner of a quiet offer.
func (h *Houses) Letter(ctx context.Context) error {
	offer, err := h.QuietOffer(ctx)
	if err != nil {
		return err
	}
	who, _, err := h.UnsafeActor(ctx, Person(East, authz.Navigator))
	if err != nil {
		return err
	}
	r, err := h.Service(ctx, who, offer)
	if err != nil {
		return err
	}
	id, consent, _ := h.NewHandoverIDs()
	if err := h.CreateHandover(ctx, who, Day(), handover.New{
		ID: id, Sender: East, Receiver: r.Owner, Service: string(offer), Letter: &handover.Letter{Phone: "0234 5550"},
		Consent: handover.Consent{ID: consent, Giver: handover.ByPerson, Categories: []handover.Category{"concern"}, Purpose: "help", Until: Day().AddDate(0, 3, 0), Language: "de", How: handover.Spoken, Level: handover.StatusOnly},
	}); err != nil {
		return err
	}
	if _, err := h.NewReceipt(ctx, who, Day(), East, id); err != nil {
		return err
	}
	if err := h.GiveConsent(ctx, who, Day(), East, id); err != nil {
		return err
	}
	_, err = h.CommandHandover(ctx, who, Day(), East, id, handover.Command{Key: "send", Verb: handover.Send, Version: 1})
	return err
}
