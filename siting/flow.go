package siting

import (
	"math"
	"slices"
)

// flow is one amount of a demand at a place.
type flow struct {
	demand, place int32
	amount        float64 // of weight
}

// transport serves the demands from open places within their capacities at the least total, opening costs included:
// one demand after the other along a cheapest augmenting path (Ahuja, Magnanti & Orlin 1993, ch. 9). sound is false
// where somebody who must be served is not. Cost O(demands · open² · demands per place) at worst.
func (m *model) transport(openAt []bool) (total float64, flows []flow, sound bool) {
	t := &transporting{m: m, open: openAt, left: slices.Clone(m.capacity), at: make([][]flow, m.cols)}
	if m.capacity == nil {
		t.left = make([]float64, m.cols)
		for j := range t.left {
			t.left[j] = math.Inf(1)
		}
	}
	t.dist, t.by, t.prev, t.queued = make([]float64, m.cols), make([]int32, m.cols), make([]int32, m.cols), make([]bool, m.cols)
	missed := make([]float64, m.rows)
	for i := range int32(m.rows) {
		t.tiny = 1e-12 * math.Max(1, m.weight[i])
		for left := m.weight[i]; left > t.tiny; {
			left -= t.augment(i, left, missed)
		}
	}
	sound = true
	for j, on := range openAt {
		if !on {
			continue
		}
		total += m.opening[j]
		for _, f := range t.at[j] {
			total += f.amount * t.unit(f.demand, int32(j))
			flows = append(flows, f)
		}
	}
	for i, x := range missed {
		if x > 1e-9*math.Max(1, m.weight[i]) {
			total += x * m.miss[i] / m.weight[i]
			sound = sound && !m.must
		}
	}
	return total, flows, sound
}

// transporting is a flow being built.
type transporting struct {
	m      *model
	open   []bool
	left   []float64 // capacity of each place
	at     [][]flow  // by place
	dist   []float64 // cheapest way for one more unit to come to each place
	by     []int32   // the demand that moves to the place last; the new one itself at the beginning of a way
	prev   []int32   // the place it comes from, −1 for the new demand
	queued []bool
	tiny   float64
}

// unit is the cost of one unit of a demand at a place, +Inf where it cannot be served.
func (t *transporting) unit(i, j int32) float64 {
	m := t.m
	from := m.from[m.colFirst[j]:m.colFirst[j+1]]
	if k, ok := slices.BinarySearch(from, i); ok {
		return m.colCost[m.colFirst[j]+int64(k)] / m.weight[i]
	}
	return math.Inf(1)
}

// augment brings up to amount of a demand in, along the cheapest way that ends at a place with room or at somebody
// who goes unserved, and gives how much.
func (t *transporting) augment(i int32, amount float64, missed []float64) float64 {
	m := t.m
	for j := range t.dist {
		t.dist[j] = math.Inf(1)
	}
	var queue []int32
	push := func(j int32, d float64, by, prev int32) {
		if d < t.dist[j]-1e-12*math.Max(1, math.Abs(d)) {
			t.dist[j], t.by[j], t.prev[j] = d, by, prev
			if !t.queued[j] {
				t.queued[j] = true
				queue = append(queue, j)
			}
		}
	}
	spread := func(d float64, demand, prev int32) {
		for k := m.first[demand]; k < m.first[demand+1]; k++ {
			if j := m.to[k]; t.open[j] && j != prev && m.usable(j) {
				push(j, d+m.cost[k]/m.weight[demand], demand, prev)
			}
		}
	}
	end, endDemand, least := int32(-1), i, m.miss[i]/m.weight[i] // going unserved itself
	spread(0, i, -1)
	for len(queue) > 0 {
		j := queue[0]
		queue = queue[1:]
		t.queued[j] = false
		if t.left[j] > t.tiny {
			continue // a way ends here; going on costs no less
		}
		for _, f := range t.at[j] {
			spread(t.dist[j]-t.unit(f.demand, j), f.demand, j)
		}
	}
	for j := range t.dist {
		if math.IsInf(t.dist[j], 1) {
			continue
		}
		if t.left[j] > t.tiny && t.dist[j] < least {
			end, endDemand, least = int32(j), -1, t.dist[j]
		}
		for _, f := range t.at[j] {
			if d := t.dist[j] - t.unit(f.demand, int32(j)) + m.miss[f.demand]/m.weight[f.demand]; d < least {
				end, endDemand, least = int32(j), f.demand, d
			}
		}
	}
	if end < 0 {
		missed[i] += amount
		return amount
	}
	if endDemand < 0 {
		amount = math.Min(amount, t.left[end])
	} else {
		amount = math.Min(amount, t.at[end][t.find(end, endDemand)].amount)
	}
	for j := end; t.prev[j] >= 0; j = t.prev[j] {
		amount = math.Min(amount, t.at[t.prev[j]][t.find(t.prev[j], t.by[j])].amount)
	}
	if endDemand < 0 {
		t.left[end] -= amount
	} else {
		missed[endDemand] += amount
		t.change(end, endDemand, -amount)
	}
	for j := end; ; j = t.prev[j] {
		t.change(j, t.by[j], amount)
		if t.prev[j] < 0 {
			return amount
		}
		t.change(t.prev[j], t.by[j], -amount)
	}
}

func (m *model) usable(j int32) bool { return m.capacity == nil || m.capacity[j] > 0 }

func (t *transporting) find(j, demand int32) int {
	return slices.IndexFunc(t.at[j], func(f flow) bool { return f.demand == demand })
}

func (t *transporting) change(j, demand int32, by float64) {
	k := t.find(j, demand)
	if k < 0 {
		t.at[j] = append(t.at[j], flow{demand, j, by})
		return
	}
	if t.at[j][k].amount += by; t.at[j][k].amount <= t.tiny {
		t.at[j] = slices.Delete(t.at[j], k, k+1)
	}
}
