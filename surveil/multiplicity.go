package surveil

import (
	"fmt"
	"math"
	"slices"

	"gevor/fault"
)

// Budget turns a false alarm rate that a region can bear into the alpha of one test. If series areas × indicators are
// each tested perMonth times a month (52/12 for weeks), then
//
//	alpha = falsePerMonth / (series · perMonth), at most ½
//
// and the expected number of false alarms a month is falsePerMonth, however the series depend on each other, as long
// as a quiet series exceeds its bound with probability alpha (expectations add up; this is Bonferroni's argument for
// a rate). The improved Farrington does so closely enough; the classic one and EARS do not and need Calibrate.
// TestBudgetKeepsItsRate, with a control that ignores the number of series; TestCalibrationMendsEARS.
func Budget(series int, perMonth, falsePerMonth float64) (alpha float64, err error) {
	if series < 1 || !(perMonth > 0) || !(falsePerMonth > 0) || math.IsInf(perMonth, 1) {
		return 0, fault.New(fault.Invalid, "false alarms", fmt.Sprintf("%g false alarms a month in %d series tested %g times", falsePerMonth, series, perMonth), "take numbers above 0")
	}
	return math.Min(0.5, falsePerMonth/(float64(series)*perMonth)), nil
}

// Calibrate gives the largest p-value at or below which an alarm may be raised so that the past months would have
// seen at most falsePerMonth alarms a month over all series together. past holds the p-values of all series and
// periods of those months in any order; NaN is no answer. Where past holds real outbreaks, they use up part of the
// budget and the threshold is the stricter for it. Values that are equal stand or fall together. 0 where not even
// the smallest p-value fits. TestCalibrateKeepsThePast.
func Calibrate(past []float64, months, falsePerMonth float64) (float64, error) {
	if !(months > 0) || !(falsePerMonth > 0) {
		return 0, fault.New(fault.Invalid, "false alarms", fmt.Sprintf("%g false alarms a month over %g months", falsePerMonth, months), "take numbers above 0")
	}
	p := slices.DeleteFunc(slices.Clone(past), math.IsNaN)
	slices.Sort(p)
	allowed := int(math.Floor(falsePerMonth*months + 1e-9))
	if allowed >= len(p) {
		return 1, nil
	}
	// The first value that does not fit bounds the threshold from above, together with all that equal it.
	k := allowed
	for k > 0 && p[k-1] == p[allowed] {
		k--
	}
	if k == 0 {
		return 0, nil
	}
	return p[k-1], nil
}
