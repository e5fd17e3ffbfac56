package disclosure

import (
	"fmt"
	"math"
)

// Zeros says what becomes of a figure that is 0.
type Zeros uint8

// The ways.
const (
	ZerosShown  Zeros = iota // a zero is published as such
	ZerosHidden              // a zero is as sensitive as 1
)

// Audience is who will read a publication.
type Audience uint8

// The audiences.
const (
	Public Audience = iota
	// Named are readers whom an organisation has chosen: they may see its own aggregates (one feeding organisation) from
	// the minimum cell on, and what the public may see.
	Named
)

// Rounding blurs every published figure.
type Rounding uint8

// The ways.
const (
	Exact Rounding = iota
	// Deterministic takes the nearest multiple of the base, halves upwards; totals no longer add up.
	Deterministic
	// Controlled takes one of the two multiples around a figure such that all totals still add up.
	Controlled
)

// Weight says what the loss of a figure costs when the gate chooses what to hide.
type Weight uint8

// The ways.
const (
	ByCells Weight = iota // every figure 1
	ByValue               // every figure its value
)

// Rules are what the source of a table demands. A number of 0 switches a rule off.
type Rules struct {
	Name                 string
	MinimumCell          int // figures from 1 to below it are hidden, with ZerosHidden from 0
	Zeros                Zeros
	MinimumDenominator   int // rates on less are hidden, and so are their numerators, from which they would follow
	MinimumUnits         int // figures behind which fewer units stand are hidden; 3 practices
	MinimumOrganisations int // the same for the organisations that fed a figure
	DominanceN           int // figures of which the DominanceN largest contributions …
	DominanceK           float64
	// PPercent hides figures from which the second largest contributor could estimate the largest within so many percent.
	PPercent       float64
	RoundingBase   int
	Rounding       Rounding
	ProtectPercent float64 // width of figures hidden for units or organisations, percent of the value; 0 takes 10
	Insiders       bool    // nobody who stands alone behind a figure finds another by it; totals apart
	Complements    bool    // with rates of a part: what is left of the denominator is a figure too
	Tolerance      float64 // totals may differ from the sum of their parts by so much, as after perturbation
	Weight         Weight
}

// Validate refuses rules that make no sense.
func (r Rules) Validate() error {
	wrong := func(what, advice string) error { return invalid(r.Name, what, advice) }
	for _, n := range []struct {
		name  string
		value int
	}{
		{"minimum_cell", r.MinimumCell},
		{"minimum_denominator", r.MinimumDenominator},
		{"minimum_units", r.MinimumUnits},
		{"minimum_organisations", r.MinimumOrganisations},
		{"rounding.base", r.RoundingBase},
		{"dominance.n", r.DominanceN},
	} {
		if n.value < 0 || n.value > 1_000_000 {
			return wrong(fmt.Sprintf("%s %d is not between 0 and 1,000,000", n.name, n.value), "write 0 to switch the rule off")
		}
	}
	switch {
	case r.MinimumCell == 1:
		return wrong("minimum_cell 1 hides nothing", "write the smallest count that may be shown, or 0 to switch the rule off")
	case r.Zeros > ZerosHidden || r.Rounding > Controlled || r.Weight > ByValue:
		return wrong("an unknown kind of zeros, rounding or weight", "use the named values")
	case r.Zeros == ZerosHidden && r.MinimumCell == 0:
		return wrong("zeros are hidden, but there is no minimum_cell", "name the smallest count that may be shown")
	case (r.DominanceN > 0) != (r.DominanceK != 0):
		return wrong("dominance names only one of n and k", "write both, as n = 2 and k = 85")
	case r.DominanceN > 0 && !(r.DominanceK > 0 && r.DominanceK < 100):
		return wrong(fmt.Sprintf("dominance.k %g is not a percentage above 0 and below 100", r.DominanceK), "write 85 for 85 %")
	case r.PPercent != 0 && !(r.PPercent > 0 && r.PPercent <= 1000):
		return wrong(fmt.Sprintf("p_percent %g is not between 0 and 1000", r.PPercent), "write 10 for 10 %")
	case r.ProtectPercent != 0 && !(r.ProtectPercent > 0 && r.ProtectPercent <= 100):
		return wrong(fmt.Sprintf("protect_percent %g is not between 0 and 100", r.ProtectPercent), "write 10 for 10 %")
	case (r.RoundingBase > 0) != (r.Rounding != Exact) || r.RoundingBase == 1:
		return wrong("rounding names no base above 1, or no method", "write base = 5 and method = \"deterministic\" or \"controlled\"")
	case math.IsNaN(r.Tolerance) || r.Tolerance < 0 || r.Tolerance > 1e6:
		return wrong(fmt.Sprintf("tolerance %g is not between 0 and 1,000,000", r.Tolerance), "write how far totals may differ from their parts")
	}
	if r.MinimumCell == 0 && r.MinimumDenominator == 0 && r.MinimumUnits == 0 && r.MinimumOrganisations == 0 && r.DominanceN == 0 && r.PPercent == 0 && r.RoundingBase == 0 {
		return wrong("no rule is set", "name at least one; for a source without confidentiality publish it without a gate")
	}
	return nil
}

// Rule is why a figure is sensitive.
type Rule string

// The rules. A figure that meets several is reported under the first.
const (
	RuleCell          Rule = "minimum cell"
	RuleDenominator   Rule = "minimum denominator"
	RuleUnits         Rule = "minimum units"
	RuleOrganisations Rule = "minimum organisations"
	RuleDominance     Rule = "dominance"
	RulePPercent      Rule = "p percent"
	RuleComplement    Rule = "complement below minimum cell"
	RuleResidual      Rule = "what is left of a total"
)

// demand is the protection width of one figure: how far the attacker's bounds must stay apart, and from the value.
type demand struct {
	up, down, width float64
}

func (d demand) union(o demand) demand {
	return demand{max(d.up, o.up), max(d.down, o.down), max(d.width, o.width)}
}

// sensitive says by which rule a figure is hidden, empty if by none, and how wide it must stay.
func (r Rules) sensitive(c *Cell, audience Audience, counts bool) (Rule, demand, error) {
	var rule Rule
	var d demand
	hide := func(by Rule, need demand) {
		if rule == "" {
			rule = by
		}
		d = d.union(need)
	}
	x := c.Value
	small := float64(max(r.MinimumCell-1, 0))
	if r.MinimumCell > 0 && x < float64(r.MinimumCell) && (x > 0 || r.Zeros == ZerosHidden) {
		hide(RuleCell, demand{width: small})
	}
	if x == 0 {
		return rule, d, nil
	}
	percent := r.ProtectPercent
	if percent == 0 {
		percent = 10
	}
	few := demand{width: max(small, percent*x/100)}
	if counts {
		few.width = max(1, math.Ceil(few.width-1e-9))
	}
	if r.MinimumUnits > 0 {
		if c.Units == 0 {
			return "", d, invalid(c.Place, "the units behind a figure are not known, but the rules ask for them", "give the column of units, or switch minimum_units off")
		}
		if c.Units < r.MinimumUnits {
			hide(RuleUnits, few)
		}
	}
	if r.MinimumOrganisations > 0 {
		if c.Organisations == 0 {
			return "", d, invalid(c.Place, "the organisations behind a figure are not known, but the rules ask for them", "give the column of organisations, or switch minimum_organisations off")
		}
		own := audience == Named && c.Organisations == 1
		if c.Organisations < r.MinimumOrganisations && !own {
			hide(RuleOrganisations, few)
		}
	}
	if r.DominanceN > 0 {
		top, err := largest(c, r.DominanceN)
		if err != nil {
			return "", d, err
		}
		if room := top*100/r.DominanceK - x; room > 1e-9*x {
			hide(RuleDominance, around(room, x, counts))
		}
	}
	if r.PPercent > 0 {
		two, err := largest(c, 2)
		if err != nil {
			return "", d, err
		}
		if room := r.PPercent/100*c.Largest[0] - (x - two); room > 1e-9*x {
			hide(RulePPercent, around(room, x, counts))
		}
	}
	return rule, d, nil
}

// around is the demand of a rule about contributions: the value must stay possible by room on either side.
func around(room, x float64, counts bool) demand {
	if counts {
		room = math.Ceil(room - 1e-9)
		x = max(x-1, 0) // a hidden count may be known to be no zero
	}
	down := min(room, x)
	return demand{up: room, down: down, width: room + down}
}

func largest(c *Cell, n int) (float64, error) {
	if len(c.Largest) < n && c.Units != len(c.Largest) || len(c.Largest) == 0 {
		return 0, invalid(c.Place, fmt.Sprintf("%d of the largest contributions are known where the rules need %d", len(c.Largest), n),
			"give the columns of the largest contributions, and of units where there are fewer, or switch the rule off")
	}
	sum := 0.0
	for _, v := range c.Largest[:min(n, len(c.Largest))] {
		sum += v
	}
	return sum, nil
}
