package web

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"gevor/authz"
	"gevor/form"
	"gevor/internal/web/ui"
)

// componentRoutes are the page that shows every part of the pages in every state. Nothing that is sent there is kept.
func componentRoutes() []Route {
	patterns := map[string]string{"de": "/de/bausteine", "en": "/en/components"}
	return []Route{
		{Name: "components", Access: Access{authz.Site, authz.View}, States: []State{Normal, SignedIn}, Handle: components, Patterns: patterns},
		{Name: "components-try", Method: http.MethodPost, Access: Access{authz.Site, authz.View}, Handle: tryComponents, Patterns: patterns},
	}
}

// longWord is as long as words of the administration get.
const longWord = "Verantwortungsgemeinschaftsgeschäftsstellenleitungsvertretungsregelung"

// specimen is a line of the table on the page of components. All of them are invented.
type specimen struct {
	Name   string
	Kind   string // key under "sample.kind."
	Places float64
	Seen   time.Time
}

func specimens() []specimen {
	names := []string{"Ärztehaus am Park", "Beratung Óbuda", "Anlaufstelle Süd", "Zentrum Nord", "Ökumenischer Treff", "Kiosk 10", "Kiosk 9", "=1+1", longWord, "Öffnung"}
	out := make([]specimen, 0, 60)
	for i := range 60 {
		s := specimen{Name: names[i%len(names)], Kind: []string{"advice", "practice", "meeting"}[i%3], Places: float64(i * 7 % 41)}
		if i >= len(names) {
			s.Name += " " + strconv.Itoa(i/len(names)+1)
		}
		if i%11 == 5 {
			s.Places = math.NaN()
		}
		if i%5 != 0 {
			s.Seen = time.Date(2026, 1, 1+i*3, 0, 0, 0, 0, time.UTC)
		}
		out = append(out, s)
	}
	return out
}

func (p *page) specimenSheet() *sheet[specimen] {
	return &sheet[specimen]{
		Name: "bausteine", Caption: p.T("sample.table", nil), Rows: specimens(), Size: 10,
		Columns: []column[specimen]{
			{Key: "name", Label: p.T("sample.name", nil), Text: func(s specimen) string { return s.Name }, Link: func(specimen) templ.SafeURL { return "#table" }, Find: true},
			{
				Key: "kind", Label: p.T("sample.kind_label", nil), Text: func(s specimen) string { return p.T("sample.kind."+s.Kind, nil) },
				Choices: func(s specimen) (value, label string) { return s.Kind, p.T("sample.kind."+s.Kind, nil) },
			},
			{Key: "places", Label: p.T("sample.places", nil), Number: func(s specimen) float64 { return s.Places }},
			{
				Key: "seen", Label: p.T("sample.seen", nil), Text: func(s specimen) string { return p.Date(isoDay(s.Seen)) }, Order: func(s specimen) string { return isoDay(s.Seen) },
			},
			{Key: "do", Label: p.T("sample.do", nil), Hidden: true, Show: func(s specimen) templ.Component { return specimenButton(p, s) }},
		},
	}
}

func isoDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func components(p *page) error {
	if done, err := p.specimenSheet().asked(p); done || err != nil {
		return err
	}
	return p.showComponents(nil, nil, http.StatusOK)
}

func (p *page) showComponents(sent url.Values, wrong error, status int) error {
	table, err := p.specimenSheet().show(p)
	if err != nil {
		return err
	}
	return p.render(status, p.T("web.nav.components", nil), componentsPage(p, p.entry("sample", sent, wrong), table))
}

// tryComponents checks what was sent as any form does, and keeps nothing of it.
func tryComponents(p *page) error {
	files, err := p.upload(uploadRule{Field: "file", Types: []fileType{pdfFile, pngFile, csvFile}, Each: 1 << 20, Most: 2})
	if err != nil {
		if form.Of(err) == nil {
			return err
		}
		return p.showComponents(files.Values, err, uploadStatus(err))
	}
	defer files.Close()
	sent := files.Values
	var f form.Fields
	f.Line("name", sent.Get("name"), 1, 40)
	f.Email("email", sent.Get("email"))
	f.Line("text", sent.Get("text"), 0, 500)
	if sent.Get("kind") == "" {
		f.Add("kind", "unknown")
	}
	if len(sent["language"]) == 0 {
		f.Add("language", "choose")
	}
	if sent.Get("way") == "" {
		f.Add("way", "unknown")
	}
	if _, err := time.Parse(time.DateOnly, sent.Get("day")); err != nil {
		f.Add("day", "date")
	}
	if sent.Get("agree") != "yes" {
		f.Add("agree", "agree")
	}
	if err := f.Err(); err != nil {
		return p.showComponents(sent, err, http.StatusUnprocessableEntity)
	}
	return p.done(p.path("components"), "tried")
}

// sampleFields are the fields of the form on the page of components, in their order.
func (p *page) sampleFields(e entry) []ui.Input {
	name, email, text := e.field("name"), e.field("email"), e.optional("text")
	name.Required, name.Autocomplete = true, "organization"
	email.Required, email.Type, email.Autocomplete = true, "email", "email"
	text.Most = 500
	kind := e.choices("kind", "sample.kind", "advice", "practice", "meeting")
	kind.Label, kind.Any = p.T("sample.kind_label", nil), p.T("sample.please", nil)
	day, file, agree := e.field("day"), e.optional("file"), e.field("agree")
	day.Width = "medium"
	file.Accept, file.Multiple = []string{".pdf", ".png", ".csv"}, true
	return []ui.Input{name, email, text, kind, e.choices("language", "sample.languages", "tr", "ar", "uk"), e.choices("way", "sample.ways", "phone", "mail"), day, file, agree}
}

// inState gives a copy of a field for display: under a name of its own, wrong or disabled.
func inState(i ui.Input, state string, wrong bool) ui.Input {
	i.Name, i.Disabled, i.Focus = fmt.Sprintf("%s-%s", state, i.Name), !wrong, false
	if !wrong {
		i.Error = ""
	}
	return i
}

// sampleWrong is a form in which every field is wrong.
func (p *page) sampleWrong() entry {
	var f form.Fields
	for name, reason := range map[string]string{
		"name": "empty", "email": "email", "text": "long", "kind": "unknown", "language": "choose", "way": "unknown", "day": "date", "file": "file_type", "agree": "agree",
	} {
		f.Add(name, reason)
	}
	return p.entry("sample", url.Values{"email": {"alma@"}, "day": {"2026-02-30"}}, f.Err())
}

// sampleEvents tell a short history.
func (p *page) sampleEvents() []ui.Event {
	at := func(iso string) (string, string) { return p.Date(iso), iso }
	var out []ui.Event
	for i, day := range []string{"2026-05-12", "2026-04-30", "2026-01-07"} {
		e := ui.Event{What: p.T("sample.event."+strconv.Itoa(i+1), nil), Who: "Alma Beispiel"}
		e.When, e.ISO = at(day)
		if i == 0 {
			e.More = ui.Diff(p.Printer, []ui.Changed{
				{Label: p.T("sample.name", nil), Before: "Anlaufstelle", After: "Anlaufstelle Süd"},
				{Label: p.T("sample.email", nil), After: "sued@beispiel.example"},
				{Label: longWord, Before: longWord},
			})
		}
		out = append(out, e)
	}
	return out
}

// sampleConfirm is a question before something is taken away.
func (p *page) sampleConfirm(id string) ui.Confirm {
	return ui.Confirm{
		ID: id, Open: p.T("sample.remove_open", nil), Look: "quiet", Title: p.T("sample.remove_title", nil), Text: p.T("sample.remove_text", nil),
		Points: []string{p.T("sample.remove_one", nil), p.T("sample.remove_two", nil)},
		Page:   "#confirm", Action: p.link("components-try"), Yes: p.T("sample.remove_yes", nil), Danger: true, Back: "#confirm",
	}
}
