package files

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"gevor/archive"
	"gevor/atlas"
	"gevor/fault"
	"gevor/reach"
	"gevor/region"
	"gevor/travel"
)

// Approaches are the travel times that what-ifs need: a folder for each snapshot, program and set of speeds. They can
// be computed again from the snapshot at any time.
const Approaches Kind = "approaches"

// ApproachesKey names the folder of a snapshot's travel times.
func ApproachesKey(snapshot, version string, p atlas.Params) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "approaches 1\n%s\n%s\n%v %v %v\n", snapshot, version, p.WalkKmh, p.BikeKmh, p.MaxAccessWalk))
	return hex.EncodeToString(sum[:])
}

// approachesHead says what lies beside it.
type approachesHead struct {
	Snapshot  string  `json:"snapshot"`
	Cells     int     `json:"cells"`
	Offers    int     `json:"offers"`
	Modes     []uint8 `json:"modes"`     // with an array of links each
	Standards []int   `json:"standards"` // number of ways; -1 where no change of offers can make one known
}

// WriteApproaches keeps travel times under a key.
func (s *State) WriteApproaches(key string, snap *region.Snapshot, a *atlas.Approaches) error {
	_, err := s.Write(Approaches, func(f *Folder) error {
		head := approachesHead{Snapshot: snap.Hash, Cells: snap.Cells.Len(), Offers: len(snap.Offers), Modes: []uint8{}, Standards: []int{}}
		for m := range travel.Mode(250) {
			if a.Linked[m] != nil {
				head.Modes = append(head.Modes, uint8(m))
			}
		}
		for _, st := range a.Standards {
			n := len(st.Ways)
			if !st.Known {
				n = -1
			}
			head.Standards = append(head.Standards, n)
		}
		if err := f.put("approaches.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(head) }); err != nil {
			return err
		}
		err := f.put("links.archive", func(w io.Writer) error {
			out := archive.NewWriter(w)
			for _, m := range head.Modes {
				archive.Put(out, "linked/"+strconv.Itoa(int(m)), bytesOf(a.Linked[travel.Mode(m)]))
			}
			return out.Close()
		})
		for i, st := range a.Standards {
			if err != nil {
				return err
			}
			if !st.Known {
				continue
			}
			err = f.put(standardFile(i), func(w io.Writer) error {
				out := archive.NewWriter(w)
				for k, m := range st.Ways {
					archive.Put(out, numbered("first", k), m.First)
					archive.Put(out, numbered("to", k), m.To)
					archive.Put(out, numbered("seconds", k), m.Cost)
					archive.Put(out, numbered("asked", k), bytesOf(st.Asked[k]))
				}
				return out.Close()
			})
		}
		return err
	}, func(string) string { return key })
	return err
}

func standardFile(i int) string { return "standard-" + strconv.Itoa(i) + ".archive" }

func bytesOf(v []bool) []uint8 {
	out := make([]uint8, len(v))
	for i, b := range v {
		if b {
			out[i] = 1
		}
	}
	return out
}

func boolsOf(v []uint8) []bool {
	out := make([]bool, len(v))
	for i, b := range v {
		out[i] = b != 0
	}
	return out
}

// OpenApproaches opens the travel times under a key for the standards wanted (all others are left unknown); its kind
// of error is NotFound where they were never collected. The matrices are mapped: release frees them, and nothing may
// be used after it.
func (s *State) OpenApproaches(key string, wanted func(standard int) bool) (a *atlas.Approaches, release func(), err error) {
	dir, err := s.Open(Approaches, key)
	if err != nil {
		return nil, nil, err
	}
	var head approachesHead
	if err := readJSON(filepath.Join(dir, "approaches.json"), &head); err != nil {
		return nil, nil, err
	}
	var maps []func() error
	release = func() {
		for _, free := range maps {
			_ = free() // the memory is the system's either way
		}
	}
	defer func() {
		if err != nil {
			release()
		}
	}()
	open := func(name string) (*archive.Reader, error) {
		path := filepath.Join(dir, name)
		raw, free, err := Map(path)
		if err != nil {
			return nil, err
		}
		maps = append(maps, free)
		return archive.Open(raw, path)
	}
	links, err := open("links.archive")
	if err != nil {
		return nil, nil, err
	}
	a = &atlas.Approaches{Linked: map[travel.Mode][]bool{}, Standards: make([]atlas.Approach, len(head.Standards))}
	for _, m := range head.Modes {
		v, err := archive.Get[uint8](links, "linked/"+strconv.Itoa(int(m)))
		if err != nil {
			return nil, nil, err
		}
		a.Linked[travel.Mode(m)] = boolsOf(v)
	}
	for i, ways := range head.Standards {
		if ways < 0 || !wanted(i) {
			continue
		}
		r, err := open(standardFile(i))
		if err != nil {
			return nil, nil, err
		}
		st := &a.Standards[i]
		st.Known = true
		for k := range ways {
			m, asked, err := timesOf(r, k, head)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", filepath.Join(dir, standardFile(i)), err)
			}
			st.Ways, st.Asked = append(st.Ways, m), append(st.Asked, asked)
		}
	}
	return a, release, nil
}

// timesOf takes one matrix and checks its form, so that no index of a damaged file leads astray.
func timesOf(r *archive.Reader, k int, head approachesHead) (*reach.Sparse[travel.Seconds], []bool, error) {
	m := &reach.Sparse[travel.Seconds]{Cols: head.Offers}
	var err, err2, err3, err4 error
	m.First, err = archive.Get[int64](r, numbered("first", k))
	m.To, err2 = archive.Get[int32](r, numbered("to", k))
	m.Cost, err3 = archive.Get[travel.Seconds](r, numbered("seconds", k))
	asked, err4 := archive.Get[uint8](r, numbered("asked", k))
	for _, e := range []error{err, err2, err3, err4} {
		if e != nil {
			return nil, nil, e
		}
	}
	sound := len(m.First) == head.Cells+1 && len(asked) == head.Offers && len(m.Cost) == len(m.To) && m.First[0] == 0 && m.First[head.Cells] == int64(len(m.To))
	for i := 0; sound && i < head.Cells; i++ {
		sound = m.First[i] <= m.First[i+1]
	}
	for i := 0; sound && i < len(m.To); i++ {
		sound = m.To[i] >= 0 && int(m.To[i]) < head.Offers
	}
	if !sound {
		return nil, nil, fault.New(fault.Corrupt, numbered("way", k), "is not what this version of gevor writes", "remove the folder; it is computed again")
	}
	return m, boolsOf(asked), nil
}
