package gevor_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed is the order of imports, edge by edge: each package and the packages of this module it may import,
// tests left out. A new edge is a line here, with its reason where the order of docs does not give it.
var allowed = map[string][]string{
	// Words that everything shares.
	"fault":   {},
	"lines":   {}, // where a key stands in a TOML text
	"notice":  {},
	"travel":  {"fault"},
	"archive": {"fault"},
	"geo":     {"fault"},

	// Readers: bytes in, records and notices out.
	"osm":      {"fault", "geo", "notice"},
	"gtfs":     {"fault", "geo", "notice"},
	"tabular":  {"fault", "notice"},
	"census":   {"fault", "geo", "notice", "tabular"},
	"boundary": {"fault", "geo", "notice", "tabular"}, // official keys lose their zeros in GeoJSON too
	"hsds":     {"fault", "notice", "tabular"},
	"fhir":     {"fault", "notice"},

	// Statistics: pure functions of arrays.
	"spatial": {"fault", "geo"},
	"surveil": {"fault"},
	"signal":  {"disclosure", "fault", "surveil"},
	"effect":  {"fault", "surveil"},

	// The last gate: data in, data out.
	"disclosure": {"fault", "lines"},

	// Engines.
	"contraction": {"archive", "fault", "travel"},
	"street":      {"archive", "contraction", "fault", "geo", "notice", "osm", "travel"},
	"transit":     {"archive", "fault", "geo", "gtfs", "notice", "street", "travel"},
	"reach":       {"fault", "travel"},
	"siting":      {"fault", "reach"},

	// Domains.
	"authz":        {},
	"form":         {"fault"},
	"vocabulary":   {"fault", "notice", "tabular"},
	"find":         {"fault", "vocabulary"},
	"account":      {"authz", "fault"},
	"organisation": {"authz", "fault", "form"},
	"statement":    {"form"},                                                                 // what an installation says about itself, and what readers say about it
	"indicator":    {"disclosure", "fault", "form", "lines", "notice", "spatial", "tabular"}, // what leaves of it has passed the gate
	"history":      {"authz"},
	"directory":    {"authz", "form", "geo"},
	"intake":       {"directory", "fault", "fhir", "form", "geo", "hsds", "notice", "osm", "tabular", "vocabulary"}, // what others publish, as entries of the directory
	"outbox":       {"authz", "form"},
	"seal":         {"fault"},                                            // the sealed form: bytes in, bytes out
	"handover":     {"authz", "fault", "form", "seal"},                   // what the message of a practice is bound to
	"contact":      {"authz", "disclosure", "fault", "form", "handover"}, // handovers that were declined are unmet needs too
	"region":       {"archive", "boundary", "census", "fault", "geo", "gtfs", "hsds", "lines", "notice", "osm", "street", "tabular", "transit", "travel", "vocabulary"},
	"atlas":        {"authz", "fault", "geo", "notice", "reach", "region", "signal", "siting", "street", "transit", "travel"},

	"alliance": {"authz", "effect", "fault", "form", "indicator"},

	// Adapters: they import the domains, never each other, except the words that all of them print.
	"internal/words":              {},
	"internal/demo":               {"fault", "geo", "internal/demo/pbf", "travel"}, // nothing of the analysis: its truth is independent
	"internal/demo/pbf":           {"fault", "geo"},
	"internal/fetch":              {"fault", "travel"},
	"internal/harvest":            {"fault", "hsds", "notice"},
	"internal/imports":            {"authz", "directory", "fault", "form", "intake", "notice", "vocabulary"},
	"internal/config":             {"fault", "lines"},
	"internal/front":              {"fault"},
	"internal/telemetry":          {"fault"},
	"internal/draw":               {"geo", "region"},                                                                                                      // how pages and report draw a map
	"internal/outline":            {"geo", "region"},                                                                                                      // shapes of cells, wanted by files, tiles and report alike
	"internal/files":              {"archive", "atlas", "fault", "geo", "internal/geopackage", "internal/outline", "notice", "reach", "region", "travel"}, // reach: the travel times that what-ifs keep
	"internal/geopackage":         {"fault"},
	"internal/paper":              {"fault"}, // pages as documents for offices
	"internal/tiles":              {"atlas", "fault", "geo", "internal/outline", "osm", "region", "travel"},
	"internal/report":             {"atlas", "fault", "geo", "internal/files", "internal/outline", "internal/draw", "internal/words", "notice", "region", "travel"},
	"internal/erasure":            {"fault"},
	"internal/shares":             {"fault"},
	"internal/audit":              {"fault"},
	"internal/cluster":            {"atlas", "fault", "geo", "travel"},
	"internal/backup":             {"fault", "internal/erasure", "internal/store"}, // a backup is of a store, and replays erasures into it
	"internal/store":              {"account", "alliance", "atlas", "authz", "contact", "directory", "fault", "form", "handover", "history", "indicator", "internal/erasure", "internal/shares", "organisation", "outbox", "seal", "statement"},
	"internal/mail":               {"authz", "fault", "internal/words", "outbox"},
	"internal/webhook":            {"fault", "outbox"},
	"internal/store/postgrestest": {},
	"internal/finder":             {"authz", "directory", "fault", "find", "geo", "region", "vocabulary"}, // puts domains together, speaks to nothing outside: pages show its answers
	"internal/signin":             {"account", "authz", "fault", "form", "organisation"},
	"internal/web":                {"account", "alliance", "atlas", "authz", "contact", "directory", "effect", "fault", "form", "geo", "handover", "history", "indicator", "internal/draw", "internal/finder", "internal/geopackage", "internal/outline", "internal/paper", "internal/web/assets", "internal/web/ui", "internal/words", "notice", "organisation", "outbox", "region", "seal", "signal", "spatial", "statement", "travel", "vocabulary"},
	"internal/api":                {"authz", "directory", "fault", "geo", "internal/api/fhir4", "internal/api/hsds3", "vocabulary"},
	"internal/api/fhir4":          {"directory", "internal/api/hsds3", "vocabulary"}, // likewise; both speak of records by the same names
	"internal/api/hsds3":          {"directory", "vocabulary"},                       // the directory in the words of a standard: pure
	"internal/loop4":              {"fault", "handover"},                             // handovers in the words of a standard: pure
	"internal/web/assets":         {"fault"},
	"internal/web/ui":             {"internal/words"},

	// For tests only.
	"internal/realdata":       {},
	"internal/store/powercut": {},
	"internal/sample":         {"atlas", "geo", "notice", "region", "travel"},
	"internal/world":          {"atlas", "geo", "region", "travel"},
	"internal/web/webtest":    {"alliance", "atlas", "authz", "contact", "directory", "disclosure", "fault", "geo", "handover", "history", "indicator", "internal/api", "internal/api/hsds3", "internal/audit", "internal/finder", "internal/imports", "internal/shares", "internal/signin", "internal/store", "internal/tiles", "internal/web", "internal/words", "notice", "organisation", "osm", "outbox", "region", "seal", "signal", "travel", "vocabulary"},

	"tools/sbom": {}, // what a release is made of

	// internal/app may import everything; cmd only internal/app.
	"cmd/gevor": {"internal/app"},
}

// everything may be imported by these.
var anything = []string{"internal/app"}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all []listed
	dec := json.NewDecoder(out)
	for {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return all
}

// violations gives every import that the table does not allow.
func violations(all []listed, table map[string][]string) []string {
	var bad []string
	for _, p := range all {
		name := strings.TrimPrefix(p.ImportPath, "gevor/")
		if name == "gevor" || slices.Contains(anything, name) || strings.HasPrefix(name, "tests/") || strings.HasPrefix(name, "bench/") {
			continue
		}
		may, known := table[name]
		if !known {
			bad = append(bad, name+": no line in the table of imports")
			continue
		}
		for _, i := range p.Imports {
			if to, own := strings.CutPrefix(i, "gevor/"); own && !slices.Contains(may, to) {
				bad = append(bad, name+" imports "+to)
			}
		}
	}
	return bad
}

func TestImportOrder(t *testing.T) {
	all := packages(t)
	for _, v := range violations(all, allowed) {
		t.Error(v)
	}
	// A line that no package needs is a door left open.
	for name, may := range allowed {
		at := slices.IndexFunc(all, func(p listed) bool { return p.ImportPath == "gevor/"+name })
		if at < 0 {
			t.Errorf("%s: in the table, but there is no such package", name)
			continue
		}
		for _, to := range may {
			if !slices.Contains(all[at].Imports, "gevor/"+to) {
				t.Errorf("%s: the table allows %s, which it does not import", name, to)
			}
		}
	}
	// The control: a kernel that reached for an adapter would be found.
	if got := violations([]listed{{"gevor/reach", []string{"gevor/internal/store"}}}, allowed); len(got) != 1 {
		t.Errorf("a forbidden import gave %q", got)
	}
}

// The table itself must have no cycle and no kernel above an adapter: this is the order of the design.
func TestTableKeepsTheOrder(t *testing.T) {
	order := []string{
		"fault", "lines", "notice", "travel", "archive", "geo",
		"osm", "gtfs", "tabular", "census", "boundary", "hsds", "fhir", "spatial", "surveil", "disclosure", "signal", "effect", "contraction",
		"street", "transit", "reach", "siting", "vocabulary", "find", "region", "authz", "form", "account", "organisation", "statement", "history", "indicator",
		"vocabulary", "directory", "intake", "find", "outbox", "seal", "handover", "contact", "atlas", "alliance", "internal/", "cmd/",
	}
	rank := func(name string) int {
		for i, o := range order {
			if name == o || strings.HasSuffix(o, "/") && strings.HasPrefix(name, o) {
				return i
			}
		}
		t.Errorf("%s has no place in the order", name)
		return -1
	}
	for name, may := range allowed {
		for _, to := range may {
			if a, b := rank(name), rank(to); b > a || b == a && !strings.HasPrefix(name, "internal/") {
				t.Errorf("%s may not stand on %s", name, to)
			}
		}
	}
}
