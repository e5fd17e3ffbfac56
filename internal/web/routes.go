package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gevor/authz"
	"gevor/internal/words"
)

// State is a condition of the data under which a page must hold up; the browser test visits every page in every
// state of its row.
type State string

// The states.
const (
	Normal     State = "normal"
	Empty      State = "empty"      // a run without findings
	NoRun      State = "no-run"     // nothing has been analysed yet
	Suppressed State = "suppressed" // groups unknown, cells suppressed
	LongWords  State = "long-words" // the longest words the administration knows
	SignedIn   State = "signed-in"  // as Normal, for somebody with every role in a house
)

// AllStates lists the states of the data in order. SignedIn is that of a reader and not among them.
func AllStates() []State { return []State{Normal, Empty, NoRun, Suppressed, LongWords} }

// Route is one row of the table of addresses.
type Route struct {
	Name string
	// Method is POST for what changes something; empty means GET and HEAD, which change nothing.
	Method string
	// Access is what the route asks of the table of rights (authz.Rules). The handler, or the store it calls, asks for
	// the very thing; TestRights holds every row against every role and owner.
	Access Access
	// Room says whether this installation has what the address is about; where it has not, there is no such page. Nil
	// means that every installation has it.
	Room func(*Config) bool
	// List says that the page lists what the reader may do this to: anybody may ask for it, and it may be empty.
	List bool
	// Open says that the answer is the one that the anonymous public gets, whoever asks: it looks at no session, and
	// programs may ask from anywhere.
	Open bool
	// Patterns holds the path by language, with {name} for what varies; the key "" is an address without a
	// language (a redirect or a file).
	Patterns map[string]string
	States   []State
	// Section is the part of the navigation that holds the page: "atlas", "house", "system", "account" or empty.
	Section string
	// Nav places the page in its section; 0 keeps it out. A reader sees the entries that the table of rights allows.
	Nav int
	// NeedsRun answers with the page "nothing analysed yet" where there is no run.
	NeedsRun bool
	Handle   handler
}

// Access is one line of the table of rights.
type Access struct {
	Kind   authz.Kind
	Action authz.Action
}

// verb is the HTTP method of the route.
func (r *Route) verb() string {
	if r.Method == "" {
		return http.MethodGet
	}
	return r.Method
}

// handler answers one request: it writes through the page or returns a fault.
type handler func(*page) error

// Page says whether the route is a page for people, in every language.
func (r *Route) Page() bool { return r.Patterns[""] == "" }

// Path fills the pattern of a language with values in order of their places.
func (r *Route) Path(lang string, values ...string) string {
	pattern, ok := r.Patterns[lang]
	if !ok && r.Page() { // only residents read this language
		pattern = r.Patterns[words.Languages()[0]]
	} else if !ok {
		pattern = r.Patterns[""]
	}
	pattern = strings.TrimSuffix(pattern, "{$}")
	var b strings.Builder
	for _, v := range values {
		open := strings.IndexByte(pattern, '{')
		end := strings.IndexByte(pattern, '}')
		if open < 0 || end < open {
			break
		}
		b.WriteString(pattern[:open])
		if strings.HasSuffix(pattern[:end], "...") {
			b.WriteString((&url.URL{Path: v}).EscapedPath())
		} else {
			b.WriteString(url.PathEscape(v))
		}
		pattern = pattern[end+1:]
	}
	b.WriteString(pattern)
	return b.String()
}

// places lists the names of what varies in a pattern, in order.
func places(pattern string) []string {
	var out []string
	for pattern = strings.TrimSuffix(pattern, "{$}"); ; {
		open, end := strings.IndexByte(pattern, '{'), strings.IndexByte(pattern, '}')
		if open < 0 || end < open {
			return out
		}
		out = append(out, strings.TrimSuffix(pattern[open+1:end], "..."))
		pattern = pattern[end+1:]
	}
}

// Routes is the one table of addresses: those of the atlas, and what each room adds in its own file.
func Routes() []Route {
	in := func(room func(*Config) bool, rows []Route) []Route {
		for i := range rows {
			rows[i].Room = room
		}
		return rows
	}
	finds := func(c *Config) bool { return c.Finder != nil && c.Offers != nil }
	houses := func(c *Config) bool { return c.Houses != nil }
	keeps := func(c *Config) bool { return c.Entries != nil && c.Vocabulary != nil }
	merges := func(c *Config) bool {
		return c.Duplicates != nil && c.Entries != nil && c.Vocabulary != nil && c.Finder != nil
	}
	joins := func(c *Config) bool { return c.Partners != nil && c.Entries != nil && c.Vocabulary != nil }
	logs := func(c *Config) bool {
		return c.Contacts != nil && c.Finder != nil && c.Vocabulary != nil && c.Houses != nil
	}
	traces := func(c *Config) bool { return c.Trails != nil && c.Houses != nil && c.Handovers != nil }
	hands := func(c *Config) bool { return c.Handovers != nil && c.Entries != nil }
	counts := func(c *Config) bool { return c.Figures != nil && c.Houses != nil }
	takes := func(c *Config) bool { return c.Imports != nil && c.Entries != nil && c.Vocabulary != nil }
	calls := func(c *Config) bool { return c.Webhooks != nil && c.Hosts != nil }
	hears := func(c *Config) bool { return c.Feedback != nil }
	talks := func(c *Config) bool { return c.Interfaces != nil }
	opens := func(c *Config) bool { return c.SignIn != nil && c.Accounts != nil }
	warns := func(c *Config) bool { return c.Warnings != nil && c.Houses != nil }
	allies := func(c *Config) bool { return c.Alliance != nil && c.Houses != nil }
	tries := func(c *Config) bool { return c.Trials != nil && c.KeptTrials != nil && c.Houses != nil }
	return slices.Concat(
		in(finds, finderRoutes()), in(talks, interfaceRoutes()), atlasRoutes(), in(counts, figureRoutes()), in(counts, datasetRoutes()), in(counts, figureDocumentRoutes()), in(tries, trialRoutes()), fileRoutes(), documentRoutes(), in(houses, houseRoutes()), in(keeps, entryRoutes()), in(hands, handoverRoutes()), in(hands, slipRoutes()), in(hands, noteRoutes()), in(hands, letterRoutes()), in(traces, trailRoutes()), in(logs, contactRoutes()), in(merges, duplicateRoutes()), in(joins, partnerRoutes()), in(takes, importRoutes()), in(calls, webhookRoutes()),
		in(houses, outboxRoutes()), in(warns, warningRoutes()), in(allies, slices.Concat(allianceRoutes(), bodyRoutes(), dossierRoutes(), measureRoutes(), effectRoutes(), meetingRoutes(), milestoneRoutes())), in(opens, signInRoutes()), in(opens, accountRoutes()), viewRoutes(), componentRoutes(), textRoutes(), in(hears, feedbackRoutes()),
	)
}

func atlasRoutes() []Route {
	rows := []Route{
		{
			Name: "start", Nav: 1, NeedsRun: true, States: AllStates(), Handle: start,
			Patterns: map[string]string{"de": "/de/{$}", "en": "/en/{$}"},
		},
		{
			Name: "atlas", Nav: 2, NeedsRun: true, States: AllStates(), Handle: atlasMap,
			Patterns: map[string]string{"de": "/de/karte", "en": "/en/map"},
		},
		{
			Name: "findings", Nav: 3, NeedsRun: true, States: AllStates(), Handle: findings,
			Patterns: map[string]string{"de": "/de/befunde", "en": "/en/findings"},
		},
		{
			Name: "finding", NeedsRun: true, States: []State{Normal, NoRun, Suppressed, LongWords}, Handle: finding,
			Patterns: map[string]string{"de": "/de/befunde/{id}", "en": "/en/findings/{id}"},
		},
		{
			Name: "districts", Nav: 4, NeedsRun: true, States: AllStates(), Handle: districts,
			Patterns: map[string]string{"de": "/de/stadtteile", "en": "/en/districts"},
		},
		{
			Name: "district", NeedsRun: true, States: AllStates(), Handle: district,
			Patterns: map[string]string{"de": "/de/stadtteile/{key}", "en": "/en/districts/{key}"},
		},
		{
			Name: "methods", Nav: 5, NeedsRun: true, States: AllStates(), Handle: methods,
			Patterns: map[string]string{"de": "/de/methoden", "en": "/en/methods"},
		},
		{
			Name: "notices", Nav: 6, NeedsRun: true, States: AllStates(), Handle: notices,
			Patterns: map[string]string{"de": "/de/datenhinweise", "en": "/en/notices"},
		},
		{
			Name: "exports", Nav: 7, NeedsRun: true, States: AllStates(), Handle: exports,
			Patterns: map[string]string{"de": "/de/herunterladen", "en": "/en/downloads"},
		},
	}
	for i := range rows {
		rows[i].Section, rows[i].Access = "atlas", Access{Kind: authz.Atlas, Action: authz.View}
	}
	return rows
}

// fileRoutes are the addresses behind the pages.
func fileRoutes() []Route {
	return []Route{
		{
			Name: "home", Access: Access{Kind: authz.Site, Action: authz.View}, States: []State{Normal, NoRun}, Handle: home,
			Patterns: map[string]string{"": "/{$}"},
		},
		{
			Name: "robots", Access: Access{Kind: authz.Site, Action: authz.View}, States: []State{Normal}, Handle: robots,
			Patterns: map[string]string{"": "/robots.txt"},
		},
		{
			Name: "asset", Access: Access{Kind: authz.Site, Action: authz.View}, States: []State{Normal}, Handle: asset,
			Patterns: map[string]string{"": "/assets/{build}/{file...}"},
		},
		{
			Name: "layer", Access: Access{Kind: authz.Atlas, Action: authz.View}, NeedsRun: true, States: []State{Normal, NoRun}, Handle: layer,
			Patterns: map[string]string{"": "/layers/{run}/{standard}/{show}"},
		},
		{
			Name: "file", Access: Access{Kind: authz.Atlas, Action: authz.View}, NeedsRun: true, States: []State{Normal, NoRun}, Handle: runFile,
			Patterns: map[string]string{"": "/runs/{run}/{file...}"},
		},
	}
}

// Address gives the path of a page by the name of its route, for links outside of pages; empty where there is none.
func Address(lang, name string, values ...string) string {
	routes := Routes()
	for i := range routes {
		if routes[i].Name == name {
			return routes[i].Path(lang, values...)
		}
	}
	return ""
}
