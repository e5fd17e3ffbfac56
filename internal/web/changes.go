package web

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gevor/authz"
	"gevor/fault"
	"gevor/history"
	"gevor/internal/web/ui"
)

// changesOnPage is how many changes one page of a history shows.
const changesOnPage = 50

// mostChanges is how many changes a download holds at most.
const mostChanges = 100_000

func historyPage(p *page) error {
	below := int64(0)
	if v := p.first("below"); v != "" {
		var err error
		if below, err = strconv.ParseInt(v, 10, 64); err != nil || below < 1 {
			return fault.New(fault.Invalid, "below", "is no number of a change", "open the page anew")
		}
	}
	kind := authz.Kind(p.first("kind"))
	limit := changesOnPage + 1
	export := p.first("format") == "csv"
	if export {
		below, limit = 0, mostChanges
	}
	changes, err := p.site.Houses.History(p.req.Context(), p.actor, p.org(), kind, "", below, limit)
	if err != nil {
		return err
	}
	h, err := p.house("history")
	if err != nil {
		return err
	}
	if export {
		return p.historyCSV(changes)
	}
	v := historyView{houseView: h, Kind: string(kind)}
	if len(changes) > changesOnPage {
		changes = changes[:changesOnPage]
		v.Older = p.filter("below", strconv.FormatInt(changes[changesOnPage-1].Sequence, 10))
	}
	mayUndo := p.can(authz.Undo, owned(authz.History, h.ID))
	latest := map[string]bool{} // things whose latest change has been seen: only that one can be taken back
	for _, c := range changes {
		e := ui.Event{When: p.moment(c.At), ISO: c.At.Format(time.RFC3339), What: p.changeText(c), Who: p.actorName(c)}
		key := string(c.Kind) + " " + c.Object
		undo := ""
		if mayUndo && below == 0 && !latest[key] && c.Undoable() {
			undo = string(p.link("undo", string(h.ID), strconv.FormatInt(c.Sequence, 10)))
		}
		latest[key] = true
		e.More = changeDetails(p, p.changed(c), undo)
		v.Events = append(v.Events, e)
	}
	return p.render(http.StatusOK, p.T("house.tab.history", nil), historyOf(p, v))
}

// historyView is a history with the frame of its organisation.
type historyView struct {
	houseView
	Kind   string
	Events []ui.Event
	Older  templ.SafeURL // empty at the end
}

// changeText says a change in one line.
func (p *page) changeText(c history.Change) string {
	return p.T("history.kind."+string(c.Kind), nil) + ": " + p.T("history.verb."+strings.ReplaceAll(c.Verb, "-", "_"), nil)
}

// actorName names who made a change; a name that was forgotten stays forgotten.
func (p *page) actorName(c history.Change) string {
	switch {
	case c.Actor == history.Installation:
		return p.T("history.installation", nil)
	case c.Name == "":
		return p.T("history.forgotten", nil)
	}
	return c.Name
}

// changed names the fields of a change in words; a field without a word of its own shows its name.
func (p *page) changed(c history.Change) []ui.Changed {
	var out []ui.Changed
	for _, f := range history.Fields(c.Before, c.After) {
		label := f.Name
		if key := "history.field." + strings.ToLower(f.Name); p.Has(key) {
			label = p.T(key, nil)
		}
		if f.Name == "ID" || f.Name == "Person" {
			continue
		}
		out = append(out, ui.Changed{Label: label, Before: p.fieldText(f.Name, f.Before), After: p.fieldText(f.Name, f.After)})
	}
	return out
}

// fieldText writes a value that has words of its own.
func (p *page) fieldText(name, value string) string {
	switch {
	case value == "":
		return ""
	case value == "true" || value == "false":
		return p.T("history.bool."+value, nil)
	case name == "Roles":
		var roles []authz.Role
		for _, r := range strings.Split(value, ", ") {
			roles = append(roles, authz.Role(r))
		}
		return p.roleNames(roles)
	case name == "Level":
		return p.T("release.levels."+value, nil)
	case name == "Kind" && p.Has("house.kinds."+value):
		return p.T("house.kinds."+value, nil)
	}
	return value
}

func (p *page) historyCSV(changes []history.Change) error {
	h := p.res.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="history.csv"`)
	w := csv.NewWriter(p.res)
	if err := w.Write([]string{"at", "actor", "kind", "object", "verb", "field", "before", "after"}); err != nil {
		return err
	}
	for _, c := range changes {
		line := []string{c.At.Format(time.RFC3339), p.actorName(c), string(c.Kind), c.Object, c.Verb}
		fields := history.Fields(c.Before, c.After)
		if len(fields) == 0 {
			fields = []history.Field{{}}
		}
		for _, f := range fields {
			if err := w.Write(append(line[:len(line):len(line)], f.Name, plainCell(f.Before), plainCell(f.After))); err != nil {
				return err
			}
		}
	}
	w.Flush()
	return ignoreGone(p.req.Context(), w.Error())
}

// plainCell keeps a spreadsheet from running a text as a formula.
func plainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// change gives the change of the address, where the reader may take it back.
func (p *page) change() (houseView, history.Change, error) {
	if err := p.may(authz.Undo, owned(authz.History, p.org())); err != nil {
		return houseView{}, history.Change{}, err
	}
	missing := fault.New(fault.NotFound, "history", "does not exist", "")
	sequence, err := strconv.ParseInt(p.req.PathValue("change"), 10, 64)
	if err != nil || sequence < 1 {
		return houseView{}, history.Change{}, missing
	}
	changes, err := p.site.Houses.History(p.req.Context(), p.actor, p.org(), "", "", sequence+1, 1)
	if err != nil {
		return houseView{}, history.Change{}, err
	}
	if len(changes) == 0 || changes[0].Sequence != sequence {
		return houseView{}, history.Change{}, missing
	}
	h, err := p.house("history")
	return h, changes[0], err
}

func undoPage(p *page) error {
	h, c, err := p.change()
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("history.undo", nil), undoQuestion(p, h, c))
}

func undone(p *page) error {
	h, c, err := p.change()
	if err != nil {
		return err
	}
	if err := p.site.Houses.Undo(p.req.Context(), p.actor, p.now(), c.Sequence); err != nil {
		return err
	}
	return p.done(p.path("history", string(h.ID)), "undone")
}
