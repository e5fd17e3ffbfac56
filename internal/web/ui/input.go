package ui

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// Input is one field of a form, whatever its shape: TextField, TextArea, SelectField, CheckboxGroup, RadioGroup,
// DateField and FileField show it. Label is required. What is wrong stands in Error, in words.
type Input struct {
	Name string // in the form; also makes the ids f-NAME, h-NAME and e-NAME
	// Within sets the ids of one form apart from those of another on the same page; may be empty.
	Within string
	Label  string
	Hint   string // how to fill it in; stands before the control
	Error  string // what is wrong with it; empty where nothing is
	Value  string
	// Values are the chosen values of a CheckboxGroup.
	Values  []string
	Options []Option // of selects, checkboxes and radio buttons
	// Any is the label of the empty choice of a SelectField; empty where there is none.
	Any string

	Required bool
	Disabled bool
	// Optional is the remark beside the label of a field that may stay empty, in words ("freiwillig").
	Optional string
	// Autocomplete is the purpose of a personal field (WCAG 1.3.5), for example "email", "current-password".
	Autocomplete string
	// Type of a TextField: text (also when empty), email, password, search, tel, url or number.
	Type string
	// InputMode is the keyboard of a small screen, for example "numeric".
	InputMode string
	// Width of a TextField that expects few characters: "short", "medium" or empty for all there is.
	Width string
	// Lang and Dir are set where the content has another language or direction than the page.
	Lang, Dir string
	Rows      int      // of a TextArea; 5 where 0
	Most      int      // characters that fit; 0 where any number does
	Min, Max  string   // of a DateField, ISO 8601
	Accept    []string // of a FileField: media types or extensions
	Multiple  bool     // of a FileField
	Focus     bool     // gets the focus when the page opens; at most one of a page
}

// ID is the id of the control, or of the group for checkboxes and radio buttons.
func (i Input) ID() string { return "f-" + i.Within + i.Name }

func (i Input) hintID() string  { return "h-" + i.Within + i.Name }
func (i Input) errorID() string { return "e-" + i.Within + i.Name }

// optionID is the id of one of several boxes or buttons.
func (i Input) optionID(k int) string { return i.ID() + "-" + strconv.Itoa(k+1) }

// First is the id of the first control of the field: where the list of errors leads to.
func (i Input) First(group bool) string {
	if group && len(i.Options) > 0 {
		return i.optionID(0)
	}
	return i.ID()
}

// attributes are those that all controls share: what describes it, whether it is wrong, whether it must be filled.
func (i Input) attributes() templ.Attributes {
	a := templ.Attributes{}
	if by := i.describedBy(); by != "" {
		a["aria-describedby"] = by
	}
	if i.Error != "" {
		a["aria-invalid"] = "true"
	}
	if i.Disabled {
		a["disabled"] = true
	}
	if i.Autocomplete != "" {
		a["autocomplete"] = i.Autocomplete
	}
	if i.InputMode != "" {
		a["inputmode"] = i.InputMode
	}
	if i.Most > 0 {
		a["maxlength"] = strconv.Itoa(i.Most)
	}
	if i.Lang != "" {
		a["lang"] = i.Lang
	}
	if i.Dir != "" {
		a["dir"] = i.Dir
	}
	if i.Focus {
		a["autofocus"] = true
	}
	// The server checks; "required" as an attribute would let the browser speak in its own language and stop the
	// list of errors from ever being shown.
	if i.Required {
		a["aria-required"] = "true"
	}
	return a
}

func (i Input) describedBy() string {
	var by []string
	if i.Hint != "" {
		by = append(by, i.hintID())
	}
	if i.Error != "" {
		by = append(by, i.errorID())
	}
	return strings.Join(by, " ")
}

func (i Input) chosen(value string) bool { return slices.Contains(i.Values, value) }

func (i Input) kind() string {
	if i.Type == "" {
		return "text"
	}
	return i.Type
}

func (i Input) lines() string {
	if i.Rows == 0 {
		return "5"
	}
	return strconv.Itoa(i.Rows)
}

// Problem is one line of the list of what is wrong with a form.
type Problem struct {
	ID   string // of the control it leads to; empty for what belongs to no field
	Text string
}

// Pair is one name with its value in a DescriptionList.
type Pair struct {
	Label string
	Text  string
	More  templ.Component // after Text; may be nil
}

// Link is a name that leads somewhere.
type Link struct {
	Label   string
	Href    templ.SafeURL
	Current bool
	Hint    string // one more line; may be empty
	Count   string // a number beside it; may be empty
}

// Step is one part of a way with several. The one that is Current is being done.
type Step struct {
	Label   string
	Href    templ.SafeURL // empty where one cannot go
	Current bool
	Done    bool
}

// Event is one point of a Timeline.
type Event struct {
	When string // in words
	ISO  string // the same time for machines, RFC 3339
	What string
	Who  string
	More templ.Component // for example a Diff; may be nil
}

// Changed is one field in two states. Empty means that there was nothing.
type Changed struct{ Label, Before, After string }

// Kind is what a notice, badge or button is about; colour is never its only sign.
type Kind string

// The kinds.
const (
	Info    Kind = "info"
	Success Kind = "success"
	Warning Kind = "warning"
	Error   Kind = "error"
)

// icon is the sign of a kind.
func (k Kind) icon() string {
	switch k {
	case Success:
		return "check"
	case Warning, Error:
		return "alert"
	case Info:
	}
	return "info"
}

// roleOf is how a notice is told to people who do not see it: errors at once, outcomes politely.
func roleOf(k Kind) string {
	switch k {
	case Error:
		return "alert"
	case Success:
		return "status"
	case Info, Warning:
	}
	return "note"
}
