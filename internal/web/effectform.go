package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/indicator"
	"gevor/internal/web/ui"
)

// yardstickView is the form by which a measure's yardstick is set.
type yardstickView struct {
	Measure alliance.Measure
	About   *alliance.Dossier
	Entry   entry
	Fields  []ui.Input // dataset, areas, since, worthwhile; none where no figures are published
	Version int
}

// yardstickForm gives the form of the measure of the address, and the datasets that can serve.
func (p *page) yardstickForm() (v yardstickView, serving []*indicator.Publication, y *alliance.Yardstick, err error) {
	ctx := p.req.Context()
	if v.Measure, err = p.site.Alliance.Measure(ctx, p.actor, p.req.PathValue("measure")); err != nil {
		return v, nil, nil, err
	}
	if err := p.may(authz.Change, owned(authz.Dossier, v.Measure.Owner)); err != nil {
		return v, nil, nil, err
	}
	if v.About, err = p.about(v.Measure.Dossier); err != nil {
		return v, nil, nil, err
	}
	was, err := p.site.Alliance.Yardstick(ctx, p.actor, v.Measure.ID)
	switch {
	case err == nil:
		y, v.Version = &was, was.Version
	case fault.KindOf(err) != fault.NotFound:
		return v, nil, nil, err
	}
	serving, err = p.publications(rates)
	return v, serving, y, err
}

// fields fills the form in.
func (v *yardstickView) fields(p *page, serving []*indicator.Publication, e entry) {
	v.Entry = e
	if len(serving) == 0 {
		return
	}
	dataset, areas, since, worthwhile := e.field("dataset"), e.field("areas"), e.field("since"), e.optional("worthwhile")
	seen := map[string]bool{}
	for _, pub := range serving {
		dataset.Options = append(dataset.Options, ui.Option{Value: pub.Dataset.ID, Label: p.withUnit(&pub.Dataset)})
		for _, a := range pub.Units() {
			if !seen[a.Key] {
				seen[a.Key] = true
				areas.Options = append(areas.Options, ui.Option{Value: a.Key, Label: a.Name})
			}
		}
	}
	slices.SortStableFunc(areas.Options, func(a, b ui.Option) int { return p.compare(a.Label, b.Label) })
	dataset.Required, areas.Required, since.Required = true, true, true
	worthwhile.InputMode, worthwhile.Width = "decimal", "short"
	v.Fields = []ui.Input{dataset, areas, since, worthwhile}
}

func yardstickPage(p *page) error {
	v, serving, y, err := p.yardstickForm()
	if err != nil {
		return err
	}
	values := url.Values{}
	if y != nil {
		values = url.Values{"dataset": {y.Dataset}, "areas": y.Areas, "since": {y.Start.Start.Format(time.DateOnly)}}
		if y.Worthwhile > 0 {
			values.Set("worthwhile", p.Number(y.Worthwhile, 1))
		}
	}
	v.fields(p, serving, p.entry("yardstick", values, nil))
	return p.render(http.StatusOK, p.T("yardstick.title", nil), yardstickTempl(p, v))
}

func yardstickSet(p *page) error {
	v, serving, _, err := p.yardstickForm()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	y, err := yardstickOf(sent, serving)
	y.Measure = v.Measure.ID
	if err == nil {
		err = p.site.Alliance.SetYardstick(p.req.Context(), p.actor, p.now(), y)
	}
	if err != nil {
		return p.refused(err, "yardstick", sent, p.T("yardstick.title", nil), func(e entry) templ.Component {
			v.fields(p, serving, e)
			return yardstickTempl(p, v)
		})
	}
	return p.done(p.path("measure-effect", v.Measure.ID), "yardstick_set")
}

// yardstickOf reads a yardstick from a form. The first period is the dataset's first that begins on the day or later; where
// there is none yet, the one that will.
func yardstickOf(sent url.Values, serving []*indicator.Publication) (alliance.Yardstick, error) {
	var wrong form.Fields
	y := alliance.Yardstick{Dataset: sent.Get("dataset"), Areas: sent["areas"]}
	y.Version, _ = strconv.Atoi(sent.Get("version"))
	at := slices.IndexFunc(serving, func(pub *indicator.Publication) bool { return pub.Dataset.ID == y.Dataset })
	if at < 0 {
		wrong.Add("dataset", "unknown")
	}
	since := dateOf(sent.Get("since"), "since", &wrong)
	if since.IsZero() && sent.Get("since") == "" {
		wrong.Add("since", "empty")
	}
	if text := strings.TrimSpace(sent.Get("worthwhile")); text != "" {
		var err error
		if y.Worthwhile, err = strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64); err != nil {
			wrong.Add("worthwhile", "number")
		}
	}
	if at >= 0 && !since.IsZero() {
		y.Start = firstFrom(serving[at].Periods, since)
		for _, key := range y.Areas {
			if _, ok := serving[at].Area(key); !ok {
				wrong.Add("areas", "unknown")
				break
			}
		}
	}
	return y, wrong.Err()
}

// firstFrom gives the first period that begins on a day or later, going on after the last where need be.
func firstFrom(all []indicator.Period, since time.Time) indicator.Period {
	for _, x := range all {
		if !x.Start.Before(since) {
			return x
		}
	}
	x := all[len(all)-1]
	for x.Start.Before(since) {
		next := x.Next()
		if x.Grain == indicator.Day { // days of reference come once a year
			next.Start = x.Start.AddDate(1, 0, 0)
		}
		x = next
	}
	return x
}

// appraise records what the figures say today, and what people make of it.
func appraise(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	q, err := p.inquire(p.req.PathValue("measure"))
	if err != nil {
		return err
	}
	r := alliance.Appraisal{Measure: q.yardstick.Measure, Yardstick: q.yardstick, Judged: alliance.JudgedOf(q.result, q.periods[len(q.periods)-1]), Note: sent.Get("note")}
	r.Yardstick.Version = readVersion(sent)
	_, err = p.site.Alliance.Appraise(p.req.Context(), p.actor, p.now(), r)
	if form.Of(err) != nil {
		return p.showEffect(http.StatusUnprocessableEntity, p.entry("effect", sent, err))
	}
	if err != nil {
		return err
	}
	return p.done(p.path("measure-effect", r.Measure), "appraised")
}

// appraisalText says what was recorded, in a line.
func (p *page) appraisalText(r alliance.Appraisal) string {
	text := p.text("effect.verdict." + verdictKey(r.Judged.Verdict))
	if r.Judged.Displaced {
		text += " – " + p.T("effect.displaced_short", nil)
	}
	return text + " (" + p.T("effect.until", with{"Period": p.periodText(r.Judged.Until)}) + ")"
}

// effectCrumbs is the way to a page below a measure.
func effectCrumbs(p *page, about *alliance.Dossier, m alliance.Measure, title string) []ui.Crumb {
	out := measureCrumbs(p, about, m.Title)
	out[len(out)-1].Href = p.link("measure", m.ID)
	return append(out, ui.Crumb{Label: title})
}
