package region

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"gevor/fault"
	"gevor/notice"
)

// memory keeps saved files.
type memory map[string]*bytes.Buffer

type closer struct{ *bytes.Buffer }

func (closer) Close() error { return nil }

func (m memory) create(name string) (io.WriteCloser, error) {
	m[name] = &bytes.Buffer{}
	return closer{m[name]}, nil
}

func (m memory) open(name string) ([]byte, error) {
	b, ok := m[name]
	if !ok {
		return nil, os.ErrNotExist
	}
	return bytes.Clone(b.Bytes()), nil
}

func saveAll(t testing.TB, s *Snapshot) memory {
	t.Helper()
	m := memory{}
	if err := s.Save(m.create); err != nil {
		t.Fatal(err)
	}
	return m
}

// same compares snapshots without their engines, NaN being equal to NaN.
func same(a, b *Snapshot) bool {
	x, y := *a, *b
	x.Streets, x.Timetable, y.Streets, y.Timetable = nil, nil, nil, nil
	for _, s := range []*Snapshot{&x, &y} {
		s.Offers = append([]Offer(nil), s.Offers...)
		for i := range s.Offers {
			if math.IsNaN(s.Offers[i].Capacity) {
				s.Offers[i].Capacity = -1
			}
		}
		s.Need = append([]NeedFactor(nil), s.Need...)
		for i := range s.Need {
			v := append([]float64(nil), s.Need[i].Value...)
			for k := range v {
				if math.IsNaN(v[k]) {
					v[k] = math.MaxFloat64
				}
			}
			s.Need[i].Value = v
		}
	}
	return reflect.DeepEqual(x, y)
}

func TestSnapshotComesBack(t *testing.T) {
	s := buildTiny(t, tiny())
	m := saveAll(t, s)
	back, err := Load(m.open)
	if err != nil {
		t.Fatal(err)
	}
	if !same(s, back) {
		t.Errorf("saved\n%+v\nloaded\n%+v", s, back)
	}
	again := saveAll(t, back)
	for name := range m {
		if !bytes.Equal(m[name].Bytes(), again[name].Bytes()) {
			t.Errorf("%s differs after a round trip", name)
		}
	}
}

// Every flipped byte of every file is found; the control is the untouched copy, which loads.
func TestFlippedBytesAreFound(t *testing.T) {
	m := saveAll(t, buildTiny(t, tiny()))
	if _, err := Load(m.open); err != nil {
		t.Fatalf("control: %v", err)
	}
	for name, whole := range m {
		raw := bytes.Clone(whole.Bytes())
		step := max(1, len(raw)/200)
		for at := 0; at < len(raw); at += step {
			spoilt := bytes.Clone(raw)
			spoilt[at] ^= 1 << (at % 8)
			m[name] = bytes.NewBuffer(spoilt)
			if _, err := Load(m.open); fault.KindOf(err) != fault.Corrupt {
				t.Fatalf("%s, byte %d: %v", name, at, err)
			}
		}
		m[name] = bytes.NewBuffer(raw[:len(raw)-1])
		if _, err := Load(m.open); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%s cut off: %v", name, err)
		}
		m[name] = bytes.NewBuffer(raw)
	}
	delete(m, fileCells)
	dir := t.TempDir()
	for name, b := range m {
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := LoadFS(os.DirFS(dir)); fault.KindOf(err) != fault.Corrupt {
		t.Errorf("missing file: %v", err)
	}
}

// Same inputs, same bytes, whatever the processors; and the name can be told without building.
func TestSameInputsSameBytes(t *testing.T) {
	before := runtime.GOMAXPROCS(1)
	one := buildTiny(t, tiny())
	runtime.GOMAXPROCS(4)
	four := buildTiny(t, tiny())
	runtime.GOMAXPROCS(before)
	a, b := saveAll(t, one), saveAll(t, four)
	for name := range a {
		if !bytes.Equal(a[name].Bytes(), b[name].Bytes()) {
			t.Errorf("%s differs", name)
		}
	}
	d, err := ReadDescription(tiny())
	if err != nil {
		t.Fatal(err)
	}
	if hash, err := Identify(tiny(), d); err != nil || hash != one.Hash {
		t.Errorf("%s %v, built %s", hash, err, one.Hash)
	}
}

func TestHashSpeaksOfContentOnly(t *testing.T) {
	hash := func(change func(fstest.MapFS)) string {
		fsys := tiny()
		change(fsys)
		return buildTiny(t, fsys).Hash
	}
	edit := func(name, old, new string) func(fstest.MapFS) {
		return func(f fstest.MapFS) {
			if !strings.Contains(string(f[name].Data), old) {
				t.Fatalf("%s does not hold %q", name, old)
			}
			f[name] = &fstest.MapFile{Data: []byte(strings.Replace(string(f[name].Data), old, new, 1))}
		}
	}
	plain := hash(func(fstest.MapFS) {})
	if got := hash(edit(DescriptionFile, "version = 1", "# a remark\nversion  =  1")); got != plain {
		t.Error("a remark changes the hash")
	}
	if got := hash(func(f fstest.MapFS) { f["unrelated.txt"] = &fstest.MapFile{Data: []byte("x")} }); got != plain {
		t.Error("a file nobody names changes the hash")
	}
	for what, change := range map[string]func(fstest.MapFS){
		"a weight": edit(DescriptionFile, "weight = 0.5", "weight = 0.6"),
		"a label":  edit(DescriptionFile, "\"Doctor\"", "\"Physician\""),
		"a count":  edit("people.csv", ";100\n", ";101\n"),
		"a byte":   edit("sgb2.csv", "quote\n", "quote \n"),
	} {
		if hash(change) == plain {
			t.Errorf("%s does not change the hash", what)
		}
	}
}

// A spread value is kept as a whole wherever there are people, and never lands where nothing is known.
func TestSpreadKeepsSumsAndFlags(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, areas := rapid.IntRange(1, 40).Draw(t, "cells"), rapid.IntRange(1, 5).Draw(t, "areas")
		b := &builder{s: &Snapshot{Areas: make([]Area, areas)}, notes: &notice.List{}}
		c := &b.s.Cells
		for range n {
			c.ID = append(c.ID, "x")
			f := rapid.SampledFrom([]ValueFlag{Known, Known, Zero, Suppressed, Missing}).Draw(t, "flag")
			p := float32(0)
			if f == Known {
				p = float32(rapid.IntRange(1, 500).Draw(t, "people"))
			}
			c.Population, c.Flag = append(c.Population, p), append(c.Flag, f)
			c.District = append(c.District, int32(rapid.IntRange(-1, areas-1).Draw(t, "district")))
			c.Municipality = append(c.Municipality, -1)
		}
		values := map[int32]areaValue{}
		for a := range areas {
			switch rapid.IntRange(0, 4).Draw(t, "value") {
			case 0:
				values[int32(a)] = areaValue{flag: Suppressed}
			case 1:
				values[int32(a)] = areaValue{flag: Missing}
			case 2:
				values[int32(a)] = areaValue{flag: Zero}
			case 3:
				values[int32(a)] = areaValue{float64(rapid.IntRange(1, 1000).Draw(t, "number")), Known}
			}
		}
		people, flag, _ := b.spread(GroupSpec{}, values)
		sum, base := make([]float64, areas), make([]float64, areas)
		for i := range n {
			a := c.District[i]
			v, there := areaValue{flag: Missing}, false
			if a >= 0 {
				v, there = values[a]
				sum[a] += float64(people[i])
				base[a] += float64(c.Population[i])
			}
			if !there {
				v = areaValue{flag: Missing}
			}
			if (people[i] != 0) != (flag[i] == Estimated) {
				t.Fatalf("cell %d: %v people flagged %v", i, people[i], flag[i])
			}
			if (v.flag == Suppressed || v.flag == Missing) && flag[i] != v.flag {
				t.Fatalf("cell %d of a %v area is %v", i, v.flag, flag[i])
			}
			if (c.Flag[i] == Suppressed || c.Flag[i] == Missing) && flag[i] != Suppressed && flag[i] != Missing {
				t.Fatalf("cell %d without a population is %v", i, flag[i])
			}
		}
		for a, v := range values {
			if want := v.number; base[a] > 0 && math.Abs(sum[a]-want) > 1e-3*math.Max(1, want) {
				t.Fatalf("area %d: %v spread to %v", a, want, sum[a])
			}
		}
	})
}

// Rows of every file are used or rejected, and what suppressed, zero and missing mean survives the whole way in.
func TestFlagsSurviveTheWayIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fsys := tiny()
		texts := map[string]ValueFlag{"7": Known, "–": Zero, "0": Zero, "*": Suppressed, ".": Suppressed, "": Missing, "/": Missing, "x": Missing}
		words := sortedKeys(texts)
		want := map[string]ValueFlag{}
		var b strings.Builder
		b.WriteString("GITTER_ID_100m;Einwohner\n")
		for col := range rapid.IntRange(1, 10).Draw(t, "cells") {
			w := rapid.SampledFrom(words).Draw(t, "text")
			want[cellID(col, 0)] = texts[w]
			fmt.Fprintf(&b, "%s;%s\n", cellID(col, 0), w)
		}
		fsys["people.csv"] = &fstest.MapFile{Data: []byte(b.String())}
		d, err := ReadDescription(fsys)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Build(context.Background(), fsys, d, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range s.Cells.ID {
			if s.Cells.Flag[i] != want[id] || (s.Cells.Population[i] != 0) != (want[id] == Known) {
				t.Fatalf("%s is %v %v, want %v", id, s.Cells.Population[i], s.Cells.Flag[i], want[id])
			}
			if g := s.Groups[0]; g.State == GroupUnknown {
				if want[id] == Known || want[id] == Zero {
					t.Fatalf("everybody is unknown, though %s may be shown", id)
				}
			} else if g.Flag[i] != want[id] {
				t.Fatalf("everybody at %s is %v, want %v", id, g.Flag[i], want[id])
			}
		}
		for _, c := range s.Counts {
			if c.Read != c.Used+c.Rejected {
				t.Fatalf("%+v", c)
			}
		}
	})
}
