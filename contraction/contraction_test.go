package contraction

import (
	"context"
	"errors"
	"testing"

	"gevor/fault"
)

// Two islands: 0 →2→ 1 →3→ 2 with a slow direct arc 0 →9→ 2 and a fast parallel one 1 →1→ 2; 3 alone.
func island() Graph {
	l := &arcList{n: 4}
	l.add(0, 1, 2)
	l.add(1, 2, 3)
	l.add(1, 2, 1)
	l.add(0, 2, 9)
	l.add(2, 2, 0)
	return l.graph()
}

func TestDistance(t *testing.T) {
	q := contract(t, island(), 1).NewQuery()
	for _, c := range []struct{ from, to, want uint32 }{
		{0, 2, 3}, // 2 + 1 over the faster of the parallel arcs
		{0, 1, 2},
		{2, 0, Infinite}, // all arcs lead the other way
		{0, 3, Infinite},
		{3, 3, 0},
	} {
		if got := q.Distance(c.from, c.to); got != c.want {
			t.Errorf("Distance(%d, %d) = %d, want %d", c.from, c.to, got, c.want)
		}
	}
}

// A sum that reaches Infinite is no connection, one below it is.
func TestInfinite(t *testing.T) {
	l := &arcList{n: 4}
	l.add(0, 1, Infinite-2)
	l.add(1, 2, 1)
	l.add(2, 3, 1)
	h := contract(t, l.graph(), 1)
	if got := h.NewQuery().Distance(0, 2); got != Infinite-1 {
		t.Errorf("Distance(0, 2) = %d, want Infinite-1", got)
	}
	if got := h.NewQuery().Distance(0, 3); got != Infinite {
		t.Errorf("Distance(0, 3) = %d, want Infinite", got)
	}
}

func TestEmptyGraphs(t *testing.T) {
	h := contract(t, Graph{FirstOut: []uint32{0}}, 2)
	h.Restrict(nil, true).NewSweep().Run(nil, nil)
	h = contract(t, Graph{FirstOut: []uint32{0, 0}}, 2)
	if got := h.NewQuery().Distance(0, 0); got != 0 {
		t.Errorf("a node is %d from itself", got)
	}
}

func TestContradictoryGraphsAreRefused(t *testing.T) {
	for name, g := range map[string]Graph{
		"nothing":        {},
		"wild head":      {FirstOut: []uint32{0, 1}, Head: []uint32{1}, Weight: []uint32{1}},
		"weights short":  {FirstOut: []uint32{0, 1}, Head: []uint32{0}},
		"falling":        {FirstOut: []uint32{0, 2, 1, 1}, Head: []uint32{0}, Weight: []uint32{0}},
		"arcs left over": {FirstOut: []uint32{0, 0}, Head: []uint32{0}, Weight: []uint32{0}},
	} {
		if _, err := Contract(context.Background(), g, Options{}); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%s: error %v, want an invalid graph", name, err)
		}
	}
}

func TestContractStops(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := Contract(ctx, island(), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want a cancelled context", err)
	}
}

func TestReverse(t *testing.T) {
	g := island()
	r := g.Reverse()
	if r.FirstOut[4] != 5 || r.FirstOut[3]-r.FirstOut[2] != 4 {
		t.Fatalf("reverse has rows %v", r.FirstOut)
	}
	if b := r.Reverse(); len(b.Head) != len(g.Head) || b.FirstOut[1] != g.FirstOut[1] {
		t.Errorf("reversed twice: %v", b)
	}
}
