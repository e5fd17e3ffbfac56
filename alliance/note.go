package alliance

import (
	"slices"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
)

// NoteKind is what somebody adds to a dossier.
type NoteKind string

// The kinds of notes.
const (
	Voice      NoteKind = "voice"      // what people on the spot say of it, in their words
	Hypothesis NoteKind = "hypothesis" // why it may be so
	Leeway     NoteKind = "leeway"     // an instrument or a room for manoeuvre that could serve
)

// NoteKinds lists the kinds in the order of pages.
func NoteKinds() []NoteKind { return []NoteKind{Voice, Hypothesis, Leeway} }

// Note is what an organisation adds to a dossier. It takes its own back; nobody else changes it.
type Note struct {
	ID      string
	Dossier string
	Owner   authz.OrganisationID
	Kind    NoteKind
	Text    string
	At      time.Time
	Taken   time.Time // when its owner took it back; zero while it stands
}

// Check tidies a note; fault.Invalid with the fields kind and text.
func (n Note) Check() (Note, error) {
	var f form.Fields
	if !slices.Contains(NoteKinds(), n.Kind) {
		f.Add("kind", "unknown")
	}
	n.Text = f.Text("text", n.Text, 2, 2000)
	return n, f.Err()
}

// Withdraw takes a note back: its words go, the line stays. Conflict where it was taken back already.
func (n Note) Withdraw(at time.Time) (Note, error) {
	if !n.Taken.IsZero() {
		return n, fault.New(fault.Conflict, "note", "has been taken back already", "")
	}
	n.Text, n.Taken = "", at
	return n, nil
}
