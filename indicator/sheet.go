package indicator

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"gevor/fault"
	"gevor/notice"
	"gevor/tabular"
)

// The bounds of a table: municipal statistics are small, and what is larger is none.
const (
	mostBytes    = 64 << 20
	mostRows     = 500_000
	mostUnpacked = 256 << 20
	mostXML      = 16 << 20
)

// sheet is a table of texts with the place of each line.
type sheet struct {
	file     string
	workbook bool
	names    []string
	rows     []line
	comma    bool // decimal commas
	merged   []string
}

type line struct {
	number int
	cells  []string
}

func (l line) text(i int) string {
	if i < 0 || i >= len(l.cells) {
		return ""
	}
	return l.cells[i]
}

// cell names a field for messages: C7 of a workbook; of a text the line stands in the notice, and the column is named.
func (s *sheet) cell(l line, column int) string {
	name, err := excelize.CoordinatesToCellName(column+1, l.number)
	if err != nil {
		return fmt.Sprintf("column %d, line %d", column+1, l.number)
	}
	return name
}

// openSheet reads a table of a folder: CSV in any of the forms of package tabular, or XLSX by its ending.
func openSheet(folder fs.FS, e *Entry, notes *notice.List) (*sheet, error) {
	return readTable(folder, e.File, e.Sheet, e.HeaderRow, notes)
}

func readTable(folder fs.FS, name, tab string, header int, notes *notice.List) (*sheet, error) {
	info, err := fs.Stat(folder, name)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, name, "the file is not there", "check the name in "+CatalogueFile, err)
	}
	if info.Size() > mostBytes {
		return nil, fault.New(fault.TooLarge, name, "the file is larger than 64 MiB", "give aggregates, not single records")
	}
	in, err := folder.Open(name)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, name, "the file cannot be opened", "check its rights", err)
	}
	defer in.Close()
	return sheetFrom(in, name, tab, header, notes)
}

// sheetFrom reads a table: a workbook where its name says so, else a text.
func sheetFrom(in io.Reader, name, tab string, header int, notes *notice.List) (*sheet, error) {
	if strings.HasSuffix(strings.ToLower(name), ".xlsx") {
		return readWorkbook(in, name, tab, header)
	}
	return readText(in, name, header, notes)
}

func readText(in io.Reader, name string, header int, notes *notice.List) (*sheet, error) {
	t, err := tabular.Open(in, tabular.Options{File: name, Notes: notes, HeaderRow: header, Limits: tabular.Limits{Rows: mostRows}})
	if err != nil {
		return nil, err
	}
	s := &sheet{file: name, names: t.Names(), comma: t.Numbers().Comma}
	return s, t.Each(func(r tabular.Row) *tabular.Problem {
		l := line{number: r.Line, cells: make([]string, len(s.names))}
		for i := range l.cells {
			l.cells[i] = r.Text(i)
		}
		s.rows = append(s.rows, l)
		return nil
	})
}

func readWorkbook(in io.Reader, name, tab string, header int) (s *sheet, err error) {
	book, err := excelize.OpenReader(in, excelize.Options{UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: mostXML, RawCellValue: true})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, name, "this is no workbook that can be read", "save it again as XLSX, without a password, or as CSV", err)
	}
	defer func() {
		if broken := book.Close(); err == nil && broken != nil {
			err = fault.Wrap(fault.Internal, name, "temporary files could not be removed", "", broken)
		}
	}()
	if tab == "" {
		tab = book.GetSheetName(0)
	}
	rows, err := book.GetRows(tab)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, name, fmt.Sprintf("there is no sheet %q", tab), "the sheets are "+strings.Join(book.GetSheetList(), ", "), err)
	}
	if len(rows) > mostRows {
		return nil, fault.New(fault.TooLarge, name, "the sheet has more than 500,000 lines", "give aggregates, not single records")
	}
	s = &sheet{file: name, workbook: true}
	header = max(header, 1)
	for i, cells := range rows {
		for k := range cells {
			cells[k] = tabular.Unwrap(strings.TrimSpace(cells[k]))
		}
		blank := !slices.ContainsFunc(cells, func(c string) bool { return c != "" })
		switch {
		case blank || i+1 < header:
		case s.names == nil:
			s.names = cells
		default:
			s.rows = append(s.rows, line{i + 1, cells})
		}
	}
	if s.names == nil {
		return nil, invalid(name, "the sheet has no header line", "write the names of the columns in the first line, or give header_row")
	}
	merged, err := book.GetMergeCells(tab)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, name, "the sheet's merged cells cannot be read", "save the workbook again", err)
	}
	for _, m := range merged {
		s.merged = append(s.merged, m.GetStartAxis()+":"+m.GetEndAxis())
	}
	return s, nil
}

// column finds a column by its name, whatever the case.
func (s *sheet) column(name string) (int, error) {
	if name == "" {
		return -1, nil
	}
	k := slices.IndexFunc(s.names, func(n string) bool {
		return strings.EqualFold(strings.Join(strings.Fields(n), " "), strings.Join(strings.Fields(name), " "))
	})
	if k < 0 {
		return 0, fault.New(fault.Invalid, s.file, fmt.Sprintf("no column %q", name), "there are: "+strings.Join(s.names, ", "))
	}
	return k, nil
}
