package files

import (
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"gevor/atlas"
	"gevor/internal/geopackage"
	"gevor/internal/outline"
	"gevor/region"
)

// findingTable gives the findings with their outlines, in order of rank. Names are German, the language of the
// offices that open these files; keys lead to all others.
func findingTable(r *atlas.Result, shapes *outline.Shapes) geopackage.Table {
	s := r.Snapshot
	t := geopackage.Table{
		Name: "findings", Title: "Befunde", Description: describe(s), Geometry: "MULTIPOLYGON",
		Columns: columns("id T", "rank I", "standard T", "standard_label T", "group_key T", "category T", "districts T", "people F",
			"low F", "high F", "shortfall F", "need F", "score F", "cause T", "estimated B", "cells I", "offers I",
			"capacity_known F", "confirmed_in_time F", "since T"),
	}
	for i, f := range r.Findings {
		st := s.Standards[f.Standard]
		names := make([]string, len(f.Districts))
		for k, d := range f.Districts {
			if d.Area >= 0 {
				names[k] = s.Areas[d.Area].Name
			}
		}
		t.Rows = append(t.Rows, geopackage.Row{Geometry: shapes.Union(f.Cells), Values: []any{
			f.ID, i + 1, st.Key, st.Label.In("de"), s.Groups[st.Group].Key, s.Categories[st.Category].Key, strings.Join(names, ", "), f.People,
			f.Low, f.High, f.Shortfall, f.Need, f.Score, causes[f.Cause], f.Estimated, len(f.Cells), f.Data.Offers,
			f.Data.CapacityKnown, f.Data.ConfirmedInTime, f.Since,
		}})
	}
	return t
}

// areaTable gives municipalities and districts with, for every standard, the share of the group that misses it.
func areaTable(r *atlas.Result) geopackage.Table {
	s := r.Snapshot
	t := geopackage.Table{
		Name: "areas", Title: "Gebiete", Description: describe(s), Geometry: "MULTIPOLYGON",
		Columns: columns("key T", "kind T", "name T", "parent T", "population F"),
	}
	for _, st := range s.Standards {
		t.Columns = append(t.Columns, geopackage.Column{Name: "missing_share:" + st.Key, Type: geopackage.Real})
	}
	profiles := map[int32]*atlas.Profile{}
	for i := range r.Profiles {
		profiles[r.Profiles[i].Area] = &r.Profiles[i]
	}
	for i, a := range s.Areas {
		values := []any{a.Key, areaKinds[a.Kind], a.Name, areaKey(s, a.Parent), nil}
		shares := make([]any, len(s.Standards))
		if p := profiles[int32(i)]; p != nil {
			values[4] = p.Population
			for _, l := range p.Standards {
				if l.Known && !math.IsNaN(l.MissingShare) {
					shares[l.Standard] = l.MissingShare
				}
			}
		}
		t.Rows = append(t.Rows, geopackage.Row{Geometry: a.Shape, Values: append(values, shares...)})
	}
	return t
}

func describe(s *region.Snapshot) string {
	text := s.Name.In("de")
	if s.Synthetic {
		text += " (synthetische Daten)"
	}
	for _, x := range s.Sources {
		if x.Attribution != "" {
			text += "; " + x.Attribution
		}
	}
	return text
}

func columns(specs ...string) []geopackage.Column {
	kinds := map[string]geopackage.Type{"T": geopackage.Text, "I": geopackage.Integer, "F": geopackage.Real, "B": geopackage.Boolean}
	out := make([]geopackage.Column, len(specs))
	for i, spec := range specs {
		name, kind, _ := strings.Cut(spec, " ")
		out[i] = geopackage.Column{Name: name, Type: kinds[kind]}
	}
	return out
}

// writeGeoJSON writes a table as RFC 7946: one feature on a line, coordinates to 7 decimals (about a centimetre),
// properties in the order of the columns.
func writeGeoJSON(w io.Writer, t *geopackage.Table) error {
	var b []byte
	b = append(b, `{"type":"FeatureCollection","name":`...)
	b = appendJSON(b, t.Name)
	b = append(b, `,"description":`...)
	b = appendJSON(b, t.Description)
	b = append(b, `,"features":[`...)
	for i, row := range t.Rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, "\n"+`{"type":"Feature","properties":{`...)
		for k, c := range t.Columns {
			if k > 0 {
				b = append(b, ',')
			}
			b = append(appendJSON(b, c.Name), ':')
			v := row.Values[k]
			if x, ok := v.(float64); ok {
				v = known(x)
			}
			b = appendJSON(b, v)
		}
		b = append(b, `},"geometry":`...)
		b = appendMultiPolygon(b, row.Geometry.(orb.MultiPolygon))
		b = append(b, '}')
		if _, err := w.Write(b); err != nil {
			return err
		}
		b = b[:0]
	}
	b = append(b, "\n]}\n"...)
	_, err := w.Write(b)
	return err
}

// appendJSON writes a string, number, bool or null; these always have a form in JSON.
func appendJSON(b []byte, v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		return append(b, "null"...)
	}
	return append(b, raw...)
}

func appendMultiPolygon(b []byte, m orb.MultiPolygon) []byte {
	b = append(b, `{"type":"MultiPolygon","coordinates":[`...)
	for i, p := range m {
		b = append(comma(b, i), '[')
		for j, r := range p {
			b = append(comma(b, j), '[')
			for k, at := range r {
				b = append(comma(b, k), '[')
				b = strconv.AppendFloat(b, round(at[0], 7), 'f', -1, 64)
				b = append(b, ',')
				b = strconv.AppendFloat(b, round(at[1], 7), 'f', -1, 64)
				b = append(b, ']')
			}
			b = append(b, ']')
		}
		b = append(b, ']')
	}
	return append(b, "]}"...)
}

func comma(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}
