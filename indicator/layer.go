package indicator

import (
	"io/fs"

	"gevor/notice"
)

// Layers reads the layers of a catalogue and gives their areas, to be added to a ground, with their members by key.
func Layers(folder fs.FS, c *Catalogue, g *Ground, notes *notice.List) (areas []Area, members map[string][]string, err error) {
	members = map[string][]string{}
	for i := range c.Layers {
		l := &c.Layers[i]
		s, err := readTable(folder, l.File, "", 0, notes)
		if err != nil {
			return nil, nil, err
		}
		var at [3]int
		for k, name := range []string{l.Key, l.Name, l.Member} {
			if at[k], err = s.column(name); err != nil {
				return nil, nil, err
			}
		}
		r := &reading{sheet: s, e: &Entry{}, g: g, notes: notes}
		for _, row := range s.rows {
			id, member := row.text(at[0]), row.text(at[2])
			if id == "" || member == "" {
				n := r.note(row, at[0], id, "no-area", "give every line the key of the area and that of its member")
				r.used(row, &n)
				continue
			}
			m, why := r.area(row, at[2])
			if why == nil {
				if _, known := members[id]; !known {
					areas = append(areas, Area{Key: id, Name: row.text(at[1]), Level: l.Level})
				}
				members[id] = append(members[id], m)
			}
			r.used(row, why)
		}
	}
	return areas, members, nil
}
