package street

// heap is a queue of vertices by units: a heap of four children to a parent over keys that hold the units in the
// upper and the vertex in the lower half, so that equal units come in the order of vertices.
type heap struct{ keys []uint64 }

func (h *heap) empty() bool { return len(h.keys) == 0 }

func (h *heap) push(units, vertex uint32) {
	key := uint64(units)<<32 | uint64(vertex)
	h.keys = append(h.keys, key)
	k := h.keys
	i := len(k) - 1
	for i > 0 {
		up := (i - 1) / 4
		if k[up] <= key {
			break
		}
		k[i] = k[up]
		i = up
	}
	k[i] = key
}

func (h *heap) pop() (units, vertex uint32) {
	k := h.keys
	top := k[0]
	last := k[len(k)-1]
	k = k[:len(k)-1]
	h.keys = k
	if len(k) > 0 {
		i := 0
		for {
			child := 4*i + 1
			if child >= len(k) {
				break
			}
			least := child
			for c := child + 1; c < min(child+4, len(k)); c++ {
				if k[c] < k[least] {
					least = c
				}
			}
			if k[least] >= last {
				break
			}
			k[i] = k[least]
			i = least
		}
		k[i] = last
	}
	return uint32(top >> 32), uint32(top)
}
