package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"gevor/fault"
	"gevor/lines"
)

// Problem is one thing wrong with a configuration.
type Problem struct {
	Place   string // file:line, or the variable of the environment
	Line    int    // in the file; 0 for a variable or the file as a whole
	Key     string // server.listen; empty where the file as a whole is meant
	What    string
	Allowed string // what would be allowed, or what to do
}

// String gives the problem in one line.
func (p Problem) String() string { return p.Fault().Message() }

// Fault gives the problem as an error.
func (p Problem) Fault() *fault.Error {
	what := p.What
	if p.Key != "" {
		what = p.Key + " " + what
	}
	return fault.New(fault.Invalid, p.Place, what, p.Allowed)
}

// Err gives the first problem as an error that says how many more there are, nil where there are none.
func Err(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	f := problems[0].Fault()
	switch n := len(problems) - 1; n {
	case 0:
	case 1:
		f.Advice += "; one more problem: gevor config check lists all"
	default:
		f.Advice += fmt.Sprintf("; %d more problems: gevor config check lists all", n)
	}
	return f
}

// maxBytes is far more than any configuration needs.
const maxBytes = 1 << 20

// reading is one configuration under way.
type reading struct {
	c        *Config
	file     string
	text     map[string]any
	lines    map[string]int
	environ  map[string]string
	places   map[string]string // of the keys that were set
	refused  map[string]bool   // keys whose value is no good; what follows from that is not told as well
	problems []Problem
}

// Parse reads a configuration from the bytes of a file and the variables of an environment ("NAME=value"). It looks
// at nothing else: whether files exist is for Load. The Config is usable only where there are no problems.
func Parse(file string, raw []byte, environ []string) (*Config, []Problem) {
	r := parse(file, raw, environ)
	return r.c, r.sorted()
}

func parse(file string, raw []byte, environ []string) *reading {
	r := &reading{c: Default(), file: file, environ: variables(environ), places: map[string]string{}, refused: map[string]bool{}}
	if r.decode(raw) {
		r.fromFile()
	}
	r.fromEnvironment()
	r.rules()
	return r
}

// sorted gives the problems as a person mends them: the file from top to bottom, then the environment.
func (r *reading) sorted() []Problem {
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		if (a.Line == 0) != (b.Line == 0) {
			return b.Line - a.Line
		}
		return a.Line - b.Line
	})
	return r.problems
}

func variables(environ []string) map[string]string {
	out := map[string]string{}
	for _, e := range environ {
		if name, v, ok := strings.Cut(e, "="); ok && strings.HasPrefix(name, "GEVOR_") {
			out[name] = v
		}
	}
	return out
}

func (r *reading) problem(place, key, what, allowed string) {
	line := 0
	if n, ok := strings.CutPrefix(place, r.file+":"); ok {
		line, _ = strconv.Atoi(n) // at wrote it
	}
	r.problems = append(r.problems, Problem{place, line, key, what, allowed})
}

func (r *reading) decode(raw []byte) bool {
	if len(raw) > maxBytes {
		r.problem(r.file, "", "is larger than 1 MiB", "this is no configuration")
		return false
	}
	text := strings.TrimPrefix(string(raw), "\ufeff")
	if _, err := toml.Decode(text, &r.text); err != nil {
		place, what := r.file, "is no valid TOML"
		if e := (toml.ParseError{}); errors.As(err, &e) {
			// The library's message may repeat a piece of the line, which may be a secret. Only its place is used.
			place = fmt.Sprintf("%s:%d", r.file, e.Position.Line)
			what = "this line is no valid TOML"
		}
		r.problem(place, "", what, "write key = \"text\", key = 12, key = true or key = [\"a\", \"b\"] below a [section]; each key and section once")
		return false
	}
	r.lines = lines.Of(text)
	return true
}

// at names the line of a path in the file, or of what stands around it.
func (r *reading) at(path string) string {
	for path != "" {
		if n, ok := r.lines[path]; ok {
			return fmt.Sprintf("%s:%d", r.file, n)
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return r.file
}

// place names where a key was set, or where it could have been.
func (r *reading) place(path string) string {
	if p, ok := r.places[path]; ok {
		return p
	}
	return r.at(path)
}

func (r *reading) fromFile() {
	known := map[string][]key{}
	for _, k := range table() {
		known[k.section] = append(known[k.section], k)
	}
	for _, section := range slices.Sorted(maps.Keys(r.text)) {
		keys, ok := known[section]
		if !ok {
			r.unknown(r.at(section), section, "is no section", section, slices.Sorted(maps.Keys(known)))
			continue
		}
		m, ok := r.text[section].(map[string]any)
		if !ok {
			r.problem(r.at(section), section, "must be a section", "write ["+section+"] on a line of its own and its keys below")
			continue
		}
		var others []string
		if section == "signin" {
			others = []string{"oidc"}
			r.providers(m["oidc"])
		}
		r.section(section, m, keys, others)
	}
}

// section reads the keys of one table; others are names that somebody else reads.
func (r *reading) section(path string, m map[string]any, keys []key, others []string) {
	names := slices.Clone(others)
	for _, k := range keys {
		names = append(names, k.name)
		v, ok := m[k.name]
		if !ok {
			continue
		}
		full := lines.Join(path, k.name)
		r.places[full] = r.at(full)
		if err := k.value.fromFile(r.c, v); err != nil {
			r.refuse(r.at(full), full, k, written(v), err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(names, name) {
			full := lines.Join(path, name)
			r.unknown(r.at(full), full, "is no key", name, names)
		}
	}
}

// written shows a value as it stands in the file, lists and tables by their kind alone.
func written(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case []any:
		return "[…]"
	case map[string]any, []map[string]any:
		return "{…}"
	default:
		return fmt.Sprint(v)
	}
}

func (r *reading) refuse(place, path string, k key, shown string, err error) {
	what := "= " + shown + " " + err.Error()
	if k.secret || strings.Contains(shown, "://") && strings.Contains(shown, "@") { // the latter may hold a password
		what = err.Error()
	}
	r.refused[path] = true
	r.problem(place, path, what, "allowed: "+k.allowed)
}

func (r *reading) unknown(place, path, what, word string, known []string) {
	slices.Sort(known)
	advice := "known are " + strings.Join(known, ", ")
	if near := lines.Nearest(word, known); near != "" {
		advice = "did you mean " + near + "? " + advice
	}
	r.problem(place, path, what, advice)
}

func oidcPath(i int) string { return fmt.Sprintf("signin.oidc[%d]", i) }

// providers reads [[signin.oidc]].
func (r *reading) providers(v any) {
	if v == nil {
		return
	}
	list, ok := v.([]map[string]any)
	if !ok {
		r.problem(r.at("signin.oidc"), "signin.oidc", "must be a list of tables", "write [[signin.oidc]] above each provider")
		return
	}
	for i, m := range list {
		r.c.SignIn.OIDC = append(r.c.SignIn.OIDC, OIDC{})
		r.section(oidcPath(i), m, oidcKeys(func(c *Config) *OIDC { return &c.SignIn.OIDC[i] }), nil)
	}
}

// fromEnvironment reads the variables. One that looks like a key but is none is a problem, since whoever set it
// believes that it works; others that begin with GEVOR_ are not ours to judge.
func (r *reading) fromEnvironment() {
	var names []string
	for _, k := range table() {
		name := k.variable()
		names = append(names, name)
		v, ok := r.environ[name]
		if !ok {
			continue
		}
		r.places[k.path()] = name
		if err := k.value.fromText(r.c, v); err != nil {
			r.refuse(name, k.path(), k, fmt.Sprintf("%q", v), err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.environ)) {
		if slices.Contains(names, name) || !slices.ContainsFunc(sections(), func(s [2]string) bool {
			return strings.HasPrefix(name, "GEVOR_"+strings.ToUpper(s[0])+"_")
		}) {
			continue
		}
		advice := "variables are named GEVOR_SECTION_KEY; providers of sign-in stand in the file only"
		if near := lines.Nearest(name, names); near != "" {
			advice = "did you mean " + near + "? " + advice
		}
		r.problem(name, "", "is no setting", advice)
	}
}
