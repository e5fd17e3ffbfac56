package directory

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"gevor/authz"
)

// Why a value stands in a joined view: keys of the catalogue under "duplicate.reason.".
const (
	Agreed    = "agreed"    // all records that say anything say the same
	Only      = "only"      // no other record says anything
	Confirmed = "confirmed" // its confirmation still holds, the others' do not
	ByPerson  = "person"    // a person made sure, of the others only a feed says so
	Recent    = "recent"    // confirmed, or else changed, later
	Leading   = "lead"      // nothing tells them apart: the record that leads
)

// Choice is one field of a joined view: whose value stands, and why.
type Choice struct {
	Field  string // one of JoinedFields
	From   ServiceID
	Reason string
	Values []Value // what each record says, in the order of Joined.Of
}

// Value is what one record says in one field.
type Value struct {
	Of        ServiceID
	Text      json.RawMessage // the value as it is kept; nil where the record says nothing
	Trust     Trust
	Modified  time.Time
	Supported bool // it is the value that stands, or one that means the same
}

// Joined is the view of several records that speak of one offer. Every record stays as it is.
type Joined struct {
	Record           // under the name of the record that leads
	Of     []Record  // the records, the one that leads first
	Choice []Choice  // field by field
	Asked  time.Time // trust is judged at this time
}

// essential are the fields that send somebody to the wrong place, at the wrong time, or to nobody. A joined view is as
// fresh as the stalest of them.
func essential() []string { return []string{"name", "address", "hours", "contacts"} }

// Join makes the view of records that speak of one offer: one value for each field, with the reason. Trust decides first (a
// confirmation that holds, then one by a person), then recency. The view is the same whatever the order of records, and
// Join of one record is that record. now is when trust is judged.
func Join(records []Record, now time.Time) Joined {
	of := slices.Clone(records)
	slices.SortFunc(of, leads)
	j := Joined{Record: of[0], Of: of, Asked: now}
	if len(of) == 1 {
		return j
	}
	lead := &j.Record
	lead.Merged, lead.Reasons, lead.Observations = nil, nil, slices.Clone(lead.Observations)
	for _, r := range of[1:] {
		lead.Merged = append(lead.Merged, r.ID)
		lead.Sources = union(lead.Sources, r.Sources)
		lead.Observations = union(lead.Observations, r.Observations)
		lead.Partners, lead.With = partnersOf(lead, &r)
	}
	for i := range lead.Observations {
		lead.Observations[i].Service = lead.ID
	}
	lead.Sources = slices.Clone(lead.Sources)
	lead.Confirmations = nil
	samePlace := onePlace(of)
	for _, p := range parts() {
		if !samePlace && isPlaced(p.name) {
			continue
		}
		c, chosen := p.choose(of, now)
		if chosen < 0 {
			continue
		}
		if chosen > 0 {
			p.put(lead, &of[chosen])
		}
		j.Choice = append(j.Choice, c)
		lead.Reasons = append(lead.Reasons, Reason{c.Field, c.From, c.Reason})
	}
	lead.morePlaces(of, samePlace)
	j.confirm()
	return j
}

// leads orders the records of one offer: what more people see comes first, then what somebody keeps by hand, then by name,
// so that links to an offer stay the same.
func leads(a, b Record) int {
	hand := func(r *Record) int {
		if slices.ContainsFunc(r.Sources, func(s Source) bool { return s.System != "hand" && s.System != "" }) {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(b.Released.Level, a.Released.Level), cmp.Compare(hand(&a), hand(&b)), cmp.Compare(a.ID, b.ID))
}

func union[T comparable](a, b []T) []T {
	out := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// partnersOf gives everybody who agreed to stand under one of two records of an offer.
func partnersOf(lead, r *Record) (ids []ProviderID, with []Provider) {
	ids = slices.DeleteFunc(union(lead.Partners, r.Partners), func(id ProviderID) bool { return id == lead.Provider.ID })
	with = slices.DeleteFunc(union(lead.With, r.With), func(p Provider) bool { return p.ID == lead.Provider.ID })
	return ids, with
}

func isPlaced(name string) bool {
	return slices.ContainsFunc(placeParts(), func(p part) bool { return p.name == name })
}

// onePlace says whether the first places of all records are one: then their fields are joined, else all places are shown.
func onePlace(of []Record) bool {
	for i := range of {
		for k := range i {
			a, b := of[i], of[k]
			if len(a.Locations) > 0 && len(b.Locations) > 0 && !near(a.Locations[0], b.Locations[0]) {
				return false
			}
		}
	}
	return true
}

// choose says whose value stands. The index is that of the record, or -1 where none says anything.
func (p *part) choose(of []Record, now time.Time) (Choice, int) {
	c := Choice{Field: p.name, Values: make([]Value, len(of))}
	best, said, agreed := -1, 0, true
	var strongest Value // of those that say what stands
	for i := range of {
		v := Value{Of: of[i].ID, Modified: of[i].Modified, Trust: of[i].TrustAt(p.name, of[i].Confirmations, now), Text: p.text(&of[i])}
		c.Values[i] = v
		if v.Text == nil {
			continue
		}
		said++
		if best < 0 {
			best, strongest, c.Reason = i, v, Only
			continue
		}
		if p.same(&of[best], &of[i], c.Values[best], v) {
			if better(v, strongest) != "" {
				strongest = v
			}
			continue
		}
		agreed = false
		if why := better(v, strongest); why != "" {
			best, strongest, c.Reason = i, v, why
		} else if c.Reason = better(strongest, v); c.Reason == "" {
			c.Reason = Leading
		}
	}
	if best < 0 {
		return c, best
	}
	if agreed && said > 1 {
		c.Reason = Agreed
	}
	c.From = of[best].ID
	for i := range c.Values {
		c.Values[i].Supported = c.Values[i].Text != nil && p.same(&of[best], &of[i], c.Values[best], c.Values[i])
	}
	return c, best
}

func (p *part) same(a, b *Record, x, y Value) bool {
	return string(x.Text) == string(y.Text) || p.alike != nil && p.alike(a, b)
}

// better says why a is believed more than b; empty where it is not.
func better(a, b Value) string {
	person := func(t Trust) bool { return t.How != "" && t.How != ByFeed }
	switch {
	case a.Trust.Expired != b.Trust.Expired:
		if b.Trust.Expired {
			return Confirmed
		}
	case person(a.Trust) != person(b.Trust):
		if person(a.Trust) {
			return ByPerson
		}
	case a.Trust.Confirmed.After(b.Trust.Confirmed), a.Trust.Confirmed.Equal(b.Trust.Confirmed) && a.Modified.After(b.Modified):
		return Recent
	}
	return ""
}

// near says whether two locations are one.
func near(a, b Location) bool {
	if a.ID == b.ID && a.ID != "" {
		return true
	}
	l := compare(prepare(Facts{Name: "Haus", Street: a.Street, Postcode: a.Postcode, At: a.At}), prepare(Facts{Name: "Haus", Street: b.Street, Postcode: b.Postcode, At: b.At}))
	return slices.Contains(l.Reasons, "address") || slices.Contains(l.Reasons, "distance")
}

// morePlaces adds the places that only other records know.
func (r *Record) morePlaces(of []Record, samePlace bool) {
	for i := range of {
		if of[i].ID == r.ID {
			continue
		}
		for k := range min(len(of[i].Places), len(of[i].Locations)) {
			l := of[i].Locations[k]
			known := slices.ContainsFunc(r.Locations, func(x Location) bool { return near(x, l) })
			if known || samePlace && k == 0 {
				continue
			}
			r.Places, r.Locations = append(slices.Clone(r.Places), of[i].Places[k]), append(slices.Clone(r.Locations), l)
		}
	}
}

// confirm gives the view its confirmations: each field those of the records that say what stands there, and the whole the
// oldest of the essential ones, for the view is no fresher than the stalest thing that people rely on.
func (j *Joined) confirm() {
	var whole Confirmation
	unsure := false
	for _, c := range j.Choice {
		var last Confirmation
		for _, v := range c.Values {
			if v.Supported && v.Trust.Confirmed.After(last.At) {
				last = Confirmation{Service: j.ID, Field: c.Field, How: v.Trust.How, At: v.Trust.Confirmed, By: j.owner(v.Of)}
			}
		}
		if !last.At.IsZero() {
			j.Confirmations = append(j.Confirmations, last)
		}
		if slices.Contains(essential(), c.Field) {
			if last.At.IsZero() {
				unsure = true
			} else if whole.At.IsZero() || last.At.Before(whole.At) {
				whole = last
			}
		}
	}
	if !unsure && !whole.At.IsZero() {
		whole.Field = Whole
		j.Confirmations = append(j.Confirmations, whole)
	}
}

func (j Joined) owner(id ServiceID) authz.OrganisationID {
	for i := range j.Of {
		if j.Of[i].ID == id {
			return j.Of[i].Owner
		}
	}
	return ""
}

// Take lays one field of the view upon a record of it, as its owner accepts it. It says whether that changed anything.
func (j Joined) Take(r Record, field string) (Record, bool) {
	i := slices.IndexFunc(j.Choice, func(c Choice) bool { return c.Field == field })
	if i < 0 || j.Choice[i].From == r.ID {
		return r, false
	}
	out := CopyField(r, *j.of(j.Choice[i].From), field)
	return out, string(FieldText(r, field)) != string(FieldText(out, field))
}

func (j Joined) of(id ServiceID) *Record {
	for i := range j.Of {
		if j.Of[i].ID == id {
			return &j.Of[i]
		}
	}
	return nil
}

// Proposal is a field in which the view differs from one of its records.
type Proposal struct {
	Field  string
	From   ServiceID
	Reason string
	Is     json.RawMessage // what the record says; nil where it says nothing
	Would  json.RawMessage // what the view says
}

// Proposals gives what the view offers to the owner of one of its records, field by field.
func (j Joined) Proposals(id ServiceID) []Proposal {
	var out []Proposal
	for _, c := range j.Choice {
		var is, would Value
		for _, v := range c.Values {
			if v.Of == id {
				is = v
			}
			if v.Of == c.From {
				would = v
			}
		}
		if is.Of == id && !is.Supported {
			out = append(out, Proposal{Field: c.Field, From: c.From, Reason: c.Reason, Is: is.Text, Would: would.Text})
		}
	}
	return out
}

// JoinAll puts the view of each offer in the place of its records, and leaves out what it has taken in. same holds the pairs
// that were called the same. Records that are drafts or have ended take no part, nor do those that are not in the list: the
// view is made of what its reader may see.
func JoinAll(records []Record, same []Pair, now time.Time) []Record {
	groups := Groups(same)
	if len(groups) == 0 {
		return records
	}
	at := make(map[ServiceID]int, len(records))
	for i := range records {
		if r := &records[i]; !r.Draft && r.Ended.IsZero() {
			at[r.ID] = i
		}
	}
	out := slices.Clone(records)
	var gone []ServiceID
	for _, g := range groups {
		var of []Record
		for _, id := range g {
			if i, ok := at[id]; ok {
				of = append(of, records[i])
			}
		}
		if len(of) < 2 {
			continue
		}
		j := Join(of, now)
		out[at[j.ID]] = j.Record
		gone = append(gone, j.Merged...)
	}
	return slices.DeleteFunc(out, func(r Record) bool { return slices.Contains(gone, r.ID) })
}

// Groups gives the sets of records that pairs put together, each in order, the sets by their first.
func Groups(same []Pair) [][]ServiceID {
	root := map[ServiceID]ServiceID{}
	var find func(ServiceID) ServiceID
	find = func(id ServiceID) ServiceID {
		up, ok := root[id]
		if !ok || up == id {
			root[id] = id
			return id
		}
		root[id] = find(up)
		return root[id]
	}
	for _, p := range same {
		a, b := find(p.A), find(p.B)
		root[max(a, b)] = min(a, b)
	}
	sets := map[ServiceID][]ServiceID{}
	for id := range root {
		top := find(id)
		sets[top] = append(sets[top], id)
	}
	out := make([][]ServiceID, 0, len(sets))
	for _, s := range sets {
		slices.Sort(s)
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b []ServiceID) int { return cmp.Compare(a[0], b[0]) })
	return out
}
