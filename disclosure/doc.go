// Package disclosure is the last gate before figures leave: from a table with its true values, the rules of its source
// and everything published before, it makes a table that may be shown.
//
// A [Table] is a set of cells under any number of dimensions, with sums inside a dimension (hierarchies, geographies
// that overlap), rates and changes over them. [Rules] say what is sensitive. [Gate] hides sensitive figures (primary
// suppression), then as little else as it finds necessary (secondary suppression), so that nobody who knows the rules,
// all published figures, all relations between them and all earlier publications can bound a hidden figure to an
// interval narrower than its protection width. What comes out is a [Protected] table, which holds no value of a hidden
// cell, and a [Report] for the owner's eyes.
//
// # What the attacker is assumed to know
//
// Every published figure, now and before; every sum of the dimensions; that figures are not negative, and for counts
// that they are whole numbers; where zeros are shown, that a hidden figure is no zero; the rules, and how rounding works.
// He is not told which hidden figures are sensitive and which were hidden to protect others: Protected knows only
// "suppressed". With [Rules.Insiders] he may also be all together who stand alone behind
// hidden figures that are no totals, looking for others of that kind.
//
// # Protection widths
//
// For a hidden figure with the true value x the attacker's bounds low ≤ x ≤ high keep, by the rule that hides it:
//
//	minimum cell n            high − low ≥ n − 1: at least n whole numbers stay possible
//	minimum denominator       of the numerator: high − low ≥ max(n − 1, 2)
//	units, organisations      high − low ≥ max(n − 1, protect_percent · x / 100, 1)
//	dominance (n, k)          high − x and x − low ≥ (100/k) · (largest n) − x, x − low at most x
//	p percent                 high − x and x − low ≥ p/100 · largest − (x − two largest), x − low at most x
//	hidden to protect others  counts: high − low ≥ 1, so never exact; others: high − low ≥ 0.1 % of x
//
// For counts low and high are rounded inwards to whole numbers before they are compared. Where several rules hide a
// figure, each bound must hold.
//
// # How it is done
//
// All is computed in deviations d from the true values, where the true table is the point 0 and the attacker's knowledge
// is a polytope around it: sums keep their relations, published figures do not move (or within their rounding), hidden
// ones move down to the least value and up without bound. A hidden figure is protected if it can move far enough; the
// two moves that show it, checked one by one at the end, are tables that agree with everything published. Where a figure
// cannot move, the linear program of Robertson (1993) and Fischetti & Salazar (2000) finds the cheapest move that needs
// further figures hidden, its cost being what is lost. Afterwards every figure that was hidden to protect others is
// published again where all others stay protected without it. The programs are solved by a simplex method for bounded
// variables on sparse columns that starts at the true table (simplex.go). docs/adr/0011-disclosure.md says why.
//
// The attacker in attacker_test.go shares no code with this package: he reads CSV and computes with exact fractions.
package disclosure
