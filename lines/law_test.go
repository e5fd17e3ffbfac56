package lines

import (
	"fmt"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"pgregory.net/rapid"
)

// The text is written line by line here, so the line of each key is known before Of is asked.
func TestEveryKeyIsFoundOnItsLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		want, line, table := map[string]int{}, 1, ""
		put := func(s string) {
			b.WriteString(s + "\n")
			line += strings.Count(s, "\n") + 1
		}
		values := []string{
			`1`, `"a = b # c"`, `'''` + "\nx = 1\n[y]\n" + `'''`, `"""` + "\n\\\"q = 2\n" + `"""`, `[ 1,` + "\n  2, # z = 3\n]", `{ }`, `true # k = v`, `'['`,
		}
		lists := 0
		for n := range rapid.IntRange(1, 12).Draw(t, "statements") {
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				table = fmt.Sprintf("t%d", n)
				want[table] = line
				put("[" + table + "]")
			case 1:
				table = fmt.Sprintf("l[%d]", lists)
				lists++
				want[table] = line
				put("[[l]]")
			case 2:
				put("# a = 1\n")
			default:
				key := fmt.Sprintf("k%d", n)
				want[Join(table, key)] = line
				put(key + " = " + rapid.SampledFrom(values).Draw(t, "value"))
			}
		}
		if _, err := toml.Decode(b.String(), &map[string]any{}); err != nil {
			t.Fatalf("the text is no TOML: %v\n%s", err, b.String())
		}
		got := Of(b.String())
		for path, line := range want {
			if got[path] != line {
				t.Errorf("%s: line %d, want %d\n%s", path, got[path], line, b.String())
			}
		}
	})
}

func TestNearest(t *testing.T) {
	known := []string{"listen", "public_url", "dir"}
	for word, want := range map[string]string{"listne": "listen", "publik_url": "public_url", "zzzzzzzz": "", "dri": "dir"} {
		if got := Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}
