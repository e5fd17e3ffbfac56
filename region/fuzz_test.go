package region

import (
	"context"
	"testing"
	"testing/fstest"

	"gevor/fault"
)

// FuzzDescription: no description makes the reader fail in a way of our own, problems carry lines that exist, and
// what is accepted can be built or is refused with a reason.
func FuzzDescription(f *testing.F) {
	f.Add([]byte(tinyDescription))
	f.Add([]byte(tinyDescription + streets + standard))
	f.Add([]byte("version = 1\n[[standard]]\nway = [ { mode = \"walk\" }, 3 ]\n"))
	f.Add([]byte("a.b.\"c d\" = [ [1, 2], { x = '''y\n''' } ]\n[a.x]\n[[a.y]]\n[[a.y.z]]\nk = 1979-05-27T07:32:00Z\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		fsys := tiny()
		fsys[DescriptionFile] = &fstest.MapFile{Data: raw}
		lines := 1
		for _, c := range raw {
			if c == '\n' {
				lines++
			}
		}
		for _, p := range Check(fsys) {
			if p.Line < 0 || p.Line > lines {
				t.Fatalf("%+v of %d lines", p, lines)
			}
		}
		d, err := ReadDescription(fsys)
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				t.Fatal(err)
			}
			return
		}
		s, err := Build(context.Background(), fsys, d, Options{})
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				t.Fatal(err)
			}
			return
		}
		for _, c := range s.Counts {
			if c.Read != c.Used+c.Rejected {
				t.Fatalf("%+v", c)
			}
		}
		if _, err := Load(saveAll(t, s).open); err != nil {
			t.Fatal(err)
		}
	})
}
