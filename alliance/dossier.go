package alliance

import (
	"fmt"
	"slices"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
)

// State is where a dossier stands.
type State string

// The states.
const (
	Seen         State = "seen"
	Examined     State = "examined"
	Contradicted State = "contradicted"
	Accepted     State = "accepted"
	Assigned     State = "assigned"
	Planned      State = "planned"
	AtWork       State = "at-work"
	Reviewed     State = "reviewed"
	Closed       State = "closed"
	NoAction     State = "no-action" // an end of its own, with its reason
	Reopened     State = "reopened"
)

// States lists the states in the order of the work.
func States() []State {
	return []State{Seen, Reopened, Examined, Contradicted, Accepted, Assigned, Planned, AtWork, Reviewed, Closed, NoAction}
}

// Step is what moves a dossier.
type Step string

// The steps.
const (
	Examine    Step = "examine"
	Contradict Step = "contradict"
	Accept     Step = "accept"
	Assign     Step = "assign"
	Plan       Step = "plan"
	Begin      Step = "begin"
	Review     Step = "review"
	Close      Step = "close"
	LeaveBe    Step = "leave-be" // no action
	Reopen     Step = "reopen"
)

// stepLine is what one step does.
type stepLine struct {
	step Step
	from []State
	to   State
}

// steps is the one table of steps; what is not in it does not happen. TestEveryStep holds it against one that was
// written independently.
func steps() []stepLine {
	return []stepLine{
		{Examine, []State{Seen, Reopened}, Examined},
		{Contradict, []State{Examined}, Contradicted},
		{Accept, []State{Examined}, Accepted},
		{Assign, []State{Accepted}, Assigned},
		{Plan, []State{Assigned}, Planned},
		{Begin, []State{Planned}, AtWork},
		{Review, []State{AtWork}, Reviewed},
		{Close, []State{Reviewed}, Closed},
		{LeaveBe, []State{Examined, Accepted, Assigned, Planned, Reviewed}, NoAction},
		{Reopen, []State{Contradicted, NoAction, Closed, Reviewed}, Reopened},
	}
}

// Steps lists all steps in the order of the table.
func Steps() []Step {
	var out []Step
	for _, l := range steps() {
		out = append(out, l.step)
	}
	return out
}

// Evidence is what a finding said when the dossier was opened. It is frozen: later runs do not change it.
type Evidence struct {
	Finding string // its stable identity
	Region  string
	Run     string // hash of the run
	Name    string // of the place and offer, as the page of the finding shows it
	People  int    // whom it concerns
	Owner   authz.OrganisationID
}

// Dossier is a finding on its way.
type Dossier struct {
	ID       string
	Title    string
	Evidence Evidence
	Owner    authz.OrganisationID // who opened it and keeps it
	State    State
	Body     string // whom it is assigned to; empty before
	Opened   time.Time
	Released authz.Release // for the public, read together with that of the atlas
	Version  int
}

// Entry is one line of a dossier's course.
type Entry struct {
	Step     Step
	From, To State
	Decision string // that took it
	Reason   string // where one is needed
	At       time.Time
}

// Check tidies a dossier that is to be opened; fault.Invalid with the fields title and finding.
func (d Dossier) Check() (Dossier, error) {
	var f form.Fields
	d.Title = f.Line("title", d.Title, 2, mostLine)
	if d.Evidence.Finding == "" || d.Evidence.Run == "" {
		f.Add("finding", "empty")
	}
	d.State = Seen
	return d, f.Err()
}

// Can lists the steps that the state allows.
func (d Dossier) Can() []Step {
	var out []Step
	for _, l := range steps() {
		if slices.Contains(l.from, d.State) {
			out = append(out, l.step)
		}
	}
	return out
}

// Move is what somebody asks of a dossier.
type Move struct {
	Step     Step
	Decision Decision // that takes it
	Reason   string   // needed for Contradict, LeaveBe and Reopen
	Body     string   // needed for Assign
	Version  int      // of the dossier that the reader had before them
	Measures int      // how many measures it has
}

// Step moves a dossier. Stale where the reader, or the body that decided, had an older version before them; Conflict
// where the state does not allow the step, where the decision was not taken or is no longer valid, is about something
// else, or where measures are missing; Invalid (reason, body) where something was not said.
func (d Dossier) Step(m Move, at time.Time) (Dossier, Entry, error) {
	all := steps()
	i := slices.IndexFunc(all, func(l stepLine) bool { return l.step == m.Step })
	conflict := func(what, advice string) (Dossier, Entry, error) {
		return d, Entry{}, fault.New(fault.Conflict, "dossier", what, advice)
	}
	outdated := func(what string) (Dossier, Entry, error) {
		return d, Entry{}, fault.New(fault.Stale, "dossier", what, "look at the new state and decide on that")
	}
	switch {
	case m.Version != d.Version:
		return outdated("has been changed by somebody else in the meantime")
	case i < 0 || !slices.Contains(all[i].from, d.State):
		return conflict(fmt.Sprintf("cannot %s while it is %s", m.Step, d.State), "look at its course")
	case m.Decision.ID == "" || m.Decision.Dossier != d.ID:
		return conflict("has no decision for this step", "enter the decision in the register first")
	case !m.Decision.Holds(at):
		return conflict("would be moved by a decision that was not taken or is not valid", "enter the decision that was")
	case m.Decision.DossierVersion != d.Version:
		return outdated("was decided on in an older version")
	case m.Step == Plan && m.Measures == 0:
		return conflict("has no measure yet", "describe at least one measure and what it should change")
	}
	var f form.Fields
	least := 0
	if m.Step == Contradict || m.Step == LeaveBe || m.Step == Reopen {
		least = 1
	}
	m.Reason = f.Text("reason", m.Reason, least, mostText)
	if m.Step == Assign {
		if m.Body == "" {
			f.Add("body", "empty")
		}
		d.Body = m.Body
	}
	if err := f.Err(); err != nil {
		return d, Entry{}, err
	}
	e := Entry{Step: m.Step, From: d.State, To: all[i].to, Decision: m.Decision.ID, Reason: m.Reason, At: at}
	d.State = all[i].to
	d.Version++
	return d, e, nil
}
