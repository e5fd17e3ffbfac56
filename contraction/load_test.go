package contraction

import (
	"bytes"
	"testing"

	"gevor/archive"
	"gevor/fault"
)

// Arrays that are sound as an archive but form no hierarchy are refused: a climb that could run in circles, out of
// bounds or past the limit of weights must never reach a query.
func TestLoadRefusesWhatIsNoHierarchy(t *testing.T) {
	type arrays struct {
		position, first []uint32
		arcs            []arc
		symmetric       []uint8
	}
	sound := arrays{[]uint32{1, 0}, []uint32{0, 0, 1}, []arc{7 << 32}, []uint8{1}}
	for name, spoil := range map[string]func(*arrays){
		"sound":               func(*arrays) {},
		"arc to itself":       func(a *arrays) { a.arcs = []arc{7<<32 | 1} },
		"arc out of bounds":   func(a *arrays) { a.arcs = []arc{7<<32 | 9} },
		"weight too large":    func(a *arrays) { a.arcs = []arc{Infinite << 32} },
		"index too short":     func(a *arrays) { a.first = []uint32{0, 1} },
		"index falls":         func(a *arrays) { a.first = []uint32{0, 2, 1} },
		"index past the arcs": func(a *arrays) { a.first = []uint32{0, 0, 2} },
		"index empty":         func(a *arrays) { a.first = nil },
		"position twice":      func(a *arrays) { a.position = []uint32{1, 1} },
		"position too large":  func(a *arrays) { a.position = []uint32{0, 2} },
		"no mark":             func(a *arrays) { a.symmetric = nil },
		"other way missing":   func(a *arrays) { a.symmetric = []uint8{0} },
	} {
		a := sound
		spoil(&a)
		var b bytes.Buffer
		w := archive.NewWriter(&b)
		archive.Put(w, "ch.position", a.position)
		archive.Put(w, "ch.up.first", a.first)
		archive.Put(w, "ch.up.arcs", a.arcs)
		archive.Put(w, "ch.symmetric", a.symmetric)
		if err := w.Close(); err != nil {
			t.Fatalf("%s: Close: %v", name, err)
		}
		r, err := archive.Open(b.Bytes(), "test")
		if err != nil {
			t.Fatalf("%s: Open: %v", name, err)
		}
		h, err := Load(r, "ch.")
		if name == "sound" {
			if err != nil {
				t.Fatalf("sound: %v", err)
			}
			if got := h.NewQuery().Distance(0, 1); got != 7 {
				t.Errorf("sound: distance %d, want 7", got)
			}
			continue
		}
		if err == nil || fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%s: error %v, want a corrupt archive", name, err)
		}
	}
}
