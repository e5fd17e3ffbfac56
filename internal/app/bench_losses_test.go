package app

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPlantedLossesAreFound: money for three of four family centres of one district ends, and the folder says so; in the
// other district it goes on. The control takes the end out of the table: nothing is found. A loss planted where nothing
// ends is missed, so that recall is not true by definition.
func TestPlantedLossesAreFound(t *testing.T) {
	for _, c := range []struct {
		name, until, district  string
		recall, precision      float64
		planted, found, onDate int
	}{
		{"as planted", "2026-12-31", "a", 1, 1, 1, 1, 1},
		{"control: nothing ends", "", "a", 0, 0, 1, 0, 0},
		{"planted elsewhere", "2026-12-31", "b", 0, 0, 1, 0, 0},
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"districts.csv": "stadtteil;name;gemeinde\na;A;t\nb;B;t\n",
			"reports.csv":   "quelle;stadtteil;gruppe;anliegen;woche_ab;gemeldet_woche_ab;stelle;anzahl\ncontacts;a;alle;hausarzt;2026-05-04;2026-05-04;x;3\n",
			"funding.csv": "angebot;stadtteil;gruppe;kategorie;gefoerdert_bis\n" +
				strings.ReplaceAll("1;a;alle;familienzentrum;E\n2;a;alle;familienzentrum;E\n3;a;alle;familienzentrum;E\n4;a;alle;familienzentrum;\n", "E", c.until) +
				"5;b;alle;familienzentrum;2031-12-31\n6;b;alle;familienzentrum;2031-12-31\n7;b;alle;familienzentrum;2031-12-31\n",
			"truth.json": `{"losses": [{"kind": "funding", "district": "` + c.district + `", "problem": "familienzentrum", "date": "2026-12-31"}]}`,
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var out bytes.Buffer
		if err := benchLosses(console{out: &out, err: &out}, []string{dir}); err != nil {
			t.Fatal(err)
		}
		var got struct{ Kinds []lossScore }
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		all := got.Kinds[len(got.Kinds)-1]
		if all.Planted != c.planted || all.Found != c.found || all.Recall != c.recall || all.Precision != c.precision || all.OnDay != c.onDate {
			t.Errorf("%s: %+v", c.name, all)
		}
		// 11 May to 31 December are 234 days; the horizon of two years reaches further back than the reports.
		if c.found == 1 && (all.LeadDays < 234-31 || all.LeadDays > 234+31 || all.Reach < 600) {
			t.Errorf("%s: %d days ahead, first %d", c.name, all.LeadDays, all.Reach)
		}
	}
}
