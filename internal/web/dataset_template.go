package web

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"slices"
	"strconv"

	"gevor/fault"
	"gevor/indicator"
)

// sketchTemplate is a table to fill in: a line for each area of a level.
func sketchTemplate(p *page) error {
	if _, err := p.sketchHouse(); err != nil {
		return err
	}
	g, _, err := p.figureGround()
	if err != nil {
		return err
	}
	level := indicator.Level(cmp.Or(p.first("level"), string(indicator.Districts)))
	if !slices.Contains(indicator.Levels(), level) {
		return fault.New(fault.Invalid, "level", "there is no such level", "choose one from the list")
	}
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.Comma = ';'
	rows := [][]string{{"key", "name", "period", "count", "base"}}
	for _, a := range g.Of(level) {
		rows = append(rows, []string{a.Key, harmless(a.Name), strconv.Itoa(p.now().Year() - 1), "", ""})
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	return p.give("text/csv; charset=utf-8", "gevor-"+string(level)+".csv", out.Bytes())
}
