package alliance_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gevor/alliance"
	"gevor/fault"
	"gevor/form"
)

var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func called() alliance.Meeting {
	return alliance.Meeting{ID: "g1", Body: "y1", Title: "Sitzung", Place: "Rathaus", Begins: began, Ends: began.Add(2 * time.Hour), State: alliance.Called, Version: 1}
}

func seats() []alliance.Seat {
	return []alliance.Seat{{ID: "z1", Body: "y1", Votes: true, From: began.AddDate(-1, 0, 0)}, {ID: "z2", Body: "y1", Votes: true, From: began.AddDate(-1, 0, 0), Until: began.AddDate(0, 0, -1)}}
}

func TestAMeetingOnItsWay(t *testing.T) {
	m, later := called(), called()
	later.ID, later.Begins, later.State = "g2", began.AddDate(0, 1, 0), alliance.Held
	if _, err := m.Write(1, nil, "zu früh", seats(), began.Add(-time.Minute)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("minutes before the meeting: %v", err)
	}
	if _, err := m.Write(1, []string{"z2"}, "", seats(), began); len(form.Of(err)) != 1 {
		t.Errorf("a seat whose term is over is present: %v", err)
	}
	if _, err := m.Confirm(1, later); fault.KindOf(err) != fault.Conflict {
		t.Errorf("minutes that nobody wrote are approved: %v", err)
	}
	m, err := m.Write(1, []string{"z1", "z1"}, "Alle sind da.", seats(), began)
	if err != nil || m.State != alliance.Held || !slices.Equal(m.Present, []string{"z1"}) || m.Version != 2 {
		t.Fatalf("%+v %v", m, err)
	}
	if _, err := m.Write(1, nil, "von jemand anderem", seats(), began); fault.KindOf(err) != fault.Stale {
		t.Errorf("the second of two writers learns nothing: %v", err)
	}
	for what, by := range map[string]alliance.Meeting{
		"itself": m, "one before": func() alliance.Meeting { x := later; x.Begins = began.AddDate(0, -1, 0); return x }(),
		"one to come": func() alliance.Meeting { x := later; x.State = alliance.Called; return x }(), "another body's": func() alliance.Meeting { x := later; x.Body = "y2"; return x }(),
	} {
		if _, err := m.Confirm(2, by); fault.KindOf(err) != fault.Conflict {
			t.Errorf("approved by %s: %v", what, err)
		}
	}
	if m, err = m.Confirm(2, later); err != nil || m.State != alliance.Confirmed || m.Confirmer != "g2" {
		t.Fatalf("%+v %v", m, err)
	}
	if _, err := m.Write(3, nil, "nachträglich", seats(), began.AddDate(0, 2, 0)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("approved minutes are changed: %v", err)
	}
	if _, err := m.Cancel(3, "krank"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a meeting that was held is cancelled: %v", err)
	}
	if _, err := called().Cancel(1, ""); len(form.Of(err)) != 1 {
		t.Errorf("cancelled without a reason: %v", err)
	}
}

func TestWhatAMeetingNeeds(t *testing.T) {
	now := began.AddDate(0, 0, -7)
	if _, err := called().Check(now); err != nil {
		t.Error(err)
	}
	for field, spoil := range map[string]func(*alliance.Meeting){
		"title": func(m *alliance.Meeting) { m.Title = " " }, "place": func(m *alliance.Meeting) { m.Place = "" },
		"begins": func(m *alliance.Meeting) { m.Begins = now.Add(-time.Hour); m.Ends = now },
		"ends":   func(m *alliance.Meeting) { m.Ends = m.Begins },
	} {
		m := called()
		spoil(&m)
		if _, err := m.Check(now); !slices.ContainsFunc(form.Of(err), func(f form.Field) bool { return f.Name == field }) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := called().Propose(alliance.Item{Title: strings.Repeat("x", 300)}); form.Of(err) == nil {
		t.Error("a title of 300 characters")
	}
}

// A series keeps the hour of the day, over the days on which clocks change too.
func TestASeriesKeepsItsHour(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		m := called()
		m.Begins = time.Date(2026, time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 28).Draw(t, "day"), rapid.IntRange(8, 20).Draw(t, "hour"), 30, 0, 0, zone)
		m.Ends = m.Begins.Add(90 * time.Minute)
		weeks, times := rapid.IntRange(-1, 53).Draw(t, "weeks"), rapid.IntRange(-1, 106).Draw(t, "times")
		all, err := m.Repeat(weeks, times)
		if good := times == 1 || times > 1 && times <= 104 && weeks >= 1 && weeks <= 52; good != (err == nil) {
			t.Fatalf("%d times every %d weeks: %v", times, weeks, err)
		}
		for i, x := range all {
			if x.Begins.Hour() != m.Begins.Hour() || x.Begins.Weekday() != m.Begins.Weekday() || x.Ends.Sub(x.Begins) != 90*time.Minute {
				t.Fatalf("meeting %d begins %v", i, x.Begins)
			}
			if i > 0 && x.Begins.YearDay() == all[i-1].Begins.YearDay() && x.Begins.Year() == all[i-1].Begins.Year() {
				t.Fatalf("two on one day: %v", x.Begins)
			}
		}
	})
}

// The agenda collects what waits for this body, once.
func TestTheAgendaCollects(t *testing.T) {
	m, body := called(), alliance.Body{ID: "y1", Kind: "focus-group"}
	dossiers := []alliance.Dossier{
		{ID: "ours", Title: "Ours", Body: "y1", State: alliance.Assigned},
		{ID: "at work", Body: "y1", State: alliance.AtWork},
		{ID: "done", Body: "y1", State: alliance.Closed},
		{ID: "theirs", Body: "y2", State: alliance.Assigned},
		{ID: "nobody's", Title: "Nobody's", State: alliance.Examined},
		{ID: "new", State: alliance.Seen},
	}
	measures := []alliance.Measure{
		{ID: "due", Dossier: "at work", By: began}, {ID: "not yet", Dossier: "at work", By: began.AddDate(0, 0, 1)}, {ID: "elsewhere", Dossier: "theirs", By: began},
	}
	got := func(b alliance.Body, on []alliance.Item) (out []string) {
		for _, x := range m.Due(b, on, dossiers, measures) {
			out = append(out, strings.Trim(x.Dossier+" "+x.Measure, " "))
		}
		return out
	}
	if x := got(body, nil); !slices.Equal(x, []string{"ours", "at work due"}) {
		t.Errorf("%q", x)
	}
	if x := got(body, m.Due(body, nil, dossiers, measures)); x != nil {
		t.Errorf("collected twice: %q", x)
	}
	taken := m.Due(body, nil, dossiers, measures)
	taken[0].Taken = began
	if x := got(body, taken); !slices.Equal(x, []string{"ours"}) {
		t.Errorf("what was taken back is not proposed again: %q", x)
	}
	body.Kind = "strategic-steering"
	if x := got(body, nil); !slices.Equal(x, []string{"ours", "nobody's", "at work due"}) {
		t.Errorf("a body that steers: %q", x)
	}
}

// What the office has to do for a meeting follows from its state and the day alone.
func TestTheChoresOfAMeeting(t *testing.T) {
	in := func(change func(*alliance.Meeting)) alliance.Meeting {
		m := called()
		change(&m)
		return m
	}
	stays := func(*alliance.Meeting) {}
	for what, c := range map[string]struct {
		m    alliance.Meeting
		now  time.Time
		want alliance.Chore
	}{
		"far away":           {in(stays), began.AddDate(0, 0, -22), alliance.NoChore},
		"three weeks before": {in(stays), began.AddDate(0, 0, -21), alliance.Prepare},
		"just before":        {in(stays), began.Add(-time.Minute), alliance.Prepare},
		"going on":           {in(stays), began.Add(time.Hour), alliance.NoChore},
		"over":               {in(stays), began.Add(3 * time.Hour), alliance.Record},
		"only who was there": {in(func(m *alliance.Meeting) { m.State = alliance.Held }), began.Add(3 * time.Hour), alliance.Record},
		"written":            {in(func(m *alliance.Meeting) { m.State, m.Minutes = alliance.Held, "Es war gut." }), began.Add(3 * time.Hour), alliance.Approve},
		"approved":           {in(func(m *alliance.Meeting) { m.State, m.Minutes = alliance.Confirmed, "Es war gut." }), began.AddDate(1, 0, 0), alliance.NoChore},
		"cancelled":          {in(func(m *alliance.Meeting) { m.State = alliance.Cancelled }), began.AddDate(0, 0, -3), alliance.NoChore},
	} {
		if got := c.m.Chore(c.now); got != c.want {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
}
