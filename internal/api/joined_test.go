package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/hsds"
	"gevor/internal/api/hsds3"
	"gevor/internal/web/webtest"
)

// TestProgramsSeeOneOfferAsPeopleDo joins two records: lists, records and feeds hold one, with the reason for each field;
// whoever harvested the other learns that it stands there no more; what one of them withdraws is in no answer.
func TestProgramsSeeOneOfferAsPeopleDo(t *testing.T) {
	w := openTown(t, 0)
	ctx := t.Context()
	told := func(name, tongue string) directory.Imported {
		x := offer(1)
		x.Source, x.ProviderName, x.Places[0].Source = name, "p-"+name, "l-"+name
		x.Service.Name = directory.Texts{"de": "Schuldnerberatung Lichtblick"}
		x.Service.Kinds, x.Service.Languages = []string{"schuldnerberatung"}, []directory.Language{{Tag: tongue}}
		x.Provider.Name, x.Assured = "Verein Lichtblick", nil
		return x
	}
	second := told("b", "tr")
	second.Service.Summary = directory.Texts{"de": "Nur die zweite Quelle sagt Kanarienvogel"}
	first := told("a", "tr")
	first.Service.Summary = nil
	for i, x := range []directory.Imported{first, second} {
		if _, err := w.ImportEntries(ctx, west(), moment(i), webtest.West, "stock-"+x.Source, authz.Release{Level: authz.PublicLevel}, []directory.Imported{x}, nil); err != nil {
			t.Fatal(err)
		}
	}
	var ids []directory.ServiceID
	all, err := w.Services(ctx, west(), webtest.West, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.Name["de"] == "Schuldnerberatung Lichtblick" {
			ids = append(ids, r.ID)
		}
	}
	if _, err := w.UnsafeFindDuplicates(ctx, webtest.Day()); err != nil || len(ids) != 2 {
		t.Fatalf("%v %v", ids, err)
	}
	plain := w.h
	w.h = w.over(t, w.Joined(webtest.Day))
	list := "/hsds/v3/services?search=lichtblick&per_page=50"
	if n := w.page(list).TotalItems; n != 2 {
		t.Fatalf("%d offers before they are joined", n)
	}
	at := webtest.Day().Add(-time.Hour)
	if err := w.DecideDuplicate(ctx, west(), at, webtest.West, ids[0], ids[1], directory.OneOffer); err != nil {
		t.Fatal(err)
	}
	joined, err := w.Joined(webtest.Day).Service(ctx, authz.Public(), ids[0])
	if err != nil {
		t.Fatal(err)
	}
	lead, other := hsds3.ServiceName(joined.ID), hsds3.ServiceName(joined.Merged[0])
	if p := w.page(list); p.TotalItems != 1 || p.names()[0] != lead {
		t.Errorf("joined, the list holds %v, want %s", p.names(), lead)
	}
	read, err := hsds.Read(w.get("/hsds/v3/services/"+lead).Body, hsds.Options{})
	if err != nil || len(read) != 1 {
		t.Fatal(err)
	}
	why := map[string]string{}
	for _, a := range read[0].Attributes {
		why[a.Type] = a.Value
		if a.Type == "joined:summary" && a.Label != hsds3.ServiceName(joined.Reasons[1].From) {
			t.Errorf("the summary is of %s", a.Label)
		}
	}
	if why["joined:summary"] != directory.Only || why["joined:languages"] != directory.Agreed || why["joined-from"] != other {
		t.Errorf("reasons: %v", why)
	}
	resource := w.get("/fhir/HealthcareService/" + lead).Body.String()
	for _, want := range []string{"Kanarienvogel", "joined:summary:only", string(joined.Merged[0])} {
		if !strings.Contains(resource, want) {
			t.Errorf("FHIR does not say %q", want)
		}
	}
	if rec := w.get("/hsds/v3/services/" + other); rec.Code != http.StatusNotFound {
		t.Errorf("the other record is answered with %d", rec.Code)
	}
	fed := w.page("/hsds/v3/services" + query("modified_after", at.Add(-time.Minute).Format(time.RFC3339), "per_page", "50"))
	states := map[string]any{}
	for _, c := range fed.Contents {
		states[c["id"].(string)] = c["status"]
	}
	if states[lead] != "active" || states[other] != "inactive" {
		t.Errorf("the feed says %v", states)
	}

	// The record with the summary is withdrawn: what it says is in no answer, and the other stands under its own name.
	source := ids[0]
	for _, r := range all {
		if r.Summary["de"] != "" && (r.ID == ids[0] || r.ID == ids[1]) {
			source = r.ID
		}
	}
	if err := w.Release(ctx, west(), webtest.Day(), authz.Ref{Kind: authz.Entry, Object: string(source), Purpose: authz.ForDirectory}, authz.Release{}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{list + "&full=true", "/fhir/HealthcareService?name=schuldnerberatung", "/open/services.json"} {
		if rec := w.get(path); rec.Code == http.StatusOK && strings.Contains(rec.Body.String(), "Kanarienvogel") {
			t.Errorf("%s holds what was withdrawn", path)
		}
	}
	if p := w.page(list); p.TotalItems != 1 {
		t.Errorf("after the withdrawal %d", p.TotalItems)
	}
	w.h = plain // control: without the joined view programs saw two
	if err := w.Release(ctx, west(), webtest.Day(), authz.Ref{Kind: authz.Entry, Object: string(source), Purpose: authz.ForDirectory}, authz.Release{Level: authz.PublicLevel}); err != nil {
		t.Fatal(err)
	}
	if n := w.page(list).TotalItems; n != 2 {
		t.Errorf("control: %d offers without the joined view", n)
	}
}
