package cli

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// wireNotices is what notices.json of a run holds.
type wireNotices struct {
	Counts []struct {
		File                 string
		Read, Used, Rejected int64
	}
	Notices []wireNotice
}

type wireNotice struct {
	Severity, File, Record, Field, Value, Rule, Advice string
	Line                                               int
}

func noticesOf(t *testing.T, state string) (n wireNotices) {
	t.Helper()
	if err := json.Unmarshal([]byte(read(t, runFolder(t, state), "notices.json")), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// counted checks that no row has vanished and gives how many rows of a file were read and rejected.
func (n wireNotices) counted(t *testing.T, file string) (total, rejected int64) {
	t.Helper()
	for _, c := range n.Counts {
		if c.Read != c.Used+c.Rejected {
			t.Errorf("%s: %d read, %d used, %d rejected", c.File, c.Read, c.Used, c.Rejected)
		}
		if c.File == file {
			total, rejected = c.Read, c.Rejected
		}
	}
	return total, rejected
}

func (n wireNotices) find(file, rule string) (found []wireNotice) {
	for _, x := range n.Notices {
		if x.File == file && x.Rule == rule && x.Severity != "info" {
			found = append(found, x)
		}
	}
	return found
}

// Bad rows stop nothing: the run goes on, every row is accounted for, the notice names file, line, value, rule and
// advice, and the terminal says that rows are missing.
func TestBadRowsAreShownAndCounted(t *testing.T) {
	const all = -1 // rows
	good := demo(t, 7)
	column := func(k int, value string, lines ...int) func(int, []string) []string {
		return func(i int, f []string) []string {
			for _, line := range lines {
				if i+2 == line {
					f[k] = value
				}
			}
			return f
		}
	}
	for _, c := range []struct {
		name     string
		damage   damage
		file     string
		rejected int64
		rule     string
		line     int
		value    string
		advice   string
	}{
		{"cells outside the region", func(t *testing.T, dir string) {
			const away = "CRS3035RES100mN3200000E4200000;4200050;3200050;33\nCRS3035RES100mN3200000E4200100;4200150;3200050;44\n"
			head, rest, _ := strings.Cut(read(t, dir, population), "\n")
			write(t, head+"\n"+away+rest, dir, population)
		}, population, 2, "cell-outside-region", 2, "", "outside the bounds of region.toml"},
		{"coordinates swapped", exchanged(counselling, 3, 4), counselling, all, "coordinates-swapped", 2, "", "exchange the columns"},
		{"one place far away", rows(counselling, column(3, "8,1234567", 4)), counselling, 1, "outside-region", 4, "8.123457", "outside the bounds of region.toml"},
		{"unknown category in a row", rows(counselling, column(2, "sozialberattung", 3)), counselling, 1, "unknown-category", 3, "sozialberattung", "did you mean sozialberatung?"},
		{"unknown category in the mapping", changed(mapping, "amenity,pharmacy,apotheke", "amenity,pharmacy,apoteke"), mapping, 1, "unknown-category", 3, "apoteke", "did you mean apotheke?"},
		{"word for a number", rows(population, column(3, "viele", 5, 9)), population, 2, "no-count", 5, "viele", "a number >= 0"},
		{"unknown district", rows(statistics, column(0, "0999999999", 3)), statistics, 2, "unknown-area", 3, "0999999999", "no area of the region has this key"}, // read for a group and for a need
		{"no coordinate", rows(practices, column(3, "unbekannt", 4)), practices, 1, "no-coordinate", 4, "unbekannt", "two numbers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, state := copied(t, good), t.TempDir()
			c.damage(t, dir)
			if c.rejected == all {
				c.rejected = int64(strings.Count(read(t, dir, c.file), "\n") - 1)
			}
			o := gevor(t, "analyse", "--region", dir, "--state", state)
			if o.code != 0 || !strings.HasPrefix(o.out, "run "+current(t, state)) {
				t.Fatalf("exit %d\n%s", o.code, o.err)
			}
			n := noticesOf(t, state)
			if total, rejected := n.counted(t, c.file); rejected != c.rejected || total <= 0 {
				t.Errorf("%d of %d rows rejected, want %d", rejected, total, c.rejected)
			}
			found := n.find(c.file, c.rule)
			if int64(len(found)) != c.rejected {
				t.Fatalf("%d notices %s, want %d: %+v", len(found), c.rule, c.rejected, found)
			}
			if x := found[0]; x.Line != c.line || !strings.Contains(x.Value, c.value) || !strings.Contains(x.Advice, c.advice) {
				t.Errorf("the notice is %+v", x)
			}
			for _, part := range []string{
				fmt.Sprintf("%s:%d: ", filepath.Join(dir, c.file), c.line), c.rule, c.advice, "rows could not be used",
				"all notices: " + filepath.Join(runFolder(t, state), "notices.json"),
			} {
				if !strings.Contains(o.err, part) {
					t.Errorf("the terminal does not say %q:\n%s", part, o.err)
				}
			}
		})
	}
}

// The control: a region without bad rows counts everything as used, and the terminal is silent.
func TestSoundRowsAreAllUsed(t *testing.T) {
	state := t.TempDir()
	o := gevor(t, "analyse", "--region", demo(t, 7), "--state", state)
	n := noticesOf(t, state)
	for _, c := range n.Counts {
		if c.Rejected != 0 || c.Used == 0 {
			t.Errorf("%+v", c)
		}
	}
	if n.counted(t, population); len(n.Counts) < 15 || strings.Contains(o.err, "could not be used") {
		t.Errorf("%d files, %s", len(n.Counts), o.err)
	}
}

// wireStandard is one line of standards.json.
type wireStandard struct {
	Key, Group      string
	Known           bool
	People, Missing *float64
	Findings        int
}

func standardsOf(t *testing.T, state string) map[string]wireStandard {
	t.Helper()
	var all []wireStandard
	if err := json.Unmarshal([]byte(read(t, runFolder(t, state), "standards.json")), &all); err != nil {
		t.Fatal(err)
	}
	by := map[string]wireStandard{}
	for _, s := range all {
		by[s.Key] = s
	}
	return by
}

// A group without data is unknown: it has no figure and no finding, wherever its offers lie. The control gives the
// same group data: then there are figures.
func TestAGroupWithoutDataStaysUnknown(t *testing.T) {
	dir, state := demo(t, 7), t.TempDir()
	out := must(t, "analyse", "--region", dir, "--state", state)
	const key = "clearingstelle-30-zu-fuss"
	unknown := func(out string) bool {
		for line := range strings.SplitSeq(out, "\n") {
			if strings.HasPrefix(line, key) {
				return strings.HasSuffix(line, " unknown")
			}
		}
		t.Fatalf("no line says how %s fares:\n%s", key, out)
		return false
	}
	s := standardsOf(t, state)[key]
	if s.Known || s.Group != "ohne_versicherung" || s.Findings != 0 || s.People != nil || s.Missing != nil || !unknown(out) {
		t.Errorf("a standard of a group without data: %+v\n%s", s, out)
	}
	if found := noticesOf(t, state).Notices; !strings.Contains(fmt.Sprint(found), "group-unknown") {
		t.Error("no notice says that the group is unknown")
	}
	if strings.Contains(read(t, runFolder(t, state), "findings.json"), key) {
		t.Error("a finding for a group without data")
	}
	for line := range strings.Lines(read(t, runFolder(t, state), "layers", key+".csv")) {
		if f := strings.Split(line, ","); f[0] != "cell" && (f[5] != "" || f[6] != "missing" || f[7] != "unknown") {
			t.Fatalf("a cell has a number: %s", line)
		}
	}
	replace(t, filepath.Join(dir, description), "need = 2.00\n", "need = 2.00\nlayer = \"population\"\n")
	out = must(t, "analyse", "--region", dir, "--state", state)
	if s := standardsOf(t, state)[key]; !s.Known || s.People == nil || *s.People < 19_000 || unknown(out) {
		t.Errorf("the same group with data: %+v\n%s", s, out)
	}
}

// A group whose every number is suppressed is as unknown as one without data: suppressed is not zero.
func TestASuppressedGroupStaysUnknown(t *testing.T) {
	dir, state := demo(t, 7), t.TempDir()
	rows(population, func(_ int, f []string) []string { f[3] = "*"; return f })(t, dir)
	out := must(t, "analyse", "--region", dir, "--state", state)
	all := standardsOf(t, state)
	if s := all["sozialberatung-20-zu-fuss"]; s.Known || s.People != nil || s.Missing != nil || s.Findings != 0 {
		t.Errorf("everybody is suppressed: %+v\n%s", s, out)
	}
	if s := all["familienzentrum-15-stufenlos"]; !s.Known || *s.People == 0 {
		t.Errorf("the control, children with numbers of their own: %+v", s)
	}
}
