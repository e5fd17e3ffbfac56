package disclosure

import (
	"fmt"
	"math"
	"slices"
)

// Status is what a reader is told about a figure.
type Status uint8

// The states of a figure that leaves the gate.
const (
	Missing    Status = iota // nothing was gathered
	Zero                     // 0, and published as such
	Published                // Value may be read
	Suppressed               // confidential: neither zero nor missing; whether by itself or for others is not told
)

var statusNames = [...]string{"missing", "zero", "published", "suppressed"}

// String gives the word of files and interfaces.
func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return "suppressed"
}

// Figure is one figure of a protected table. Value is 0 unless Status is Published.
type Figure struct {
	At     []string
	Value  float64
	Status Status
}

// Derived is a rate or change computed from published figures alone.
type Derived struct {
	Name   string
	At     []string // codes of the numerator, or of the cell at the later date
	Value  float64
	Status Status
}

// Protected is a table that may leave. Only Gate makes one; it holds no value of a suppressed figure, so that whoever
// has one cannot give away more than was decided.
type Protected struct {
	dimensions []string
	figures    []Figure
	rates      []Derived
	changes    []Derived
	decimals   map[string]int
}

// Dimensions gives the names of the keys.
func (p *Protected) Dimensions() []string { return slices.Clone(p.dimensions) }

// Figures gives the figures in the order of the table.
func (p *Protected) Figures() []Figure { return slices.Clone(p.figures) }

// Rates gives every rate of the table, in the order of its numerators.
func (p *Protected) Rates() []Derived { return slices.Clone(p.rates) }

// Changes gives every change of the table.
func (p *Protected) Changes() []Derived { return slices.Clone(p.changes) }

// Figure finds a figure by its codes; ok is false where the table has none.
func (p *Protected) Figure(at ...string) (f Figure, ok bool) {
	i := slices.IndexFunc(p.figures, func(f Figure) bool { return slices.Equal(f.At, at) })
	if i < 0 {
		return Figure{}, false
	}
	return p.figures[i], true
}

// Fate is what became of a figure, for its owner.
type Fate uint8

// The fates. Secondary figures are hidden to protect others.
const (
	FateMissing Fate = iota
	FateZero
	FatePublished
	FatePrimary
	FateSecondary
)

var fateNames = [...]string{"missing", "zero", "published", "suppressed primary", "suppressed secondary"}

// String gives the word of reports.
func (f Fate) String() string {
	if int(f) < len(fateNames) {
		return fateNames[f]
	}
	return "suppressed primary"
}

// Reason is one line of a report: the fate of the figure at the same place of the table.
type Reason struct {
	At    []string
	Fate  Fate
	Rule  Rule    // of FatePrimary
	Width float64 // protection width in the unit of the figure, of the suppressed
}

// Report tells the owner what a gate did and what it cost. It is not for readers of the publication: which figures are
// sensitive by themselves is itself an information about them.
type Report struct {
	Reasons   []Reason
	Cells     int // figures with a value: without the missing ones
	Zeros     int
	Published int // of them above zero
	Primary   int
	Secondary int
	Value     float64 // sum over all figures with a value …
	Hidden    float64 // … and over the suppressed ones, totals counted like parts
	Follows   int     // figures that no row shows but that follow from others and were sensitive
	Revised   int     // earlier figures whose value is another now, and which therefore bind nothing
	Unlinked  int     // relations with earlier figures that do not add up, and bind nothing
	Conceded  int
	Whole     int // suppressed figures whose protection is shown by tables in whole numbers
	Programs  int // linear programs solved
}

// Lost gives the share of figures with a value that are not published, 0..1.
func (r *Report) Lost() float64 {
	if r.Cells == 0 {
		return 0
	}
	return float64(r.Primary+r.Secondary) / float64(r.Cells)
}

// Options are what belongs to one publication.
type Options struct {
	Audience Audience
	Earlier  []Release // what was published before, withdrawn or by others too; with Named also what the public has
	// Conceded are sensitive figures, by their codes, that the owner gives up as known: they stay hidden in the table, but
	// others are protected as if everybody knew them.
	Conceded [][]string
}

// Gate protects a table by the rules of its source. Faults: Invalid where table or rules cannot be understood (totals
// that do not add up, negative counts, doubled keys), Conflict where earlier publications make protection impossible;
// then nothing may be published, and the fault names the figure and what would help. The same input gives the same
// output. Cost: about one linear program per sensitive figure and per figure hidden for it, see docs/figures/disclosure.md.
func Gate(t *Table, r Rules, o Options) (*Protected, *Report, error) {
	s, err := prepare(t, r, o)
	if err != nil {
		return nil, nil, err
	}
	g, err := protected(s)
	if err != nil {
		return nil, nil, err
	}
	whole, err := g.verify()
	if err != nil {
		return nil, nil, err
	}
	report := g.report()
	report.Whole = whole
	return g.project(), report, nil
}

func prepare(t *Table, r Rules, o Options) (*space, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	if o.Audience > Named {
		return nil, invalid(r.Name, "an unknown audience", "use Public or Named")
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	conceded := map[string]bool{}
	for _, at := range o.Conceded {
		if len(at) != len(t.Dimensions) {
			return nil, invalid("", fmt.Sprintf("a conceded figure has %d codes where the table has %d dimensions", len(at), len(t.Dimensions)), "give one code per dimension")
		}
		conceded[key(at)] = true
	}
	s, err := newSpace(t, r, o.Audience, o.Earlier, conceded)
	if err != nil {
		return nil, err
	}
	if err := s.round(); err != nil {
		return nil, err
	}
	return s, nil
}

func (g *guard) report() *Report {
	r := &Report{Reasons: make([]Reason, len(g.table.Cells)), Unlinked: g.unlinked, Revised: g.revised, Programs: g.solved}
	for i := range g.figures {
		f := &g.figures[i]
		if f.cell == nil || f.missing {
			if f.rule != "" {
				r.Follows++
			}
			if f.cell != nil {
				r.Reasons[i] = Reason{At: f.at, Fate: FateMissing}
			}
			continue
		}
		reason := Reason{At: f.at, Fate: FatePublished}
		r.Cells++
		r.Value += f.value
		switch {
		case f.hidden && f.rule != "":
			need := g.needs(i)
			reason.Fate, reason.Rule, reason.Width = FatePrimary, f.rule, max(need.width, need.up+need.down)
			r.Primary++
		case f.hidden:
			reason.Fate, reason.Width = FateSecondary, g.needs(i).width
			r.Secondary++
		case f.value == 0 && g.rules.Rounding == Exact:
			reason.Fate = FateZero
			r.Zeros++
		default:
			r.Published++
		}
		if f.hidden {
			r.Hidden += f.value
		}
		if f.conceded {
			r.Conceded++
		}
		r.Reasons[i] = reason
	}
	return r
}

// project makes what may leave. From here on nothing knows a true value.
func (g *guard) project() *Protected {
	p := &Protected{decimals: map[string]int{}}
	for _, d := range g.table.Dimensions {
		p.dimensions = append(p.dimensions, d.Name)
	}
	for i := range g.table.Cells {
		f := &g.figures[i]
		out := Figure{At: slices.Clone(f.at)}
		switch {
		case f.missing:
		case f.hidden:
			out.Status = Suppressed
		case f.value == 0 && g.rules.Rounding == Exact:
			out.Status = Zero
		default:
			out.Status, out.Value = Published, f.printed
		}
		p.figures = append(p.figures, out)
	}
	p.derive(g.table, g.rules)
	return p
}

// derive computes rates and changes from what is published, so that they tell nothing new.
func (p *Protected) derive(t *Table, r Rules) {
	index := map[string]int{}
	for i, f := range p.figures {
		index[key(f.At)] = i
	}
	pair := func(f Figure, k int, code string) (Figure, bool) {
		at := slices.Clone(f.At)
		at[k] = code
		i, ok := index[key(at)]
		if !ok {
			return Figure{}, false
		}
		return p.figures[i], true
	}
	for _, rate := range t.Rates {
		p.decimals[rate.Name] = rate.Decimals
		k := t.dimension(rate.Dimension)
		for _, n := range p.figures {
			if n.At[k] != rate.Numerator {
				continue
			}
			d, ok := pair(n, k, rate.Denominator)
			if !ok {
				continue
			}
			out := Derived{Name: rate.Name, At: n.At, Status: both(n.Status, d.Status)}
			switch {
			case d.Status == Zero || d.Status == Published && d.Value == 0:
				out.Status = Missing // nobody is at risk: there is no rate
			case out.Status != Published:
			case r.MinimumDenominator > 0 && d.Value < float64(r.MinimumDenominator):
				out.Status = Suppressed
			case n.Status == Zero:
				out.Status = Zero
			default:
				scale := math.Pow(10, float64(rate.Decimals))
				out.Value = math.Round(n.Value/d.Value*rate.Per*scale) / scale
			}
			p.rates = append(p.rates, out)
		}
	}
	for _, change := range t.Changes {
		k := t.dimension(change.Dimension)
		for _, to := range p.figures {
			if to.At[k] != change.To {
				continue
			}
			from, ok := pair(to, k, change.From)
			if !ok {
				continue
			}
			out := Derived{Name: change.Name, At: to.At, Status: both(from.Status, to.Status)}
			if out.Status == Published {
				if out.Value = to.Value - from.Value; out.Value == 0 {
					out.Status = Zero
				}
			}
			p.changes = append(p.changes, out)
		}
	}
}

// both gives the state of a figure made of two.
func both(a, b Status) Status {
	switch {
	case a == Suppressed || b == Suppressed:
		return Suppressed
	case a == Missing || b == Missing:
		return Missing
	}
	return Published
}
