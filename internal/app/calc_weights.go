package app

import (
	"fmt"
	"os"
	"strings"

	"github.com/paulmach/orb/planar"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gevor/fault"
	"gevor/geo"
	"gevor/spatial"
)

// areaFlags are the inputs that all methods on one table of areas share.
type areaFlags struct {
	data, id, out string
}

func (f *areaFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.data, "data", "", "table of areas: CSV with a header line, or GeoJSON polygons with properties")
	fl.StringVar(&f.id, "id", "id", "column with the id of the area")
	fl.StringVar(&f.out, "out", "", "file for the result; standard output without it")
	_ = cmd.MarkFlagRequired("data") // fails only for a flag that does not exist
}

func (f *areaFlags) read() (*sheet, []string, error) {
	s, err := readSheet(f.data)
	if err != nil {
		return nil, nil, err
	}
	ids, err := s.ids(f.id)
	return s, ids, err
}

// placeFlags say where the points of areas are.
type placeFlags struct{ x, y string }

func (f *placeFlags) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.x, "x", "", "column with the x coordinate in metres, or with the longitude if it is called lon")
	fl.StringVar(&f.y, "y", "", "column with the y coordinate in metres, or with the latitude if it is called lat")
}

// places gives the points of a sheet: from its columns, else the centroids of its polygons.
func (f *placeFlags) places(s *sheet) (spatial.Places, error) {
	var none spatial.Places
	if f.x == "" && f.y == "" {
		if s.shapes == nil {
			return none, usage{fmt.Errorf("distances need --x and --y, or GeoJSON areas as --data")}
		}
		at := make([]geo.LonLat, len(s.shapes))
		for i, shape := range s.shapes {
			c, _ := planar.CentroidArea(shape)
			at[i] = geo.LonLat{Lon: c[0], Lat: c[1]}
			if !at[i].Valid() {
				return none, fault.New(fault.Invalid, s.place[i], "the area does not lie in degrees", "export GeoJSON in WGS 84, or give --x and --y in metres")
			}
		}
		return spatial.OnSphere(at), nil
	}
	x, err := s.numbers(f.x, lowest)
	if err != nil {
		return none, err
	}
	y, err := s.numbers(f.y, lowest)
	if err != nil {
		return none, err
	}
	if !strings.EqualFold(f.x, "lon") {
		xy := make([][2]float64, len(x))
		for i := range x {
			xy[i] = [2]float64{x[i], y[i]}
		}
		return spatial.Planar(xy), nil
	}
	at := make([]geo.LonLat, len(x))
	for i := range x {
		at[i] = geo.LonLat{Lon: x[i], Lat: y[i]}
		if !at[i].Valid() {
			return none, fault.New(fault.Invalid, s.place[i], fmt.Sprintf("%g, %g is no place in degrees", x[i], y[i]), "write lon and lat in WGS 84")
		}
	}
	return spatial.OnSphere(at), nil
}

// lowest stands for no lower bound.
const lowest = -1e300

// weightFlags choose one rule for neighbours.
type weightFlags struct {
	placeFlags
	gal, contiguity, times, kernel, style string
	snap, band, power, bandwidth          float64
	within, decay                         float64
	nearest                               int
	mutual                                bool
}

const weightHelp = `
Neighbours, one of:
  --gal FILE                 neighbours as GeoDa writes them; ids must be those of --data
  --contiguity queen|rook    areas of a GeoJSON that share a corner (queen) or an edge (rook)
  --nearest K                the K nearest places
  --band D [--power A]       places within D (metres; degrees become metres), weight 1 or distance^-A
  --kernel SHAPE --bandwidth D   uniform, triangular, epanechnikov, quartic or gaussian
  --times FILE --within T    CSV from,to,cost: areas within a travel time, weight 1 or exp(-cost/--decay)
--style row makes the weights of each area sum to 1, --style binary makes each of them 1, --style raw keeps them.`

func (f *weightFlags) add(fl *pflag.FlagSet, style string) {
	f.placeFlags.add(fl)
	fl.StringVar(&f.gal, "gal", "", "GAL file with the neighbours")
	fl.StringVar(&f.contiguity, "contiguity", "", "queen or rook, from the polygons of --data")
	fl.Float64Var(&f.snap, "snap", 0, "contiguity: corners this close are one, in the unit of the coordinates")
	fl.IntVar(&f.nearest, "nearest", 0, "number of nearest places")
	fl.BoolVar(&f.mutual, "mutual", false, "nearest: make neighbours mutual")
	fl.Float64Var(&f.band, "band", 0, "largest distance of neighbours, metres")
	fl.Float64Var(&f.power, "power", 0, "band: weight is distance^-power; 0 is weight 1")
	fl.StringVar(&f.kernel, "kernel", "", "shape of the kernel")
	fl.Float64Var(&f.bandwidth, "bandwidth", 0, "kernel: distance at which it ends, metres")
	fl.StringVar(&f.times, "times", "", "CSV from,to,cost as gevor matrix writes it")
	fl.Float64Var(&f.within, "within", 0, "times: largest cost of neighbours, in the unit of the file")
	fl.Float64Var(&f.decay, "decay", 0, "times: weight is exp(-cost/decay); 0 is weight 1")
	fl.StringVar(&f.style, "style", style, "row, binary or raw")
}

func (f *weightFlags) styled(w *spatial.Weights) (*spatial.Weights, error) {
	switch f.style {
	case "row":
		return w.RowStandardised(), nil
	case "binary":
		return w.Binary(), nil
	case "raw":
		return w, nil
	}
	return nil, usage{fmt.Errorf("--style %q is neither row, binary nor raw", f.style)}
}

func (f *weightFlags) neighbours(s *sheet, ids []string) (*spatial.Weights, error) {
	chosen := 0
	for _, set := range []bool{f.gal != "", f.contiguity != "", f.nearest != 0, f.band != 0, f.kernel != "", f.times != ""} {
		if set {
			chosen++
		}
	}
	if chosen != 1 {
		return nil, usage{fmt.Errorf("choose one of --gal, --contiguity, --nearest, --band, --kernel and --times")}
	}
	switch {
	case f.gal != "":
		return galWeights(f.gal, s, ids)
	case f.contiguity != "":
		if f.contiguity != "queen" && f.contiguity != "rook" {
			return nil, usage{fmt.Errorf("--contiguity %q is neither queen nor rook", f.contiguity)}
		}
		if s.shapes == nil {
			return nil, usage{fmt.Errorf("--contiguity needs GeoJSON areas as --data")}
		}
		return spatial.Contiguity(s.shapes, f.contiguity == "rook", f.snap)
	case f.times != "":
		return f.timeWeights(s, ids)
	}
	p, err := f.places(s)
	if err != nil {
		return nil, err
	}
	switch {
	case f.nearest != 0:
		w, err := spatial.KNearest(p, f.nearest)
		if err == nil && f.mutual {
			w = w.Symmetric()
		}
		return w, err
	case f.kernel != "":
		return spatial.Kernel(p, f.bandwidth, spatial.KernelShape(f.kernel))
	}
	return spatial.DistanceBand(p, f.band, f.power)
}

// galWeights puts the areas of a GAL file into the order of the table; both must hold the same ones.
func galWeights(path string, s *sheet, ids []string) (*spatial.Weights, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, path, "cannot be opened", "check the path", err)
	}
	defer file.Close()
	named, w, err := spatial.ReadGAL(file, path)
	if err != nil {
		return nil, err
	}
	at := map[string]int32{}
	for i, id := range ids {
		at[id] = int32(i)
	}
	inFile := map[string]bool{}
	for _, id := range named {
		inFile[id] = true
		if _, ok := at[id]; !ok {
			return nil, fault.New(fault.Invalid, path, fmt.Sprintf("area %q is not in %s", id, s.path), "use the same areas and ids in both files")
		}
	}
	for i, id := range ids {
		if !inFile[id] {
			return nil, fault.New(fault.Invalid, s.place[i], fmt.Sprintf("area %q is not in %s", id, path), "use the same areas and ids in both files")
		}
	}
	var links []spatial.Link
	for i, id := range named {
		to, weight := w.Row(i)
		for k, j := range to {
			links = append(links, spatial.Link{From: at[id], To: at[named[j]], Weight: weight[k]})
		}
	}
	return spatial.NewWeights(len(ids), links)
}

func (f *weightFlags) timeWeights(s *sheet, ids []string) (*spatial.Weights, error) {
	if !(f.within > 0) {
		return nil, usage{fmt.Errorf("--times needs --within > 0")}
	}
	at := map[string]int32{}
	for i, id := range ids {
		at[id] = int32(i)
	}
	t, err := readSheet(f.times)
	if err != nil {
		return nil, err
	}
	var k [3]int
	for x, name := range []string{"from", "to", "cost"} {
		if k[x], err = t.column(name); err != nil {
			return nil, err
		}
	}
	var costs []spatial.Cost
	for i, row := range t.rows {
		if strings.TrimSpace(row[k[2]]) == "" {
			continue // out of reach
		}
		v, err := t.number(i, "cost", row[k[2]], 0)
		if err != nil {
			return nil, err
		}
		from, ok1 := at[row[k[0]]]
		to, ok2 := at[row[k[1]]]
		if !ok1 || !ok2 {
			return nil, fault.New(fault.Invalid, t.place[i], fmt.Sprintf("%q or %q is not in %s", row[k[0]], row[k[1]], s.path), "use the same areas and ids in both files")
		}
		costs = append(costs, spatial.Cost{From: from, To: to, Value: v})
	}
	return spatial.FromCosts(len(ids), costs, f.within, f.decay)
}

// drawFlags say how random draws are made.
type drawFlags struct {
	draws   int
	seed    uint64
	workers int
}

func (f *drawFlags) add(fl *pflag.FlagSet, draws int) {
	fl.IntVar(&f.draws, "draws", draws, "random draws for p-values; 0 draws none")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of the draws; equal seeds give equal results")
	fl.IntVar(&f.workers, "workers", 2, "goroutines; change nothing in the result")
}

func (f *drawFlags) permutation() (spatial.Permutation, error) {
	if f.draws < 0 || f.draws > 1_000_000 {
		return spatial.Permutation{}, usage{fmt.Errorf("--draws %d is not between 0 and 1,000,000", f.draws)}
	}
	return spatial.Permutation{Count: f.draws, Seed: f.seed, Workers: f.workers}, nil
}
