package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// allowed are the licences that may go out with the program. Another one needs a person's decision first.
var allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "OFL-1.1", "Unlicense"}

func bills(t *testing.T) (bill, string, []byte) {
	t.Helper()
	t.Chdir(filepath.Join("..", ".."))
	dir := t.TempDir()
	if err := run("1.2.3", time.Unix(1_700_000_000, 0), filepath.Join(dir, "bom"), filepath.Join(dir, "licences")); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "bom"))
	if err != nil {
		t.Fatal(err)
	}
	var b bill
	if err := json.Unmarshal(raw, &b); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "licences"))
	if err != nil {
		t.Fatal(err)
	}
	return b, string(text), raw
}

func TestEveryLinkedModuleIsListedWithAnAllowedLicence(t *testing.T) {
	b, text, _ := bills(t)
	listed := map[string]bool{}
	for _, c := range b.Components {
		if listed[c.Ref] {
			t.Errorf("%s is listed twice", c.Ref)
		}
		listed[c.Ref] = true
		expression := c.Licenses[0].Expression
		if c.Licenses[0].License != nil {
			expression = c.Licenses[0].License.ID
		}
		for word := range strings.FieldsSeq(expression) {
			if word != "AND" && word != "OR" && !slices.Contains(allowed, word) {
				t.Errorf("%s: licence %s", c.Name, expression)
			}
		}
		if !strings.Contains(text, c.Name) {
			t.Errorf("the licences lack %s", c.Name)
		}
	}
	// What the linker says, asked in another way.
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}pkg:golang/{{.Path}}@{{.Version}}{{end}}{{end}}", "./cmd/gevor").Output()
	if err != nil {
		t.Fatal(err)
	}
	for purl := range strings.FieldsSeq(string(out)) {
		if !listed[purl] {
			t.Errorf("%s is linked and not listed", purl)
		}
	}
	for _, d := range b.Dependencies[1:] {
		for _, to := range d.DependsOn {
			if !listed[d.Ref] || !listed[to] {
				t.Errorf("%s needs %s: one of them is not listed", d.Ref, to)
			}
		}
	}
	t.Logf("figure: parts in the bill of materials: %d", len(b.Components))
}

func TestSameSourcesSameBytes(t *testing.T) {
	parts := []part{{purl: "pkg:golang/a@v1", name: "a", version: "v1", licence: "MIT"}}
	var one, two bytes.Buffer
	for _, w := range []*bytes.Buffer{&one, &two} {
		if err := writeBill(w, "1", time.Unix(0, 0), parts, map[string][]string{"": {"pkg:golang/a@v1"}}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the bytes differ")
	}
}

func TestAnUnknownLicenceIsNoLicence(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "LICENSE"), []byte("All rights reserved."), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&part{name: "x"}).read(dir); err == nil {
		t.Error("it is taken")
	}
}
