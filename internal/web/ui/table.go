package ui

import "github.com/a-h/templ"

// Table is a list that people read, sort, narrow, leaf through and take with them, all by plain links and forms.
type Table struct {
	Caption string
	// CaptionHidden keeps the caption for screen readers, where a heading says the same.
	CaptionHidden bool
	Columns       []Column
	Rows          []Row
	Filter        *Filter // nil where there is nothing to narrow
	Status        string  // how many lines there are, in words
	Exports       []Link
	Pager         Pager // shown where it has a Status
	// EmptyTitle and EmptyText say that there is nothing, or nothing that fits.
	EmptyTitle, EmptyText string
}

// Column is the head of one column. With Href it sorts.
type Column struct {
	Label   string
	Href    templ.SafeURL
	Dir     string // "ascending", "descending" or empty
	Numeric bool
	// Hidden keeps the label for screen readers, for example above buttons.
	Hidden bool
}

// Row is one line. Its first cell names it.
type Row struct{ Cells []Cell }

// Cell is one value. Text is shown, and leads to Href where that is set; Show takes its place where it is set.
type Cell struct {
	Text string
	Href templ.SafeURL
	Sub  string // a second, quieter line
	Show templ.Component
	// Number is what files hold in place of the text; nil where that is no number.
	Number *float64
}

// Filter is the form above a table.
type Filter struct {
	Action templ.SafeURL
	Label  string
	Fields []Input // with Options a choice, otherwise text
	Keep   []Pair  // query values that stay: the order of the rows
	Reset  templ.SafeURL
	Active bool // something is narrowed
}
