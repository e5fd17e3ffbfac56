package alliance

import (
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
)

// Measure is what is to close a finding. What is expected of it stands there before it begins.
type Measure struct {
	ID        string
	Dossier   string
	Owner     authz.OrganisationID // who keeps the description; it owns no commitment but its own
	Title     string
	Whom      string // for whom
	Where     string // in which places
	Indicator string // which figure should change
	Expected  string // by how much, in the figure's own unit
	FailsIf   string // what would show that it failed
	By        time.Time
	Version   int
}

// Check tidies a measure; fault.Invalid with the fields title, whom, where, indicator, expected, fails_if and by.
func (m Measure) Check(today time.Time) (Measure, error) {
	var f form.Fields
	m.Title = f.Line("title", m.Title, 2, mostLine)
	m.Whom = f.Line("whom", m.Whom, 2, mostLine)
	m.Where = f.Line("where", m.Where, 2, mostLine)
	m.Indicator = f.Line("indicator", m.Indicator, 2, mostLine)
	m.Expected = f.Line("expected", m.Expected, 1, mostLine)
	m.FailsIf = f.Text("fails_if", m.FailsIf, 1, mostText)
	if m.By.IsZero() {
		f.Add("by", "empty")
	} else if day(m.By).Before(day(today)) {
		f.Add("by", "date_past")
	}
	return m, f.Err()
}

// Gift is what a commitment brings.
type Gift string

// Gifts lists what a commitment may bring.
func Gifts() []Gift { return []Gift{"money", "hours", "rooms", "licence", "data", "something"} }

// Commitment is what one organisation brings to a measure, from its own. Nobody else makes, changes or withdraws it.
type Commitment struct {
	ID         string
	Measure    string
	Owner      authz.OrganisationID
	Gift       Gift
	What       string // in words, with amount and unit
	Pot        string // the owner's own pot that money comes from; needed for money
	From       time.Time
	Until      time.Time // last day; zero for no end
	Conditions string
	Made       time.Time
	Withdrawn  time.Time // zero while it stands
	Reason     string    // why it was withdrawn
	Released   authz.Release
}

// Stands says whether it has not been withdrawn.
func (c Commitment) Stands() bool { return c.Withdrawn.IsZero() }

// Ends says whether it stands and ends within so many weeks from a day on: of that its owner is reminded, nobody else.
func (c Commitment) Ends(on time.Time, weeks int) bool {
	if !c.Stands() || c.Until.IsZero() {
		return false
	}
	end := day(c.Until)
	return !end.Before(day(on)) && !end.After(day(on).AddDate(0, 0, 7*weeks))
}

// Check tidies a commitment that is to be made; fault.Invalid with the fields gift, what, pot, from, until and
// conditions. A commitment that begins before today is refused (from: date_past): what was given already is no promise.
func (c Commitment) Check(today time.Time) (Commitment, error) {
	var f form.Fields
	if !slices.Contains(Gifts(), c.Gift) {
		f.Add("gift", "unknown")
	}
	c.What = f.Line("what", c.What, 2, mostLine)
	least := 0
	if c.Gift == "money" {
		least = 2
	}
	c.Pot = f.Line("pot", c.Pot, least, mostLine)
	c.Conditions = f.Text("conditions", c.Conditions, 0, mostText)
	switch {
	case c.From.IsZero():
		f.Add("from", "empty")
	case day(c.From).Before(day(today)):
		f.Add("from", "date_past")
	}
	if !c.Until.IsZero() && day(c.Until).Before(day(c.From)) {
		f.Add("until", "order")
	}
	return c, f.Err()
}

// Withdraw takes a commitment back. A reason belongs to it; the line stays. Conflict where it was withdrawn already.
func (c Commitment) Withdraw(at time.Time, reason string) (Commitment, error) {
	if !c.Stands() {
		return c, fault.New(fault.Conflict, "commitment", "has been withdrawn already", "")
	}
	var f form.Fields
	c.Reason = f.Line("reason", reason, 2, mostLine)
	c.Withdrawn = at
	return c, f.Err()
}

// Alphabetical is the order of commitments on every page: by the name of their owner and by when they were made, never
// by what they bring.
func Alphabetical(all []Commitment, name func(authz.OrganisationID) string) {
	slices.SortStableFunc(all, func(a, b Commitment) int {
		if by := strings.Compare(name(a.Owner), name(b.Owner)); by != 0 {
			return by
		}
		return a.Made.Compare(b.Made)
	})
}
