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
	"slices"

	"gevor/atlas"
	"gevor/fault"
	"gevor/geo"
	"gevor/internal/files"
	"gevor/region"
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

func offerBy(snap *region.Snapshot, id string) (int32, error) {
	i := slices.IndexFunc(snap.Offers, func(o region.Offer) bool { return o.ID == id })
	if i < 0 {
		return 0, fault.New(fault.NotFound, "offer "+id, "is none of the run's offers", "take the id from offers.json in the run's folder")
	}
	if slices.ContainsFunc(snap.Offers[i+1:], func(o region.Offer) bool { return o.ID == id }) {
		return 0, fault.New(fault.Invalid, "offer "+id, "is the id of several offers of the run", "give its sources ids of their own")
	}
	return int32(i), nil
}

// scenarioOf finds what the changes speak of in a run.
func scenarioOf(snap *region.Snapshot, changes []change) (atlas.Scenario, error) {
	s := atlas.Scenario{Capacity: map[int32]float64{}}
	for _, ch := range changes {
		if ch.Open == nil {
			i, err := offerBy(snap, ch.Offer)
			if err != nil {
				return s, err
			}
			if _, twice := s.Capacity[i]; twice {
				return s, fault.New(fault.Invalid, "offer "+ch.Offer, "is changed twice", "give one change for each offer")
			}
			if ch.Capacity == nil {
				return s, fault.New(fault.Invalid, "offer "+ch.Offer, "is named without a change", "give its capacity; 0 closes it")
			}
			s.Capacity[i] = *ch.Capacity
			continue
		}
		k := slices.IndexFunc(snap.Categories, func(c region.Category) bool { return c.Key == ch.Open.Category })
		if k < 0 {
			return s, fault.New(fault.NotFound, "category "+ch.Open.Category, "is none of the region's", "take a key from region.toml")
		}
		o := region.Offer{ID: "what-if", Categories: []int32{int32(k)}, At: geo.LonLat{Lon: ch.Open.Lon, Lat: ch.Open.Lat}, Capacity: math.NaN()}
		if ch.Capacity != nil {
			o.Capacity = *ch.Capacity
		}
		s.Open = append(s.Open, o)
	}
	return s, nil
}

func keep(name string, run *files.Run, changes []change, effects []atlas.Effect) *savedScenario {
	snap := run.Result.Snapshot
	out := &savedScenario{Format: 1, Name: name, Run: run.Hash, Snapshot: run.Record.Snapshot, Program: Version, Changes: changes, Standards: []savedStandard{}}
	for _, e := range effects {
		s := snap.Standards[e.Standard]
		line := savedStandard{Standard: s.Key, Group: snap.Groups[s.Group].Key, Known: e.Known, People: e.Before.People, Missing: e.Before.Missing, After: e.After.Missing, Districts: []savedDistrict{}}
		for _, d := range e.Districts {
			key := ""
			if d.Area >= 0 {
				key = snap.Areas[d.Area].Key
			}
			line.Districts = append(line.Districts, savedDistrict{key, d.Gain, d.Lose, d.Better, d.Worse, d.Unknown})
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
