package alliance

import (
	"slices"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
)

// MeetingState is where a meeting stands.
type MeetingState string

// The states of a meeting.
const (
	Called    MeetingState = "called"
	Held      MeetingState = "held"
	Confirmed MeetingState = "confirmed" // its minutes were approved by a later meeting and are not changed any more
	Cancelled MeetingState = "cancelled"
)

// Meeting is where a body comes together.
type Meeting struct {
	ID     string
	Body   string
	Title  string
	Begins time.Time
	Ends   time.Time
	Place  string // a room, or where the call is
	// Series is shared by meetings that were called together; empty for a single one.
	Series    string
	State     MeetingState
	Present   []string // seats that were there, whoever sat on them
	Minutes   string
	Confirmer string // the meeting that approved the minutes
	Reason    string // why it was cancelled
	Version   int
}

// Item is a point of an agenda. It belongs to the organisation that proposed it.
type Item struct {
	ID      string
	Meeting string
	Owner   authz.OrganisationID
	Title   string
	Text    string // what it is about, or the draft of a decision; may be empty
	Dossier string // what it is about; empty for most
	Measure string
	At      time.Time
	Taken   time.Time // when its owner took it back; zero while it stands
}

// mostMeetings is how many meetings are called at once: two years of weekly ones.
const mostMeetings = 104

// Check tidies a meeting that is to be called or moved; fault.Invalid with the fields title, place, begins and ends.
func (m Meeting) Check(now time.Time) (Meeting, error) {
	var f form.Fields
	m.Title = f.Line("title", m.Title, 2, mostLine)
	m.Place = f.Line("place", m.Place, 2, mostLine)
	switch {
	case m.Begins.IsZero():
		f.Add("begins", "empty")
	case m.Begins.Before(now):
		f.Add("begins", "date_past")
	}
	if !m.Ends.After(m.Begins) || m.Ends.After(m.Begins.Add(24*time.Hour)) {
		f.Add("ends", "order")
	}
	return m, f.Err()
}

// Repeat gives a meeting so many times (1 to 104), every so many weeks (1 to 52), at the same time of the day where its
// zone changes its clocks; fault.Invalid with the fields weeks and times.
func (m Meeting) Repeat(weeks, times int) ([]Meeting, error) {
	var f form.Fields
	if times < 1 || times > mostMeetings {
		f.Add("times", "range")
	}
	if times > 1 && (weeks < 1 || weeks > 52) {
		f.Add("weeks", "range")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	out := make([]Meeting, times)
	for i := range out {
		out[i] = m
		out[i].Begins, out[i].Ends = m.Begins.AddDate(0, 0, 7*weeks*i), m.Ends.AddDate(0, 0, 7*weeks*i)
	}
	return out, nil
}

// Moved gives the meeting with another title, place and time. Conflict where it is over or cancelled, Stale where the
// reader had an older version before them.
func (m Meeting) Moved(to Meeting, now time.Time) (Meeting, error) {
	if err := m.open(to.Version); err != nil {
		return m, err
	}
	to, err := to.Check(now)
	if err != nil {
		return m, err
	}
	m.Title, m.Place, m.Begins, m.Ends = to.Title, to.Place, to.Begins, to.Ends
	m.Version++
	return m, nil
}

// Cancel calls a meeting off. A reason belongs to it; the meeting stays in the list.
func (m Meeting) Cancel(version int, reason string) (Meeting, error) {
	if err := m.open(version); err != nil {
		return m, err
	}
	var f form.Fields
	m.Reason = f.Line("reason", reason, 2, mostLine)
	m.State = Cancelled
	m.Version++
	return m, f.Err()
}

// open refuses what is only done before a meeting.
func (m Meeting) open(version int) error {
	if m.State != Called {
		return fault.New(fault.Conflict, "meeting", "is over or was cancelled", "call another one")
	}
	return m.at(version)
}

func (m Meeting) at(version int) error {
	if version != m.Version {
		return fault.New(fault.Stale, "meeting", "has been changed by somebody else in the meantime", "look at the new state")
	}
	return nil
}

// Write keeps who is there and what is said. The minutes are written from the hour of the meeting on, until a later
// meeting approves them: Conflict before and after, Stale where somebody else wrote meanwhile. Seats that the body does
// not have on that day are not present (Invalid: present).
func (m Meeting) Write(version int, present []string, minutes string, seats []Seat, now time.Time) (Meeting, error) {
	switch {
	case m.State == Cancelled || m.State == Confirmed:
		return m, fault.New(fault.Conflict, "minutes", "of this meeting are not changed any more", "a correction is a point of the next meeting")
	case now.Before(m.Begins):
		return m, fault.New(fault.Conflict, "minutes", "are written when the meeting has begun", "propose points for the agenda until then")
	}
	if err := m.at(version); err != nil {
		return m, err
	}
	var f form.Fields
	for _, id := range present {
		if !slices.ContainsFunc(seats, func(x Seat) bool { return x.ID == id && x.Body == m.Body && x.Held(m.Begins) }) {
			f.Add("present", "unknown")
			break
		}
	}
	m.Minutes = f.Text("minutes", minutes, 0, 5*mostText)
	m.Present = slices.Compact(slices.Sorted(slices.Values(present)))
	m.State = Held
	m.Version++
	return m, f.Err()
}

// Confirm approves the minutes of a meeting in a later meeting of the same body that was held. Conflict where it was not,
// and where there is nothing to approve.
func (m Meeting) Confirm(version int, by Meeting) (Meeting, error) {
	switch {
	case m.State != Held || m.Minutes == "":
		return m, fault.New(fault.Conflict, "minutes", "are not there to be approved", "write them first")
	case by.Body != m.Body || by.State != Held && by.State != Confirmed || !by.Begins.After(m.Begins):
		return m, fault.New(fault.Conflict, "minutes", "are approved by a later meeting of the same body that was held", "choose that meeting")
	}
	if err := m.at(version); err != nil {
		return m, err
	}
	m.State, m.Confirmer = Confirmed, by.ID
	m.Version++
	return m, nil
}

// Propose tidies a point for the agenda; fault.Invalid with the fields title and text, Conflict where the meeting is over.
func (m Meeting) Propose(x Item) (Item, error) {
	if m.State != Called && m.State != Held {
		return x, fault.New(fault.Conflict, "agenda", "of this meeting is closed", "propose it for the next meeting")
	}
	var f form.Fields
	x.Title = f.Line("title", x.Title, 2, mostLine)
	x.Text = f.Text("text", x.Text, 0, mostText)
	x.Meeting = m.ID
	return x, f.Err()
}

// Due gives what waits for a body and is not on an agenda yet: dossiers that were assigned to it, or that wait for any
// body's decision where the body steers, and measures of its dossiers whose day has come by the day of the meeting.
// Commitments are not among them: of those that end, their own organisation alone is reminded.
func (m Meeting) Due(b Body, on []Item, dossiers []Dossier, measures []Measure) []Item {
	steers := b.Kind == "strategic-steering" || b.Kind == "operative-steering"
	var out []Item
	mine := map[string]Dossier{}
	for _, d := range dossiers {
		ends := d.State == Closed || d.State == NoAction || d.State == Contradicted
		if ends || d.Body != b.ID && (d.Body != "" || !steers || !slices.Contains([]State{Examined, Accepted}, d.State)) {
			continue
		}
		mine[d.ID] = d
		if slices.ContainsFunc(d.Can(), func(s Step) bool { return !s.Alone() }) && !slices.ContainsFunc(on, func(x Item) bool { return x.Dossier == d.ID && x.Measure == "" && x.Taken.IsZero() }) {
			out = append(out, Item{Meeting: m.ID, Title: d.Title, Dossier: d.ID})
		}
	}
	for _, x := range measures {
		if _, ours := mine[x.Dossier]; !ours || day(x.By).After(day(m.Begins)) {
			continue
		}
		if !slices.ContainsFunc(on, func(i Item) bool { return i.Measure == x.ID && i.Taken.IsZero() }) {
			out = append(out, Item{Meeting: m.ID, Title: x.Title, Dossier: x.Dossier, Measure: x.ID})
		}
	}
	return out
}

// prepareDays is how long before a meeting its office prepares it: three weeks hold the usual time of calling.
const prepareDays = 21

// Chore is what the office still has to do for a meeting.
type Chore string

// The chores of a meeting, in the order in which they come.
const (
	NoChore Chore = ""
	Prepare Chore = "prepare" // it comes within three weeks
	Record  Chore = "record"  // it is over and has no minutes
	Approve Chore = "approve" // its minutes wait for a later meeting to approve them
)

// Chore says what the office still has to do for the meeting at that time. A meeting that goes on, was cancelled, is far
// away or has approved minutes asks for nothing.
func (m Meeting) Chore(now time.Time) Chore {
	switch {
	case m.State == Held && m.Minutes == "", m.State == Called && m.Ends.Before(now):
		return Record
	case m.State == Held:
		return Approve
	case m.State == Called && m.Begins.After(now) && !m.Begins.After(now.AddDate(0, 0, prepareDays)):
		return Prepare
	}
	return NoChore
}
