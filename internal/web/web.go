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
	"gevor/vocabulary"
)

// Config is what the pages need from outside.
type Config struct {
	Runs   Runs   // where the served run comes from; required
	Houses Houses // organisations, people, rights; nil serves the atlas alone, to everybody
	Doors  Doors  // who is behind a request; nil means the anonymous public
	// SignIn lets people in, Accounts keeps what is theirs; without both nobody signs in.
	SignIn   SignIn
	Accounts Accounts
	Log      *slog.Logger // access log and causes of failures; required
	Version  string       // of the program, shown in the footer
	// PublicURL is the address of the installation without a final slash, for links that people hand over; empty shows
	// links without it.
	PublicURL string
	// Webhooks keeps the addresses that organisations want to be called at, Hosts the operator's list of hosts; without
	// both there are none.
	Webhooks Webhooks
	Hosts    Hosts
	// Entries keeps the directory, Vocabulary names what it holds; without both there is none.
	Entries    Entries
	Vocabulary *vocabulary.Vocabulary
	// Handovers keeps handovers, keys and receipts; nil where there are none.
	Handovers Handovers
	// Trails gives organisations the record of who saw and changed their things; nil shows none.
	Trails Trails
	// Contacts keeps the log of contacts, ContactLog says how; nil where there is none.
	Contacts   Contacts
	ContactLog ContactLog
	// Duplicates keeps pairs of entries that may be one offer; nil shows none.
	Duplicates Duplicates
	// Partners keeps offers of several organisations together; nil shows none.
	Partners Partners
	// Imports takes over files with offers; nil takes none.
	Imports Imports
	// Finder searches the directory, Offers shows what it found; without both there is no finder.
	Finder Finder
	Offers Offers
	// Reckoning tells how far a new run is that is being computed; nil where nobody knows.
	Reckoning Reckoning
	// Trials reckons what changes to offers would do, KeptTrials keeps what was tried; without both nothing is tried out.
	Trials     Trials
	KeptTrials KeptTrials
	// Letters shows the mails of a demo region with their content; nil everywhere else.
	Letters Letters
	// Texts keeps imprint, privacy and accessibility statement; nil shows their templates, and nobody edits them.
	Texts Texts
	// Interfaces answers the addresses for other programs; nil answers none of them.
	Interfaces Interfaces
	// Warnings keeps what early warning has to say; nil shows nothing of it.
	Warnings Warnings
	// Alliance keeps charter, members and bodies; nil shows nothing of them.
	Alliance Alliance
	// Operator runs the installation; the templates of the texts name it.
	Operator Operator
	// Figures keeps municipal statistics as they were published; nil shows none.
	Figures Figures
	// PastRuns opens earlier runs for profiles as of then; without it only the current run has one.
	PastRuns PastRuns
	// Feedback keeps what readers report about the pages; nil shows no form.
	Feedback Feedback
	// SourceURL leads to the program's source code; empty shows no link.
	SourceURL string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Operator is who runs an installation, as the imprint names them. What is empty is marked as still to be written.
type Operator struct{ Name, Address, Phone, Email string }

// site is the state shared by all requests. It is immutable after New.
type site struct {
	Config
	assets   *assets.Bundle
	words    map[string]*words.Printer
	markdown markdown
	routes   []Route
	byName   map[string]*Route
	zone     *time.Location // of times on pages
	drawn    drawings
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
	if err := c.ContactLog.complete(); err != nil {
		return nil, err
	}
	bundle, err := assets.Open()
	if err != nil {
		return nil, err
	}
	s := &site{Config: c, assets: bundle, words: map[string]*words.Printer{}, markdown: newMarkdown(), byName: map[string]*Route{}}
	for _, lang := range words.ResidentLanguages() {
		s.words[lang] = words.New(lang)
	}
	if s.zone, err = time.LoadLocation("Europe/Berlin"); err != nil {
		return nil, fault.Wrap(fault.Internal, "Europe/Berlin", "the time zone is not known", "", err)
	}
	s.routes = Routes()
	mux := http.NewServeMux()
	var open []string // patterns that anybody may ask from anywhere: they change nothing and know nobody
	for i := range s.routes {
		r := &s.routes[i]
		s.byName[r.Name] = r
		for lang, pattern := range r.Patterns {
			mux.Handle(r.verb()+" "+pattern, s.serve(r, lang))
			if r.Open {
				open = append(open, r.verb()+" "+pattern)
			}
		}
	}
	h := s.around(mux)
	if c.Doors != nil {
		h = c.Doors.Wrap(h)
	}
	guard := http.NewCrossOriginProtection()
	for _, pattern := range open {
		guard.AddInsecureBypassPattern(pattern)
	}
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		secure(w.Header())
		s.Log.Warn("a request from another site was refused", "method", req.Method)
		s.outside(w, req).failure(http.StatusForbidden, "cross-site", "")
	}))
	return guard.Handler(h), nil
}
