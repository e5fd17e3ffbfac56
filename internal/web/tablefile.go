package web

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
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
	err = p.giveGrid(s.Name, as, s.grid(p, rows))
	return err == nil, err
}

// grid holds what a file holds of a list: all columns but those that hold only buttons.
func (s *sheet[T]) grid(p *page, rows []T) grid {
	var g grid
	for k := range s.Columns {
		if !s.Columns[k].Hidden {
			g.head = append(g.head, s.Columns[k].Label)
		}
	}
	for _, row := range rows {
		line := make([]any, 0, len(g.head))
		for k := range s.Columns {
			switch c := &s.Columns[k]; {
			case c.Hidden:
			case c.Number != nil:
				line = append(line, c.Number(row))
			default:
				line = append(line, c.text(p, row))
			}
		}
		g.rows = append(g.rows, line)
	}
	return g
}

// grid is a table as files hold it: every cell is a text (string) or a number (float64; NaN where it is not known).
type grid struct {
	head []string
	rows [][]any
}

// giveGrid sends a table as "csv" or "xlsx"; Invalid for any other kind of file.
func (p *page) giveGrid(name, as string, g grid) error {
	var kind string
	var body []byte
	var err error
	switch as {
	case "csv":
		kind = "text/csv; charset=utf-8"
		body, err = g.csv(p.Lang())
	case "xlsx":
		kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		body, err = g.xlsx()
	default:
		return fault.New(fault.Invalid, "as", "there is no such file", "choose CSV or Excel")
	}
	if err != nil {
		return fault.Wrap(fault.Internal, name, "the list cannot be written as a file", "try again", err)
	}
	h := p.res.Header()
	h.Set("Cache-Control", "private, no-store")
	h.Del("ETag")
	return p.give(kind, fileName(name)+"."+as, body)
}

// csv writes a table the way a German Excel opens it by a double click: UTF-8 with a mark, semicolons, and for numbers
// the comma of the language.
func (g grid) csv(lang string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.Comma, w.UseCRLF = ';', true
	line := make([]string, len(g.head))
	for k, label := range g.head {
		line[k] = harmless(label)
	}
	if err := w.Write(line); err != nil {
		return nil, err
	}
	for _, row := range g.rows {
		for k, cell := range row {
			if x, ok := cell.(float64); ok {
				line[k] = plainNumber(x, lang)
			} else {
				line[k] = harmless(fmt.Sprint(cell))
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

// xlsx writes a table as a workbook: numbers as numbers, everything else as text that is never a formula.
func (g grid) xlsx() (raw []byte, err error) {
	f := excelize.NewFile()
	defer f.Close()
	const name = "Sheet1"
	w, err := f.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	line := make([]any, len(g.head))
	for k, label := range g.head {
		line[k] = excelize.Cell{StyleID: bold, Value: label}
	}
	if err := w.SetColWidth(1, max(1, len(g.head)), 24); err != nil {
		return nil, err
	}
	if err := w.SetRow("A1", line); err != nil {
		return nil, err
	}
	for i, row := range g.rows {
		for k, cell := range row {
			line[k] = cell
			if x, ok := cell.(float64); ok && (math.IsNaN(x) || math.IsInf(x, 0)) {
				line[k] = nil
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
