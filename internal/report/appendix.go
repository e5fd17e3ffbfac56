package report

import (
	"cmp"
	"fmt"
	"slices"

	"gevor/internal/words"
	"gevor/notice"
	"gevor/region"
)

func (w *writer) groups() table {
	t := table{Caption: w.t("groups_caption", nil), Head: w.head("group", "state", "people#", "suppressed#", "error#", "weight#", "source")}
	for _, g := range w.s.Groups {
		state := [...]string{region.GroupUnknown: "unknown", region.GroupKnown: "known", region.GroupEstimated: "estimated"}[g.State]
		row := []string{g.Label.In(w.p.Lang()), w.p.T("group_state."+state, nil)}
		if g.State == region.GroupUnknown {
			row = append(row, words.Unknown, words.Unknown, words.Unknown)
		} else {
			var people float64
			suppressed := 0
			for i, x := range g.People {
				people += float64(x)
				if g.Flag[i] == region.Suppressed {
					suppressed++
				}
			}
			row = append(row, w.count(people), w.count(float64(suppressed)), w.p.Percent(g.RelError, 0))
		}
		t.Rows = append(t.Rows, append(row, w.p.Number(g.Need, 2), w.sourceTitle(g.Source)))
	}
	return t
}

func (w *writer) sourceTitle(key string) string {
	for _, s := range w.s.Sources {
		if s.Key == key {
			return s.Title
		}
	}
	return words.Unknown
}

func (w *writer) parameters() table {
	p := w.info.Params
	t := table{Caption: w.t("parameters_caption", nil), Head: w.head("parameter", "value#")}
	for _, x := range []struct {
		key      string
		value    float64
		decimals int
	}{
		{"walk_kmh", p.WalkKmh, 1},
		{"bike_kmh", p.BikeKmh, 1},
		{"access_walk", float64(p.MaxAccessWalk) / 60, 0},
		{"car_factor", p.CarBoundFactor, 2},
		{"far_factor", p.FarFactor, 2},
		{"weight_near", p.CatchmentWeights[0], 2},
		{"weight_middle", p.CatchmentWeights[1], 2},
		{"weight_far", p.CatchmentWeights[2], 2},
		{"min_people", p.MinPeople, 0},
		{"bridge", float64(p.Bridge), 0},
		{"fragment", p.FragmentShare, 2},
	} {
		t.Rows = append(t.Rows, []string{w.t("parameter."+x.key, nil), w.p.Number(x.value, x.decimals)})
	}
	for _, n := range w.s.Need {
		t.Rows = append(t.Rows, []string{w.t("parameter.need", map[string]any{"Factor": n.Label.In(w.p.Lang())}), w.p.Number(n.Weight, 2)})
	}
	return t
}

func (w *writer) sources() table {
	t := table{Caption: w.t("sources_caption", nil), Head: w.head("source", "publisher", "licence", "date", "attribution")}
	for _, s := range w.s.Sources {
		t.Rows = append(t.Rows, []string{s.Title, orUnknown(s.Publisher), orUnknown(s.Licence), w.p.Date(s.ReferenceDate), orUnknown(s.Attribution)})
	}
	return t
}

func orUnknown(text string) string {
	if text == "" {
		return words.Unknown
	}
	return text
}

func (w *writer) counts() table {
	t := table{Caption: w.t("counts_caption", nil), Head: w.head("file", "read#", "used#", "rejected#")}
	for _, c := range w.s.Counts {
		t.Rows = append(t.Rows, []string{c.File, w.count(float64(c.Read)), w.count(float64(c.Used)), w.count(float64(c.Rejected))})
	}
	return t
}

// rules counts the notices by file, rule and severity: the report says that there are some, the pages show each.
func (w *writer) rules() table {
	type key struct {
		file, rule string
		severity   notice.Severity
	}
	n := map[key]int{}
	for _, x := range slices.Concat(w.s.Notices, w.r.Notices) {
		n[key{x.File, x.Rule, x.Severity}]++
	}
	keys := make([]key, 0, len(n))
	for k := range n {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(b.severity, a.severity), cmp.Compare(a.file, b.file), cmp.Compare(a.rule, b.rule))
	})
	t := table{Caption: w.t("rules_caption", nil), Head: w.head("rule", "severity", "file", "number#")}
	for _, k := range keys {
		name := k.rule
		if rule := "rule." + k.rule; w.p.Has(rule) {
			name = w.p.T(rule, nil)
		}
		t.Rows = append(t.Rows, []string{name, w.p.T("severity."+k.severity.String(), nil), orUnknown(k.file), fmt.Sprint(n[k])})
	}
	return t
}
