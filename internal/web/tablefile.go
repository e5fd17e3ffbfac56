package web

import (
	"bytes"
	"encoding/csv"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"gevor/fault"
)

// asked answers with the list as a file where the query asks for one ("as"), all pages of it, narrowed and ordered as
// on the page. It says whether it answered.
func (s *sheet[T]) asked(p *page) (bool, error) {
	as := p.first("as")
	if as == "" {
		return false, nil
	}
	rows, _, err := s.ask(p)
	if err != nil {
		return false, err
	}
	var kind string
	var body []byte
	switch as {
	case "csv":
		kind = "text/csv; charset=utf-8"
		body, err = s.csv(p, rows)
	case "xlsx":
		kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		body, err = s.xlsx(p, rows)
	default:
		return false, fault.New(fault.Invalid, "as", "there is no such file", "choose CSV or Excel")
	}
	if err != nil {
		return false, fault.Wrap(fault.Internal, s.Name, "the list cannot be written as a file", "try again", err)
	}
	h := p.res.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+fileName(s.Name)+"."+as+`"`)
	h.Set("Cache-Control", "private, no-store")
	h.Del("ETag")
	p.res.WriteHeader(http.StatusOK)
	_, err = p.res.Write(body)
	return true, ignoreGone(p.req.Context(), err)
}

// kept are the columns that a file holds: all but those that hold only buttons.
func (s *sheet[T]) kept() []*column[T] {
	var out []*column[T]
	for k := range s.Columns {
		if !s.Columns[k].Hidden {
			out = append(out, &s.Columns[k])
		}
	}
	return out
}

// csv writes rows the way a German Excel opens them by a double click: UTF-8 with a mark, semicolons, and for numbers
// the comma of the page's language.
func (s *sheet[T]) csv(p *page, rows []T) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.Comma, w.UseCRLF = ';', true
	columns := s.kept()
	line := make([]string, len(columns))
	for k, c := range columns {
		line[k] = harmless(c.Label)
	}
	if err := w.Write(line); err != nil {
		return nil, err
	}
	for _, row := range rows {
		for k, c := range columns {
			if c.Number != nil {
				line[k] = plainNumber(c.Number(row), p.Lang())
			} else {
				line[k] = harmless(c.text(p, row))
			}
		}
		if err := w.Write(line); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// plainNumber writes a number without grouping, with the decimal sign of the language; nothing where it is not known.
func plainNumber(x float64, lang string) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return ""
	}
	s := strconv.FormatFloat(x, 'f', -1, 64)
	if lang == "de" {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}

// xlsx writes rows as a workbook: numbers as numbers, everything else as text that is never a formula.
func (s *sheet[T]) xlsx(p *page, rows []T) (raw []byte, err error) {
	f := excelize.NewFile()
	defer f.Close()
	const name = "Sheet1"
	w, err := f.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	columns := s.kept()
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	line := make([]any, len(columns))
	for k, c := range columns {
		line[k] = excelize.Cell{StyleID: bold, Value: c.Label}
	}
	if err := w.SetColWidth(1, max(1, len(columns)), 24); err != nil {
		return nil, err
	}
	if err := w.SetRow("A1", line); err != nil {
		return nil, err
	}
	for i, row := range rows {
		for k, c := range columns {
			line[k] = nil
			if c.Number == nil {
				line[k] = c.text(p, row)
			} else if x := c.Number(row); !math.IsNaN(x) && !math.IsInf(x, 0) {
				line[k] = x
			}
		}
		if err := w.SetRow("A"+strconv.Itoa(i+2), line); err != nil {
			return nil, err
		}
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = f.Write(&out)
	return out.Bytes(), err
}

// fileName keeps what is safe in the name of a download.
func fileName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '-'
	}, s)
	if s = strings.Trim(s, "-"); s == "" {
		return "liste"
	}
	return s
}
