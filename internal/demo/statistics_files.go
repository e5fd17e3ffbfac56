package demo

import (
	"fmt"
	"os"

	"golang.org/x/text/encoding/charmap"
)

// statisticsFiles are the files of the folder indicators.
func statisticsFiles() []file {
	return []file{
		{"indicators/catalogue.toml", (*world).writeCatalogue},
		{"indicators/regeln-ba.toml", rulesFile("Bundesagentur für Arbeit: unter 3", "minimum_cell = 3\n")},
		{"indicators/regeln-gesundheitsamt.toml", rulesFile("Gesundheitsamt: unter 5, Nenner unter 20", "minimum_cell = 5\nminimum_denominator = 20\n")},
		{"indicators/regeln-kosis.toml", rulesFile("KOSIS: unter 4", "minimum_cell = 4\n")},
		{"indicators/regeln-kv.toml", rulesFile("Vertragsärztliche Versorgung: weniger als 3 Praxen", "minimum_units = 3\n")},
		{"indicators/einwohner.csv", wideFile(func(s *statistic) *[statYears]int { return &s.people })},
		{"indicators/kinder.csv", wideFile(func(s *statistic) *[statYears]int { return &s.children })},
		{"indicators/ab65.csv", wideFile(func(s *statistic) *[statYears]int { return &s.old })},
		{"indicators/kinderarmut.csv", (*world).writePoverty},
		{"indicators/arbeitslosigkeit.csv", (*world).writeJobless},
		{"indicators/schuleingang.csv", (*world).writeExamination},
		{"indicators/haushalte.csv", (*world).writeSingles},
		{"indicators/sterbefaelle.csv", (*world).writeDeaths},
		{"indicators/sprachen.csv", (*world).writeTongues},
		{"indicators/sprachangebote.csv", (*world).writeTongueOffers},
		{"indicators/beratung.csv", (*world).writeAdvice},
		{"indicators/erstgespraeche.csv", (*world).writePilots},
		{"indicators/planungsbereiche.csv", (*world).writePlanningAreas},
		{"indicators/versorgungsgrad.csv", (*world).writeSupplyRatio},
	}
}

func rulesFile(name, rules string) func(*world, *os.File) error {
	return func(w *world, out *os.File) error {
		return writeLines(out, func(put func(string, ...any)) {
			put("# Musterrevier %d (synthetisch)\nname = %q\n%s", w.o.Seed, name, rules)
		})
	}
}

// wideFile writes a register with one column for each year, byte order mark and all, and a line for each city.
func wideFile(of func(*statistic) *[statYears]int) func(*world, *os.File) error {
	return func(w *world, out *os.File) error {
		if _, err := out.WriteString("\ufeff"); err != nil {
			return err
		}
		b := w.statistics()
		return writeLines(out, func(put func(string, ...any)) {
			head := "Schlüssel;Gebiet"
			for y := range statYears {
				head += fmt.Sprintf(";%d", firstYear+y)
			}
			put("%s", head)
			for k := range w.p.cities {
				var sum [statYears]int
				for i := range b.districts {
					s := &b.districts[i]
					if s.city != w.p.cities[k].key {
						continue
					}
					row := s.key + ";" + s.name
					for y, n := range of(s) {
						sum[y] += n
						row += ";" + count(int32(n))
					}
					put("%s", row)
				}
				row := w.p.cities[k].key + ";" + w.p.cities[k].name + " insgesamt"
				for _, n := range sum {
					row += ";" + count(int32(n))
				}
				put("%s", row)
			}
		})
	}
}

// each visits every district that has people, and every year.
func (b *statisticsBook) each(visit func(s *statistic, y, year int)) {
	for i := range b.districts {
		for y := range statYears {
			if !b.districts[i].empty {
				visit(&b.districts[i], y, firstYear+y)
			}
		}
	}
}

// writePoverty writes what the employment agency hands out: figures of one or two are a star, cities stand below.
func (w *world) writePoverty(out *os.File) error {
	b := w.statistics()
	return writeLines(charmap.Windows1252.NewEncoder().Writer(out), func(put func(string, ...any)) {
		put("Schlüssel;Jahr;Kinder_unter_15;darunter_mit_SGB-II-Bezug")
		type sum struct{ children, poor int }
		sums := map[string]*[statYears]sum{}
		b.each(func(s *statistic, y, year int) {
			if sums[s.city] == nil {
				sums[s.city] = &[statYears]sum{}
			}
			t := &sums[s.city][y]
			t.children += s.children[y]
			t.poor += s.poorChildren[y]
			poor := count(int32(s.poorChildren[y]))
			if s.poorChildren[y] == 1 || s.poorChildren[y] == 2 {
				poor = "*"
			}
			put("%s;%d;%d;%s", s.key, year, s.children[y], poor)
		})
		for k := range w.p.cities {
			if all := sums[w.p.cities[k].key]; all != nil {
				for y, t := range all {
					put("%s;%d;%d;%d", w.p.cities[k].key, firstYear+y, t.children, t.poor)
				}
			}
		}
	})
}

func (w *world) writeJobless(out *os.File) error {
	b := w.statistics()
	return writeLines(out, func(put func(string, ...any)) {
		put("stadtteil_nr;stichtag;arbeitslose;einwohner_15_bis_64")
		b.each(func(s *statistic, y, year int) {
			put("%s;31.12.%d;%s;%d", s.key, year, count(int32(s.jobless[y])), s.worker[y])
		})
	})
}

// writeExamination writes the school entry examination: a year without one is an x.
func (w *world) writeExamination(out *os.File) error {
	b := w.statistics()
	return writeLines(out, func(put func(string, ...any)) {
		put("stadtteil_nr;jahrgang;untersucht;sprache_auffaellig")
		b.each(func(s *statistic, y, year int) {
			if year == pandemicYear {
				put("%s;%d;x;x", s.key, year)
				return
			}
			put("%s;%d;%s;%s", s.key, year, count(int32(s.examined[y])), count(int32(s.speech[y])))
		})
	})
}

func (w *world) writeSingles(out *os.File) error {
	b := w.statistics()
	return writeLines(out, func(put func(string, ...any)) {
		put("stadtteil_nr;jahr;haushalte_mit_kindern;alleinerziehende")
		b.each(func(s *statistic, y, year int) {
			put("%s;%d;%s;%s", s.key, year, count(int32(float64(s.children[y])*0.62)), count(int32(s.single[y])))
		})
	})
}

func (w *world) writeDeaths(out *os.File) error {
	b := w.statistics()
	return writeLines(out, func(put func(string, ...any)) {
		put("stadtteil_nr;jahr;gestorben_unter_65;einwohner_unter_65")
		b.each(func(s *statistic, y, year int) {
			put("%s;%d;%s;%d", s.key, year, count(int32(s.deaths[y])), s.worker[y]+s.children[y])
		})
	})
}

func (w *world) writeTongues(out *os.File) error {
	b := w.statistics()
	return writeLines(out, func(put func(string, ...any)) {
		put("stadtteil_nr;jahr;familiensprache;kinder;kinder_insgesamt")
		b.each(func(s *statistic, y, year int) {
			for k, t := range tongueList {
				put("%s;%d;%s;%s;%d", s.key, year, t.de, count(int32(s.tongues[k][y])), s.children[y])
			}
		})
	})
}

func (w *world) writeTongueOffers(out *os.File) error {
	b := w.statistics()
	return writeLines(out, func(put func(string, ...any)) {
		put("stadtteil_nr;stichtag;beratungssprache;angebote")
		b.each(func(s *statistic, _, year int) {
			if year != lastYear {
				return
			}
			for k, t := range tongueList {
				put("%s;31.12.%d;%s;%s", s.key, year, t.de, count(int32(s.offers[k])))
			}
		})
	})
}

func (w *world) writeAdvice(out *os.File) error {
	b := w.statistics()
	return writeLines(out, func(put func(string, ...any)) {
		put("stadtteil_nr;jahr;beratungen;termin_versaeumt;hilfe_bei_briefen")
		b.each(func(s *statistic, y, year int) {
			put("%s;%d;%s;%s;%s", s.key, year, count(int32(s.advised[y])), count(int32(s.missed[y])), count(int32(s.letters[y])))
		})
	})
}

func (w *world) writePlanningAreas(out *os.File) error {
	b := w.statistics()
	return writeLines(out, func(put func(string, ...any)) {
		put("planungsbereich;name;ags")
		for _, a := range b.areas {
			for _, k := range a.cities {
				put("%s;%s;%s", a.key, a.name, w.p.cities[k].key)
			}
		}
	})
}

func (w *world) writeSupplyRatio(out *os.File) error {
	b := w.statistics()
	return writeLines(out, func(put func(string, ...any)) {
		put("planungsbereich;stichtag;versorgungsgrad;praxen;durchschnittsalter")
		for _, a := range b.areas {
			for y := range statYears {
				put("%s;31.12.%d;%s;%d;%s", a.key, firstYear+y, comma(a.supply[y], 1), a.practices, comma(a.age-0.5*float64(statYears-1-y), 1))
			}
		}
	})
}
