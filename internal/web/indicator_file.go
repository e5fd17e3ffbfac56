package web

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strconv"

	"gevor/indicator"
)

// figuresFile writes a whole dataset as it was published: every area, period, kind and break, as CSV that programs read.
func figuresFile(p *page) error {
	pub, listed, err := p.site.Figures.Publication(p.req.Context(), p.actor, p.req.PathValue("dataset"))
	if err != nil {
		return err
	}
	d := &pub.Dataset
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{{"dataset", "release", "reference_date", "source", "licence", "unit", "direction", "level", "area", "name", "period", "kind", "value", "standard_error", "count", "count_kind", "base", "base_kind", "break"}}
	number := func(v indicator.Value) string {
		if !v.Known() {
			return ""
		}
		return strconv.FormatFloat(v.Number, 'f', -1, 64)
	}
	for _, a := range pub.Areas {
		s := pub.Series(a.Key)
		for _, x := range s.Points {
			kept, broken := "", ""
			if x.Value.Error > 0 {
				kept = strconv.FormatFloat(x.Value.Error, 'g', 4, 64)
			}
			for _, b := range s.Breaks {
				if b.At == x.Period {
					broken = string(b.Reason)
				}
			}
			rows = append(rows, []string{
				d.ID, strconv.Itoa(listed.Number), d.ReferenceDate, d.Source, d.Licence, d.Unit.EN, string(d.Direction), string(a.Level), a.Key, harmless(a.Name), x.Period.String(),
				x.Value.Kind.String(), number(x.Value), kept, number(x.Count), x.Count.Kind.String(), number(x.Base), x.Base.Kind.String(), broken,
			})
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	h := p.res.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+fileName(d.ID)+`.csv"`)
	h.Set("Cache-Control", "private, no-store")
	p.res.WriteHeader(http.StatusOK)
	_, err = p.res.Write(out.Bytes())
	return ignoreGone(p.req.Context(), err)
}
