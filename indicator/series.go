package indicator

import (
	"math"
	"slices"
)

// Kind says what stands where a figure is asked for. The four are never mixed: a zero is a measured 0.
type Kind uint8

// The kinds. The zero value is Missing, so that what nobody set is never a number.
const (
	Missing    Kind = iota // nothing was gathered
	Measured               // a number, 0 included
	Suppressed             // there is a number, which its source or the gate keeps back
	Estimated              // computed from figures of other areas or days, with its standard error
)

var kindNames = [...]string{"missing", "measured", "suppressed", "estimated"}

// String gives the word of files and interfaces.
func (k Kind) String() string { return kindNames[min(int(k), len(kindNames)-1)] }

// Value is a figure with its kind. Number and Error are 0 where there is no number.
type Value struct {
	Kind   Kind    `json:"kind"`
	Number float64 `json:"number,omitempty"`
	Error  float64 `json:"error,omitempty"` // standard error: of an Estimated value, or as its source states it
}

// Of makes a measured value.
func Of(x float64) Value { return Value{Kind: Measured, Number: x} }

// Known says whether there is a number to compute with.
func (v Value) Known() bool { return v.Kind == Measured || v.Kind == Estimated }

// Or gives the number, or NaN where there is none.
func (v Value) Or() float64 {
	if v.Known() {
		return v.Number
	}
	return math.NaN()
}

// BreakReason is why figures before and after a break are not of one kind.
type BreakReason string

// The reasons.
const (
	Redefinition   BreakReason = "redefinition"
	BoundaryChange BreakReason = "boundary-change"
	MethodChange   BreakReason = "method"
)

// BreakReasons lists them.
func BreakReasons() []BreakReason { return []BreakReason{Redefinition, BoundaryChange, MethodChange} }

// Break interrupts a series: figures from its first period on are not comparable with those before.
type Break struct {
	At     Period      `json:"at"`
	Reason BreakReason `json:"reason"`
	Note   Label       `json:"note"`
	Areas  []string    `json:"areas,omitempty"` // none: the series of every area
}

// Concerns says whether the break interrupts the series of an area.
func (b Break) Concerns(area string) bool { return len(b.Areas) == 0 || slices.Contains(b.Areas, area) }

// Point is one figure of a series. Value is what is shown: Count, or Count / Base · the dataset's Per, or a value that
// was gathered as such. Count and Base are Missing where the dataset has none.
type Point struct {
	Period Period
	Value  Value
	Count  Value
	Base   Value
}

// Series is what a dataset says about one area, by rising period. A period that nobody gathered may be absent.
type Series struct {
	Dataset string
	Area    string
	Points  []Point
	Breaks  []Break // those that concern the area, by rising period
}

// Segments cuts the points at the breaks; inside a segment all are comparable. Segments without points are left out.
func (s Series) Segments() [][]Point {
	var out [][]Point
	rest := s.Points
	for _, b := range s.Breaks {
		n := 0
		for n < len(rest) && rest[n].Period.Start.Before(b.At.Start) {
			n++
		}
		if n > 0 {
			out = append(out, rest[:n])
		}
		rest = rest[n:]
	}
	if len(rest) > 0 {
		out = append(out, rest)
	}
	return out
}

// Between gives the break that makes figures of two periods incomparable; ok is false where they may be compared.
func (s Series) Between(p, q Period) (b Break, ok bool) {
	return between(s.Breaks, p, q)
}

// between finds the first break after the earlier of two periods and not after the later.
func between(breaks []Break, p, q Period) (Break, bool) {
	if q.Compare(p) < 0 {
		p, q = q, p
	}
	for _, b := range breaks {
		if p.Start.Before(b.At.Start) && !q.Start.Before(b.At.Start) {
			return b, true
		}
	}
	return Break{}, false
}

// At gives the point of a period; ok is false where the series has none.
func (s Series) At(p Period) (Point, bool) {
	i, ok := slices.BinarySearchFunc(s.Points, p, func(x Point, p Period) int { return x.Period.Compare(p) })
	if !ok {
		return Point{}, false
	}
	return s.Points[i], true
}

// Recent gives the points of the last segment: the longest stretch up to the latest figure without a break.
func (s Series) Recent() []Point {
	all := s.Segments()
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}
