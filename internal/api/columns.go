package api

import (
	"fmt"
	"strconv"
	"strings"

	"gevor/directory"
)

// column is one of the columns of the downloads.
type column struct {
	name string
	of   func(f *fileRow) string
}

// fileRow is a line of a download: a service at one of its places, or without a place.
type fileRow struct {
	x  *exchange
	it *item
	at int // -1 where it has no place
}

func (f *fileRow) location() *directory.Location {
	if f.at < 0 {
		return &directory.Location{}
	}
	return &f.it.rec.Locations[f.at]
}

// said writes a text in German, or in what language there is.
func said(t directory.Texts) string {
	s, _ := t.In("de")
	return s
}

func columns() []column {
	r := func(of func(r *directory.Record) string) func(*fileRow) string {
		return func(f *fileRow) string { return of(&f.it.rec) }
	}
	degrees := func(f *fileRow, of func(*directory.Location) float64) string {
		l := f.location()
		if l.At == nil {
			return ""
		}
		return strconv.FormatFloat(of(l), 'f', 6, 64)
	}
	return []column{
		{"id", func(f *fileRow) string { return f.it.name }},
		{"name", r(func(r *directory.Record) string { return said(r.Name) })},
		{"traeger", r(func(r *directory.Record) string { return r.Provider.Name })},
		{"kurz", r(func(r *directory.Record) string { return said(r.Summary) })},
		{"beschreibung", r(func(r *directory.Record) string { return said(r.Description) })},
		{"arten", func(f *fileRow) string { return strings.Join(f.it.rec.Kinds, ", ") }},
		{"arten_text", func(f *fileRow) string { return f.kinds() }},
		{"strasse", func(f *fileRow) string { return f.location().Street }},
		{"plz", func(f *fileRow) string { return f.location().Postcode }},
		{"ort", func(f *fileRow) string { return f.location().City }},
		{"laenge", func(f *fileRow) string { return degrees(f, func(l *directory.Location) float64 { return l.At.Lon }) }},
		{"breite", func(f *fileRow) string { return degrees(f, func(l *directory.Location) float64 { return l.At.Lat }) }},
		{"stufenlos", func(f *fileRow) string { return threes[f.location().StepFree] }},
		{"zeiten", func(f *fileRow) string { return f.hours() }},
		{"telefon", func(f *fileRow) string {
			return f.contact(func(c directory.Contact) string { return c.Phone }, f.it.rec.Provider.Phone)
		}},
		{"e_mail", func(f *fileRow) string {
			return f.contact(func(c directory.Contact) string { return c.Email }, f.it.rec.Provider.Email)
		}},
		{"webseite", r(func(r *directory.Record) string { return r.Website })},
		{"termin", r(func(r *directory.Record) string { return r.Booking })},
		{"sprachen", r(func(r *directory.Record) string {
			return joined(r.Languages, func(l directory.Language) string { return l.Tag })
		})},
		{"alter_ab", r(func(r *directory.Record) string { return positive(r.For.MinAge) })},
		{"alter_bis", r(func(r *directory.Record) string { return positive(r.For.MaxAge) })},
		{"bedingungen", r(func(r *directory.Record) string { return said(r.For.Conditions) })},
		{"versicherung", r(func(r *directory.Record) string {
			return joined(r.Insurance, func(i directory.Insurance) string { return string(i) })
		})},
		{"kosten", r(func(r *directory.Record) string { return string(r.Cost) })},
		{"zugang", r(func(r *directory.Record) string {
			return joined(r.Access, func(a directory.Access) string { return string(a) })
		})},
		{"bestaetigt", func(f *fileRow) string {
			t := f.it.rec.TrustAt(directory.Whole, f.it.rec.Confirmations, f.x.a.o.Now())
			if t.Confirmed.IsZero() {
				return ""
			}
			return t.Confirmed.In(f.x.a.zone).Format("2006-01-02")
		}},
		{"geaendert", func(f *fileRow) string { return f.it.modified.In(f.x.a.zone).Format("2006-01-02") }},
	}
}

var threes = [...]string{directory.Unknown: "", directory.Yes: "ja", directory.No: "nein"}

func positive(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func joined[T any](xs []T, of func(T) string) string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = of(x)
	}
	return strings.Join(out, ", ")
}

func (f *fileRow) kinds() string {
	return joined(f.it.rec.Kinds, func(k string) string {
		label, _, _ := f.x.a.o.Vocabulary.Label(k, "de")
		return label
	})
}

func (f *fileRow) contact(of func(directory.Contact) string, otherwise string) string {
	if f.at >= 0 {
		for _, c := range f.it.rec.Places[f.at].Contacts {
			if s := of(c); s != "" {
				return s
			}
		}
	}
	return otherwise
}

var shortDays = [...]string{"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"}

func (f *fileRow) hours() string {
	if f.at < 0 {
		return ""
	}
	h := f.it.rec.Places[f.at].Hours
	if h.Always {
		return "rund um die Uhr"
	}
	return joined(h.Slots, func(s directory.Slot) string {
		out := fmt.Sprintf("%s %02d:%02d-%02d:%02d", shortDays[s.Day], s.From/60, s.From%60, s.To/60%24, s.To%60)
		if s.Weeks != 0 {
			var on []string
			for n := 1; n <= 5; n++ {
				if s.Weeks&directory.OnlyWeek(n) != 0 {
					on = append(on, strconv.Itoa(n)+".")
				}
			}
			out += " (" + strings.Join(on, " ") + " im Monat)"
		}
		if s.ByCall {
			out += " (nach Vereinbarung)"
		}
		return out
	})
}

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
