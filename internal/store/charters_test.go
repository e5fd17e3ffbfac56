package store_test

import (
	"slices"
	"testing"
	"time"

	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
	"gevor/internal/store"
	"gevor/organisation"
)

var allianceClauses = []clause{
	{"a charter is adopted, signed, signed anew and left", charterLife},
	{"who is no member sees who belongs to the alliance and no more", signatoriesToThePublic},
	{"a body without quorum has not decided, and the register says so", bodyWithoutQuorum},
	{"a finding becomes a dossier, a measure and commitments", dossierLife},
	{"who speaks of a dossier speaks for its own organisation, and takes back only that", notesLife},
	{"of two who move a dossier, one learns of the other", dossiersCollide},
	{"a member that leaves keeps what it promised until it takes it back", leavingWithCommitments},
	{"principle 1, no fishing in the pots of others: nobody touches another's commitment", principle1},
	{"principle 2, the actors decide: nothing is shown before release, nothing binds without a commitment", principle2},
}

var firstCharter = alliance.Charter{Title: "Charta", Body: "Wir arbeiten zusammen.", Principles: []alliance.Principle{{Title: "Lösungen vor Ort"}}}

func signature(o authz.OrganisationID, version int) alliance.Signature {
	return alliance.Signature{Organisation: o, Version: version, Signatory: "N.N., Leitung", Authority: "Beschluss des Rates", Signed: day, ReplyDays: 5, Back: "status"}
}

func charterLife(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	_, err := w.Charter(ctx, authz.Public())
	wants(t, "before there is one", err, fault.NotFound)
	_, err = w.AdoptCharter(ctx, w.anna, day, firstCharter)
	wants(t, "an admin of a member adopts", err, fault.Denied)
	if v := must[int](t)(w.AdoptCharter(ctx, w.officeActor, day, firstCharter)); v != 1 {
		t.Errorf("version %d", v)
	}
	_, err = w.AdoptCharter(ctx, w.officeActor, day, firstCharter)
	wants(t, "a first version twice", err, fault.Stale)
	for who, a := range map[string]authz.Actor{"the office": w.officeActor, "another admin": w.ben} {
		if _, err := w.Sign(ctx, a, day, signature(w.east, 1)); err == nil {
			t.Errorf("%s signs for the east", who)
		}
	}
	must[string](t)(w.Sign(ctx, w.anna, day, signature(w.east, 1)))
	_, err = w.Sign(ctx, w.anna, day, signature(w.east, 1))
	wants(t, "signing twice", err, fault.Conflict)
	if !w.actor(w.anna.Person).InAlliance() {
		t.Error("signing gave no rights")
	}
	second := firstCharter
	second.Version, second.Body = 1, "Wir arbeiten enger zusammen."
	must[int](t)(w.AdoptCharter(ctx, w.officeActor, day, second))
	_, err = w.Sign(ctx, w.ben, day, signature(w.west, 1))
	wants(t, "signing the version before", err, fault.Stale)
	if got := must[[]alliance.Member](t)(w.Signatories(ctx, w.actor(w.anna.Person))); len(got) != 1 || got[0].Version != 1 || got[0].Authority == "" || got[0].Name != "Stadt Ost" {
		t.Errorf("a newer version changed a signature: %+v", got)
	}
	must[string](t)(w.Sign(ctx, w.anna, day, signature(w.east, 2)))
	if got := must[[]alliance.Charter](t)(w.Charters(ctx, authz.Public())); len(got) != 2 || got[1].Body != firstCharter.Body {
		t.Errorf("%+v", got)
	}
	_, err = w.LeaveAlliance(ctx, w.officeActor, day, w.east, "säumig")
	wants(t, "the office ends a membership", err, fault.Denied)
	if open := must[int](t)(w.LeaveAlliance(ctx, w.anna, day, w.east, "Beschluss des Rates")); open != 0 {
		t.Errorf("%d commitments", open)
	}
	if w.actor(w.anna.Person).InAlliance() || len(must[[]alliance.Member](t)(w.Signatories(ctx, w.officeActor))) != 0 {
		t.Error("a member that left is one still")
	}
	must[string](t)(w.Sign(ctx, w.anna, day, signature(w.east, 2))) // and comes back
}

func signatoriesToThePublic(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	must[int](t)(w.AdoptCharter(ctx, w.officeActor, day, firstCharter))
	must[string](t)(w.Sign(ctx, w.anna, day, signature(w.east, 1)))
	seen := func(s *store.Store) alliance.Member {
		return must[[]alliance.Member](t)(s.Signatories(ctx, authz.Public()))[0]
	}
	if got := seen(w.Store); got.Name != "Stadt Ost" || got.Signatory != "" || got.Authority != "" || got.Back != "" {
		t.Errorf("%+v", got)
	}
	// The control: without rights the public would read who signed.
	if got := seen(store.UnsafeWithoutRights(w.Store)); got.Signatory == "" {
		t.Errorf("without rights %+v", got)
	}
}

// round is a town with a charter, two members, a body of both, and a dossier of the east.
type round struct {
	*town
	planner, member authz.Actor // of the east and the west
	body            string
	seats           []string
	dossier         string
	version         int
}

func newRound(t *testing.T, s *store.Store) *round {
	t.Helper()
	w := newTown(t, s)
	ctx := t.Context()
	must[int](t)(w.AdoptCharter(ctx, w.officeActor, day, firstCharter))
	must[string](t)(w.Sign(ctx, w.anna, day, signature(w.east, 1)))
	must[string](t)(w.Sign(ctx, w.ben, day, signature(w.west, 1)))
	w.anna, w.ben = w.actor(w.anna.Person), w.actor(w.ben.Person) // with the rights of members
	r := &round{town: w, planner: w.joins(w.east, "planerin@ost.example", authz.Planner), member: w.joins(w.west, "planer@west.example", authz.Planner)}
	r.body = must[string](t)(w.SaveBody(ctx, w.officeActor, day, alliance.Body{Name: "Fokusgruppe Kinder", Kind: "focus-group", Quorum: 50}))
	for _, o := range []authz.OrganisationID{w.east, w.west} {
		r.seats = append(r.seats, must[string](t)(w.Seat(ctx, w.officeActor, day, alliance.Seat{Body: r.body, Organisation: o, Holder: "N.N.", Votes: true, From: day.AddDate(-1, 0, 0)})))
	}
	r.dossier = must[string](t)(w.OpenDossier(ctx, r.planner, day, alliance.Dossier{
		Title: "Kinderarzt im Norden", Owner: w.east, Evidence: alliance.Evidence{Finding: "f1", Region: "demo", Run: "5eed", Name: "Nordviertel", People: 4000},
	}))
	r.version = 1
	return r
}

// decides enters a decision of the whole body on the dossier as it stands.
func (r *round) decides(title string) alliance.Decision {
	r.t.Helper()
	return must[alliance.Decision](r.t)(r.EnterDecision(r.t.Context(), r.officeActor, day, alliance.Decision{
		Body: r.body, Title: title, Wording: title, Way: alliance.Consensus, On: day, Present: r.seats, Dossier: r.dossier, DossierVersion: r.version,
	}))
}

// steps moves the dossier by a decision of its own for each step.
func (r *round) steps(all ...alliance.Step) {
	r.t.Helper()
	for _, step := range all {
		d := must[alliance.Dossier](r.t)(r.MoveDossier(r.t.Context(), r.planner, day, r.dossier, alliance.Move{Step: step, Decision: r.decides(string(step)), Body: r.body, Reason: "N.N.", Version: r.version}))
		r.version = d.Version
	}
}

func (r *round) measure() string {
	r.t.Helper()
	return must[string](r.t)(r.SaveMeasure(r.t.Context(), r.planner, day, alliance.Measure{
		Dossier: r.dossier, Owner: r.east, Title: "Sprechstunde im Kiosk", Whom: "Kinder", Where: "Nordviertel", Indicator: "Kinder ohne Arzt in 15 Minuten", Expected: "−1.000",
		FailsIf: "Nach einem Jahr sind es so viele wie vorher.", By: day.AddDate(1, 0, 0),
	}))
}

func commitment(o authz.OrganisationID, measure string, level authz.Level) alliance.Commitment {
	return alliance.Commitment{Owner: o, Measure: measure, Gift: "rooms", What: "Ein Raum, zwei Nachmittage", From: day, Released: authz.Release{Level: level}}
}

func bodyWithoutQuorum(t *testing.T, open func(*testing.T) string) {
	r := newRound(t, opened(t, open(t)))
	ctx := t.Context()
	alone := alliance.Decision{Body: r.body, Title: "Annehmen", Wording: "Wir nehmen an.", Way: alliance.Consensus, On: day, Present: r.seats[:1], Dossier: r.dossier, DossierVersion: 1}
	_, err := r.EnterDecision(ctx, r.planner, day, alone)
	wants(t, "a planner writes the register", err, fault.Denied)
	got := must[alliance.Decision](t)(r.EnterDecision(ctx, r.officeActor, day, alone))
	if got.Outcome != alliance.NoQuorum || got.Here != 1 || got.Of != 2 {
		t.Errorf("%+v", got)
	}
	_, err = r.MoveDossier(ctx, r.planner, day, r.dossier, alliance.Move{Step: alliance.Examine, Decision: got, Version: 1})
	wants(t, "a step by it", err, fault.Conflict)
	if all := must[[]alliance.Decision](t)(r.Decisions(ctx, r.member, r.dossier)); len(all) != 1 || all[0].Outcome != alliance.NoQuorum || !slices.Equal(all[0].Present, r.seats[:1]) {
		t.Errorf("the register: %+v", all)
	}
	_, err = r.Decisions(ctx, authz.Public(), "")
	wants(t, "the public reads the register", err, fault.NotFound)
	_, err = r.Seats(ctx, authz.Public(), r.body)
	wants(t, "the public reads who sits there", err, fault.NotFound)
	outdated := alone
	outdated.Present, outdated.DossierVersion = r.seats, 0
	_, err = r.EnterDecision(ctx, r.officeActor, day, outdated)
	wants(t, "a decision on an outdated version", err, fault.Stale)
}

func dossierLife(t *testing.T, open func(*testing.T) string) {
	r := newRound(t, opened(t, open(t)))
	ctx := t.Context()
	for who, a := range map[string]authz.Actor{"a planner elsewhere": r.member, "an editor": r.clerk} {
		if _, err := r.OpenDossier(ctx, a, day, alliance.Dossier{Title: "Fremd", Owner: r.east, Evidence: alliance.Evidence{Finding: "f", Run: "r"}}); err == nil {
			t.Errorf("%s opens a dossier for the east", who)
		}
	}
	r.steps(alliance.Examine, alliance.Accept, alliance.Assign)
	_, err := r.MoveDossier(ctx, r.planner, day, r.dossier, alliance.Move{Step: alliance.Plan, Decision: r.decides("planen"), Version: r.version})
	wants(t, "planned without a measure", err, fault.Conflict)
	m := r.measure()
	r.steps(alliance.Plan, alliance.Begin)
	past := commitment(r.west, m, authz.AllianceLevel)
	past.From = day.AddDate(0, 0, -1)
	_, err = r.Commit(ctx, r.ben, day, past)
	wants(t, "a commitment dated into the past", err, fault.Invalid)
	for o, a := range map[authz.OrganisationID]authz.Actor{r.west: r.ben, r.east: r.anna} {
		must[string](t)(r.Commit(ctx, a, day, commitment(o, m, authz.AllianceLevel)))
	}
	got := must[[]alliance.Commitment](t)(r.Commitments(ctx, r.planner, m))
	if len(got) != 2 || got[0].Owner != r.east || got[1].Owner != r.west {
		t.Errorf("not in the order of names: %+v", got)
	}
	r.steps(alliance.Review, alliance.Close, alliance.Reopen, alliance.Examine, alliance.LeaveBe)
	d, course, err := r.Dossier(ctx, r.member, r.dossier)
	if err != nil || d.State != alliance.NoAction || len(course) != 10 || d.Evidence.Run != "5eed" || d.Evidence.People != 4000 {
		t.Fatalf("%+v, %d steps, %v", d, len(course), err)
	}
	for _, e := range course {
		if e.Decision == "" || e.By != r.east {
			t.Errorf("%s by no decision, or by nobody: %+v", e.Step, e)
		}
	}
	if all := must[[]alliance.Dossier](t)(r.Dossiers(ctx, authz.Public())); len(all) != 0 {
		t.Errorf("the public sees %+v", all)
	}
	// The control: without rights everybody would.
	if all := must[[]alliance.Dossier](t)(store.UnsafeWithoutRights(r.Store).Dossiers(ctx, authz.Public())); len(all) != 1 {
		t.Errorf("without rights %+v", all)
	}
}

func notesLife(t *testing.T, open func(*testing.T) string) {
	r := newRound(t, opened(t, open(t)))
	ctx := t.Context()
	note := alliance.Note{Dossier: r.dossier, Owner: r.west, Kind: alliance.Voice, Text: "Eltern fahren in die Nachbarstadt."}
	for who, a := range map[string]authz.Actor{"another house": r.planner, "the office": r.officeActor, "the public": authz.Public()} {
		if _, err := r.AddNote(ctx, a, day, note); err == nil {
			t.Errorf("%s speaks for the west", who)
		}
	}
	id := must[string](t)(r.AddNote(ctx, r.member, day, note))
	if got := must[[]alliance.Note](t)(r.Notes(ctx, r.planner, r.dossier)); len(got) != 1 || got[0].Text != note.Text || got[0].Owner != r.west {
		t.Errorf("%+v", got)
	}
	if got := must[[]alliance.Note](t)(r.Notes(ctx, authz.Public(), r.dossier)); len(got) != 0 {
		t.Errorf("the public reads %+v", got)
	}
	// The control: without rights it would.
	if got := must[[]alliance.Note](t)(store.UnsafeWithoutRights(r.Store).Notes(ctx, authz.Public(), r.dossier)); len(got) != 1 {
		t.Errorf("without rights %+v", got)
	}
	if err := r.TakeNoteBack(ctx, r.planner, day, id); err == nil {
		t.Error("another house took it back")
	}
	r.does("take back", r.TakeNoteBack(ctx, r.member, day, id))
	wants(t, "taken back twice", r.TakeNoteBack(ctx, r.member, day, id), fault.Conflict)
	if got := must[[]alliance.Note](t)(r.Notes(ctx, r.planner, r.dossier)); len(got) != 1 || got[0].Text != "" || got[0].Taken.IsZero() {
		t.Errorf("%+v", got)
	}
	alone := must[alliance.Dossier](t)(r.MoveDossier(ctx, r.planner, day, r.dossier, alliance.Move{Step: alliance.Examine, Version: 1}))
	if alone.State != alliance.Examined {
		t.Errorf("%+v", alone)
	}
	_, err := r.MoveDossier(ctx, r.planner, day, r.dossier, alliance.Move{Step: alliance.Accept, Version: 2})
	wants(t, "accepted without a decision", err, fault.Conflict)
}

func dossiersCollide(t *testing.T, open func(*testing.T) string) {
	r := newRound(t, opened(t, open(t)))
	ctx := t.Context()
	both := r.decides("prüfen")
	must[alliance.Dossier](t)(r.MoveDossier(ctx, r.planner, day, r.dossier, alliance.Move{Step: alliance.Examine, Decision: both, Version: 1}))
	_, err := r.MoveDossier(ctx, r.officeActor, day, r.dossier, alliance.Move{Step: alliance.Examine, Decision: both, Version: 1})
	wants(t, "the second on the same version", err, fault.Stale)
	_, err = r.MoveDossier(ctx, r.officeActor, day, r.dossier, alliance.Move{Step: alliance.Accept, Decision: both, Version: 2})
	wants(t, "by a decision on the version before", err, fault.Stale)
	m := alliance.Measure{ID: r.measure(), Title: "Anders", Whom: "Kinder", Where: "Norden", Indicator: "K", Expected: "1", FailsIf: "nichts", By: day.AddDate(1, 0, 0), Version: 1}
	m.Indicator = "Kinder"
	must[string](t)(r.SaveMeasure(ctx, r.planner, day, m))
	_, err = r.SaveMeasure(ctx, r.planner, day, m)
	wants(t, "a measure changed on the old version", err, fault.Stale)
	_, err = r.SaveMeasure(ctx, r.member, day, m)
	wants(t, "a measure changed by another house", err, fault.Denied)
	b := must[[]alliance.Body](t)(r.Bodies(ctx, authz.Public()))[0]
	b.Closed = true
	must[string](t)(r.SaveBody(ctx, r.officeActor, day, b))
	_, err = r.SaveBody(ctx, r.officeActor, day, b)
	wants(t, "a body changed on the old version", err, fault.Stale)
	_, err = r.EnterDecision(ctx, r.officeActor, day, alliance.Decision{Body: r.body, Title: "Spät", Wording: "Spät", Way: alliance.Consensus, On: day, Present: r.seats})
	wants(t, "a closed body decides", err, fault.Conflict)
}

func leavingWithCommitments(t *testing.T, open func(*testing.T) string) {
	r := newRound(t, opened(t, open(t)))
	ctx := t.Context()
	m := r.measure()
	c := must[string](t)(r.Commit(ctx, r.ben, day, commitment(r.west, m, authz.PublicLevel)))
	if open := must[int](t)(r.LeaveAlliance(ctx, r.ben, day, r.west, "Haushalt")); open != 1 {
		t.Errorf("%d commitments are said to stand", open)
	}
	if got := must[[]alliance.Commitment](t)(r.Commitments(ctx, r.planner, m)); len(got) != 1 || !got[0].Stands() {
		t.Errorf("leaving changed a promise: %+v", got)
	}
	ben := r.actor(r.ben.Person)
	r.does("withdraw", r.WithdrawCommitment(ctx, ben, day.Add(time.Hour), c, "Austritt"))
	wants(t, "withdrawn twice", r.WithdrawCommitment(ctx, ben, day, c, "Austritt"), fault.Conflict)
	if got := must[[]alliance.Commitment](t)(r.Commitments(ctx, r.planner, m)); len(got) != 1 || got[0].Stands() || got[0].Reason != "Austritt" || got[0].What == "" {
		t.Errorf("a withdrawn promise is gone or stands: %+v", got)
	}
}

func principle1(t *testing.T, open func(*testing.T) string) {
	r := newRound(t, opened(t, open(t)))
	ctx := t.Context()
	m := r.measure()
	money := commitment(r.west, m, authz.PublicLevel)
	money.Gift, money.Pot = "money", "Jugendhilfe West"
	c := must[string](t)(r.Commit(ctx, r.ben, day, money))
	strangers := map[string]authz.Actor{"the office": r.officeActor, "another admin": r.anna, "another planner": r.planner, "an editor": r.clerk, "the public": authz.Public()}
	free := store.UnsafeWithoutRights(r.Store)
	touched := 0
	for who, a := range strangers {
		if _, err := r.Commit(ctx, a, day, money); err == nil {
			t.Errorf("%s commits the west", who)
		}
		if err := r.WithdrawCommitment(ctx, a, day, c, "N.N."); err == nil {
			t.Errorf("%s withdraws what the west promised", who)
		}
		if err := r.Release(ctx, a, day, authz.Ref{Kind: authz.Commitment, Object: c, Purpose: authz.ForAlliance}, authz.Release{}); err == nil {
			t.Errorf("%s hides what the west promised", who)
		}
		// The control: without rights each of them commits the west.
		if _, err := free.Commit(ctx, a, day, money); err == nil {
			touched++
		}
	}
	if touched != len(strangers) {
		t.Errorf("without rights only %d of %d touched it", touched, len(strangers))
	}
	got := must[[]alliance.Commitment](t)(r.Commitments(ctx, r.ben, m))
	if i := slices.IndexFunc(got, func(x alliance.Commitment) bool { return x.ID == c }); i < 0 || !got[i].Stands() || got[i].Pot != money.Pot || got[i].Owner != r.west {
		t.Errorf("%+v", got)
	}
}

func principle2(t *testing.T, open func(*testing.T) string) {
	r := newRound(t, opened(t, open(t)))
	ctx := t.Context()
	r.steps(alliance.Examine, alliance.Accept, alliance.Assign)
	m := r.measure()
	r.steps(alliance.Plan, alliance.Begin, alliance.Review)
	free := store.UnsafeWithoutRights(r.Store)
	if got := must[[]alliance.Commitment](t)(free.Commitments(ctx, authz.Public(), m)); len(got) != 0 {
		t.Errorf("decisions and a measure bound %+v", got)
	}
	c := must[string](t)(r.Commit(ctx, r.ben, day, commitment(r.west, m, authz.Private)))
	outsider := r.joins(r.found("Verein Süd", organisation.Kind("welfare")), "sued@example.org", authz.Planner)
	sees := func(a authz.Actor) bool {
		return len(must[[]alliance.Commitment](t)(r.Commitments(ctx, a, m))) == 1
	}
	readers := []authz.Actor{authz.Public(), outsider, r.planner}
	ref := authz.Ref{Kind: authz.Commitment, Object: c, Purpose: authz.ForAlliance}
	for level, want := range map[authz.Level][]bool{authz.Private: {false, false, false}, authz.AllianceLevel: {false, false, true}, authz.PublicLevel: {true, true, true}} {
		r.does("release", r.Release(ctx, r.ben, day, ref, authz.Release{Level: level}))
		for i, a := range readers {
			if sees(a) != want[i] {
				t.Errorf("released to %v: reader %d sees it %v", level, i, !want[i])
			}
		}
	}
	r.does("withdraw the release", r.Release(ctx, r.ben, day, ref, authz.Release{}))
	if sees(authz.Public()) || len(must[[]alliance.Commitment](t)(free.Commitments(ctx, authz.Public(), m))) != 1 {
		t.Error("a withdrawn release shows it, or the control does not")
	}
	r.steps(alliance.LeaveBe) // nothing is an end of its own
}
