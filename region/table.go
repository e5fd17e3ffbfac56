package region

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"sort"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"gevor/fault"
	"gevor/lines"
)

// DescriptionFile is the name of the file that describes a region.
const DescriptionFile = "region.toml"

const maxDescriptionBytes = 4 << 20

// Problem is one thing wrong with a description.
type Problem struct {
	File         string
	Line         int // 0 where it speaks of the whole file
	What, Advice string
	typo         bool // an unknown key: often the reason for other problems
}

// Fault gives the problem as an error.
func (p Problem) Fault() *fault.Error {
	place := p.File
	if p.Line > 0 {
		place = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fault.New(fault.Invalid, place, p.What, p.Advice)
}

// sheet is a TOML file being read: values come out with their lines, problems gather.
type sheet struct {
	file     string
	lines    map[string]int
	problems []Problem
}

// table is one table of a sheet. Every key that is read counts as known; close reports the others.
type table struct {
	s    *sheet
	path string
	m    map[string]any
	used map[string]bool
}

func openSheet(fsys fs.FS, file string) (*sheet, *table, error) {
	raw, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, nil, fault.Wrap(fault.NotFound, file, "the file is missing or cannot be read", "a region is a folder with a region.toml in it", err)
	}
	if len(raw) > maxDescriptionBytes {
		return nil, nil, fault.New(fault.TooLarge, file, "the description is larger than 4 MiB", "keep data in files of their own")
	}
	text := strings.TrimPrefix(string(raw), "\ufeff")
	var m map[string]any
	if _, err := toml.Decode(text, &m); err != nil {
		place, what := file, err.Error()
		if e := (toml.ParseError{}); errors.As(err, &e) {
			place, what = fmt.Sprintf("%s:%d", file, e.Position.Line), e.Message
		}
		return nil, nil, fault.Wrap(fault.Invalid, place, "this is no valid TOML: "+what, "mend the line; texts stand in quotation marks, lists in square brackets", err)
	}
	s := &sheet{file: file, lines: lines.Of(text)}
	return s, &table{s: s, m: m, used: map[string]bool{}}, nil
}

func (s *sheet) problem(line int, what, advice string) {
	s.problems = append(s.problems, Problem{File: s.file, Line: line, What: what, Advice: advice})
}

// line gives where a path stands, else where the nearest table around it does.
func (s *sheet) line(path string) int {
	for path != "" {
		if n, ok := s.lines[path]; ok {
			return n
		}
		i := strings.LastIndexAny(path, ".[")
		if i < 0 {
			break
		}
		path = path[:i]
	}
	return 0
}

func (t *table) line() int { return t.s.line(t.path) }

func (t *table) lineOf(key string) int { return t.s.line(lines.Join(t.path, key)) }

func (t *table) name() string {
	if t.path == "" {
		return "the file"
	}
	if i := strings.IndexByte(t.path, '['); i > 0 {
		return "[[" + t.path[:i] + "]]"
	}
	return "[" + t.path + "]"
}

func (t *table) take(key string, need bool, kind string) (any, bool) {
	t.used[key] = true
	v, ok := t.m[key]
	if !ok && need {
		t.s.problem(t.line(), fmt.Sprintf("%s lacks %q", t.name(), key), "add "+key+" = "+kind)
	}
	return v, ok
}

func (t *table) wrong(key, kind string, v any) {
	t.s.problem(t.lineOf(key), fmt.Sprintf("%q has the wrong type (%v)", key, v), "write "+key+" = "+kind)
}

func (t *table) text(key string, need bool) string {
	v, ok := t.take(key, need, "\"…\"")
	if !ok {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		t.wrong(key, "\"…\"", v)
		return ""
	}
	s = strings.TrimSpace(s)
	if s == "" && need {
		t.s.problem(t.lineOf(key), fmt.Sprintf("%q is empty", key), "write "+key+" = \"…\"")
	}
	return s
}

func (t *table) flag(key string) bool {
	v, ok := t.take(key, false, "true")
	if !ok {
		return false
	}
	b, ok := v.(bool)
	if !ok {
		t.wrong(key, "true or false", v)
	}
	return b
}

// number reads a number within [low, high]; absent gives missing.
func (t *table) number(key string, missing, low, high float64) float64 {
	v, ok := t.take(key, false, "1.0")
	if !ok {
		return missing
	}
	var x float64
	switch n := v.(type) {
	case int64:
		x = float64(n)
	case float64:
		x = n
	default:
		t.wrong(key, "a number", v)
		return missing
	}
	if !(x >= low && x <= high) {
		t.s.problem(t.lineOf(key), fmt.Sprintf("%s = %v lies outside %v to %v", key, v, low, high), "choose a number within")
		return missing
	}
	return x
}

func (t *table) whole(key string, missing, low, high int) int {
	v, ok := t.take(key, false, "1")
	if !ok {
		return missing
	}
	n, ok := v.(int64)
	if !ok {
		t.wrong(key, "a whole number", v)
		return missing
	}
	if n < int64(low) || n > int64(high) {
		t.s.problem(t.lineOf(key), fmt.Sprintf("%s = %d lies outside %d to %d", key, n, low, high), "choose a number within")
		return missing
	}
	return int(n)
}

// date reads an ISO date, written as text or as a TOML date.
func (t *table) date(key string, need bool) string {
	v, ok := t.take(key, need, "\"2026-05-12\"")
	if !ok {
		return ""
	}
	switch d := v.(type) {
	case time.Time:
		return d.Format(time.DateOnly)
	case string:
		if at, err := time.Parse(time.DateOnly, strings.TrimSpace(d)); err == nil {
			return at.Format(time.DateOnly)
		}
	}
	t.s.problem(t.lineOf(key), fmt.Sprintf("%s = %v is no date", key, v), "write "+key+" = \"2026-05-12\"")
	return ""
}

// clock reads "10:00" as seconds after midnight, missing where absent.
func (t *table) clock(key string, missing int) int {
	s := t.text(key, false)
	if s == "" {
		return missing
	}
	for _, layout := range [...]string{"15:04", "15:04:05"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.Hour()*3600 + at.Minute()*60 + at.Second()
		}
	}
	t.s.problem(t.lineOf(key), fmt.Sprintf("%s = %q is no time of day", key, s), "write "+key+" = \"10:00\"")
	return missing
}

// label reads { de = "…", en = "…" }; German is needed.
func (t *table) label(key string, need bool) Label {
	texts := t.texts(key, need, "{ de = \"…\", en = \"…\" }")
	if texts == nil {
		return Label{}
	}
	if texts["de"] == "" {
		t.s.problem(t.lineOf(key), fmt.Sprintf("%q has no German text", key), "add de = \"…\"")
	}
	return texts
}

// texts reads a table whose values are all texts, nil where absent.
func (t *table) texts(key string, need bool, kind string) map[string]string {
	v, ok := t.take(key, need, kind)
	if !ok {
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		t.wrong(key, kind, v)
		return nil
	}
	out := make(map[string]string, len(m))
	for _, k := range sortedKeys(m) {
		switch x := m[k].(type) {
		case string:
			out[k] = strings.TrimSpace(x)
		case int64:
			out[k] = fmt.Sprint(x)
		default:
			t.s.problem(t.lineOf(key+"."+k), fmt.Sprintf("%q has the wrong type (%v)", k, x), "write "+k+" = \"…\"")
		}
	}
	return out
}

// words reads a list of texts, nil where absent.
func (t *table) words(key string) []string {
	v, ok := t.take(key, false, "[\"…\"]")
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	var out []string
	for _, e := range list {
		s, text := e.(string)
		ok = ok && text
		out = append(out, s)
	}
	if !ok {
		t.wrong(key, "a list of texts", v)
		return nil
	}
	return out
}

func (t *table) numbers(key string, count int) []float64 {
	v, ok := t.take(key, false, "[…]")
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok || len(list) != count {
		t.wrong(key, fmt.Sprintf("a list of %d numbers", count), v)
		return nil
	}
	out := make([]float64, count)
	for i, e := range list {
		switch n := e.(type) {
		case int64:
			out[i] = float64(n)
		case float64:
			out[i] = n
		default:
			t.wrong(key, fmt.Sprintf("a list of %d numbers", count), v)
			return nil
		}
		if math.IsNaN(out[i]) || math.IsInf(out[i], 0) {
			t.wrong(key, fmt.Sprintf("a list of %d numbers", count), v)
			return nil
		}
	}
	return out
}

// sub gives a table inside, nil where absent.
func (t *table) sub(key string) *table {
	v, ok := t.take(key, false, "[…]")
	if !ok {
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		t.s.problem(t.lineOf(key), fmt.Sprintf("%q must be one table", key), "write ["+lines.Join(t.path, key)+"] on a line of its own")
		return nil
	}
	return &table{s: t.s, path: lines.Join(t.path, key), m: m, used: map[string]bool{}}
}

// list gives the tables of a list.
func (t *table) list(key string) []*table {
	v, ok := t.take(key, false, "[[…]]")
	if !ok {
		return nil
	}
	var out []*table
	add := func(i int, e any) bool {
		m, ok := e.(map[string]any)
		if ok {
			out = append(out, &table{s: t.s, path: fmt.Sprintf("%s[%d]", lines.Join(t.path, key), i), m: m, used: map[string]bool{}})
		}
		return ok
	}
	ok = true
	switch l := v.(type) {
	case []map[string]any:
		for i, m := range l {
			add(i, m)
		}
	case []any:
		for i, e := range l {
			ok = add(i, e) && ok
		}
	default:
		ok = false
	}
	if !ok {
		t.s.problem(t.lineOf(key), fmt.Sprintf("%q must be a list of tables", key), "write [["+lines.Join(t.path, key)+"]] above each of them")
	}
	return out
}

// close reports keys nobody asked for.
func (t *table) close() {
	var known []string
	for k := range t.used {
		known = append(known, k)
	}
	sort.Strings(known)
	for _, k := range sortedKeys(t.m) {
		if t.used[k] {
			continue
		}
		advice := "known keys are " + strings.Join(known, ", ")
		if near := lines.Nearest(k, known); near != "" {
			advice = "did you mean " + near + "? " + advice
		}
		t.s.problem(t.lineOf(k), fmt.Sprintf("%s has an unknown key %q", t.name(), k), advice)
		t.s.problems[len(t.s.problems)-1].typo = true
	}
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
