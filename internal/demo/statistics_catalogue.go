package demo

import (
	"fmt"
	"os"
	"strings"
)

// dataset is one entry of the catalogue; more holds the lines that only it has.
type dataset struct {
	id, file, topic, direction, rules string
	de, en, unitDE, unitEN            string
	noteDE, noteEN                    string
	more                              string
}

// cityHouse is the organisation of the demo that owns the figures; its name is that of a seat of the demo's database.
const cityHouse = "Stadt Musterhafen, Gesundheitsplanung"

func (w *world) datasets(b *statisticsBook) []dataset {
	long := func(period, count, base string, per int) string {
		return fmt.Sprintf("area = \"stadtteil_nr\"\nperiod = %q\ncount = %q\nbase = %q\nper = %d\npart = true\ndecimals = 1\n", period, count, base, per)
	}
	wide := "shape = \"wide\"\nholds = \"counts\"\narea = \"Schlüssel\"\n"
	moved := ""
	if b.swap[0] >= 0 {
		moved = fmt.Sprintf("[[dataset.break]]\nat = \"%d\"\nreason = \"boundary-change\"\nnote = %s\nareas = [%q, %q]\n", boundaryYear,
			label("Zwischen beiden Stadtteilen wechselte ein Quartier.", "A quarter moved from one district to the other."), b.districts[b.swap[0]].key, b.districts[b.swap[1]].key)
	}
	redefined := fmt.Sprintf("[[dataset.break]]\nat = \"%d-12-31\"\nreason = \"redefinition\"\nnote = %s\n", redefinedYear,
		label("Seit 2022 zählen auch Menschen in Förderung mit.", "Since 2022 people in support programmes are counted too."))
	out := []dataset{
		{"einwohner", "einwohner.csv", "population", "depends", "register", "Einwohnerinnen und Einwohner", "Residents", "Menschen", "people", "Hauptwohnung, 31.12.", "Main residence, 31 December.", wide + moved},
		{"kinder", "kinder.csv", "population", "depends", "register", "Kinder unter 15 Jahren", "Children under 15", "Kinder", "children", "Hauptwohnung, 31.12.", "Main residence, 31 December.", wide + moved},
		{"ab65", "ab65.csv", "population", "depends", "register", "Menschen ab 65 Jahren", "People aged 65 and over", "% der Bevölkerung", "% of residents", "Mehr alte Menschen sind weder gut noch schlecht.", "More old people are neither good nor bad.", wide + "base_of = \"einwohner\"\nopen_base = true\nper = 100\npart = true\ndecimals = 1\n" + moved},
		{
			"kinderarmut", "kinderarmut.csv", "deprivation", "less", "ba", "Kinderarmut", "Child poverty", "% der Kinder unter 15", "% of children under 15",
			"Kinder in Haushalten mit SGB-II-Leistungen.", "Children in households on basic income support.",
			"role = \"deprivation\"\narea = \"Schlüssel\"\nperiod = \"Jahr\"\ncount = \"darunter_mit_SGB-II-Bezug\"\nbase = \"Kinder_unter_15\"\nopen_base = true\nper = 100\npart = true\ndecimals = 1\n" + moved,
		},
		{"arbeitslosigkeit", "arbeitslosigkeit.csv", "deprivation", "less", "ba", "Arbeitslosigkeit", "Unemployment", "% der 15- bis 64-Jährigen", "% of people aged 15 to 64", "Bestand am 31.12.", "State of 31 December.", long("stichtag", "arbeitslose", "einwohner_15_bis_64", 100) + "open_base = true\n" + redefined},
		{"alleinerziehende", "haushalte.csv", "deprivation", "depends", "kosis", "Haushalte Alleinerziehender", "Single-parent households", "% der Haushalte mit Kindern", "% of households with children", "Zeigt, wo Angebote für Alleinerziehende gebraucht werden; kein Werturteil.", "Shows where offers for single parents are needed; no judgement.", long("jahr", "alleinerziehende", "haushalte_mit_kindern", 100)},
		{"schuleingang-sprache", "schuleingang.csv", "health", "less", "gesundheitsamt", "Auffällige Sprachentwicklung bei der Einschulung", "Speech development at school entry", "% der untersuchten Kinder", "% of children examined", "Schuleingangsuntersuchung; 2020 fand keine statt.", "School entry examination; there was none in 2020.", "role = \"health\"\n" + long("jahrgang", "sprache_auffaellig", "untersucht", 100)},
		{"fruehe-sterbefaelle", "sterbefaelle.csv", "health", "less", "kosis", "Vorzeitige Sterblichkeit", "Premature mortality", "je 1.000 unter 65", "per 1,000 under 65", "Sterbefälle unter 65 Jahren, nicht nach Alter standardisiert.", "Deaths under 65, not standardised for age.", long("jahr", "gestorben_unter_65", "einwohner_unter_65", 1000) + "open_base = true\n"},
		{"termine-versaeumt", "beratung.csv", "competence", "less", "gesundheitsamt", "Versäumte Beratungstermine", "Missed appointments", "% der Beratungen", "% of consultations", "Vereinbarte Termine, zu denen niemand kam.", "Appointments to which nobody came.", "role = \"missed-appointments\"\n" + long("jahr", "termin_versaeumt", "beratungen", 100)},
		{"hilfe-briefe", "beratung.csv", "competence", "depends", "gesundheitsamt", "Hilfe bei Briefen und Formularen", "Help with letters and forms", "% der Beratungen", "% of consultations", "Mehr kann heißen: mehr Not, oder: die Hilfe wird gefunden.", "More can mean more need, or that help is found.", "role = \"help-with-letters\"\n" + long("jahr", "hilfe_bei_briefen", "beratungen", 100)},
		{"versorgungsgrad-kinder", "versorgungsgrad.csv", "supply", "more", "kv", "Versorgungsgrad Kinder- und Jugendärzte", "Supply ratio, paediatricians", "% des Solls", "% of the target", "Ein Mittelwert des ganzen Planungsbereichs.", "A mean of the whole planning area.", "role = \"supply-ratio\"\ncategory = \"kinderarzt\"\nlevel = \"planning-area\"\narea = \"planungsbereich\"\nperiod = \"stichtag\"\nvalue = \"versorgungsgrad\"\nunits = \"praxen\"\ndecimals = 1\n"},
		{"arztalter-kinder", "versorgungsgrad.csv", "supply", "depends", "kv", "Alter der Kinder- und Jugendärzte", "Age of paediatricians", "Jahre im Mittel", "years on average", "Nach 60 ist mit einer Nachfolge zu rechnen.", "Beyond 60 a successor will be needed.", "role = \"doctor-age\"\ncategory = \"kinderarzt\"\nlevel = \"planning-area\"\narea = \"planungsbereich\"\nperiod = \"stichtag\"\nvalue = \"durchschnittsalter\"\nunits = \"praxen\"\ndecimals = 1\n"},
	}
	out = append(out, pilotEntry())
	for _, t := range tongueList {
		out = append(
			out,
			dataset{
				"familiensprache-" + t.tag, "sprachen.csv", "language", "depends", "gesundheitsamt", "Familiensprache " + t.de, "Family language " + t.en, "% der Kinder unter 15", "% of children under 15", "Sprachbedarf, nicht Herkunft; Kinder mit mehreren Sprachen zählen bei jeder.", "Need of a language, not origin; children with several languages count for each.",
				fmt.Sprintf("role = \"language-needed\"\nlanguage = %q\nwhere = { familiensprache = %q }\n", t.tag, t.de) + long("jahr", "kinder", "kinder_insgesamt", 100) + "open_base = true\n",
			},
			dataset{
				"angebote-" + t.tag, "sprachangebote.csv", "language", "more", "register", "Angebote auf " + t.de, "Offers in " + t.en, "Angebote", "offers", "Beratungsstellen und Praxen, die diese Sprache sprechen; Auszug des Verzeichnisses.", "Counselling and practices that speak the language; an extract of the directory.",
				fmt.Sprintf("role = \"language-offered\"\nlanguage = %q\nwhere = { beratungssprache = %q }\narea = \"stadtteil_nr\"\nperiod = \"stichtag\"\ncount = \"angebote\"\n", t.tag, t.de),
			},
		)
	}
	return out
}

func (w *world) writeCatalogue(out *os.File) error {
	book := w.statistics()
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	put("# The indicators of the demo region, drawn from seed %d: everything here is synthetic. See docs/indicator-format.md.\nversion = 1\n", w.o.Seed)
	put("[[layer]]\nlevel = \"planning-area\"\nfile = \"planungsbereiche.csv\"\nkey = \"planungsbereich\"\nname = \"name\"\nmember = \"ags\"\n")
	for _, d := range w.datasets(book) {
		put("[[dataset]]\nid = %q\ntitle = %s\nnote = %s\nunit = %s\ntopic = %q", d.id, label(d.de, d.en), label(d.noteDE, d.noteEN), label(d.unitDE, d.unitEN), d.topic)
		if !strings.Contains(d.more, "level = ") {
			put("level = \"district\"")
		}
		rules := "regeln-" + d.rules + ".toml"
		if d.rules == "register" { // of residents: its counts are public
			rules = "none"
		}
		put("direction = %q\nstate = \"released\"\nsynthetic = true\nfile = %q\nrules = %q", d.direction, d.file, rules)
		put("source = \"Statistik der Musterstädte (synthetisch)\"\npublisher = \"Musterrevier (synthetisch)\"\nlicence = \"CC0-1.0\"\nreference_date = \"%d-12-31\"\nowner = %q", lastYear, cityHouse)
		put("%s", d.more)
	}
	_, err := out.WriteString(b.String())
	return err
}
