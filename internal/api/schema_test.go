package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"gevor/internal/api/hsds3"
	"gevor/internal/realdata"
	"gevor/internal/web/webtest"
)

// known says which members of a document no schema knows: the published schemas allow anything beside what they name, so
// a misspelt field would pass them.
func known(schema, doc any, at string) []string {
	s, _ := schema.(map[string]any)
	switch d := doc.(type) {
	case map[string]any:
		props, _ := s["properties"].(map[string]any)
		if props == nil {
			return nil
		}
		var out []string
		for k, v := range d {
			if _, ok := props[k]; !ok {
				out = append(out, at+"."+k)
				continue
			}
			out = append(out, known(props[k], v, at+"."+k)...)
		}
		return out
	case []any:
		var out []string
		for _, v := range d {
			out = append(out, known(s["items"], v, at+"[]")...)
		}
		return out
	}
	return nil
}

type judge struct {
	*jsonschema.Schema
	raw any
}

func hsdsSchema(t *testing.T, dir, name string) judge {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	path := filepath.Join(dir, name)
	s, err := c.Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	in, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	j := judge{Schema: s}
	if err := json.Unmarshal(in, &j.raw); err != nil {
		t.Fatal(err)
	}
	return j
}

func (j judge) judge(t *testing.T, at string, doc any) {
	t.Helper()
	if err := j.Validate(doc); err != nil {
		t.Errorf("%s: %v", at, err)
	}
	if more := known(j.raw, doc, ""); len(more) > 0 {
		t.Errorf("%s: the schema does not know %v", at, more[:min(len(more), 10)])
	}
}

// TestAnswersFollowThePublishedSchemas holds every answer against the published schemas of HSDS, formats asserted and
// members that they do not know refused. The control: a wrong record does not pass.
func TestAnswersFollowThePublishedSchemas(t *testing.T) {
	dir := filepath.Join(realdata.Dir(t, "hsds"), "3.1-dev", "schema")
	w := openTown(t, 9)
	w.release(5, webtest.Day(), 0)
	schemas := map[string]judge{}
	of := func(name string) judge {
		if _, ok := schemas[name]; !ok {
			schemas[name] = hsdsSchema(t, dir, name)
		}
		return schemas[name]
	}
	judged := 0
	list := func(path, schema string) []string {
		t.Helper()
		p := w.page(path)
		for i, c := range p.Contents {
			of(schema).judge(t, fmt.Sprintf("%s %d", path, i), any(c))
			judged++
		}
		if p.Size == 0 {
			t.Errorf("%s is empty", path)
		}
		return p.names()
	}
	const at = "/hsds/v3/"
	one := func(kind, schema string, names []string) {
		t.Helper()
		for _, n := range names[:min(len(names), 20)] {
			rec := w.get(at + kind + "/" + n)
			if rec.Code == http.StatusNotFound && kind == "services" {
				continue // a tombstone
			}
			var doc any
			if err := json.Unmarshal(rec.Body.Bytes(), &doc); err != nil {
				t.Fatalf("%s/%s: %d %v", kind, n, rec.Code, err)
			}
			of(schema).judge(t, kind+"/"+n, doc)
			judged++
		}
	}
	one("services", "compiled/service.json", list(at+"services", "compiled/service_list.json"))
	list(at+"services?full=true", "compiled/service.json")
	list(at+"services?modified_after=2020-01-01", "compiled/service_list.json")
	list(at+"services?modified_after=2020-01-01&full=true", "compiled/service.json")
	one("service_at_locations", "compiled/service_at_location.json", list(at+"service_at_locations", "compiled/service_at_location_list.json"))
	list(at+"service_at_locations?full=true", "compiled/service_at_location.json")
	one("organizations", "compiled/organization.json", list(at+"organizations", "compiled/organization_list.json"))
	list(at+"organizations?full=true", "compiled/organization.json")
	list(at+"organizations?full=true&full_service=true", "compiled/organization.json")
	one("taxonomies", "taxonomy.json", list(at+"taxonomies", "taxonomy.json"))
	one("taxonomy_terms", "taxonomy_term.json", list(at+"taxonomy_terms?per_page=500", "taxonomy_term.json"))
	for _, line := range strings.Split(strings.TrimSpace(w.get(at+"services?format=ndjson&full=true").Body.String()), "\n") {
		var doc any
		if err := json.Unmarshal([]byte(line), &doc); err != nil {
			t.Fatal(err)
		}
		of("compiled/service.json").judge(t, "ndjson", doc)
		judged++
	}
	t.Logf("figure: %d records of HSDS answers follow the published schemas", judged)
	good := w.doc(at + "services/" + hsds3.ServiceName(w.ids[0]))
	for name, bad := range map[string]any{"id": "no-uuid", "status": "open", "email": "nobody", "last_modified": "yesterday", "minimum_age": "six"} {
		was, had := good[name]
		good[name] = bad
		if err := of("compiled/service.json").Validate(any(good)); err == nil {
			t.Errorf("control: a wrong %s passes", name)
		}
		if good[name] = was; !had {
			delete(good, name)
		}
	}
	if more := known(of("compiled/service.json").raw, map[string]any{"naem": 1}, ""); !slices.Equal(more, []string{".naem"}) {
		t.Errorf("control: a misspelt member passes: %v", more)
	}
}

// TestTheProfileOfTheUK: its schemas know fewer members; what they know of our answers must be as they say.
func TestTheProfileOfTheUK(t *testing.T) {
	dir := filepath.Join(realdata.Dir(t, "hsds"), "uk-profile", "schema")
	w := openTown(t, 6)
	for path, schema := range map[string]string{"services?full=true": "compiled/service.json", "services": "compiled/service_list.json", "service_at_locations": "compiled/service_at_location_list.json", "organizations": "compiled/organization_list.json"} {
		s := hsdsSchema(t, dir, schema)
		for _, c := range w.page("/hsds/v3/" + path).Contents {
			if err := s.Validate(any(c)); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

// packaged opens a file of an npm package that the tests have as a development dependency.
func packaged(t *testing.T, path string) string {
	t.Helper()
	full := filepath.Join("..", "..", "node_modules", filepath.FromSlash(path))
	if _, err := os.Stat(full); err != nil {
		t.Fatalf("%s is not there: run npm ci", path)
	}
	return full
}
