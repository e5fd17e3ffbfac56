package app

import (
	"fmt"
	"io"
	"strings"

	"gevor/notice"
)

// noticesShown is how many kinds of notices a terminal gets; the page of notices and notices.json have them all.
const noticesShown = 8

// tell says on a terminal what imports rejected or changed: the first notice of each rule and file. where says where
// all of them stand; empty where nothing was kept. place puts folders before files.
func tell(w io.Writer, notes []notice.Notice, counts []notice.Count, place func(string) string, where string) {
	var read, rejected int64
	for _, c := range counts {
		if c.Rejected > 0 {
			read, rejected = read+c.Read, rejected+c.Rejected
		}
	}
	if rejected > 0 {
		fmt.Fprintf(w, "%d of %d rows could not be used:\n", rejected, read)
	}
	type kind struct{ file, rule string }
	var order []kind
	first, times := map[kind]notice.Notice{}, map[kind]int{}
	for _, severity := range []notice.Severity{notice.Reject, notice.Warning} {
		for _, n := range notes {
			if n.Severity != severity {
				continue
			}
			k := kind{n.File, n.Rule}
			if times[k]++; times[k] == 1 {
				order = append(order, k)
				first[k] = n
			}
		}
	}
	if rejected == 0 && len(order) > 0 {
		fmt.Fprintln(w, "the data need a look:")
	}
	for i, k := range order {
		if i == noticesShown {
			fmt.Fprintf(w, "  and %d more kinds of notices\n", len(order)-i)
			break
		}
		fmt.Fprintln(w, " ", line(first[k], times[k], place))
	}
	if len(order) > 0 && where != "" {
		fmt.Fprintf(w, "all notices: %s\n", where)
	}
}

// line is one kind of notices by its first: place, what stands there, advice, and how many there are.
func line(n notice.Notice, times int, place func(string) string) string {
	at := n.File
	if n.Line > 0 {
		at = fmt.Sprintf("%s:%d", n.File, n.Line)
	}
	parts := []string{place(at)}
	if n.Record != "" {
		parts = append(parts, n.Record)
	}
	if n.Value != "" {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%s %q", n.Field, n.Value)))
	}
	out := strings.Join(append(parts, n.Rule), ": ") + "; " + n.Advice
	switch {
	case times >= notice.PerRule:
		return fmt.Sprintf("%s (the first of %d or more)", out, times)
	case times > 1:
		return fmt.Sprintf("%s (the first of %d)", out, times)
	}
	return out
}
