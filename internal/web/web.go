// Package web serves the pages: server-rendered in German and English, complete without JavaScript, with the map
// as an island. Nothing a page needs is fetched from anywhere but this installation.
//
// Every address stands in one table (routes.go). Texts stand in internal/words, looks in assets/src, parts that
// pages share in ui, drawings in draw. Handlers compute what a page shows, templates only write it down.
package web

import (
	"log/slog"
	"net/http"
	"time"

	"gevor/fault"
	"gevor/internal/web/assets"
	"gevor/internal/words"
)

// Config is what the pages need from outside.
type Config struct {
	Runs    Runs         // where the served run comes from; required
	Log     *slog.Logger // access log and causes of failures; required
	Version string       // of the program, shown in the footer
	// SourceURL leads to the program's source code; empty shows no link.
	SourceURL string
	// Now is the clock of the access log; nil means time.Now. No page shows it.
	Now func() time.Time
}

// site is the state shared by all requests. It is immutable after New.
type site struct {
	Config
	assets *assets.Bundle
	words  map[string]*words.Printer
	routes []Route
	byName map[string]*Route
}

// New builds the handler of all pages. It fails with fault.Invalid where a required field is missing and where
// the program was built without its front end.
func New(c Config) (http.Handler, error) {
	if c.Runs == nil || c.Log == nil {
		return nil, fault.New(fault.Invalid, "web.Config", "Runs and Log are required", "set both")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	bundle, err := assets.Open()
	if err != nil {
		return nil, err
	}
	s := &site{Config: c, assets: bundle, words: map[string]*words.Printer{}, byName: map[string]*Route{}}
	for _, lang := range words.Languages() {
		s.words[lang] = words.New(lang)
	}
	s.routes = Routes()
	mux := http.NewServeMux()
	for i := range s.routes {
		r := &s.routes[i]
		s.byName[r.Name] = r
		for lang, pattern := range r.Patterns {
			mux.Handle("GET "+pattern, s.serve(r, lang))
		}
	}
	return s.around(mux), nil
}
