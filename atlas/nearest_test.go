package atlas

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gevor/travel"
)

// kept is what the slow way remembers of one place.
type kept struct {
	place int32
	share float32
	s     travel.Seconds
}

// slowly keeps the best meeting of every place and sorts.
func slowly(meetings []kept) []kept {
	best := map[int32]kept{}
	for _, m := range meetings {
		if b, ok := best[m.place]; !ok || m.share < b.share {
			best[m.place] = m
		}
	}
	var out []kept
	for _, m := range best {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b kept) int { return cmp.Or(cmp.Compare(a.share, b.share), cmp.Compare(a.place, b.place)) })
	return out
}

func drawMeetings(t *rapid.T) []kept {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) kept {
		s := travel.Seconds(rapid.IntRange(0, 20).Draw(t, "s"))
		limit := travel.Seconds(rapid.SampledFrom([]int{5, 10}).Draw(t, "limit"))
		return kept{int32(rapid.IntRange(0, 6).Draw(t, "place")), shareOf(s, limit), s}
	}), 0, 20).Draw(t, "meetings")
}

func TestNearestAgainstSorting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 4).Draw(t, "k")
		n, other := newNearest(3, k), newNearest(2, k)
		a, b := drawMeetings(t), drawMeetings(t)
		for _, m := range a {
			n.meet(1, m.place, m.share, m.s)
		}
		for _, m := range b {
			other.meet(0, m.place, m.share, m.s)
		}
		want := slowly(a)
		share, _, ok := n.kth(1)
		if ok != (len(want) >= k) || ok && share != want[k-1].share {
			t.Fatalf("k-th share %v, %v; want %v", share, ok, want)
		}
		within := 0
		for i, m := range want {
			if i < k && m.share <= 1 {
				within++
			}
			if i < k && n.holds(1, m.place) != (m.share <= 1) {
				t.Fatalf("holds place %d: %v", m.place, n.holds(1, m.place))
			}
		}
		if got := n.within(1); got != within {
			t.Fatalf("%d within, want %d", got, within)
		}
		both := map[int32]bool{}
		for _, m := range append(a, b...) {
			if m.share <= 1 {
				both[m.place] = true
			}
		}
		if got := together(n, 1, other, 0, k); (got >= k) != (len(both) >= k) {
			t.Fatalf("%d together, want %d (k = %d)", got, len(both), k)
		}
		if n.within(0)+n.within(2) != 0 {
			t.Fatal("a neighbouring row changed")
		}
	})
}

// A time equal to the limit is within it, one second more is not, for every limit in use.
func TestShareAtTheLimit(t *testing.T) {
	for minutes := 1; minutes <= 240; minutes++ {
		limit := travel.Seconds(60 * minutes)
		if shareOf(limit, limit) != 1 || !(shareOf(limit+1, limit) > 1) || share(limit, limit) != ppm || share(limit+1, limit) <= ppm {
			t.Fatalf("limit %d s", limit)
		}
		if share(limit/3, limit) > third || share(limit/3+1, limit) <= third || share(2*limit/3, limit) > twoThirds || share(2*limit/3+1, limit) <= twoThirds {
			t.Fatalf("zones of limit %d s", limit)
		}
	}
}
