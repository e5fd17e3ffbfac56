// Package report makes the printable report of a run: one HTML file that needs nothing else, with maps drawn as SVG,
// a table for every map, sources and methods, in German and English.
package report

import (
	"embed"
	"html/template"
	"io"

	"gevor/atlas"
	"gevor/fault"
	"gevor/internal/files"
	"gevor/internal/words"
)

//go:embed report.html.tmpl report.css
var assets embed.FS

// Names of the report by language.
var names = map[string]string{"de": "report.html", "en": "report.en.html"}

// Files gives the reports of a run as files of its folder, one for each language.
func Files(r *atlas.Result, info files.RunInfo) []files.Artefact {
	var out []files.Artefact
	for _, lang := range words.Languages() {
		out = append(out, files.Artefact{Name: names[lang], Write: func(w io.Writer) error { return Write(w, r, info, lang) }})
	}
	return out
}

// Write writes the report in one language. Same result and info, same bytes; timings are no part of it.
func Write(w io.Writer, r *atlas.Result, info files.RunInfo, lang string) error {
	p := words.New(lang)
	css, err := assets.ReadFile("report.css")
	if err != nil {
		return fault.Wrap(fault.Internal, names[lang], "the style sheet is missing", "", err)
	}
	t, err := template.New("report.html.tmpl").Funcs(template.FuncMap{
		"t": func(key string) string { return p.T(key, nil) },
	}).ParseFS(assets, "report.html.tmpl")
	if err != nil {
		return fault.Wrap(fault.Internal, names[lang], "the template is broken", "", err)
	}
	page := (&writer{r: r, s: r.Snapshot, p: p, info: info}).page()
	page.Style = template.CSS(css)
	if err := t.Execute(w, page); err != nil {
		return fault.Wrap(fault.Internal, names[lang], "cannot be written", "check free space", err)
	}
	return nil
}
