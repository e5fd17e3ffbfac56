package files_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"gevor/archive"
	"gevor/atlas"
	"gevor/fault"
	"gevor/internal/files"
	"gevor/internal/sample"
)

func params(t *testing.T) atlas.Params {
	t.Helper()
	p, err := atlas.Params{}.Filled()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func write(t *testing.T, r *atlas.Result, info files.RunInfo) (*files.State, string) {
	t.Helper()
	s, err := files.OpenState(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	info.Params = params(t)
	hash, err := s.WriteRun(r, info)
	if err != nil {
		t.Fatal(err)
	}
	return s, hash
}

func TestARunReadsBackAsItWasWritten(t *testing.T) {
	for seed := range uint64(3) {
		want := sample.Result(seed, 400)
		s, hash := write(t, want, files.RunInfo{Region: "demo", Version: "1.2.3", Timings: []files.Timing{{Stage: "import", Seconds: 1.5}}})
		run, err := s.OpenRun(hash)
		if err != nil {
			t.Fatal(err)
		}
		if where := difference("result", reflect.ValueOf(*want), reflect.ValueOf(*run.Result)); where != "" {
			t.Errorf("seed %d: %s", seed, where)
		}
		if run.Record.Version != "1.2.3" || run.Record.Counts.Findings != len(want.Findings) || run.Timings[0].Seconds != 1.5 {
			t.Errorf("run.json says %+v, timings %v", run.Record, run.Timings)
		}
		if err := s.Verify(files.Runs, hash); err != nil {
			t.Error(err)
		}
		if p := params(t); !run.Made(want.Snapshot.Hash, "1.2.3", p) || run.Made(want.Snapshot.Hash, "1.2.4", p) {
			t.Error("a run knows what it was made from")
		}
		previous := run.Previous()
		if previous.Hash != hash || len(previous.Findings) != len(want.Findings) || previous.Findings[0].Cells[0] != want.Snapshot.Cells.ID[want.Findings[0].Cells[0]] {
			t.Errorf("previous run %+v", previous.Findings[0])
		}
	}
}

// difference names the first place at which two values differ; NaN equals NaN, nil equals empty.
func difference(place string, a, b reflect.Value) string {
	if a.Kind() != b.Kind() {
		return place + ": kinds differ"
	}
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			if a.IsNil() != b.IsNil() {
				return place + ": one is nil"
			}
			return ""
		}
		return difference(place, a.Elem(), b.Elem())
	case reflect.Struct:
		if a.Type().String() == "time.Time" {
			if !reflect.DeepEqual(a.Interface(), b.Interface()) {
				return place + ": times differ"
			}
			return ""
		}
		for i := range a.NumField() {
			if d := difference(place+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i)); d != "" {
				return d
			}
		}
		return ""
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() {
			return place + ": lengths differ"
		}
		for i := range a.Len() {
			if d := difference(place+"[]", a.Index(i), b.Index(i)); d != "" {
				return d
			}
		}
		return ""
	case reflect.Float32, reflect.Float64:
		if x, y := a.Float(), b.Float(); x != y && (!math.IsNaN(x) || !math.IsNaN(y)) {
			return place + ": numbers differ"
		}
		return ""
	default:
		if !reflect.DeepEqual(a.Interface(), b.Interface()) {
			return place + ": differ"
		}
		return ""
	}
}

func TestSameResultGivesTheSameBytesOnAnyMachine(t *testing.T) {
	info := files.RunInfo{Region: "demo", Version: "1", Artefacts: []files.Artefact{{Name: "report.html", Write: text("<p>")}}}
	_, one := write(t, sample.Result(5, 400), info)
	before := runtime.GOMAXPROCS(1)
	info.Timings = []files.Timing{{Stage: "import", Seconds: 99}}
	s, two := write(t, sample.Result(5, 400), info)
	runtime.GOMAXPROCS(before)
	if one != two {
		t.Errorf("hashes %s and %s differ", one, two)
	}
	again, err := s.WriteRun(sample.Result(5, 400), files.RunInfo{Region: "demo", Version: "1", Params: params(t), Artefacts: info.Artefacts})
	if err != nil || again != two {
		t.Errorf("writing the same run again: %s, %v", again, err)
	}
	other := sample.Result(5, 400)
	other.Findings[0].People++
	if _, h := write(t, other, info); h == one {
		t.Error("control: another number must give another hash")
	}
	info.Artefacts[0].Write = text("<b>")
	if _, h := write(t, sample.Result(5, 400), info); h == one {
		t.Error("control: another file must give another hash")
	}
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func TestParquetAndCSVSayTheSame(t *testing.T) {
	r := sample.Result(2, 400)
	s, hash := write(t, r, files.RunInfo{})
	dir, err := s.Open(files.Runs, hash)
	if err != nil {
		t.Fatal(err)
	}
	for i, st := range r.Snapshot.Standards {
		rows, err := parquet.ReadFile[files.LayerRow](filepath.Join(dir, "layers", st.Key+".parquet"))
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(filepath.Join(dir, "layers", st.Key+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(lines) != len(rows)+1 || len(rows) != r.Snapshot.Cells.Len() {
			t.Fatalf("%d lines, %d rows, %d cells", len(lines), len(rows), r.Snapshot.Cells.Len())
		}
		unknown := 0
		for k, row := range rows {
			line := strings.Join(lines[k+1], "|")
			want := []string{row.Cell, js(row.Lon), js(row.Lat), row.Municipality, row.District, js(row.People), row.Flag, row.State, row.Cause, js(row.Minutes), js(row.Access), js(row.Shortfall), js(row.Walls)}
			if line != strings.Join(want, "|") {
				t.Fatalf("line %d: CSV %s, Parquet %v", k+2, line, want)
			}
			if row.People == nil {
				unknown++
			}
			if (row.Flag == "suppressed" || row.Flag == "missing") != (row.People == nil) {
				t.Fatalf("row %d: flag %s with people %v", k, row.Flag, row.People)
			}
		}
		if i == 2 && unknown != len(rows) {
			t.Error("a group without data has no number anywhere")
		}
	}
}

func js(v any) string {
	raw, _ := json.Marshal(v)
	return strings.Trim(strings.ReplaceAll(string(raw), "null", ""), `"`)
}

func TestGeoJSONOfFindingsIsReadByAPlainParser(t *testing.T) {
	r := sample.Result(2, 400)
	s, hash := write(t, r, files.RunInfo{})
	raw, err := os.ReadFile(filepath.Join(s.Path(files.Runs, hash), "findings.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Features []struct {
			Properties struct {
				ID     string
				People float64
			}
			Geometry struct {
				Type        string
				Coordinates [][][][2]float64
			}
		}
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	for i, f := range doc.Features {
		if f.Properties.ID != r.Findings[i].ID || f.Geometry.Type != "MultiPolygon" || len(f.Geometry.Coordinates[0][0]) < 5 {
			t.Fatalf("feature %d: %+v", i, f.Properties)
		}
	}
}

func TestDamageIsFoundAndNamed(t *testing.T) {
	s, hash := write(t, sample.Result(1, 100), files.RunInfo{Artefacts: []files.Artefact{{Name: "big.bin", Write: text(strings.Repeat("x", 2<<20))}}})
	dir := s.Path(files.Runs, hash)
	for _, c := range []struct {
		file   string
		cheap  bool // found by Open already
		damage func(path string, raw []byte) error
	}{
		{"findings.json", true, func(p string, raw []byte) error {
			return os.WriteFile(p, bytes.Replace(raw, []byte("people"), []byte("peopla"), 1), 0o644)
		}},
		{"run.json", true, func(p string, _ []byte) error { return os.Remove(p) }},
		{"layers/kinderarzt-15.csv", true, func(p string, raw []byte) error { return os.WriteFile(p, raw[:len(raw)-1], 0o644) }},
		{"big.bin", false, func(p string, raw []byte) error { raw[1<<20] = 'y'; return os.WriteFile(p, raw, 0o644) }},
		{"manifest.sha256", true, func(p string, raw []byte) error { return os.WriteFile(p, append(raw, '\n'), 0o644) }},
	} {
		path := filepath.Join(dir, filepath.FromSlash(c.file))
		sound, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.damage(path, bytes.Clone(sound)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(files.Runs, hash); (err != nil) != c.cheap || (err != nil && fault.KindOf(err) != fault.Corrupt) {
			t.Errorf("%s: opening says %v", c.file, err)
		}
		if err := s.Verify(files.Runs, hash); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%s: verifying says %v", c.file, err)
		}
		// Writing the same run again mends it.
		if err := os.WriteFile(path, sound, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(files.Runs, hash); err != nil {
			t.Errorf("control: %v", err)
		}
	}
}

func TestADamagedRunIsReplacedByWritingItAgain(t *testing.T) {
	r := sample.Result(1, 100)
	s, hash := write(t, r, files.RunInfo{})
	if err := os.Remove(filepath.Join(s.Path(files.Runs, hash), "run.json")); err != nil {
		t.Fatal(err)
	}
	if again, err := s.WriteRun(r, files.RunInfo{Params: params(t)}); err != nil || again != hash {
		t.Fatalf("%s, %v", again, err)
	}
	if err := s.Verify(files.Runs, hash); err != nil {
		t.Fatal(err)
	}
}

func TestAFailedBuildLeavesNothing(t *testing.T) {
	s, _ := write(t, sample.Result(1, 100), files.RunInfo{})
	_, err := s.WriteRun(sample.Result(2, 100), files.RunInfo{Artefacts: []files.Artefact{{Name: "x.html", Write: func(io.Writer) error {
		return fault.New(fault.Internal, "", "planned", "")
	}}}})
	if err == nil || !strings.Contains(err.Error(), "planned") {
		t.Fatalf("got %v", err)
	}
	all, err := os.ReadDir(filepath.Join(s.Dir(), "runs"))
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
}

func TestCurrentNamesOnlyARunThatExists(t *testing.T) {
	s, hash := write(t, sample.Result(1, 100), files.RunInfo{})
	if _, err := s.Current(); fault.KindOf(err) != fault.NotFound {
		t.Errorf("before any run: %v", err)
	}
	if err := s.SetCurrent(strings.Repeat("0", 64)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a run that does not exist: %v", err)
	}
	if err := s.SetCurrent("../../etc"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a path: %v", err)
	}
	if err := s.SetCurrent(hash); err != nil {
		t.Fatal(err)
	}
	if now, err := s.Current(); err != nil || now != hash {
		t.Errorf("%s, %v", now, err)
	}
}

func TestMapGivesAnArchiveWithoutReadingIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.archive")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	a := archive.NewWriter(f)
	archive.Put(a, "n", []int32{3, 1, 4})
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	raw, release, err := files.Map(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := archive.Open(raw, path)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := archive.Get[int32](r, "n"); err != nil || !reflect.DeepEqual(n, []int32{3, 1, 4}) {
		t.Errorf("%v, %v", n, err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	if _, _, err := files.Map(filepath.Join(t.TempDir(), "none")); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a missing file: %v", err)
	}
}
