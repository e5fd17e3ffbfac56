package alliance

import (
	"time"

	"gevor/form"
)

// Milestone is a day that the alliance looks back on, or works towards. It is the alliance's data.
type Milestone struct {
	ID      string
	On      time.Time // day; zero where it is not known
	Title   string
	Text    string // may be empty
	Version int
}

// Check tidies a milestone; fault.Invalid with the fields title and text.
func (m Milestone) Check() (Milestone, error) {
	var f form.Fields
	m.Title = f.Line("title", m.Title, 2, mostLine)
	m.Text = f.Text("text", m.Text, 0, 2000)
	return m, f.Err()
}
