// Package signal sees early that something is getting worse somewhere: it watches many series of counts at once (searches
// without result, observations, contacts with unmet need, handovers without answer, indicators), keeps a stated rate of
// false alarms for the whole region, and reckons the losses that can be foreseen (practices whose doctors retire, funding
// that ends, offers that nobody confirms, timetables that shrink).
//
// # How a series is judged
//
// A [Unit] is what may raise an alarm: one series, several sources that speak of the same place, group and problem, or
// the sum over the districts of a municipality. The series of all places with the same source, group and problem are a
// pool. In week T the count of the last w weeks, as known in week T, is compared with what the rest of the pool did in
// the very same weeks, as known in week T:
//
//	M(t)  = Σ_{j≠i} y_j(t) / Σ_{j≠i} L_j          the rest of the pool, 1 in an ordinary week
//	E(w)  = L_i · Σ_{t in window} M(t)            expected, with L_j the mean of j in the training weeks
//	V(w)  = φ_w · E + E² · φ / Y_i                variance: dispersion of sums over w weeks, uncertainty of L_i
//	z(w)  = Φ⁻¹(1 − p),  p = P(Y ≥ y) mid-p under the negative binomial with mean E and variance V
//
// What all places share cancels out: seasons, holidays, a strike, and above all the delay with which counts come in, as
// the rest is as incomplete as the series itself. Training weeks end Guard weeks before T, so that a rise does not become
// its own yardstick. Dispersion is measured on sums of w training weeks, so that weeks which resemble their neighbours
// do not look surer than they are; it is shared within the pool and shifted towards the series' own.
//
// What rises everywhere at once is invisible to that comparison. Totals of a pool are therefore watched by the improved
// Farrington algorithm ([surveil.Farrington]), weeks that are not yet [Settled] left out.
//
// # The rate of false alarms
//
// z(w) is large in quiet weeks too, in a region with many units every week. [Calibrate] takes the scores that the same
// units got in each of the past weeks, each as it was known then, and finds the lowest threshold at which the region
// would have had at most so many new alarms a month. Real rises in that past use up part of the rate. Where the past is
// too short, the threshold is that of a Bonferroni bound over units, windows and weeks (surveil.Budget), which is
// stricter. The measured rate stands in docs/figures/early-warning.md; why it is done so in docs/adr/0017.
//
// # What leaves
//
// Figures pass the gate of package disclosure, and are sums of counts in steps of five that all reports share
// ([Panel.Stepped]): no number of reports, a week apart or a year, tells one count more closely than that.
package signal
