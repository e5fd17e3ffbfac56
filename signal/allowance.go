package signal

import (
	"cmp"
	"math"
	"slices"
)

// urgent is how far above its threshold an alarm is too strong to wait.
const urgent = 2

// Allow holds the new alarms of any twelve months to twelve times the monthly rate, at least one. A rate is kept on
// average; this keeps a single region from bearing more by bad luck, and so lets the threshold use up the whole rate.
// What exceeds it waits: its score comes back just below the threshold, week by week, until an older alarm is a year past
// or it falls silent by itself. The strongest of a week comes first, what is urgent (2 above its threshold) never waits,
// and what belongs to an alarm already raised is no new one. waiting counts the units that wait in the last period.
// Rows are copied where they change. Cost O(alarms x alarms of a year). TestAYearHoldsItsAllowance, with a control
// without it; chosen on training regions, see docs/figures/early-warning.md.
func Allow(units []Unit, scores [][]Score, at Threshold, step Step, o Options) (allowed [][]Score, waiting int) {
	year := int(math.Round(12 * step.PerMonth()))
	most := max(1, int(math.Floor(12*o.FalsePerMonth+1e-9)))
	t := track{units: units, home: homes(units), quiet: o.Quiet, open: map[Subject][]int{}}
	allowed = slices.Clone(scores)
	for now, row := range scores {
		loud := loudOf(units, row, at)
		slices.SortStableFunc(loud, func(a, b loudScore) int { return cmp.Compare(b.z, a.z) })
		waiting = 0
		for _, s := range loud {
			if t.belongs(now, s.unit) < 0 && s.z < urgent {
				recent := 0
				for i := len(t.out) - 1; i >= 0 && now-t.out[i].First < year; i-- {
					recent++
				}
				if recent >= most {
					if waiting == 0 {
						allowed[now] = slices.Clone(row)
					}
					waiting++
					allowed[now][s.unit].Z = math.Nextafter(at.Of(&units[s.unit]), math.Inf(-1))
					continue
				}
			}
			t.hear(now, s.unit)
		}
	}
	return allowed, waiting
}
