package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gevor/fault"
	"gevor/indicator"
)

// profileFigure is one dataset on the sheet of a district.
type profileFigure struct {
	Dataset *indicator.Dataset
	Listed  indicator.Listed
	Point   indicator.Point
	Mean    string
	Href    templ.SafeURL
}

// standing is the state that a profile shows: a run, and statistics as they were public at a time; zero is now.
type standing struct {
	at time.Time
}

// runHash is the form of the names of runs.
func runHash(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// standingAsked reads which state the address names ("run" and "stand") and turns the page to that run.
func (p *page) standingAsked() (standing, error) {
	hash, text := p.first("run"), p.first("stand")
	if hash == "" && text == "" {
		return standing{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil && text != "" {
		return standing{}, fault.Wrap(fault.Invalid, "stand", "this is no time", "follow a link of a profile, or write for example 2026-11-22T12:00:00Z", err)
	}
	if text == "" {
		at = p.now()
	}
	if hash != "" && hash != p.run.Hash {
		gone := fault.New(fault.NotFound, p.req.URL.Path, "this run is not kept here any more", "look at the profile of today")
		if p.site.PastRuns == nil || !runHash(hash) {
			return standing{}, gone
		}
		run, err := p.site.PastRuns.Past(hash)
		if err != nil {
			if fault.KindOf(err) == fault.NotFound {
				return standing{}, gone
			}
			return standing{}, err
		}
		p.run = run
	}
	return standing{at}, nil
}

// profileFigures gives the newest figures of a district of every dataset that the reader may see, as they stood.
func (p *page) profileFigures(key string, s standing) ([]profileFigure, error) {
	if p.site.Figures == nil || p.site.Houses == nil {
		return nil, nil
	}
	all, err := p.datasets()
	if err != nil {
		return nil, err
	}
	var out []profileFigure
	for i := range all {
		if all[i].Dataset.Level != indicator.Districts {
			continue
		}
		pub, listed, err := p.site.Figures.Publication(p.req.Context(), p.actor, all[i].Dataset.ID)
		if !s.at.IsZero() {
			pub, listed, err = p.site.Figures.PublicationAt(p.req.Context(), p.actor, all[i].Dataset.ID, s.at)
			if fault.KindOf(err) == fault.NotFound && err != nil {
				continue // not public then
			}
		}
		if err != nil {
			return nil, err
		}
		at, ok := pub.Latest()
		if _, has := pub.Area(key); !ok || !has {
			continue
		}
		mean, _ := pub.Mean(at)
		out = append(out, profileFigure{
			Dataset: &pub.Dataset, Listed: listed, Point: pub.Point(key, at), Mean: p.Number(mean, pub.Dataset.Decimals),
			Href: p.link("indicator", pub.Dataset.ID) + templ.SafeURL("?area="+urlQuery(key)),
		})
	}
	return out, nil
}

// lasting is the address at which a profile stays as it is: it names the run and the moment of the newest public release.
func (p *page) lasting(key string, figures []profileFigure, s standing) templ.SafeURL {
	at := s.at
	if at.IsZero() {
		at = p.run.snapshot().Date
		for _, f := range figures {
			if f.Listed.Shown.After(at) {
				at = f.Listed.Shown
			}
		}
	}
	return p.link("district", key) + templ.SafeURL("?run="+p.run.Hash+"&stand="+urlQuery(at.UTC().Format(time.RFC3339)))
}

// releasesText names the releases that a profile shows.
func (p *page) releasesText(figures []profileFigure) string {
	var out []string
	for _, f := range figures {
		out = append(out, p.title(f.Dataset)+" "+strconv.Itoa(f.Listed.Number))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
