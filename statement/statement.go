// Package statement holds what an installation says about itself, and what readers say about its pages: imprint, privacy and
// accessibility statement as texts that the office edits, and barriers that readers report.
package statement

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"gevor/form"
)

// Name names a text.
type Name string

// The texts that every installation has.
const (
	Imprint       Name = "imprint"       // who is responsible (§ 5 DDG, § 18 MStV)
	Privacy       Name = "privacy"       // what happens with personal data (Art. 13 GDPR)
	Accessibility Name = "accessibility" // what is accessible, what is not, whom to tell (§ 10 BGG NRW, BITV NRW)
)

// Names lists the texts in the order in which pages show them.
func Names() []Name { return []Name{Imprint, Privacy, Accessibility} }

// Limits in characters.
const (
	MostText     = 60_000
	MostMessage  = 4_000
	leastMessage = 10
	mostPage     = 300
)

// Text is a text in one language, written in Markdown. Version 0 is one that nobody has written yet.
type Text struct {
	Name     Name
	Language string // BCP 47
	Body     string
	Version  int
	Changed  time.Time
}

// Check tidies a text; fault.Invalid with the field "body" where it cannot be kept.
func (t Text) Check() (Text, error) {
	var f form.Fields
	t.Body = f.Text("body", t.Body, 1, MostText)
	if !slices.Contains(Names(), t.Name) {
		f.Add("name", "unknown")
	}
	return t, f.Err()
}

var place = regexp.MustCompile(`\[\[([^\[\]\n]{1,200})\]\]`)

// Unfilled lists what the operator has yet to write: the places marked as [[what belongs here]], in order.
func Unfilled(body string) []string {
	var out []string
	for _, m := range place.FindAllStringSubmatch(body, -1) {
		out = append(out, m[1])
	}
	return out
}

// Feedback is what a reader said about a page. It names nobody unless the reader wants an answer.
type Feedback struct {
	ID       string
	At       time.Time
	Language string // of the page it was sent from
	Page     string // which page it is about, in the reader's words or as an address; may be empty
	Message  string
	Contact  string    // where an answer is wanted; empty for most, and emptied when it is done
	Done     time.Time // zero while it is open
}

// Check tidies what a reader sent; fault.Invalid with the fields "message", "page" and "contact".
func (b Feedback) Check() (Feedback, error) {
	var f form.Fields
	b.Message = f.Text("message", b.Message, leastMessage, MostMessage)
	b.Page = f.Line("page", b.Page, 0, mostPage)
	if b.Contact = strings.TrimSpace(b.Contact); b.Contact != "" {
		b.Contact = f.Email("contact", b.Contact)
	}
	return b, f.Err()
}
