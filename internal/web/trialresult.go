package web

import (
	"math"
	"slices"
	"strconv"

	"gevor/atlas"
	"gevor/authz"
	"gevor/fault"
	"gevor/internal/draw"
	"gevor/internal/outline"
	"gevor/internal/web/ui"
	"gevor/region"
)

// roughStep is what numbers of people are rounded to: what is tried out may concern a single street, and whoever tries
// often must not learn of single households.
const roughStep = 10

// rough rounds a number of people to tens; fewer than ten, but some, are not known.
func rough(x float64) float64 {
	switch {
	case x < 0.5:
		return 0
	case x < roughStep:
		return math.NaN()
	}
	return math.Round(x/roughStep) * roughStep
}

// roughly writes a rounded number of people.
func (p *page) roughly(x float64) string {
	if r := rough(x); !math.IsNaN(r) {
		return p.Number(r, 0)
	}
	return p.T("trial.fewer", with{"Number": strconv.Itoa(roughStep)})
}

// trialResults sums up what comes out, the standards with the largest change first.
func (p *page) trialResults(outcomes []atlas.Outcome) []trialResult {
	outcomes = slices.Clone(outcomes)
	slices.SortStableFunc(outcomes, func(a, b atlas.Outcome) int {
		x, y := a.Total.Gain+a.Total.Lose, b.Total.Gain+b.Total.Lose
		switch {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	var out []trialResult
	for _, o := range outcomes {
		r := trialResult{Label: o.Standard, Known: o.Known, Gain: p.roughly(o.Total.Gain), Lose: p.roughly(o.Total.Lose), Before: p.roughly(o.Missing), After: p.roughly(o.After)}
		r.Label, r.Group = p.standardNames(o)
		r.Unchanged = o.Known && o.Total == (atlas.DistrictOutcome{})
		out = append(out, r)
	}
	return out
}

// standardNames names the standard and the group of an outcome; a kept one may speak of what a newer run no longer has.
func (p *page) standardNames(o atlas.Outcome) (standard, group string) {
	s := p.run.snapshot()
	standard, group = o.Standard, o.Group
	if i := index(s.Standards, func(t region.Standard) bool { return t.Key == o.Standard }); i >= 0 {
		standard = p.label(s.Standards[i].Label)
	}
	if i := index(s.Groups, func(g region.Group) bool { return g.Key == o.Group }); i >= 0 {
		group = p.label(s.Groups[i].Label)
	}
	return standard, group
}

// trialSheet is the table of districts.
func (p *page) trialSheet(outcomes []atlas.Outcome) *sheet[trialLine] {
	s := p.run.snapshot()
	t := &sheet[trialLine]{
		Name: p.T("trial.file", nil), Caption: p.T("trial.by_district", nil), CaptionHidden: true,
		EmptyTitle: p.T("trial.nothing", nil), EmptyText: p.T("trial.nothing_text", nil),
	}
	for _, o := range outcomes {
		standard, group := p.standardNames(o)
		if !o.Known {
			continue
		}
		for _, d := range o.Districts {
			name := p.T("trial.outside", nil)
			if i := index(s.Areas, func(a region.Area) bool { return a.Key == d.District }); i >= 0 {
				name = s.Areas[i].Name
			} else if d.District != "" {
				name = d.District
			}
			t.Rows = append(t.Rows, trialLine{Standard: standard, Group: group, District: name, Known: o.Known, DistrictOutcome: d})
		}
	}
	number := func(key string, of func(atlas.DistrictOutcome) float64) column[trialLine] {
		return column[trialLine]{
			Key: key, Label: p.T("trial."+key, nil), Text: func(l trialLine) string { return p.roughly(of(l.DistrictOutcome)) },
			Number: func(l trialLine) float64 { return rough(of(l.DistrictOutcome)) },
		}
	}
	t.Columns = []column[trialLine]{
		{Key: "area", Label: p.T("web.column.district", nil), Text: func(l trialLine) string { return l.District }, Find: true},
		{Key: "standard", Label: p.T("web.column.standard", nil), Text: func(l trialLine) string { return l.Standard }, Choices: func(l trialLine) (string, string) { return l.Standard, l.Standard }},
		{Key: "group", Label: p.T("trial.group", nil), Text: func(l trialLine) string { return l.Group }, Choices: func(l trialLine) (string, string) { return l.Group, l.Group }},
		number("gain", func(d atlas.DistrictOutcome) float64 { return d.Gain }),
		number("lose", func(d atlas.DistrictOutcome) float64 { return d.Lose }),
		number("better", func(d atlas.DistrictOutcome) float64 { return d.Better }),
		number("worse", func(d atlas.DistrictOutcome) float64 { return d.Worse }),
	}
	return t
}

// trialPicture shows where people gain and lose under the standard that changes most.
func (p *page) trialPicture(effects []atlas.Effect) picture {
	s := p.run.snapshot()
	best, most := -1, 0.0
	for i, e := range effects {
		if moved := e.Total.Gain + e.Total.Lose; e.Known && moved > most {
			best, most = i, moved
		}
	}
	if best < 0 {
		return picture{}
	}
	e := effects[best]
	if len(e.Was) != len(e.State) {
		return picture{}
	}
	var gain, lose []int32
	for i := range e.State {
		switch {
		case e.Was[i] == atlas.CellMissed && e.State[i] == atlas.CellMet:
			gain = append(gain, int32(i))
		case e.Was[i] == atlas.CellMet && e.State[i] == atlas.CellMissed:
			lose = append(lose, int32(i))
		}
	}
	if len(gain)+len(lose) == 0 {
		return picture{}
	}
	shapes := outline.New(&s.Cells)
	box, _ := draw.Bound(shapes.Union(slices.Concat(gain, lose)))
	pic := p.frameOf(box.Grow(3 * pictureMargin))
	pic.Cells = p.inhabited(pic.View)
	for _, c := range []struct {
		class string
		cells []int32
	}{{"gain", gain}, {"lose", lose}} {
		if len(c.cells) > 0 {
			pic.Cells = append(pic.Cells, paths{Class: c.class, D: pic.Path(shapes.Union(c.cells), 0)})
		}
	}
	pic.Titled = p.T("trial.map_alt", with{"Standard": p.label(p.standard(e.Standard).Label)})
	return pic
}

func (p *page) trialLegend() []legendItem {
	return []legendItem{{"gain", p.T("trial.gain", nil)}, {"lose", p.T("trial.lose", nil)}, {"met", p.T("trial.same", nil)}}
}

// planningFor are the organisations for which the reader may keep a trial.
func (p *page) planningFor() []ui.Option {
	var out []ui.Option
	for _, m := range p.actor.Memberships {
		if p.site.KeptTrials == nil || !p.can(authz.Remove, owned(authz.Trial, m.Organisation)) {
			continue
		}
		name, err := p.houseName(p.req.Context(), m.Organisation)
		if err == nil {
			out = append(out, ui.Option{Value: string(m.Organisation), Label: name})
		}
	}
	return out
}

// keptTrials lists the trials that the reader may see.
func (p *page) keptTrials(v *trialView) error {
	list, err := p.site.KeptTrials.Trials(p.req.Context(), p.actor, p.run.Region)
	if err != nil {
		return err
	}
	v.Kept = ui.Table{
		Caption: p.T("trial.kept", nil), CaptionHidden: true, EmptyTitle: p.T("trial.none_kept", nil),
		Columns: []ui.Column{{Label: p.T("trial.name", nil)}, {Label: p.T("trial.owner", nil)}, {Label: p.T("trial.kept_on", nil)}},
	}
	for _, x := range list {
		name, err := p.houseName(p.req.Context(), x.Owner)
		if fault.KindOf(err) == fault.NotFound {
			name, err = p.T("trial.another_house", nil), nil
		}
		if err != nil {
			return err
		}
		v.Kept.Rows = append(v.Kept.Rows, ui.Row{Cells: []ui.Cell{{Text: x.Name, Href: p.link("trial", x.ID)}, {Text: name}, {Text: p.day(x.At)}}})
	}
	return nil
}
