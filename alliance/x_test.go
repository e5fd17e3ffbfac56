package alliance_test

import (
	"slices"
	"testing"
	"time"

	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
	"gevor/form"
)

func wants(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		t.Errorf("%s: %v, want %v", what, err, kind)
	}
}

// field says whether an error names a field with a reason.
func field(t *testing.T, what string, err error, name, reason string) {
	t.Helper()
	if !slices.Contains(form.Of(err), form.Field{Name: name, Reason: reason}) {
		t.Errorf("%s: %v, want %s: %s", what, err, name, reason)
	}
}

func TestADossierMovesByADecisionOnWhatIsThere(t *testing.T) {
	d := alliance.Dossier{ID: "d", State: alliance.Examined, Version: 3}
	move := func(change func(*alliance.Move)) error {
		m := alliance.Move{Step: alliance.Accept, Decision: decided(d), Version: 3}
		change(&m)
		got, _, err := d.Step(m, today)
		if err != nil && (got.State != d.State || got.Version != d.Version) {
			t.Errorf("refused, and yet it is %+v", got)
		}
		return err
	}
	if err := move(func(*alliance.Move) {}); err != nil {
		t.Error(err)
	}
	wants(t, "no decision", move(func(m *alliance.Move) { m.Decision = alliance.Decision{} }), fault.Conflict)
	wants(t, "a decision on another dossier", move(func(m *alliance.Move) { m.Decision.Dossier = "other" }), fault.Conflict)
	wants(t, "a decision without quorum", move(func(m *alliance.Move) { m.Decision.Outcome = alliance.NoQuorum }), fault.Conflict)
	wants(t, "a decision that has run out", move(func(m *alliance.Move) {
		m.Decision.On, m.Decision.Until = today.AddDate(0, 0, -9), today.AddDate(0, 0, -1)
	}), fault.Conflict)
	wants(t, "a decision on an outdated version", move(func(m *alliance.Move) { m.Decision.DossierVersion = 2 }), fault.Stale)
	wants(t, "a reader with an outdated version", move(func(m *alliance.Move) { m.Version = 2 }), fault.Stale)
	wants(t, "no action without a reason", move(func(m *alliance.Move) { m.Step = alliance.LeaveBe }), fault.Invalid)
	d.State = alliance.Accepted
	wants(t, "assigned to nobody", move(func(m *alliance.Move) { m.Step = alliance.Assign }), fault.Invalid)
	d.State = alliance.Assigned
	wants(t, "planned without a measure", move(func(m *alliance.Move) { m.Step = alliance.Plan }), fault.Conflict)
}

func TestQuorumAndOutcome(t *testing.T) {
	b := alliance.Body{ID: "g", Name: "Fokusgruppe", Kind: "focus-group", Quorum: 50}
	seat := func(id string, votes bool, from, until time.Time) alliance.Seat {
		return alliance.Seat{ID: id, Body: "g", Organisation: authz.OrganisationID("o" + id), Votes: votes, From: from, Until: until}
	}
	year := today.AddDate(-1, 0, 0)
	seats := []alliance.Seat{
		seat("1", true, year, time.Time{}), seat("2", true, year, today), seat("3", true, year, time.Time{}), seat("4", true, year, time.Time{}),
		seat("guest", false, year, time.Time{}), seat("gone", true, year, today.AddDate(0, 0, -1)), seat("next", true, today.AddDate(0, 0, 1), time.Time{}),
	}
	motion := alliance.Decision{Title: "Antrag", Wording: "Wir tun es.", Way: alliance.Consensus, On: today}
	for _, x := range []struct {
		name    string
		present []string
		change  func(*alliance.Decision)
		outcome alliance.Outcome
	}{
		{"two of four are not more than half", []string{"1", "2", "guest", "gone", "next"}, nil, alliance.NoQuorum},
		{"the same seat twice is one", []string{"1", "2", "2"}, nil, alliance.NoQuorum},
		{"three of four", []string{"1", "2", "3"}, nil, alliance.Taken},
		{"three of four, one objects", []string{"1", "2", "3"}, func(d *alliance.Decision) { d.Objections = 1 }, alliance.NotTaken},
		{"votes, more for", []string{"1", "2", "3"}, func(d *alliance.Decision) { d.Way, d.For, d.Against = alliance.Votes, 2, 1 }, alliance.Taken},
		{"votes, a tie", []string{"1", "2", "3", "4"}, func(d *alliance.Decision) { d.Way, d.For, d.Against = alliance.Votes, 2, 2 }, alliance.NotTaken},
	} {
		m := motion
		m.Present = x.present
		if x.change != nil {
			x.change(&m)
		}
		got, err := b.Decide(m, seats, today)
		if err != nil || got.Outcome != x.outcome || got.Of != 4 {
			t.Errorf("%s: %s of %d, %v", x.name, got.Outcome, got.Of, err)
		}
	}
	bad := motion
	bad.Present, bad.For, bad.Way = []string{"1", "2", "3"}, 4, alliance.Votes
	_, err := b.Decide(bad, seats, today)
	field(t, "four votes of three", err, "votes", "range")
	bad = motion
	bad.On = today.AddDate(0, 0, 1)
	_, err = b.Decide(bad, seats, today)
	field(t, "decided tomorrow", err, "on", "date_future")
	b.Closed = true
	_, err = b.Decide(motion, seats, today)
	wants(t, "a closed body", err, fault.Conflict)
}

func TestSigningAndLeaving(t *testing.T) {
	c := alliance.Charter{Version: 2, Title: "Charta", Principles: []alliance.Principle{{Title: "Lösungen vor Ort"}}}
	if _, err := c.Check(); err != nil {
		t.Fatal(err)
	}
	s := alliance.Signature{Version: 2, Signatory: "N.N., Vorstand", Authority: "Satzung § 7", Signed: today, Back: "status", ReplyDays: 5}
	if _, err := s.Check(c, today); err != nil {
		t.Fatal(err)
	}
	old := s
	old.Version = 1
	_, err := old.Check(c, today)
	wants(t, "a signature under the version before", err, fault.Stale)
	early := s
	early.Signed = today.AddDate(0, 0, 1)
	_, err = early.Check(c, today)
	field(t, "signed tomorrow", err, "signed", "date_future")
	left, err := s.Leave(today, "Neuordnung der Trägerschaft")
	if err != nil || left.Current() || !s.Current() {
		t.Errorf("%+v, %v", left, err)
	}
	_, err = left.Leave(today, "noch einmal")
	wants(t, "leaving twice", err, fault.Conflict)
}

func TestCommitments(t *testing.T) {
	c := alliance.Commitment{Gift: "money", What: "3.000 € im Jahr", Pot: "Gesundheitsamt, Prävention", From: today}
	if _, err := c.Check(today); err != nil {
		t.Fatal(err)
	}
	past := c
	past.From = today.AddDate(0, 0, -1)
	_, err := past.Check(today)
	field(t, "a promise for yesterday", err, "from", "date_past")
	potless := c
	potless.Pot = ""
	_, err = potless.Check(today)
	field(t, "money from nowhere", err, "pot", "empty")
	turned := c
	turned.Until = today.AddDate(0, 0, -3)
	_, err = turned.Check(today)
	field(t, "ends before it begins", err, "until", "order")
	gone, err := c.Withdraw(today, "Haushaltssperre")
	if err != nil || gone.Stands() || gone.What != c.What {
		t.Errorf("%+v, %v", gone, err)
	}
	_, err = gone.Withdraw(today, "noch einmal")
	wants(t, "withdrawn twice", err, fault.Conflict)
	_, err = c.Withdraw(today, " ")
	wants(t, "withdrawn without a reason", err, fault.Invalid)
}

func TestOfWhatEndsSoon(t *testing.T) {
	c := alliance.Commitment{From: today, Until: today.AddDate(0, 0, 42)}
	for _, x := range []struct {
		what   string
		change func(*alliance.Commitment)
		want   bool
	}{
		{"in six weeks to the day", func(*alliance.Commitment) {}, true},
		{"a day later", func(c *alliance.Commitment) { c.Until = c.Until.AddDate(0, 0, 1) }, false},
		{"today", func(c *alliance.Commitment) { c.Until = today }, true},
		{"over", func(c *alliance.Commitment) { c.Until = today.AddDate(0, 0, -1) }, false},
		{"without end", func(c *alliance.Commitment) { c.Until = time.Time{} }, false},
		{"withdrawn", func(c *alliance.Commitment) { c.Withdrawn = today }, false},
	} {
		is := c
		x.change(&is)
		if is.Ends(today, 6) != x.want {
			t.Errorf("%s: %v", x.what, !x.want)
		}
	}
}
