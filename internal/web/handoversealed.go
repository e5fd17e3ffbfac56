package web

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"
	"strings"

	"gevor/authz"
	"gevor/handover"
	"gevor/seal"
)

// maxSealed is the size in bytes of a form with sealed attachments: what these may have, and what a form adds to it.
const maxSealed = handover.MostFileText + handover.MostFileText/8 + maxForm

// sealTo is what the island needs to seal.
type sealTo struct {
	Context  seal.Context `json:"context"`
	Sender   string       `json:"senderPublic"`
	Receiver string       `json:"receiverPublic"`
}

// sealsTo finds the keys to which a further box would be sealed.
func (p *page) sealsTo(v *handoverView) error {
	from, err := p.site.Handovers.Intake(p.req.Context(), p.actor, v.Sender)
	if err != nil {
		return err
	}
	to, err := p.site.Handovers.Intake(p.req.Context(), p.actor, v.Receiver)
	if err != nil {
		return err
	}
	if from.Key == nil || to.Key == nil {
		return nil
	}
	part := v.Part
	if v.Reseal {
		part = "request"
	}
	v.Seal = &sealTo{
		Context: seal.Context{
			Handover: string(v.File.ID), Consent: v.Consent.ID, Sender: string(v.Sender), Receiver: string(v.Receiver),
			SenderKey: from.Key.ID, ReceiverKey: to.Key.ID, Part: part,
		},
		Sender: base64.StdEncoding.EncodeToString(from.Key.Public), Receiver: base64.StdEncoding.EncodeToString(to.Key.Public),
	}
	return nil
}

// islandFile is what the island opens.
type islandFile struct {
	Side   handover.Side `json:"side"`
	Holder string        `json:"holder"`
	Keys   []islandKey   `json:"keys"`
	Boxes  []islandBox   `json:"boxes"`
	Seal   *sealTo       `json:"seal"`
}

type islandKey struct {
	ID   string `json:"id"`
	Wrap string `json:"wrap"`
}

type islandBox struct {
	Context seal.Context `json:"context"`
	Box     string       `json:"box"`
	Files   []string     `json:"files,omitempty"` // parts
	At      string       `json:"at"`
	By      string       `json:"by"`
}

// islandFile is the data for the island as JSON.
func (p *page) islandFile(v handoverView) (string, error) {
	f := islandFile{Side: v.Side, Holder: string(p.actor.Person), Seal: v.Seal}
	for _, k := range v.Keys {
		f.Keys = append(f.Keys, islandKey{k.ID, k.Wrap})
	}
	for _, b := range v.Boxes {
		by := v.SenderName
		if b.By == handover.Receiver {
			by = v.ReceiverName
		}
		x := islandBox{Context: seal.Context{
			Handover: string(v.File.ID), Consent: v.Consent.ID, Sender: string(v.Sender), Receiver: string(v.Receiver), SenderKey: b.Sends, ReceiverKey: b.Takes, Part: b.Part,
		}, Box: b.Box, At: p.moment(b.Made), By: by}
		for _, a := range b.Files {
			x.Files = append(x.Files, a.Part)
		}
		f.Boxes = append(f.Boxes, x)
	}
	raw, err := json.Marshal(f)
	return string(raw), err
}

// handoverOpen gives the island the platform's share. It is a change, because who opens what is on record.
func handoverOpen(p *page) error {
	h, err := p.handoverHouse(authz.Change)
	if err != nil {
		return err
	}
	share, err := p.site.Handovers.OpenHandover(p.req.Context(), p.actor, p.now(), h.ID, handover.ID(p.req.PathValue("handover")))
	if err != nil {
		return err
	}
	return p.giveShare(share)
}

// handoverFile gives the island a sealed attachment. Who may open it is on record by the share that it takes.
func handoverFile(p *page) error {
	h, err := p.handoverHouse(authz.View)
	if err != nil {
		return err
	}
	f, err := p.site.Handovers.HandoverFile(p.req.Context(), p.actor, h.ID, handover.ID(p.req.PathValue("handover")), p.req.PathValue("attachment"))
	if err != nil {
		return err
	}
	p.res.Header().Set("Content-Type", "application/json")
	_, err = io.WriteString(p.res, f.Box)
	return err
}

// attachedTo reads the attachments that an island has sealed: the part of each, a space, its box.
func attachedTo(sent url.Values) (out []handover.Attachment) {
	for _, x := range sent["file"] {
		part, box, _ := strings.Cut(x, " ")
		out = append(out, handover.Attachment{Part: part, Box: box})
	}
	return out
}

// box reads a sealed box that a page sends.
func (p *page) box(do authz.Action) (h houseView, id handover.ID, b handover.Sealed, err error) {
	if h, err = p.handoverHouse(do); err != nil {
		return h, id, b, err
	}
	sent, err := p.formUpTo(maxSealed)
	if err != nil {
		return h, id, b, err
	}
	return h, handover.ID(p.req.PathValue("handover")), handover.Sealed{Part: sent.Get("part"), Box: sent.Get("box"), Sends: sent.Get("sends"), Takes: sent.Get("takes"), Files: attachedTo(sent)}, nil
}

func handoverWrite(p *page) error {
	h, id, b, err := p.box(authz.Change)
	if err != nil {
		return err
	}
	if _, err := p.site.Handovers.Handover(p.req.Context(), p.actor, h.ID, id); err != nil {
		return err
	}
	if err := p.site.Handovers.AddBox(p.req.Context(), p.actor, p.now(), h.ID, id, b); err != nil {
		return err
	}
	return p.done(p.path("handover", string(h.ID), string(id)), "handover_written")
}

func handoverReseal(p *page) error {
	h, id, b, err := p.box(authz.Change)
	if err != nil {
		return err
	}
	if _, err := p.site.Handovers.Handover(p.req.Context(), p.actor, h.ID, id); err != nil {
		return err
	}
	if err := p.site.Handovers.Reseal(p.req.Context(), p.actor, p.now(), h.ID, id, b); err != nil {
		return err
	}
	return p.done(p.path("handover", string(h.ID), string(id)), "handover_resealed")
}
