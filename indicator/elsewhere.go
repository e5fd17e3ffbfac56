package indicator

import (
	"io/fs"
	"slices"

	"gevor/notice"
)

// Elsewhere reads what the sources of a catalogue's datasets publish themselves, in places of their own: figures that
// everybody may hold beside ours, and that the gate must know of as it knows of earlier releases. By id of the dataset; none
// for those of which the catalogue names no such file. The file has the columns of the dataset's own, with the keys of
// whatever areas the source speaks of. A line that cannot be used is a notice, as in Read.
func Elsewhere(folder fs.FS, c *Catalogue, g *Ground, notes *notice.List) (map[string]*Publication, error) {
	out := map[string]*Publication{}
	for i := range c.Entries {
		e := c.Entries[i]
		if e.Elsewhere == "" {
			continue
		}
		e.File, e.Sheet, e.BaseOf = e.Elsewhere, "", ""
		if e.Direction == Unstated {
			e.Direction = Depends // said of the dataset itself already
		}
		t, err := readEntry(folder, &e, g, nil, notes)
		if err != nil {
			return nil, err
		}
		out[e.ID] = outside(&t, g)
	}
	return out, nil
}

// outside takes a table as it stands in public, without a gate.
func outside(t *Table, g *Ground) *Publication {
	p := &Publication{Dataset: t.Dataset, Periods: t.Periods()}
	p.Dataset.ID += " elsewhere" // no release of ours: classes of maps do not come from it
	at := map[string]int{}
	for _, f := range t.Figures {
		if _, seen := at[f.Area]; !seen {
			a, _ := g.Area(f.Area)
			at[f.Area] = len(p.Areas)
			p.Areas = append(p.Areas, a)
		}
	}
	n := len(p.Areas) * len(p.Periods)
	p.Count, p.Base, p.Shown = make([]Value, n), make([]Value, n), make([]Value, n)
	for _, f := range t.Figures {
		k := at[f.Area]*len(p.Periods) + slices.Index(p.Periods, f.Period)
		p.Count[k], p.Base[k], p.Shown[k] = f.Count, f.Base, f.Count
		if t.Dataset.Values {
			p.Shown[k] = f.Rate
		}
	}
	return p
}
