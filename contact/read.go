package contact

import (
	"slices"
	"strings"

	"gevor/fault"
	"gevor/form"
)

// Codes are what the parts of an entry may be, in one installation.
type Codes struct {
	Situations []string
	Needs      map[string][]string // situations of each need, the nearest first
	Languages  []string
	Districts  []string
	Notes      bool // whether the operator allows a note
}

// fields are all that an entry may bring.
var fields = [...]string{"key", "week", "kind", "duration", "language", "situation", "need", "also", "district", "deed", "reason", "note"}

// Read makes an entry of what was sent. Invalid where a field is unknown, stands too often or holds what is no code of
// this installation: nothing can be sent along. arrived is the week in which it comes in; an entry without a week is of
// that one.
func (c Codes) Read(sent map[string][]string, arrived Week) (Entry, error) {
	for name := range sent {
		if !slices.Contains(fields[:], name) {
			return Entry{}, fault.New(fault.Invalid, "contact", "holds a field that contacts do not have", "send only what the form asks for")
		}
	}
	one := func(name string) string {
		if v := sent[name]; len(v) > 0 {
			return strings.TrimSpace(v[0])
		}
		return ""
	}
	e := Entry{
		Key: one("key"), Week: arrived, Kind: Kind(one("kind")), Duration: Duration(one("duration")), Language: one("language"),
		Situation: one("situation"), District: one("district"), Reason: Reason(one("reason")),
	}
	var f form.Fields
	for name, v := range sent {
		if len(v) > 1 && name != "deed" && name != "also" {
			f.Add(name, "choice")
		}
	}
	if w := one("week"); w != "" {
		var ok bool
		if e.Week, ok = Week(w), Week(w).Valid(); !ok {
			f.Add("week", "choice")
		} else if e.Week, ok = e.Week.Arrives(arrived); !ok {
			f.Add("week", "week_old")
		}
	}
	c.needs(&e, &f, one("need"), sent["also"])
	if e.Language != "" && !slices.Contains(c.Languages, e.Language) {
		f.Add("language", "choice")
	}
	if e.District != "" && !slices.Contains(c.Districts, e.District) {
		f.Add("district", "choice")
	}
	for _, d := range sent["deed"] {
		e.Deeds = append(e.Deeds, Deed(d))
	}
	if len(e.Deeds) == 0 {
		e.Deeds = []Deed{Informed}
		if e.Reason != Met {
			e.Deeds = []Deed{NoDeed}
		}
	}
	if e.Note = f.Line("note", one("note"), 0, MostNote); e.Note != "" && !c.Notes {
		f.Add("note", "note_none")
		e.Note = ""
	}
	if err := f.Err(); err != nil {
		return Entry{}, err
	}
	return e, e.Check()
}

// needs reads the needs: the first may bring its situation along, as "geld/schulden".
func (c Codes) needs(e *Entry, f *form.Fields, first string, also []string) {
	if situation, need, both := strings.Cut(first, "/"); both {
		first = need
		if e.Situation == "" {
			e.Situation = situation
		}
	}
	for _, n := range append([]string{first}, also...) {
		if _, bare, both := strings.Cut(n, "/"); both {
			n = bare
		}
		if n == "" || slices.Contains(e.Needs, n) {
			continue
		}
		if _, known := c.Needs[n]; !known {
			f.Add("need", "choice")
			return
		}
		e.Needs = append(e.Needs, n)
	}
	if e.Situation == "" && len(e.Needs) > 0 && len(c.Needs[e.Needs[0]]) > 0 {
		e.Situation = c.Needs[e.Needs[0]][0]
	}
	if len(e.Needs) == 0 {
		f.Add("need", "need_missing")
	} else if !slices.Contains(c.Situations, e.Situation) {
		f.Add("situation", "choice")
	}
}
