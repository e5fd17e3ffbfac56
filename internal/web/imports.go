package web

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/form"
	"gevor/internal/web/ui"
)

// Imports takes over files that people of a house send.
type Imports interface {
	Receive(ctx context.Context, actor authz.Actor, at time.Time, d directory.ImportDraft) (string, error)
	Map(ctx context.Context, actor authz.Actor, at time.Time, house authz.OrganisationID, id string, m directory.ImportMapping) error
	Apply(ctx context.Context, actor authz.Actor, at time.Time, house authz.OrganisationID, id string, hide bool) (directory.ImportOutcome, error)
	Guess(d directory.ImportDraft) directory.ImportMapping
	Fields() []string
	ImportDraft(ctx context.Context, actor authz.Actor, house authz.OrganisationID, id string) (directory.ImportDraft, error)
	ImportDrafts(ctx context.Context, actor authz.Actor, house authz.OrganisationID) ([]directory.ImportDraft, error)
	ImportSources(ctx context.Context, actor authz.Actor, house authz.OrganisationID) ([]directory.ImportSource, error)
	DropImportDraft(ctx context.Context, actor authz.Actor, at time.Time, house authz.OrganisationID, id string) error
}

// importBytes is how large a file may be that a page takes; more goes by the command line.
const importBytes = 10 << 20

// importRoutes are the addresses at which a house sends files with its offers: send, say what the columns hold, look at
// what would become of it, take it over or drop it.
func importRoutes() []Route {
	at := func(name, de, en string, handle handler) Route {
		return ofHouse(name, authz.Entry, authz.Create, "/einlesen"+de, "/import"+en, handle)
	}
	return []Route{
		at("imports", "", "", imports),
		post(at("import-send", "", "", importSend)),
		at("import", "/{draft}", "/{draft}", importShown),
		post(at("import-apply", "/{draft}", "/{draft}", importApply)),
		at("import-columns", "/{draft}/spalten", "/{draft}/columns", importColumns),
		post(at("import-map", "/{draft}/spalten", "/{draft}/columns", importMap)),
		post(at("import-drop", "/{draft}/verwerfen", "/{draft}/drop", importDrop)),
	}
}

type importsView struct {
	houseView
	Form    entry
	Fields  fieldset
	Drafts  []directory.ImportDraft
	Sources []directory.ImportSource
}

func (p *page) importsView(h houseView, sent url.Values, wrong error) (importsView, error) {
	v := importsView{houseView: h, Form: p.entry("import", sent, wrong)}
	var err error
	if v.Drafts, err = p.site.Imports.ImportDrafts(p.req.Context(), p.actor, h.ID); err != nil {
		return v, err
	}
	if v.Sources, err = p.site.Imports.ImportSources(p.req.Context(), p.actor, h.ID); err != nil {
		return v, err
	}
	file, system, release := v.Form.field("file"), v.Form.field("system"), v.Form.choices("release", "release.levels", "private", "alliance", "public")
	file.Required, file.Accept = true, []string{".csv", ".txt", ".xlsx", ".json", ".zip", ".pbf"}
	system.Required, system.Most = true, 60
	release.Value = cmp.Or(release.Value, "private")
	v.Fields = fieldset{[]ui.Input{file, system, release}}
	return v, nil
}

func imports(p *page) error {
	h, err := p.entryHouse(authz.Create)
	if err != nil {
		return err
	}
	v, err := p.importsView(h, url.Values{"system": {p.first("source")}}, nil)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("import.title", nil), importsPage(p, v))
}

func importSend(p *page) error {
	h, err := p.entryHouse(authz.Create)
	if err != nil {
		return err
	}
	again := func(sent url.Values, wrong error) error {
		if form.Of(wrong) == nil {
			return wrong
		}
		v, err := p.importsView(h, sent, wrong)
		if err != nil {
			return err
		}
		return p.render(uploadStatus(wrong), p.T("import.title", nil), importsPage(p, v))
	}
	got, err := p.upload(uploadRule{Field: "file", Types: []fileType{xlsxFile, zipFile, osmFile, jsonFile, csvFile}, Each: importBytes, Must: true})
	if err != nil {
		if got == nil {
			return err
		}
		return again(got.Values, err)
	}
	defer got.Close()
	f, err := got.Files[0].Open()
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	level, known := authz.LevelOf(cmp.Or(got.Values.Get("release"), "private"))
	if !known || level == authz.Named {
		var f form.Fields
		f.Add("release", "unknown")
		return again(got.Values, f.Err())
	}
	id, err := p.site.Imports.Receive(p.req.Context(), p.actor, p.now(), directory.ImportDraft{Owner: h.ID, System: got.Values.Get("system"), File: got.Files[0].Name, Release: level, Raw: raw})
	if err != nil {
		return again(got.Values, err)
	}
	return p.done(p.path("import", string(h.ID), id), "import_read")
}

// importDraft gives the draft of the address.
func (p *page) importDraft() (houseView, directory.ImportDraft, error) {
	h, err := p.entryHouse(authz.Create)
	if err != nil {
		return h, directory.ImportDraft{}, err
	}
	d, err := p.site.Imports.ImportDraft(p.req.Context(), p.actor, h.ID, p.req.PathValue("draft"))
	return h, d, err
}

func importShown(p *page) error {
	h, d, err := p.importDraft()
	if err != nil {
		return err
	}
	if d.Plan == nil {
		return p.render(http.StatusOK, p.T("import.columns", nil), importColumnsPage(p, h, d, p.columnsForm(d, nil, nil)))
	}
	return p.render(http.StatusOK, p.T("import.preview", nil), importPage(p, h, d))
}

func importColumns(p *page) error {
	h, d, err := p.importDraft()
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("import.columns", nil), importColumnsPage(p, h, d, p.columnsForm(d, nil, nil)))
}

type columnsForm struct {
	Form   entry
	Fields fieldset
}

// columnsForm asks which column holds what: as the source was read last, else as the names of the columns suggest.
func (p *page) columnsForm(d directory.ImportDraft, sent url.Values, wrong error) columnsForm {
	if sent == nil {
		m := p.site.Imports.Guess(d)
		if d.Mapping != nil {
			m = *d.Mapping
		}
		sent = url.Values{}
		for field, columns := range m.Columns {
			sent[field] = columns
		}
		for field, value := range m.Fixed {
			sent.Set("fixed_"+field, value)
		}
		var words []string
		for word, key := range m.Kinds {
			words = append(words, word+" = "+key)
		}
		slices.Sort(words)
		sent.Set("kind_words", strings.Join(words, "\n"))
		if m.GermanDates {
			sent.Set("german_dates", "yes")
		}
	}
	v := columnsForm{Form: p.entry("import.field", sent, wrong)}
	var options []ui.Option
	for _, c := range d.Columns {
		if c != "" {
			options = append(options, ui.Option{Value: c, Label: c})
		}
	}
	for _, field := range p.site.Imports.Fields() {
		i := v.Form.field(field)
		i.Label = p.importFieldName(field)
		i.Options, i.Any, i.Required = options, p.T("import.no_column", nil), field == "name"
		v.Fields.all = append(v.Fields.all, i)
	}
	city, provider, words, dates := v.Form.optional("fixed_city"), v.Form.optional("fixed_provider"), v.Form.optional("kind_words"), v.Form.field("german_dates")
	city.Most, provider.Most, words.Rows, words.Most = 100, 200, 5, 8000
	v.Fields.all = append(v.Fields.all, city, provider, words, dates)
	return v
}

func importMap(p *page) error {
	h, d, err := p.importDraft()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	m := directory.ImportMapping{Columns: map[string][]string{}, Kinds: map[string]string{}, Fixed: map[string]string{}, GermanDates: sent.Get("german_dates") == "yes"}
	for _, field := range p.site.Imports.Fields() {
		if c := sent.Get(field); c != "" {
			m.Columns[field] = []string{c}
		}
	}
	for _, field := range []string{"city", "provider"} {
		if v := strings.TrimSpace(sent.Get("fixed_" + field)); v != "" {
			m.Fixed[field] = v
		}
	}
	for line := range strings.Lines(sent.Get("kind_words")) {
		if word, key, ok := strings.Cut(line, "="); ok {
			m.Kinds[strings.TrimSpace(word)] = strings.TrimSpace(key)
		}
	}
	if err := p.site.Imports.Map(p.req.Context(), p.actor, p.now(), h.ID, d.ID, m); err != nil {
		return p.again(err, p.T("import.columns", nil), importColumnsPage(p, h, d, p.columnsForm(d, sent, err)))
	}
	return p.done(p.path("import", string(h.ID), d.ID), "import_read")
}

// importAnswered gives the draft of the address and what was sent, where the button pressed says this.
func (p *page) importAnswered(answer string) (houseView, directory.ImportDraft, url.Values, error) {
	h, d, err := p.importDraft()
	if err != nil {
		return h, d, nil, err
	}
	sent, err := p.form()
	if err == nil && sent.Get("answer") != answer {
		err = missing("answer")
	}
	return h, d, sent, err
}

func importApply(p *page) error {
	h, d, sent, err := p.importAnswered("apply")
	if err != nil {
		return err
	}
	if _, err := p.site.Imports.Apply(p.req.Context(), p.actor, p.now(), h.ID, d.ID, sent.Get("hide") == "yes"); err != nil {
		return err
	}
	return p.done(p.path("entries", string(h.ID)), "import_done")
}

func importDrop(p *page) error {
	h, d, _, err := p.importAnswered("drop")
	if err != nil {
		return err
	}
	if err := p.site.Imports.DropImportDraft(p.req.Context(), p.actor, p.now(), h.ID, d.ID); err != nil {
		return err
	}
	return p.done(p.path("imports", string(h.ID)), "import_dropped")
}

// mostShown is how many changes and notes a preview lists.
const mostShown = 300

// importChanges lists what would happen to entries, of one kind.
func importChanges(d directory.ImportDraft, kind directory.ImportKind) (out []directory.ImportChange) {
	for _, c := range d.Plan.Changes {
		if c.Kind == kind {
			out = append(out, c)
		}
	}
	return out
}

// importFields names the fields that a change touches.
func (p *page) importFields(c directory.ImportChange) string {
	var out []string
	for _, f := range c.Fields {
		key := "import.changes." + importName(strings.ToLower(f))
		if !p.Has(key) {
			key = "import.changes.else"
		}
		out = append(out, p.text(key))
	}
	return strings.Join(out, ", ")
}

// importPlace says where in a file something stands.
func (p *page) importPlace(n directory.ImportNote) string {
	var out []string
	if n.Line > 0 && n.Line < 1<<30 {
		out = append(out, p.T("import.line", with{"Line": strconv.Itoa(n.Line)}))
	}
	if n.Record != "" {
		out = append(out, n.Record)
	}
	return strings.Join(out, ", ")
}

// importAdvice says in the language of the page what to do about a note.
func (p *page) importAdvice(n directory.ImportNote) string {
	key := "import.advice." + n.Rule
	if !p.Has(key) {
		key = "import.advice.else"
	}
	text := p.text(key)
	if n.Lost {
		text += " " + p.T("import.lost_record", nil)
	}
	return text
}

// importFieldName names a field of a file as the form does, else as the file does.
func (p *page) importFieldName(field string) string {
	if key := "import.field." + importName(field); p.Has(key) {
		return p.text(key)
	}
	return field
}

// importName is a field as the catalogue names it, which keeps some words for itself.
func importName(field string) string {
	switch field {
	case "description":
		return "details"
	case "id":
		return "number"
	}
	return field
}
