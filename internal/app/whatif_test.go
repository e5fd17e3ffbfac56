package app

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// analysedDemo writes and analyses a small demo region and gives its state folder.
func analysedDemo(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	region, state := filepath.Join(dir, "region"), filepath.Join(dir, "var")
	for _, args := range [][]string{
		{"demo", "--seed", "4", "--people", "20000", "--out", region},
		{"analyse", "--region", region, "--state", state, "--workers", "2"},
	} {
		if code, _, errs := call(args...); code != 0 {
			t.Fatalf("%v: %s", args, errs)
		}
	}
	return state
}

// offerOf gives the id of the first offer of a category.
func offerOf(t *testing.T, state, category string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(state, "runs", "*", "offers.json"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	raw, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	var offers []struct {
		ID         string   `json:"id"`
		Categories []string `json:"categories"`
	}
	if err := json.Unmarshal(raw, &offers); err != nil {
		t.Fatal(err)
	}
	for _, o := range offers {
		for _, c := range o.Categories {
			if c == category {
				return o.ID
			}
		}
	}
	t.Fatalf("no offer of %s", category)
	return ""
}

// sumOf adds a column over the lines of all districts.
func sumOf(t *testing.T, out, column string) float64 {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for k, name := range rows[0] {
		for _, row := range rows[1:] {
			if name == column && row[2] == "all" && row[k] != "" {
				v, err := strconv.ParseFloat(row[k], 64)
				if err != nil {
					t.Fatal(err)
				}
				sum += v
			}
		}
	}
	return sum
}

// One story on a demo region: a chemist closes and people lose; one opens in its place and nobody does; the scenario
// is kept, reckoned again the same, and noticed when its file is not what it was.
func TestWhatIfStory(t *testing.T) {
	state := analysedDemo(t)
	id := offerOf(t, state, "kinderarzt")
	code, out, errs := call("whatif", "--state", state, "--close", id, "--save", "zu")
	if code != 0 || !strings.Contains(errs, "scenarios/zu.json") {
		t.Fatalf("%d %s", code, errs)
	}
	if sumOf(t, out, "gain") != 0 || sumOf(t, out, "lose")+sumOf(t, out, "worse") == 0 {
		t.Errorf("a practice closes:\n%s", out)
	}
	code, again, errs := call("whatif", "--state", state, "--scenario", "zu", "--workers", "1")
	if code != 0 || again != out || !strings.Contains(errs, "the same result as kept") {
		t.Errorf("reckoned again: %d %s\n%s", code, errs, again)
	}
	path := filepath.Join(state, "scenarios", "zu.json")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(raw), `"missing_after": `, `"missing_after": 1`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, errs := call("whatif", "--state", state, "--scenario", "zu"); !strings.Contains(errs, "the result differs") {
		t.Errorf("the kept result is changed by hand: %s", errs)
	}
	if code, out, errs = call("whatif", "--state", state, "--longer", "nobody=2"); code != 1 || out != "" || !strings.Contains(errs, "offer nobody: is none of the run's offers") {
		t.Errorf("%d %s", code, errs)
	}
	for _, bad := range [][]string{{"--open", "7,51"}, {"--open", "700,51,apotheke"}, {"--capacity", "x"}, {"--save", "../x", "--close", id}, {"--scenario", "zu", "--close", id}} {
		if code, out, errs := call(append([]string{"whatif", "--state", state}, bad...)...); code != 2 || out != "" {
			t.Errorf("%v: %d %s", bad, code, errs)
		}
	}
	if code, _, errs := call("whatif", "--state", state, "--open", "6.7,51,zahnarzt"); code != 1 || !strings.Contains(errs, "category zahnarzt") {
		t.Errorf("%d %s", code, errs)
	}
	prospect(t, state)
}

// prospect compares sites for a gap of the region: every objective reaches people, mclp most of all.
func prospect(t *testing.T, state string) {
	t.Helper()
	code, _, errs := call("site", "--state", state, "--category", "notfallpraxis", "--group", "alle")
	if code != 2 || !strings.Contains(errs, "several standards") {
		t.Errorf("two standards are meant: %d %s", code, errs)
	}
	code, out, errs := call("site", "--state", state, "--standard", "notfallpraxis-20-auto", "--candidates", "40")
	if code != 0 {
		t.Fatalf("%d %s", code, errs)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 5 {
		t.Fatalf("%v\n%s", err, out)
	}
	newly := func(row []string) float64 {
		v, err := strconv.ParseFloat(row[4], 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, row := range rows[2:] {
		if newly(row) > newly(rows[2]) || row[10] != "true" {
			t.Errorf("%v against %v", row, rows[2])
		}
	}
	if newly(rows[1]) != 0 || newly(rows[2]) == 0 {
		t.Errorf("nobody is reached:\n%s", out)
	}
	bilingual(t, state)
}

// bilingual asks where one more bilingual paediatric practice reaches most children who reach none now: more miss one that
// speaks their language than miss one at all, and what is wrong in the question is said.
func bilingual(t *testing.T, state string) {
	t.Helper()
	still := func(args ...string) (float64, string) {
		code, out, errs := call(append([]string{"site", "--state", state, "--standard", "notfallpraxis-20-auto", "--candidates", "20", "--objectives", "mclp"}, args...)...)
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if code != 0 || err != nil || len(rows) != 3 {
			t.Fatalf("%v: %d %s %v\n%s", args, code, errs, err, out)
		}
		v, err := strconv.ParseFloat(rows[1][5], 64)
		if err != nil {
			t.Fatal(err)
		}
		return v, errs
	}
	all, _ := still()
	children, _ := still("--people", "kinder_u10")
	turkish, said := still("--people", "kinder_u10", "--language", "Türkisch")
	if !(children < all && turkish > children) || !strings.Contains(said, "given in tr") || strings.Contains(said, " 0 say their languages") {
		t.Errorf("%v of all, %v children, %v of them without Turkish: %s", all, children, turkish, said)
	}
	code, out, errs := call("site", "--state", state, "--standard", "kinderarzt-sprechstunden-20-zu-fuss", "--language", "uk", "--candidates", "30", "--objectives", "mclp")
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if code != 0 || err != nil || len(rows) != 3 || rows[2][4] == "0" {
		t.Errorf("a paediatric practice that speaks Ukrainian: %d %s %v", code, errs, rows)
	}
	for flag, want := range map[string]string{"--language=klingonisch?": "is no language", "--people=niemand": "is none of the run's", "--need=/nowhere": "cannot be opened"} {
		if code, out, errs := call("site", "--state", state, "--standard", "notfallpraxis-20-auto", flag); code == 0 || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%s: %d %s", flag, code, errs)
		}
	}
}
