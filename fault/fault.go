// Package fault holds the closed list of ways in which gevor can fail.
//
// Every error that crosses a package border carries one Kind. Only the outermost layer turns a Kind into an
// exit code or an HTTP status, and only the log ever shows the cause: what people read is the Message, which
// says what to do next.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind is one of the closed list below.
type Kind uint8

// The kinds. The zero value is Internal, so a forgotten kind is never mistaken for a user's error.
const (
	Internal Kind = iota // a defect of ours
	Invalid              // the input breaks a rule; the message names place and advice
	NotFound             // absent, or foreign and therefore shown as absent
	Denied               // known to the actor, but not allowed
	Withheld             // suppressed by disclosure control: neither zero nor missing
	Conflict             // contradicts something that exists
	Stale                // based on an outdated version
	TooLarge             // exceeds a stated limit
	Busy                 // try again later
	Corrupt              // stored bytes do not match their checksum
)

var kindNames = [...]string{"internal", "invalid", "not found", "denied", "withheld", "conflict", "stale", "too large", "busy", "corrupt"}

// String gives the English name of the kind.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "internal"
}

// Error is a failure with its kind, the place it speaks of, and advice.
type Error struct {
	Kind   Kind
	Place  string // file, file:line, table, URL path; empty where none applies
	What   string // what is wrong, one sentence without a final full stop
	Advice string // what to do next; may be empty
	Cause  error  // for the log; never shown to people
}

// Error gives place, sentence, advice and cause in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message())
	if e.Cause != nil {
		fmt.Fprintf(&b, " (%v)", e.Cause)
	}
	return b.String()
}

// Message is the text for people: place, what is wrong, what to do next. It never holds the cause.
func (e *Error) Message() string {
	var b strings.Builder
	if e.Place != "" {
		b.WriteString(e.Place)
		b.WriteString(": ")
	}
	b.WriteString(e.What)
	if e.Advice != "" {
		b.WriteString("; ")
		b.WriteString(e.Advice)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New makes an error of a kind that speaks of a place.
func New(kind Kind, place, what, advice string) *Error {
	return &Error{Kind: kind, Place: place, What: what, Advice: advice}
}

// Wrap makes an error of a kind around a cause.
func Wrap(kind Kind, place, what, advice string, cause error) *Error {
	return &Error{Kind: kind, Place: place, What: what, Advice: advice, Cause: cause}
}

// KindOf gives the kind of the outermost Error in err's chain, Internal where there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}
