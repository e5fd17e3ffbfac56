package handover

import "time"

// Days counts working days: Monday to Friday in a zone, without public holidays.
type Days struct {
	Zone    *time.Location
	Holiday func(day time.Time) bool
}

// Working says whether a time falls on a working day.
func (d Days) Working(t time.Time) bool {
	t = t.In(d.Zone)
	if w := t.Weekday(); w == time.Saturday || w == time.Sunday {
		return false
	}
	return d.Holiday == nil || !d.Holiday(t)
}

// After gives the time n ≥ 0 working days later, at the same time of day: days that are no working days do not count.
func (d Days) After(t time.Time, n int) time.Time {
	t = t.In(d.Zone)
	for n > 0 {
		t = t.AddDate(0, 0, 1)
		if d.Working(t) {
			n--
		}
	}
	return t
}

// Terms are after how many working days somebody is told, as a receiver agreed.
type Terms struct {
	Remind int // the receiver's mailbox, until somebody opened it
	Tell   int // then the sender
	Chief  int // then the receiver's own management
}

// UsualTerms hold where a receiver did not say otherwise.
func UsualTerms() Terms { return Terms{Remind: 2, Tell: 2, Chief: 3} }

// Valid says whether terms are ones that a receiver may choose.
func (t Terms) Valid() bool {
	return t.Remind >= 1 && t.Tell >= 1 && t.Chief >= 1 && t.Remind+t.Tell+t.Chief <= 30
}

// Notice is what the clock tells somebody.
type Notice string

// The notices.
const (
	Reminder  Notice = "reminder"  // to the receiver's mailbox
	Unheard   Notice = "unheard"   // to the sender
	Escalated Notice = "escalated" // to the receiver's management
	Lapsed    Notice = "lapsed"    // the clock cancels
)

// Due is a notice with the time from which it holds.
type Due struct {
	Notice Notice
	At     time.Time
}

// Dues gives what the clock has to tell about a handover at a time, the earliest first: nothing about one that was
// answered, no reminder of one that was opened, nothing to a sender who is to be told nothing.
func (h Handover) Dues(t Terms, d Days, at time.Time) []Due {
	if h.Status != Requested && h.Status != Received {
		return nil
	}
	var out []Due
	add := func(n Notice, after int) {
		if when := d.After(h.Requested, after); !at.Before(when) {
			out = append(out, Due{n, when})
		}
	}
	if h.Status == Requested {
		add(Reminder, t.Remind)
	}
	if h.Level != Nothing {
		add(Unheard, t.Remind+t.Tell)
	}
	add(Escalated, t.Remind+t.Tell+t.Chief)
	if h.Lapses > 0 {
		add(Lapsed, h.Lapses)
	}
	return out
}

// Keep is how long sealed content stays after the end where nobody chose otherwise.
const Keep = 30 * 24 * time.Hour

// Answer is until when an answer is expected; zero where none is.
func (h Handover) Answer(t Terms, d Days) time.Time {
	if h.Status != Requested && h.Status != Received {
		return time.Time{}
	}
	return d.After(h.Requested, t.Remind)
}
