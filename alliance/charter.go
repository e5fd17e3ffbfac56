// Package alliance holds what a voluntary alliance decides and does: the charter and who signed it, bodies with seats
// and quorum, decisions, dossiers of findings, measures and the commitments they live on. It knows no database and no
// clock: rules take what they need and answer.
//
// Nothing here adds up or orders what organisations bring: each gives from its own pot, and nobody is ranked
// (TestCommitmentsAreNotRanked and the store clause "principle 1").
package alliance

import (
	"slices"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
)

// Limits in characters.
const (
	mostLine = 200
	mostText = 20_000
)

// Principle is one of the sentences that members declare themselves to. They are the alliance's data.
type Principle struct {
	Title string
	Text  string // may be empty
}

// Charter is one version of the charter. A version that somebody signed is never changed: a change is the next version.
type Charter struct {
	Version    int // from 1
	Title      string
	Body       string
	Principles []Principle
	Adopted    time.Time // day; zero while it is not known
}

// Check tidies a charter; fault.Invalid with the fields title, body and principles.
func (c Charter) Check() (Charter, error) {
	var f form.Fields
	c.Title = f.Line("title", c.Title, 2, mostLine)
	c.Body = f.Text("body", c.Body, 0, mostText)
	c.Principles = slices.Clone(c.Principles)
	for i := range c.Principles {
		p := &c.Principles[i]
		p.Title = f.Line("principles", p.Title, 2, mostLine)
		p.Text = f.Text("principles", p.Text, 0, mostText)
	}
	if len(c.Principles) == 0 {
		f.Add("principles", "empty")
	}
	return c, f.Err()
}

// Signature is an organisation's declaration to one version of the charter.
type Signature struct {
	ID           string
	Organisation authz.OrganisationID
	Version      int    // of the charter
	Signatory    string // who signed
	Authority    string // on whose authority: council's decision, board, statutes …
	Signed       time.Time
	ReplyDays    int // within how many days it answers handovers, 1..90; 0 where nothing was agreed
	// Back is how much it tells of what came of a handover: "nothing", "status" or "text".
	Back        string
	Fingerprint string // of the organisation's public key; empty where it has none
	Left        time.Time
	LeftReason  string
}

// Member is an organisation that stands to the charter.
type Member struct {
	Signature
	Name string
	Kind string // of the organisation
}

// Current says whether the organisation stands to it.
func (s Signature) Current() bool { return s.Left.IsZero() }

// Backs lists the levels of what an organisation tells back.
func Backs() []string { return []string{"nothing", "status", "text"} }

// Check tidies a signature for the charter in force on a day. Stale where it is of another version than the one in
// force: nobody signs what they have not read.
func (s Signature) Check(inForce Charter, today time.Time) (Signature, error) {
	var f form.Fields
	s.Signatory = f.Line("signatory", s.Signatory, 2, mostLine)
	s.Authority = f.Line("authority", s.Authority, 2, mostLine)
	if s.ReplyDays < 0 || s.ReplyDays > 90 {
		f.Add("reply_days", "range")
	}
	if !slices.Contains(Backs(), s.Back) {
		f.Add("back", "unknown")
	}
	if s.Signed.IsZero() || s.Signed.After(today) {
		f.Add("signed", "date_future")
	}
	if err := f.Err(); err != nil {
		return s, err
	}
	if s.Version != inForce.Version {
		return s, fault.New(fault.Stale, "charter", "has a newer version than the one signed", "read the new version and sign that one")
	}
	return s, nil
}

// Leave ends a signature. Conflict where it has ended already.
func (s Signature) Leave(at time.Time, reason string) (Signature, error) {
	if !s.Current() {
		return s, fault.New(fault.Conflict, "signature", "has ended already", "")
	}
	var f form.Fields
	s.LeftReason = f.Line("reason", reason, 2, mostLine)
	s.Left = at
	return s, f.Err()
}

// day gives the day of a moment in its own time zone, at midnight UTC, so that days compare.
func day(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
