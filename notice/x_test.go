package notice_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"gevor/notice"
)

func TestABadRowNeverVanishes(t *testing.T) {
	var l notice.List
	l.Used("a.csv", 7)
	for i := range 3 {
		l.Rejected(notice.Notice{File: "a.csv", Line: i + 2, Rule: "bad"})
	}
	l.Add(notice.Notice{Severity: notice.Warning, File: "a.csv", Rule: "odd"}) // a notice alone counts no row
	if got, want := l.Counts(), (notice.Count{File: "a.csv", Read: 10, Used: 7, Rejected: 3}); len(got) != 1 || got[0] != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	for _, n := range l.Notices() {
		if n.Rule == "bad" && n.Severity != notice.Reject {
			t.Errorf("a dropped row is a rejection, got %v", n.Severity)
		}
	}
}

func TestTooManyOfOneKindAreCounted(t *testing.T) {
	var l notice.List
	for i := range notice.PerRule + 13 {
		l.Rejected(notice.Notice{File: "a.csv", Line: i + 2, Rule: "bad"})
	}
	got := l.Notices()
	last := got[len(got)-1]
	if len(got) != notice.PerRule+1 || !strings.HasPrefix(last.Advice, "13 more") || last.Line != 0 || last.Rule != "bad" {
		t.Errorf("%d notices, the last %+v", len(got), last)
	}
	if c := l.Counts()[0]; c.Rejected != notice.PerRule+13 {
		t.Errorf("all rows count: %+v", c)
	}
}

func TestLongValuesAreCutBetweenLetters(t *testing.T) {
	var l notice.List
	l.Add(notice.Notice{Value: strings.Repeat("ü", 500)})
	l.Add(notice.Notice{Value: strings.Repeat("ü", 80)})
	for _, n := range l.Notices() {
		if utf8.RuneCountInString(n.Value) != 80 || !utf8.ValidString(n.Value) {
			t.Errorf("%d letters: %q", utf8.RuneCountInString(n.Value), n.Value)
		}
	}
}

func TestOrderDoesNotDependOnWhoCameFirst(t *testing.T) {
	list := func(workers int) string {
		var l notice.List
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for i := w; i < 40; i += workers {
					l.Rejected(notice.Notice{File: fmt.Sprint("f", i%3), Line: i / 5, Record: fmt.Sprint(i % 4), Rule: fmt.Sprint("r", i%2), Value: fmt.Sprint(i)})
					l.Used(fmt.Sprint("f", i%3), 1)
				}
			})
		}
		wg.Wait()
		return fmt.Sprint(l.Notices(), l.Counts())
	}
	if a, b := list(1), list(8); a != b {
		t.Errorf("one worker:\n%s\neight workers:\n%s", a, b)
	}
}
