package disclosure

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"
)

// WriteCSV writes the published bytes: one row for each figure with the codes of its dimensions, value and status, then
// rates and changes with their names in the column figure. A value stands only where the status is published or zero.
func (p *Protected) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(append(p.Dimensions(), "figure", "value", "status")); err != nil {
		return err
	}
	put := func(at []string, name string, value float64, decimals int, status Status) error {
		text := ""
		if status == Published || status == Zero {
			text = strconv.FormatFloat(value, 'f', decimals, 64)
		}
		row := append(append([]string{}, at...), name, text, status.String())
		return out.Write(row)
	}
	for _, f := range p.figures {
		decimals := -1
		if f.Value == math.Trunc(f.Value) {
			decimals = 0
		}
		if err := put(f.At, "value", f.Value, decimals, f.Status); err != nil {
			return err
		}
	}
	for _, r := range p.rates {
		if err := put(r.At, r.Name, r.Value, p.decimals[r.Name], r.Status); err != nil {
			return err
		}
	}
	for _, c := range p.changes {
		if err := put(c.At, c.Name, c.Value, -1, c.Status); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
