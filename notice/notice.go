// Package notice collects what an import has to say about its data.
//
// A bad row never stops an import and never vanishes: it becomes a Notice, and the counts of its file always
// satisfy Read = Used + Rejected.
package notice

import (
	"fmt"
	"sort"
	"sync"
)

// Severity orders notices.
type Severity uint8

// Info is worth knowing, Warning changed or guessed something visible, Reject dropped the row.
const (
	Info Severity = iota
	Warning
	Reject
)

// String gives the English name.
func (s Severity) String() string { return [...]string{"info", "warning", "reject"}[s] }

// Notice speaks of one place in one input.
type Notice struct {
	Severity Severity
	File     string // path inside the region folder, with the member of an archive after "!", e.g. "gtfs/bus.zip!stops.txt"
	Line     int    // 1-based; 0 where the format has no lines
	Record   string // id of the record where there is one ("node 4711", "trip T1"); may be empty
	Field    string // column or property; may be empty
	Value    string // the offending value, cut to 80 runes
	Rule     string // stable kebab-case name, e.g. "cell-outside-region"; also a key of the message catalogue
	Advice   string // English sentence saying what to do
}

// Count says what became of the rows of one file. Read = Used + Rejected holds always.
type Count struct {
	File     string
	Read     int64
	Used     int64
	Rejected int64
}

// List collects notices and counts. It keeps at most PerRule notices for each file and rule and counts the
// rest, so a broken file of ten million rows stays readable. Safe for concurrent use. The zero value is ready.
type List struct {
	mu      sync.Mutex
	notices []Notice
	seen    map[[2]string]int64
	counts  map[string]*Count
}

// PerRule is how many notices of one rule and file are kept in full.
const PerRule = 50

const valueRunes = 80

// Add records a notice. It does not touch the counts.
func (l *List) Add(n Notice) {
	if r := []rune(n.Value); len(r) > valueRunes {
		n.Value = string(r[:valueRunes-1]) + "…"
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		l.seen = map[[2]string]int64{}
	}
	k := [2]string{n.File, n.Rule}
	l.seen[k]++
	if l.seen[k] <= PerRule {
		l.notices = append(l.notices, n)
	}
}

// Used counts n rows of a file as read and used.
func (l *List) Used(file string, n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.count(file)
	c.Read += n
	c.Used += n
}

// Rejected records a notice of severity Reject and counts its row as read and rejected.
func (l *List) Rejected(n Notice) {
	n.Severity = Reject
	l.Add(n)
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.count(n.File)
	c.Read++
	c.Rejected++
}

func (l *List) count(file string) *Count {
	if l.counts == nil {
		l.counts = map[string]*Count{}
	}
	c := l.counts[file]
	if c == nil {
		c = &Count{File: file}
		l.counts[file] = c
	}
	return c
}

// Notices gives the kept notices ordered by file, line, record, rule, field and value, with one closing line
// for each rule of which more occurred than were kept.
func (l *List) Notices() []Notice {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := append([]Notice(nil), l.notices...)
	for k, n := range l.seen {
		if n > PerRule {
			out = append(out, Notice{
				Severity: Info, File: k[0], Rule: k[1], Line: 1 << 30,
				Advice: fmt.Sprintf("%d more of this kind in this file", n-PerRule),
			})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return less(out[i], out[j]) })
	for i := range out {
		if out[i].Line == 1<<30 {
			out[i].Line = 0
		}
	}
	return out
}

func less(a, b Notice) bool {
	switch {
	case a.File != b.File:
		return a.File < b.File
	case a.Line != b.Line:
		return a.Line < b.Line
	case a.Record != b.Record:
		return a.Record < b.Record
	case a.Rule != b.Rule:
		return a.Rule < b.Rule
	case a.Field != b.Field:
		return a.Field < b.Field
	}
	return a.Value < b.Value
}

// Counts gives the counts ordered by file.
func (l *List) Counts() []Count {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Count, 0, len(l.counts))
	for _, c := range l.counts {
		out = append(out, *c)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].File < out[j].File })
	return out
}
