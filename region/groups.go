package region

import (
	"fmt"
	"math"
	"slices"

	"gevor/geo"
	"gevor/notice"
	"gevor/tabular"
)

// groups makes the layer of every target group. A group without data, or of which no number may be shown, stays
// unknown.
func (b *builder) groups() error {
	for _, spec := range b.d.Groups {
		g := Group{Key: spec.Key, Label: spec.Label, Need: spec.Need, Source: spec.Source}
		switch {
		case spec.Layer == "population":
			g.State, g.Method, g.Source = GroupKnown, MethodPopulation, b.d.Population.Source
			g.People, g.Flag = b.s.Cells.Population, b.s.Cells.Flag
		case spec.File == "":
			b.notes.Add(notice.Notice{
				Severity: notice.Info, File: DescriptionFile, Line: spec.Line, Record: spec.Key, Rule: "group-unknown",
				Advice: "no data are named for this group: it is shown as unknown and never gets a finding",
			})
		case spec.DistrictKey != "":
			values, err := b.areaTable(spec.FileSpec, spec.DistrictKey, spec.KeyLength, spec.Column, spec.Where, spec.Markers, false)
			if err != nil {
				return err
			}
			if len(values) == 0 {
				b.notes.Add(notice.Notice{
					Severity: notice.Warning, File: spec.File, Record: spec.Key, Field: spec.DistrictKey, Rule: "group-without-areas",
					Advice: "no row of the file belongs to an area of the region: the group stays unknown",
				})
				break
			}
			g.State, g.Method = GroupEstimated, MethodSpread
			g.People, g.Flag, g.RelError = b.spread(spec, values)
		default:
			if err := b.gridGroup(spec, &g); err != nil {
				return err
			}
		}
		if g.State != GroupUnknown && !slices.ContainsFunc(g.Flag, func(f ValueFlag) bool { return f != Suppressed && f != Missing }) {
			file := spec.File
			if spec.Layer == "population" {
				file = b.d.Population.File
			}
			b.notes.Add(notice.Notice{
				Severity: notice.Warning, File: file, Record: spec.Key, Rule: "group-unknown",
				Advice: "every number of this group is suppressed or missing here: it is shown as unknown, which is not zero, and never gets a finding",
			})
			g = Group{Key: g.Key, Label: g.Label, Need: g.Need, Source: g.Source}
		}
		b.s.Groups = append(b.s.Groups, g)
	}
	return nil
}

// gridGroup reads a group from a grid of its own and puts it on the population's cells. A cell the grid does not
// list is missing, or zero where the description says so.
func (b *builder) gridGroup(spec GroupSpec, g *Group) error {
	keep := func(id string, p geo.LonLat) *tabular.Problem {
		if _, ok := b.cellOf[id]; ok {
			return nil
		}
		if problem := b.within(p); problem != nil {
			return problem
		}
		return &tabular.Problem{Record: id, Value: id, Rule: "cell-without-population", Advice: "the population layer does not list this cell; the group's number here was left out"}
	}
	var l *layer
	var err error
	g.Method = MethodGrid
	if spec.Format == "points" {
		g.Method = MethodPoints
		l, err = b.points(spec.FileSpec, spec.Place, []string{spec.Column}, spec.Markers, keep)
	} else {
		l, err = b.grid(spec.FileSpec, []string{spec.Column}, spec.Markers, keep)
	}
	if err != nil {
		return err
	}
	g.State = GroupKnown
	g.People, g.Flag = make([]float32, b.s.Cells.Len()), make([]ValueFlag, b.s.Cells.Len())
	for i := range g.Flag {
		g.Flag[i] = spec.Absent
	}
	more := 0
	for k, id := range l.ids {
		i := b.cellOf[id]
		g.People[i], g.Flag[i] = l.number[0][k], l.flag[0][k]
		if b.s.Cells.Flag[i] <= Zero && g.People[i] > b.s.Cells.Population[i] {
			more++
		}
	}
	if more > 0 {
		b.notes.Add(notice.Notice{
			Severity: notice.Info, File: spec.File, Record: spec.Key, Rule: "group-exceeds-population", Value: fmt.Sprintf("%d cells", more),
			Advice: "the group is larger than the population there; perturbed tables do that, and both numbers were kept",
		})
	}
	return nil
}

// needs reads the factors of need: one value per area; a district without a value takes its municipality's.
func (b *builder) needs() error {
	for _, spec := range b.d.Needs {
		values, err := b.areaTable(spec.FileSpec, spec.DistrictKey, spec.KeyLength, spec.Column, spec.Where, spec.Markers, true)
		if err != nil {
			return err
		}
		f := NeedFactor{Key: spec.Key, Label: spec.Label, Weight: spec.Weight, Source: spec.Source, Value: make([]float64, len(b.s.Areas))}
		for i := range f.Value {
			f.Value[i] = math.NaN()
			for _, a := range [...]int32{int32(i), b.s.Areas[i].Parent} {
				if v, ok := values[a]; ok && a >= 0 && (v.flag == Known || v.flag == Zero) {
					f.Value[i] = v.number
					break
				} else if ok && a >= 0 {
					break // suppressed for the district itself: the city's value would undo that
				}
			}
		}
		b.s.Need = append(b.s.Need, f)
	}
	return nil
}
