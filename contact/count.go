package contact

import (
	"cmp"
	"slices"

	"gevor/authz"
	"gevor/handover"
)

// Source is where a count comes from.
type Source string

// The sources.
const (
	FromContacts  Source = "contacts"
	FromHandovers Source = "handovers" // declined for a reason that lies with the offer
)

// Count is how often a need was met with, in one week, place and for one reason. Reasons other than Met are unmet
// needs. House is the organisation that it happened to.
type Count struct {
	Source   Source
	House    authz.OrganisationID
	Week     Week
	District string // empty where nobody said
	Need     string // of the vocabulary; of a handover it may be a kind of service
	Reason   Reason
	Times    int
}

// Facet is one thing that a contact says beside its needs.
type Facet string

// The facets.
const (
	ByKind      Facet = "kind" // every contact has exactly one, so their sum is the number of contacts
	ByDuration  Facet = "duration"
	ByLanguage  Facet = "language"
	BySituation Facet = "situation"
	ByDeed      Facet = "deed"
)

// Facets lists the facets.
func Facets() []Facet { return []Facet{ByKind, ByDuration, ByLanguage, BySituation, ByDeed} }

// Share is how many contacts of a month say one thing.
type Share struct {
	House authz.OrganisationID
	Month string // as "2026-05"
	Facet Facet
	Code  string
	Times int
}

// German is what contacts without another language are counted under.
const German = "de"

// Figures is what is left of entries: no line of it is a contact.
type Figures struct {
	Counts []Count
	Shares []Share
}

// Tally makes figures of entries: for each contact one count for each need, the first with the reason, and one share for
// each facet. The result is in order and does not depend on that of the entries.
func Tally(entries []Own) Figures {
	counts, shares := map[Count]int{}, map[Share]int{}
	for _, e := range entries {
		for i, need := range e.Needs {
			c := Count{Source: FromContacts, House: e.Owner, Week: e.Week, District: e.District, Need: need}
			if i == 0 {
				c.Reason = e.Reason
			}
			counts[c]++
		}
		share := func(f Facet, code string) {
			shares[Share{House: e.Owner, Month: e.Week.Month(), Facet: f, Code: code}]++
		}
		share(ByKind, string(e.Kind))
		share(ByDuration, string(e.Duration))
		share(ByLanguage, cmp.Or(e.Language, German))
		share(BySituation, e.Situation)
		for _, d := range e.Deeds {
			share(ByDeed, string(d))
		}
	}
	var f Figures
	for c, n := range counts {
		c.Times = n
		f.Counts = append(f.Counts, c)
	}
	for s, n := range shares {
		s.Times = n
		f.Shares = append(f.Shares, s)
	}
	return f.sorted()
}

// And gives both figures together, equal lines as one.
func (f Figures) And(g Figures) Figures {
	counts, shares := map[Count]int{}, map[Share]int{}
	for _, all := range []Figures{f, g} {
		for _, c := range all.Counts {
			n := c.Times
			c.Times = 0
			counts[c] += n
		}
		for _, s := range all.Shares {
			n := s.Times
			s.Times = 0
			shares[s] += n
		}
	}
	var out Figures
	for c, n := range counts {
		c.Times = n
		out.Counts = append(out.Counts, c)
	}
	for s, n := range shares {
		s.Times = n
		out.Shares = append(out.Shares, s)
	}
	return out.sorted()
}

func (f Figures) sorted() Figures {
	slices.SortFunc(f.Counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.Week, b.Week), cmp.Compare(a.House, b.House), cmp.Compare(a.Source, b.Source), cmp.Compare(a.District, b.District), cmp.Compare(a.Need, b.Need), cmp.Compare(a.Reason, b.Reason))
	})
	slices.SortFunc(f.Shares, func(a, b Share) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.House, b.House), cmp.Compare(a.Facet, b.Facet), cmp.Compare(a.Code, b.Code))
	})
	return f
}

// Unmet gives the reason of an unmet need for a receiver's reason that lies with the offer; not ok for one that lies
// with the person: that tells nobody that anything is missing.
func Unmet(r handover.Reason) (Reason, bool) {
	if r.Lies() != handover.WithOffer {
		return Met, false
	}
	switch r {
	case handover.NoPlace, handover.WaitingList:
		return Full, true
	case handover.OutsideArea, handover.NotResponsible:
		return NotResponsible, true
	case handover.PayerUnclear:
		return Insurance, true
	case handover.Language:
		return NoLanguage, true
	case handover.DoesNotFit:
		return NoOffer, true
	case handover.RequirementMissing, handover.PapersMissing, handover.NotReached, handover.DoesNotWant, handover.AlreadyHelped,
		handover.Mistaken, handover.OtherOffer, handover.PersonAsked:
	}
	return OtherReason, true
}
