package tabular

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"gevor/fault"
)

// records cuts an input into rows of fields. It keeps one buffer that holds at least the row being read, so a row
// that turns out to be broken (a quote that never closes) can be taken back: its first line is rejected, and
// reading goes on with the line after it.
type records struct {
	r         io.Reader
	o         Options
	delimiter byte
	buf       []byte
	at, end   int
	eof       bool
	line      int
	utf16     bool
	foreign   int64 // rows that were no UTF-8
	comma     bool

	scratch []byte
	ends    []int
}

const sampleBytes = 64 << 10

func openRecords(r io.Reader, o Options) (*records, error) {
	s := &records{r: r, o: o, delimiter: o.Delimiter, buf: make([]byte, 4*sampleBytes), line: 1}
	if err := s.fill(); err != nil {
		return nil, err
	}
	head := s.buf[:s.end]
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		s.at = 3
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		raw := append([]byte(nil), head...)
		s.r = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(io.MultiReader(bytes.NewReader(raw), r))
		s.utf16, s.at, s.end, s.eof = true, 0, 0, false
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
	head = s.buf[s.at:s.end]
	if n := bytes.IndexByte(head[:min(len(head), sampleBytes)], 0); n >= 0 {
		return nil, fault.New(fault.Invalid, o.File, "this is no text: it holds zero bytes", "save the sheet as CSV")
	}
	// Spreadsheets write "sep=;" above the header to tell each other the delimiter.
	if len(head) > 5 && bytes.EqualFold(head[:4], []byte("sep=")) && (head[5] == '\n' || head[5] == '\r') {
		if s.delimiter == 0 {
			s.delimiter = head[4]
		}
		n := bytes.IndexByte(head, '\n') + 1
		s.at += max(n, 5)
		s.line++
	}
	sample := s.buf[s.at:min(s.end, s.at+sampleBytes)]
	if s.delimiter == 0 {
		s.delimiter = sniffDelimiter(sample)
	}
	s.comma = sniffComma(sample, s.delimiter)
	return s, nil
}

// fill reads until the buffer is full or the input ends.
func (s *records) fill() error {
	for !s.eof && s.end < len(s.buf) {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if err == io.EOF {
			s.eof = true
		} else if err != nil {
			return fault.Wrap(fault.Invalid, fmt.Sprintf("%s:%d", s.o.File, s.line), "the file cannot be read further", "fetch or copy it again", err)
		}
	}
	return nil
}

// nextFilled gives the next row that is not blank. A row that breaks a limit comes back as a problem.
func (s *records) nextFilled() (fields []string, line int, problem *Problem, err error) {
	for {
		fields, line, problem, err = s.next()
		if err != nil || problem != nil {
			return fields, line, problem, err
		}
		for _, f := range fields {
			if strings.TrimSpace(f) != "" {
				return fields, line, nil, nil
			}
		}
	}
}

func (s *records) next() ([]string, int, *Problem, error) {
	for {
		used, lines, state := s.scan()
		if state == scanMore && !s.eof && s.end-s.at < s.o.Limits.RecordBytes {
			if s.at > 0 {
				s.end = copy(s.buf, s.buf[s.at:s.end])
				s.at = 0
			}
			if s.end == len(s.buf) {
				s.buf = append(s.buf, make([]byte, len(s.buf))...)
			}
			if err := s.fill(); err != nil {
				return nil, s.line, nil, err
			}
			continue
		}
		line := s.line
		var problem *Problem
		switch {
		case state == scanMore && s.at == s.end:
			return nil, line, nil, io.EOF
		case state == scanDone && used <= s.o.Limits.RecordBytes:
			s.at += used
			s.line += lines
			return s.fields(), line, nil, nil
		case state == scanWide:
			problem = &Problem{Rule: "too-many-columns", Advice: fmt.Sprintf("a row may have %d fields", s.o.Limits.Columns)}
		case state != scanDone && bytes.IndexByte(s.buf[s.at:s.end], '"') >= 0:
			problem = &Problem{
				Rule:   "unclosed-quote",
				Advice: "a quotation mark opens here and does not close; the line was left out and reading went on with the next",
			}
		default:
			problem = &Problem{Rule: "row-too-long", Advice: fmt.Sprintf("a row may have %d bytes", s.o.Limits.RecordBytes)}
		}
		value, err := s.skipLine()
		problem.Value = value
		return nil, line, problem, err
	}
}

// skipLine drops the rest of the physical line, however long, and gives its beginning as text.
func (s *records) skipLine() (string, error) {
	raw := s.buf[s.at:s.end]
	head := raw[:min(len(raw), 200)]
	if n := bytes.IndexByte(head, '\n'); n >= 0 {
		head = head[:n]
	}
	text, _ := decode(head)
	s.line++
	for {
		if n := bytes.IndexByte(s.buf[s.at:s.end], '\n'); n >= 0 {
			s.at += n + 1
			return text, nil
		}
		s.at, s.end = 0, 0
		if s.eof {
			return text, nil
		}
		if err := s.fill(); err != nil {
			return text, err
		}
	}
}

type scanState uint8

const (
	scanDone scanState = iota
	scanMore           // the buffer ends inside the row
	scanWide           // too many columns
	scanOpen           // a quoted field spans too many lines
)

// scan reads one row at s.at into scratch and ends without consuming it.
func (s *records) scan() (used, lines int, state scanState) {
	s.scratch, s.ends = s.scratch[:0], s.ends[:0]
	b := s.buf[s.at:s.end]
	i := 0
	if len(b) == 0 {
		return 0, 0, scanMore
	}
	for {
		if len(s.ends) >= s.o.Limits.Columns {
			return 0, 0, scanWide
		}
		// One field. ="…" is quoted too: the equals sign is what spreadsheets put before text-typed numbers.
		start := i
		if i+1 < len(b) && b[i] == '=' && b[i+1] == '"' {
			i++
		}
		if i < len(b) && b[i] == '"' {
			n, l, closed := s.quoted(b[i:])
			if l > s.o.Limits.QuotedLines {
				return 0, 0, scanOpen
			}
			if !closed {
				return 0, 0, scanMore
			}
			i += n
			lines += l
		} else {
			i = start
		}
		from := i
		for i < len(b) && b[i] != s.delimiter && b[i] != '\n' && b[i] != '\r' {
			i++
		}
		s.scratch = append(s.scratch, b[from:i]...)
		s.ends = append(s.ends, len(s.scratch))
		if i == len(b) {
			if !s.eof {
				return 0, 0, scanMore
			}
			return i, lines, scanDone
		}
		switch b[i] {
		case s.delimiter:
			i++
			continue
		case '\r':
			if i+1 == len(b) && !s.eof {
				return 0, 0, scanMore
			}
			if i+1 < len(b) && b[i+1] == '\n' {
				i++
			}
		}
		return i + 1, lines + 1, scanDone
	}
}

// quoted reads from an opening quotation mark to the closing one. Two in a row stand for one; one that is not
// followed by a delimiter or the end of the line is taken literally, as in "Kita "Sonnenschein" e. V.".
func (s *records) quoted(b []byte) (n, lines int, closed bool) {
	for i := 1; i < len(b); i++ {
		c := b[i]
		if c == '\n' {
			if lines++; lines > s.o.Limits.QuotedLines {
				return i, lines, false
			}
		}
		if c != '"' {
			s.scratch = append(s.scratch, c)
			continue
		}
		if i+1 == len(b) {
			return i + 1, lines, s.eof
		}
		switch b[i+1] {
		case s.delimiter, '\n', '\r':
			return i + 1, lines, true
		case '"':
			i++
		}
		s.scratch = append(s.scratch, '"')
	}
	return len(b), lines, false
}

func (s *records) fields() []string {
	out := make([]string, len(s.ends))
	if utf8.Valid(s.scratch) {
		text := string(s.scratch)
		from := 0
		for i, to := range s.ends {
			out[i] = text[from:to]
			from = to
		}
		return out
	}
	s.foreign++
	from := 0
	for i, to := range s.ends {
		out[i], _ = decode(s.scratch[from:to])
		from = to
	}
	return out
}

// decode reads bytes as UTF-8 where they are, else as Windows-1252, which holds all of ISO-8859-1's letters.
func decode(b []byte) (text string, foreign bool) {
	if utf8.Valid(b) {
		return string(b), false
	}
	out := make([]rune, len(b))
	for i, c := range b {
		out[i] = charmap.Windows1252.DecodeByte(c)
	}
	return string(out), true
}

func (s *records) encoding() string {
	switch {
	case s.utf16:
		return "utf-16"
	case s.foreign > 0:
		return "windows-1252"
	}
	return "utf-8"
}

func (s *records) decimalComma() bool { return s.comma }
