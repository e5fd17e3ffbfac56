package spatial

import "math"

// dense is the Cholesky factor of a small symmetric positive definite matrix. Unlike library versions it does not
// refuse ill conditioned matrices: the one of the intercept beside a field of the same level is so by construction.
type dense struct {
	n int
	l []float64
}

// factorDense takes the lower triangle of an n × n matrix, row by row; not ok where it is not positive definite.
func factorDense(n int, a []float64) (*dense, bool) {
	d := &dense{n, append([]float64(nil), a...)}
	for i := range n {
		for j := 0; j <= i; j++ {
			sum := d.l[i*n+j]
			for k := range j {
				sum -= d.l[i*n+k] * d.l[j*n+k]
			}
			if j < i {
				d.l[i*n+j] = sum / d.l[j*n+j]
				continue
			}
			if !(sum > 0) {
				return nil, false
			}
			d.l[i*n+i] = math.Sqrt(sum)
		}
	}
	return d, true
}

func (d *dense) logDet() float64 {
	sum := 0.0
	for i := range d.n {
		sum += 2 * math.Log(d.l[i*d.n+i])
	}
	return sum
}

// solve overwrites b with the solution.
func (d *dense) solve(b []float64) {
	n := d.n
	for i := range n {
		for k := range i {
			b[i] -= d.l[i*n+k] * b[k]
		}
		b[i] /= d.l[i*n+i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			b[i] -= d.l[k*n+i] * b[k]
		}
		b[i] /= d.l[i*n+i]
	}
}

// inverse gives the whole inverse.
func (d *dense) inverse() []float64 {
	out := make([]float64, d.n*d.n)
	for j := range d.n {
		column := make([]float64, d.n)
		column[j] = 1
		d.solve(column)
		for i, v := range column {
			out[i*d.n+j] = v
		}
	}
	return out
}
