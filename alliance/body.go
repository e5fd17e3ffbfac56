package alliance

import (
	"slices"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
)

// BodyKind is what sort of body it is.
type BodyKind string

// BodyKinds lists the sorts of bodies, in the order in which pages show them.
func BodyKinds() []BodyKind {
	return []BodyKind{"strategic-steering", "operative-steering", "focus-group", "initiators", "board", "members-meeting", "health-conference"}
}

// Body is where the alliance decides.
type Body struct {
	ID     string
	Name   string
	Kind   BodyKind
	Quorum int // more than so many of a hundred voting seats must be present, 0..99
	Closed bool
	// Version counts changes; a change names the version it is based on.
	Version int
}

// Check tidies a body; fault.Invalid with the fields name, kind and quorum.
func (b Body) Check() (Body, error) {
	var f form.Fields
	b.Name = f.Line("name", b.Name, 2, mostLine)
	if !slices.Contains(BodyKinds(), b.Kind) {
		f.Add("kind", "unknown")
	}
	if b.Quorum < 0 || b.Quorum > 99 {
		f.Add("quorum", "range")
	}
	return b, f.Err()
}

// Seat is an organisation's place in a body for a term.
type Seat struct {
	ID           string
	Body         string
	Organisation authz.OrganisationID
	Holder       string // who sits there
	Substitute   string // may be empty
	Mandate      string // on what ground; may be empty
	Votes        bool
	From         time.Time // day
	Until        time.Time // last day; zero for no end
}

// Check tidies a seat; fault.Invalid with the fields holder, substitute, mandate, from and until.
func (s Seat) Check() (Seat, error) {
	var f form.Fields
	s.Holder = f.Line("holder", s.Holder, 2, mostLine)
	s.Substitute = f.Line("substitute", s.Substitute, 0, mostLine)
	s.Mandate = f.Line("mandate", s.Mandate, 0, mostLine)
	if s.From.IsZero() {
		f.Add("from", "empty")
	}
	if !s.Until.IsZero() && s.Until.Before(s.From) {
		f.Add("until", "order")
	}
	return s, f.Err()
}

// Held says whether the term covers a day.
func (s Seat) Held(on time.Time) bool {
	on = day(on)
	return !on.Before(day(s.From)) && (s.Until.IsZero() || !on.After(day(s.Until)))
}

// Quorate counts the voting seats of a body that are held on a day and those of them that are present (by id, each once,
// whoever sits there), and says whether more than the body's share is there. A body without voting seats never is.
func (b Body) Quorate(seats []Seat, present []string, on time.Time) (here, of int, quorate bool) {
	for _, s := range seats {
		if s.Body != b.ID || !s.Votes || !s.Held(on) {
			continue
		}
		of++
		if slices.Contains(present, s.ID) {
			here++
		}
	}
	return here, of, here > 0 && here*100 > b.Quorum*of
}

// Way is how a decision was taken.
type Way string

// The ways.
const (
	Consensus Way = "consensus" // nobody objected
	Votes     Way = "votes"     // more for than against
)

// Ways lists the ways.
func Ways() []Way { return []Way{Consensus, Votes} }

// Outcome is what came of a motion.
type Outcome string

// The outcomes. All of them stand in the register: what failed is not forgotten.
const (
	Taken    Outcome = "taken"
	NotTaken Outcome = "not-taken"
	NoQuorum Outcome = "no-quorum"
)

// Decision is a line of the register.
type Decision struct {
	ID         string
	Body       string
	Title      string
	Wording    string
	Reasons    string // may be empty
	Way        Way
	For        int // votes, for Votes
	Against    int
	Abstained  int
	Objections int // for Consensus
	Present    []string
	Here, Of   int // voting seats present, and all, on that day
	On         time.Time
	Until      time.Time // last day of validity; zero for no end
	Outcome    Outcome
	Meeting    string // where it was taken; empty where it was entered without one
	Dossier    string // what it is about; empty for most
	// DossierVersion is the version of the dossier that the body had before it.
	DossierVersion int
}

// Holds says whether a decision was taken and is valid on a day.
func (d Decision) Holds(on time.Time) bool {
	on = day(on)
	return d.Outcome == Taken && !on.Before(day(d.On)) && (d.Until.IsZero() || !on.After(day(d.Until)))
}

// Decide tidies a motion and says what became of it: no quorum, taken or not. A closed body does not decide (Conflict),
// nobody decides tomorrow, and no more votes are cast than seats are present (Invalid: title, wording, way, votes, on,
// until).
func (b Body) Decide(d Decision, seats []Seat, today time.Time) (Decision, error) {
	if b.Closed {
		return d, fault.New(fault.Conflict, "body", "is closed and decides nothing any more", "choose the body that took over")
	}
	var f form.Fields
	d.Title = f.Line("title", d.Title, 2, mostLine)
	d.Wording = f.Text("wording", d.Wording, 1, mostText)
	d.Reasons = f.Text("reasons", d.Reasons, 0, mostText)
	if !slices.Contains(Ways(), d.Way) {
		f.Add("way", "unknown")
	}
	if d.On.IsZero() || day(d.On).After(day(today)) {
		f.Add("on", "date_future")
	}
	if !d.Until.IsZero() && day(d.Until).Before(day(d.On)) {
		f.Add("until", "order")
	}
	d.Body = b.ID
	var quorate bool
	d.Here, d.Of, quorate = b.Quorate(seats, d.Present, d.On)
	if d.For < 0 || d.Against < 0 || d.Abstained < 0 || d.Objections < 0 || max(d.For, d.Against, d.Abstained, d.Objections) > d.Here || d.For+d.Against+d.Abstained > d.Here {
		f.Add("votes", "range")
	}
	if err := f.Err(); err != nil {
		return d, err
	}
	switch {
	case !quorate:
		d.Outcome = NoQuorum
	case d.Way == Consensus && d.Objections == 0, d.Way == Votes && d.For > d.Against:
		d.Outcome = Taken
	default:
		d.Outcome = NotTaken
	}
	return d, nil
}
