package config

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func example(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	if err := Example(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var setting = regexp.MustCompile(`(?m)^#([a-z][a-z0-9_]* = )`)

// The example as it is changes nothing, and with every line in force it says exactly the defaults.
func TestTheExampleIsTheDefaults(t *testing.T) {
	text := example(t)
	plain, _, _ := strings.Cut(text, "#[[signin.oidc]]")
	inForce := setting.ReplaceAllString(plain, "$1")
	if n := strings.Count(inForce, "\n") - strings.Count(text, "\n"); n >= 0 || len(setting.FindAllString(plain, -1)) != len(table()) {
		t.Errorf("%d settings for %d keys", len(setting.FindAllString(plain, -1)), len(table()))
	}
	for name, s := range map[string]string{"as it is": text, "in force": inForce} {
		c, problems := Parse("gevor.toml", []byte(s), nil)
		if len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
		if !reflect.DeepEqual(c, Default()) {
			t.Errorf("%s: %+v\nis not\n%+v", name, c, Default())
		}
	}
}

// Every default of the table is a value that the table allows, every key has a section, and all words are there.
func TestTheTableIsSound(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range append(table(), oidcKeys(func(*Config) *OIDC { return &OIDC{} })...) {
		if err := k.value.fromText(&Config{}, k.initial); err != nil {
			t.Errorf("%s: its default %q %v", k.path(), k.initial, err)
		}
		if seen[k.path()] || k.about == "" || k.allowed == "" || k.section == "" {
			t.Errorf("%s stands there twice or lacks words", k.path())
		}
		seen[k.path()] = true
	}
}

// Whatever the file can say, the environment can say with the same outcome.
func TestFileAndEnvironmentAgree(t *testing.T) {
	for _, k := range table() {
		file, _ := Parse("f", []byte("["+k.section+"]\n"+k.name+" = "+k.literal()+"\n"), nil)
		env, _ := Parse("", nil, []string{k.variable() + "=" + k.initial})
		if !reflect.DeepEqual(file, env) {
			t.Errorf("%s: %+v is not %+v", k.path(), file, env)
		}
	}
}

// The handbook lists every key with its variable and its default, and none that is not there.
func TestTheHandbookListsEveryKey(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "handbuch", "02-konfiguration.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_.0-9]+)` \\| ([^|]*) \\| (.+) \\|$").FindAllStringSubmatch(string(raw), -1) {
		rows[m[1]] = strings.TrimSpace(m[2])
	}
	for _, k := range append(table(), oidcKeys(nil)...) {
		shown, ok := rows[k.path()]
		want := "`" + k.literal() + "`"
		if k.literal() == `""` || k.literal() == "[]" {
			want = "–"
		}
		if !ok {
			t.Errorf("the handbook lacks %s", k.path())
		} else if shown != want {
			t.Errorf("the handbook says that %s is %s by default, the table %s", k.path(), shown, want)
		}
		delete(rows, k.path())
	}
	for name := range rows {
		t.Errorf("the handbook lists %s, which is no key", name)
	}
}
