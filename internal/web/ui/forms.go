package ui

import (
	"strings"

	"github.com/a-h/templ"
)

// Form is a form that changes something: it is sent as POST.
type Form struct {
	ID     string // only where another part names it
	Action templ.SafeURL
	Label  string // names the form where no heading of its own does
	Files  bool   // it sends files
}

func (f Form) encoding() string {
	if f.Files {
		return "multipart/form-data"
	}
	return "application/x-www-form-urlencoded"
}

// Button is a button that sends its form. Look is "" for the main thing to do, "quiet" for others and "danger" for what
// takes something away.
type Button struct {
	Label string
	Look  string
	Icon  string
	Name  string // with Value: which of several buttons was pressed
	Value string
	// Action sends the form somewhere else than the form says.
	Action   templ.SafeURL
	Disabled bool
}

// Confirm asks once more before something is done that cannot simply be taken back.
type Confirm struct {
	ID     string // of the dialog, unique on the page
	Open   string // label of what opens the question, for example "Einladung zurückziehen …"
	Look   string // of what opens it: "", "quiet" or "danger"
	Title  string // the question
	Text   string
	Points []string // what will happen
	// Page is the page of its own that asks the same; browsers in which no dialogue opens without a script get there.
	Page   templ.SafeURL
	Action templ.SafeURL // where Yes is sent by POST
	Hidden []Pair        // Label is the name of a hidden value, Text the value
	Yes    string
	Danger bool
	Back   templ.SafeURL // where No leads on the page of its own
}

func (c Confirm) look() string {
	if c.Danger {
		return "danger"
	}
	return ""
}

// Search is a search box.
type Search struct {
	Action templ.SafeURL
	Name   string // of the query value
	Label  string
	Value  string
	Hint   string
	Keep   []Pair // other query values that stay
}

func joined(xs []string) string { return strings.Join(xs, ",") }

func pressed(on bool) string {
	if on {
		return "true"
	}
	return "false"
}

func themeIcon(theme string) string {
	if theme == "" {
		return "auto"
	}
	return theme
}
