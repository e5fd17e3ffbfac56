package mail

import (
	"strings"
	"time"

	"gevor/authz"
	"gevor/internal/words"
)

// occasion is the payload of a message that knows how to become a mail.
type occasion interface {
	// fill gives what is put into the texts of the catalogue. Addresses of pages come from link.
	fill(w *words.Printer, link func(page string, values ...string) string) map[string]any
}

// occasions are the templates by name. One that has a text "mail.<name>.item" can hold several messages in one mail.
func occasions() map[string]func() occasion {
	return map[string]func() occasion{
		"invitation":  func() occasion { return &invitation{} },
		"recovery":    func() occasion { return &recovery{} },
		"webhook-off": func() occasion { return &webhookOff{} },
		"reminder":    func() occasion { return &reminder{} },
		"address":     func() occasion { return &newAddress{} },

		"handover-letter":    func() occasion { return &letter{} },
		"handover-waiting":   func() occasion { return &inBox{page: "handovers"} },
		"handover-unheard":   func() occasion { return &inBox{page: "handovers-sent"} },
		"handover-escalated": func() occasion { return &inBox{page: "handovers"} },
	}
}

// invitation asks somebody to join an organisation.
type invitation struct {
	Organisation, Secret string
	Roles                []authz.Role
	Expires              time.Time
}

func (i *invitation) fill(w *words.Printer, link func(string, ...string) string) map[string]any {
	roles := make([]string, len(i.Roles))
	for k, r := range i.Roles {
		roles[k] = w.T("role."+string(r), nil)
	}
	return map[string]any{
		"Organisation": i.Organisation, "Roles": strings.Join(roles, "; "), "Day": onDay(w, i.Expires), "Link": link("invitation", i.Secret),
	}
}

// recovery gives somebody a new way to sign in.
type recovery struct {
	Secret  string
	Expires time.Time
}

func (r *recovery) fill(w *words.Printer, link func(string, ...string) string) map[string]any {
	return map[string]any{"Time": atTime(w, r.Expires), "Link": link("regain", r.Secret)}
}

// reminder asks the house that keeps an entry of the directory whether it is still right.
type reminder struct {
	Service, Secret string
	Reminder        string
	Until           time.Time
}

func (r *reminder) fill(w *words.Printer, link func(string, ...string) string) map[string]any {
	return map[string]any{"Service": r.Service, "Day": onDay(w, r.Until), "Link": link("letter", r.Secret)}
}

// newAddress tells the former address of an account that another one took its place.
type newAddress struct{ New string }

func (a *newAddress) fill(_ *words.Printer, link func(string, ...string) string) map[string]any {
	return map[string]any{"New": a.New, "Link": link("sign-in")}
}

// webhookOff tells an admin that an address is called no more.
type webhookOff struct {
	Organisation   string
	OrganisationID authz.OrganisationID
	Host           string
}

func (o *webhookOff) fill(_ *words.Printer, link func(string, ...string) string) map[string]any {
	return map[string]any{"Organisation": o.Organisation, "Host": o.Host, "Link": link("webhooks", string(o.OrganisationID))}
}

// inBox tells somebody that something waits in a box of their organisation, and not what.
type inBox struct {
	OrganisationID authz.OrganisationID
	page           string
}

func (b *inBox) fill(_ *words.Printer, link func(string, ...string) string) map[string]any {
	return map[string]any{"Link": link(b.page, string(b.OrganisationID))}
}

// letter tells an organisation without an account that something waits.
type letter struct{ Secret string }

func (l *letter) fill(_ *words.Printer, link func(string, ...string) string) map[string]any {
	return map[string]any{"Link": link("handover-letter", l.Secret)}
}

// berlin is where the readers are. Without the zone's table times are told in UTC, and say so.
func berlin() *time.Location {
	if l, err := time.LoadLocation("Europe/Berlin"); err == nil {
		return l
	}
	return time.UTC
}

func onDay(w *words.Printer, t time.Time) string { return w.Date(t.In(berlin()).Format(time.DateOnly)) }

func atTime(w *words.Printer, t time.Time) string {
	t = t.In(berlin())
	return w.T("mail.time", map[string]any{"Day": w.Date(t.Format(time.DateOnly)), "Time": t.Format("15:04"), "Zone": t.Format("MST")})
}
