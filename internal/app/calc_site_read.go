package app

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/spf13/pflag"

	"gevor/fault"
	"gevor/geo"
	"gevor/reach"
	"gevor/siting"
)

// siteInputs name the files of a siting problem.
type siteInputs struct{ matrix, table, orlib, demand, sites string }

func (f *siteInputs) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.matrix, "matrix", "", "CSV from,to,cost")
	fl.StringVar(&f.table, "table", "", "CSV with one line a demand and one column a candidate")
	fl.StringVar(&f.orlib, "orlib", "", "p-median file of OR-Library")
	fl.StringVar(&f.demand, "demand", "", "CSV id,value, or GeoJSON points with id and value")
	fl.StringVar(&f.sites, "sites", "", "CSV or GeoJSON points with id and any of price, capacity, fixed")
}

// siteInput is a problem with the names of what it is about.
type siteInput struct {
	problem        siting.Problem
	demands, sites []string // ids
	places         int      // number of places that the file itself asks for; 0 where it does not
}

func (in *siteInput) fixed() int { return len(in.problem.Fixed) }

func geoFile(path string) bool {
	e := strings.ToLower(filepath.Ext(path))
	return e == ".geojson" || e == ".json"
}

// read gives the problem that the flags describe.
func (f *siteInputs) read() (*siteInput, error) {
	sources := 0
	for _, given := range []bool{f.matrix != "", f.table != "", f.orlib != "", geoFile(f.demand) && geoFile(f.sites)} {
		if given {
			sources++
		}
	}
	if sources != 1 {
		return nil, usage{errors.New("give the costs once: --matrix, --table, --orlib, or --demand and --sites as GeoJSON")}
	}
	in := &siteInput{}
	var err error
	switch {
	case f.matrix != "":
		err = in.readMatrix(f.matrix)
	case f.table != "":
		err = in.readTable(f.table)
	case f.orlib != "":
		err = in.readOrlib(f.orlib)
	default:
		return in, in.readPoints(f.demand, f.sites)
	}
	if err == nil && f.demand != "" {
		err = in.readDemand(f.demand)
	}
	if err == nil && f.sites != "" {
		err = in.readSites(f.sites)
	}
	return in, err
}

func (in *siteInput) readMatrix(path string) error {
	number := func(at map[string]int32, ids *[]string, id string) int32 {
		i, ok := at[id]
		if !ok {
			i = int32(len(*ids))
			at[id], *ids = i, append(*ids, id)
		}
		return i
	}
	rows, cols := map[string]int32{}, map[string]int32{}
	var pairs []reach.Pair[float64]
	err := eachRow(path, []string{"from", "to", "cost"}, func(line int, r []string) error {
		i, j := number(rows, &in.demands, r[0]), number(cols, &in.sites, r[1])
		cost, listed, err := siteCost(fmt.Sprintf("%s:%d", path, line), r[2])
		if listed {
			pairs = append(pairs, reach.Pair[float64]{From: i, To: j, Cost: cost})
		}
		return err
	})
	if err != nil {
		return err
	}
	in.problem.Cost, err = reach.FromPairs(len(in.demands), len(in.sites), pairs)
	return err
}

func siteCost(place, text string) (cost float64, listed bool, err error) {
	if text = strings.TrimSpace(text); text == "" {
		return 0, false, nil
	}
	cost, err = strconv.ParseFloat(text, 64)
	if err != nil || !(cost >= 0) || math.IsInf(cost, 0) {
		return 0, false, fault.New(fault.Invalid, place, fmt.Sprintf("cost %q is not a number ≥ 0", text), "use a decimal point; leave it empty where a place cannot be used")
	}
	return cost, true, nil
}

func (in *siteInput) readTable(path string) error {
	s, err := readSheet(path)
	if err != nil {
		return err
	}
	if len(s.header) < 2 {
		return fault.New(fault.Invalid, path+":1", "there is no column for a candidate", "write the id of the demand first, then one column a candidate")
	}
	if in.demands, err = s.ids(s.header[0]); err != nil {
		return err
	}
	in.sites = s.header[1:]
	for k, id := range in.sites {
		if id == "" || slices.Contains(in.sites[:k], id) {
			return fault.New(fault.Invalid, path+":1", fmt.Sprintf("the name of column %d, %q, is empty or stands twice", k+2, id), "give every candidate a name of its own")
		}
	}
	b := reach.NewBuilder[float64](len(in.sites))
	for i, row := range s.rows {
		var to []int32
		var costs []float64
		for k, text := range row[1:] {
			cost, listed, err := siteCost(s.place[i], text)
			if err != nil {
				return err
			}
			if listed {
				to, costs = append(to, int32(k)), append(costs, cost)
			}
		}
		b.Add(to, costs)
	}
	in.problem.Cost = b.Done()
	return nil
}

// full makes a matrix of finite costs.
func full(d []float64, rows, cols int) *reach.Sparse[float64] {
	b := reach.NewBuilder[float64](cols)
	for i := range rows {
		var to []int32
		var cost []float64
		for j := range cols {
			if c := d[i*cols+j]; !math.IsInf(c, 1) {
				to, cost = append(to, int32(j)), append(cost, c)
			}
		}
		b.Add(to, cost)
	}
	return b.Done()
}

// readDemand sets the weights from a table id,value; every demand must be in it, and others are refused.
func (in *siteInput) readDemand(path string) error {
	if geoFile(path) {
		return usage{errors.New("--demand as GeoJSON goes with --sites as GeoJSON and no other source of costs")}
	}
	v, err := readValues(path)
	if err != nil {
		return err
	}
	in.problem.Weight = make([]float64, len(in.demands))
	for i, id := range in.demands {
		at, ok := v.index[id]
		if !ok {
			return fault.New(fault.Invalid, path, fmt.Sprintf("demand %q has no line", id), "add it, with 0 if nobody is there")
		}
		in.problem.Weight[i] = v.value[at]
	}
	for _, id := range v.id {
		if !slices.Contains(in.demands, id) && v.value[v.index[id]] > 0 {
			return fault.New(fault.Invalid, path, fmt.Sprintf("demand %q has people and no line of costs", id), "add its costs; a line with an empty cost says that no place serves it")
		}
	}
	return nil
}

// readSites sets prices, capacities and fixed places from a table of candidates.
func (in *siteInput) readSites(path string) error {
	if geoFile(path) {
		return usage{errors.New("--sites as GeoJSON goes with --demand as GeoJSON and no other source of costs")}
	}
	s, err := readSheet(path)
	if err != nil {
		return err
	}
	ids, err := s.ids("id")
	if err != nil {
		return err
	}
	row := make([]int, len(in.sites))
	at := map[string]int{}
	for i, id := range ids {
		at[id] = i
	}
	for j, id := range in.sites {
		i, ok := at[id]
		if !ok {
			return fault.New(fault.Invalid, path, fmt.Sprintf("candidate %q has no line", id), "list every candidate")
		}
		row[j] = i
		delete(at, id)
	}
	for _, id := range ids {
		if _, left := at[id]; left {
			return fault.New(fault.Invalid, s.place[at[id]], fmt.Sprintf("candidate %q has no costs", id), "add its costs, or leave it out")
		}
	}
	return in.setSites(s, row)
}

// setSites takes price, capacity and fixed of candidate j from row[j].
func (in *siteInput) setSites(s *sheet, row []int) error {
	has := func(name string) bool { _, err := s.column(name); return err == nil }
	p := &in.problem
	if has("price") {
		prices, err := s.numbers("price", 0)
		if err != nil {
			return err
		}
		for _, i := range row {
			p.Price = append(p.Price, prices[i])
		}
	}
	if has("capacity") {
		texts, err := s.texts("capacity")
		if err != nil {
			return err
		}
		for _, i := range row {
			v := math.Inf(1)
			if texts[i] != "" {
				if v, err = s.number(i, "capacity", texts[i], 0); err != nil {
					return err
				}
			}
			p.Capacity = append(p.Capacity, v)
		}
	}
	if has("fixed") {
		texts, err := s.texts("fixed")
		if err != nil {
			return err
		}
		for j, i := range row {
			switch strings.ToLower(texts[i]) {
			case "yes", "true", "1":
				p.Fixed = append(p.Fixed, int32(j))
			case "no", "false", "0", "":
			default:
				return fault.New(fault.Invalid, s.place[i], fmt.Sprintf("fixed %q is neither yes nor no", texts[i]), "write yes or no")
			}
		}
	}
	return nil
}

// readPoints reads demands and candidates as points, a great circle apart.
func (in *siteInput) readPoints(demand, sites string) error {
	ds, from, err := pointSheet(demand)
	if err != nil {
		return err
	}
	ss, to, err := pointSheet(sites)
	if err != nil {
		return err
	}
	if in.demands, err = ds.ids("id"); err != nil {
		return err
	}
	if in.sites, err = ss.ids("id"); err != nil {
		return err
	}
	if _, err := ds.column("value"); err == nil {
		if in.problem.Weight, err = ds.numbers("value", 0); err != nil {
			return err
		}
	}
	d := make([]float64, 0, len(from)*len(to))
	row := make([]int, len(to))
	for _, a := range from {
		for _, b := range to {
			d = append(d, float64(geo.Distance(a, b)))
		}
	}
	for j := range row {
		row[j] = j
	}
	in.problem.Cost = full(d, len(from), len(to))
	return in.setSites(ss, row)
}

// pointSheet reads a GeoJSON collection of points with their properties.
func pointSheet(path string) (*sheet, []geo.LonLat, error) {
	var at []geo.LonLat
	s, err := readFeatures(path, func(f *geojson.Feature, place string) error {
		p, ok := f.Geometry.(orb.Point)
		if !ok {
			return fault.New(fault.Invalid, place, "the feature is no point", "export points")
		}
		spot := geo.LonLat{Lon: p[0], Lat: p[1]}
		if !spot.Valid() {
			return fault.New(fault.Invalid, place, "the point does not lie in degrees", "export GeoJSON in WGS 84")
		}
		at = append(at, spot)
		return nil
	})
	return s, at, err
}
