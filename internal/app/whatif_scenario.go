package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"

	"gevor/atlas"
	"gevor/fault"
	"gevor/geo"
	"gevor/internal/files"
)

var scenarioName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$`)

// change is one line of a scenario: an offer with a new capacity (0 closes it), or a place that opens.
type change struct {
	Offer    string   `json:"offer,omitempty"`
	Open     *opening `json:"open,omitempty"`
	Capacity *float64 `json:"capacity,omitempty"`
}

type opening struct {
	Lon      float64 `json:"lon"`
	Lat      float64 `json:"lat"`
	Category string  `json:"category"`
}

// savedScenario is a scenario on disk: what was tried on which run, and what came out.
type savedScenario struct {
	Format    int             `json:"format"`
	Name      string          `json:"name"`
	Run       string          `json:"run"`
	Snapshot  string          `json:"snapshot"`
	Program   string          `json:"program"`
	Changes   []change        `json:"changes"`
	Standards []savedStandard `json:"standards"`
}

type savedStandard struct {
	Standard  string          `json:"standard"`
	Group     string          `json:"group"`
	Known     bool            `json:"known"`
	People    float64         `json:"people"`
	Missing   float64         `json:"missing"`
	After     float64         `json:"missing_after"`
	Districts []savedDistrict `json:"districts"`
}

type savedDistrict struct {
	District string  `json:"district"` // empty outside all
	Gain     float64 `json:"gain"`
	Lose     float64 `json:"lose"`
	Better   float64 `json:"better"`
	Worse    float64 `json:"worse"`
	Unknown  float64 `json:"unknown"`
}

// changesOf reads the lines of a scenario.
func changesOf(lines []change) []atlas.Change {
	out := make([]atlas.Change, 0, len(lines))
	for _, l := range lines {
		c := atlas.Change{Offer: l.Offer, Capacity: math.NaN()}
		if l.Open != nil {
			c.Offer, c.At, c.Category = "", geo.LonLat{Lon: l.Open.Lon, Lat: l.Open.Lat}, l.Open.Category
		}
		if l.Capacity != nil {
			c.Capacity = *l.Capacity
		}
		out = append(out, c)
	}
	return out
}

func keep(name string, run *files.Run, changes []change, effects []atlas.Effect) *savedScenario {
	snap := run.Result.Snapshot
	out := &savedScenario{Format: 1, Name: name, Run: run.Hash, Snapshot: run.Record.Snapshot, Program: Version, Changes: changes, Standards: []savedStandard{}}
	for _, o := range atlas.Outcomes(snap, effects) {
		line := savedStandard{Standard: o.Standard, Group: o.Group, Known: o.Known, People: o.People, Missing: o.Missing, After: o.After, Districts: []savedDistrict{}}
		for _, d := range o.Districts {
			line.Districts = append(line.Districts, savedDistrict(d))
		}
		out.Standards = append(out.Standards, line)
	}
	return out
}

func writeScenario(state string, s *savedScenario) (path string, err error) {
	raw, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return "", fault.Wrap(fault.Internal, s.Name, "cannot be written", "", err)
	}
	dir := filepath.Join(state, "scenarios")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fault.Wrap(fault.Invalid, dir, "cannot be made", "check the rights of the state folder", err)
	}
	path = filepath.Join(dir, s.Name+".json")
	return path, writeTo(nil, path, func(w io.Writer) error {
		_, err := w.Write(append(raw, '\n'))
		return err
	})
}

// readScenario reads a scenario by its name in the state folder, or by a path.
func readScenario(state, name string) (*savedScenario, error) {
	path := name
	if scenarioName.MatchString(name) {
		path = filepath.Join(state, "scenarios", name+".json")
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, path, "there is no such scenario", "keep one with --save NAME")
	}
	if err != nil {
		return nil, fault.Wrap(fault.Corrupt, path, "cannot be read", "check its rights", err)
	}
	var s savedScenario
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return nil, fault.Wrap(fault.Invalid, path, "is no scenario", "keep one with --save NAME", err)
	}
	if s.Format != 1 {
		return nil, fault.New(fault.Invalid, path, fmt.Sprintf("format %d is unknown", s.Format), "this program reads format 1")
	}
	return &s, nil
}

// tellSame says whether a scenario still gives what was kept.
func tellSame(w io.Writer, saved, now *savedScenario) {
	if reflect.DeepEqual(saved.Standards, now.Standards) {
		fmt.Fprintf(w, "scenario %s: the same result as kept\n", saved.Name)
		return
	}
	fmt.Fprintf(w, "scenario %s: the result differs from what version %s kept\n", saved.Name, saved.Program)
}
