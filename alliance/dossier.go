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

// stepLine is what one step does. What is work on a dossier its keeper takes alone; where it binds a body, a decision does.
type stepLine struct {
	step  Step
	from  []State
	to    State
	alone bool
}

// steps is the one table of steps; what is not in it does not happen. TestEveryStep holds it against one that was
// written independently.
func steps() []stepLine {
	return []stepLine{
		{Examine, []State{Seen, Reopened}, Examined, true},
		{Contradict, []State{Examined}, Contradicted, true},
		{Accept, []State{Examined}, Accepted, false},
		{Assign, []State{Accepted}, Assigned, false},
		{Plan, []State{Assigned}, Planned, false},
		{Begin, []State{Planned}, AtWork, true},
		{Review, []State{AtWork}, Reviewed, true},
		{Close, []State{Reviewed}, Closed, false},
		{LeaveBe, []State{Examined, Accepted, Assigned, Planned, Reviewed}, NoAction, false},
		{Reopen, []State{Contradicted, NoAction, Closed, Reviewed}, Reopened, false},
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

// Alone says whether the keeper of a dossier takes a step without a decision. A step that is unknown is never taken so.
func (s Step) Alone() bool {
	return slices.ContainsFunc(steps(), func(l stepLine) bool { return l.step == s && l.alone })
}

// Reasoned says whether a step is taken with its reason or not at all.
func (s Step) Reasoned() bool { return s == Contradict || s == LeaveBe || s == Reopen }

// Evidence is what a finding said when the dossier was opened. It is frozen: later runs do not change it.
type Evidence struct {
	Finding  string // its stable identity
	Region   string
	Run      string // hash of the run
	Snapshot string // hash of the snapshot that the run used
	Name     string // of the place and offer, as the page of the finding shows it
	People   int    // whom it concerns; 0 where an early warning says no number
	Owner    authz.OrganisationID
	Facts    []Fact // what else its page said, in the language of who opened it
}

// Fact is one line of evidence as it was read.
type Fact struct{ Label, Text string }

// Dossier is a finding on its way.
type Dossier struct {
	ID       string
	Title    string
	Evidence Evidence
	Whom     string               // target groups affected, in words; may be empty
	Cluster  string               // one of Clusters; empty where nobody has said
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
	Decision string // that took it; empty where the keeper took it alone
	By       authz.OrganisationID
	Reason   string // where one is needed
	At       time.Time
}

// Check tidies a dossier that is to be opened; fault.Invalid with the fields title, whom, cluster and finding.
func (d Dossier) Check() (Dossier, error) {
	var f form.Fields
	d.Title = f.Line("title", d.Title, 2, mostLine)
	d.Whom = f.Line("whom", d.Whom, 0, mostLine)
	if d.Cluster != "" && !slices.Contains(Clusters(), d.Cluster) {
		f.Add("cluster", "unknown")
	}
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

// Clusters lists the problem clusters that the alliance sorts findings by.
func Clusters() []string {
	return []string{"gap", "competence", "barrier", "interface", "planning"}
}

// Move is what somebody asks of a dossier.
type Move struct {
	Step     Step
	Decision Decision // that takes it; without one where the keeper takes it alone
	By       authz.OrganisationID
	Reason   string // needed for Contradict, LeaveBe and Reopen
	Body     string // needed for Assign
	Version  int    // of the dossier that the reader had before them
	Measures int    // how many measures it has
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
	case m.Decision.ID == "" && all[i].alone:
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
	if m.Step.Reasoned() {
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
	e := Entry{Step: m.Step, From: d.State, To: all[i].to, Decision: m.Decision.ID, By: m.By, Reason: m.Reason, At: at}
	d.State = all[i].to
	d.Version++
	return d, e, nil
}
