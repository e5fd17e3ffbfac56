package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"testing"
	"time"

	"gevor/directory"
	"gevor/fhir"
	"gevor/hsds"
	"gevor/intake"
	"gevor/internal/api/hsds3"
	"gevor/internal/web/webtest"
	"gevor/notice"
	"gevor/vocabulary"
)

// taking gives what an importer needs.
func taking(t *testing.T) (*intake.Words, intake.Options) {
	t.Helper()
	voc, err := vocabulary.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return intake.NewWords(voc), intake.Options{File: "feed", Notes: &notice.List{}, Vocabulary: voc, Now: webtest.Day()}
}

// differs compares a record with what became of it on the way, field by field.
func differs(t *testing.T, what string, told, got directory.Imported, left ...string) {
	t.Helper()
	skip := map[string]bool{"Places": true, "Sources": true, "Provider": true}
	for _, f := range left {
		skip[f] = true
	}
	told.Service.Capacity.On = told.Service.Capacity.On.Truncate(24 * time.Hour) // told by the day
	a, b := reflect.ValueOf(told.Service), reflect.ValueOf(got.Service)
	for i := range a.NumField() {
		name := a.Type().Field(i).Name
		if !skip[name] && fmt.Sprint(a.Field(i)) != fmt.Sprint(b.Field(i)) {
			t.Errorf("%s: %s was %+v and is %+v", what, name, a.Field(i), b.Field(i))
		}
	}
	if len(got.Places) != 1 || len(got.Service.Places) != 1 {
		t.Fatalf("%s: %d places", what, len(got.Places))
	}
	was, is := told.Places[0].Location, got.Places[0].Location
	if !skip["Way"] && fmt.Sprint(was.Way) != fmt.Sprint(is.Way) || was.StepFree != is.StepFree || was.Toilet != is.Toilet || was.Lift != is.Lift || was.Street != is.Street || was.City != is.City || *was.At != *is.At {
		t.Errorf("%s: the place was %+v and is %+v", what, was, is)
	}
	if told.Service.Places[0].Contacts[0].Phone != got.Service.Places[0].Contacts[0].Phone {
		t.Errorf("%s: the number was %v and is %v", what, told.Service.Places[0].Contacts, got.Service.Places[0].Contacts)
	}
}

// TestWhatHSDSTellsComesBack exports offers and imports them again: nothing that both know is lost on the way.
func TestWhatHSDSTellsComesBack(t *testing.T) {
	w := openTown(t, 12)
	words, o := taking(t)
	for i := range w.ids {
		told := offer(i)
		r, err := w.Service(t.Context(), west(), w.ids[i])
		if err != nil {
			t.Fatal(err)
		}
		name := hsds3.ServiceName(r.ID)
		services, err := hsds.Read(w.get("/hsds/v3/services/"+name).Body, hsds.Options{File: "feed", Notes: o.Notes})
		if err != nil {
			t.Fatal(err)
		}
		list, err := intake.HSDS(services, words, o)
		if err != nil || len(list) != 1 {
			t.Fatalf("%d records, %v", len(list), err)
		}
		differs(t, fmt.Sprint("offer ", i), told, list[0])
		a, b := told.Service.Places[0].Hours, list[0].Service.Places[0].Hours
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("offer %d: the hours were\n%+v and are\n%+v", i, a, b)
		}
	}
	if bad := o.Notes.Notices(); len(bad) > 0 {
		t.Errorf("what we tell ourselves is flagged: %+v", bad[0])
	}
}

// TestWhatFHIRTellsComesBack likewise. FHIR has no words for texts in other languages than one, words about costs, areas,
// how a language is spoken, certain weeks of a month and single days with other hours.
func TestWhatFHIRTellsComesBack(t *testing.T) {
	w := openTown(t, 12)
	words, o := taking(t)
	var bundle struct {
		Entry []json.RawMessage `json:"entry"`
	}
	for _, path := range []string{"/fhir/HealthcareService?_count=100", "/fhir/Organization?_count=100", "/fhir/Location?_count=100"} {
		var part struct {
			Entry []json.RawMessage `json:"entry"`
		}
		rec := w.get(path)
		if err := json.Unmarshal(rec.Body.Bytes(), &part); rec.Code != http.StatusOK || err != nil {
			t.Fatalf("%s: %d %v", path, rec.Code, err)
		}
		bundle.Entry = append(bundle.Entry, part.Entry...)
	}
	raw, err := json.Marshal(map[string]any{"resourceType": "Bundle", "type": "collection", "entry": bundle.Entry})
	if err != nil {
		t.Fatal(err)
	}
	dir, err := fhir.Read(bytes.NewReader(raw), fhir.Options{File: "feed", Notes: o.Notes})
	if err != nil {
		t.Fatal(err)
	}
	list, err := intake.FHIR(dir, words, o)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]directory.Imported{}
	for _, x := range list {
		by[x.Service.Name["de"]] = x
	}
	for i := range w.ids {
		told := offer(i)
		got, ok := by[told.Service.Name["de"]]
		if !ok {
			t.Errorf("offer %d is lost", i)
			continue
		}
		for _, text := range []directory.Texts{told.Service.Name, told.Service.Summary} {
			delete(text, "en")
			delete(text, "tr")
		}
		differs(t, fmt.Sprint("offer ", i), told, got, "CostText", "Area", "Languages", "Booking", "Way")
		a, b := told.Service.Places[0].Hours, got.Service.Places[0].Hours
		if a.Holidays != b.Holidays || len(b.Exceptions) != 1 || !b.Exceptions[0].From.Equal(a.Exceptions[0].From) || len(b.Slots) < 3 {
			t.Errorf("offer %d: the hours were\n%+v and are\n%+v", i, a, b)
		}
		if len(got.Service.Languages) != 2 {
			t.Errorf("offer %d: languages %+v", i, got.Service.Languages)
		}
	}
}
