package web

import (
	"github.com/a-h/templ"

	"gevor/indicator"
)

// profileFigure is one dataset on the sheet of a district.
type profileFigure struct {
	Dataset *indicator.Dataset
	Point   indicator.Point
	Mean    string
	Href    templ.SafeURL
}

// profileFigures gives the newest figures of a district of every dataset that the reader may see.
func (p *page) profileFigures(key string) ([]profileFigure, error) {
	if p.site.Figures == nil || p.site.Houses == nil {
		return nil, nil
	}
	all, err := p.publications(func(d *indicator.Dataset) bool { return d.Level == indicator.Districts })
	if err != nil {
		return nil, err
	}
	var out []profileFigure
	for _, pub := range all {
		at, ok := pub.Latest()
		if _, has := pub.Area(key); !ok || !has {
			continue
		}
		mean, _ := pub.Mean(at)
		out = append(out, profileFigure{
			Dataset: &pub.Dataset, Point: pub.Point(key, at), Mean: p.Number(mean, pub.Dataset.Decimals),
			Href: p.link("indicator", pub.Dataset.ID) + templ.SafeURL("?area="+urlQuery(key)),
		})
	}
	return out, nil
}
