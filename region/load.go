package region

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math"
	"time"

	"github.com/paulmach/orb"

	"gevor/archive"
	"gevor/fault"
	"gevor/geo"
	"gevor/street"
	"gevor/transit"
)

func corrupt(place, what string, cause error) error {
	return fault.Wrap(fault.Corrupt, place, what, "build the snapshot again", cause)
}

// LoadFS loads a snapshot that Save wrote into a folder. Files are read into memory; see Load for mapped ones.
func LoadFS(fsys fs.FS) (*Snapshot, error) {
	return Load(func(name string) ([]byte, error) {
		raw, err := fs.ReadFile(fsys, name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, corrupt(name, "the file is missing", err)
		}
		return raw, err
	})
}

// Load loads a snapshot from the bytes of its files. The snapshot points into them: they must be aligned to eight
// bytes, stay as they are, and outlive it (memory-mapped files are what this is made for). Every byte is held against
// its checksum; the first that differs is a fault.Corrupt.
func Load(open func(name string) ([]byte, error)) (*Snapshot, error) {
	raw, err := open(fileSnapshot)
	if err != nil {
		return nil, err
	}
	var in saved
	if err := unseal(raw, &in); err != nil {
		return nil, err
	}
	date, err1 := time.Parse(isoDate, in.Date)
	day, err2 := time.Parse(isoDate, in.ServiceDay)
	if err := errors.Join(err1, err2); err != nil {
		return nil, corrupt(fileSnapshot, "a date cannot be read", err)
	}
	s := &Snapshot{
		Hash: in.Hash, Name: in.Name, Synthetic: in.Synthetic, TimeZone: in.TimeZone, Bounds: in.Bounds, Date: date, ServiceDay: day,
		WalkKmh: in.WalkKmh, Categories: in.Categories, Standards: in.Standards, Sources: in.Sources, Inputs: in.Inputs, Notices: in.Notices, Counts: in.Counts,
	}
	s.Cells.SizeM = in.SizeM
	for _, a := range in.Areas {
		s.Areas = append(s.Areas, Area{Key: a.Key, Kind: a.Kind, Name: a.Name, Parent: a.Parent, ValidFrom: a.ValidFrom, ValidTo: a.ValidTo, Source: a.Source})
	}
	for _, a := range in.Zones {
		s.Zones = append(s.Zones, Area{Key: a.Key, Kind: a.Kind, Name: a.Name, Parent: a.Parent, ValidFrom: a.ValidFrom, ValidTo: a.ValidTo, Source: a.Source})
	}
	for _, g := range in.Groups {
		s.Groups = append(s.Groups, Group{Key: g.Key, Label: g.Label, State: g.State, RelError: g.RelError, Method: g.Method, Need: g.Need, Source: g.Source})
	}
	for _, o := range in.Offers {
		x := o.Offer
		if x.Capacity = math.NaN(); o.Capacity != nil {
			x.Capacity = *o.Capacity
		}
		s.Offers = append(s.Offers, x)
	}
	for _, n := range in.Need {
		s.Need = append(s.Need, NeedFactor{Key: n.Key, Label: n.Label, Weight: n.Weight, Source: n.Source})
	}
	for _, f := range in.Files {
		if err := s.loadFile(open, f, in.Grid); err != nil {
			return nil, err
		}
	}
	if s.Cells.ID == nil && len(in.Files) == 0 {
		return nil, corrupt(fileSnapshot, "the snapshot names no files", nil)
	}
	return s, nil
}

func unseal(raw []byte, to *saved) error {
	body := bytes.TrimSuffix(raw, []byte("\n"))
	cut := bytes.LastIndexByte(body, '\n') + 1
	sum := sha256.Sum256(raw[:cut])
	if len(raw) == len(body) || string(body[cut:]) != hex.EncodeToString(sum[:]) {
		return corrupt(fileSnapshot, "the file does not match its checksum", nil)
	}
	if err := json.Unmarshal(raw[:cut], to); err != nil {
		return corrupt(fileSnapshot, "the file cannot be read", err)
	}
	if to.Format < oldestFormat || to.Format > FormatVersion {
		return fault.New(fault.Stale, fileSnapshot, fmt.Sprintf("the snapshot has format %d, this program reads %d to %d", to.Format, oldestFormat, FormatVersion), "build the snapshot again")
	}
	return nil
}

func (s *Snapshot) loadFile(open func(name string) ([]byte, error), f savedFile, grid bool) error {
	raw, err := open(f.Name)
	if err != nil {
		return err
	}
	if int64(len(raw)) != f.Bytes || crc32.Checksum(raw, castagnoli) != f.CRC32C {
		return corrupt(f.Name, "the file does not match its checksum", nil)
	}
	r, err := archive.Open(raw, f.Name)
	if err != nil {
		return err
	}
	switch f.Name {
	case fileCells:
		return s.loadCells(r, grid)
	case fileStreets:
		s.Streets, err = street.Load(r)
	case fileTimetable:
		if s.Streets == nil {
			return corrupt(f.Name, "the timetable lacks its streets", nil)
		}
		s.Timetable, err = transit.Load(r, s.Streets)
	default:
		return corrupt(fileSnapshot, fmt.Sprintf("unknown file %q", f.Name), nil)
	}
	return err
}

// taker takes arrays out of an archive and keeps the first error.
type taker struct {
	r   *archive.Reader
	err error
}

func take[T archive.Number](t *taker, name string, length int) []T {
	if t.err != nil {
		return nil
	}
	var xs []T
	if xs, t.err = archive.Get[T](t.r, name); t.err == nil && length >= 0 && len(xs) != length {
		t.err = corrupt(fileCells, fmt.Sprintf("section %q has the wrong length", name), nil)
	}
	return xs
}

func (s *Snapshot) loadCells(r *archive.Reader, grid bool) error {
	t := &taker{r: r}
	c := &s.Cells
	if c.ID, t.err = archive.GetText(r, "id"); t.err != nil {
		return t.err
	}
	n := len(c.ID)
	lon, lat := take[float64](t, "lon", n), take[float64](t, "lat", n)
	c.Population, c.Flag = take[float32](t, "population", n), take[ValueFlag](t, "flag", n)
	c.Municipality, c.District = take[int32](t, "municipality", n), take[int32](t, "district", n)
	if grid {
		c.East, c.North = take[int32](t, "east", n), take[int32](t, "north", n)
	}
	for i := range s.Groups {
		if s.Groups[i].State != GroupUnknown {
			s.Groups[i].People = take[float32](t, fmt.Sprintf("group %d people", i), n)
			s.Groups[i].Flag = take[ValueFlag](t, fmt.Sprintf("group %d flag", i), n)
		}
	}
	for i := range s.Need {
		s.Need[i].Value = take[float64](t, fmt.Sprintf("need %d", i), len(s.Areas))
	}
	polygons := take[uint32](t, "polygons", len(s.Areas)+len(s.Zones))
	rings, points, corners := take[uint32](t, "rings", -1), take[uint32](t, "points", -1), take[float64](t, "corners", -1)
	if t.err != nil {
		return t.err
	}
	c.At = make([]geo.LonLat, n)
	for i := range c.At {
		c.At[i] = geo.LonLat{Lon: lon[i], Lat: lat[i]}
	}
	return s.loadShapes(polygons, rings, points, corners)
}

func (s *Snapshot) loadShapes(polygons, rings, points []uint32, corners []float64) error {
	bad := corrupt(fileCells, "the shapes do not fit together", nil)
	for i := range polygons {
		to := &s.Areas
		k := i
		if k >= len(s.Areas) {
			to, k = &s.Zones, i-len(s.Areas)
		}
		for range polygons[i] {
			if len(rings) == 0 {
				return bad
			}
			var p orb.Polygon
			for range rings[0] {
				if len(points) == 0 || len(corners) < 2*int(points[0]) {
					return bad
				}
				ring := make(orb.Ring, points[0])
				for k := range ring {
					ring[k] = orb.Point{corners[2*k], corners[2*k+1]}
				}
				corners, points = corners[2*len(ring):], points[1:]
				p = append(p, ring)
			}
			rings = rings[1:]
			(*to)[k].Shape = append((*to)[k].Shape, p)
		}
	}
	if len(rings)+len(points)+len(corners) > 0 {
		return bad
	}
	return nil
}
