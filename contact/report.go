package contact

import (
	"cmp"
	_ "embed" // the built-in forms
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"gevor/fault"
)

//go:embed forms.toml
var builtIn string

// Dimension is what the rows or columns of a report are.
type Dimension string

// The dimensions: those of facets, and these.
const (
	ByMonth    Dimension = "month"
	ByNeed     Dimension = "need"
	ByReason   Dimension = "reason"
	ByDistrict Dimension = "district"
)

// Form is how somebody wants own figures to be laid out: a funder, a council, a team.
type Form struct {
	Key     string            `toml:"key"`
	Name    map[string]string `toml:"name"` // by language
	Rows    Dimension         `toml:"rows"`
	Columns Dimension         `toml:"columns"` // empty for one column
	Unmet   bool              `toml:"unmet"`   // only needs that stayed open
}

// In gives the name in a language, or the German one.
func (f Form) In(lang string) string { return cmp.Or(f.Name[lang], f.Name["de"], f.Key) }

// UsualForms gives the built-in forms.
func UsualForms() ([]Form, error) { return ReadForms("built-in", builtIn) }

// ReadForms reads forms from a TOML text of [[form]] tables with key, name = { de, en }, rows, columns and unmet; file is
// its name for messages. Invalid where one asks for what the figures do not hold: facets are counted by month alone.
func ReadForms(file, text string) ([]Form, error) {
	wrong := func(what, advice string) ([]Form, error) { return nil, fault.New(fault.Invalid, file, what, advice) }
	var all struct {
		Form []Form `toml:"form"`
	}
	meta, err := toml.Decode(text, &all)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, file, "is no TOML", err.Error(), err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return wrong("unknown key "+unknown[0].String(), "there are: key, name, rows, columns, unmet")
	}
	if len(all.Form) == 0 {
		return wrong("holds no form", "write at least one [[form]]")
	}
	seen := map[string]bool{}
	for _, f := range all.Form {
		switch {
		case !code(f.Key) || seen[f.Key]:
			return wrong("the key "+f.Key+" is missing, doubled or no key", "use a–z, digits and hyphens")
		case f.Name["de"] == "":
			return wrong("the form "+f.Key+" has no German name", "write name = { de = \"…\" }")
		case !f.sound():
			return wrong("the form "+f.Key+" asks for what the figures do not hold", "rows and columns: need, reason and district among each other or by month; kind, duration, language, situation and deed by month; unmet with the former")
		}
		seen[f.Key] = true
	}
	return all.Form, nil
}

func (d Dimension) ofNeeds() bool { return d == ByNeed || d == ByReason || d == ByDistrict }

func (d Dimension) facet() bool { return slices.Contains(Facets(), Facet(d)) }

func (f Form) sound() bool {
	rows, columns := f.Rows, f.Columns
	if rows == ByMonth {
		rows, columns = columns, rows
	}
	switch {
	case rows.ofNeeds():
		return columns == "" || columns == ByMonth || columns.ofNeeds() && columns != rows
	case rows.facet():
		return !f.Unmet && (columns == "" || columns == ByMonth)
	}
	return false
}

// Report is a form that is filled in: Cells[r][c] for Rows[r] and Columns[c]. Without columns each row has one cell.
type Report struct {
	Rows, Columns []string
	Cells         [][]int
	Total         int
}

// Fill lays figures out. Rows and columns are in order of their codes; months that lie between others are not made up.
func (f Figures) Fill(form Form) Report {
	cells := map[[2]string]int{}
	rows, columns := map[string]bool{}, map[string]bool{}
	add := func(at func(Dimension) string, times int) {
		r, c := at(form.Rows), ""
		if form.Columns != "" {
			c = at(form.Columns)
		}
		rows[r], columns[c] = true, true
		cells[[2]string{r, c}] += times
	}
	if form.Rows.facet() || form.Columns.facet() {
		for _, s := range f.Shares {
			if Dimension(s.Facet) == form.Rows || Dimension(s.Facet) == form.Columns {
				add(func(d Dimension) string {
					if d == ByMonth {
						return s.Month
					}
					return s.Code
				}, s.Times)
			}
		}
	} else {
		for _, c := range f.Counts {
			if (form.Unmet || form.Rows == ByReason || form.Columns == ByReason) && c.Reason == Met {
				continue
			}
			add(func(d Dimension) string {
				switch d {
				case ByMonth:
					return c.Week.Month()
				case ByNeed:
					return c.Need
				case ByReason:
					return string(c.Reason)
				}
				return c.District
			}, c.Times)
		}
	}
	out := Report{Rows: sorted(rows), Columns: sorted(columns)}
	for _, r := range out.Rows {
		line := make([]int, len(out.Columns))
		for i, c := range out.Columns {
			line[i] = cells[[2]string{r, c}]
			out.Total += line[i]
		}
		out.Cells = append(out.Cells, line)
	}
	return out
}

func sorted(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	slices.SortFunc(out, strings.Compare)
	return out
}
