package signal

// Level says how far a unit reaches.
type Level string

// The levels.
const (
	InDistrict     Level = "district"
	InMunicipality Level = "municipality"
	InRegion       Level = "region"
)

// Method says how a unit is judged.
type Method string

// The methods.
const (
	AgainstRest Method = "against-rest" // the series against the rest of its pool in the same periods
	Together    Method = "together"     // several sources of one place and subject
	AgainstPast Method = "against-past" // the total of a pool against its own past (improved Farrington)
)

// Unit is what may raise an alarm.
type Unit struct {
	Level   Level
	Method  Method
	Area    string   // district or municipality; empty for the region
	Subject Subject  // what it is about
	Sources []Source // one, or those judged together
	series  []int    // of the panel
	parts   []int    // units judged together
}

// Key tells findings apart: place and subject. Whatever speaks of the same is the same finding.
func (u *Unit) Key() string { return u.Area + "\x00" + u.Subject.Group + "\x00" + u.Subject.Problem }

// Counts gives the counts of a unit for periods 0 to last, as known at the end of period now; NaN where one of its series
// is missing.
func (p *Panel) Counts(u *Unit, last, now int) []float64 {
	out := make([]float64, last+1)
	for t := range out {
		for _, i := range u.series {
			out[t] += p.Series[i].Known(t, now)
		}
	}
	return out
}

// Units lists what a panel can raise an alarm about, in an order that depends on the panel alone.
func (p *Panel) Units() []Unit {
	var out []Unit
	type place struct {
		level   Level
		area    string
		subject Subject
	}
	meet := map[place][]int{}
	var order []place
	add := func(u Unit) {
		k := place{u.Level, u.Area, u.Subject}
		if meet[k] == nil {
			order = append(order, k)
		}
		meet[k] = append(meet[k], len(out))
		out = append(out, u)
	}
	for _, in := range p.pools() {
		s := &p.Series[in.from]
		towns := map[string][]int{}
		var names []string
		for i := in.from; i < in.to; i++ {
			area := p.Series[i].Area
			add(Unit{Level: InDistrict, Method: AgainstRest, Area: area, Subject: s.Subject, Sources: []Source{s.Source}, series: []int{i}})
			if town := p.parent[area]; town != "" {
				if towns[town] == nil {
					names = append(names, town)
				}
				towns[town] = append(towns[town], i)
			}
		}
		for _, town := range names {
			if list := towns[town]; len(list) > 1 && len(names) > 1 {
				add(Unit{Level: InMunicipality, Method: AgainstRest, Area: town, Subject: s.Subject, Sources: []Source{s.Source}, series: list})
			}
		}
		all := make([]int, 0, in.to-in.from)
		for i := in.from; i < in.to; i++ {
			all = append(all, i)
		}
		out = append(out, Unit{Level: InRegion, Method: AgainstPast, Subject: s.Subject, Sources: []Source{s.Source}, series: all})
	}
	for _, k := range order {
		if parts := meet[k]; len(parts) > 1 {
			u := Unit{Level: k.level, Method: Together, Area: k.area, Subject: k.subject, parts: parts}
			for _, i := range parts {
				u.Sources = append(u.Sources, out[i].Sources...)
				u.series = append(u.series, out[i].series...)
			}
			out = append(out, u)
		}
	}
	return out
}
