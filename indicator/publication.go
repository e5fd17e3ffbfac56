package indicator

import (
	"math"
	"slices"
	"time"
)

// place gives the index of a figure; ok is false where the publication has none.
func (p *Publication) place(area string, at Period) (int, bool) {
	i := slices.IndexFunc(p.Areas, func(a Area) bool { return a.Key == area })
	k, ok := slices.BinarySearchFunc(p.Periods, at, Period.Compare)
	if i < 0 || !ok {
		return 0, false
	}
	return i*len(p.Periods) + k, true
}

func (p *Publication) from(all []Value, area string, at Period) Value {
	if i, ok := p.place(area, at); ok && all != nil {
		return all[i]
	}
	return Value{}
}

func (p *Publication) count(area string, at Period) Value { return p.from(p.Count, area, at) }
func (p *Publication) base(area string, at Period) Value  { return p.from(p.Base, area, at) }
func (p *Publication) shown(area string, at Period) Value { return p.from(p.Shown, area, at) }

// Point gives the figure of an area and period; its kind is Missing where the publication has none.
func (p *Publication) Point(area string, at Period) Point {
	return Point{Period: at, Value: p.shown(area, at), Count: p.count(area, at), Base: p.base(area, at)}
}

// Series gives the series of an area.
func (p *Publication) Series(area string) Series {
	s := Series{Dataset: p.Dataset.ID, Area: area}
	for _, at := range p.Periods {
		s.Points = append(s.Points, p.Point(area, at))
	}
	for _, b := range p.Dataset.Breaks {
		if b.Concerns(area) {
			s.Breaks = append(s.Breaks, b)
		}
	}
	return s
}

// Of lists the areas of a level.
func (p *Publication) Of(l Level) []Area {
	var out []Area
	for _, a := range p.Areas {
		if a.Level == l {
			out = append(out, a)
		}
	}
	return out
}

// Units lists the areas of the dataset's own level.
func (p *Publication) Units() []Area { return p.Of(p.Dataset.Level) }

// Latest gives the newest period in which any area has a number; ok is false where none has.
func (p *Publication) Latest() (at Period, ok bool) {
	for k := len(p.Periods) - 1; k >= 0; k-- {
		for i := range p.Areas {
			if p.Shown[i*len(p.Periods)+k].Known() {
				return p.Periods[k], true
			}
		}
	}
	return Period{}, false
}

// Area finds an area of the publication.
func (p *Publication) Area(key string) (Area, bool) {
	i := slices.IndexFunc(p.Areas, func(a Area) bool { return a.Key == key })
	if i < 0 {
		return Area{}, false
	}
	return p.Areas[i], true
}

// Tally counts the kinds of what is shown of the dataset's own level in a period.
func (p *Publication) Tally(at Period) (out [4]int) {
	for _, a := range p.Units() {
		out[p.shown(a.Key, at).Kind]++
	}
	return out
}

// Mean gives what is shown for all areas of the dataset's level together, from published figures alone: counts over bases
// where there are both, else the plain mean; suppressed areas are left out, and share says how much of the base (or how
// many of the areas) is in it.
func (p *Publication) Mean(at Period) (mean, share float64) {
	var count, base, all, n, sum float64
	units := p.Units()
	for _, a := range units {
		x := p.Point(a.Key, at)
		if x.Base.Known() {
			all += x.Base.Number
		}
		if !x.Value.Known() {
			continue
		}
		n++
		sum += x.Value.Number
		if p.Dataset.Ratio() {
			count += x.Count.Number
			base += x.Base.Number
		}
	}
	switch {
	case n == 0:
		return math.NaN(), 0
	case p.Dataset.Ratio() && base > 0 && all > 0:
		return count / base * p.Dataset.Per, base / all
	}
	return sum / n, n / float64(len(units))
}

// classes is how many classes of colour a map has.
const classes = 5

// Bounds gives the inner bounds of the classes of maps: the same for each period and each release, so that a colour means
// the same on every map of the dataset.
func (p *Publication) Bounds() []float64 {
	if p.Classes != nil {
		return p.Classes
	}
	return p.quintiles()
}

// classesAfter gives the bounds of a release: those of the earliest release that was defined alike, else its own.
func (p *Publication) classesAfter(earlier []*Publication) []float64 {
	for _, e := range earlier {
		if p.Dataset.alike(&e.Dataset) && len(e.Bounds()) > 0 {
			return slices.Clone(e.Bounds())
		}
	}
	return p.quintiles()
}

// alike says whether figures of two datasets can be held against the same bounds.
func (d *Dataset) alike(o *Dataset) bool {
	return d.ID == o.ID && d.Unit == o.Unit && d.Level == o.Level && d.Per == o.Per && d.Values == o.Values && d.Decimals == o.Decimals
}

// quintiles are over every published figure of the dataset's own level and of all periods, rounded to its decimals.
func (p *Publication) quintiles() []float64 {
	var all []float64
	for _, a := range p.Units() {
		for _, at := range p.Periods {
			if v := p.shown(a.Key, at); v.Known() {
				all = append(all, v.Number)
			}
		}
	}
	slices.Sort(all)
	if len(all) == 0 {
		return nil
	}
	scale := math.Pow(10, float64(p.Dataset.Decimals))
	var out []float64
	for k := 1; k < classes; k++ {
		b := math.Round(all[k*len(all)/classes]*scale) / scale
		if len(out) == 0 || b > out[len(out)-1] {
			out = append(out, b)
		}
	}
	return out
}

// Class gives the class of a number among bounds: how many of them it reaches.
func Class(bounds []float64, x float64) int {
	k := 0
	for k < len(bounds) && x >= bounds[k] {
		k++
	}
	return k
}

// Listed is a dataset as a catalogue of published datasets shows it.
type Listed struct {
	Dataset  Dataset
	Owner    string // id of the organisation
	House    string // its name; empty for readers who do not belong to it: what it says of itself is its profile
	Number   int    // of the newest release
	At       time.Time
	Shown    time.Time // since when it is public; zero where it never was
	Checksum string    // of the published table, hex SHA-256
	Level    string    // who sees it: private, named, alliance or public
	Public   bool
	Member   bool // the reader belongs to the organisation
	Mine     bool // the reader may change it
}
