package indicator_test

import (
	"testing"

	"gevor/indicator"
)

func period(t *testing.T, s string) indicator.Period {
	t.Helper()
	p, ok := indicator.ParsePeriod(s)
	if !ok {
		t.Fatalf("%q is no period", s)
	}
	return p
}

func TestPeriodsAsOfficesWriteThem(t *testing.T) {
	for text, want := range map[string]string{
		"2024": "2024", "2024.0": "2024", "2024-H2": "2024-H2", "2024 HJ1": "2024-H1", "2024/Q3": "2024-Q3", "2024-05": "2024-05",
		"05/2024": "2024-05", "2024-W01": "2024-W01", "2020W53": "2020-W53", "2024 KW 7": "", "31.12.2024": "2024-12-31", "2024-12-31": "2024-12-31",
		// What is none: a spreadsheet's number of a day, a month that is not there, a week that the year does not have.
		"45292": "", "2024-13": "", "2023-W53": "", "": "", "31.2.2024": "", "1234": "",
	} {
		p, _ := indicator.ParsePeriod(text)
		if got := p.String(); got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}

func TestPeriodsFollowEachOther(t *testing.T) {
	for from, want := range map[string]string{
		"2024": "2025", "2024-H2": "2025-H1", "2024-Q4": "2025-Q1", "2024-12": "2025-01", "2020-W53": "2021-W01", "2024-02-28": "2024-02-29",
	} {
		if got := period(t, from).Next().String(); got != want {
			t.Errorf("after %s comes %s, want %s", from, got, want)
		}
	}
}

// A break at 2021 cuts five years into two stretches; figures on either side may not be compared, those inside may.
func TestABreakCutsASeries(t *testing.T) {
	s := indicator.Series{Breaks: []indicator.Break{{At: period(t, "2021"), Reason: indicator.Redefinition}}}
	for _, y := range []string{"2019", "2020", "2021", "2022", "2023"} {
		s.Points = append(s.Points, indicator.Point{Period: period(t, y), Value: indicator.Of(1)})
	}
	parts := s.Segments()
	if len(parts) != 2 || len(parts[0]) != 2 || len(parts[1]) != 3 {
		t.Fatalf("the series is cut into %v", parts)
	}
	if b, ok := s.Between(period(t, "2022"), period(t, "2020")); !ok || b.Reason != indicator.Redefinition {
		t.Error("2020 and 2022 pass for comparable over a redefinition")
	}
	if _, ok := s.Between(period(t, "2021"), period(t, "2023")); ok {
		t.Error("2021 and 2023 do not pass for comparable")
	}
	if got := s.Recent(); len(got) != 3 || got[0].Period.String() != "2021" {
		t.Errorf("the recent stretch is %v", got)
	}
}

func TestWhatNobodySetIsMissing(t *testing.T) {
	var v indicator.Value
	if v.Kind != indicator.Missing || v.Known() || !indicator.Of(0).Known() {
		t.Error("missing and zero are mixed up")
	}
}
