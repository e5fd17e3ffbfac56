package history_test

import (
	"encoding/json"
	"slices"
	"testing"

	"gevor/authz"
	"gevor/history"
)

func TestFieldsThatDiffer(t *testing.T) {
	for name, c := range map[string]struct {
		before, after string
		want          []history.Field
	}{
		"nothing":        {"", "", nil},
		"no object":      {"7", `"x"`, nil},
		"one of two":     {`{"Name":"a","Kind":"b","Version":1}`, `{"Name":"c","Kind":"b","Version":2}`, []history.Field{{Name: "Name", Before: "a", After: "c"}}},
		"a switch":       {`{"Open":false}`, `{"Open":true}`, []history.Field{{Name: "Open", Before: "false", After: "true"}}},
		"came":           {"", `{"Name":"a","Empty":"","None":null,"Zero":0,"No":false,"List":[],"When":"0001-01-01T00:00:00Z"}`, []history.Field{{Name: "Name", After: "a"}}},
		"went":           {`{"Name":"a","Zero":0}`, "", []history.Field{{Name: "Name", Before: "a"}}},
		"inside":         {`{"At":{"Lon":7,"Lat":51}}`, `{"At":{"Lon":8,"Lat":51}}`, []history.Field{{Name: "At.Lon", Before: "7", After: "8"}}},
		"lists of texts": {`{"Roles":["a"]}`, `{"Roles":["a","b"]}`, []history.Field{{Name: "Roles", Before: "a", After: "a, b"}}},
		"in order":       {`{}`, `{"b":"2","a":"1"}`, []history.Field{{Name: "a", After: "1"}, {Name: "b", After: "2"}}},
	} {
		if got := history.Fields(json.RawMessage(c.before), json.RawMessage(c.after)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestWhatCanBeTakenBack(t *testing.T) {
	both := json.RawMessage(`{}`)
	for _, c := range []struct {
		change history.Change
		want   bool
	}{
		{history.Change{Kind: authz.Organisation, Verb: "changed", Before: both, After: both}, true},
		{history.Change{Kind: authz.Organisation, Verb: "created", After: both}, false},
		{history.Change{Kind: authz.Organisation, Verb: "withdrawn", Before: both, After: both}, false},
		{history.Change{Kind: authz.Members, Verb: "changed", Before: both, After: both}, true},
		{history.Change{Kind: authz.Members, Verb: "changed", Before: both, After: both, Undoes: 3}, false},
		{history.Change{Kind: authz.Webhook, Verb: "changed", Before: both, After: both}, false},
	} {
		if got := c.change.Undoable(); got != c.want {
			t.Errorf("%s %s: %v", c.change.Kind, c.change.Verb, got)
		}
	}
}
