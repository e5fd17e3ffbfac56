package webtest

import (
	"io"
	"log/slog"
	"net/http"
	"strings"

	"gevor/internal/web"
)

// Handler serves the pages in one state.
func Handler(state web.State, log io.Writer) (http.Handler, error) {
	return web.New(web.Config{Runs: web.Fixed(Run(state)), Log: slog.New(slog.NewTextHandler(log, nil)), Version: "0.0.0-test", SourceURL: "https://example.org/gevor"})
}

// Visit is one address a browser test must look at.
type Visit struct {
	Route string `json:"route"`
	Lang  string `json:"lang"` // empty for an address without a language
	State string `json:"state"`
	Path  string `json:"path"`
}

// Visits gives every address of the router in every language and every state of its row. It panics where a row
// has a place that nothing here fills, so a new kind of page cannot stay unvisited.
func Visits(build string) []Visit {
	runs := map[web.State]*web.Run{}
	for _, state := range web.AllStates() {
		if state != web.NoRun {
			runs[state] = bare(state)
		}
	}
	runs[web.NoRun] = runs[web.Normal]
	var out []Visit
	for _, r := range web.Routes() {
		for _, state := range r.States {
			for _, lang := range []string{"", "de", "en"} {
				pattern, ok := r.Patterns[lang]
				if !ok {
					continue
				}
				out = append(out, Visit{Route: r.Name, Lang: lang, State: string(state), Path: r.Path(lang, fill(pattern, runs[state], build)...)})
			}
		}
	}
	return out
}

// fill gives a value for every place of a pattern.
func fill(pattern string, run *web.Run, build string) []string {
	values := map[string]string{
		"id": Finding(run), "key": District(), "run": run.Hash, "file...": "findings.geojson", "build": build,
		"standard": run.Result.Snapshot.Standards[0].Key, "show": "shortfall",
	}
	if strings.HasPrefix(pattern, "/assets/") {
		values["file..."] = "site.css"
	}
	var out []string
	for pattern = strings.TrimSuffix(pattern, "{$}"); ; {
		open, end := strings.IndexByte(pattern, '{'), strings.IndexByte(pattern, '}')
		if open < 0 {
			return out
		}
		v, ok := values[pattern[open+1:end]]
		if !ok {
			panic("no value for a place of " + pattern)
		}
		out = append(out, v)
		pattern = pattern[end+1:]
	}
}
