package indicator_test

import (
	"math"
	"testing"

	"gevor/indicator"
)

// TestNeeded: 30 of 100 and 10 of 300 are a tenth of all; what is suppressed has no share of its own, and counts as the
// mean does. A number without a base says no share.
func TestNeeded(t *testing.T) {
	at, _ := indicator.ParsePeriod("2025")
	p := indicator.Publication{
		Dataset: indicator.Dataset{Level: indicator.Districts, Per: 100},
		Areas:   []indicator.Area{{Key: "a", Level: indicator.Districts}, {Key: "b", Level: indicator.Districts}, {Key: "c", Level: indicator.Districts}},
		Periods: []indicator.Period{at},
		Count:   []indicator.Value{indicator.Of(30), indicator.Of(10), {Kind: indicator.Suppressed}},
		Base:    []indicator.Value{indicator.Of(100), indicator.Of(300), indicator.Of(50)},
		Shown:   []indicator.Value{indicator.Of(30), indicator.Of(3.3), {Kind: indicator.Suppressed}},
	}
	n, ok := p.Needed()
	if _, hidden := n.Share["c"]; !ok || hidden || n.Share["a"] != 0.3 || math.Abs(n.Share["b"]-1.0/30) > 1e-15 || n.Mean != 0.1 {
		t.Errorf("%+v %v", n, ok)
	}
	p.Dataset.Per = 0
	if _, ok := p.Needed(); ok {
		t.Error("numbers without a base say a share")
	}
}
