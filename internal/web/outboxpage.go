package web

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"gevor/authz"
	"gevor/internal/web/ui"
	"gevor/outbox"
)

// Letters is the folder in which a demo region lays its mails down, since it sends none.
type Letters interface {
	Letters(limit int) ([]outbox.Letter, error)
}

func outboxRoutes() []Route {
	return []Route{
		{
			Name: "outbox", Section: "system", Nav: 20, Access: Access{Kind: authz.Installation, Action: authz.View}, States: []State{SignedIn}, Handle: outboxPage,
			Patterns: map[string]string{"de": "/de/anlage/postausgang", "en": "/en/installation/outbox"},
		},
		{
			Name: "house-outbox", Section: "house", Access: Access{Kind: authz.Outbox, Action: authz.View}, States: []State{SignedIn}, Handle: houseOutbox,
			Patterns: map[string]string{"de": "/de/organisationen/{org}/postausgang", "en": "/en/organisations/{org}/outbox"},
		},
	}
}

const (
	sendingsShown = 200
	lettersShown  = 50
)

// outboxPage shows what the whole installation has to tell: states, never contents. The mails of a demo region are
// invented and can be read.
func outboxPage(p *page) error {
	if err := p.may(authz.View, authz.Object{Kind: authz.Installation}); err != nil {
		return err
	}
	list, err := p.site.Houses.Outbox(p.req.Context(), p.actor, "", sendingsShown)
	if err != nil {
		return err
	}
	houses, err := p.site.Houses.Organisations(p.req.Context(), p.actor)
	if err != nil {
		return err
	}
	names := map[authz.OrganisationID]string{}
	for _, h := range houses {
		names[h.ID] = h.Name
	}
	var letters []outbox.Letter
	if p.site.Letters != nil {
		if letters, err = p.site.Letters.Letters(lettersShown); err != nil {
			return err
		}
	}
	return p.render(http.StatusOK, p.T("web.nav.outbox", nil), outboxOf(p, p.sendings(list, names), letters))
}

// houseOutbox shows what is told in the name of one organisation.
func houseOutbox(p *page) error {
	if p.org() == "" {
		return p.absent()
	}
	list, err := p.site.Houses.Outbox(p.req.Context(), p.actor, p.org(), sendingsShown)
	if err != nil {
		return err
	}
	h, err := p.house("house-outbox")
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("house.tab.house-outbox", nil), houseOutboxOf(p, h, p.sendings(list, nil)))
}

// sendings lists messages by what they are about and what became of them; with names also whose they are.
func (p *page) sendings(list []outbox.Sending, names map[authz.OrganisationID]string) ui.Table {
	t := ui.Table{
		Caption:    p.T("outbox.caption", nil),
		Columns:    []ui.Column{{Label: p.T("outbox.about_label", nil)}},
		Status:     p.N("outbox.count", len(list), nil),
		EmptyTitle: p.T("outbox.none", nil), EmptyText: p.T("outbox.none_text", nil),
	}
	if names != nil {
		t.Columns = append(t.Columns, ui.Column{Label: p.T("outbox.owner", nil)})
	}
	t.Columns = append(t.Columns, ui.Column{Label: p.T("outbox.made", nil)}, ui.Column{Label: p.T("outbox.state_label", nil)}, ui.Column{Label: p.T("outbox.note_label", nil)})
	for _, s := range list {
		cells := []ui.Cell{{Text: p.sendingAbout(s)}}
		if names != nil {
			name := names[s.Owner]
			if name == "" {
				name = p.T("outbox.installation", nil)
			}
			cells = append(cells, ui.Cell{Text: name})
		}
		cells = append(cells, ui.Cell{Text: p.moment(s.Made)}, ui.Cell{Show: p.sendingState(s)}, ui.Cell{Text: p.sendingNote(s.Note), Sub: p.sendingNext(s)})
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}

// sendingAbout says what a message is about, which the words of its key tell: what, whose, which.
func (p *page) sendingAbout(s outbox.Sending) string {
	words := strings.Fields(s.Key)
	if s.Topic == outbox.Webhook && len(words) > 2 {
		if words[2] == "test" {
			return p.T("outbox.about.trial", nil)
		}
		kind, verb, _ := strings.Cut(words[2], ".")
		return p.T("history.kind."+kind, nil) + ": " + p.T("history.verb."+strings.ReplaceAll(verb, "-", "_"), nil)
	}
	if key := "outbox.about." + strings.ReplaceAll(append(words, "")[0], "-", "_"); p.Has(key) {
		return p.text(key)
	}
	return p.T("outbox.topic."+string(s.Topic), nil)
}

func (p *page) sendingState(s outbox.Sending) templ.Component {
	switch s.Outcome {
	case outbox.Delivered:
		return ui.Badge(ui.Success, p.T("outbox.state.delivered", nil))
	case outbox.Refused:
		return ui.Badge(ui.Error, p.T("outbox.state.refused", nil))
	case outbox.GivenUp:
		return ui.Badge(ui.Error, p.T("outbox.state.given_up", nil))
	case outbox.Waiting:
	}
	if s.Note != "" {
		return ui.Badge(ui.Warning, p.T("outbox.state.again", nil))
	}
	return ui.Badge(ui.Info, p.T("outbox.state.waiting", nil))
}

// sendingNote says in words what the last attempt met.
func (p *page) sendingNote(note string) string {
	what, code, _ := strings.Cut(note, " ")
	key := "outbox.note." + strings.ReplaceAll(what, "-", "_")
	if note == "" || !p.Has(key) {
		return note
	}
	return p.T(key, with{"Code": code})
}

func (p *page) sendingNext(s outbox.Sending) string {
	if s.Outcome != outbox.Waiting || s.Note == "" {
		return ""
	}
	return p.T("outbox.next", with{"Attempts": p.Number(float64(s.Attempts), 0), "When": p.moment(s.Due)})
}

// paragraph is one paragraph of a letter. Href is set where it is an address of this installation.
type paragraph struct {
	Text string
	Href templ.SafeURL
}

func (p *page) letterText(l outbox.Letter) []paragraph {
	var out []paragraph
	for text := range strings.SplitSeq(l.Text, "\n\n") {
		one := paragraph{Text: text}
		if path, own := strings.CutPrefix(text, p.site.PublicURL); own && strings.HasPrefix(path, "/") && !strings.ContainsAny(path, " \n") {
			one.Href = templ.SafeURL(p.next(path))
		}
		out = append(out, one)
	}
	return out
}
