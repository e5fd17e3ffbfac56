package webtest

import (
	"context"
	"fmt"
	"math"
	"strings"

	"gevor/authz"
	"gevor/disclosure"
	"gevor/indicator"
	"gevor/internal/web"
	"gevor/region"
)

// Dataset is the id of a public dataset of the east, PrivateDataset one that nobody else sees.
const (
	Dataset        = "beispiel-kinderarmut"
	PrivateDataset = "beispiel-geheim"
)

// ground gives the areas of the example town, with one planning area over both cities.
func figureGround() (*indicator.Ground, map[string][]string) {
	s := bare(web.Normal).Result.Snapshot
	var areas []indicator.Area
	members := map[string][]string{"PB1": nil}
	for i := range s.Areas {
		a := &s.Areas[i]
		x := indicator.Area{Key: a.Key, Name: a.Name, Level: indicator.Municipalities}
		if a.Kind == region.District {
			x.Level = indicator.Districts
			if a.Parent >= 0 {
				x.Parent = s.Areas[a.Parent].Key
			}
		} else {
			members["PB1"] = append(members["PB1"], a.Key)
		}
		areas = append(areas, x)
	}
	return indicator.NewGround(append(areas, indicator.Area{Key: "PB1", Name: "Planungsbereich Beispiel", Level: indicator.PlanningAreas})), members
}

// Figures are the true figures of the example town's datasets, so that tests can look for what must stay hidden.
func Figures() []indicator.Table {
	g, _ := figureGround()
	head := func(id, de, en string, topic indicator.Topic, d indicator.Direction) indicator.Dataset {
		return indicator.Dataset{
			ID: id, Title: indicator.Label{DE: de, EN: en}, Unit: indicator.Label{DE: "% der Kinder", EN: "% of children"}, Note: indicator.Label{DE: "Erfunden.", EN: "Invented."},
			Topic: topic, Level: indicator.Districts, Direction: d, Source: "Statistik der Beispielstadt", Publisher: "Beispielstadt", Licence: "CC0-1.0", ReferenceDate: "2025-12-31",
			Per: 100, Part: true, Decimals: 1, State: indicator.Released, Synthetic: true, RuleSet: "unter 5", Rules: disclosure.Rules{Name: "unter 5", MinimumCell: 5},
		}
	}
	poor := head(Dataset, "Kinderarmut", "Child poverty", indicator.Deprivation, indicator.LessIsBetter)
	poor.Role = "deprivation"
	at2023, _ := indicator.ParsePeriod("2023")
	poor.Breaks = []indicator.Break{{At: at2023, Reason: indicator.Redefinition, Note: indicator.Label{DE: "Anders gezählt.", EN: "Counted differently."}}}
	ill := head("beispiel-sprachentwicklung", "Auffällige Sprachentwicklung", "Speech development", indicator.Health, indicator.LessIsBetter)
	ill.Role = "health"
	needed := head("beispiel-sprache-tr", "Familiensprache Türkisch", "Family language Turkish", indicator.Language, indicator.Depends)
	needed.Role, needed.Language = "language-needed", "tr"
	offered := head("beispiel-angebot-tr", "Angebote auf Türkisch", "Offers in Turkish", indicator.Language, indicator.MoreIsBetter)
	offered.Role, offered.Language, offered.Per, offered.Part, offered.Decimals = "language-offered", "tr", 0, false, 0
	offered.Rules, offered.RuleSet = disclosure.Rules{}, ""
	secret := head(PrivateDataset, "Noch geheim "+Canary, "Not yet public "+Canary, indicator.Health, indicator.LessIsBetter)
	ratio := head("beispiel-versorgungsgrad", "Versorgungsgrad", "Supply ratio", indicator.Supply, indicator.MoreIsBetter)
	ratio.Role, ratio.Level, ratio.Values, ratio.Per, ratio.Part, ratio.Category = "supply-ratio", indicator.PlanningAreas, true, 0, false, "kinderarzt"
	ratio.Rules = disclosure.Rules{Name: "weniger als 3 Praxen", MinimumUnits: 3}
	var out []indicator.Table
	for k, d := range []indicator.Dataset{poor, ill, needed, offered, secret} {
		out = append(out, districtTable(g, d, k))
	}
	t := indicator.Table{Dataset: ratio}
	for y, v := range []float64{131.5, 137} {
		at, _ := indicator.ParsePeriod([]string{"2024", "2025"}[y])
		t.Figures = append(t.Figures, indicator.Figure{Area: "PB1", Period: at, Rate: indicator.Of(v), Units: 9, Place: "versorgung.csv:2"})
	}
	return append(out, t)
}

// districtTable makes figures that differ between districts, years and datasets; some are small, one is missing.
func districtTable(g *indicator.Ground, d indicator.Dataset, k int) indicator.Table {
	t := indicator.Table{Dataset: d}
	for i, a := range g.Of(indicator.Districts) {
		for y, name := range []string{"2020", "2021", "2022", "2023", "2024", "2025"} {
			at, _ := indicator.ParsePeriod(name)
			base := 180 + 37*((i*5+k)%7)
			count := math.Floor(float64(base) * (0.04 + 0.03*float64((i*7+k*3)%9) + 0.004*float64(y*(i%3))))
			f := indicator.Figure{Area: a.Key, Period: at, Count: indicator.Of(count), Base: indicator.Of(float64(base)), Place: "beispiel.csv:2"}
			switch {
			case i == 3 && y == 5:
				f.Count = indicator.Of(2)
			case i == 5 && y == 1:
				f.Count, f.Base = indicator.Value{}, indicator.Value{}
			}
			if !d.Ratio() {
				f.Count, f.Base = indicator.Of(float64(i%3)), indicator.Value{}
			}
			t.Figures = append(t.Figures, f)
		}
	}
	return t
}

// publish puts the figures of the example town through the gate and releases all but one.
func (h *Houses) publish(ctx context.Context, keeper authz.Actor) error {
	g, members := figureGround()
	for i, t := range Figures() {
		pub, preview, err := indicator.Protect(&t, g, indicator.GateOptions{OpenBase: true, Members: members})
		if err != nil {
			return err
		}
		wanted := authz.Release{Level: authz.PublicLevel}
		if t.Dataset.ID == PrivateDataset {
			wanted = authz.Release{}
		}
		if _, err := h.PublishDataset(ctx, keeper, Day(), East, i, 0, pub, preview, wanted); err != nil {
			return err
		}
	}
	return nil
}

// SketchFigure is a true figure of the dataset that the east writes by hand, of which nobody else may learn.
const SketchFigure = "90817"

// Sketch is a dataset that the east writes by hand: one figure is below the minimum of its rules, one line is wrong.
func Sketch() indicator.Sketch {
	g, _ := figureGround()
	var raw strings.Builder
	raw.WriteString("key;period;count;base\n")
	all := g.Of(indicator.Districts)
	for i, a := range all {
		switch i {
		case len(all) - 1:
			fmt.Fprintf(&raw, "%s;2025;%s;99999\n", a.Key, SketchFigure)
		case 1:
			fmt.Fprintf(&raw, "%s;2025;3;740\n", a.Key)
		default:
			fmt.Fprintf(&raw, "%s;2025;%d;%d\n", a.Key, 40+i, 700+10*i)
		}
	}
	raw.WriteString("00000000;2025;7;900\n")
	k := indicator.Sketch{
		Owner: string(East), File: "tabelle.csv", Raw: []byte(raw.String()), OpenBase: true,
		Dataset: indicator.Dataset{
			ID: "beispiel-entwurf", Title: indicator.Label{DE: "Entwurf " + Canary, EN: "Draft " + Canary}, Unit: indicator.Label{DE: "% der Kinder", EN: "% of children"},
			Topic: indicator.Health, Level: indicator.Districts, Direction: indicator.LessIsBetter, Source: "Beispielamt", Publisher: "Beispielstadt", Licence: "CC0-1.0",
			ReferenceDate: "2025-12-31", Per: 100, Part: true, Decimals: 1, State: indicator.Draft,
		},
	}
	k.Keep(indicator.Secrecy{Name: "unter 5", Cell: 5})
	return k
}
