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
	"gevor/directory"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
	"gevor/region"
	"gevor/signal"
)

// Warnings keeps what early warning has to say of a region, and what people on the spot answer.
type Warnings interface {
	Warnings(ctx context.Context, actor authz.Actor, region string) ([]atlas.KeptWarning, atlas.Watched, error)
	Warning(ctx context.Context, actor authz.Actor, region, id string) (atlas.KeptWarning, atlas.Watched, error)
	AnswerWarning(ctx context.Context, actor authz.Actor, at time.Time, region, id string, a atlas.Answer) error
	MissingOffers(ctx context.Context, actor authz.Actor, house authz.OrganisationID) ([]atlas.MissingOffer, error)
	SettleMissing(ctx context.Context, actor authz.Actor, at time.Time, house authz.OrganisationID, answer string, service directory.ServiceID) error
	SetWarningRate(ctx context.Context, actor authz.Actor, at time.Time, region string, rate float64) error
}

func warningRoutes() []Route {
	at := func(name string, do authz.Action, de, en string, handle handler) Route {
		return Route{
			Name: name, Section: "atlas", Access: Access{Kind: authz.Warning, Action: do}, States: []State{SignedIn}, NeedsRun: true, Handle: handle,
			Patterns: map[string]string{"de": "/de/fruehwarnung" + de, "en": "/en/early-warning" + en},
		}
	}
	list := at("warnings", authz.View, "", "", warnings)
	list.Nav = 3
	return []Route{
		list,
		post(at("warning-rate", authz.Change, "/fehlalarme", "/false-alarms", warningRate)),
		at("warning", authz.View, "/{warning}", "/{warning}", warningPage),
		post(at("warning-answer", authz.Create, "/{warning}", "/{warning}", warningAnswer)),
		post(ofHouse("missing-settle", authz.Suggestion, authz.Change, "/hinweise/fehlend/{answer}", "/hints/missing/{answer}", missingSettle)),
	}
}

func (p *page) mayWarnings(do authz.Action) error {
	return p.may(do, authz.Object{Kind: authz.Warning})
}

// warningsView is the list of warnings.
type warningsView struct {
	Watched atlas.Watched
	Loud    []atlas.KeptWarning // that need an answer
	Settled []atlas.KeptWarning // answered or over
	Table   ui.Table
	Rate    *entry // the form of whoever may choose the rate
}

func warnings(p *page) error { return p.showWarnings(http.StatusOK, nil) }

func (p *page) showWarnings(status int, rate *entry) error {
	if err := p.mayWarnings(authz.View); err != nil {
		return err
	}
	list, watched, err := p.site.Warnings.Warnings(p.req.Context(), p.actor, p.run.Region)
	if err != nil {
		return err
	}
	s := p.warningSheet(list, watched)
	if done, err := s.asked(p); done || err != nil {
		return err
	}
	v := warningsView{Watched: watched, Rate: rate}
	for i := range list {
		if list[i].Stage(watched.At).Nags() && !fading(&list[i].Warning) {
			v.Loud = append(v.Loud, list[i])
		} else {
			v.Settled = append(v.Settled, list[i])
		}
	}
	if v.Table, err = s.show(p); err != nil {
		return err
	}
	if v.Rate == nil && p.mayWarnings(authz.Change) == nil {
		e := p.begin("warning", "rate", strconv.FormatFloat(watched.Rate, 'f', -1, 64))
		v.Rate = &e
	}
	return p.render(status, p.T("web.nav.warnings", nil), warningsPage(p, v))
}

func warningRate(p *page) error {
	if err := p.mayWarnings(authz.Change); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	rate, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(sent.Get("rate")), ",", ".", 1), 64)
	if err != nil {
		rate = 0 // is refused like every other number that is no rate
	}
	err = p.site.Warnings.SetWarningRate(p.req.Context(), p.actor, p.now(), p.run.Region, rate)
	if form.Of(err) != nil {
		e := p.entry("warning", sent, err)
		return p.showWarnings(http.StatusUnprocessableEntity, &e)
	}
	if err != nil {
		return err
	}
	return p.done(p.path("warnings"), "warning_rate")
}

// warningSheet is the list as a table and as a file.
func (p *page) warningSheet(list []atlas.KeptWarning, watched atlas.Watched) *sheet[atlas.KeptWarning] {
	first := func(k atlas.KeptWarning) *signal.Signal {
		if len(k.Signals) == 0 {
			return &signal.Signal{}
		}
		return &k.Signals[0]
	}
	stage := func(k atlas.KeptWarning) (string, string) {
		s := string(k.Stage(watched.At))
		return s, p.text("warning.stage." + s)
	}
	day := func(t time.Time) string { return p.Date(t.Format(time.DateOnly)) }
	return &sheet[atlas.KeptWarning]{
		Name: "fruehwarnung", Caption: p.T("warning.table", nil), CaptionHidden: true, Rows: list, Size: 50,
		EmptyTitle: p.T("warning.none", nil), EmptyText: p.T("warning.none_text", nil),
		Columns: []column[atlas.KeptWarning]{
			{Key: "place", Label: p.T("warning.place", nil), Text: func(k atlas.KeptWarning) string { return p.warnedPlace(&k.Warning) }, Find: true, Link: func(k atlas.KeptWarning) templ.SafeURL { return p.link("warning", k.ID) }},
			{Key: "about", Label: p.T("warning.about", nil), Text: func(k atlas.KeptWarning) string { return p.warnedOf(&k.Warning) }, Find: true},
			{Key: "stage", Label: p.T("warning.standing", nil), Text: func(k atlas.KeptWarning) string { _, l := stage(k); return l }, Choices: stage},
			{Key: "sources", Label: p.T("warning.sources", nil), Text: func(k atlas.KeptWarning) string { return p.sourcesNamed(&k.Warning) }},
			{Key: "since", Label: p.T("warning.since", nil), Text: func(k atlas.KeptWarning) string { return day(k.Since) }, Order: func(k atlas.KeptWarning) string { return k.Since.Format(time.DateOnly) }},
			{Key: "seen", Label: p.T("warning.what", nil), Text: func(k atlas.KeptWarning) string { return p.seen(first(k)) }, Fixed: true},
			{Key: "sure", Label: p.T("warning.sure", nil), Text: func(k atlas.KeptWarning) string { return p.sureness(first(k)) }, Fixed: true},
			{Key: "complete", Label: p.T("warning.complete", nil), Text: func(k atlas.KeptWarning) string { return p.Percent(first(k).Complete, 0) }},
			{Key: "against", Label: p.T("warning.against", nil), Text: func(k atlas.KeptWarning) string { return strings.Join(p.doubtsOf(first(k)), " ") }, Fixed: true},
			{Key: "next", Label: p.T("warning.next", nil), Text: func(k atlas.KeptWarning) string { return strings.Join(p.advised(first(k)), " ") }, Fixed: true},
			{Key: "id", Label: p.T("warning.identity", nil), Text: func(k atlas.KeptWarning) string { return k.ID }},
		},
	}
}

// warnedPlace names the place of a warning.
func (p *page) warnedPlace(w *atlas.Warning) string { return p.placeOf(w.Level, w.Area) }

func (p *page) placeOf(level signal.Level, key string) string {
	s := p.run.snapshot()
	if level == signal.InRegion {
		return p.label(s.Name)
	}
	if i := index(s.Areas, func(a region.Area) bool { return a.Key == key }); i >= 0 {
		if level == signal.InMunicipality {
			return p.T("warning.all_of", with{"Place": s.Areas[i].Name})
		}
		return s.Areas[i].Name
	}
	return key
}

// warnedOf says what a warning is about: the category and, unless it is everybody, the group.
func (p *page) warnedOf(w *atlas.Warning) string {
	s := p.run.snapshot()
	if w.Subject.Problem == "" {
		return p.T("warning.departures", nil)
	}
	problem, group := w.Subject.Problem, w.Subject.Group
	if i := index(s.Categories, func(c region.Category) bool { return c.Key == problem }); i >= 0 {
		problem = p.label(s.Categories[i].Label)
	}
	if i := index(s.Groups, func(g region.Group) bool { return g.Key == group }); i >= 0 {
		group = p.label(s.Groups[i].Label)
	}
	if group == "" {
		return problem
	}
	return p.T("warning.for_group", with{"Problem": problem, "Group": group})
}

func (p *page) sourcesNamed(w *atlas.Warning) string {
	var out []string
	for i := range w.Signals {
		for _, s := range w.Signals[i].Sources {
			if name := p.text("warning.source." + string(s)); !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return strings.Join(out, ", ")
}

// seen says in a sentence what a signal observed.
func (p *page) seen(s *signal.Signal) string {
	numbers := with{
		"Observed": p.Number(s.Observed, 0), "Expected": p.Number(s.Expected, 0), "From": p.Date(s.From.Format(time.DateOnly)), "To": p.Date(s.To.Format(time.DateOnly)),
		"Place": p.placeOf(s.Level, s.Area), "Chance": p.Percent(s.Chance, 0), "FromHour": s.FromHour, "ToHour": s.ToHour,
	}
	switch {
	case s.Method == signal.Foreseen && s.ToHour > 0:
		return p.T("warning.foreseen.timetable_hours", numbers)
	case s.Method == signal.Foreseen && len(s.Sources) == 1:
		return p.T("warning.foreseen."+string(s.Sources[0]), numbers)
	case s.Withheld:
		return p.T("warning.seen_withheld", numbers)
	case s.Wider:
		return p.T("warning.seen_wider", numbers)
	case len(s.Sources) == 0:
		return ""
	}
	return p.T("warning.seen", numbers)
}

// sureness says how sure a signal is.
func (p *page) sureness(s *signal.Signal) string {
	switch {
	case s.Method == signal.Foreseen:
		return p.T("warning.sure_foreseen", with{"Chance": p.Percent(s.Chance, 0)})
	case s.Chance <= 0 || s.Withheld:
		return p.T("warning.sure_unknown", nil)
	case s.Chance > usual:
		return p.T("warning.sure_fading", nil)
	}
	return p.T("warning.sure_by_chance", with{"Times": p.Number(math.Min(1/s.Chance, surest), 0)})
}

// surest bounds what is said of chance: no model of counts is good for more.
const surest = 10_000

// usual is the chance above which a signal is no longer conspicuous.
const usual = 0.05

// fading says that everything that was raised has come back to what is usual.
func fading(w *atlas.Warning) bool {
	return !slices.ContainsFunc(w.Signals, func(s signal.Signal) bool { return s.Method == signal.Foreseen || s.Withheld || s.Chance <= usual })
}

func (p *page) doubtsOf(s *signal.Signal) []string {
	out := make([]string, len(s.Against))
	for i, d := range s.Against {
		out[i] = p.text("warning.doubt." + string(d))
	}
	return out
}

func (p *page) advised(s *signal.Signal) []string {
	out := make([]string, len(s.Next))
	for i, d := range s.Next {
		out[i] = p.text("warning.advice." + string(d))
	}
	return out
}

// ahead says how much time a signal leaves.
func (p *page) ahead(s *signal.Signal) string {
	months := (s.LeadDays + 15) / 30
	if s.Method == signal.Foreseen {
		return p.N("warning.ahead_loss", months, nil)
	}
	return p.N("warning.ahead_report", months, nil)
}

// warningView is the page of one warning.
type warningView struct {
	atlas.KeptWarning
	Watched atlas.Watched
	Stage   atlas.Stage
	Form    entry
	Houses  []ui.Option
	May     bool
}

func warningPage(p *page) error { return p.showWarning(http.StatusOK, p.begin("warning")) }

func (p *page) showWarning(status int, f entry) error {
	if err := p.mayWarnings(authz.View); err != nil {
		return err
	}
	k, watched, err := p.site.Warnings.Warning(p.req.Context(), p.actor, p.run.Region, p.req.PathValue("warning"))
	if err != nil {
		return err
	}
	v := warningView{KeptWarning: k, Watched: watched, Stage: k.Stage(watched.At), Form: f, May: p.mayWarnings(authz.Create) == nil}
	for _, m := range p.actor.Memberships {
		if name, err := p.houseName(p.req.Context(), m.Organisation); err == nil {
			v.Houses = append(v.Houses, ui.Option{Value: string(m.Organisation), Label: name})
		}
	}
	return p.render(status, p.warnedPlace(&k.Warning)+" · "+p.warnedOf(&k.Warning), warningShown(p, v))
}

func warningAnswer(p *page) error {
	if err := p.mayWarnings(authz.Create); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	owner := authz.OrganisationID(sent.Get("org"))
	if owner == "" && len(p.actor.Memberships) == 1 {
		owner = p.actor.Memberships[0].Organisation
	}
	id := p.req.PathValue("warning")
	err = p.site.Warnings.AnswerWarning(p.req.Context(), p.actor, p.now(), p.run.Region, id, atlas.Answer{
		Owner: owner, Kind: atlas.AnswerKind(sent.Get("kind")), Reason: sent.Get("reason"), Service: offerNamed(sent.Get("service")),
	})
	if form.Of(err) != nil {
		return p.showWarning(http.StatusUnprocessableEntity, p.entry("warning", sent, err))
	}
	if err != nil {
		return err
	}
	return p.done(p.path("warning", id), "warning_answered")
}

// offerNamed gives the name of an entry from what people copy: its address or the name alone.
func offerNamed(s string) string {
	s = strings.TrimSpace(s)
	if u, err := url.Parse(s); err == nil && strings.Contains(s, "/") {
		parts := strings.Split(strings.Trim(u.Path, "/"), "/")
		return parts[len(parts)-1]
	}
	return s
}

// answerFields are the fields of an answer.
func (v warningView) answerFields(p *page) (org, kind, reason, service ui.Input) {
	kinds := make([]string, 0, 4)
	for _, k := range atlas.AnswerKinds() {
		kinds = append(kinds, string(k))
	}
	kind = v.Form.choices("kind", "warning.answer", kinds...)
	kind.Required = true
	reason = v.Form.field("reason")
	reason.Rows, reason.Most = 3, 500
	service = v.Form.optional("service")
	org = v.Form.field("org")
	org.Options = v.Houses
	return org, kind, reason, service
}

// told are the reports of a warning as events, latest first.
func (p *page) told(v warningView) []ui.Event {
	var out []ui.Event
	for _, h := range slices.Backward(v.History) {
		what := p.T("warning.told_nothing", nil)
		if len(h.Signals) > 0 {
			what = p.seen(&h.Signals[0])
		}
		out = append(out, ui.Event{When: p.Date(h.At.Format(time.DateOnly)), ISO: h.At.Format(time.DateOnly), What: what})
	}
	return out
}

// warned gives the warning that speaks of a gap, nil where there is none, or the reader may not know.
func (p *page) warned(gap string) (*atlas.KeptWarning, error) {
	if p.site.Warnings == nil || p.site.Houses == nil || p.mayWarnings(authz.View) != nil {
		return nil, nil
	}
	k, _, err := p.site.Warnings.Warning(p.req.Context(), p.actor, p.run.Region, gap)
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	return &k, errors.Join(err)
}

func stageLook(s atlas.Stage) ui.Kind {
	switch s {
	case atlas.Grown, atlas.Sure:
		return ui.Warning
	case atlas.Offered, atlas.Working:
		return ui.Success
	case atlas.Open, atlas.Disputed, atlas.Over:
	}
	return ui.Info
}

func narrowNumber(i ui.Input) ui.Input {
	i.Width, i.InputMode, i.Required = "short", "decimal", true
	return i
}
