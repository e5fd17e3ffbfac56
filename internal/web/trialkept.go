package web

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"gevor/atlas"
	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
)

// trialKeep keeps what stands in the form, reckoned anew.
func trialKeep(p *page) error {
	if err := p.mayTry(); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	p.query = sent
	changes, err := p.changesAsked()
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		return fault.New(fault.Invalid, "changes", "nothing is changed", "choose a change first")
	}
	effects, err := p.try(changes)
	if err != nil {
		return err
	}
	owner := authz.OrganisationID(sent.Get("owner"))
	if houses := p.planningFor(); owner == "" && len(houses) == 1 {
		owner = authz.OrganisationID(houses[0].Value)
	}
	id, err := p.site.KeptTrials.KeepTrial(p.req.Context(), p.actor, p.now(), atlas.Trial{
		Owner: owner, Name: sent.Get("name"), Region: p.run.Region, Run: p.run.Hash, Changes: changes, Outcomes: atlas.Outcomes(p.run.snapshot(), effects),
	})
	if form.Of(err) != nil {
		return p.showTrial(http.StatusUnprocessableEntity, changes, p.begin("trial"), p.entry("trial", sent, err))
	}
	if err != nil {
		return err
	}
	return p.done(p.path("trial", id), "trial_kept")
}

// keptView is one kept trial.
type keptView struct {
	atlas.Trial
	House     string
	Lines     []trialChange
	Results   []trialResult
	Districts ui.Table
	Again     templ.SafeURL // on the run of today; empty where the reader may not try
	Gone      bool          // today's run no longer has what is changed
	Old       bool          // it was reckoned on another run than the one that is served
	Levels    ui.Input
	MayShare  bool
	MayRemove bool
}

// keptTrial reads the trial of the address.
func (p *page) keptTrial(do authz.Action) (atlas.Trial, error) {
	x, err := p.site.KeptTrials.Trial(p.req.Context(), p.actor, p.req.PathValue("trial"))
	if err != nil {
		return x, err
	}
	return x, p.may(do, authz.Object{Kind: authz.Trial, Owner: x.Owner, Released: x.Released})
}

func trialPage(p *page) error {
	x, err := p.keptTrial(authz.View)
	if err != nil {
		return err
	}
	v := keptView{Trial: x, Results: p.trialResults(x.Outcomes), Old: x.Run != p.run.Hash}
	if v.House, err = p.houseName(p.req.Context(), x.Owner); fault.KindOf(err) == fault.NotFound {
		v.House, err = p.T("trial.another_house", nil), nil
	}
	if err != nil {
		return err
	}
	for _, c := range x.Changes {
		v.Lines = append(v.Lines, p.changeInWords(c))
	}
	lines := p.trialSheet(x.Outcomes)
	if sent, err := lines.asked(p); sent || err != nil {
		return err
	}
	if v.Districts, err = lines.show(p); err != nil {
		return err
	}
	if slices.ContainsFunc(x.Changes, func(c atlas.Change) bool { return c.Feed != "" }) {
		v.Again = "" // takes a whole analysis
	} else if _, err := atlas.ScenarioOf(p.run.snapshot(), x.Changes); err != nil {
		v.Gone = true
	} else if p.mayTry() == nil {
		v.Again = templ.SafeURL(p.path("trials") + "?" + changesQuery(x.Changes).Encode())
	}
	o := authz.Object{Kind: authz.Trial, Owner: x.Owner, Released: x.Released}
	v.MayShare, v.MayRemove = p.can(authz.Share, o), p.can(authz.Remove, o)
	f := p.begin("release", "level", x.Released.Level.String())
	v.Levels = ui.Input{Name: "level", Required: true}
	for _, l := range []authz.Level{authz.Private, authz.AllianceLevel, authz.PublicLevel} {
		v.Levels.Options = append(v.Levels.Options, ui.Option{Value: l.String(), Label: p.T("release.levels."+l.String(), nil)})
	}
	v.Levels = f.fill(v.Levels)
	return p.render(http.StatusOK, x.Name, keptPage(p, v))
}

func trialShare(p *page) error {
	x, err := p.keptTrial(authz.Share)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	level, known := authz.LevelOf(sent.Get("level"))
	if !known || level == authz.Named {
		return fault.New(fault.Invalid, "level", "is none of the list", "choose one")
	}
	ref := authz.Ref{Kind: authz.Trial, Object: x.ID, Purpose: authz.ForAtlas}
	if err := p.site.Houses.Release(p.req.Context(), p.actor, p.now(), ref, authz.Release{Level: level}); err != nil {
		return err
	}
	return p.done(p.path("trial", x.ID), "released")
}

func trialRemove(p *page) error {
	x, err := p.keptTrial(authz.Remove)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("trial.remove", nil), trialRemovePage(p, x))
}

func trialRemoved(p *page) error {
	x, err := p.keptTrial(authz.Remove)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if sent.Get("sure") != "yes" {
		return trialRemove(p)
	}
	if err := p.site.KeptTrials.RemoveTrial(p.req.Context(), p.actor, p.now(), x.ID); err != nil {
		return err
	}
	return p.done(p.path("trials"), "trial_removed")
}
