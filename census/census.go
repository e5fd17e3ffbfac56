// Package census reads population grids: the 100 m, 1 km and 10 km grids of the German census 2022 as CSV, alone
// or inside the ZIP in which they are published.
//
// A row names its cell (GITTER_ID_100m), gives the cell's centre in EPSG:3035 (x_mp_100m, y_mp_100m) and one or
// more values. What the census writes means:
//
//	"–"       exactly zero, or set to zero by the cell-key method (data set descriptions of the 2022 grids): Zero
//	KLAMMERN  in a column werterlaeuternde_Zeichen: the value is less certain; it is used and counted in a notice
//	"*" "."   kept secret (other grids, and the 2011 census as -1): Suppressed
//
// A cell that is not in the file is not "missing": nobody lives there, or the cell-key method says so.
package census

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"

	"gevor/fault"
	"gevor/geo"
	"gevor/notice"
	"gevor/tabular"
)

// Options says which columns of which file are read.
type Options struct {
	File    string   // path in notices
	Columns []string // value columns; at least one
	Member  string   // name of the CSV inside a ZIP; empty = the only one, or the only one for 100 m cells
	Notes   *notice.List
	// Keep rejects a cell early; it gives nil for a cell to keep, else why not. Nil keeps all.
	Keep func(geo.Cell) *tabular.Problem
	// Markers overrides what texts other than numbers mean; nil = tabular.DefaultMarkers.
	Markers map[string]tabular.Flag
	Limits  Limits
}

// Limits bounds an input; zero fields take the defaults.
type Limits struct {
	Rows          int64 // default 50 million
	UnpackedBytes int64 // of a ZIP member, default 8 GiB
	Ratio         int64 // unpacked to packed bytes of a ZIP member, default 200
}

func (l Limits) withDefaults() Limits {
	if l.Rows == 0 {
		l.Rows = 50_000_000
	}
	if l.UnpackedBytes == 0 {
		l.UnpackedBytes = 8 << 30
	}
	if l.Ratio == 0 {
		l.Ratio = 200
	}
	return l
}

// Grid holds what was read, in order of the file. Number[c][i] and Flag[c][i] belong to Columns[c] and Cells[i].
type Grid struct {
	SizeM   int32
	Columns []string
	Cells   []geo.Cell
	Number  [][]float32
	Flag    [][]tabular.Flag
}

// Read reads a CSV.
func Read(r io.Reader, o Options) (*Grid, error) {
	o.Limits = o.Limits.withDefaults()
	if o.Notes == nil {
		o.Notes = &notice.List{}
	}
	if len(o.Columns) == 0 {
		return nil, fault.New(fault.Invalid, o.File, "no value column is chosen", "name one, e.g. column = \"Einwohner\"")
	}
	t, err := tabular.Open(r, tabular.Options{File: o.File, Notes: o.Notes, Limits: tabular.Limits{Rows: o.Limits.Rows}})
	if err != nil {
		return nil, err
	}
	g := &gridReader{o: o, t: t, numbers: t.Numbers(), seen: map[uint64]int32{}}
	if o.Markers != nil {
		g.numbers.Markers = o.Markers
	}
	if err := g.columns(); err != nil {
		return nil, err
	}
	if err := t.Each(g.row); err != nil {
		return nil, err
	}
	g.close()
	return &g.grid, nil
}

// ReadZip reads a CSV inside a ZIP archive of a given size.
func ReadZip(r io.ReaderAt, size int64, o Options) (*Grid, error) {
	o.Limits = o.Limits.withDefaults()
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, o.File, "this is no readable ZIP archive", "fetch the file again", err)
	}
	m, err := pick(z, o)
	if err != nil {
		return nil, err
	}
	place := o.File + "!" + m.Name
	limit := uint64(o.Limits.UnpackedBytes)
	if m.UncompressedSize64 > limit || m.UncompressedSize64/uint64(o.Limits.Ratio) > m.CompressedSize64+1024 {
		return nil, fault.New(fault.TooLarge, place, fmt.Sprintf("the member unpacks to %d bytes from %d", m.UncompressedSize64, m.CompressedSize64),
			"this looks like a ZIP bomb; fetch the archive from its publisher again")
	}
	in, err := m.Open()
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, place, "the member cannot be unpacked", "fetch the archive again", err)
	}
	defer func() { _ = in.Close() }() // reading has checked the member's checksum
	o.File = place
	// The sizes in a ZIP are claims; what is really unpacked is bounded as well.
	return Read(&bounded{r: in, left: min(int64(m.UncompressedSize64), o.Limits.UnpackedBytes), place: place}, o)
}

func pick(z *zip.Reader, o Options) (*zip.File, error) {
	var csv, fine []*zip.File
	var names []string
	for _, m := range z.File {
		lower := strings.ToLower(m.Name)
		if o.Member != "" && m.Name == o.Member {
			return m, nil
		}
		if !strings.HasSuffix(lower, ".csv") {
			continue
		}
		csv = append(csv, m)
		names = append(names, m.Name)
		if strings.Contains(lower, "100m") {
			fine = append(fine, m)
		}
	}
	switch {
	case o.Member == "" && len(csv) == 1:
		return csv[0], nil
	case o.Member == "" && len(fine) == 1:
		return fine[0], nil
	}
	return nil, fault.New(fault.Invalid, o.File, "the archive does not say which CSV to read", "set member to one of: "+strings.Join(names, ", "))
}

type bounded struct {
	r     io.Reader
	left  int64
	place string
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fault.New(fault.TooLarge, b.place, "the member unpacks to more bytes than it states", "fetch the archive from its publisher again")
	}
	return n, err
}
