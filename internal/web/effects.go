package web

import (
	"context"
	"math"
	"net/http"
	"time"

	"github.com/paulmach/orb"

	"gevor/alliance"
	"gevor/authz"
	"gevor/effect"
	"gevor/fault"
	"gevor/indicator"
	"gevor/internal/web/ui"
	"gevor/region"
	"gevor/spatial"
)

// Effects is what the pages ask of how measures are judged. Every method decides for the actor.
type Effects interface {
	Yardstick(ctx context.Context, actor authz.Actor, measure string) (alliance.Yardstick, error)
	Yardsticks(ctx context.Context, actor authz.Actor, dataset string) ([]alliance.Yardstick, error)
	SetYardstick(ctx context.Context, actor authz.Actor, at time.Time, y alliance.Yardstick) error
	Appraisals(ctx context.Context, actor authz.Actor, measure string) ([]alliance.Appraisal, error)
	Appraise(ctx context.Context, actor authz.Actor, at time.Time, r alliance.Appraisal) (id string, err error)
}

func effectRoutes() []Route {
	at := below("house", authz.Dossier, "/de/massnahmen/{measure}", "/en/measures/{measure}")
	return []Route{
		at("measure-effect", authz.View, "/wirkung", "/effect", effectPage),
		post(at("measure-appraise", authz.Change, "/wirkung", "/effect", appraise)),
		at("yardstick", authz.Change, "/messung", "/yardstick", yardstickPage),
		post(at("yardstick-set", authz.Change, "/messung", "/yardstick", yardstickSet)),
	}
}

// effectView is the page on which a measure is held against its yardstick.
type effectView struct {
	comparisonView
	Measure    alliance.Measure
	About      *alliance.Dossier
	Set        bool // there is a yardstick
	Kind       ui.Kind
	Verdict    string // in a word; empty where nothing could be asked
	Because    string
	Doubts     []string
	Appraisals []alliance.Appraisal
	May        bool
	Entry      entry // of the note by which an appraisal is recorded
	Version    int   // of the yardstick
}

// effectInquiry is a measure held against published figures.
type effectInquiry struct {
	yardstick alliance.Yardstick
	figures   *indicator.Publication
	study     effect.Study
	periods   []indicator.Period
	result    *effect.Result
	busy      []string // districts in which other measures work on the same figure
}

func effectPage(p *page) error { return p.showEffect(http.StatusOK, p.begin("effect")) }

func (p *page) showEffect(status int, note entry) error {
	ctx := p.req.Context()
	m, err := p.site.Alliance.Measure(ctx, p.actor, p.req.PathValue("measure"))
	if err != nil {
		return err
	}
	v := effectView{Measure: m, May: p.can(authz.Change, owned(authz.Dossier, m.Owner)), Entry: note}
	v.Title, v.Lead = p.T("effect.title", with{"Measure": m.Title}), p.T("effect.lead", nil)
	if v.About, err = p.about(m.Dossier); err != nil {
		return err
	}
	if v.Appraisals, err = p.site.Alliance.Appraisals(ctx, p.actor, m.ID); err != nil {
		return err
	}
	q, err := p.inquire(m.ID)
	switch {
	case err == nil:
		p.tellEffect(&v, q)
	case fault.KindOf(err) == fault.NotFound:
		v.Set = q != nil
		v.Empty = p.T("effect.no_yardstick", nil)
		if v.Set {
			v.Version = q.yardstick.Version
			v.Empty = p.T("effect.no_figures", with{"Period": p.periodText(q.yardstick.Start)})
		}
	default:
		return err
	}
	if p.first("as") != "" {
		return p.giveComparison(&v.comparisonView)
	}
	p.offerFiles(&v.comparisonView)
	return p.render(status, v.Title, effectShown(p, v))
}

// inquire asks whether a measure changed its figure. Without published figures for it, NotFound comes with what was asked;
// without a yardstick alone.
func (p *page) inquire(measure string) (*effectInquiry, error) {
	y, err := p.site.Alliance.Yardstick(p.req.Context(), p.actor, measure)
	if err != nil {
		return nil, err
	}
	q := &effectInquiry{yardstick: y}
	if q.figures, err = p.publication(y.Dataset); err != nil {
		return q, err
	}
	alike, err := p.publications(composes)
	if err != nil {
		return q, err
	}
	var composition []indicator.Part
	for _, pub := range alike {
		composition = append(composition, indicator.Part{Publication: pub})
	}
	near, err := p.touching()
	if err != nil {
		return q, err
	}
	others, err := p.site.Alliance.Yardsticks(p.req.Context(), p.actor, y.Dataset)
	if err != nil {
		return q, err
	}
	q.busy = y.Busy(others)
	if q.study, q.periods, err = y.Study(q.figures, composition, near, others); err != nil {
		return q, err
	}
	q.result, err = effect.Judge(q.study, y.Options(q.study.Counts))
	return q, err
}

// composes says whether a dataset tells of what districts are made up.
func composes(d *indicator.Dataset) bool {
	if d.Level != indicator.Districts || !d.Ratio() && !d.Values {
		return false
	}
	return d.Topic == indicator.Population || d.Topic == indicator.Deprivation || d.Topic == indicator.Language
}

// snapTouching is how near corners of two districts are one, in degrees: about a metre.
const snapTouching = 1e-5

// touching names the districts that touch each, by key, from the served run; nil without one.
func (p *page) touching() (map[string][]string, error) {
	if p.run == nil {
		return nil, nil
	}
	var keys []string
	var shapes []orb.MultiPolygon
	for i := range p.run.Result.Snapshot.Areas {
		if a := &p.run.Result.Snapshot.Areas[i]; a.Kind == region.District {
			keys, shapes = append(keys, a.Key), append(shapes, a.Shape)
		}
	}
	w, err := spatial.Contiguity(shapes, false, snapTouching)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for i, key := range keys {
		at, _ := w.Row(i)
		for _, j := range at {
			out[key] = append(out[key], keys[j])
		}
	}
	return out, nil
}

// tellEffect writes what came out.
func (p *page) tellEffect(v *effectView, q *effectInquiry) {
	r, d := q.result, &q.figures.Dataset
	v.Set, v.Version = true, q.yardstick.Version
	v.Verdict, v.Kind = p.text("effect.verdict."+verdictKey(r.Verdict)), verdictKind(r.Verdict)
	if r.Displaced() {
		v.Kind = ui.Warning
		v.Doubts = append(v.Doubts, p.T("effect.displaced", nil))
	}
	v.Because = p.text("effect.reason." + reasonKey(r.Reason))
	if q.yardstick.Late() {
		v.Doubts = append(v.Doubts, p.T("effect.late", with{"Date": p.day(q.yardstick.Fixed), "Period": p.periodText(q.yardstick.Start)}))
	}
	if r.Elsewhere == nil {
		v.Doubts = append(v.Doubts, p.T("effect.no_neighbours", nil))
	}
	v.Synthetic = d.Synthetic
	v.Parts = append(v.Parts, p.effectAnswer(v, q), p.effectCourse(q), p.effectMethods(q), p.effectPlaces(q))
	label := p.T("figures.source_line", with{"Title": p.withUnit(d), "Source": d.Source, "Date": p.Date(d.ReferenceDate), "Direction": p.direction(d)})
	v.Sources = []ui.Link{{Label: label, Href: p.link("indicator", d.ID)}}
}

// effectAnswer sets what was expected beside what came.
func (p *page) effectAnswer(v *effectView, q *effectInquiry) comparisonPart {
	r := q.result
	part := comparisonPart{ID: "answer", Title: p.T("effect.answer", nil), Facts: []ui.Pair{
		{Label: p.T("measure.expected", nil), Text: v.Measure.Indicator + ": " + v.Measure.Expected},
		{Label: p.T("effect.came", nil), Text: p.estimateText(q, r.Difference)},
		{Label: p.T("measure.fails_if", nil), Text: v.Measure.FailsIf},
		{Label: p.T("effect.in_area", nil), Text: p.sideText(q, r.Area)},
		{Label: p.T("effect.at_others", nil), Text: p.sideText(q, r.Comparison)},
		{Label: p.T("effect.first_period", nil), Text: p.periodText(q.yardstick.Start)},
		{Label: p.T("effect.fixed", nil), Text: p.day(q.yardstick.Fixed)},
	}}
	if r.Elsewhere != nil {
		part.Facts = append(part.Facts, ui.Pair{Label: p.T("effect.elsewhere", nil), Text: p.text("effect.verdict."+verdictKey(r.Elsewhere.Verdict)) + " – " + p.estimateText(q, r.Elsewhere.Difference)})
	}
	if r.Together != nil {
		part.Facts = append(part.Facts, ui.Pair{Label: p.T("effect.together", nil), Text: p.text("effect.verdict."+verdictKey(r.Together.Verdict)) + " – " + p.estimateText(q, r.Together.Difference)})
	}
	if then, now, ok := p.thenAndNow(v.About); ok {
		part.Facts = append(part.Facts, ui.Pair{Label: p.T("effect.finding", nil), Text: p.T("effect.finding_text", with{"Then": p.Number(float64(then), 0), "Now": p.Number(float64(now), 0)})})
	}
	return part
}

// thenAndNow gives how many people the finding of a dossier spoke of when its evidence was frozen, and how many it
// speaks of in the served run; ok is false where the run does not hold it, or the reader may not see it.
func (p *page) thenAndNow(d *alliance.Dossier) (then, now int, ok bool) {
	if d == nil || p.run == nil || p.mayAtlas() != nil || d.Evidence.Region != p.run.Region || d.Evidence.Run == p.run.Hash {
		return 0, 0, false
	}
	f, _ := p.run.finding(d.Evidence.Finding)
	if f == nil {
		return 0, 0, false
	}
	return d.Evidence.People, int(math.Round(f.People)), true
}

func verdictKey(v effect.Verdict) string {
	switch v {
	case effect.Improved:
		return "improved"
	case effect.Worsened:
		return "worsened"
	case effect.NoChange:
		return "no_change"
	case effect.CannotTell:
	}
	return "cannot_tell"
}

func verdictKind(v effect.Verdict) ui.Kind {
	switch v {
	case effect.Improved:
		return ui.Success
	case effect.Worsened:
		return ui.Warning
	case effect.NoChange, effect.CannotTell:
	}
	return ui.Info
}

func reasonKey(r effect.Reason) string {
	switch r {
	case effect.Beyond:
		return "beyond"
	case effect.Excluded:
		return "excluded"
	case effect.FewPeriods:
		return "few_periods"
	case effect.FewPlaces:
		return "few_places"
	case effect.ApartBefore:
		return "apart_before"
	case effect.MethodsDisagree:
		return "methods_disagree"
	case effect.TooUncertain:
	}
	return "too_uncertain"
}
