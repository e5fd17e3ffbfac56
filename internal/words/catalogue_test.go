package words

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestCatalogueHasTheSameKeysInEveryLanguage(t *testing.T) {
	base := New(Languages()[0])
	for _, lang := range Languages()[1:] {
		p := New(lang)
		for _, k := range base.Keys() {
			if !p.Has(k) {
				t.Errorf("key %q has no text in %q", k, lang)
			}
		}
		for _, k := range p.Keys() {
			if !base.Has(k) {
				t.Errorf("key %q has a text in %q only", k, lang)
			}
		}
	}
}

func TestCataloguePlaceholdersAgreeBetweenLanguages(t *testing.T) {
	hole := regexp.MustCompile(`\{\{(?:or)?\s*\.(\w+)`)
	holes := map[string][]string{}
	for i, lang := range ResidentLanguages() {
		messages, _, err := load(locales, lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range messages {
			var names []string
			for _, h := range hole.FindAllStringSubmatch(m.Zero+m.One+m.Two+m.Few+m.Many+m.Other, -1) {
				names = append(names, h[1])
			}
			slices.Sort(names)
			names = slices.Compact(names)
			if i == 0 {
				holes[m.ID] = names
			} else if !slices.Equal(holes[m.ID], names) {
				t.Errorf("key %q: placeholders %v in %q, %v in %q", m.ID, holes[m.ID], Languages()[0], names, lang)
			}
		}
	}
}

func TestCatalogueRefusesAKeyInTwoFiles(t *testing.T) {
	_, _, err := load(fstest.MapFS{
		"locales/a.de.toml": {Data: []byte("[x]\ny = \"1\"\n")},
		"locales/b.de.toml": {Data: []byte("[x]\ny = \"2\"\n")},
	}, "de")
	if err == nil || !strings.Contains(err.Error(), `"x.y"`) {
		t.Fatalf("a key in two files must be named, got %v", err)
	}
}

// TestEveryKeyThatIsAskedForExists reads the program's sources: T("key" and N("key" must name an existing key,
// and a key put together in the program ("cause." + x) must at least start like an existing one.
func TestEveryKeyThatIsAskedForExists(t *testing.T) {
	p := New("de")
	for _, use := range uses(t, os.DirFS(filepath.Join("..", ".."))) {
		if use.whole && !p.Has(use.key) {
			t.Errorf("%s asks for key %q, which has no text", use.file, use.key)
		}
		if !use.whole && !slices.ContainsFunc(p.Keys(), func(k string) bool { return strings.HasPrefix(k, use.key) }) {
			t.Errorf("%s asks for keys that start with %q; none does", use.file, use.key)
		}
	}
}

// TestUsesAreFound is the control of the test above.
func TestUsesAreFound(t *testing.T) {
	got := uses(t, fstest.MapFS{
		"internal/a/a.go":      {Data: []byte("x := p.T(\"one.two\", nil) + p.N(\"three\" , n, nil)\n")},
		"internal/a/a.templ":   {Data: []byte("<p>{ w.T(\"four.\"+c.String(), nil) }</p>\n")},
		"internal/a/a_test.go": {Data: []byte("p.T(\"not.counted\", nil)\n")},
	})
	want := []use{{"internal/a/a.go", "one.two", true}, {"internal/a/a.go", "three", true}, {"internal/a/a.templ", "four.", false}}
	if !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

type use struct {
	file, key string
	whole     bool // false where the program appends something to the key
}

func uses(t *testing.T, fsys fs.FS) []use {
	t.Helper()
	call := regexp.MustCompile(`\.[TN]\(\s*"([a-z][\w.-]*)"\s*([,+)])`)
	var out []use
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != "." && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "var") {
				return fs.SkipDir
			}
			return nil
		}
		source := strings.HasSuffix(path, ".go") || strings.HasSuffix(path, ".templ")
		if !source || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return nil
		}
		raw, err := fs.ReadFile(fsys, path)
		if err != nil {
			return err
		}
		for _, m := range call.FindAllStringSubmatch(string(raw), -1) {
			out = append(out, use{path, m[1], m[2] != "+"})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
