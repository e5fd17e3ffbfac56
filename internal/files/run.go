package files

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"unsafe"

	"gevor/archive"
	"gevor/atlas"
	"gevor/fault"
	"gevor/internal/geopackage"
	"gevor/internal/outline"
	"gevor/region"
)

// RunInfo is what a run's folder says beside its result.
type RunInfo struct {
	Region   string       // key of the region, e.g. the name of its folder
	Version  string       // of the program
	Params   atlas.Params // defaults filled in
	Previous string       // hash of the run that lent findings their identity; empty where none
	Timings  []Timing     // outside the hash
	// BaseMap is the path of the snapshot's base.pmtiles; empty where the region has no streets.
	BaseMap string
	// Artefacts are further files of the run, written in this order: map tiles, the printable report.
	Artefacts []Artefact
}

// Artefact is one file of a folder. Write must give the same bytes for the same inputs.
type Artefact struct {
	Name  string
	Write func(io.Writer) error
}

// Run is one run as read back. It is immutable.
type Run struct {
	Hash    string
	Dir     string
	Record  Record
	Timings []Timing
	// Result is what was found. Its snapshot has everything but streets and timetable.
	Result *atlas.Result
	// Files are the files of the run for download.
	Files fs.FS
}

// Previous gives what the next run needs to keep the identity of findings.
func (r *Run) Previous() *atlas.PreviousRun {
	out := &atlas.PreviousRun{Hash: r.Hash}
	s := r.Result.Snapshot
	for _, f := range r.Result.Findings {
		p := atlas.PreviousFinding{ID: f.ID, Standard: s.Standards[f.Standard].Key, Since: f.Since, Cells: make([]string, len(f.Cells))}
		for i, c := range f.Cells {
			p.Cells[i] = s.Cells.ID[c]
		}
		out.Findings = append(out.Findings, p)
	}
	return out
}

// Made says whether this run came from a snapshot, a program and parameters: then computing it again
// finds the same.
func (r *Run) Made(snapshot, version string, params atlas.Params) bool {
	return r.Record.Snapshot == snapshot && r.Record.Version == version && r.Record.Parameters == parametersOf(params)
}

// BaseMap is the name of the light base map, in snapshots and in runs.
const BaseMap = "base.pmtiles"

// WriteRun writes a run and gives its hash: that of its manifest, which the timings are no part of. The same
// result and info give the same hash whatever the machine, the day and the number of processors. It does not make
// the run current; see SetCurrent.
func (s *State) WriteRun(r *atlas.Result, info RunInfo) (hash string, err error) {
	return s.Write(Runs, func(f *Folder) error {
		if err := writeDocuments(f, r, info); err != nil {
			return err
		}
		if err := writeLayers(f, r); err != nil {
			return err
		}
		if err := writeFeatures(f, r); err != nil {
			return err
		}
		if info.BaseMap != "" {
			if err := f.Link(BaseMap, info.BaseMap); err != nil {
				return err
			}
		}
		for _, a := range info.Artefacts {
			if err := f.put(a.Name, a.Write); err != nil {
				return err
			}
		}
		timings := info.Timings
		if timings == nil {
			timings = []Timing{}
		}
		raw, err := json.MarshalIndent(timings, "", " ")
		if err != nil {
			return fault.Wrap(fault.Internal, "timings.json", "cannot be written", "", err)
		}
		return f.Aside("timings.json", append(raw, '\n'))
	}, func(manifest string) string { return manifest })
}

// put writes one file of the folder.
func (f *Folder) put(name string, write func(io.Writer) error) error {
	w, err := f.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(w), w.Close())
}

func writeDocuments(f *Folder, r *atlas.Result, info RunInfo) error {
	shapes := outline.New(&r.Snapshot.Cells)
	for _, d := range []struct {
		name string
		body any
	}{
		{"run.json", record(r, info)},
		{"region.json", regionOf(r.Snapshot)},
		{"sources.json", sourcesOf(r.Snapshot)},
		{"offers.json", offersOf(r.Snapshot)},
		{"standards.json", standardsOf(r)},
		{"findings.json", findingsOf(r, shapes)},
		{"districts.json", districtsOf(r)},
		{"notices.json", noticesOf(r)},
	} {
		err := f.put(d.name, func(w io.Writer) error {
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", " ")
			return enc.Encode(d.body)
		})
		if err != nil {
			return fault.Wrap(fault.Internal, d.name, "cannot be written", "", err)
		}
	}
	return f.put(arraysName, func(w io.Writer) error { return writeArrays(w, r) })
}

func writeLayers(f *Folder, r *atlas.Result) error {
	for i, l := range r.Layers {
		key := r.Snapshot.Standards[l.Standard].Key
		if err := f.put("layers/"+key+".csv", func(w io.Writer) error { return writeLayerCSV(w, r, i) }); err != nil {
			return err
		}
		if err := f.put("layers/"+key+".parquet", func(w io.Writer) error { return writeLayerParquet(w, r, i) }); err != nil {
			return err
		}
	}
	return nil
}

func writeFeatures(f *Folder, r *atlas.Result) error {
	shapes := outline.New(&r.Snapshot.Cells)
	findings, areas := findingTable(r, shapes), areaTable(r)
	if err := f.put("findings.geojson", func(w io.Writer) error { return writeGeoJSON(w, &findings) }); err != nil {
		return err
	}
	if err := f.put("areas.geojson", func(w io.Writer) error { return writeGeoJSON(w, &areas) }); err != nil {
		return err
	}
	if err := geopackage.Write(f.Path("findings.gpkg"), r.Snapshot.Date, []geopackage.Table{findings, areas}); err != nil {
		return err
	}
	return f.Adopt("findings.gpkg")
}

// OpenRun opens a run for reading. It touches no layer file: cost is reading some documents and one archive, about
// 0.1 s for 170,000 cells. The memory belongs to the run and is freed with it.
func (s *State) OpenRun(hash string) (*Run, error) {
	dir, err := s.Open(Runs, hash)
	if err != nil {
		return nil, err
	}
	run := &Run{Hash: hash, Dir: dir, Files: os.DirFS(dir)}
	var (
		w         Region
		sources   []Source
		offers    []Offer
		standards []Standard
		findings  []Finding
		districts []District
		notices   Notices
	)
	for _, d := range []struct {
		name string
		body any
	}{
		{"run.json", &run.Record},
		{"region.json", &w},
		{"sources.json", &sources},
		{"offers.json", &offers},
		{"standards.json", &standards},
		{"findings.json", &findings},
		{"districts.json", &districts},
		{"notices.json", &notices},
		{"timings.json", &run.Timings},
	} {
		if err := readJSON(filepath.Join(dir, d.name), d.body); err != nil {
			return nil, err
		}
	}
	a, err := openArrays(filepath.Join(dir, arraysName))
	if err != nil {
		return nil, err
	}
	d := &decoder{place: dir}
	r := &atlas.Result{Snapshot: d.region(run.Record, w, sources, notices)}
	d.putShapes(a, r.Snapshot.Areas)
	d.putCells(a, r.Snapshot, w.CellMetres)
	d.putOffers(r.Snapshot, offers)
	d.putStandards(r, standards)
	d.putLayers(a, r)
	d.putFindings(r, findings, d.findingCells(a, r.Snapshot.Cells.Len()))
	d.putDistricts(r, districts)
	r.Notices = d.notices(notices.Analysis)
	if a.err != nil {
		return nil, a.err
	}
	if d.err != nil {
		return nil, d.err
	}
	run.Result = r
	return run, nil
}

func readJSON(path string, into any) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fault.Wrap(fault.Corrupt, path, "cannot be read", "run gevor analyse again", err)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fault.Wrap(fault.Corrupt, path, "is not what this version of gevor writes", "run gevor analyse again", err)
	}
	return nil
}

// openArrays reads an archive into memory of its own. A mapping would be quicker by little and could vanish under
// a page that is still being drawn when another run becomes current.
func openArrays(path string) (*arrays, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, fault.Wrap(fault.Corrupt, path, "cannot be read", "run gevor analyse again", err)
	}
	words := make([]uint64, st.Size()/8+1) // archives want bytes aligned to 8
	raw := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), st.Size())
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(fault.Corrupt, path, "cannot be read", "run gevor analyse again", err)
	}
	if _, err := io.ReadFull(f, raw); err != nil {
		return nil, errors.Join(fault.Wrap(fault.Corrupt, path, "cannot be read", "run gevor analyse again", err), f.Close())
	}
	r, err := archive.Open(raw, path)
	return &arrays{r: r}, errors.Join(err, f.Close())
}

// WriteSnapshot writes a snapshot under its hash. save is region.Snapshot.Save; more adds files that belong to the
// snapshot, such as its base map.
func (s *State) WriteSnapshot(snapshot *region.Snapshot, save func(create func(name string) (io.WriteCloser, error)) error, more ...Artefact) error {
	_, err := s.Write(Snapshots, func(f *Folder) error {
		if err := save(f.Create); err != nil {
			return err
		}
		for _, a := range more {
			if err := f.put(a.Name, a.Write); err != nil {
				return err
			}
		}
		return nil
	}, func(string) string { return snapshot.Hash })
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	return nil
}
