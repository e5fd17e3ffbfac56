package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
	"gevor/statement"
)

// Feedback is what the pages ask of what readers report. Every method decides for the actor.
type Feedback interface {
	SendFeedback(ctx context.Context, actor authz.Actor, at time.Time, f statement.Feedback) (string, error)
	Feedback(ctx context.Context, actor authz.Actor) ([]statement.Feedback, error)
	SettleFeedback(ctx context.Context, actor authz.Actor, at time.Time, id string) error
	RemoveFeedback(ctx context.Context, actor authz.Actor, at time.Time, id string) error
}

// trap is a field that no person sees; who fills it in is a program, and is thanked without anything being kept.
const trap = "website"

func feedbackRoutes() []Route {
	write := map[string]string{"de": "/de/barriere-melden", "en": "/en/report-a-barrier"}
	read := map[string]string{"de": "/de/meldungen", "en": "/en/reports"}
	remove := map[string]string{"de": "/de/meldungen/loeschen", "en": "/en/reports/delete"}
	return []Route{
		{Name: "feedback", Access: Access{authz.Feedback, authz.Create}, States: []State{Normal}, Handle: writeFeedback, Patterns: write},
		{Name: "feedback-send", Method: http.MethodPost, Access: Access{authz.Feedback, authz.Create}, Handle: sendFeedback, Patterns: write},
		{Name: "feedback-list", Section: "system", Nav: 21, Access: Access{authz.Feedback, authz.View}, States: []State{SignedIn}, Handle: readFeedback, Patterns: read},
		{Name: "feedback-settle", Method: http.MethodPost, Access: Access{authz.Feedback, authz.Change}, Handle: settleFeedback, Patterns: read},
		{Name: "feedback-ask", Section: "system", Access: Access{authz.Feedback, authz.Remove}, States: []State{SignedIn}, Handle: askFeedback, Patterns: remove},
		{Name: "feedback-remove", Method: http.MethodPost, Access: Access{authz.Feedback, authz.Remove}, Handle: removeFeedback, Patterns: remove},
	}
}

func (p *page) mayFeedback(do authz.Action) error {
	return p.may(do, authz.Object{Kind: authz.Feedback})
}

func writeFeedback(p *page) error {
	if err := p.mayFeedback(authz.Create); err != nil {
		return err
	}
	return p.showFeedbackForm(http.StatusOK, p.entry("feedback", url.Values{"page": {p.first("page")}}, nil))
}

func (p *page) showFeedbackForm(status int, e entry) error {
	return p.render(status, p.T("web.nav.feedback", nil), feedbackPage(p, e))
}

func sendFeedback(p *page) error {
	if err := p.mayFeedback(authz.Create); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if sent.Get(trap) == "" {
		_, err = p.site.Feedback.SendFeedback(p.req.Context(), p.actor, p.now(), statement.Feedback{
			Language: p.Lang(), Page: sent.Get("page"), Message: sent.Get("message"), Contact: sent.Get("contact"),
		})
	}
	if form.Of(err) != nil {
		return p.showFeedbackForm(http.StatusUnprocessableEntity, p.entry("feedback", sent, err))
	}
	if err != nil {
		return err
	}
	return p.done(p.path("feedback"), "feedback")
}

func (p *page) feedbackSheet(list []statement.Feedback) *sheet[statement.Feedback] {
	state := func(f statement.Feedback) (value, label string) {
		if f.Done.IsZero() {
			return "open", p.T("feedback.open", nil)
		}
		return "done", p.T("feedback.done", nil)
	}
	return &sheet[statement.Feedback]{
		Name: "meldungen", Caption: p.T("feedback.list", nil), CaptionHidden: true, Rows: list, Size: 20,
		EmptyTitle: p.T("feedback.none", nil), EmptyText: p.T("feedback.none_text", nil),
		Columns: []column[statement.Feedback]{
			{Key: "message", Label: p.T("feedback.message", nil), Text: func(f statement.Feedback) string { return f.Message }, Find: true, Fixed: true},
			{Key: "about", Label: p.T("feedback.page", nil), Text: func(f statement.Feedback) string { return f.Page }, Find: true},
			{Key: "contact", Label: p.T("feedback.contact_short", nil), Text: func(f statement.Feedback) string { return f.Contact }},
			{
				Key: "at", Label: p.T("feedback.at", nil), Text: func(f statement.Feedback) string { return p.moment(f.At) },
				Order: func(f statement.Feedback) string { return f.At.UTC().Format(time.RFC3339) },
			},
			{
				Key: "state", Label: p.T("feedback.state", nil), Text: func(f statement.Feedback) string { _, label := state(f); return label }, Choices: state,
				Show: func(f statement.Feedback) templ.Component {
					kind, label := state(f)
					return ui.Badge(map[string]ui.Kind{"open": ui.Info, "done": ui.Success}[kind], label)
				},
			},
			{Key: "do", Label: p.T("feedback.do", nil), Hidden: true, Show: func(f statement.Feedback) templ.Component { return feedbackButtons(p, f) }},
		},
	}
}

func readFeedback(p *page) error {
	if err := p.mayFeedback(authz.View); err != nil {
		return err
	}
	list, err := p.site.Feedback.Feedback(p.req.Context(), p.actor)
	if err != nil {
		return err
	}
	s := p.feedbackSheet(list)
	if done, err := s.asked(p); done || err != nil {
		return err
	}
	table, err := s.show(p)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("feedback.list", nil), feedbackListPage(p, table))
}

// removal is the question before a report is deleted.
func (p *page) removal(id string) ui.Confirm {
	return ui.Confirm{
		ID: "remove-" + id, Open: p.T("feedback.remove", nil), Look: "quiet", Title: p.T("feedback.remove_title", nil), Text: p.T("feedback.remove_text", nil),
		Page: p.link("feedback-ask") + templ.SafeURL("?"+url.Values{"id": {id}}.Encode()), Action: p.link("feedback-remove"), Hidden: []ui.Pair{{Label: "id", Text: id}},
		Yes: p.T("feedback.remove_yes", nil), Danger: true, Back: p.link("feedback-list"),
	}
}

func askFeedback(p *page) error {
	if err := p.mayFeedback(authz.Remove); err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("feedback.remove_title", nil), feedbackAskPage(p, p.removal(p.first("id"))))
}

func settleFeedback(p *page) error {
	return p.onFeedback(authz.Change, "feedback-done", func(id string) error {
		return p.site.Feedback.SettleFeedback(p.req.Context(), p.actor, p.now(), id)
	})
}

func removeFeedback(p *page) error {
	return p.onFeedback(authz.Remove, "feedback-removed", func(id string) error {
		return p.site.Feedback.RemoveFeedback(p.req.Context(), p.actor, p.now(), id)
	})
}

func (p *page) onFeedback(do authz.Action, done string, act func(id string) error) error {
	if err := p.mayFeedback(do); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if sent.Get("id") == "" {
		return fault.New(fault.Invalid, "id", "names no report", "open the list again")
	}
	if err := act(sent.Get("id")); err != nil {
		return err
	}
	return p.done(p.path("feedback-list"), done)
}

func longMessage(i ui.Input) ui.Input {
	i.Rows, i.Most, i.Required = 7, statement.MostMessage, true
	return i
}

func mailAddress(i ui.Input) ui.Input {
	i.Type, i.Autocomplete = "email", "email"
	return i
}
