package statement_test

import (
	"slices"
	"strings"
	"testing"

	"gevor/fault"
	"gevor/form"
	"gevor/statement"
)

func TestTextIsTidied(t *testing.T) {
	got, err := statement.Text{Name: statement.Imprint, Language: "de", Body: "\r\n# Impressum\r\n\x00Stadt \xff\n\n"}.Check()
	if err != nil || got.Body != "# Impressum\nStadt" {
		t.Errorf("%q, %v", got.Body, err)
	}
	for name, bad := range map[string]statement.Text{
		"empty": {Name: statement.Imprint, Body: " \n"}, "long": {Name: statement.Imprint, Body: strings.Repeat("ä", statement.MostText+1)}, "unknown": {Name: "logo", Body: "x"},
	} {
		_, err := bad.Check()
		if fault.KindOf(err) != fault.Invalid || len(form.Of(err)) != 1 || form.Of(err)[0].Reason != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (statement.Text{Name: statement.Imprint, Body: strings.Repeat("ä", statement.MostText)}).Check(); err != nil {
		t.Errorf("the longest text: %v", err)
	}
}

func TestUnfilledPlacesAreFound(t *testing.T) {
	if got := statement.Unfilled("a [[Name]] [link](x) [[Straße,\nOrt]] [[Telefon]]"); !slices.Equal(got, []string{"Name", "Telefon"}) {
		t.Errorf("%q", got)
	}
}

func TestFeedbackNeedsAMessageAndNothingElse(t *testing.T) {
	if _, err := (statement.Feedback{Message: "Die Karte liest mir niemand vor."}).Check(); err != nil {
		t.Error(err)
	}
	_, err := statement.Feedback{Message: "kurz", Contact: "alma@", Page: strings.Repeat("x", 301)}.Check()
	var names []string
	for _, f := range form.Of(err) {
		names = append(names, f.Name+" "+f.Reason)
	}
	if want := []string{"message short", "page long", "contact email"}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
}
