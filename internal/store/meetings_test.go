package store_test

import (
	"testing"
	"time"

	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
	"gevor/internal/store"
)

var meetingClauses = []clause{
	{"a body meets, writes minutes, decides, and approves them at its next meeting", meetingLife},
	{"of two who write minutes, one learns of the other", minutesCollide},
	{"a house proposes points of its own and takes back only those", agendaOfHouses},
	{"the office keeps milestones that everybody sees", milestonesOfTheOffice},
}

// calls gives a round two meetings of its body, a week from day and a week later.
func (r *round) calls() (first, second alliance.Meeting) {
	r.t.Helper()
	begins := day.AddDate(0, 0, 7)
	m := alliance.Meeting{Body: r.body, Title: "Sitzung", Place: "Rathaus", Begins: begins, Ends: begins.Add(2 * time.Hour)}
	all := must[[]alliance.Meeting](r.t)(m.Repeat(1, 2))
	must[string](r.t)(r.CallMeetings(r.t.Context(), r.officeActor, day, all))
	got := must[[]alliance.Meeting](r.t)(r.Meetings(r.t.Context(), r.member, r.body))
	if len(got) != 2 || got[0].Series == "" || got[0].Series != got[1].Series {
		r.t.Fatalf("%+v", got)
	}
	return got[1], got[0]
}

func meetingLife(t *testing.T, open func(*testing.T) string) {
	r := newRound(t, opened(t, open(t)))
	ctx := t.Context()
	first, second := r.calls()
	_, err := r.CallMeetings(ctx, r.planner, day, []alliance.Meeting{first})
	wants(t, "a member calls a body together", err, fault.Denied)
	_, err = r.Meetings(ctx, authz.Public(), r.body)
	wants(t, "the public reads meetings", err, fault.NotFound)
	// The control: without rights the public would read them.
	if got := must[[]alliance.Meeting](t)(store.UnsafeWithoutRights(r.Store).Meetings(ctx, authz.Public(), r.body)); len(got) != 2 {
		t.Errorf("without rights %d", len(got))
	}
	r.steps(alliance.Examine)
	// The dossier is nobody's yet: this body does not steer, so nothing is collected, and then it does.
	if n := must[int](t)(r.CollectAgenda(ctx, r.officeActor, day, first.ID, r.officeActor.Memberships[0].Organisation)); n != 0 {
		t.Errorf("collected %d", n)
	}
	b := must[alliance.Body](t)(r.Body(ctx, r.officeActor, r.body))
	b.Kind = "strategic-steering"
	must[string](t)(r.SaveBody(ctx, r.officeActor, day, b))
	for want := 1; want >= 0; want-- {
		if n := must[int](t)(r.CollectAgenda(ctx, r.officeActor, day, first.ID, r.officeActor.Memberships[0].Organisation)); n != want {
			t.Errorf("collected %d, want %d", n, want)
		}
	}
	at := first.Begins.Add(time.Hour)
	wants(t, "minutes before it began", r.WriteMinutes(ctx, r.officeActor, day, first.ID, 1, nil, "x"), fault.Conflict)
	if err := r.WriteMinutes(ctx, r.officeActor, at, first.ID, 1, r.seats, "Alle sind da."); err != nil {
		t.Fatal(err)
	}
	d := alliance.Decision{Body: r.body, Title: "Annehmen", Wording: "Wir nehmen an.", Way: alliance.Consensus, On: at, Present: r.seats, Dossier: r.dossier, DossierVersion: r.version, Meeting: first.ID}
	if got := must[alliance.Decision](t)(r.EnterDecision(ctx, r.officeActor, at, d)); got.Outcome != alliance.Taken {
		t.Errorf("%+v", got)
	}
	if got := must[[]alliance.Decision](t)(r.Decisions(ctx, r.member, "")); len(got) != 2 || got[0].Meeting != first.ID {
		t.Errorf("%+v", got)
	}
	other := must[string](t)(r.SaveBody(ctx, r.officeActor, day, alliance.Body{Name: "Vorstand", Kind: "board"}))
	d.Body = other
	_, err = r.EnterDecision(ctx, r.officeActor, at, d)
	wants(t, "a decision of another body in this meeting", err, fault.Conflict)

	wants(t, "approved by a meeting to come", r.ConfirmMinutes(ctx, r.officeActor, at, first.ID, 2, second.ID), fault.Conflict)
	later := second.Begins.Add(time.Hour)
	if err := r.WriteMinutes(ctx, r.officeActor, later, second.ID, 1, r.seats, ""); err != nil {
		t.Fatal(err)
	}
	if err := r.ConfirmMinutes(ctx, r.officeActor, later, first.ID, 2, second.ID); err != nil {
		t.Fatal(err)
	}
	wants(t, "approved minutes are changed", r.WriteMinutes(ctx, r.officeActor, later, first.ID, 3, nil, "anders"), fault.Conflict)
	m, agenda, err := r.Meeting(ctx, r.member, first.ID)
	if err != nil || m.State != alliance.Confirmed || m.Confirmer != second.ID || m.Minutes != "Alle sind da." || len(agenda) != 1 || agenda[0].Dossier != r.dossier {
		t.Errorf("%+v %+v %v", m, agenda, err)
	}
	wants(t, "a meeting that was held is cancelled", r.CancelMeeting(ctx, r.officeActor, later, second.ID, 2, "krank"), fault.Conflict)
}

func minutesCollide(t *testing.T, open func(*testing.T) string) {
	r := newRound(t, opened(t, open(t)))
	ctx := t.Context()
	first, second := r.calls()
	moved := first
	moved.Place = "Volkshochschule"
	if err := r.MoveMeeting(ctx, r.officeActor, day, moved); err != nil {
		t.Fatal(err)
	}
	wants(t, "moved on what was", r.MoveMeeting(ctx, r.officeActor, day, moved), fault.Stale)
	at := first.Begins
	if err := r.WriteMinutes(ctx, r.officeActor, at, first.ID, 2, r.seats[:1], "Die eine schreibt."); err != nil {
		t.Fatal(err)
	}
	wants(t, "written over", r.WriteMinutes(ctx, r.officeActor, at, first.ID, 2, nil, "Der andere auch."), fault.Stale)
	if m, _, err := r.Meeting(ctx, r.member, first.ID); err != nil || m.Minutes != "Die eine schreibt." || len(m.Present) != 1 || m.Place != "Volkshochschule" {
		t.Errorf("%+v %v", m, err)
	}
	if err := r.CancelMeeting(ctx, r.officeActor, day, second.ID, 1, "Kein Raum"); err != nil {
		t.Fatal(err)
	}
	wants(t, "minutes of a cancelled meeting", r.WriteMinutes(ctx, r.officeActor, second.Begins, second.ID, 2, nil, "x"), fault.Conflict)
}

func agendaOfHouses(t *testing.T, open func(*testing.T) string) {
	r := newRound(t, opened(t, open(t)))
	ctx := t.Context()
	first, _ := r.calls()
	x := alliance.Item{Meeting: first.ID, Owner: r.east, Title: "Sprachmittlung", Text: "Entwurf"}
	wants(t, "another house speaks for the east", r.ProposeItem(ctx, r.member, day, x), fault.Denied)
	if err := r.ProposeItem(ctx, r.planner, day, x); err != nil {
		t.Fatal(err)
	}
	_, agenda, err := r.Meeting(ctx, r.member, first.ID)
	if err != nil || len(agenda) != 1 {
		t.Fatalf("%+v %v", agenda, err)
	}
	wants(t, "another house takes it back", r.TakeItemBack(ctx, r.member, day, agenda[0].ID), fault.Denied)
	// The control: without rights anybody would.
	if err := store.UnsafeWithoutRights(r.Store).TakeItemBack(ctx, r.member, day, agenda[0].ID); err != nil {
		t.Error(err)
	}
	wants(t, "taken back twice", r.TakeItemBack(ctx, r.planner, day, agenda[0].ID), fault.Stale)
	if _, agenda, err = r.Meeting(ctx, r.member, first.ID); err != nil || agenda[0].Title != "" || agenda[0].Taken.IsZero() {
		t.Errorf("%+v %v", agenda, err)
	}
}

func milestonesOfTheOffice(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	m := alliance.Milestone{On: day, Title: "Charta beschlossen"}
	_, err := w.SaveMilestone(ctx, w.anna, day, m)
	wants(t, "an admin of a house writes one", err, fault.Denied)
	m.ID = must[string](t)(w.SaveMilestone(ctx, w.officeActor, day, m))
	must[string](t)(w.SaveMilestone(ctx, w.officeActor, day, alliance.Milestone{On: day.AddDate(-1, 0, 0), Title: "Auftakt"}))
	m.Version, m.Text = 1, "In Essen"
	must[string](t)(w.SaveMilestone(ctx, w.officeActor, day, m))
	_, err = w.SaveMilestone(ctx, w.officeActor, day, m)
	wants(t, "changed on what was", err, fault.Stale)
	if got := must[[]alliance.Milestone](t)(w.Milestones(ctx, authz.Public())); len(got) != 2 || got[0].Title != "Auftakt" || got[1].Text != "In Essen" {
		t.Errorf("%+v", got)
	}
	wants(t, "an admin of a house removes one", w.DropMilestone(ctx, w.anna, day, m.ID), fault.Denied)
	if err := w.DropMilestone(ctx, w.officeActor, day, m.ID); err != nil {
		t.Error(err)
	}
	wants(t, "removed twice", w.DropMilestone(ctx, w.officeActor, day, m.ID), fault.NotFound)
}
