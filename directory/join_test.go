package directory_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gevor/authz"
	"gevor/directory"
)

var joinDay = time.Date(2026, 5, 12, 8, 30, 0, 0, time.UTC)

// said is a record with a few fields, confirmed some days ago by somebody, or never.
func said(id directory.ServiceID, daysAgo int, how directory.How, fill func(*directory.Record)) directory.Record {
	r := directory.Record{}
	r.ID, r.Owner, r.Modified = id, authz.OrganisationID("o-"+id), joinDay.AddDate(0, -1, 0)
	r.Name = directory.Texts{"de": "Beratung"}
	if how != "" {
		r.Confirmations = []directory.Confirmation{{Service: id, How: how, At: joinDay.AddDate(0, 0, -daysAgo)}}
	}
	fill(&r)
	return r
}

func speaks(tags ...string) func(*directory.Record) {
	return func(r *directory.Record) {
		for _, t := range tags {
			r.Languages = append(r.Languages, directory.Language{Tag: t})
		}
	}
}

func TestWhyAValueStands(t *testing.T) {
	older := func(r *directory.Record) { r.Modified = joinDay.AddDate(-1, 0, 0); speaks("de", "tr")(r) }
	for name, c := range map[string]struct {
		a, b   directory.Record
		from   directory.ServiceID
		reason string
	}{
		"only one says anything":           {said("a", 0, "", func(*directory.Record) {}), said("b", 0, "", speaks("tr")), "b", directory.Only},
		"both say the same":                {said("a", 0, "", speaks("tr")), said("b", 0, "", speaks("tr")), "a", directory.Agreed},
		"a confirmation that holds":        {said("a", 200, directory.ByPhone, speaks("de")), said("b", 3, directory.ByFeed, speaks("tr")), "b", directory.Confirmed},
		"a person against a feed":          {said("a", 2, directory.ByFeed, speaks("de")), said("b", 9, directory.ByVisit, speaks("tr")), "b", directory.ByPerson},
		"confirmed later":                  {said("a", 9, directory.ByPhone, speaks("de")), said("b", 2, directory.ByPhone, speaks("tr")), "b", directory.Recent},
		"never confirmed, changed later":   {said("a", 0, "", older), said("b", 0, "", speaks("tr")), "b", directory.Recent},
		"nothing tells them apart":         {said("a", 0, "", speaks("de")), said("b", 0, "", speaks("tr")), "a", directory.Leading},
		"the leading record is fresh also": {said("a", 1, directory.ByPhone, speaks("de")), said("b", 300, directory.ByPhone, speaks("tr")), "a", directory.Confirmed},
	} {
		j := directory.Join([]directory.Record{c.b, c.a}, joinDay)
		i := slices.IndexFunc(j.Choice, func(x directory.Choice) bool { return x.Field == "languages" })
		if i < 0 || j.Choice[i].From != c.from || j.Choice[i].Reason != c.reason {
			t.Errorf("%s: %+v, want %s because %s", name, j.Choice, c.from, c.reason)
		}
	}
}

func TestAViewIsAsFreshAsItsStalestEssential(t *testing.T) {
	called := func(r *directory.Record) {
		r.Places, r.Locations = []directory.Place{{Contacts: []directory.Contact{{Phone: "+49234123450"}}}}, []directory.Location{{Street: "Weg 1", Postcode: "44787"}}
	}
	open := func(r *directory.Record) {
		called(r)
		r.Places[0].Contacts = nil
		r.Places[0].Hours = directory.Hours{Slots: []directory.Slot{{Day: time.Monday, From: 540, To: 600}}}
	}
	j := directory.Join([]directory.Record{said("a", 3, directory.ByPhone, called), said("b", 170, directory.ByPhone, open)}, joinDay)
	trust := j.TrustAt(directory.Whole, j.Confirmations, joinDay)
	if want := joinDay.AddDate(0, 0, -170); !trust.Confirmed.Equal(want) { // the hours stand in b alone
		t.Errorf("confirmed %v, want %v", trust.Confirmed, want)
	}
	if phone := j.TrustAt("contacts", j.Confirmations, joinDay); !phone.Confirmed.Equal(joinDay.AddDate(0, 0, -3)) {
		t.Errorf("the phone: %+v", phone)
	}
	j = directory.Join([]directory.Record{said("a", 3, directory.ByPhone, called), said("b", 0, "", open)}, joinDay)
	if trust := j.TrustAt(directory.Whole, j.Confirmations, joinDay); !trust.Confirmed.IsZero() {
		t.Errorf("hours that nobody confirmed pass as confirmed: %+v", trust)
	}
}

func TestPlacesThatAreNotOneAreAllShown(t *testing.T) {
	at := func(street string) func(*directory.Record) {
		return func(r *directory.Record) {
			r.Places, r.Locations = []directory.Place{{Location: directory.LocationID("l-" + street)}}, []directory.Location{{ID: directory.LocationID("l-" + street), Street: street, Postcode: "44787"}}
		}
	}
	j := directory.Join([]directory.Record{said("a", 0, "", at("Weg 1")), said("b", 0, "", at("Allee 9")), said("c", 0, "", at("Weg 1"))}, joinDay)
	if len(j.Places) != 2 || len(j.Locations) != 2 || j.Locations[0].Street != "Weg 1" || j.Locations[1].Street != "Allee 9" {
		t.Errorf("%+v", j.Locations)
	}
}

func drawRecord(t *rapid.T, id string) directory.Record {
	hows := append(directory.Hows(), "")
	r := said(directory.ServiceID(id), rapid.IntRange(0, 400).Draw(t, "days"), rapid.SampledFrom(hows).Draw(t, "how"), func(*directory.Record) {})
	r.Modified = joinDay.AddDate(0, 0, -rapid.IntRange(0, 3).Draw(t, "modified"))
	r.Released = authz.Release{Level: authz.Level(rapid.IntRange(0, 3).Draw(t, "level"))}
	some := func(what string) bool { return rapid.Bool().Draw(t, what) }
	if some("summary") {
		r.Summary = directory.Texts{"de": rapid.SampledFrom([]string{"eins", "zwei", "drei"}).Draw(t, "text")}
	}
	if some("languages") {
		speaks(rapid.SampledFrom([]string{"de", "tr", "ar"}).Draw(t, "tag"))(&r)
	}
	if some("cost") {
		r.Cost = directory.Free
	}
	if some("place") {
		r.Locations = []directory.Location{{ID: directory.LocationID("l-" + id), Street: rapid.SampledFrom([]string{"Weg 1", "Weg 2"}).Draw(t, "street"), Postcode: "44787", StepFree: directory.Three(rapid.IntRange(0, 2).Draw(t, "step"))}}
		r.Places = []directory.Place{{Location: r.Locations[0].ID}}
		if some("hours") {
			r.Places[0].Hours.Slots = []directory.Slot{{Day: time.Weekday(rapid.IntRange(0, 6).Draw(t, "day")), From: 540, To: 600}}
		}
	}
	return r
}

// TestLawsOfJoining: the view does not depend on the order of its records, invents nothing, leaves them as they are, and
// whoever takes all that it proposes has nothing more proposed.
func TestLawsOfJoining(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "n")
		var of []directory.Record
		for i := range n {
			of = append(of, drawRecord(t, string(rune('a'+i))))
		}
		text := func(x any) string {
			raw, err := json.Marshal(x)
			if err != nil {
				t.Fatal(err)
			}
			return string(raw)
		}
		before := text(of)
		j := directory.Join(of, joinDay)
		back := slices.Clone(of)
		slices.Reverse(back)
		if text(directory.Join(back, joinDay).Record) != text(j.Record) {
			t.Fatal("another order gives another view")
		}
		if n == 1 && text(j.Record) != text(of[0]) {
			t.Fatal("the view of one record is another record")
		}
		for _, f := range directory.JoinedFields() {
			is := directory.FieldText(j.Record, f)
			if is != nil && !slices.ContainsFunc(of, func(r directory.Record) bool { return string(directory.FieldText(r, f)) == string(is) }) {
				t.Fatalf("%s is %s, which no record says", f, is)
			}
			if is == nil && slices.ContainsFunc(of, func(r directory.Record) bool { return directory.FieldText(r, f) != nil }) && !slices.Contains([]string{"address", "at", "entrance", "way", "hours", "contacts"}, f) {
				t.Fatalf("%s was lost", f)
			}
		}
		for _, r := range of {
			mine := r
			for _, p := range j.Proposals(r.ID) {
				mine, _ = j.Take(mine, p.Field)
			}
			again := slices.Clone(of)
			again[slices.IndexFunc(again, func(x directory.Record) bool { return x.ID == r.ID })] = mine
			for _, p := range directory.Join(again, joinDay).Proposals(r.ID) {
				t.Fatalf("%s is still proposed to %s: %s", p.Field, r.ID, p.Would)
			}
		}
		if text(of) != before {
			t.Fatal("joining changed a record")
		}
	})
}

func TestJoinAll(t *testing.T) {
	var all []directory.Record
	for _, id := range []directory.ServiceID{"a", "b", "c", "d"} {
		all = append(all, said(id, 0, "", speaks("de")))
	}
	all[3].Draft = true
	same := []directory.Pair{directory.PairOf("b", "a"), directory.PairOf("c", "d"), directory.PairOf("a", "gone")}
	out := directory.JoinAll(all, same, joinDay)
	var ids []string
	for _, r := range out {
		ids = append(ids, string(r.ID))
	}
	if !slices.Equal(ids, []string{"a", "c", "d"}) || !slices.Equal(out[0].Merged, []directory.ServiceID{"b"}) {
		t.Errorf("%v, %v", ids, out[0].Merged)
	}
	if g := directory.Groups([]directory.Pair{directory.PairOf("x", "y"), directory.PairOf("y", "z"), directory.PairOf("p", "q")}); len(g) != 2 || len(g[1]) != 3 {
		t.Errorf("%v", g)
	}
}
