package authz

// Kind is a kind of thing that somebody may want to see or change.
type Kind string

// The kinds.
const (
	Installation Kind = "installation" // settings, checks, which organisations there are
	Site         Kind = "site"         // imprint, privacy, accessibility statement, other editable texts
	Feedback     Kind = "feedback"     // what readers wrote about the pages
	Outbox       Kind = "outbox"       // messages waiting and sent: state and address, never their content
	Atlas        Kind = "atlas"        // a region's served run: map, findings, districts, downloads
	Organisation Kind = "organisation" // its profile: name, kind, municipality
	Members      Kind = "membership"   // who belongs to an organisation, with which roles
	Invitation   Kind = "invitation"   // who is asked to join it
	Releases     Kind = "releases"     // what of an organisation's things is visible to whom
	History      Kind = "history"      // who changed what of an organisation's things
	Webhook      Kind = "webhook"      // where an organisation wants to be called
	Entry        Kind = "entry"        // a provider, location or service of the directory
	Suggestion   Kind = "suggestion"   // what a reader thinks is wrong with an entry
	Observation  Kind = "observation"  // what a professional found out about an entry
	Duplicate    Kind = "duplicate"    // two entries that may be one offer, as one of their owners works on them
	Trial        Kind = "trial"        // what planners try out: changes to offers and what they would do
	Figures      Kind = "figures"      // a dataset of municipal statistics, as it was published
	Account      Kind = "account"      // a person's own name, address and ways to sign in
	Handover     Kind = "handover"     // a handover as one of its two organisations works on it
	SealKey      Kind = "seal-key"     // keys of an organisation, who holds them, and how it takes handovers
	Intake       Kind = "intake"       // what whoever sends must know of a receiver: its public key, whether it pauses
	Receipt      Kind = "receipt"      // a person's own handover: whoever holds the code
	Totals       Kind = "totals"       // how many handovers of a region wait, where enough stand behind it
	Contact      Kind = "contact"      // one entry of the log of contacts; nobody reads a single one
	Warning      Kind = "warning"      // what early warning shows of a region, past the gate, and what people on the spot say of it

	// ContactFigures are what an organisation's own contacts add up to.
	ContactFigures Kind = "contact-figures"
	Charter        Kind = "charter"    // the alliance's charter, its members and bodies, as everybody may know them
	Signature      Kind = "signature"  // an organisation's declaration to the charter: who, on whose authority, what was agreed
	Body           Kind = "body"       // a body of the alliance: seats, terms, decisions
	Dossier        Kind = "dossier"    // a finding that the alliance works on, and the measures that should close it
	Note           Kind = "note"       // what one organisation says of a dossier
	Item           Kind = "item"       // a point that one organisation puts on the agenda of a body
	Commitment     Kind = "commitment" // what one organisation brings to a measure, from its own pot
)

// Action is what somebody wants to do with it.
type Action string

// The actions.
const (
	View   Action = "view"
	Create Action = "create"
	Change Action = "change"
	Remove Action = "remove"
	Share  Action = "share" // release it further, or withdraw the release
	Undo   Action = "undo"
)

// Actions lists all actions.
func Actions() []Action { return []Action{View, Create, Change, Remove, Share, Undo} }

// Reason is one ground on which something is allowed.
type Reason struct {
	Name  string
	holds func(Actor, Object) bool
}

// The reasons. Each looks at actor and object alone.
var (
	anyone   = Reason{"anyone", func(Actor, Object) bool { return true }}
	released = Reason{"released", func(a Actor, o Object) bool { return o.Released.Admits(a) }}
	member   = Reason{"member of the owner", func(a Actor, o Object) bool { return a.Member(o.Owner) }}
	allied   = Reason{"any member of the alliance", func(a Actor, _ Object) bool { return a.InAlliance() }}
	within   = Reason{"allied member of the owner", func(a Actor, o Object) bool { return a.within(o.Owner) }}
	clerk    = owner("coordinator or system admin of the owner", Coordinator, SystemAdmin)
	commits  = owner("planner, coordinator or organisation admin of the owner", Planner, Coordinator, OrganisationAdmin)
	self     = Reason{"the person itself", func(a Actor, o Object) bool { return a.SignedIn() && a.Person == o.Subject }}
	system   = Reason{"system admin", func(a Actor, _ Object) bool { return a.Anywhere(SystemAdmin) }}
	office   = Reason{"office", func(a Actor, _ Object) bool { return a.Anywhere(SystemAdmin, Coordinator) }}
	admin    = owner("organisation admin of the owner", OrganisationAdmin)
	editor   = owner("editor or organisation admin of the owner", Editor, OrganisationAdmin)
	helper   = Reason{"anybody who works in an organisation", func(a Actor, _ Object) bool { return a.SignedIn() && len(a.Memberships) > 0 }}
	planning = Reason{"anybody who plans, keeps figures or runs the office", func(a Actor, _ Object) bool { return a.Anywhere(Planner, Statistician, Coordinator) }}
	planner  = owner("planner, statistician, coordinator or organisation admin of the owner", Planner, Statistician, Coordinator, OrganisationAdmin)
	figures  = owner("organisation admin or statistician of the owner", OrganisationAdmin, Statistician)
	sends    = owner("navigator of the owner", Navigator)
	handles  = owner("navigator or receiver of the owner", Navigator, Receiver)
	counts   = owner("navigator, planner, statistician, coordinator or organisation admin of the owner", Navigator, Planner, Statistician, Coordinator, OrganisationAdmin)
	keeps    = owner("navigator or receiver or organisation admin of the owner", Navigator, Receiver, OrganisationAdmin)
)

func owner(name string, roles ...Role) Reason {
	return Reason{name, func(a Actor, o Object) bool { return a.Has(o.Owner, roles...) }}
}

// rules is the one table of rights. What is not in it is forbidden.
var rules = map[Kind]map[Action][]Reason{
	Installation: {View: {system}, Change: {system}},
	Site:         {View: {anyone}, Change: {office}},
	Feedback:     {Create: {anyone}, View: {office}, Change: {office}, Remove: {office}},
	Outbox:       {View: {system, admin}, Change: {system}},
	Atlas:        {View: {released, member, system}, Share: {figures, system}},
	Organisation: {View: {released, member, office}, Create: {office}, Change: {admin}, Remove: {office}, Share: {admin}},
	Members:      {View: {member}, Change: {admin}, Remove: {admin, self}},
	Invitation:   {View: {admin}, Create: {admin, office}, Remove: {admin, office}},
	Releases:     {View: {member}, Share: {figures}},
	History:      {View: {admin}, Undo: {admin}},
	Webhook:      {View: {admin}, Create: {admin}, Change: {admin}, Remove: {admin}},
	Entry:        {View: {released, member}, Create: {editor}, Change: {editor}, Remove: {editor}, Share: {editor}},
	Suggestion:   {Create: {anyone}, View: {editor}, Change: {editor}},
	Observation:  {Create: {helper}, View: {helper}},
	Duplicate:    {View: {editor}, Change: {editor}, Undo: {editor}},
	Trial:        {Create: {planning}, View: {released, planner}, Share: {planner}, Remove: {planner}},
	Figures:      {View: {released, member}, Create: {figures}, Change: {figures}, Share: {figures}},
	Account:      {View: {self}, Change: {self}, Remove: {self}},
	Handover:     {View: {handles}, Create: {sends}, Change: {handles}},
	SealKey:      {View: {keeps}, Create: {keeps}, Change: {keeps}},
	Intake:       {View: {helper}},
	Receipt:      {View: {anyone}, Change: {anyone}},
	Totals:       {View: {office}},
	Contact:      {Create: {sends}, Remove: {self}},
	Warning:      {View: {helper}, Create: {helper}, Change: {office}},
	Charter:      {View: {anyone}, Change: {office}},
	Signature:    {View: {member, office}, Create: {admin}, Change: {admin}},
	Body:         {View: {allied, office}, Create: {office}, Change: {office}},
	Dossier:      {View: {allied, member, office}, Create: {planner}, Change: {planner, office}},
	Note:         {View: {allied, member, office}, Create: {member}, Remove: {member}},
	Item:         {View: {allied, office}, Create: {within, clerk}, Remove: {member}},
	Commitment:   {View: {released, member}, Create: {commits}, Change: {commits}, Share: {commits}},

	ContactFigures: {View: {counts}, Share: {figures}},
}

// Rule is a line of the table, for pages and the handbook.
type Rule struct {
	Kind    Kind
	Action  Action
	Reasons []string
}

// Kinds lists all kinds in the order of the table's constants.
func Kinds() []Kind {
	return []Kind{Installation, Site, Feedback, Outbox, Atlas, Organisation, Members, Invitation, Releases, History, Webhook, Entry, Suggestion, Observation, Duplicate, Trial, Figures, Account, Handover, SealKey, Intake, Receipt, Totals, Contact, ContactFigures, Warning, Charter, Signature, Body, Dossier, Note, Item, Commitment}
}

// Rules lists the table, by Kinds and Actions.
func Rules() []Rule {
	var out []Rule
	for _, k := range Kinds() {
		for _, do := range Actions() {
			reasons := rules[k][do]
			if len(reasons) == 0 {
				continue
			}
			r := Rule{Kind: k, Action: do}
			for _, why := range reasons {
				r.Reasons = append(r.Reasons, why.Name)
			}
			out = append(out, r)
		}
	}
	return out
}
