package region

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"gevor/fault"
	"gevor/internal/demo"
	"gevor/notice"
)

// The demo region enters through the same door as real data. What its files say is known from its own options: the
// number of people, and that nothing in it is wrong.
func TestDemoRegion(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	if err := demo.Write(context.Background(), dir, demo.Options{Seed: 7, People: 20_000}); err != nil {
		t.Fatal(err)
	}
	fsys := os.DirFS(dir)
	if problems := Check(fsys); len(problems) > 0 {
		t.Fatalf("%v", problems)
	}
	d, err := ReadDescription(fsys)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Build(context.Background(), fsys, d, Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	var people float64
	for i, p := range s.Cells.Population {
		people += float64(p)
		if s.Cells.District[i] < 0 || s.Cells.Municipality[i] < 0 {
			t.Errorf("cell %s lies in no area", s.Cells.ID[i])
		}
	}
	if people != 20_000 || !s.Synthetic || s.Streets == nil || s.Timetable == nil {
		t.Errorf("%.0f people, synthetic %v", people, s.Synthetic)
	}
	for _, c := range s.Counts {
		if c.Read != c.Used+c.Rejected {
			t.Errorf("counts %+v", c)
		}
	}
	for _, n := range s.Notices {
		if n.Severity == notice.Reject {
			t.Errorf("%+v", n)
		}
	}
	states := map[string]GroupState{
		"alle": GroupKnown, "kinder_u10": GroupKnown, "ab_65": GroupKnown, "alleinerziehende": GroupEstimated,
		"langzeitarbeitslose": GroupEstimated, "ohne_versicherung": GroupUnknown,
	}
	for _, g := range s.Groups {
		if g.State != states[g.Key] {
			t.Errorf("group %s is %v", g.Key, g.State)
		}
	}

	// Streets and timetable come back from their files, and answer the same; a flipped byte is found in each.
	m := saveAll(t, s)
	back, err := Load(m.open)
	if err != nil || !same(s, back) {
		t.Fatalf("%v", err)
	}
	again := saveAll(t, back)
	for _, name := range []string{fileStreets, fileTimetable} {
		if m[name] == nil || !bytes.Equal(m[name].Bytes(), again[name].Bytes()) {
			t.Errorf("%s differs after a round trip", name)
			continue
		}
		m[name].Bytes()[m[name].Len()/2] ^= 4
		if _, err := Load(m.open); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%s: %v", name, err)
		}
		m[name].Bytes()[m[name].Len()/2] ^= 4
	}
	one, err := Build(context.Background(), fsys, d, Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range saveAll(t, one) {
		if !bytes.Equal(want.Bytes(), m[name].Bytes()) {
			t.Errorf("%s depends on the number of workers", name)
		}
	}
}
