package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gevor/atlas"
	"gevor/authz"
	"gevor/fault"
	"gevor/geo"
	"gevor/internal/web/ui"
	"gevor/region"
)

// Trials reckons what changes to offers would do, while the reader waits.
type Trials interface {
	// Try says what a scenario changes. The error is ErrCollecting while the travel times of the run are still being
	// collected, which the first question begins.
	Try(ctx context.Context, run *Run, s atlas.Scenario) ([]atlas.Effect, error)
	// Choose sites new places for one question by every objective, the state of today first. NotFound where everybody
	// reaches a place in time.
	Choose(ctx context.Context, run *Run, question atlas.Question, wish atlas.Wish) (*Sites, error)
}

// Sites are choices of new places among the candidates At.
type Sites struct {
	At      []geo.LonLat
	Choices []atlas.Choice
	Spoken  atlas.Spoken
}

// ErrCollecting is the cause of a fault that says that travel times are still being collected.
var ErrCollecting = errors.New("travel times are being collected")

// KeptTrials keeps what was tried out.
type KeptTrials interface {
	Trials(ctx context.Context, actor authz.Actor, region string) ([]atlas.Trial, error)
	Trial(ctx context.Context, actor authz.Actor, id string) (atlas.Trial, error)
	KeepTrial(ctx context.Context, actor authz.Actor, at time.Time, x atlas.Trial) (string, error)
	RemoveTrial(ctx context.Context, actor authz.Actor, at time.Time, id string) error
}

// trialRoutes are the addresses at which planners try out changes. What is tried stands in the query, so that it can be
// handed on as a link.
func trialRoutes() []Route {
	at := func(name string, do authz.Action, de, en string, handle handler) Route {
		return Route{
			Name: name, Section: "atlas", Access: Access{Kind: authz.Trial, Action: do}, States: []State{SignedIn}, NeedsRun: true, Handle: handle,
			Patterns: map[string]string{"de": "/de/ausprobieren" + de, "en": "/en/try-out" + en},
		}
	}
	first := at("trials", authz.Create, "", "", trials)
	first.Nav = 5
	return []Route{
		first,
		at("trial-sites", authz.Create, "/orte", "/places", trialSites),
		post(at("trial-keep", authz.Create, "/merken", "/keep", trialKeep)),
		at("trial", authz.View, "/{trial}", "/{trial}", trialPage),
		post(at("trial-share", authz.Share, "/{trial}/freigabe", "/{trial}/release", trialShare)),
		at("trial-remove", authz.Remove, "/{trial}/entfernen", "/{trial}/remove", trialRemove),
		post(at("trial-removed", authz.Remove, "/{trial}/entfernen", "/{trial}/remove", trialRemoved)),
	}
}

// Bounds of one question.
const (
	trialChanges = 20
	trialPlaces  = 5
	offersShown  = 15
	placeMargin  = 5000 // metres that a new place may lie outside the region
)

// trialNarrows are the names in the query that narrow the list of offers.
var trialNarrows = [...]string{"category", "district", "words"}

// trialView is the page on which one tries out.
type trialView struct {
	Changes []trialChange
	Offers  []trialOffer
	More    int // offers that are not shown
	Choice  []ui.Select
	Words   ui.Input // in the names of the offers
	Add     entry    // the forms that add a change
	Sized   []ui.Option
	Kept    ui.Table
	// Of a result; Waits says that travel times are still being collected.
	Waits   bool
	Results []trialResult
	Picture picture
	Lines   ui.Table
	Keep    entry
	Houses  []ui.Option
}

// trialChange is one change in words.
type trialChange struct {
	Text, Sub string
	Without   templ.SafeURL // the same without it
}

// trialOffer is an offer that may be changed.
type trialOffer struct {
	Name, Place, Capacity string
	Close, Double         templ.SafeURL // Double is empty where the capacity is not known
	Chosen                bool
}

// trialResult is what comes out under one standard.
type trialResult struct {
	Label, Group        string
	Known               bool
	Gain, Lose          string
	Before, After, Left string // people who miss it today and afterwards, and what share of today's that is
	Unchanged           bool
}

// trialLine is one line of the table of districts.
type trialLine struct {
	Standard, Group, District string
	Known                     bool
	atlas.DistrictOutcome
}

func (p *page) mayTry() error { return p.may(authz.Create, authz.Object{Kind: authz.Trial}) }

func trials(p *page) error {
	if err := p.mayTry(); err != nil {
		return err
	}
	changes, err := p.changesAsked()
	if err != nil {
		return err
	}
	if p.first("add") != "" {
		return p.addChange(changes)
	}
	return p.showTrial(http.StatusOK, changes, p.begin("trial"), p.begin("trial"))
}

// showTrial shows the page with what is tried and what it does; add and keep are its forms.
func (p *page) showTrial(status int, changes []atlas.Change, add, keep entry) error {
	v := trialView{Add: add, Keep: keep}
	if err := p.offersToChange(&v, changes); err != nil {
		return err
	}
	if err := p.keptTrials(&v); err != nil {
		return err
	}
	if len(changes) > 0 {
		for i, c := range changes {
			line := p.changeInWords(c)
			line.Without = p.trialLink(slices.Delete(slices.Clone(changes), i, i+1))
			v.Changes = append(v.Changes, line)
		}
		effects, err := p.try(changes)
		switch {
		case errors.Is(err, ErrCollecting):
			v.Waits = true
			p.res.Header().Set("Refresh", "5")
		case err != nil:
			return err
		default:
			s := p.run.snapshot()
			outcomes := atlas.Outcomes(s, effects)
			lines := p.trialSheet(outcomes)
			if sent, err := lines.asked(p); sent || err != nil {
				return err
			}
			if v.Lines, err = lines.show(p); err != nil {
				return err
			}
			v.Results = p.trialResults(outcomes)
			v.Picture = p.trialPicture(effects)
			v.Houses = p.planningFor()
		}
	}
	return p.render(status, p.T("trial.title", nil), trialsPage(p, v))
}

// try reckons changes on the served run.
func (p *page) try(changes []atlas.Change) ([]atlas.Effect, error) {
	scenario, err := atlas.ScenarioOf(p.run.snapshot(), changes)
	if err != nil {
		return nil, err
	}
	return p.site.Trials.Try(p.req.Context(), p.run, scenario)
}

// categoriesOfStandards are the categories that some standard counts, by name.
func (p *page) categoriesOfStandards() []ui.Option {
	s := p.run.snapshot()
	var out []ui.Option
	for k := range s.Categories {
		if slices.ContainsFunc(s.Standards, func(t region.Standard) bool { return atlas.Narrower(s.Categories, int32(k), t.Category) }) {
			out = append(out, ui.Option{Value: s.Categories[k].Key, Label: p.label(s.Categories[k].Label)})
		}
	}
	p.byLabel(out)
	return out
}

// categoryToBegin is the category of which offers are listed where nobody chose one: that of the first offer that is
// changed, else the first of which there are offers.
func (p *page) categoryToBegin(options []ui.Option, changes []atlas.Change) string {
	s := p.run.snapshot()
	has := func(o *region.Offer, key string) bool {
		return slices.ContainsFunc(o.Categories, func(c int32) bool { return s.Categories[c].Key == key })
	}
	for _, c := range changes {
		if i, err := atlas.OfferByID(s, c.Offer); err == nil {
			if k := slices.IndexFunc(options, func(x ui.Option) bool { return has(&s.Offers[i], x.Value) }); k >= 0 {
				return options[k].Value
			}
		}
	}
	for _, x := range options {
		if slices.ContainsFunc(s.Offers, func(o region.Offer) bool { return has(&o, x.Value) }) {
			return x.Value
		}
	}
	return ""
}

// offersToChange fills the list of offers, narrowed by category and municipality.
func (p *page) offersToChange(v *trialView, changes []atlas.Change) error {
	s := p.run.snapshot()
	category := ui.Select{Name: "category", Label: p.T("trial.category", nil), Value: p.first("category"), Options: p.categoriesOfStandards()}
	if category.Value == "" {
		category.Value = p.categoryToBegin(category.Options, changes)
	}
	city := ui.Select{Name: "district", Label: p.T("trial.municipality", nil), Any: p.T("trial.everywhere", nil), Value: p.first("district")}
	for _, a := range s.Areas {
		if a.Kind == region.Municipality {
			city.Options = append(city.Options, ui.Option{Value: a.Key, Label: a.Name})
		}
	}
	p.byLabel(city.Options)
	v.Choice = []ui.Select{category, city}
	v.Words = ui.Input{Name: "words", Type: "search", Label: p.T("trial.words", nil), Value: p.first("words"), Most: 80}
	words := strings.ToLower(v.Words.Value)
	wanted := index(s.Categories, func(c region.Category) bool { return c.Key == category.Value })
	if wanted < 0 && category.Value != "" {
		return fault.New(fault.Invalid, "category", "there is no category \""+category.Value+"\"", "choose one of the list")
	}
	var list []int32
	for i := range s.Offers {
		o := &s.Offers[i]
		if wanted < 0 || !slices.ContainsFunc(o.Categories, func(c int32) bool { return atlas.Narrower(s.Categories, c, wanted) }) {
			continue
		}
		if words != "" && !strings.Contains(strings.ToLower(o.Name), words) {
			continue
		}
		if city.Value == "" || o.Municipality >= 0 && s.Areas[o.Municipality].Key == city.Value {
			list = append(list, int32(i))
		}
	}
	slices.SortStableFunc(list, func(a, b int32) int { return p.compare(s.Offers[a].Name, s.Offers[b].Name) })
	v.More = max(0, len(list)-offersShown)
	for _, i := range list[:min(len(list), offersShown)] {
		o := &s.Offers[i]
		without := slices.DeleteFunc(slices.Clone(changes), func(c atlas.Change) bool { return c.Offer == o.ID })
		line := trialOffer{Name: o.Name, Place: p.area(o.Municipality), Capacity: p.capacity(o.Capacity), Chosen: len(without) < len(changes)}
		line.Close = p.trialLink(append(without, atlas.Change{Offer: o.ID}))
		if o.Capacity > 0 {
			line.Double = p.trialLink(append(without, atlas.Change{Offer: o.ID, Capacity: 2 * o.Capacity}))
		}
		v.Offers = append(v.Offers, line)
		v.Sized = append(v.Sized, ui.Option{Value: o.ID, Label: o.Name + ", " + line.Place})
	}
	return nil
}

// capacity writes a capacity, or that it is not known.
func (p *page) capacity(x float64) string {
	if math.IsNaN(x) {
		return p.T("trial.capacity_unknown", nil)
	}
	return p.Number(x, decimalsOf(x))
}

func decimalsOf(x float64) int {
	if x == math.Trunc(x) {
		return 0
	}
	return 1
}

// changeInWords says what a change is.
func (p *page) changeInWords(c atlas.Change) trialChange {
	s := p.run.snapshot()
	if c.Opens() {
		k := index(s.Categories, func(k region.Category) bool { return k.Key == c.Category })
		name := c.Category
		if k >= 0 {
			name = p.label(s.Categories[k].Label)
		}
		line := trialChange{Text: p.T("trial.opens", with{"Category": name}), Sub: strconv.FormatFloat(c.At.Lat, 'f', 5, 64) + ", " + strconv.FormatFloat(c.At.Lon, 'f', 5, 64)}
		if !math.IsNaN(c.Capacity) {
			line.Sub += " · " + p.T("trial.with_capacity", with{"Capacity": p.capacity(c.Capacity)})
		}
		return line
	}
	if c.Feed != "" {
		return trialChange{Text: p.T("trial.lines", with{"Name": c.Feed})}
	}
	name, place, today := c.Offer, "", math.NaN()
	if i, err := atlas.OfferByID(s, c.Offer); err == nil {
		name, place, today = s.Offers[i].Name, p.area(s.Offers[i].Municipality), s.Offers[i].Capacity
	}
	if c.Longer > 0 {
		return trialChange{Text: p.T("trial.opens_longer", with{"Name": name, "Factor": p.Number(c.Longer, 2)}), Sub: place}
	}
	if c.Capacity == 0 {
		return trialChange{Text: p.T("trial.closes", with{"Name": name}), Sub: place}
	}
	return trialChange{Text: p.T("trial.resized", with{"Name": name, "Before": p.capacity(today), "After": p.capacity(c.Capacity)}), Sub: place}
}

// trialField completes a field of one of the forms that add a change; only the one that was sent shows what was typed.
func trialField(v trialView, form string, i ui.Input) ui.Input {
	i.Within = form + "-"
	if v.Add.values.Get("add") != form {
		blank := v.Add
		blank.values, blank.wrong = url.Values{}, nil
		if i.Name == "category" {
			blank.values.Set("category", v.Choice[0].Value)
		}
		return blank.fill(i)
	}
	return v.Add.fill(i)
}

// trialProblems leads to the fields that are wrong.
func trialProblems(v trialView) []ui.Problem {
	form := v.Add.values.Get("add")
	var fields []ui.Input
	for _, name := range []string{"offer", "category", "place", "capacity", "hours", "hours_then"} {
		fields = append(fields, trialField(v, form, ui.Input{Name: name}))
	}
	return v.Add.problems(fields...)
}

// trialCrumbs is the way to a page about trials.
func (p *page) trialCrumbs(title string) []ui.Crumb {
	first := ui.Crumb{Label: p.T("trial.title", nil)}
	if p.mayTry() == nil {
		first.Href = p.link("trials")
	}
	return []ui.Crumb{first, {Label: title}}
}
