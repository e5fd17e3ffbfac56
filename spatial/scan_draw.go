package spatial

// place puts the cases of one replication at random.
func (s *scanner) place(cases []int32, r stream) {
	if !s.o.Bernoulli {
		for range s.total {
			cases[s.alias.draw(&r)]++
		}
		return
	}
	// Drawing a person again is drawing one of the cell's cases again, which is thrown away: without replacement.
	draw := s.total
	controls := float64(s.total) > s.all/2
	if controls {
		draw = int(s.all) - s.total
	}
	for done := 0; done < draw; {
		k := s.alias.draw(&r)
		if r.unit()*s.trials[k] >= float64(cases[k]) {
			cases[k]++
			done++
		}
	}
	if controls {
		for k, b := range s.trials {
			cases[k] = int32(b) - cases[k]
		}
	}
}

// aliasTable draws an index by weight in constant time (Walker 1977, built after Vose 1991).
type aliasTable struct {
	keep  []float64
	other []int32
}

func newAlias(weight []float64) *aliasTable {
	n := len(weight)
	a := &aliasTable{make([]float64, n), make([]int32, n)}
	scale := float64(n) / total(weight)
	var small, large []int32
	for i, w := range weight {
		a.keep[i] = w * scale
		if a.keep[i] < 1 {
			small = append(small, int32(i))
		} else {
			large = append(large, int32(i))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		a.other[s] = l
		a.keep[l] -= 1 - a.keep[s]
		if a.keep[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, i := range large {
		a.keep[i], a.other[i] = 1, i
	}
	heaviest := int32(0)
	for i, w := range weight {
		if w > weight[heaviest] {
			heaviest = int32(i)
		}
	}
	for _, i := range small { // left over by rounding, or without any weight
		a.other[i] = heaviest
		if weight[i] > 0 {
			a.keep[i] = 1
		}
	}
	return a
}

func (a *aliasTable) draw(s *stream) int {
	k := int(s.below(uint32(len(a.keep))))
	if s.unit() < a.keep[k] {
		return k
	}
	return int(a.other[k])
}
