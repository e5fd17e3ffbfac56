// Package tabular reads delimited text as German offices publish it: any delimiter, decimal comma or point, UTF-8,
// UTF-16 or Windows-1252, quoted line breaks, text-typed numbers, markers for suppressed and missing values.
//
// Rows are streamed. Nothing in the data ends the reading: what cannot be used becomes a notice, and every row is
// either used or rejected.
package tabular

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"gevor/fault"
	"gevor/notice"
)

// Limits bounds what one table may hold; zero fields take the defaults.
type Limits struct {
	Rows        int64 // default 50 million
	Columns     int   // default 2,000
	RecordBytes int   // of one row, default 1 MiB
	QuotedLines int   // that a quoted row may span, default 200
}

func (l Limits) withDefaults() Limits {
	if l.Rows == 0 {
		l.Rows = 50_000_000
	}
	if l.Columns == 0 {
		l.Columns = 2000
	}
	if l.RecordBytes == 0 {
		l.RecordBytes = 1 << 20
	}
	if l.QuotedLines == 0 {
		l.QuotedLines = 200
	}
	return l
}

// Options says how to read. Everything may stay empty.
type Options struct {
	File      string       // path in notices
	Notes     *notice.List // nil = notices are dropped
	Delimiter byte         // 0 = found out from the first rows
	HeaderRow int          // which row that is not blank holds the names, 1-based; 0 = 1
	Limits    Limits
}

// Table is an open table whose header has been read.
type Table struct {
	o     Options
	rec   *records
	names []string
	found map[string]int
	comma bool
}

// Row is one row. Its texts are copies and may be kept.
type Row struct {
	Line   int // physical line on which the row begins, 1-based
	fields []string
}

// Problem is why a row cannot be used.
type Problem struct {
	Record, Field, Value, Rule, Advice string
}

// Open reads the header. It fails where there is none: an empty input, or one that is no text.
func Open(r io.Reader, o Options) (*Table, error) {
	o.Limits = o.Limits.withDefaults()
	if o.Notes == nil {
		o.Notes = &notice.List{}
	}
	t := &Table{o: o, found: map[string]int{}}
	rec, err := openRecords(r, o)
	if err != nil {
		return nil, err
	}
	t.rec = rec
	var fields []string
	for range max(1, o.HeaderRow) {
		var problem *Problem
		fields, _, problem, err = rec.nextFilled()
		if err == nil && problem != nil {
			err = fault.New(fault.Invalid, o.File, "the header cannot be read: "+problem.Advice, "open the file in a text editor and look at its first lines")
		}
		if errors.Is(err, io.EOF) {
			return nil, fault.New(fault.Invalid, o.File, "the table is empty", "a header row with column names is needed")
		}
		if err != nil {
			return nil, err
		}
	}
	t.comma = rec.decimalComma()
	t.header(fields)
	return t, nil
}

func (t *Table) header(fields []string) {
	for i, f := range fields {
		name := strings.Join(strings.Fields(Unwrap(f)), " ")
		if name == "" {
			name = fmt.Sprintf("column %d", i+1)
		}
		if _, twice := t.found[fold(name)]; twice {
			first := name
			for n := 2; ; n++ {
				name = fmt.Sprintf("%s #%d", first, n)
				if _, taken := t.found[fold(name)]; !taken {
					break
				}
			}
			t.o.Notes.Add(notice.Notice{
				Severity: notice.Warning, File: t.o.File, Line: 1, Field: first, Value: name, Rule: "duplicate-column",
				Advice: "the column occurs twice; the later one is called \"" + name + "\"",
			})
		}
		t.names = append(t.names, name)
		t.found[fold(name)] = i
	}
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// Names gives the column names in order, made unique; a nameless column is called "column 3".
func (t *Table) Names() []string { return t.names }

// Column finds a column by its name, whatever the case; white space inside counts as one space.
func (t *Table) Column(name string) (int, bool) {
	i, ok := t.found[fold(strings.Join(strings.Fields(name), " "))]
	return i, ok
}

// Need finds a column or fails with the names there are.
func (t *Table) Need(name string) (int, error) {
	if i, ok := t.Column(name); ok {
		return i, nil
	}
	shown := t.names
	if len(shown) > 40 {
		shown = shown[:40]
	}
	return 0, fault.New(fault.Invalid, t.o.File+":1", fmt.Sprintf("there is no column %q", name), "the columns are "+strings.Join(shown, ", "))
}

// Delimiter gives the delimiter in use.
func (t *Table) Delimiter() byte { return t.rec.delimiter }

// Encoding gives "utf-8", "utf-16" or "windows-1252" as far as read; ISO-8859-1 text is a part of the last.
func (t *Table) Encoding() string { return t.rec.encoding() }

// Numbers gives the number format that the first rows show: a decimal comma where numbers carry one, else where
// the delimiter is a semicolon and no number there carries a decimal point.
func (t *Table) Numbers() Numbers { return Numbers{Comma: t.comma}.WithDefaults() }

// Text gives a field, trimmed and freed of what spreadsheets add to force text; empty beyond the row's end.
func (r Row) Text(i int) string {
	if i < 0 || i >= len(r.fields) {
		return ""
	}
	return Unwrap(r.fields[i])
}

// Each hands over every row that is not blank. use gives nil where it used the row, else why not: so Read = Used +
// Rejected by construction. Rows with filled fields beyond the header are rejected, as a delimiter inside a text
// may have shifted them; short rows are padded with a warning. Errors come from the input itself or from the
// limit on rows.
func (t *Table) Each(use func(Row) *Problem) error {
	var used, rows int64
	defer func() { t.o.Notes.Used(t.o.File, used) }()
	for {
		fields, line, problem, err := t.rec.nextFilled()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if rows++; rows > t.o.Limits.Rows {
			return fault.New(fault.TooLarge, t.o.File, fmt.Sprintf("the table has more than %d rows", t.o.Limits.Rows), "split it or raise the limit")
		}
		if problem == nil {
			fields, problem = t.fit(fields, line)
		}
		if problem == nil {
			problem = use(Row{Line: line, fields: fields})
		}
		if problem == nil {
			used++
			continue
		}
		t.o.Notes.Rejected(notice.Notice{
			File: t.o.File, Line: line, Record: problem.Record, Field: problem.Field,
			Value: problem.Value, Rule: problem.Rule, Advice: problem.Advice,
		})
	}
	if t.rec.foreign > 0 && !t.rec.utf16 {
		t.o.Notes.Add(notice.Notice{
			Severity: notice.Info, File: t.o.File, Rule: "windows-1252", Value: fmt.Sprintf("%d rows", t.rec.foreign),
			Advice: "rows that are no UTF-8 were read as Windows-1252; save the file as UTF-8 if letters look wrong",
		})
	}
	return nil
}

// Warn adds a warning about a row that is used nevertheless.
func (t *Table) Warn(r Row, p Problem) {
	t.o.Notes.Add(notice.Notice{
		Severity: notice.Warning, File: t.o.File, Line: r.Line, Record: p.Record, Field: p.Field,
		Value: p.Value, Rule: p.Rule, Advice: p.Advice,
	})
}

func (t *Table) fit(fields []string, line int) ([]string, *Problem) {
	for i := len(t.names); i < len(fields); i++ {
		if strings.TrimSpace(fields[i]) != "" {
			return nil, &Problem{
				Field: fmt.Sprintf("column %d", i+1), Value: fields[i], Rule: "too-many-fields",
				Advice: fmt.Sprintf("the row has more fields than the %d columns of the header; put texts that hold the delimiter in quotes", len(t.names)),
			}
		}
	}
	if len(fields) < len(t.names) {
		t.o.Notes.Add(notice.Notice{
			Severity: notice.Warning, File: t.o.File, Line: line, Value: fmt.Sprintf("%d of %d fields", len(fields), len(t.names)),
			Rule: "too-few-fields", Advice: "the fields absent at the end of the row were taken as empty",
		})
	}
	return fields, nil
}
