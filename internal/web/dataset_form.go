package web

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"gevor/form"
	"gevor/indicator"
	"gevor/internal/web/ui"
)

// pastedFile is the name of a table that was typed or pasted.
const pastedFile = "tabelle.csv"

// sketchForm is the form of a dataset by hand.
type sketchForm struct {
	houseView
	ID     string // empty for a new one
	File   string // what is kept already
	Form   entry
	Fields fieldset
}

// How the figures of a dataset by hand were gathered.
const (
	holdsCounts = "counts"
	holdsRates  = "rates"
	holdsValues = "values"
)

func sketchNew(p *page) error {
	h, err := p.sketchHouse()
	if err != nil {
		return err
	}
	begin := url.Values{
		"holds": {holdsRates}, "per": {"100"}, "part": {"yes"}, "decimals": {"1"}, "level": {string(indicator.Districts)}, "secrecy": {"rules"}, "minimum_cell": {"5"},
		"publisher": {h.Name},
	}
	return p.render(http.StatusOK, p.text("dataset.new"), sketchFormPage(p, p.sketchForm(h, indicator.Sketch{}, begin, nil)))
}

func sketchEdit(p *page) error {
	h, k, err := p.sketch()
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.text("dataset.edit"), sketchFormPage(p, p.sketchForm(h, k, sketchValues(&k), nil)))
}

func (p *page) sketchForm(h houseView, k indicator.Sketch, sent url.Values, wrong error) sketchForm {
	v := sketchForm{houseView: h, ID: k.ID, File: k.File, Form: p.entry("dataset.form", sent, wrong)}
	f := v.Form
	line := func(name string, must bool, most int) ui.Input {
		i := f.field(name)
		if !must {
			i = f.optional(name)
		}
		i.Required, i.Most = must, most
		return i
	}
	number := func(name string) ui.Input {
		i := f.optional(name)
		i.InputMode, i.Width = "numeric", "short"
		return i
	}
	chosen := func(name, prefix string, values ...string) ui.Input {
		i := f.choices(name, prefix, values...)
		i.Required = true
		return i
	}
	note, day, table, file := f.optional("note_de"), f.field("reference_date"), f.optional("table"), f.optional("file")
	note.Rows, note.Most, day.Required, table.Rows, file.Accept = 3, 2000, true, 10, []string{".csv", ".txt", ".xlsx"}
	topic, level := chosen("topic", "figures.topic", wordsOf(indicator.Topics())...), chosen("level", "figures.level", wordsOf(indicator.Levels())...)
	topic.Any, level.Any = p.text("dataset.choose"), p.text("dataset.choose")
	direction := f.choices("direction", "figures.direction", string(indicator.MoreIsBetter), string(indicator.LessIsBetter), string(indicator.Depends))
	v.Fields = fieldset{[]ui.Input{
		line("title_de", true, 120), line("title_en", false, 120), note, line("unit_de", true, 60), line("unit_en", false, 60), line("short", true, 50), topic, level, direction,
		line("source", true, 200), line("publisher", true, 200), line("licence", true, 100), line("url", false, 300), day,
		chosen("holds", "dataset.holds", holdsCounts, holdsRates, holdsValues), number("per"), f.field("part"), number("decimals"), f.field("open_base"),
		chosen("secrecy", "dataset.secrecy", "rules", "none"), line("rule_set", false, 120), number("minimum_cell"), number("minimum_denominator"), number("minimum_units"), f.field("zeros"),
		table, file,
	}}
	return v
}

func wordsOf[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, w := range all {
		out[i] = string(w)
	}
	return out
}

// sketchValues fills the form with what is kept.
func sketchValues(k *indicator.Sketch) url.Values {
	d, s := &k.Dataset, k.Secrecy()
	v := url.Values{}
	for name, text := range map[string]string{
		"title_de": d.Title.DE, "title_en": d.Title.EN, "note_de": d.Note.DE, "unit_de": d.Unit.DE, "unit_en": d.Unit.EN, "short": d.ID, "topic": string(d.Topic), "level": string(d.Level),
		"direction": string(d.Direction), "source": d.Source, "publisher": d.Publisher, "licence": d.Licence, "url": d.URL, "reference_date": d.ReferenceDate, "rule_set": s.Name,
		"decimals": strconv.Itoa(d.Decimals), "holds": holdsCounts, "secrecy": "rules",
	} {
		v.Set(name, text)
	}
	switch {
	case d.Values:
		v.Set("holds", holdsValues)
	case d.Per > 0:
		v.Set("holds", holdsRates)
		v.Set("per", strconv.FormatFloat(d.Per, 'f', -1, 64))
	}
	if k.Open() {
		v.Set("secrecy", "none")
	}
	for name, n := range map[string]int{"minimum_cell": s.Cell, "minimum_denominator": s.Denominator, "minimum_units": s.Units} {
		if n > 0 {
			v.Set(name, strconv.Itoa(n))
		}
	}
	for name, on := range map[string]bool{"part": d.Part, "open_base": k.OpenBase, "zeros": s.Zeros} {
		if on {
			v.Set(name, "yes")
		}
	}
	if !strings.HasSuffix(k.File, ".xlsx") {
		v.Set("table", string(k.Raw))
	}
	return v
}

// sketchOf reads what was sent into a sketch.
func sketchOf(k *indicator.Sketch, v url.Values) error {
	var f form.Fields
	number := func(name string) int {
		text := strings.TrimSpace(v.Get(name))
		if text == "" {
			return 0
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > 1_000_000 {
			f.Add(name, "number")
		}
		return n
	}
	k.Dataset = indicator.Dataset{
		ID: v.Get("short"), Title: indicator.Label{DE: v.Get("title_de"), EN: v.Get("title_en")}, Note: indicator.Label{DE: v.Get("note_de")},
		Unit: indicator.Label{DE: v.Get("unit_de"), EN: v.Get("unit_en")}, Topic: indicator.Topic(v.Get("topic")), Level: indicator.Level(v.Get("level")),
		Direction: indicator.Direction(v.Get("direction")), Source: v.Get("source"), Publisher: v.Get("publisher"), Licence: v.Get("licence"), URL: v.Get("url"),
		ReferenceDate: v.Get("reference_date"), Decimals: number("decimals"),
	}
	d := &k.Dataset
	switch v.Get("holds") {
	case holdsCounts:
	case holdsValues:
		d.Values = true
	case holdsRates:
		if d.Per = float64(number("per")); d.Per == 0 {
			f.Add("per", "number")
		}
		d.Part = v.Get("part") == "yes"
	default:
		f.Add("holds", "choose")
	}
	k.OpenBase = v.Get("open_base") == "yes"
	k.Keep(indicator.Secrecy{})
	switch v.Get("secrecy") {
	case "none":
	case "rules":
		k.Keep(indicator.Secrecy{
			Name: strings.TrimSpace(v.Get("rule_set")), Cell: number("minimum_cell"), Denominator: number("minimum_denominator"), Units: number("minimum_units"), Zeros: v.Get("zeros") == "yes",
		})
		if k.Open() {
			f.Add("minimum_cell", "rules")
		}
	default:
		f.Add("secrecy", "choose")
	}
	return f.Err()
}

// sketchKeep keeps a dataset by hand, new or changed; a table that is not sent anew stays.
func sketchKeep(p *page) error {
	h, err := p.sketchHouse()
	if err != nil {
		return err
	}
	k := indicator.Sketch{Owner: string(h.ID)}
	if p.route.Name == "sketch-change" {
		if h, k, err = p.sketch(); err != nil {
			return err
		}
	}
	got, wrong := p.upload(uploadRule{Field: "file", Types: []fileType{zipFile, csvFile}, Each: indicator.SketchBytes})
	if got == nil {
		return wrong
	}
	defer got.Close()
	if wrong != nil && form.Of(wrong) == nil {
		return wrong
	}
	if err := p.sketchTable(&k, got); err != nil {
		return err
	}
	read := sketchOf(&k, got.Values)
	if k.Dataset.ID, err = p.datasetName(strings.ToLower(strings.TrimSpace(k.Dataset.ID)), h.ID); err != nil {
		return err
	}
	if err := joinedFields(wrong, read, k.Tidy()); err != nil {
		if form.Of(err) == nil {
			return err
		}
		return p.render(uploadStatus(err), p.text("dataset.edit"), sketchFormPage(p, p.sketchForm(h, k, got.Values, err)))
	}
	id, err := p.site.Figures.KeepSketch(p.req.Context(), p.actor, p.now(), k)
	if err != nil {
		return err
	}
	return p.done(p.path("sketch", string(h.ID), id), "dataset_kept")
}

// sketchTable takes the table that was sent: a file before what was typed.
func (p *page) sketchTable(k *indicator.Sketch, got *uploaded) error {
	text := got.Values.Get("table")
	switch {
	case len(got.Files) > 0:
		f, err := got.Files[0].Open()
		if err != nil {
			return err
		}
		raw, err := io.ReadAll(f)
		if closed := f.Close(); err == nil {
			err = closed
		}
		k.Raw, k.File = raw, cmp.Or(got.Files[0].Name, pastedFile)
		if got.Files[0].Type == zipFile && // a workbook, which not every program begins with its list of parts
			!strings.HasSuffix(strings.ToLower(k.File), ".xlsx") {
			k.File += ".xlsx"
		}
		return err
	case strings.TrimSpace(text) != "":
		k.Raw, k.File = []byte(text), pastedFile
	}
	return nil
}
