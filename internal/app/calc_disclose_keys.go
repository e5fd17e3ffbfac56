package app

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gevor/disclosure"
	"gevor/fault"
)

// dimensions gives every key its sums: from its hierarchy, or from the code of the total.
func (f *discloseFlags) dimensions(s *sheet, table *disclosure.Table) error {
	files := map[string]string{}
	for _, text := range f.hierarchies {
		key, path, ok := strings.Cut(text, "=")
		if !ok || !slices.Contains(f.keys, key) {
			return usage{fmt.Errorf("--hierarchy %q is not key=FILE.csv with one of the keys %s", text, strings.Join(f.keys, ", "))}
		}
		files[key] = path
	}
	for k, name := range f.keys {
		d := disclosure.Dimension{Name: name}
		var err error
		if path, ok := files[name]; ok {
			d.Sums, err = readHierarchy(path)
		} else {
			d.Sums = f.byTotal(table, k)
		}
		if err != nil {
			return err
		}
		table.Dimensions = append(table.Dimensions, d)
	}
	if f.measures {
		table.Dimensions = append(table.Dimensions, disclosure.Dimension{Name: measureName})
	}
	return nil
}

// byTotal makes the code of the total the sum of all others of a key.
func (f *discloseFlags) byTotal(table *disclosure.Table, k int) []disclosure.Sum {
	sum := disclosure.Sum{Total: f.total, By: "the other rows"}
	seen := map[string]bool{}
	for _, c := range table.Cells {
		code := c.At[k]
		if !seen[code] && code != f.total {
			sum.Parts = append(sum.Parts, disclosure.Part{Code: code, Share: 1})
		}
		seen[code] = true
	}
	if !seen[f.total] || len(sum.Parts) == 0 {
		return nil
	}
	return []disclosure.Sum{sum}
}

// readHierarchy reads parent,child[,by][,share].
func readHierarchy(path string) ([]disclosure.Sum, error) {
	s, err := readSheet(path)
	if err != nil {
		return nil, err
	}
	parents, err := s.texts("parent")
	if err != nil {
		return nil, err
	}
	children, err := s.texts("child")
	if err != nil {
		return nil, err
	}
	by := make([]string, len(s.rows))
	if _, err := s.column("by"); err == nil {
		if by, err = s.texts("by"); err != nil {
			return nil, err
		}
	}
	shared := false
	if _, err := s.column("share"); err == nil {
		shared = true
	}
	var out []disclosure.Sum
	at := map[[2]string]int{}
	for i, parent := range parents {
		if parent == "" || children[i] == "" {
			return nil, fault.New(fault.Invalid, s.place[i], "parent or child is empty", "name both in every row")
		}
		p := disclosure.Part{Code: children[i], Share: 1}
		if shared {
			k, _ := s.column("share")
			if text := strings.TrimSpace(s.rows[i][k]); text != "" {
				if p.Share, err = s.number(i, "share", text, 0); err != nil {
					return nil, err
				}
			}
		}
		if !(p.Share > 0) || p.Share > 1 {
			return nil, fault.New(fault.Invalid, s.place[i], fmt.Sprintf("share %g is not above 0 and at most 1", p.Share), "write 1, or leave it empty, where all of the child belongs to the parent")
		}
		key := [2]string{parent, by[i]}
		n, ok := at[key]
		if !ok {
			n = len(out)
			at[key] = n
			out = append(out, disclosure.Sum{Total: parent, By: by[i]})
		}
		if parent == p.Code || slices.ContainsFunc(out[n].Parts, func(q disclosure.Part) bool { return q.Code == p.Code }) {
			return nil, fault.New(fault.Invalid, s.place[i], fmt.Sprintf("%q is part of %q twice, or of itself", p.Code, parent), "keep each child of a parent once; name several partitions in a column by")
		}
		out[n].Parts = append(out[n].Parts, p)
	}
	return out, nil
}

// readEarlier reads what was published before: results of this command, or any CSV with the keys and the value.
func (f *discloseFlags) readEarlier(path string, table *disclosure.Table, rules disclosure.Rules) (disclosure.Release, error) {
	release := disclosure.Release{Name: path}
	s, err := readSheet(path)
	if err != nil {
		return release, err
	}
	columns := make([]int, len(table.Dimensions))
	for k, d := range table.Dimensions {
		if columns[k], err = s.column(d.Name); err != nil {
			if d.Name != measureName || !f.measures {
				return release, err
			}
			columns[k] = -1 // without a column of measures every figure is a value
		}
	}
	value, err := s.column("value")
	if err != nil {
		if value, err = s.column(f.value); err != nil {
			return release, err
		}
	}
	names, statuses := make([]string, len(s.rows)), make([]string, len(s.rows))
	if _, err := s.column("figure"); err == nil {
		if names, err = s.texts("figure"); err != nil {
			return release, err
		}
	}
	if _, err := s.column("status"); err == nil {
		if statuses, err = s.texts("status"); err != nil {
			return release, err
		}
	}
	within := f.within
	if !f.withinGiven {
		switch rules.Rounding {
		case disclosure.Exact:
		case disclosure.Deterministic:
			within = float64(rules.RoundingBase) / 2
		case disclosure.Controlled:
			within = float64(rules.RoundingBase)
		}
	}
	for i, row := range s.rows {
		text := strings.TrimSpace(row[value])
		if text == "" || statuses[i] == "suppressed" || statuses[i] == "missing" {
			continue
		}
		at := make([]string, len(columns))
		for k, c := range columns {
			if c < 0 {
				at[k] = f.value
				continue
			}
			if at[k] = strings.TrimSpace(row[c]); at[k] == "" {
				return release, fault.New(fault.Invalid, s.place[i], table.Dimensions[k].Name+" is empty", "give every row all its keys")
			}
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return release, fault.New(fault.Invalid, s.place[i], fmt.Sprintf("value %q is not a number", text), "leave empty what was not published; use a decimal point")
		}
		switch {
		case names[i] == "" || names[i] == "value":
			release.Figures = append(release.Figures, disclosure.Known{At: at, Value: v, Within: within, Place: s.place[i]})
		case f.measures && names[i] == f.rate:
			_, digits, _ := strings.Cut(text, ".")
			release.Rates = append(release.Rates, disclosure.KnownRate{Rate: f.rate, At: at, Value: v, Decimals: len(digits), Place: s.place[i]})
		case strings.HasPrefix(names[i], "change "): // both of its ends stand in the same file
		default:
			return release, fault.New(fault.Invalid, s.place[i], fmt.Sprintf("figure %q is neither value nor the rate %q", names[i], f.rate), "name the rate by --rate and its denominator by --denominator, or remove the rows of other rates")
		}
	}
	return release, nil
}
