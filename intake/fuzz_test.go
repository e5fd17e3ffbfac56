package intake_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"gevor/directory"
	"gevor/fault"
	"gevor/fhir"
	"gevor/hsds"
	"gevor/intake"
)

// sound says that what was taken over holds against the rules of the directory, and that an error is one of ours.
func sound(t *testing.T, list []directory.Imported, err error) {
	t.Helper()
	if err != nil {
		if k := fault.KindOf(err); k == fault.Internal {
			t.Fatalf("an error of the program: %v", err)
		}
		return
	}
	for _, x := range list {
		if x.Source == "" || len(x.Places) != len(x.Service.Places) {
			t.Fatalf("no name in its source, or places that do not match: %+v", x)
		}
		s := x.Service
		s.Places = nil
		for _, p := range x.Service.Places {
			p.Location = "l"
			s.Places = append(s.Places, p)
		}
		if _, err := s.Check(directory.Rules{}, now); err != nil {
			t.Fatalf("taken over although it cannot be: %v in %+v", err, s)
		}
		if _, err := x.Provider.Check(); err != nil {
			t.Fatalf("taken over although its provider cannot be: %v in %+v", err, x.Provider)
		}
		for _, p := range x.Places {
			if _, err := p.Check(directory.Rules{}); err != nil {
				t.Fatalf("taken over although its place cannot be: %v in %+v", err, p)
			}
		}
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte(header+good), mapping)
	f.Add([]byte(strings.ReplaceAll(header+good, ";", ",")), mapping)
	f.Add([]byte("\xff\xfeN\x00"), "[columns]\nname=\"N\"")
	f.Add([]byte("A\n\"x"), "delimiter=\";\"\n[columns]\nname=\"A\"\n[fixed]\nlat=\"x\"")
	f.Fuzz(func(t *testing.T, raw []byte, text string) {
		m, err := intake.ReadMapping("m.toml", text)
		if err != nil {
			sound(t, nil, err)
			return
		}
		w, o := ready(t)
		list, err := intake.CSV(bytes.NewReader(raw), m, w, o)
		sound(t, list, err)
	})
}

func FuzzFHIR(f *testing.F) {
	f.Add([]byte(bundle))
	f.Add([]byte(`{"entry":[{"resource":{"resourceType":"HealthcareService","id":"x","name":"N","location":[{"reference":"/"}]}}],"resourceType":"Bundle"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		w, o := ready(t)
		dir, err := fhir.Read(bytes.NewReader(raw), fhir.Options{Notes: o.Notes})
		if err != nil {
			sound(t, nil, err)
			return
		}
		list, err := intake.FHIR(dir, w, o)
		sound(t, list, err)
	})
}

func FuzzTables(f *testing.F) {
	f.Add("id,name,organization_id\ns1,A,o\n", "id,location_type,latitude,longitude\nl,physical,51,7\n", "id,service_id,location_id\na,s1,l\n", "service_id,number\ns1,0234 123450\n")
	f.Fuzz(func(t *testing.T, services, locations, at, phones string) {
		w, o := ready(t)
		read, err := hsds.ReadTables(fstest.MapFS{
			"services.csv": {Data: []byte(services)}, "locations.csv": {Data: []byte(locations)}, "service_at_location.csv": {Data: []byte(at)}, "phones.csv": {Data: []byte(phones)},
		}, hsds.Options{Notes: o.Notes})
		if err != nil {
			sound(t, nil, err)
			return
		}
		list, err := intake.HSDS(read, w, o)
		sound(t, list, err)
	})
}
