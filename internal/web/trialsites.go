package web

import (
	"math"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"gevor/atlas"
	"gevor/fault"
	"gevor/geo"
	"gevor/internal/web/ui"
	"gevor/region"
)

// sitesView compares choices of new places.
type sitesView struct {
	Fields  []ui.Select
	Limits  []ui.Input
	Few     string // what the budget limits; empty where it does not
	Chosen  bool
	Notes   []string // who counts, and what is known of languages
	Nobody  bool     // nobody misses the standard
	Choices []siteChoice
	Picture picture
}

// siteChoice is one choice in words.
type siteChoice struct {
	Title, Text          string
	Newly, Still, Beyond string
	Mean                 string // of the limit
	Proved               bool
	None                 bool          // no choice of so many places does it
	Bound, Gap           string        // what no choice can beat, and how far it can be from that; empty for the state of today
	More                 int           // places that are not named
	Try                  templ.SafeURL // empty for the state of today
	Places               []string
}

// trialSites says where new places would help most, by several objectives side by side.
func trialSites(p *page) error {
	if err := p.mayTry(); err != nil {
		return err
	}
	s := p.run.snapshot()
	standard := ui.Select{Name: "standard", Label: p.T("web.field.standard", nil), Value: p.first("standard")}
	for i := range s.Standards {
		if sum := p.run.summary(int32(i)); sum != nil && sum.Known {
			standard.Options = append(standard.Options, ui.Option{Value: s.Standards[i].Key, Label: p.label(s.Standards[i].Label)})
		}
	}
	places := ui.Select{Name: "places", Label: p.T("trial.places", nil), Value: p.first("places")}
	for k := range trialPlaces {
		places.Options = append(places.Options, ui.Option{Value: strconv.Itoa(k + 1), Label: strconv.Itoa(k + 1)})
	}
	group := ui.Select{Name: "group", Label: p.T("trial.people", nil), Any: p.T("trial.people_any", nil), Value: p.first("group")}
	for i := range s.Groups {
		if s.Groups[i].State != region.GroupUnknown {
			group.Options = append(group.Options, ui.Option{Value: s.Groups[i].Key, Label: p.label(s.Groups[i].Label)})
		}
	}
	spoken, err := p.spokenHere()
	if err != nil {
		return err
	}
	v := sitesView{Fields: []ui.Select{standard, group, spoken, places}}
	limits, wrong := map[string]float64{}, false
	for _, name := range []string{"budget", "price", "seats"} {
		i := ui.Input{Name: name, Label: p.T("trial."+name, nil), Value: p.first(name), InputMode: "decimal", Width: "short", Optional: p.T("ui.optional", nil)}
		if i.Value != "" {
			x, ok := plainPositive(i.Value)
			if limits[name] = x; !ok || x == 0 {
				i.Error, wrong = p.T("field.number", nil), true
			}
		}
		v.Limits = append(v.Limits, i)
	}
	if wrong {
		return p.render(http.StatusUnprocessableEntity, p.T("trial.sites", nil), sitesPage(p, v))
	}
	if standard.Value == "" {
		return p.render(http.StatusOK, p.T("trial.sites", nil), sitesPage(p, v))
	}
	k := index(s.Standards, func(t region.Standard) bool { return t.Key == standard.Value })
	n, err := strconv.Atoi(places.Value)
	if places.Value == "" {
		n, err = 1, nil
	}
	if k < 0 || err != nil || n < 1 || n > trialPlaces {
		return fault.New(fault.Invalid, "standard", "there is no such choice", "choose from the list")
	}
	if budget, price := limits["budget"], limits["price"]; budget > 0 && price > 0 {
		if most := int(math.Min(budget/price, trialPlaces)); most < n {
			n = most
			v.Few = p.T("trial.budget_for", with{"Number": strconv.Itoa(n)})
		}
	}
	if n == 0 {
		return p.render(http.StatusOK, p.T("trial.sites", nil), sitesPage(p, v))
	}
	question, err := p.siteQuestion(&v, k, group, spoken)
	if err != nil {
		return err
	}
	v.Chosen = true
	found, err := p.site.Trials.Choose(p.req.Context(), p.run, question, atlas.Wish{Places: n, Capacity: limits["seats"]})
	switch {
	case fault.KindOf(err) == fault.NotFound:
		v.Nobody = true
		return p.render(http.StatusOK, p.T("trial.sites", nil), sitesPage(p, v))
	case err != nil:
		return err
	}
	if len(question.Languages) > 0 {
		v.Notes = append(v.Notes, p.T("trial.spoken", with{"Places": p.Number(float64(found.Spoken.Places), 0), "Told": p.Number(float64(found.Spoken.Told), 0), "Those": p.Number(float64(found.Spoken.InThose), 0)}))
	}
	category := s.Categories[s.Standards[k].Category].Key
	var marks []geo.LonLat
	for _, c := range found.Choices {
		v.Choices = append(v.Choices, p.siteChoice(c, found.At, category))
		for _, j := range c.Open {
			marks = append(marks, found.At[j])
		}
	}
	v.Picture = p.sitesPicture(k, marks)
	return p.render(http.StatusOK, p.T("trial.sites", nil), sitesPage(p, v))
}

func (p *page) siteChoice(c atlas.Choice, at []geo.LonLat, category string) siteChoice {
	key := string(c.Objective)
	if key == "" {
		key = "today"
	}
	out := siteChoice{
		Title: p.T("trial.objective."+key, nil), Text: p.T("trial.objective_text."+key, nil), Newly: p.roughly(c.NewlyReached), Still: p.roughly(c.StillOut), Beyond: p.roughly(c.Beyond),
		Mean: p.Percent(c.MeanShare, 0), Proved: c.Optimal,
	}
	out.None = c.None
	if c.Objective != "" && !c.None {
		out.Bound, out.Gap = p.siteBound(c), p.Percent(math.Min(c.Gap, 1), 2)
	}
	var changes []atlas.Change
	for _, j := range c.Open {
		changes = append(changes, atlas.Change{At: at[j], Category: category, Capacity: math.NaN()})
		if len(out.Places) < sitesNamed {
			out.Places = append(out.Places, p.districtAt(at[j]))
		} else {
			out.More++
		}
	}
	if len(changes) > 0 && len(changes) <= trialChanges {
		out.Try = templ.SafeURL(p.path("trials") + "?" + changesQuery(changes).Encode())
	}
	return out
}

// sitesNamed is how many places of one choice are named.
const sitesNamed = 8

// siteBound says what no choice can beat, in the unit of its objective.
func (p *page) siteBound(c atlas.Choice) string {
	number := p.Number(c.Bound, 1)
	switch c.Objective {
	case atlas.MostPeople:
		number = p.roughly(c.Bound)
	case atlas.ShortestLast:
		number = p.Percent(c.Bound, 0)
	case atlas.FewestPlaces:
		number = p.Number(math.Ceil(c.Bound-1e-9), 0)
	case atlas.LeastWays:
	}
	return p.T("trial.bound."+string(c.Objective), with{"Number": number})
}

// districtAt names the district of the cell that lies nearest to a place.
func (p *page) districtAt(at geo.LonLat) string {
	s := p.run.snapshot()
	best, least := -1, math.Inf(1)
	for i, c := range s.Cells.At {
		if d := math.Hypot((c.Lon-at.Lon)*0.62, c.Lat-at.Lat); d < least {
			best, least = i, d
		}
	}
	if best < 0 || s.Cells.District == nil {
		return ""
	}
	return p.area(s.Cells.District[best])
}

// sitesPicture shows the gaps of a standard with the places chosen.
func (p *page) sitesPicture(standard int32, marks []geo.LonLat) picture {
	s := p.run.snapshot()
	pic := p.frameOf(regionBox(s))
	if p.drawable(standard) {
		pic.Cells = cellsOf(s, p.run.layer(standard), showShortfall, pic.View)
	}
	for _, m := range marks {
		x, y := pic.XY(m.Lon, m.Lat)
		pic.Marks = append(pic.Marks, mark{X: unit(x), Y: unit(y), Class: "remedy", Title: p.districtAt(m)})
	}
	pic.Titled = p.T("trial.sites_alt", with{"Standard": p.label(p.standard(standard).Label)})
	return pic
}
