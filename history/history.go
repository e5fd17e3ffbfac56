// Package history tells who changed what, when, and what stood there before. A change is kept for ever; who stands
// behind its pseudonym is kept apart and can be forgotten.
package history

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"gevor/authz"
)

// Change is one change of one thing.
type Change struct {
	Sequence int64
	At       time.Time
	Actor    string         // pseudonym; "installation" where no person acted
	Person   authz.PersonID // empty where the pseudonym's line was forgotten, or no person acted
	Name     string         // of the person; empty likewise
	Kind     authz.Kind     // of the thing
	Object   string         // the thing
	Owner    authz.OrganisationID
	Verb     string          // created, changed, removed, released, withdrawn, …: a key of the catalogue under "history.verb."
	Before   json.RawMessage // one JSON object; nil where there was nothing
	After    json.RawMessage // one JSON object; nil where there is nothing
	Undoes   int64           // the change that this one takes back; 0 where it takes back none
}

// Undoable says whether a change is of a sort that can be taken back: whether the thing can get its old state.
func (c Change) Undoable() bool {
	switch {
	case c.Undoes != 0 || c.Before == nil || c.After == nil:
		return false
	case c.Kind == authz.Organisation:
		return c.Verb == "changed"
	case c.Kind == authz.Members:
		return c.Verb == "changed"
	}
	return false
}

// Installation is the pseudonym of changes that no person made: imports, clocks, the command line.
const Installation = "installation"

// Field is one field of a thing in two states, as text: an empty string where the field was absent.
type Field struct{ Name, Before, After string }

// Fields gives the fields that differ between two JSON objects, by name. Versions count changes and are left out, and so
// are fields that nobody filled in of a thing that came or went.
// Objects inside objects get names with dots. What is no object has no fields.
func Fields(before, after json.RawMessage) []Field {
	a, b := flat(before), flat(after)
	var names []string
	for k := range a {
		names = append(names, k)
	}
	for k := range b {
		if _, both := a[k]; !both {
			names = append(names, k)
		}
	}
	slices.Sort(names)
	var out []Field
	for _, k := range names {
		was, had := a[k]
		is, has := b[k]
		if was == is || k == "Version" || !had && unset(is) || !has && unset(was) {
			continue
		}
		out = append(out, Field{k, was, is})
	}
	return out
}

func flat(raw json.RawMessage) map[string]string {
	out := map[string]string{}
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil { // nothing, or no object: no fields
		return out
	}
	for k, v := range object {
		var text string
		switch {
		case len(v) > 0 && v[0] == '{':
			for name, inner := range flat(v) {
				out[k+"."+name] = inner
			}
		case json.Unmarshal(v, &text) == nil:
			out[k] = text
		default:
			out[k] = list(v)
		}
	}
	return out
}

// unset says whether a text is that of a field nobody filled in.
func unset(text string) bool {
	return slices.Contains([]string{"", "null", "0", "false", "[]", "0001-01-01T00:00:00Z"}, text)
}

// list writes a JSON list of texts with commas; anything else stays as it is.
func list(v json.RawMessage) string {
	var texts []string
	if json.Unmarshal(v, &texts) == nil {
		return strings.Join(texts, ", ")
	}
	return string(v)
}
