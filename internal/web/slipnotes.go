package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"gevor/authz"
	"gevor/handover"
	"gevor/internal/web/ui"
	"gevor/seal"
)

// noteRoutes are the addresses of what practices write about slips, and of the answers.
func noteRoutes() []Route {
	return []Route{
		{
			Name: "practice", Access: Access{authz.Receipt, authz.View}, States: []State{Normal}, Handle: practicePage,
			Patterns: map[string]string{"de": "/de/praxis/{secret}", "en": "/en/practice/{secret}"},
		},
		{
			Name: "practice-note", Method: http.MethodPost, Access: Access{authz.Receipt, authz.Change}, Handle: practiceNote,
			Patterns: map[string]string{"de": "/de/praxis/{secret}", "en": "/en/practice/{secret}"},
		},
		post(ofHouse("slip-note-open", authz.Handover, authz.Change, "/zettel/nachrichten/{slipnote}/oeffnen", "/slips/messages/{slipnote}/open", slipNoteOpen)),
		post(ofHouse("slip-note-answer", authz.Handover, authz.Change, "/zettel/nachrichten/{slipnote}", "/slips/messages/{slipnote}", slipNoteAnswer)),
	}
}

// practiceView is what whoever holds a practice's link sees: numbers and states, its own messages, and nothing else.
type practiceView struct {
	handover.Practice
	Note    string // name of the next message
	Context string // what it is sealed in, but for the number; JSON
	Numbers ui.Input
	Table   ui.Table
}

func practicePage(p *page) error {
	v := practiceView{Note: p.site.Handovers.NewNoteID()}
	var err error
	if v.Practice, err = p.site.Handovers.Practice(p.req.Context(), p.now(), p.req.PathValue("secret")); err != nil {
		return err
	}
	v.Table = ui.Table{
		Caption: p.T("slips.practice_title", nil), CaptionHidden: true,
		Columns:    []ui.Column{{Label: p.T("slips.number", nil), Numeric: true}, {Label: p.T("slips.state", nil)}},
		EmptyTitle: p.T("slips.practice_none", nil), EmptyText: p.T("slips.practice_none_text", nil),
	}
	for _, x := range v.Slips {
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: strconv.Itoa(x.Number)}, {Text: p.text("slips.states." + string(x.State))}}})
	}
	v.Numbers = p.begin("slips").field("number")
	v.Numbers.Required, v.Numbers.Any = true, p.T("handover.choose", nil)
	for _, n := range v.Practice.Numbers {
		v.Numbers.Options = append(v.Numbers.Options, ui.Option{Value: strconv.Itoa(n), Label: strconv.Itoa(n)})
	}
	if v.Key != nil {
		if v.Context, err = inJSON(handover.Note{ID: v.Note, Block: v.Block, Takes: v.Key.ID}.Context(v.Owner)); err != nil {
			return err
		}
	}
	return p.render(http.StatusOK, p.T("slips.practice_title", nil), practiceShown(p, v))
}

func inJSON(v any) (string, error) {
	raw, err := json.Marshal(v)
	return string(raw), err
}

// sealedReply is an answer as the practice's browser opens it.
type sealedReply struct {
	Context seal.Context `json:"context"`
	Box     string       `json:"box"`
	Share   []byte       `json:"share"`
}

// replyOf is the answer to a message as JSON.
func (p *page) replyOf(v practiceView, n handover.Note) (string, error) {
	return inJSON(sealedReply{n.ReplyContext(v.Owner), n.Reply, n.Share})
}

func practiceNote(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	n := handover.Note{ID: sent.Get("note"), Box: sent.Get("box"), Takes: sent.Get("takes")}
	n.Share, _ = base64.StdEncoding.DecodeString(sent.Get("share")) // what is none has the wrong length
	if n.Number, err = strconv.Atoi(sent.Get("number")); err != nil {
		n.Number = 0 // of no slip
	}
	secret := p.req.PathValue("secret")
	if err := p.site.Handovers.WriteNote(p.req.Context(), p.now(), secret, n); err != nil {
		return err
	}
	return p.done(p.path("practice", secret), "practice_note")
}

// noteFile is what the island of an organisation opens.
type noteFile struct {
	Holder string      `json:"holder"`
	Keys   []islandKey `json:"keys"`
	Notes  []islandBox `json:"notes"`
}

// noteFile is the data for the island as JSON.
func (p *page) noteFile(v slipsView) (string, error) {
	f := noteFile{Holder: string(p.actor.Person), Notes: []islandBox{}}
	for _, k := range v.Notes.Keys {
		f.Keys = append(f.Keys, islandKey{k.ID, k.Wrap})
	}
	for _, n := range v.Notes.Notes {
		f.Notes = append(f.Notes, islandBox{Context: n.Context(v.ID), Box: n.Box})
	}
	return inJSON(f)
}

// noteHouse gives the organisation of the address where the reader works on its handovers and the message is one of its.
func (p *page) noteHouse() (h houseView, note string, err error) {
	if h, err = p.handoverHouse(authz.Change); err != nil {
		return h, "", err
	}
	return h, p.req.PathValue("slipnote"), nil
}

// slipNoteOpen gives the island the platform's share. It is a change, because who opens what is on record.
func slipNoteOpen(p *page) error {
	h, note, err := p.noteHouse()
	if err != nil {
		return err
	}
	share, err := p.site.Handovers.OpenNote(p.req.Context(), p.actor, p.now(), h.ID, note)
	if err != nil {
		return err
	}
	return p.giveShare(share)
}

// giveShare answers an island.
func (p *page) giveShare(share []byte) error {
	p.res.Header().Set("Content-Type", "application/json")
	p.res.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(p.res).Encode(map[string][]byte{"share": share})
}

func slipNoteAnswer(p *page) error {
	h, note, err := p.noteHouse()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if err := p.site.Handovers.AnswerNote(p.req.Context(), p.actor, p.now(), h.ID, note, sent.Get("box")); err != nil {
		return err
	}
	return p.done(p.path("slips", string(h.ID)), "handover_written")
}

// unread says whether a message has no answer yet.
func (v slipsView) unread() bool {
	return slices.ContainsFunc(v.Notes.Notes, func(n handover.Note) bool { return n.Reply == "" })
}
