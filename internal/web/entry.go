package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"gevor/form"
	"gevor/internal/web/ui"
)

// entry is a form being filled in: what was typed so far, and what cannot be taken as it is. Its room names the texts:
// the label of a field is "<room>.<name>", its hint "<room>.<name>_hint" where the catalogue has one.
type entry struct {
	page   *page
	room   string
	values url.Values
	wrong  []form.Field
}

// entry begins a form with values (those that were sent, or those to begin with) and what err says about its fields.
func (p *page) entry(room string, values url.Values, err error) entry {
	return entry{page: p, room: room, values: values, wrong: form.Of(err)}
}

// field gives one field with label, hint, value and error. Callers set what else it needs.
func (e entry) field(name string) ui.Input {
	i := ui.Input{Name: name, Label: e.label(name), Value: e.values.Get(name), Values: e.values[name]}
	if hint := e.room + "." + name + "_hint"; e.page.Has(hint) {
		i.Hint = e.page.text(hint)
	}
	for _, w := range e.wrong {
		if w.Name == name {
			i.Error = e.page.reason(w.Reason)
			break
		}
	}
	return i
}

// optional gives a field that says it may stay empty.
func (e entry) optional(name string) ui.Input {
	i := e.field(name)
	i.Optional = e.page.T("ui.optional", nil)
	return i
}

// choices gives a field with the options that a value may take; each is named by "<prefix>.<value>".
func (e entry) choices(name, prefix string, values ...string) ui.Input {
	i := e.field(name)
	for _, v := range values {
		o := ui.Option{Value: v, Label: e.page.text(prefix + "." + v)}
		if hint := prefix + "." + v + "_hint"; e.page.Has(hint) {
			o.Hint = e.page.text(hint)
		}
		i.Options = append(i.Options, o)
	}
	return i
}

func (e entry) label(name string) string { return e.page.text(e.room + "." + name) }

// problems lists what is wrong for ui.ErrorSummary, in the order of the fields; what belongs to none of them comes first.
func (e entry) problems(fields ...ui.Input) []ui.Problem {
	var out []ui.Problem
	for _, w := range e.wrong {
		if !slices.ContainsFunc(fields, func(i ui.Input) bool { return i.Name == w.Name }) {
			out = append(out, ui.Problem{Text: e.page.reason(w.Reason)})
		}
	}
	for _, i := range fields {
		if i.Error != "" {
			out = append(out, ui.Problem{ID: i.First(len(i.Options) > 0 && i.Any == ""), Text: i.Label + ": " + i.Error})
		}
	}
	return out
}

// text is T for keys that are put together.
func (p *page) text(key string) string { return p.T(key, nil) }

// reason says in words why a field was refused.
func (p *page) reason(reason string) string {
	if key := "field." + reason; p.Has(key) {
		return p.text(key)
	}
	return p.T("field.invalid", nil)
}

// again shows a form once more where err speaks of its fields, with status 422; any other error is passed on.
func (p *page) again(err error, title string, body templ.Component) error {
	if form.Of(err) == nil {
		return err
	}
	return p.render(http.StatusUnprocessableEntity, title, body)
}
