package webtest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/internal/api"
	"gevor/internal/finder"
	"gevor/internal/imports"
	"gevor/internal/store"
	"gevor/internal/web"
	"gevor/internal/words"
	"gevor/vocabulary"
)

// RegionKey is the key of the example town as a region.
const RegionKey = "beispielstadt"

// Server serves the example town.
type Server struct {
	http.Handler
	Houses *Houses
	dir    string
}

// Dir is the folder that the server writes to.
func (s *Server) Dir() string { return s.dir }

// Close ends the server and removes what it wrote.
func (s *Server) Close() error { return errors.Join(s.Houses.Close(), os.RemoveAll(s.dir)) }

// Handler serves the pages in one state. Requests are those of the anonymous public, or of whom PersonHeader names; in
// the state SignedIn they are always those of Everything.
func Handler(state web.State, log io.Writer) (*Server, error) {
	dir, err := os.MkdirTemp("", "gevor-town-")
	if err != nil {
		return nil, err
	}
	houses, err := OpenHouses(context.Background(), dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	h, err := Serve(state, houses.Store, log)
	if err != nil {
		return nil, errors.Join(err, houses.Close(), os.RemoveAll(dir))
	}
	return &Server{Handler: h, Houses: houses, dir: dir}, nil
}

// Serve serves the pages in one state over any store.
func Serve(state web.State, s *store.Store, log io.Writer) (http.Handler, error) {
	to := slog.New(slog.NewTextHandler(log, nil))
	var always authz.PersonID
	if state == web.SignedIn {
		always = Everything
	}
	d, err := doorsOf(s, always, to)
	if err != nil {
		return nil, err
	}
	voc, err := vocabulary.Load(nil)
	if err != nil {
		return nil, err
	}
	search, err := finder.New(finder.Options{Entries: s.Joined(Day), Vocabulary: voc, Ground: groundOf(state), Log: to})
	if err != nil {
		return nil, err
	}
	open, err := api.New(api.Options{Entries: s.Joined(Day), Vocabulary: voc, PublicURL: "https://gevor.example", OfferPage: offerPage, Languages: languages(), Version: "0.0.0-test", Log: to, Now: Day})
	if err != nil {
		return nil, err
	}
	trails, err := signedOf(s)
	if err != nil {
		return nil, err
	}
	c := web.Config{
		Runs: web.Fixed(Run(state)), PastRuns: past{}, Houses: s, Doors: d, SignIn: d, Accounts: s, Texts: s, Feedback: s, Warnings: s, Alliance: s, Figures: s, Interfaces: open, Entries: s, Vocabulary: voc, Duplicates: s, Handovers: s, Trails: trails, Contacts: s, ContactLog: web.ContactLog{Notes: true}, Partners: s, Imports: imports.New(s, voc), Finder: search, Offers: s.Joined(Day), Webhooks: s, Hosts: hosts{}, Trials: tries{}, KeptTrials: s, Reckoning: half{state}, Log: to, Now: Day,
		Version: "0.0.0-test", PublicURL: "https://gevor.example", SourceURL: "https://example.org/gevor",
	}
	return web.New(c)
}

// past keeps the runs of the states of the example town, as an installation keeps those that it served.
type past struct{}

// Past gives the run of a hash.
func (past) Past(hash string) (*web.Run, error) {
	for _, state := range []web.State{web.Normal, web.Suppressed} {
		if r := Run(state); r.Hash == hash {
			return r, nil
		}
	}
	return nil, fault.New(fault.NotFound, "run", "does not exist", "")
}

// hosts is the list of an operator who allows one host.
type hosts struct{}

// Permits gives nil for addresses on that host.
func (hosts) Permits(address string) error {
	if !strings.HasPrefix(address, "https://hooks.example.org/") {
		return fault.New(fault.Denied, "address", "is not on the list", "")
	}
	return nil
}

// Listed names it.
func (hosts) Listed() []string { return []string{"hooks.example.org"} }

// Visit is one address a browser test must look at.
type Visit struct {
	Route string `json:"route"`
	Lang  string `json:"lang"` // empty for an address without a language
	State string `json:"state"`
	Path  string `json:"path"`
	// NeedsRun says that the page has nothing to show before the first analysis.
	NeedsRun bool `json:"needsRun"`
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
	runs[web.NoRun], runs[web.SignedIn] = runs[web.Normal], runs[web.Normal]
	var out []Visit
	for _, r := range web.Routes() {
		for _, state := range r.States {
			out = append(out, visits(&r, state, runs[state], build)...)
		}
	}
	return out
}

// Addresses gives an address of every route in every language, those that only change something included.
func Addresses(build string) []Visit {
	run := bare(web.Normal)
	var out []Visit
	for _, r := range web.Routes() {
		out = append(out, visits(&r, web.Normal, run, build)...)
	}
	return out
}

func visits(r *web.Route, state web.State, run *web.Run, build string) (out []Visit) {
	for _, lang := range append([]string{"", "de", "en"}, looked(r, state)...) {
		if pattern, ok := r.Patterns[lang]; ok {
			out = append(out, Visit{Route: r.Name, Lang: lang, State: string(state), Path: r.Path(lang, fill(pattern, run, build)...), NeedsRun: r.NeedsRun})
		}
	}
	return out
}

// looked are the languages beside German and English in which a residents' page is looked at, in the normal state only:
// one that is written from right to left and Leichte Sprache everywhere, all of them where people begin and in an
// emergency. TestResidentsPages asks for every page in every language.
func looked(r *web.Route, state web.State) []string {
	if !r.Residents() || state != web.Normal {
		return nil
	}
	full := []string{"de-simple", "ar"}
	if r.Name == "finder" || r.Name == "emergency" {
		full = slices.DeleteFunc(words.ResidentLanguages(), func(l string) bool { return slices.Contains(words.Languages(), l) })
	}
	return full
}

// fill gives a value for every place of a pattern.
func fill(pattern string, run *web.Run, build string) []string {
	town, err := built()
	if err != nil {
		panic(err)
	}
	values := map[string]string{
		"service": string(town.service), "offer": string(town.public), "suggestion": town.suggestion,
		"secret": town.invitation, "hook": town.hook, "provider": ProviderKey, "role": string(authz.Planner),
		"id": Finding(run), "key": District(), "run": run.Hash, "file...": "findings.geojson", "build": build,
		"text": "imprint", "org": string(East), "person": string(Person(East, authz.Editor)), "change": UndoableChange, "invitation": "i-" + string(Everything),
		"warning": Warning, "answer": town.missing,
		"standard": run.Result.Snapshot.Standards[0].Key, "show": "shortfall",
	}
	values["pair"], values["trial"], values["dataset"] = town.pair, town.trial, Dataset
	values["handover"], values["attachment"], values["slipnote"] = town.handover, town.attachment, town.note
	values["draft"], values["sketch"] = town.draft, town.sketch
	w := town.work
	values["body"], values["decision"], values["dossier"], values["note"], values["measure"], values["commitment"] = w.body, w.decision, w.dossier, w.note, w.measure, w.commitment
	values["meeting"], values["item"], values["milestone"] = w.meeting, w.item, w.milestone
	values["record"], values["part"] = town.shown.record(pattern), "1.xml"
	if strings.HasPrefix(pattern, "/assets/") {
		values["file..."] = "site.css"
	}
	if strings.Contains(pattern, "/zugang/{secret}") || strings.Contains(pattern, "/recovery/{secret}") {
		values["secret"] = town.recovery
	}
	if strings.Contains(pattern, "/beleg/{secret}") || strings.Contains(pattern, "/receipt/{secret}") {
		values["secret"] = town.receipt
	}
	if strings.Contains(pattern, "/zettel/{secret}") || strings.Contains(pattern, "/slip/{secret}") {
		values["secret"] = town.slip
	}
	if strings.Contains(pattern, "/praxis/{secret}") || strings.Contains(pattern, "/practice/{secret}") {
		values["secret"] = town.practice
	}
	if strings.Contains(pattern, "/eintrag-pruefen/") || strings.Contains(pattern, "/check-entry/") {
		values["secret"] = town.letter
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

// half is an analysis of the example town that is at 45 %; in the state with suppressed figures nobody spoke of it for an hour.
type half struct{ state web.State }

// Reckoning says so.
func (h half) Reckoning(context.Context, string) (share float64, at time.Time, ok bool, err error) {
	ago := time.Second
	if h.state == web.Suppressed {
		ago = time.Hour
	}
	return 0.45, Day().Add(-ago), true, nil
}
