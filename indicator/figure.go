package indicator

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"gevor/notice"
	"gevor/tabular"
)

// excelDay says which day a spreadsheet's number of 1950 to 2100 stands for.
func excelDay(text string) (string, bool) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n < 18_264 || n > 73_051 || len(strings.TrimSuffix(text, ".0")) != 5 {
		return "", false
	}
	return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n)).Format(time.DateOnly), true
}

// number reads a figure. Counts are not below 0.
func (r *reading) number(l line, column int, signed bool) (Value, *notice.Notice) {
	text := l.text(column)
	r.sign(l, column, text)
	v, how := r.numbers.Parse(text)
	switch {
	case how == tabular.Unreadable:
		n := r.note(l, column, text, "no-number", "a number is expected, or a mark such as – for zero, . for secret, x for none; say in "+CatalogueFile+" under markers what others mean")
		return Value{}, &n
	case how == tabular.Ambiguous && r.told[column]:
		n := r.note(l, column, text, "ambiguous-number", "the column writes both decimal commas and points, so that this can be read two ways; write it without points between thousands")
		return Value{}, &n
	case v.Number < 0 && !signed:
		n := r.note(l, column, text, "negative-number", "counts are not below zero; give the figure as it was counted")
		return Value{}, &n
	case how == tabular.Ambiguous:
		n := r.note(l, column, text, "ambiguous-number", fmt.Sprintf("read as %s; write it without points between thousands", strconv.FormatFloat(v.Number, 'f', -1, 64)))
		n.Severity = notice.Warning
		r.notes.Add(n)
	case how == tabular.Uncertain:
		n := r.note(l, column, text, "uncertain-number", "its publisher calls the number unreliable; it is read as it stands")
		n.Severity = notice.Info
		r.notes.Add(n)
	}
	switch v.Flag {
	case tabular.Known:
		return Of(v.Number), nil
	case tabular.Zero:
		return Of(0), nil
	case tabular.Suppressed:
		return Value{Kind: Suppressed}, nil
	case tabular.Missing:
	}
	return Value{}, nil
}

// sign remembers how a column writes decimals, and speaks up where it does so in two ways.
func (r *reading) sign(l line, column int, text string) {
	i := strings.IndexAny(text, ".,")
	if i <= 0 || i != strings.LastIndexAny(text, ".,") || len(text)-i-1 == 3 || i == len(text)-1 || r.told[column] {
		return // no sign, several, one that may part thousands, or a mark such as "."
	}
	seen := r.signs[column]
	at := 0
	if text[i] == ',' {
		at = 1
	}
	if seen[at] == "" {
		seen[at] = r.cell(l, column)
		r.signs[column] = seen
	}
	if seen[0] != "" && seen[1] != "" {
		r.told[column] = true
		n := r.note(l, column, text, "mixed-decimals", fmt.Sprintf("the column writes a decimal point at %s and a decimal comma at %s; both are read as decimals, write one of them", seen[0], seen[1]))
		n.Severity = notice.Warning
		r.notes.Add(n)
	}
}

// keep takes a figure over unless its period stands there already, or numerator and denominator contradict each other.
func (r *reading) keep(f Figure, l line, column int) *notice.Notice {
	k := key{f.Area, f.Period}
	if before, twice := r.first[k]; twice {
		n := r.note(l, column, f.Period.String(), "duplicate-period", fmt.Sprintf("the area %s has a figure for this period on line %d already; the first is used, remove the wrong one", f.Area, before.number))
		return &n
	}
	if r.base != nil {
		f.Base = r.base[k]
	}
	if r.e.Ratio() {
		switch {
		case f.Base.Kind == Measured && f.Base.Number == 0 && f.Count.Kind == Measured && f.Count.Number > 0:
			n := r.note(l, column, strconv.FormatFloat(f.Count.Number, 'f', -1, 64), "denominator-zero", "there are cases and nobody they could be of; correct the denominator")
			return &n
		case f.Base.Kind == Measured && f.Base.Number == 0 && f.Count.Kind == Measured:
			n := r.note(l, column, "0", "denominator-zero", "nobody lives here, so there is no rate: neither zero nor secret")
			n.Severity = notice.Info
			r.notes.Add(n)
		case r.e.Part && f.Base.Kind == Measured && f.Count.Kind == Measured && f.Count.Number > f.Base.Number:
			n := r.note(l, column, strconv.FormatFloat(f.Count.Number, 'f', -1, 64), "more-than-all", fmt.Sprintf("the count is larger than its denominator %g; check both", f.Base.Number))
			return &n
		}
	}
	if c := f.Count; c.Kind == Measured && c.Number != math.Trunc(c.Number) {
		n := r.note(l, column, strconv.FormatFloat(c.Number, 'f', -1, 64), "no-whole-number", "a count is a whole number; where rates were gathered, say value instead of count")
		return &n
	}
	r.first[k] = l
	r.out = append(r.out, f)
	return nil
}

// totals compares the figure of an area with the sum of its parts where all of them are known, and drops a total that
// differs: the parts were counted, the total was computed by somebody.
func (r *reading) totals() {
	if r.e.Values {
		return
	}
	at := make(map[key]int, len(r.out))
	for i, f := range r.out {
		at[key{f.Area, f.Period}] = i
	}
	drop := map[int]bool{}
	for i := range r.out {
		f := &r.out[i]
		parts := r.g.Parts(f.Area)
		if len(parts) == 0 || f.Count.Kind != Measured {
			continue
		}
		sum, whole := 0.0, true
		for _, p := range parts {
			k, ok := at[key{p.Key, f.Period}]
			if !ok || r.out[k].Count.Kind != Measured {
				whole = false
				break
			}
			sum += r.out[k].Count.Number
		}
		if whole && math.Abs(sum-f.Count.Number) > r.e.Rules.Tolerance {
			drop[i] = true
			l := r.first[key{f.Area, f.Period}]
			r.notes.Add(r.note(l, -1, strconv.FormatFloat(f.Count.Number, 'f', -1, 64), "total-differs",
				fmt.Sprintf("the parts of %s add up to %g in %s; the total is left out, correct it or a part, or state a tolerance in the rule set where the source perturbs", f.Area, sum, f.Period)))
		}
	}
	if len(drop) > 0 {
		var kept []Figure
		for i, f := range r.out {
			if !drop[i] {
				kept = append(kept, f)
			}
		}
		r.out = kept
	}
}
