package demo

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"gevor/geo"
)

func round7(x float64) float64 { return math.Round(x*1e7) / 1e7 }

func decimal(x float64, digits int) string { return strconv.FormatFloat(x, 'f', digits, 64) }

func comma(x float64, digits int) string { return strings.Replace(decimal(x, digits), ".", ",", 1) }

// lines writes a file through a buffer; each call of put is one line.
func writeLines(out io.Writer, do func(put func(format string, args ...any))) error {
	b := bufio.NewWriterSize(out, 1<<20)
	var failed error
	do(func(format string, args ...any) {
		if _, err := fmt.Fprintf(b, format+"\r\n", args...); err != nil {
			failed = err
		}
	})
	if failed != nil {
		return failed
	}
	return b.Flush()
}

// count writes a number as the census does: a dash for nothing.
func count(n int32) string {
	if n == 0 {
		return "–"
	}
	return strconv.Itoa(int(n))
}

func (w *world) cellColumns(c int) string {
	x, y := originEast+w.q.cx[c]*cellMetres, originNorth+w.q.cy[c]*cellMetres
	return fmt.Sprintf("%s;%d;%d", cellID(w.q.cx[c], w.q.cy[c]), x+cellMetres/2, y+cellMetres/2)
}

func (w *world) writePopulation(out *os.File) error {
	return writeLines(out, func(put func(string, ...any)) {
		put("GITTER_ID_100m;x_mp_100m;y_mp_100m;Einwohner")
		for c := range w.q.cx {
			put("%s;%d", w.cellColumns(c), w.q.total[c])
		}
	})
}

func (w *world) writeDecades(out *os.File) error {
	r := stream(w.o.Seed, "decades")
	shares := [...]float64{0.11, 0.13, 0.14, 0.13, 0.15, 0.13, 0.1, 0.07}
	return writeLines(out, func(put func(string, ...any)) {
		put("GITTER_ID_100m;x_mp_100m;y_mp_100m;Insgesamt_Bevoelkerung;Unter10;a10bis19;a20bis29;a30bis39;a40bis49;a50bis59;a60bis69;a70bis79;a80undaelter;werterlaeuternde_Zeichen")
		for c := range w.q.cx {
			// Totals differ a little from table to table: the cell-key method alters each value by itself.
			row := fmt.Sprintf("%s;%d;%s", w.cellColumns(c), w.q.total[c]+int32(r.IntN(3)/2), count(w.q.under10[c]))
			rest := float64(w.q.total[c] - w.q.under10[c])
			for _, s := range shares {
				n := int32(rest*s + r.Float64())
				if n < 3 {
					n = 0
				}
				row += ";" + count(n)
			}
			sign := ""
			if r.IntN(40) == 0 {
				sign = "KLAMMERN"
			}
			put("%s;%s", row, sign)
		}
	})
}

func (w *world) writeAgeClasses(out *os.File) error {
	r := stream(w.o.Seed, "age classes")
	return writeLines(out, func(put func(string, ...any)) {
		put("GITTER_ID_100m;x_mp_100m;y_mp_100m;Insgesamt_Bevoelkerung;Unter18;a18bis29;a30bis49;a50bis64;a65undaelter;werterlaeuternde_Zeichen")
		for c := range w.q.cx {
			total, old := w.q.total[c], w.q.from65[c]
			young := max(0, min(total-old, w.q.under10[c]+int32(float64(total)*0.08)))
			rest := float64(total - old - young)
			row := fmt.Sprintf("%s;%d", w.cellColumns(c), total+int32(r.IntN(3)/2))
			for _, n := range []int32{young, int32(rest * 0.25), int32(rest * 0.42), int32(rest * 0.33), old} {
				if n < 3 {
					n = 0
				}
				row += ";" + count(n)
			}
			put("%s;", row)
		}
	})
}

// writeHealthTable writes a city's list as its office exports it: semicolons, decimal commas, Windows-1252, UTM.
func (w *world) writeHealthTable(out *os.File) error {
	return writeLines(charmap.Windows1252.NewEncoder().Writer(out), func(put func(string, ...any)) {
		put("Nr;Bezeichnung;Kategorie;Rechtswert;Hochwert;Sprechstunden_je_Woche;Zuletzt_bestätigt;Stufenfrei;Sprachen")
		for i := range w.offers {
			o := &w.offers[i]
			if categoryList[o.category].form != asUTMTable {
				continue
			}
			east, north := geo.ToUTM32(geo.FromLAEA(o.x, o.y))
			hours := ""
			if o.capacity > 0 {
				hours = comma(o.capacity, 1)
			}
			put("%s;\"%s\";%s;%s;%s;%s;%s;%s;%s", o.id, o.name, categoryList[o.category].key, comma(east, 2), comma(north, 2), hours, o.confirmed, yesNo(i%3 != 0), strings.Join(named(o.languages), ", "))
		}
	})
}

func yesNo(yes bool) string {
	if yes {
		return "ja"
	}
	return "nein"
}

// writeAdviceTable writes UTF-8 with a byte order mark, degrees with decimal commas, and the key of the
// municipality whose residents are advised.
func (w *world) writeAdviceTable(out *os.File) error {
	if _, err := out.WriteString("\ufeff"); err != nil {
		return err
	}
	return writeLines(out, func(put func(string, ...any)) {
		put("id;name;kategorie;laenge;breite;zuletzt_bestaetigt;nur_fuer_ags;stufenfrei")
		for i := range w.offers {
			o := &w.offers[i]
			if categoryList[o.category].form != asLonLatTable {
				continue
			}
			p := geo.FromLAEA(o.x, o.y)
			area := ""
			if o.ownCity {
				area = w.p.cities[w.p.towns[o.town].city].key
			}
			put("%s;\"%s\";%s;%s;%s;%s;%s;%s", o.id, o.name, categoryList[o.category].key, comma(p.Lon, 7), comma(p.Lat, 7), o.confirmed, area, yesNo(true))
		}
	})
}

func (w *world) writeOSMCategories(out *os.File) error {
	return writeLines(out, func(put func(string, ...any)) {
		put("key,value,category,key2,value2")
		put("healthcare,doctor,hausarzt,healthcare:speciality,general")
		put("amenity,pharmacy,apotheke,,")
		put("healthcare,midwife,hebamme,,")
		put("amenity,clinic,notfallpraxis,emergency,yes")
	})
}

// writeHSDS writes services as HSDS 3 JSON.
func (w *world) writeHSDS(out *os.File) error {
	b := bufio.NewWriterSize(out, 1<<20)
	if _, err := b.WriteString("[\n"); err != nil {
		return err
	}
	first := true
	for i := range w.offers {
		o := &w.offers[i]
		c := &categoryList[o.category]
		if c.form != asHSDS {
			continue
		}
		p := geo.FromLAEA(o.x, o.y)
		s := map[string]any{
			"id": o.id, "name": o.name, "status": "active",
			"organization": map[string]any{"id": "org-" + o.id, "name": "Musterträger " + w.p.cities[w.p.towns[o.town].city].name + " (synthetisch)"},
			"attributes": []any{map[string]any{
				"link_type":     "service_category",
				"taxonomy_term": map[string]any{"id": c.key, "code": c.key, "name": c.en, "taxonomy": "musterrevier"},
			}},
			"service_at_locations": []any{map[string]any{
				"id": "sal-" + o.id,
				"location": map[string]any{
					"id": "loc-" + o.id, "location_type": "physical", "name": o.name,
					"latitude": round7(p.Lat), "longitude": round7(p.Lon),
				},
			}},
		}
		if len(o.languages) > 0 {
			var languages []any
			for _, tag := range o.languages {
				languages = append(languages, map[string]any{"id": "lang-" + o.id + "-" + tag, "code": tag})
			}
			s["languages"] = languages
		}
		if o.confirmed != "" {
			s["assured_date"] = o.confirmed
		}
		line, err := json.Marshal(s) // keys of a map are written in order
		if err != nil {
			return err
		}
		if !first {
			line = append([]byte(",\n"), line...)
		}
		first = false
		if _, err := b.Write(line); err != nil {
			return err
		}
	}
	if _, err := b.WriteString("\n]\n"); err != nil {
		return err
	}
	return b.Flush()
}
