package web

import (
	"slices"

	"gevor/atlas"
	"gevor/fault"
	"gevor/indicator"
	"gevor/internal/web/ui"
	"gevor/region"
)

// neededTongue is the role of datasets that say who needs a language.
const neededTongue = "language-needed"

// spokenHere lists the languages that some offer of the run is given in, or that somebody is known to need. German is left
// out where it stands alone: nearly every offer speaks it.
func (p *page) spokenHere() (ui.Select, error) {
	out := ui.Select{Name: "language", Label: p.T("trial.speaks", nil), Any: p.T("trial.speaks_any", nil), Value: p.first("language")}
	var tags []string
	for _, o := range p.run.snapshot().Offers {
		tags = append(tags, o.Languages...)
	}
	all, err := p.datasets()
	if err != nil {
		return out, err
	}
	for i := range all {
		if d := &all[i].Dataset; d.Role == neededTongue && d.Language != "" {
			tags = append(tags, d.Language)
		}
	}
	slices.Sort(tags)
	for _, tag := range slices.Compact(tags) {
		if tag != "de" {
			out.Options = append(out.Options, ui.Option{Value: tag, Label: p.languageName(tag)})
		}
	}
	p.byLabel(out.Options)
	return out, nil
}

// siteQuestion is what the form asks, and notes on the page who counts.
func (p *page) siteQuestion(v *sitesView, standard int32, group, spoken ui.Select) (atlas.Question, error) {
	s := p.run.snapshot()
	q := atlas.Question{Standard: standard, Group: s.Standards[standard].Group}
	among := func(f ui.Select) bool {
		return slices.ContainsFunc(f.Options, func(o ui.Option) bool { return o.Value == f.Value })
	}
	if group.Value != "" {
		if !among(group) {
			return q, fault.New(fault.Invalid, "group", "there is no such target group", "choose from the list")
		}
		q.Group = index(s.Groups, func(g region.Group) bool { return g.Key == group.Value })
	}
	v.Notes = append(v.Notes, p.T("trial.counts", with{"Group": p.label(s.Groups[q.Group].Label)}))
	if spoken.Value == "" {
		return q, nil
	}
	if !among(spoken) {
		return q, fault.New(fault.Invalid, "language", "no offer is given in it, and nobody is known to need it", "choose from the list")
	}
	q.Languages = []string{spoken.Value}
	all, err := p.publications(func(d *indicator.Dataset) bool {
		return d.Role == neededTongue && d.Language == spoken.Value && d.Level == indicator.Districts
	})
	if err != nil {
		return q, err
	}
	for _, pub := range all {
		needed, ok := pub.Needed()
		if !ok {
			continue
		}
		q.Need = make([]float64, len(s.Areas))
		for i := range q.Need {
			q.Need[i] = needed.Mean
			if share, known := needed.Share[s.Areas[i].Key]; known {
				q.Need[i] = share
			}
		}
		v.Notes = append(v.Notes, p.T("trial.need", with{"Title": p.title(&pub.Dataset), "Period": needed.At.String(), "Mean": p.Percent(needed.Mean, 0)}))
		return q, nil
	}
	v.Notes = append(v.Notes, p.T("trial.need_unknown", nil))
	return q, nil
}
