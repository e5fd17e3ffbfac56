package intake

import (
	"fmt"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"gevor/fault"
)

// Mapping says how to read the sheet of an office: which of its columns hold what. It is written as TOML:
//
//	[columns]
//	id = "Nr."
//	name = "Angebot"
//	provider = "Träger"
//	street = ["Straße", "Hausnummer"]   # several columns are put together
//
//	[kinds]
//	"Schulden" = "schuldnerberatung"     # their word, our concept
//
//	[fixed]
//	city = "Musterstadt"                 # what holds for all lines
type Mapping struct {
	Columns map[string]Columns `toml:"columns"`
	Kinds   map[string]string  `toml:"kinds"`
	Fixed   map[string]string  `toml:"fixed"`
	// Lists is what stands between several values of one cell; comma and semicolon where empty.
	Lists string `toml:"lists"`
	// GermanDates takes 31.12.2025 for a date. Without it such a date is flagged: in other sheets the month comes first.
	GermanDates bool `toml:"german_dates"`
	// Sheet is the name of the sheet in a workbook; the first one where empty.
	Sheet string `toml:"sheet"`
	// Header is the row that holds the names of the columns, 1-based; the first one that is not blank where 0.
	Header int `toml:"header"`
	// Delimiter of a CSV file; found out where empty.
	Delimiter string `toml:"delimiter"`
}

// Columns are the names of one or several columns.
type Columns []string

// UnmarshalTOML reads one name or a list of names.
func (c *Columns) UnmarshalTOML(v any) error {
	switch x := v.(type) {
	case string:
		*c = Columns{x}
		return nil
	case []any:
		for _, e := range x {
			s, ok := e.(string)
			if !ok {
				return fault.New(fault.Invalid, "columns", "a column is no text", "write its name in quotes")
			}
			*c = append(*c, s)
		}
		return nil
	}
	return fault.New(fault.Invalid, "columns", "a column is no text", "write its name in quotes")
}

// SheetFields names what a column can hold.
func SheetFields() []string {
	return []string{
		"id", "name", "summary", "description", "provider", "legal", "street", "postcode", "city", "lon", "lat", "phone", "email", "website", "booking", "hours", "languages",
		"kinds", "insurance", "cost", "cost_text", "conditions", "min_age", "max_age", "access", "capacity", "capacity_on", "step_free", "area", "confirmed",
	}
}

// ReadMapping reads a mapping; file names it in what is said about it. Words that mean nothing are refused, so that a slip is
// not taken for a column that is absent.
func ReadMapping(file, text string) (Mapping, error) {
	var m Mapping
	meta, err := toml.Decode(text, &m)
	if err != nil {
		return m, fault.Wrap(fault.Invalid, file, "this is no mapping: "+firstLine(err.Error()), "see the handbook for an example", err)
	}
	if left := meta.Undecoded(); len(left) > 0 {
		return m, fault.New(fault.Invalid, file, fmt.Sprintf("%q is not known", left[0]), "the parts are columns, kinds, fixed, lists, german_dates, sheet, header and delimiter")
	}
	if len(m.Columns) == 0 {
		return m, fault.New(fault.Invalid, file, "no column is named", "write [columns] and below it lines like name = \"Angebot\"")
	}
	known := SheetFields()
	for _, fields := range []map[string]bool{keysOf(m.Columns), keysOf(m.Fixed)} {
		for f := range fields {
			if !slices.Contains(known, f) {
				return m, fault.New(fault.Invalid, file, fmt.Sprintf("there is no field %q", f), "the fields are "+strings.Join(known, ", "))
			}
		}
	}
	if len(m.Columns["name"]) == 0 {
		return m, fault.New(fault.Invalid, file, "no column holds the name", "write name = \"…\" under [columns]")
	}
	if len(m.Delimiter) > 1 || m.Header < 0 {
		return m, fault.New(fault.Invalid, file, "delimiter or header cannot be", "the delimiter is one sign, the header a row from 1 on")
	}
	return m, nil
}

func keysOf[T any](m map[string]T) map[string]bool {
	out := make(map[string]bool, len(m))
	for k := range m {
		out[k] = true
	}
	return out
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}
