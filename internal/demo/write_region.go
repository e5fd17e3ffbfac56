package demo

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type feature struct {
	Type       string         `json:"type"`
	Properties map[string]any `json:"properties"`
	Geometry   struct {
		Type        string           `json:"type"`
		Coordinates [][][][2]float64 `json:"coordinates"`
	} `json:"geometry"`
}

func (w *world) feature(col0, row0, col1, row1 int, properties map[string]any) feature {
	f := feature{Type: "Feature", Properties: properties}
	f.Geometry.Type = "MultiPolygon"
	f.Geometry.Coordinates = [][][][2]float64{{w.outline(col0, row0, col1, row1)}}
	return f
}

func writeFeatures(out *os.File, name string, all []feature) error {
	b, err := json.Marshal(map[string]any{"type": "FeatureCollection", "name": name, "features": all})
	if err != nil {
		return err
	}
	_, err = out.Write(append(b, '\n'))
	return err
}

func (w *world) writeMunicipalities(out *os.File) error {
	var all []feature
	for k := range w.p.cities {
		c := &w.p.cities[k]
		all = append(all, w.feature(c.col0, c.row0, c.col1, c.row1, map[string]any{
			"ags": c.key, "name": c.name, "valid_from": "2011-01-01", "valid_to": nil, "synthetisch": true,
		}))
	}
	return writeFeatures(out, "Musterrevier: Gemeinden (synthetisch)", all)
}

func (w *world) writeDistricts(out *os.File) error {
	var all []feature
	for i := range w.q.districts {
		d := &w.q.districts[i]
		all = append(all, w.feature(d.col0, d.row0, d.col1, d.row1, map[string]any{
			"key": d.key, "name": w.p.cities[d.city].name + "-" + d.name, "ags": w.p.cities[d.city].key, "synthetisch": true,
		}))
	}
	return writeFeatures(out, "Musterrevier: Stadtteile (synthetisch)", all)
}

// postcodeCells is the side of a postcode's square in cells: no multiple of a district's, so that borders cross.
const postcodeCells = 25

// writePostcodes cuts the region into squares that keep to no border of districts or cities, as postcodes do.
func (w *world) writePostcodes(out *os.File) error {
	var all []feature
	first := w.p.cities[0]
	for k := range w.p.cities {
		c := &w.p.cities[k]
		first.col0, first.row0, first.col1, first.row1 = min(first.col0, c.col0), min(first.row0, c.row0), max(first.col1, c.col1), max(first.row1, c.row1)
	}
	for col := first.col0; col < first.col1; col += postcodeCells {
		for row := first.row0; row < first.row1; row += postcodeCells {
			key := fmt.Sprintf("99%03d", len(all)+1)
			all = append(all, w.feature(col, row, min(col+postcodeCells, first.col1), min(row+postcodeCells, first.row1), map[string]any{"plz": key, "synthetisch": true}))
		}
	}
	return writeFeatures(out, "Musterrevier: Postleitzahlen (synthetisch)", all)
}

// The municipal statistics: "." = no value, "*" = kept secret, "x" = makes no sense here.

func (w *world) writeHouseholds(out *os.File) error {
	return writeLines(out, func(put func(string, ...any)) {
		put("stadtteil_nr;stadtteil;einwohner;alleinerziehende;anteil_alleinerziehende")
		for i := range w.q.districts {
			d := &w.q.districts[i]
			name := w.p.cities[d.city].name + "-" + d.name
			if d.people == 0 {
				put("%s;\"%s\";-;x;x", d.key, name)
				continue
			}
			put("%s;\"%s\";%s;%s;%s", d.key, name, decimal(d.people, 0), decimal(d.singles, 0), comma(d.singles/d.people*100, 1))
		}
	})
}

func (w *world) writeWork(out *os.File) error {
	return writeLines(out, func(put func(string, ...any)) {
		put("stadtteil_nr;stadtteil;langzeitarbeitslose;sgb2_quote")
		for i := range w.q.districts {
			d := &w.q.districts[i]
			name := w.p.cities[d.city].name + "-" + d.name
			switch {
			case d.people == 0:
				put("%s;\"%s\";.;.", d.key, name)
			case w.secret(i):
				put("%s;\"%s\";*;%s", d.key, name, comma(d.sgb2, 1))
			default:
				put("%s;\"%s\";%s;%s", d.key, name, decimal(d.longTerm, 0), comma(d.sgb2, 1))
			}
		}
	})
}

// secret says whether a district's number of long-term unemployed people is kept secret: small numbers, and one
// district in fifteen by chance, but none that a gap is planted in.
func (w *world) secret(i int) bool {
	for t := range w.p.towns {
		if int(w.q.district[t]) == i && w.p.towns[t].lacks(stDebtAdvice) {
			return false
		}
	}
	return w.q.districts[i].longTerm < 10 || (uint64(i)*2654435761+w.o.Seed)%15 == 0
}

func (w *world) writeReadme(out *os.File) error {
	_, err := fmt.Fprintf(out, `MUSTERREVIER - SYNTHETISCH / SYNTHETIC

Alle Daten in diesem Ordner sind erfunden: Staedte, Strassen, Menschen, Angebote, Fahrplaene, Statistiken.
Namen und Schluessel gehoeren zu keiner wirklichen Gemeinde. Nichts davon darf als Aussage ueber einen
wirklichen Ort verwendet werden.

Everything in this folder is made up: cities, streets, people, offers, timetables, statistics. Names and keys
belong to no real municipality; the places lie in the coordinate range of the Ruhr, but show nothing of it.

Seed %d, %d people, %d planted gaps. truth.json lists the gaps and decoys, for tests only.
`, w.o.Seed, w.o.People, len(w.truth.Gaps))
	return err
}

func label(de, en string) string { return fmt.Sprintf("{ de = %q, en = %q }", de, en) }

func (w *world) writeDescription(out *os.File) error {
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	box := w.bounds()
	put("# The demo region: everything here is synthetic, see README.txt.")
	put("version = 1\nsynthetic = true\ntimezone = \"Europe/Berlin\"\ndate = %q\nservice_day = %q", referenceDate.Format("2006-01-02"), referenceDate.Format("2006-01-02"))
	put("bounds = [%s, %s, %s, %s]\n", decimal(box.MinLon, 6), decimal(box.MinLat, 6), decimal(box.MaxLon, 6), decimal(box.MaxLat, 6))
	put("[name]\nde = \"Musterrevier (synthetisch)\"\nen = \"Model region (synthetic)\"\n")
	for _, s := range [][4]string{
		{"osm", "Straßen und Orte des Musterreviers", "2026-05-01", "© Musterrevier (synthetisch), in der Form von OpenStreetMap"},
		{"gtfs", "Fahrplan der Muster-Verkehrsgesellschaft", "2026-05-01", "Synthetischer Fahrplan"},
		{"zensus", "Bevölkerung im 100-m-Gitter, in der Form des Zensus 2022", "2022-05-15", "Synthetische Gitterdaten"},
		{"grenzen", "Gemeinden und Stadtteile des Musterreviers", "2026-01-01", "Synthetische Grenzen"},
		{"verzeichnis", "Verzeichnis sozialer Angebote (HSDS)", "2026-05-01", "Synthetisches Verzeichnis"},
		{"staedte", "Listen und Statistiken der Musterstädte", "2025-12-31", "Synthetische Statistik"},
	} {
		put("[[source]]\nkey = %q\ntitle = %q\npublisher = \"Musterrevier (synthetisch)\"\nlicence = \"CC0-1.0\"\nreference_date = %q\nstatus = \"open\"\nattribution = %q\n", s[0], s[1]+" (synthetisch)", s[2], s[3])
	}
	put("[[boundaries]]\nfile = \"boundaries/municipalities.geojson\"\nkind = \"municipality\"\nkey = \"ags\"\nname = \"name\"\nvalid_from = \"valid_from\"\nvalid_to = \"valid_to\"\nsource = \"grenzen\"\n")
	put("[[boundaries]]\nfile = \"boundaries/districts.geojson\"\nkind = \"district\"\nkey = \"key\"\nname = \"name\"\nparent = \"ags\"\nsource = \"grenzen\"\n")
	put("[[boundaries]]\nfile = \"boundaries/postcodes.geojson\"\nkind = \"postcode\"\nkey = \"plz\"\nsource = \"grenzen\"\n")
	put("[population]\nfile = \"zensus/Zensus2022_Bevoelkerungszahl_100m-Gitter.csv\"\nformat = \"zensus2022\"\ncolumn = \"Einwohner\"\nsource = \"zensus\"\n")
	put("[streets]\nfile = \"osm/musterrevier.osm.pbf\"\nsource = \"osm\"\nwalk_kmh = 4.5\n")
	put("[[timetable]]\nfile = \"gtfs/musterrevier.zip\"\nsource = \"gtfs\"\n")
	put("[[category]]\nkey = \"medizin\"\nlabel = %s\n", label("Medizinische Versorgung", "Health care"))
	put("[[category]]\nkey = \"soziales\"\nlabel = %s\n", label("Soziale Hilfen", "Social help"))
	for _, c := range categoryList {
		put("[[category]]\nkey = %q\nlabel = %s\nparent = %q\nconfirm_every = %d\n", c.key, label(c.de, c.en), c.parent, c.confirmEvery)
	}
	put("[[offers]]\nfile = \"offers/offers.json\"\nformat = \"hsds\"\nsource = \"verzeichnis\"")
	put("map = { schuldnerberatung = \"schuldnerberatung\", clearingstelle = \"clearingstelle\", familienzentrum = \"familienzentrum\" }\n")
	put("[[offers]]\nfile = \"offers/gesundheit.csv\"\nformat = \"csv\"\nsource = \"staedte\"\n[offers.columns]\nid = \"Nr\"\nname = \"Bezeichnung\"\ncategory = \"Kategorie\"\neast = \"Rechtswert\"\nnorth = \"Hochwert\"\ncrs = \"EPSG:25832\"\ncapacity = \"Sprechstunden_je_Woche\"\nconfirmed = \"Zuletzt_bestätigt\"\nstep_free = \"Stufenfrei\"\nlanguages = \"Sprachen\"\n")
	put("[[offers]]\nfile = \"offers/sozialberatung.csv\"\nformat = \"csv\"\nsource = \"staedte\"\n[offers.columns]\nid = \"id\"\nname = \"name\"\ncategory = \"kategorie\"\nlon = \"laenge\"\nlat = \"breite\"\nconfirmed = \"zuletzt_bestaetigt\"\nservice_area = \"nur_fuer_ags\"\nstep_free = \"stufenfrei\"\n")
	put("[[offers]]\nformat = \"osm\"\nsource = \"osm\"\nmap = \"offers/osm-categories.csv\"\n")
	w.describeGroups(put)
	for i := range standardList {
		describeStandard(put, &standardList[i])
	}
	_, err := out.WriteString(b.String())
	return err
}

func (w *world) describeGroups(put func(string, ...any)) {
	group := func(key, de, en string, need float64, rest string) {
		put("[[group]]\nkey = %q\nlabel = %s\nneed = %s\n%s", key, label(de, en), decimal(need, 2), rest)
	}
	group(groupKeys[everyone], "Alle Einwohnerinnen und Einwohner", "All residents", 1, "layer = \"population\"\n")
	group(groupKeys[childrenU10], "Kinder unter 10 Jahren", "Children under 10", 1.5,
		"file = \"zensus/Zensus2022_Alter_in_10er-Jahresgruppen_100m-Gitter.csv\"\nformat = \"zensus2022\"\ncolumn = \"Unter10\"\nsource = \"zensus\"\n")
	group(groupKeys[seniors], "Menschen ab 65 Jahren", "People aged 65 and over", 1.2,
		"file = \"zensus/Zensus2022_Alter_in_5_Altersklassen_100m-Gitter.csv\"\nformat = \"zensus2022\"\ncolumn = \"a65undaelter\"\nsource = \"zensus\"\n")
	group(groupKeys[singleParents], "Alleinerziehende", "Single parents", 1.5,
		"file = \"statistik/haushalte.csv\"\ndistrict_key = \"stadtteil_nr\"\ncolumn = \"alleinerziehende\"\nspread = \"population\"\nsource = \"staedte\"\n")
	group(groupKeys[longTermUnemployed], "Langzeitarbeitslose Menschen", "Long-term unemployed people", 1.5,
		"file = \"statistik/arbeit.csv\"\ndistrict_key = \"stadtteil_nr\"\ncolumn = \"langzeitarbeitslose\"\nspread = \"population\"\nsource = \"staedte\"\n")
	group(groupKeys[uninsured], "Menschen ohne Krankenversicherung", "People without health insurance", 2, "")
	put("[[need]]\nkey = \"sgb2\"\nlabel = %s\nweight = 0.5\nfile = \"statistik/arbeit.csv\"\ndistrict_key = \"stadtteil_nr\"\ncolumn = \"sgb2_quote\"\nsource = \"staedte\"\n",
		label("SGB-II-Quote des Stadtteils", "Share of people on basic income support"))
}

func describeStandard(put func(string, ...any), s *standard) {
	put("[[standard]]\nkey = %q\nlabel = %s\ngroup = %q\ncategory = %q", s.key, label(s.de, s.en), groupKeys[s.group], categoryList[s.category].key)
	if s.nearest > 0 {
		put("nearest = %d", s.nearest)
	} else {
		put("per_thousand = %s", decimal(s.perThousand, 1))
	}
	var ways []string
	for _, w := range s.ways {
		text := fmt.Sprintf("{ mode = %q, minutes = %d", w.mode, w.minutes)
		if w.mode == "transit" {
			text += fmt.Sprintf(", departure = %q, window = 60, percentile = %d", w.departure, w.percentile)
			if w.earlier != "" {
				text += fmt.Sprintf(", earlier_departure = %q", w.earlier)
			}
		}
		ways = append(ways, text+" }")
	}
	put("way = [ %s ]\n", strings.Join(ways, ", "))
}
