package contact_test

import (
	"slices"
	"testing"

	"gevor/authz"
	"gevor/contact"
	"gevor/fault"
)

// example is five contacts of one house in two months.
func example() contact.Figures {
	var all []contact.Own
	for i, e := range []contact.Entry{
		{Week: "2026-W20", Language: "ar", Needs: []string{"schulden", "miete-zahlen"}, District: "nord", Reason: contact.Full},
		{Week: "2026-W20", Language: "ar", Needs: []string{"schulden"}, District: "nord", Reason: contact.Full},
		{Week: "2026-W21", Needs: []string{"schulden"}, District: "sued"},
		{Week: "2026-W30", Needs: []string{"einsam"}, Reason: contact.TooFar},
		{Week: "2026-W30", Language: "uk", Needs: []string{"schulden"}, Reason: contact.TooFar},
	} {
		e.Kind, e.Duration, e.Situation, e.Deeds = contact.Kinds()[i%3], contact.UpTo15, "geld", []contact.Deed{contact.Informed}
		all = append(all, contact.Own{Owner: "o-1", Entry: e})
	}
	return contact.Tally(all)
}

// Counted by hand from the five contacts above.
func TestReportsAreFilledIn(t *testing.T) {
	for _, c := range []struct {
		form          contact.Form
		rows, columns []string
		cells         [][]int
	}{
		{contact.Form{Rows: contact.ByNeed, Columns: contact.ByReason, Unmet: true}, []string{"einsam", "schulden"}, []string{"full", "too-far"}, [][]int{{0, 1}, {2, 1}}},
		{contact.Form{Rows: contact.ByNeed, Columns: contact.ByMonth}, []string{"einsam", "miete-zahlen", "schulden"}, []string{"2026-05", "2026-07"}, [][]int{{0, 1}, {1, 0}, {3, 1}}},
		{contact.Form{Rows: contact.ByDistrict}, []string{"", "nord", "sued"}, []string{""}, [][]int{{2}, {3}, {1}}},
		{contact.Form{Rows: contact.Dimension(contact.ByLanguage), Columns: contact.ByMonth}, []string{"ar", "de", "uk"}, []string{"2026-05", "2026-07"}, [][]int{{2, 0}, {1, 1}, {0, 1}}},
		{contact.Form{Rows: contact.ByMonth, Columns: contact.Dimension(contact.ByKind)}, []string{"2026-05", "2026-07"}, []string{"first", "follow-up", "short"}, [][]int{{1, 1, 1}, {1, 0, 1}}},
	} {
		r := example().Fill(c.form)
		if !slices.Equal(r.Rows, c.rows) || !slices.Equal(r.Columns, c.columns) || !slices.EqualFunc(r.Cells, c.cells, slices.Equal) {
			t.Errorf("%s by %s: %+v", c.form.Rows, c.form.Columns, r)
		}
	}
	if r := (contact.Figures{}).Fill(contact.Form{Rows: contact.ByNeed, Columns: contact.ByReason}); len(r.Rows) != 0 || r.Total != 0 {
		t.Errorf("of nothing: %+v", r)
	}
}

func TestFormsAreRead(t *testing.T) {
	forms, err := contact.UsualForms()
	if err != nil || len(forms) < 6 || forms[0].In("en") == forms[0].In("de") {
		t.Fatalf("%d forms, %v", len(forms), err)
	}
	const head = "[[form]]\nkey = \"x\"\nname = { de = \"X\" }\n"
	for text, sound := range map[string]bool{
		head + "rows = \"need\"\n":                                          true,
		head + "rows = \"month\"\ncolumns = \"duration\"\n":                 true,
		head + "rows = \"need\"\ncolumns = \"language\"\n":                  false, // is not kept together
		head + "rows = \"kind\"\nunmet = true\n":                            false,
		head + "rows = \"need\"\ncolumns = \"need\"\n":                      false,
		head + "rows = \"author\"\n":                                        false,
		head + "rows = \"week\"\n":                                          false, // finer than a report may be
		head + "rows = \"need\"\nwho = true\n":                              false,
		head + "rows = \"need\"\n" + head + "rows = \"need\"\n":             false,
		"[[form]]\nkey = \"x\"\nname = { en = \"X\" }\nrows = \"need\"\n":   false,
		"[[form]]\nkey = \"X Y\"\nname = { de = \"X\" }\nrows = \"need\"\n": false,
		"":        false,
		"[[form]": false,
	} {
		if _, err := contact.ReadForms("f.toml", text); (err == nil) != sound || err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Whatever is published is a multiple of five that stands within two of the truth, of five contacts and three houses;
// the control is that smaller ones are there to be hidden.
func TestReleasedFiguresAreLarge(t *testing.T) {
	var counts []contact.Count
	add := func(need string, reason contact.Reason, houses, each int) {
		for h := range houses {
			counts = append(counts, contact.Count{Source: contact.FromContacts, House: authz.OrganisationID(rune('a' + h)), Week: "2026-W20", Need: need, Reason: reason, Times: each})
		}
	}
	add("schulden", contact.Full, 4, 6)
	add("einsam", contact.TooFar, 3, 4)
	add("demenz", contact.Fear, 3, 1)
	add("trauer", contact.Cost, 2, 40)
	add("schulden", contact.Met, 5, 100) // met needs are not published here
	x, err := contact.Released(counts)
	if err != nil {
		t.Fatal(err)
	}
	hidden := map[string]bool{}
	for _, n := range x.Needs {
		hidden[n.Code] = n.Hidden
		if !n.Hidden && (n.Times < 5 || n.Times%5 != 0) {
			t.Errorf("%+v", n)
		}
	}
	if !hidden["demenz"] || !hidden["trauer"] || hidden["schulden"] {
		t.Errorf("%+v", x.Needs)
	}
	if x.All.Hidden || x.All.Times != 120 { // 24 + 12 + 3 + 80 = 119
		t.Errorf("%+v", x.All)
	}
}
