// Package lines says where in a TOML text each table and key stands, and which known word a mistyped one comes closest
// to: what a person who wrote "nearst" wants to be told. The TOML library names lines for syntax only.
package lines

import (
	"fmt"
	"strings"
)

// Of finds on which line, counted from 1, each table and key of a TOML text stands. Paths name lists by position:
// "standard[1].way". The text is known to be valid TOML.
func Of(text string) map[string]int {
	s := &lineScanner{text: text, line: 1, at: map[string]int{}, count: map[string]int{}}
	for s.pos < len(s.text) {
		s.statement()
	}
	return s.at
}

type lineScanner struct {
	text  string
	pos   int
	line  int
	table string
	at    map[string]int
	count map[string]int // how many [[x]] came
}

func (s *lineScanner) statement() {
	s.blank(true)
	if s.pos >= len(s.text) {
		return
	}
	switch {
	case strings.HasPrefix(s.text[s.pos:], "[["):
		s.pos += 2
		path := s.resolve(s.key("]"))
		n := s.count[path]
		s.count[path]++
		s.table = fmt.Sprintf("%s[%d]", path, n)
		s.note(s.table)
		s.restOfLine()
	case s.text[s.pos] == '[':
		s.pos++
		s.table = s.resolve(s.key("]"))
		s.note(s.table)
		s.restOfLine()
	default:
		path := Join(s.table, strings.Join(s.key("="), "."))
		s.note(path)
		s.pos++
		s.value(path)
		s.restOfLine()
	}
}

// resolve gives the path of a table header: a name that stands for a list means its latest element.
func (s *lineScanner) resolve(parts []string) string {
	path := ""
	for i, p := range parts {
		path = Join(path, p)
		if n := s.count[path]; n > 0 && i < len(parts)-1 {
			path = fmt.Sprintf("%s[%d]", path, n-1)
		}
	}
	return path
}

// Join gives the path of a key in the table at a path; the empty path is the file.
func Join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func (s *lineScanner) note(path string) {
	if _, ok := s.at[path]; !ok {
		s.at[path] = s.line
	}
}

// key reads a dotted key up to the byte end and leaves pos on it.
func (s *lineScanner) key(end string) []string {
	var parts []string
	for s.pos < len(s.text) {
		s.blank(false)
		if s.pos >= len(s.text) {
			break
		}
		switch s.text[s.pos] {
		case end[0]:
			return parts
		case '.':
			s.pos++
		case '"', '\'':
			from := s.pos
			s.quoted()
			parts = append(parts, strings.Trim(s.text[from:s.pos], `"'`))
		default:
			from := s.pos
			for s.pos < len(s.text) && !strings.ContainsRune(" \t.=]\n\r", rune(s.text[s.pos])) {
				s.pos++
			}
			if s.pos == from {
				s.pos++
				return parts
			}
			parts = append(parts, s.text[from:s.pos])
		}
	}
	return parts
}

// value skips a value and notes the elements of lists and the keys of inline tables on the way.
func (s *lineScanner) value(path string) {
	s.blank(false)
	if s.pos >= len(s.text) {
		return
	}
	switch s.text[s.pos] {
	case '"', '\'':
		s.quoted()
	case '[':
		s.pos++
		for n := 0; ; {
			s.blank(true)
			if s.pos >= len(s.text) {
				return
			}
			switch s.text[s.pos] {
			case ']':
				s.pos++
				return
			case ',':
				s.pos++
			default:
				element := fmt.Sprintf("%s[%d]", path, n)
				s.note(element)
				s.value(element)
				n++
			}
		}
	case '{':
		s.pos++
		for {
			s.blank(true)
			if s.pos >= len(s.text) {
				return
			}
			switch s.text[s.pos] {
			case '}':
				s.pos++
				return
			case ',':
				s.pos++
			default:
				inner := Join(path, strings.Join(s.key("="), "."))
				s.note(inner)
				s.pos++
				s.value(inner)
			}
		}
	default:
		from := s.pos
		for s.pos < len(s.text) && !strings.ContainsRune(",]}\n#", rune(s.text[s.pos])) {
			s.pos++
		}
		if s.pos == from {
			s.pos++
		}
	}
}

// quoted skips a string of any of the four kinds.
func (s *lineScanner) quoted() {
	q := s.text[s.pos : s.pos+1]
	if strings.HasPrefix(s.text[s.pos:], strings.Repeat(q, 3)) {
		q = strings.Repeat(q, 3)
	}
	s.pos += len(q)
	for s.pos < len(s.text) {
		switch {
		case q[0] == '"' && s.text[s.pos] == '\\':
			s.pos++
		case strings.HasPrefix(s.text[s.pos:], q):
			s.pos += len(q)
			return
		}
		if s.pos < len(s.text) && s.text[s.pos] == '\n' {
			s.line++
		}
		s.pos++
	}
	s.pos = min(s.pos, len(s.text))
}

// blank skips white space and comments, line ends too where asked.
func (s *lineScanner) blank(lineEnds bool) {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\r':
		case '\n':
			if !lineEnds {
				return
			}
			s.line++
		case '#':
			if !lineEnds {
				return
			}
			for s.pos < len(s.text) && s.text[s.pos] != '\n' {
				s.pos++
			}
			continue
		default:
			return
		}
		s.pos++
	}
}

func (s *lineScanner) restOfLine() {
	for s.pos < len(s.text) && s.text[s.pos] != '\n' {
		s.pos++
	}
}

// Nearest gives the word that differs least from s, empty where none is within a third of its letters.
func Nearest(s string, words []string) string {
	best, at := "", len(s)/3+2
	for _, w := range words {
		if d := editDistance(s, w); d < at {
			best, at = w, d
		}
	}
	return best
}

func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
