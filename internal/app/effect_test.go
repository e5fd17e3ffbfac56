package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gevor/effect"
	"gevor/fault"
	"gevor/internal/demo"
)

// effectTables writes a drawn region as the two tables that the command reads.
func effectTables(t *testing.T, d *demo.Courses) (data, areas string) {
	t.Helper()
	var rows, about strings.Builder
	rows.WriteString("area,period,value\n")
	about.WriteString("area,role,poor,young\n")
	for _, a := range d.Areas {
		fmt.Fprintf(&about, "%s,%s,%g,%g\n", a.Key, a.Role, a.Traits[0], a.Traits[1])
		for k, v := range a.Values {
			fmt.Fprintf(&rows, "%s,%d,%g\n", a.Key, k+1, v)
		}
	}
	dir := t.TempDir()
	data, areas = filepath.Join(dir, "panel.csv"), filepath.Join(dir, "areas.csv")
	for path, text := range map[string]string{data: rows.String(), areas: about.String()} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return data, areas
}

// The command says what the kernel says, in both forms.
func TestCalcEffectSaysWhatTheKernelSays(t *testing.T) {
	d := demo.DrawCourses(demo.Countries()[0], 7, 3)
	data, areas := effectTables(t, d)
	want, err := effect.Judge(studyOf(d), effect.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	f := effectFlags{data: data, areas: areas, start: "17", better: "lower", options: effect.Defaults()}
	if err := f.run(console{out: &out}); err != nil {
		t.Fatal(err)
	}
	first := strings.Split(strings.Split(out.String(), "\n")[1], ",")
	if first[0] != "area" || first[1] != "difference" || first[2] != figure(want.Difference.Change) {
		t.Errorf("%q, want %g", first, want.Difference.Change)
	}
	if !strings.Contains(out.String(), "area,verdict,,,,,,"+string(want.Verdict)) || !strings.Contains(out.String(), "\nelsewhere,verdict,") {
		t.Errorf("no verdict in\n%s", out.String())
	}
	out.Reset()
	f.asJSON = true
	if err := f.run(console{out: &out}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Verdict effect.Verdict
		Places  []struct{ Area string }
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Verdict != want.Verdict || len(got.Places) != len(want.Matches) {
		t.Errorf("%+v", got)
	}
}

// One seed of every kind of region goes through the bench, and the same seed gives the same figures.
func TestBenchEffectRepeats(t *testing.T) {
	for _, c := range demo.Countries() {
		a, err := benchEffects(context.Background(), c, 3, 2)
		if err != nil {
			t.Fatal(err)
		}
		b, err := benchEffects(context.Background(), c, 3, 2)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(a.Planted, a.Nothing, a.Difference, a.Width) != fmt.Sprint(b.Planted, b.Nothing, b.Difference, b.Width) {
			t.Errorf("%s: %+v and %+v", c.Name, a, b)
		}
	}
}

// Whatever bytes come as a panel or a table of areas, the answer is a sound study or a fault that says what is wrong.
func FuzzEffectInputs(f *testing.F) {
	f.Add([]byte("area,period,value\na,1,2\na,2,3\nb,1,1\nb,2,NA\n"), []byte("area,role,x\na,measure,1\nb,comparable,\n"))
	f.Add([]byte("area,period,cases,people\na,1,2,10\na,2,3,10\n"), []byte("area,role\na,measure\n"))
	f.Add([]byte("area,period,value\na,1,1e308\na,2,-1e308\n"), []byte("role,area\nneighbour,a\n"))
	f.Fuzz(func(t *testing.T, panel, about []byte) {
		dir := t.TempDir()
		in := effectFlags{data: filepath.Join(dir, "p.csv"), areas: filepath.Join(dir, "a.csv")}
		for path, raw := range map[string][]byte{in.data: panel, in.areas: about} {
			if err := os.WriteFile(path, raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s, periods, err := in.read()
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatal(err)
			}
			return
		}
		s.Better, s.Start = effect.LowerIsBetter, len(periods)/2
		r, err := effect.Judge(s, effect.Defaults())
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatal(err)
			}
			return
		}
		for _, m := range r.Matches {
			if !(m.Weight >= 0 && m.Weight <= 1+1e-9) && !math.IsNaN(m.Weight) {
				t.Fatalf("weight %v", m.Weight)
			}
		}
	})
}
