package indicator_test

import (
	"slices"
	"testing"

	"gevor/form"
	"gevor/indicator"
	"gevor/notice"
)

// byHand is a sketch that could be released, with another table.
func byHand(raw string) indicator.Sketch {
	k := indicator.Sketch{
		Owner: "o", File: "tabelle.csv", Raw: []byte(raw), OpenBase: true,
		Dataset: indicator.Dataset{
			ID: "armut", Title: indicator.Label{DE: "Armut"}, Unit: indicator.Label{DE: "%"}, Topic: indicator.Deprivation, Level: indicator.Districts, Direction: indicator.LessIsBetter,
			Source: "Amt", Publisher: "Stadt", Licence: "CC0", ReferenceDate: "2024-12-31", Per: 100, Part: true, Decimals: 1,
		},
	}
	k.Keep(indicator.Secrecy{Name: "unter 5", Cell: 5})
	return k
}

// TestASketchSaysWhatIsWrong gives each bad table of the list in docs/indicator-format.md by hand: every one is a notice of its
// own rule, and no figure is guessed.
func TestASketchSaysWhatIsWrong(t *testing.T) {
	a, b := town().Of(indicator.Districts)[0], town().Of(indicator.Districts)[1]
	whole := a.Parent
	total := "key;period;count;base\n"
	for _, x := range town().Parts(whole) {
		total += x.Key + ";2024;10;100\n"
	}
	total += whole + ";2024;999;2000\n"
	for rule, c := range map[string]struct {
		raw     string
		figures int
	}{
		"":                 {"key;period;count;base\n" + a.Key + ";2024;12;100\n", 1},
		"duplicate-period": {"key;period;count;base\n" + a.Key + ";2024;12;100\n" + a.Key + ";2024;13;100\n", 1},
		"denominator-zero": {"key;period;count;base\n" + a.Key + ";2024;12;0\n" + b.Key + ";2024;12;50\n", 1},
		"unknown-area":     {"key;period;count;base\n99999999;2024;12;100\n" + b.Key + ";2024;12;50\n", 1},
		"excel-date":       {"key;period;count;base\n" + a.Key + ";45657;12;100\n" + b.Key + ";2024;12;50\n", 1},
		"total-differs":    {total, len(town().Parts(whole))},
		"more-than-all":    {"key;period;count;base\n" + a.Key + ";2024;120;100\n" + b.Key + ";2024;12;50\n", 1},
		"no-base-column":   {"key;period;count\n" + a.Key + ";2024;12\n", 0},
		"no-key-column":    {"wo;period;count;base\n" + a.Key + ";2024;12;100\n", 0},
		"no-period-column": {"key;wann;count;base\n" + a.Key + ";2024;12;100\n", 0},
		"no-count-column":  {"key;period;viel;base\n" + a.Key + ";2024;12;100\n", 0},
		"no-figures":       {"key;period;count;base\n99999999;2024;12;100\n", 0},
		"no-number":        {"key;period;count;base\n" + a.Key + ";2024;viele;100\n" + b.Key + ";2024;12;50\n", 1},
		"unreadable-table": {"", 0},
		"negative-number":  {"key;period;count;base\n" + a.Key + ";2024;-2;100\n" + b.Key + ";2024;12;50\n", 1},
		"no-whole-number":  {"key;period;count;base\n" + a.Key + ";2024;1,5;100\n" + b.Key + ";2024;12;50\n", 1},
		"no-area":          {"key;period;count;base\n;2024;12;100\n" + b.Key + ";2024;12;50\n", 1},
	} {
		k := byHand(c.raw)
		var notes notice.List
		table := k.Read(town(), &notes)
		if rule == "" {
			if len(notes.Notices()) > 0 || len(table.Figures) != c.figures {
				t.Errorf("a good table: %v, %d figures", notes.Notices(), len(table.Figures))
			}
			continue
		}
		if !slices.ContainsFunc(notes.Notices(), func(n notice.Notice) bool { return n.Rule == rule && n.Advice != "" }) || len(table.Figures) != c.figures {
			t.Errorf("%s: %d figures, %v", rule, len(table.Figures), notes.Notices())
		}
	}
	k := byHand("key;2023;2024\n" + a.Key + ";5,0;6,5\n" + b.Key + ";5.0;7\n")
	k.Dataset.Per, k.Dataset.Part, k.Dataset.Values = 0, false, true
	k.Dataset.Direction = indicator.Unstated
	var notes notice.List
	table := k.Read(town(), &notes)
	if len(table.Figures) != 4 || table.Figures[0].Rate.Number != 5 || table.Figures[2].Rate.Number != 5 {
		t.Errorf("one column a year: %v", table.Figures)
	}
	for _, rule := range []string{"mixed-decimals", "no-direction"} {
		if !slices.ContainsFunc(notes.Notices(), func(n notice.Notice) bool { return n.Rule == rule }) {
			t.Errorf("no notice %s: %v", rule, notes.Notices())
		}
	}
}

// TestASketchIsTidied keeps what can be kept and names the field of what cannot.
func TestASketchIsTidied(t *testing.T) {
	k := byHand("key;period;count;base\n")
	k.Dataset.Title.DE = "  Armut   heute "
	if err := k.Tidy(); err != nil || k.Dataset.Title.DE != "Armut heute" || k.Dataset.RuleSet != "unter 5" || k.Dataset.State != indicator.Draft {
		t.Errorf("%v, %+v", err, k.Dataset)
	}
	for field, spoil := range map[string]func(*indicator.Sketch){
		"title_de":       func(k *indicator.Sketch) { k.Dataset.Title.DE = "" },
		"short":          func(k *indicator.Sketch) { k.Dataset.ID = "Äpfel" },
		"reference_date": func(k *indicator.Sketch) { k.Dataset.ReferenceDate = "2024" },
		"level":          func(k *indicator.Sketch) { k.Dataset.Level = "grid" },
		"topic":          func(k *indicator.Sketch) { k.Dataset.Topic = "" },
		"direction":      func(k *indicator.Sketch) { k.Dataset.Direction = "up" },
		"licence":        func(k *indicator.Sketch) { k.Dataset.Licence = "" },
		"url":            func(k *indicator.Sketch) { k.Dataset.URL = "javascript:x" },
		"minimum_cell":   func(k *indicator.Sketch) { k.Keep(indicator.Secrecy{Name: "unter 1", Cell: 1}) },
		"rule_set":       func(k *indicator.Sketch) { k.Keep(indicator.Secrecy{Cell: 5}) },
		"table":          func(k *indicator.Sketch) { k.Raw = nil },
	} {
		k := byHand("key;period;count;base\n")
		spoil(&k)
		if wrong := form.Of(k.Tidy()); len(wrong) != 1 || wrong[0].Name != field {
			t.Errorf("%s: %v", field, wrong)
		}
	}
}
