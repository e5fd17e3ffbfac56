package intake

import (
	"regexp"
	"slices"
	"strconv"

	"gevor/directory"
)

// welcome reads who is welcome and what it costs, in the words of sheets.
func (l *line) welcome() {
	v := &l.Service
	insurances := map[string]directory.Insurance{
		"gesetzlich": directory.Statutory, "gkv": directory.Statutory, "statutory": directory.Statutory, "privat": directory.Private, "pkv": directory.Private, "private": directory.Private,
		"ohne": directory.Uninsured, "keine": directory.Uninsured, "none": directory.Uninsured, "unversichert": directory.Uninsured, "unklar": directory.Unclear, "unclear": directory.Unclear,
	}
	for _, word := range l.s.split(l.cell("insurance")) {
		if fold(word) == "alle" {
			v.Insurance = directory.Insurances()
			continue
		}
		i, ok := insurances[fold(word)]
		if !ok {
			l.unread("Insurance", "insurance", word, "unknown", "write gesetzlich, privat, ohne, unklar or alle; the word was left out")
			continue
		}
		v.Insurance = append(v.Insurance, i)
	}
	switch fold(l.cell("cost")) {
	case "":
	case "kostenlos", "kostenfrei", "frei", "free", "0":
		v.Cost = directory.Free
	case "kostenpflichtig", "gebühr", "fee":
		v.Cost = directory.Fee
	case "zuzahlung", "copayment":
		v.Cost = directory.Copayment
	default:
		l.unread("Cost", "cost", l.cell("cost"), "unknown", "write kostenlos, kostenpflichtig or zuzahlung; the field was left out")
	}
}

// ways reads how somebody comes in, in the words of sheets.
func (l *line) ways() {
	ways := map[string]directory.Access{
		"offenesprechstunde": directory.WalkIn, "offen": directory.WalkIn, "ohnetermin": directory.WalkIn, "termin": directory.Appointment, "mittermin": directory.Appointment,
		"nachvereinbarung": directory.Appointment, "überweisung": directory.Referral, "vermittlung": directory.Referral, "hausbesuch": directory.Outreach, "aufsuchend": directory.Outreach,
		"telefon": directory.Phone, "telefonisch": directory.Phone, "online": directory.Online,
	}
	v := &l.Service
	for _, word := range l.s.split(l.cell("access")) {
		w, ok := ways[fold(word)]
		if !ok {
			w, ok = directory.Access(fold(word)), slices.Contains(directory.AccessWays(), directory.Access(fold(word)))
		}
		if !ok {
			l.unread("Access", "access", word, "unknown", "write offen, termin, überweisung, hausbesuch, telefon or online; the word was left out")
			continue
		}
		if !slices.Contains(v.Access, w) {
			v.Access = append(v.Access, w)
		}
	}
}

var (
	waiting = regexp.MustCompile(`^(?:warteliste|wartezeit|waiting)(?:\D*(\d{1,2})(wochen?|weeks?|monate?|months?))?\D*$`)
	months  = regexp.MustCompile(`^mon`)
)

// room reads whether there are places. It counts from a day on which somebody said so: that of its own column, else the
// one on which the line was checked.
func (l *line) room() {
	text := l.cell("capacity")
	if text == "" {
		return
	}
	var c directory.Capacity
	switch word := fold(text); word {
	case "frei", "freieplätze", "plätzefrei", "ja", "free":
		c.Room = directory.RoomFree
	case "geschlossen", "aufnahmestopp", "voll", "keineplätze", "nein", "closed":
		c.Room = directory.RoomClosed
	default:
		m := waiting.FindStringSubmatch(word)
		if m == nil {
			l.unread("Capacity", "capacity", text, "unknown", "write frei, aufnahmestopp or warteliste, with the time to wait like \"Warteliste 6 Wochen\"; the field was left out")
			return
		}
		c.Room = directory.RoomWaiting
		if m[1] != "" {
			c.Weeks, _ = strconv.Atoi(m[1]) // two digits at the most
			if months.MatchString(m[2]) {
				c.Weeks = (c.Weeks*52 + 6) / 12
			}
		}
	}
	if c.On = l.day("capacity_on", l.cell("capacity_on"), l.s.m.GermanDates); c.On.IsZero() && l.cell("capacity_on") == "" && len(l.Assured) > 0 {
		c.On = l.Assured[0].At
	}
	if c.On.IsZero() {
		l.unread("Capacity", "capacity", text, "date", "give a column with the day on which somebody said so; the field was left out")
		return
	}
	l.Service.Capacity = c
}
