package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"gevor/alliance"
	"gevor/atlas"
	"gevor/authz"
	"gevor/fault"
	"gevor/internal/web/ui"
)

// dossierDraft is the page that opens a dossier.
type dossierDraft struct {
	houseView
	Evidence *alliance.Evidence // nil before a finding is chosen
	Named    string             // as which kind the address names it
	Choices  []ui.Option        // findings to choose from
	Entry    entry
}

// draft gives the page that opens a dossier for the house of the address, of what the values name: a finding, a warning or a
// trial.
func (p *page) draft(named url.Values) (dossierDraft, error) {
	finding, warning, trial := named.Get("finding"), named.Get("warning"), named.Get("trial")
	var v dossierDraft
	err := p.may(authz.Create, owned(authz.Dossier, p.org()))
	if err != nil {
		return v, err
	}
	if v.houseView, err = p.house("organisation"); err != nil {
		return v, err
	}
	if err := p.mayAtlas(); err != nil {
		return v, err
	}
	switch {
	case finding != "":
		f, _ := p.run.finding(finding)
		if f == nil {
			return v, fault.New(fault.NotFound, "finding", "this run has no such finding", "look in the list of findings")
		}
		v.Evidence, v.Named = p.evidence(f), "finding"
	case warning != "":
		if p.site.Warnings == nil {
			return v, fault.New(fault.NotFound, "warning", "does not exist", "")
		}
		k, _, err := p.site.Warnings.Warning(p.req.Context(), p.actor, p.run.Region, warning)
		if err != nil {
			return v, err
		}
		v.Evidence, v.Named = p.warningEvidence(&k), "warning"
	case trial != "":
		x, err := p.site.KeptTrials.Trial(p.req.Context(), p.actor, trial)
		if err != nil {
			return v, err
		}
		v.Evidence, v.Named = p.trialEvidence(&x), "trial"
	default:
		all := p.run.Result.Findings
		for i := range all[:min(len(all), 100)] {
			v.Choices = append(v.Choices, ui.Option{Value: all[i].ID, Label: p.place(&all[i]) + " · " + p.headline(&all[i])})
		}
	}
	if v.Evidence != nil {
		v.Entry = p.begin("dossier", "title", firstRunes(v.Evidence.Name, 200))
	}
	return v, nil
}

// firstRunes cuts a text to so many characters.
func firstRunes(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// evidence freezes what the page of a finding says.
func (p *page) evidence(f *atlas.Finding) *alliance.Evidence {
	s := p.run.snapshot()
	e := &alliance.Evidence{Finding: f.ID, Region: p.run.Region, Run: p.run.Hash, Snapshot: s.Hash, Name: p.place(f) + " · " + p.headline(f), People: int(f.People + 0.5)}
	add := func(key, text string) {
		e.Facts = append(e.Facts, alliance.Fact{Label: p.T(key, nil), Text: text})
	}
	standard := p.standard(f.Standard)
	add("web.finding.standard", p.label(standard.Label))
	add("web.standard.for", p.label(p.groupOf(f.Standard).Label))
	add("web.standard.asks", p.asks(standard))
	add("web.finding.who", p.peopleOf(f))
	if f.Estimated {
		add("value.estimated", p.T("web.finding.interval", with{"Low": p.people(f.Low), "High": p.people(f.High)}))
	}
	add("dossier.cause", p.T("cause."+f.Cause.String(), nil))
	var places []string
	for _, d := range f.Districts {
		if d.Area >= 0 {
			places = append(places, p.area(d.Area)+" ("+p.people(d.People)+")")
		}
	}
	if len(places) > 0 {
		add("web.finding.where", strings.Join(places, ", "))
	}
	add("web.reference_date", p.Date(s.Date.Format(time.DateOnly)))
	var sources []string
	for _, x := range p.sourcesOf(f) {
		sources = append(sources, x.Title+", "+x.Publisher)
	}
	add("web.sources", strings.Join(sources, "; "))
	return e
}

// warningEvidence freezes what the page of an early warning says.
func (p *page) warningEvidence(k *atlas.KeptWarning) *alliance.Evidence {
	e := &alliance.Evidence{Finding: k.ID, Region: p.run.Region, Run: p.run.Hash, Snapshot: p.run.snapshot().Hash, Name: p.warnedPlace(&k.Warning) + " · " + p.warnedOf(&k.Warning)}
	add := func(key, text string) {
		e.Facts = append(e.Facts, alliance.Fact{Label: p.T(key, nil), Text: text})
	}
	for i := range k.Signals {
		s := &k.Signals[i]
		add("warning.what", p.seen(s))
		add("warning.sure", p.sureness(s))
		add("warning.complete", p.Percent(s.Complete, 0))
		if doubts := p.doubtsOf(s); len(doubts) > 0 {
			add("warning.against", strings.Join(doubts, " "))
		}
	}
	add("warning.sources", p.sourcesNamed(&k.Warning))
	add("warning.since", p.Date(k.Since.Format(time.DateOnly)))
	return e
}

// trialEvidence freezes what the page of a kept trial says.
func (p *page) trialEvidence(x *atlas.Trial) *alliance.Evidence {
	e := &alliance.Evidence{Finding: x.ID, Region: x.Region, Run: x.Run, Name: p.T("trial.title", nil) + " " + x.Name}
	if x.Run == p.run.Hash {
		e.Snapshot = p.run.snapshot().Hash
	}
	add := func(label, text string) { e.Facts = append(e.Facts, alliance.Fact{Label: label, Text: text}) }
	for _, c := range x.Changes {
		add(p.T("trial.tried", nil), p.changeInWords(c).Text)
	}
	for _, r := range p.trialResults(x.Outcomes) {
		if r.Known && !r.Unchanged {
			add(r.Label+", "+r.Group, p.T("trial.gain", nil)+": "+r.Gain+", "+p.T("trial.lose", nil)+": "+r.Lose)
		}
	}
	return e
}

func dossierNew(p *page) error {
	v, err := p.draft(p.query)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("dossier.open", nil), dossierDraftPage(p, v))
}

func dossierOpen(p *page) error {
	if err := p.may(authz.Create, owned(authz.Dossier, p.org())); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	v, err := p.draft(sent)
	if err != nil {
		return err
	}
	if v.Evidence == nil {
		return fault.New(fault.Invalid, "finding", "was not chosen", "choose a finding")
	}
	id, err := p.site.Alliance.OpenDossier(p.req.Context(), p.actor, p.now(), alliance.Dossier{
		Title: sent.Get("title"), Owner: v.ID, Evidence: *v.Evidence, Whom: sent.Get("whom"), Cluster: sent.Get("cluster"),
	})
	v.Entry = p.entry("dossier", sent, err)
	if err != nil {
		return p.again(err, p.T("dossier.open", nil), dossierDraftPage(p, v))
	}
	return p.done(p.path("dossier", id), "dossier_opened")
}
