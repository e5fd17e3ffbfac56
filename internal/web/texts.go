package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/history"
	"gevor/internal/web/ui"
	"gevor/internal/words"
	"gevor/statement"
)

// Texts is what the pages ask of the texts of the installation. Every method decides for the actor.
type Texts interface {
	Text(ctx context.Context, actor authz.Actor, name statement.Name, lang string) (statement.Text, error)
	SetText(ctx context.Context, actor authz.Actor, at time.Time, x statement.Text) error
	TextHistory(ctx context.Context, actor authz.Actor, name statement.Name, lang string) ([]history.Change, error)
	RestoreText(ctx context.Context, actor authz.Actor, at time.Time, name statement.Name, lang string, sequence int64, version int) error
}

// textRoutes are the addresses of imprint, privacy and accessibility statement, and of where the office writes them.
func textRoutes() []Route {
	show := func(name statement.Name, de, en string) Route {
		return Route{
			Name: string(name), Access: Access{authz.Site, authz.View}, States: []State{Normal, SignedIn},
			Handle: func(p *page) error { return showText(p, name) }, Patterns: legalPatterns(de, en),
		}
	}
	office := func(name, method, de, en string, handle handler) Route {
		r := Route{
			Name: name, Method: method, Section: "system", Access: Access{authz.Site, authz.Change}, Handle: handle,
			Patterns: map[string]string{"de": "/de/texte" + de, "en": "/en/texts" + en},
		}
		if method == "" {
			r.States = []State{SignedIn}
		}
		return r
	}
	list := office("texts", "", "", "", listTexts)
	list.Nav = 20
	return []Route{
		show(statement.Imprint, "impressum", "imprint"), show(statement.Privacy, "datenschutz", "privacy"), show(statement.Accessibility, "barrierefreiheit", "accessibility"),
		list,
		office("text-edit", "", "/{text}/bearbeiten", "/{text}/edit", editText),
		office("text-save", http.MethodPost, "/{text}/bearbeiten", "/{text}/edit", saveText),
		office("text-history", "", "/{text}/verlauf", "/{text}/history", textHistory),
		office("text-restore", http.MethodPost, "/{text}/verlauf", "/{text}/history", restoreText),
	}
}

// textView is a text as a page shows it.
type textView struct {
	statement.Text
	Template bool // nobody has written it: the body is the template
	Foreign  bool // it exists in another language only
	Unfilled []string
	Body     templ.Component
}

// write renders a text; where nobody has written it, what another language says, and else the template.
func (p *page) written(name statement.Name, lang string) (textView, error) {
	v := textView{Text: statement.Text{Name: name, Language: lang}}
	if p.site.Texts != nil {
		for _, l := range append([]string{lang}, words.Languages()...) {
			x, err := p.site.Texts.Text(p.req.Context(), p.actor, name, l)
			if err != nil {
				return v, err
			}
			if x.Version > 0 {
				v.Text, v.Foreign = x, l != lang
				break
			}
		}
	}
	if v.Version == 0 {
		v.Template, v.Text.Body = true, p.template(name, lang)
	}
	v.Unfilled = statement.Unfilled(v.Text.Body)
	var err error
	v.Body, err = p.site.markdown.page(v.Text.Body)
	return v, err
}

// template is what a text begins with: what the configuration says of the operator is filled in, the rest is marked.
func (p *page) template(name statement.Name, lang string) string {
	o := p.site.Operator
	return p.site.words[lang].T("texts.template."+string(name), with{"Operator": o.Name, "Address": o.Address, "Phone": o.Phone, "Email": o.Email})
}

// legalPatterns are the addresses of a text in every language that residents read. The text itself is written in German
// and English: what stands around it is in the language of the page.
func legalPatterns(de, en string) map[string]string {
	out := map[string]string{}
	for _, lang := range words.ResidentLanguages() {
		out[lang] = "/" + lang + "/" + en
		if base, _, _ := strings.Cut(lang, "-"); base == "de" {
			out[lang] = "/" + lang + "/" + de
		}
	}
	return out
}

func showText(p *page, name statement.Name) error {
	lang := p.Lang()
	if onlyResidents(lang) {
		lang = words.Languages()[0]
	}
	v, err := p.written(name, lang)
	if err != nil {
		return err
	}
	v.Foreign = v.Foreign || lang != p.Lang()
	return p.render(http.StatusOK, p.T("web.nav."+string(name), nil), textPage(p, v))
}

// textNamed is the text that the address names.
func (p *page) textNamed() (statement.Name, error) {
	name := statement.Name(p.req.PathValue("text"))
	if !slices.Contains(statement.Names(), name) {
		return "", fault.New(fault.NotFound, p.req.URL.Path, "there is no such text", "")
	}
	return name, p.mayWrite()
}

func (p *page) mayWrite() error {
	if p.site.Texts == nil {
		return p.absent()
	}
	return p.may(authz.Change, authz.Object{Kind: authz.Site})
}

func listTexts(p *page) error {
	if err := p.mayWrite(); err != nil {
		return err
	}
	t := ui.Table{Caption: p.T("texts.list", nil), CaptionHidden: true, Columns: []ui.Column{
		{Label: p.T("texts.text", nil)}, {Label: p.T("texts.language", nil)}, {Label: p.T("texts.state", nil)}, {Label: p.T("texts.changed", nil)},
	}}
	for _, name := range statement.Names() {
		for _, lang := range words.Languages() {
			x, err := p.site.Texts.Text(p.req.Context(), p.actor, name, lang)
			if err != nil {
				return err
			}
			row := ui.Row{Cells: []ui.Cell{
				{Text: p.T("web.nav."+string(name), nil), Href: templ.SafeURL(p.site.byName["text-edit"].Path(lang, string(name)))},
				{Text: p.site.words[lang].T("web.language."+lang, nil)},
				{Show: textState(p, x)},
				{Text: words.Unknown},
			}}
			if x.Version > 0 {
				row.Cells[3].Text = p.moment(x.Changed)
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return p.render(http.StatusOK, p.T("texts.list", nil), textsPage(p, t))
}

// textForm is the editor with what stands beside it.
type textForm struct {
	Name    statement.Name
	Entry   entry
	Preview templ.Component // nil before it was asked for
	Places  []string        // that are still to be written
	Other   *statement.Text // what somebody else wrote meanwhile
}

func (p *page) showEditor(status int, f textForm) error {
	f.Places = statement.Unfilled(f.Entry.values.Get("body"))
	title := p.T("texts.edit", with{"Text": p.T("web.nav."+string(f.Name), nil)})
	return p.render(status, title, textEditPage(p, title, f))
}

func editText(p *page) error {
	name, err := p.textNamed()
	if err != nil {
		return err
	}
	x, err := p.site.Texts.Text(p.req.Context(), p.actor, name, p.Lang())
	if err != nil {
		return err
	}
	if x.Version == 0 {
		x.Body = p.template(name, p.Lang())
	}
	return p.showEditor(http.StatusOK, textForm{Name: name, Entry: p.entry("texts", url.Values{"body": {x.Body}, "version": {strconv.Itoa(x.Version)}}, nil)})
}

func saveText(p *page) error {
	name, err := p.textNamed()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	f := textForm{Name: name, Entry: p.entry("texts", sent, nil)}
	version, err := strconv.Atoi(sent.Get("version"))
	if err != nil || version < 0 {
		return fault.New(fault.Invalid, "version", "is no version", "open the text again")
	}
	x, err := statement.Text{Name: name, Language: p.Lang(), Body: sent.Get("body"), Version: version}.Check()
	if reason := p.site.markdown.check(x.Body); err == nil && reason != "" {
		var bad form.Fields
		bad.Add("body", reason)
		err = bad.Err()
	}
	if err == nil && sent.Get("do") == "preview" {
		if f.Preview, err = p.site.markdown.page(x.Body); err != nil {
			return err
		}
		return p.showEditor(http.StatusOK, f)
	}
	if err == nil {
		err = p.site.Texts.SetText(p.req.Context(), p.actor, p.now(), x)
	}
	switch {
	case err == nil:
		return p.done(p.path(string(name)), "text-saved")
	case fault.KindOf(err) == fault.Stale:
		return p.showCollision(f, sent)
	case form.Of(err) != nil:
		f.Entry = p.entry("texts", sent, err)
		return p.showEditor(http.StatusUnprocessableEntity, f)
	}
	return err
}

// showCollision shows both versions of a text that two people have written. Saving once more replaces the other one.
func (p *page) showCollision(f textForm, sent url.Values) error {
	other, err := p.site.Texts.Text(p.req.Context(), p.actor, f.Name, p.Lang())
	if err != nil {
		return err
	}
	var bad form.Fields
	bad.Add("body", "changed")
	sent.Set("version", strconv.Itoa(other.Version))
	f.Entry, f.Other = p.entry("texts", sent, bad.Err()), &other
	return p.showEditor(http.StatusConflict, f)
}

func textHistory(p *page) error {
	name, err := p.textNamed()
	if err != nil {
		return err
	}
	changes, err := p.site.Texts.TextHistory(p.req.Context(), p.actor, name, p.Lang())
	if err != nil {
		return err
	}
	now, err := p.site.Texts.Text(p.req.Context(), p.actor, name, p.Lang())
	if err != nil {
		return err
	}
	var events []ui.Event
	for i, c := range changes {
		var diff []ui.Changed
		for _, f := range history.Fields(c.Before, c.After) {
			diff = append(diff, ui.Changed{Label: p.T("texts.body", nil), Before: f.Before, After: f.After})
		}
		who := c.Name
		if who == "" {
			who = p.T("texts.somebody", nil)
		}
		events = append(events, ui.Event{
			When: p.moment(c.At), ISO: c.At.Format(time.RFC3339), What: p.T("texts.verb."+c.Verb, nil), Who: who,
			More: textChange(p, name, diff, c.Sequence, now.Version, i > 0),
		})
	}
	title := p.T("texts.history", with{"Text": p.T("web.nav."+string(name), nil)})
	return p.render(http.StatusOK, title, textHistoryPage(p, title, name, events))
}

func restoreText(p *page) error {
	name, err := p.textNamed()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	sequence, err := strconv.ParseInt(sent.Get("change"), 10, 64)
	version, bad := strconv.Atoi(sent.Get("version"))
	if err != nil || bad != nil {
		return fault.New(fault.Invalid, "change", "is no change of this text", "choose one from the list")
	}
	if err := p.site.Texts.RestoreText(p.req.Context(), p.actor, p.now(), name, p.Lang(), sequence, version); err != nil {
		return err
	}
	return p.done(p.path(string(name)), "text-restored")
}

// tall gives the editor room.
func tall(i ui.Input) ui.Input {
	i.Rows, i.Most, i.Required = 24, statement.MostText, true
	return i
}
