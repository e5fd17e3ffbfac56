package cli

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts read as a session at a terminal; testscript says what exec, stdout, stderr and cmp mean. "refused 2
// gevor …" holds if the command exits with 2 and leaves standard output empty. Every script finds a demo region in
// $REGION and three places of it in points.csv, turned.csv (other order of columns), swapped.csv and some.csv.
func TestScripts(t *testing.T) {
	region := demo(t, 7)
	places := threePlaces(t, region)
	testscript.Run(t, testscript.Params{
		Dir: "scripts",
		Setup: func(e *testscript.Env) error {
			e.Setenv("REGION", region)
			e.Setenv("HOME", e.WorkDir)
			table := func(name, header string, columns ...int) error {
				text := header + "\n"
				for i, p := range places {
					if name == "some.csv" && i > 0 {
						text += "sea,3,54\n"
						break
					}
					text += p[columns[0]] + "," + p[columns[1]] + "," + p[columns[2]] + "\n"
				}
				return os.WriteFile(filepath.Join(e.WorkDir, name), []byte(text), 0o644)
			}
			return errors.Join(table("points.csv", "id,lon,lat", 0, 1, 2), table("turned.csv", "lat,id,lon", 2, 0, 1),
				table("swapped.csv", "id,lon,lat", 0, 2, 1), table("some.csv", "id,lon,lat", 0, 1, 2))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"refused": refused},
	})
}

func refused(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: refused CODE gevor …")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != want {
		ts.Fatalf("%v, want exit %d", err, want)
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("standard output %q", out)
	}
}

// threePlaces takes the first three counselling offices, as id, longitude and latitude.
func threePlaces(t *testing.T, region string) (out [][3]string) {
	t.Helper()
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(read(t, region, counselling), "\ufeff")))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil || len(rows) < 4 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	decimal := func(s string) string { return strings.Replace(s, ",", ".", 1) }
	for i, id := range []string{"first", "second", "third"} {
		out = append(out, [3]string{id, decimal(rows[i+1][3]), decimal(rows[i+1][4])})
	}
	return out
}

// A table in Parquet holds what the CSV holds; empty is null.
func TestParquetHoldsWhatCSVHolds(t *testing.T) {
	region := demo(t, 7)
	var points strings.Builder
	points.WriteString("id,lon,lat\n")
	for _, p := range threePlaces(t, region) {
		fmt.Fprintln(&points, strings.Join(p[:], ","))
	}
	file := filepath.Join(t.TempDir(), "points.csv")
	write(t, points.String(), file)
	for mode, flags := range map[string][]string{
		"walk":    {"--mode", "walk", "--max", "30m"},
		"transit": {"--mode", "transit", "--departure", "2026-05-12T10:00", "--percentiles", "25,50,75", "--max", "45m"},
	} {
		base := append([]string{"matrix", "--region", region, "--from", file, "--to", file}, flags...)
		want := must(t, base...)
		got := parquetAsCSV(t, must(t, append(base, "--format", "parquet")...))
		if want != got {
			t.Errorf("%s: CSV\n%s\nParquet\n%s", mode, want, got)
		}
		if !strings.Contains(want, ",\n") {
			t.Errorf("%s: every pair is reached, so no null was tried:\n%s", mode, want)
		}
	}
}
