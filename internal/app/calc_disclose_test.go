package app

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runDisclose gives what the command prints and tells.
func runDisclose(t *testing.T, args ...string) (out, told string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Main(t.Context(), append([]string{"calc", "disclose"}, args...), strings.NewReader(""), &stdout, &stderr)
	return stdout.String(), stderr.String(), code
}

// A result is an earlier publication of the next one as it stands, with its rates and changes: what it printed stays
// printed, and nothing else that it hid can be put together from both.
func TestAResultIsTheEarlierPublicationOfTheNext(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	rules := write("rules.toml", "name = \"BA\"\nminimum_cell = 3\nweight = \"value\"\n")
	var first, second strings.Builder
	first.WriteString("area,year,ill,children\n")
	second.WriteString("area,year,ill,children\n")
	for year, ill := range [][5]int{{2, 9, 4, 12, 27}, {6, 9, 2, 13, 30}, {5, 1, 7, 13, 26}} {
		for k, v := range ill {
			line := fmt.Sprintf("%s,%d,%d,%d\n", []string{"a", "b", "c", "d", "total"}[k], 2021+year, v, 10*v)
			if year < 2 {
				first.WriteString(line)
			}
			second.WriteString(line)
		}
	}
	flags := []string{"--rules", rules, "--value", "ill", "--denominator", "children", "--change", "year=2021:2022", "--rate", "share"}
	one, told, code := runDisclose(t, append(flags, "--data", write("first.csv", first.String()))...)
	if code != 0 || !strings.Contains(told, "suppressed secondary") {
		t.Fatalf("%d: %s", code, told)
	}
	two, told, code := runDisclose(t, append(flags, "--data", write("second.csv", second.String()), "--earlier", write("one.csv", one))...)
	if code != 0 || strings.Contains(told, "another value") || strings.Contains(told, "add up") {
		t.Fatalf("%d: %s", code, told)
	}
	now := map[string]string{}
	rows, err := csv.NewReader(strings.NewReader(two)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		now[strings.Join(r[:4], ",")] = strings.Join(r[4:], ",")
	}
	rows, err = csv.NewReader(strings.NewReader(one)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	hidden := 0
	for _, r := range rows[1:] {
		if r[5] == "suppressed" {
			hidden++
		}
		if got := now[strings.Join(r[:4], ",")]; got != strings.Join(r[4:], ",") {
			t.Errorf("%v was published first, then %s", r, got)
		}
	}
	if hidden < 6 {
		t.Errorf("only %d suppressed", hidden)
	}
	preview, _, code := runDisclose(t, append(flags, "--data", filepath.Join(dir, "second.csv"), "--preview", "--denominator-public")...)
	if code != 0 || !strings.Contains(preview, "a,2021,ill,suppressed primary,minimum cell,2\n") || strings.Contains(preview, "children,suppressed") {
		t.Errorf("%d: %s", code, preview)
	}
}
