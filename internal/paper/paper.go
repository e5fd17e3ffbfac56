// Package paper writes what a page shows as a document that offices go on working with: a Word file (DOCX) of headings,
// paragraphs, tables and pictures. The same content gives the same bytes.
package paper

import (
	"io"
	"os"
	"path/filepath"

	"github.com/gomutex/godocx"
	"github.com/gomutex/godocx/common/units"
	"github.com/gomutex/godocx/docx"
	"github.com/gomutex/godocx/wml/stypes"

	"gevor/fault"
)

// Document is what is written, from top to bottom.
type Document struct {
	Title string
	Parts []Part
}

// Part is one of Heading, Text, Table and Picture.
type Part interface {
	write(*docx.RootDoc, string) error
}

// Heading opens a section; Level is 1 for the largest below the title.
type Heading struct {
	Level int
	Text  string
}

// Text is a paragraph. Quiet ones are set small, for sources and remarks.
type Text struct {
	Text  string
	Quiet bool
}

// Table has a head and rows of as many cells. Numbers stand to the right in the columns that Numeric names.
type Table struct {
	Head    []string
	Rows    [][]string
	Numeric []bool
}

// Picture is a PNG that is set as wide as the text, with what it shows in words below it.
type Picture struct {
	PNG           []byte
	Width, Height int // of the PNG, in pixels
	Caption       string
}

// textWidth is how wide the text of a page is, in inches.
const textWidth = 6.0

// WriteDOCX writes a document.
func WriteDOCX(w io.Writer, d Document) (err error) {
	root, err := godocx.NewDocument()
	if err != nil {
		return failed(err)
	}
	dir, err := os.MkdirTemp("", "gevor-paper-") // pictures come into a document by their path
	if err != nil {
		return failed(err)
	}
	defer func() {
		if gone := os.RemoveAll(dir); err == nil && gone != nil {
			err = failed(gone)
		}
	}()
	if _, err := root.AddHeading(d.Title, 0); err != nil {
		return failed(err)
	}
	for _, p := range d.Parts {
		if err := p.write(root, dir); err != nil {
			return failed(err)
		}
	}
	if err := root.Write(w); err != nil {
		return failed(err)
	}
	return nil
}

func failed(err error) error {
	return fault.Wrap(fault.Internal, "document", "cannot be written", "try again", err)
}

func (h Heading) write(root *docx.RootDoc, _ string) error {
	_, err := root.AddHeading(h.Text, uint(min(max(h.Level, 1), 9)))
	return err
}

func (t Text) write(root *docx.RootDoc, _ string) error {
	run := root.AddEmptyParagraph().AddText(t.Text)
	if t.Quiet {
		run.Size(8)
	}
	return nil
}

func (t Table) write(root *docx.RootDoc, _ string) error {
	table := root.AddTable()
	table.Style("TableGrid")
	line := func(cells []string, bold bool) {
		row := table.AddRow()
		for k, text := range cells {
			p := row.AddCell().AddEmptyPara()
			if k < len(t.Numeric) && t.Numeric[k] {
				p.Justification(stypes.JustificationRight)
			}
			p.AddText(text).Bold(bold).Size(9)
		}
	}
	line(t.Head, true)
	for _, r := range t.Rows {
		line(r, false)
	}
	root.AddEmptyParagraph()
	return nil
}

func (p Picture) write(root *docx.RootDoc, dir string) error {
	path := filepath.Join(dir, "picture.png")
	if err := os.WriteFile(path, p.PNG, 0o600); err != nil {
		return err
	}
	if _, err := root.AddPicture(path, textWidth, units.Inch(textWidth*float64(p.Height)/float64(max(1, p.Width)))); err != nil {
		return err
	}
	root.AddEmptyParagraph().AddText(p.Caption).Italic(true).Size(9)
	return nil
}
