package surveil

// LogLinear is a fitted log-linear model of counts.
type LogLinear struct {
	Beta       []float64 // one a column of the design; 0 where the column depends on those before it
	Kept       []int     // columns that do not
	Cov        []float64 // (X'WX)⁻¹ over the kept columns, row by row; times Dispersion it is their covariance
	Mu         []float64 // expected counts
	Dispersion float64   // Pearson's; NaN without residual degrees of freedom
	Converged  bool
}

// FitLogLinear fits counts ≥ 0 on the columns of a design (each as long as counts) with an offset of log exposure, by
// quasi-Poisson likelihood, with the steps of R's glm.fit. TestAgainstR holds it against R.
func FitLogLinear(counts []float64, design [][]float64, offset []float64) LogLinear {
	m := fitQuasiPoisson(counts, design, offset, nil)
	return LogLinear{Beta: m.beta, Kept: m.kept, Cov: m.cov, Mu: m.mu, Dispersion: m.dispersion, Converged: m.converged}
}
