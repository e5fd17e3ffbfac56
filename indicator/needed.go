package indicator

import "math"

// Needed is which share of the people of each area a dataset counts, in its newest period.
type Needed struct {
	At    Period
	Share map[string]float64 // by area, 0 to 1, of those that are published
	Mean  float64            // of all published areas together; NaN where none is
}

// Needed gives the shares of a dataset of a ratio. Ok is false for a dataset without a base, as its figures say nothing of
// how many of the people that is, and where nothing is published. TestNeeded holds it against sums by hand.
func (p *Publication) Needed() (n Needed, ok bool) {
	at, ok := p.Latest()
	if !ok || !p.Dataset.Ratio() {
		return n, false
	}
	n = Needed{At: at, Share: map[string]float64{}}
	var counts, bases float64
	for _, a := range p.Units() {
		x := p.Point(a.Key, at)
		if !x.Count.Known() || !x.Base.Known() || !(x.Base.Number > 0) {
			continue
		}
		n.Share[a.Key] = math.Min(1, x.Count.Number/x.Base.Number)
		counts, bases = counts+x.Count.Number, bases+x.Base.Number
	}
	n.Mean = math.Min(1, counts/bases)
	return n, bases > 0
}
