package atlas

import "gevor/travel"

// nearest keeps for every row the k different places with the smallest share of their limit, whatever the way by
// which a place was found. Rows may be fed in any order and a place may come several times: its smallest share
// counts. That the k best of all ways are among the k best kept so far at any time makes one pass enough.
type nearest struct {
	k       int
	share   []float32 // rows x k, ascending within a row
	seconds []travel.Seconds
	place   []int32 // -1 where empty
}

func newNearest(rows, k int) *nearest {
	n := &nearest{k: k, share: make([]float32, rows*k), seconds: make([]travel.Seconds, rows*k), place: make([]int32, rows*k)}
	for i := range n.place {
		n.place[i] = -1
	}
	return n
}

// shareOf is how much of a limit a time takes: at most 1 exactly where the time is at most the limit.
func shareOf(s, limit travel.Seconds) float32 { return float32(float64(s) / float64(limit)) }

// meet offers a place to a row. Of equal shares the place with the smaller index stands first.
func (n *nearest) meet(row, place int32, share float32, s travel.Seconds) {
	a, end := int(row)*n.k, int(row+1)*n.k
	at := end
	for i := a; i < end; i++ {
		if n.place[i] == place {
			if share >= n.share[i] {
				return
			}
			at = i
			break
		}
		if n.place[i] < 0 {
			at = i
			break
		}
	}
	if at == end { // full, and the place is new
		if !before(share, place, n.share[end-1], n.place[end-1]) {
			return
		}
		at = end - 1
	}
	for at > a && before(share, place, n.share[at-1], n.place[at-1]) {
		n.share[at], n.seconds[at], n.place[at] = n.share[at-1], n.seconds[at-1], n.place[at-1]
		at--
	}
	n.share[at], n.seconds[at], n.place[at] = share, s, place
}

func before(s1 float32, p1 int32, s2 float32, p2 int32) bool {
	return s1 < s2 || s1 == s2 && p1 < p2
}

// within counts the kept places with a share of at most 1, so at most k.
func (n *nearest) within(row int32) int {
	c := 0
	for i := int(row) * n.k; i < int(row+1)*n.k && n.place[i] >= 0 && n.share[i] <= 1; i++ {
		c++
	}
	return c
}

// kth gives the share and time of the k-th place; ok is false where fewer were met.
func (n *nearest) kth(row int32) (share float32, s travel.Seconds, ok bool) {
	i := int(row+1)*n.k - 1
	if n.place[i] < 0 {
		return 0, travel.Unreached, false
	}
	return n.share[i], n.seconds[i], true
}

// holds says whether the place is kept for the row with a share of at most 1.
func (n *nearest) holds(row, place int32) bool {
	for i := int(row) * n.k; i < int(row+1)*n.k; i++ {
		if n.place[i] == place {
			return n.share[i] <= 1
		}
	}
	return false
}

// together counts the different places within the limit over two rows, at most want.
func together(a *nearest, ra int32, b *nearest, rb int32, want int) int {
	c := a.within(ra)
	for i := int(rb) * b.k; i < int(rb+1)*b.k && c < want; i++ {
		if b.place[i] >= 0 && b.share[i] <= 1 && !a.holds(ra, b.place[i]) {
			c++
		}
	}
	return c
}
