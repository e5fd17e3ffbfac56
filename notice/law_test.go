package notice_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"gevor/notice"
)

// Whatever is added in whatever order: read = used + rejected, notices are ordered, and for each rule and file the
// kept notices and the closing count together make what was added.
func TestCountsAlwaysAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l notice.List
		added := map[string]int{}
		for range rapid.IntRange(0, 400).Draw(t, "rows") {
			file := fmt.Sprint("f", rapid.IntRange(0, 1).Draw(t, "file"))
			if rapid.Bool().Draw(t, "used") {
				l.Used(file, int64(rapid.IntRange(0, 3).Draw(t, "n")))
				continue
			}
			rule := fmt.Sprint("r", rapid.IntRange(0, 1).Draw(t, "rule"))
			added[file+rule]++
			l.Rejected(notice.Notice{File: file, Rule: rule, Line: rapid.IntRange(0, 9).Draw(t, "line")})
		}
		for _, c := range l.Counts() {
			if c.Read != c.Used+c.Rejected || c.Rejected != int64(added[c.File+"r0"]+added[c.File+"r1"]) {
				t.Fatalf("%+v", c)
			}
		}
		kept := map[string]int{}
		for _, n := range l.Notices() {
			more := 1
			if n.Severity == notice.Info {
				if _, err := fmt.Sscanf(n.Advice, "%d more", &more); err != nil {
					t.Fatalf("%+v", n)
				}
			}
			kept[n.File+n.Rule] += more
		}
		for k, n := range added {
			if kept[k] != n {
				t.Fatalf("%s: %d added, %d shown or counted", k, n, kept[k])
			}
		}
	})
}
