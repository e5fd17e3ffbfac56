package gtfs

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"gevor/fault"
	"gevor/notice"
)

// table reads the rows of one member by column.
type table struct {
	place   string
	csv     *csv.Reader
	guard   *guard
	closer  io.Closer
	notes   *notice.List
	columns []string
	at      []int // field number of each wanted column, -1 where the member lacks it
	width   int
	row     []string
	line    int
	rows    int64
	used    int64
}

// table opens a member and finds the wanted columns in its header. It gives nil where the member is absent or
// has no header. need is how many of the columns, from the first, a member cannot do without.
func (b *box) table(member string, notes *notice.List, need int, columns ...string) (*table, error) {
	g, closer, err := b.open(member)
	if g == nil || err != nil {
		return nil, err
	}
	t := &table{place: g.place, guard: g, closer: closer, notes: notes, columns: columns, at: make([]int, len(columns))}
	rest := bufio.NewReaderSize(g, 1<<16)
	first, err := rest.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(t.broken(err), closer.Close())
	}
	if strings.TrimSpace(first) == "" {
		return nil, closer.Close()
	}
	// No column name holds a comma, but some exports put blanks around quoted names, which no CSV reader takes.
	header := strings.Split(strings.ReplaceAll(first, `"`, ""), ",")
	t.csv = csv.NewReader(rest)
	t.csv.ReuseRecord = true
	t.csv.FieldsPerRecord = -1
	t.csv.LazyQuotes = true
	t.csv.TrimLeadingSpace = true
	for i := range t.at {
		t.at[i] = -1
	}
	for f, name := range header {
		name = headerName(name)
		for i, c := range columns {
			if !strings.EqualFold(name, c) {
				continue
			}
			if t.at[i] >= 0 {
				notes.Add(t.notice(ruleHeader, name, name, "").at(1))
				continue
			}
			t.at[i] = f
		}
	}
	t.width = len(header)
	for i := range need {
		if t.at[i] < 0 {
			return nil, errors.Join(fault.New(fault.Invalid, t.place+":1", fmt.Sprintf("the column %q is missing", columns[i]),
				"add the column or fetch the timetable again"), closer.Close())
		}
	}
	return t, nil
}

// headerName strips what spreadsheets and careless exports leave around a column name.
func headerName(s string) string {
	s = strings.TrimPrefix(s, "\ufeff")
	return strings.TrimSpace(strings.Trim(strings.TrimSpace(s), "'"))
}

// pending is a notice whose line can still be set.
type pending notice.Notice

func (p pending) at(line int) notice.Notice { p.Line = line; return notice.Notice(p) }

func (t *table) notice(r rule, field, value, record string) pending {
	x := r.text()
	return pending{Severity: x.severity, File: t.place, Line: t.line, Record: record, Field: field, Value: value, Rule: string(r), Advice: x.advice}
}

// remark adds a notice about the current row without rejecting it.
func (t *table) remark(r rule, field, value, record string) {
	t.notes.Add(t.notice(r, field, value, record).at(t.line))
}

// reject drops the current row.
func (t *table) reject(r rule, field, value, record string) {
	t.notes.Rejected(t.notice(r, field, value, record).at(t.line))
}

// rejectLine drops a row read before.
func (t *table) rejectLine(line int, r rule, field, value, record string) {
	t.notes.Rejected(t.notice(r, field, value, record).at(line))
}

// use counts the current row as used.
func (t *table) use() { t.used++ }

// close reports the rows used.
func (t *table) close() error {
	t.notes.Used(t.place, t.used)
	if err := t.closer.Close(); err != nil {
		return t.broken(err)
	}
	return nil
}

func (t *table) broken(err error) error {
	if t.guard.fault != nil {
		return t.guard.fault
	}
	return fault.Wrap(fault.Invalid, t.place, "cannot be unpacked to its end", "fetch the timetable again; the archive is damaged", err)
}

// recordGlance is the size of a record from which its line breaks are counted.
const recordGlance = 4096

// next moves to the next row that can be taken apart; false at the end.
func (t *table) next() (bool, error) {
	for {
		row, err := t.csv.Read()
		if errors.Is(err, io.EOF) && t.guard.fault == nil {
			return false, nil
		}
		var bad *csv.ParseError
		if err != nil && t.guard.fault == nil && errors.As(err, &bad) {
			t.line = bad.StartLine + 1
			t.rows++
			t.reject(ruleRecord, "", bad.Err.Error(), "")
			continue
		}
		if err != nil {
			return false, t.broken(err)
		}
		t.line, _ = t.csv.FieldPos(0)
		t.line++ // the header was read apart
		if len(row) == 1 && t.width > 1 && strings.TrimSpace(row[0]) == "" {
			continue
		}
		if t.rows++; t.rows > t.guard.b.limits.Rows {
			return false, fault.New(fault.TooLarge, t.place, fmt.Sprintf("has more than %d rows", t.guard.b.limits.Rows), "split the timetable or raise the limit")
		}
		if !t.short(row) {
			t.reject(ruleLong, "", row[0], "")
			continue
		}
		t.row = row
		return true, nil
	}
}

func (t *table) short(row []string) bool {
	size := 0
	for _, f := range row {
		size += len(f)
	}
	if size < recordGlance {
		return true
	}
	lines := 0
	for _, f := range row {
		lines += strings.Count(f, "\n")
	}
	return size <= t.guard.b.limits.LineBytes && lines < t.guard.b.limits.Lines
}

// get gives the value of a wanted column, trimmed; empty where the row or the member lacks it.
func (t *table) get(column int) string {
	f := t.at[column]
	if f < 0 || f >= len(t.row) {
		return ""
	}
	s := t.row[f]
	if n := len(s); n > 0 && (s[0] <= ' ' || s[n-1] <= ' ') {
		s = strings.TrimSpace(s)
	}
	return s
}

// id gives a copy of a key that outlives the row.
func (t *table) id(column int) string { return strings.Clone(t.get(column)) }

// label gives a text for people as valid UTF-8, with a remark where it looks broken.
func (t *table) label(column int, record string) string {
	s := strings.Clone(t.get(column))
	if !utf8.ValidString(s) {
		t.remark(ruleEncoding, t.columns[column], strings.ToValidUTF8(s, "\ufffd"), record)
		return strings.ToValidUTF8(s, "\ufffd")
	}
	if twiceEncoded(s) {
		t.remark(ruleSuspicious, t.columns[column], s, record)
	}
	return s
}

// twiceEncoded says whether s holds U+00C2 to U+00C3 followed by a character from U+0080 to U+00BF, the trace
// of German and French letters encoded as UTF-8 twice.
func twiceEncoded(s string) bool {
	for i := 0; i+3 < len(s); i++ {
		if s[i] == 0xC3 && (s[i+1] == 0x82 || s[i+1] == 0x83) && s[i+2] == 0xC2 && s[i+3] >= 0x80 && s[i+3] <= 0xBF {
			return true
		}
	}
	return false
}

// number reads an integer in [lo, hi]; an empty field gives empty.
func (t *table) number(column int, lo, hi, empty int64) (int64, bool) {
	s := t.get(column)
	if s == "" {
		return empty, true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= lo && n <= hi
}

// real reads a finite number; NaN where the field is empty.
func (t *table) real(column int) (float64, bool) {
	s := t.get(column)
	if s == "" {
		return math.NaN(), true
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil && !math.IsInf(x, 0) && !math.IsNaN(x)
}

// date reads YYYYMMDD.
func (t *table) date(column int) (Date, bool) {
	s := t.get(column)
	if len(s) != 8 {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 32)
	d := Date(n)
	return d, err == nil && n >= 1900_01_01 && DateOf(d.Time()) == d
}

const (
	noTime   int32 = math.MinInt32
	maxHours       = 7 * 24
)

// time reads H:MM:SS in seconds; noTime where the field is empty.
func (t *table) time(column int) (int32, bool) {
	return clock(t.get(column))
}

func clock(s string) (int32, bool) {
	if s == "" {
		return noTime, true
	}
	var parts [3]int32
	part, digits := 0, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= '0' && c <= '9' && digits < 3:
			parts[part] = parts[part]*10 + int32(c-'0')
			digits++
		case c == ':' && part < 2 && digits > 0 && (part == 0 || digits == 2):
			part++
			digits = 0
		default:
			return 0, false
		}
	}
	if part != 2 || digits != 2 || parts[1] > 59 || parts[2] > 59 || parts[0] >= maxHours {
		return 0, false
	}
	return parts[0]*3600 + parts[1]*60 + parts[2], true
}
