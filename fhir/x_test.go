package fhir_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"gevor/fault"
	"gevor/fhir"
	"gevor/notice"
)

const bundle = `{"resourceType":"Bundle","entry":[
{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Organization","name":"Haus"}},
{"resource":{"resourceType":"Location","id":"l","position":{"longitude":7.2,"latitude":51.4}}},
{"resource":{"resourceType":"HealthcareService","id":"s","name":"Beratung","location":[{"reference":"Location/l"}]}},
{"resource":{"resourceType":"Practitioner","id":"p","name":[{"family":"Beispiel"}]}},
{"resource":{"resourceType":"Location","id":"l"}},
{"resource":{"resourceType":"Location","id":"m","position":"here"}},
{"resource":7}]}`

func TestWhatABundleHolds(t *testing.T) {
	notes := &notice.List{}
	d, err := fhir.Read(strings.NewReader("\xef\xbb\xbf"+bundle), fhir.Options{File: "b.json", Notes: notes})
	if err != nil || len(d.Organisations) != 1 || d.Organisations[0].URL != "urn:uuid:1" || len(d.Locations) != 1 || len(d.Services) != 1 || d.Services[0].Index != 3 {
		t.Fatalf("%+v %v", d, err)
	}
	var rules []string
	for _, n := range notes.Notices() {
		rules = append(rules, n.Record+" "+n.Rule)
	}
	for _, want := range []string{"entry 5 duplicate-id", "entry 6 Location m no-resource", "entry 7 no-resource"} {
		if !strings.Contains(strings.Join(rules, "\n"), want) {
			t.Errorf("%q is not among %q", want, rules)
		}
	}
	if strings.Contains(fmt.Sprintf("%+v", d), "Beispiel") {
		t.Error("a person was read")
	}
}

// FuzzRead: whatever the bytes are, reading ends with records or with a sentence about the input, within its limits.
func FuzzRead(f *testing.F) {
	f.Add([]byte(bundle))
	f.Add([]byte(`{"entry":[],"resourceType":"Bundle"}`))
	f.Add([]byte(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Location"}},{"fullUrl":"x"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := fhir.Read(bytes.NewReader(raw), fhir.Options{Limits: fhir.Limits{Bytes: 1 << 20, Entries: 1000}})
		if k := fault.KindOf(err); err != nil && k != fault.Invalid && k != fault.TooLarge {
			t.Fatalf("%v", err)
		}
		if err == nil && len(d.Services)+len(d.Locations)+len(d.Organisations) > 1000 {
			t.Fatal("more than the limit")
		}
	})
}
