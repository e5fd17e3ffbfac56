package region

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"slices"

	"gevor/archive"
	"gevor/fault"
	"gevor/geo"
	"gevor/notice"
)

// The files of a saved snapshot. snapshot.json closes with a line that holds the SHA-256 of all lines before it, and
// it holds length and CRC-32C of the others, so one flipped byte anywhere is found.
const (
	fileSnapshot  = "snapshot.json"
	fileCells     = "cells.bin"
	fileStreets   = "streets.bin"
	fileTimetable = "timetable.bin"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// saved is snapshot.json: everything that is no long array.
type saved struct {
	Format     int
	Hash       string
	Name       Label
	Synthetic  bool
	TimeZone   string
	Date       string
	ServiceDay string
	WalkKmh    float64
	Bounds     geo.Box
	SizeM      int32
	Grid       bool
	Areas      []savedArea
	Groups     []savedGroup
	Categories []Category
	Offers     []savedOffer
	Standards  []Standard
	Need       []savedNeed
	Sources    []Source
	Inputs     []Input
	Notices    []notice.Notice
	Counts     []notice.Count
	Files      []savedFile
	Zones      []savedArea `json:",omitempty"`
}

type savedArea struct {
	Key       string
	Kind      AreaKind
	Name      string
	Parent    int32
	ValidFrom string
	ValidTo   string
	Source    string
}

type savedGroup struct {
	Key      string
	Label    Label
	State    GroupState
	RelError float64
	Method   string
	Need     float64
	Source   string
}

type savedOffer struct {
	Offer
	Capacity *float64 // JSON knows no NaN; absent = unknown
}

type savedNeed struct {
	Key    string
	Label  Label
	Weight float64
	Source string
}

type savedFile struct {
	Name   string
	Bytes  int64
	CRC32C uint32
}

// part is one archive of a snapshot.
type part struct {
	name string
	put  func(*archive.Writer) error
}

// Save writes the snapshot as files; create opens one by name. The same snapshot gives the same bytes. Save does not
// make the files appear at once: write into a folder that is renamed when all is done.
func (s *Snapshot) Save(create func(name string) (io.WriteCloser, error)) error {
	out := saved{
		Format: FormatVersion, Hash: s.Hash, Name: s.Name, Synthetic: s.Synthetic, TimeZone: s.TimeZone, Date: s.Date.Format(isoDate),
		ServiceDay: s.ServiceDay.Format(isoDate), WalkKmh: s.WalkKmh, Bounds: s.Bounds, SizeM: s.Cells.SizeM, Grid: s.Cells.East != nil,
		Categories: s.Categories, Standards: s.Standards, Sources: s.Sources, Inputs: s.Inputs, Notices: s.Notices, Counts: s.Counts,
	}
	for _, a := range s.Areas {
		out.Areas = append(out.Areas, savedArea{a.Key, a.Kind, a.Name, a.Parent, a.ValidFrom, a.ValidTo, a.Source})
	}
	for _, a := range s.Zones {
		out.Zones = append(out.Zones, savedArea{a.Key, a.Kind, a.Name, a.Parent, a.ValidFrom, a.ValidTo, a.Source})
	}
	for _, g := range s.Groups {
		out.Groups = append(out.Groups, savedGroup{g.Key, g.Label, g.State, g.RelError, g.Method, g.Need, g.Source})
	}
	for _, o := range s.Offers {
		x := savedOffer{Offer: o}
		if !math.IsNaN(o.Capacity) {
			x.Capacity = &o.Capacity
		}
		x.Offer.Capacity = 0
		out.Offers = append(out.Offers, x)
	}
	for _, n := range s.Need {
		out.Need = append(out.Need, savedNeed{n.Key, n.Label, n.Weight, n.Source})
	}
	parts := []part{{fileCells, s.saveCells}}
	if s.Streets != nil {
		parts = append(parts, part{fileStreets, s.Streets.Save})
	}
	if s.Timetable != nil {
		parts = append(parts, part{fileTimetable, func(a *archive.Writer) error {
			s.Timetable.Save(a) // what goes wrong shows when the archive is closed
			return nil
		}})
	}
	for _, p := range parts {
		f, err := saveArchive(create, p.name, p.put)
		if err != nil {
			return err
		}
		out.Files = append(out.Files, f)
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	if err := e.Encode(out); err != nil {
		return fault.Wrap(fault.Internal, fileSnapshot, "the snapshot cannot be written down", "", err)
	}
	sum := sha256.Sum256(text.Bytes())
	text.WriteString(hex.EncodeToString(sum[:]) + "\n")
	w, err := create(fileSnapshot)
	if err != nil {
		return err
	}
	_, err = w.Write(text.Bytes())
	return errors.Join(err, w.Close())
}

const isoDate = "2006-01-02"

// summed counts and sums what passes through.
type summed struct {
	w     io.Writer
	bytes int64
	crc   uint32
}

func (s *summed) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.bytes += int64(n)
	s.crc = crc32.Update(s.crc, castagnoli, p[:n])
	return n, err
}

func saveArchive(create func(name string) (io.WriteCloser, error), name string, put func(*archive.Writer) error) (savedFile, error) {
	w, err := create(name)
	if err != nil {
		return savedFile{}, err
	}
	sum := &summed{w: w}
	a := archive.NewWriter(sum)
	err = put(a)
	if err == nil {
		err = a.Close()
	}
	if err := errors.Join(err, w.Close()); err != nil {
		return savedFile{}, err
	}
	return savedFile{name, sum.bytes, sum.crc}, nil
}

// saveCells writes cells, groups, need values and the shapes of areas.
func (s *Snapshot) saveCells(a *archive.Writer) error {
	c := &s.Cells
	archive.PutText(a, "id", c.ID)
	lon, lat := make([]float64, c.Len()), make([]float64, c.Len())
	for i, p := range c.At {
		lon[i], lat[i] = p.Lon, p.Lat
	}
	archive.Put(a, "lon", lon)
	archive.Put(a, "lat", lat)
	archive.Put(a, "east", c.East)
	archive.Put(a, "north", c.North)
	archive.Put(a, "population", c.Population)
	archive.Put(a, "flag", c.Flag)
	archive.Put(a, "municipality", c.Municipality)
	archive.Put(a, "district", c.District)
	for i, g := range s.Groups {
		archive.Put(a, fmt.Sprintf("group %d people", i), g.People)
		archive.Put(a, fmt.Sprintf("group %d flag", i), g.Flag)
	}
	for i, n := range s.Need {
		archive.Put(a, fmt.Sprintf("need %d", i), n.Value)
	}
	var polygons, rings, points []uint32 // how many of the next finer kind each holds
	var corners []float64
	for _, area := range slices.Concat(s.Areas, s.Zones) {
		polygons = append(polygons, uint32(len(area.Shape)))
		for _, p := range area.Shape {
			rings = append(rings, uint32(len(p)))
			for _, r := range p {
				points = append(points, uint32(len(r)))
				for _, q := range r {
					corners = append(corners, q[0], q[1])
				}
			}
		}
	}
	archive.Put(a, "polygons", polygons)
	archive.Put(a, "rings", rings)
	archive.Put(a, "points", points)
	archive.Put(a, "corners", corners)
	return nil
}
