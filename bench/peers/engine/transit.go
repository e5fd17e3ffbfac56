package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"gevor/geo"
	"gevor/gtfs"
	"gevor/notice"
	"gevor/osm"
	"gevor/street"
	"gevor/transit"
	"gevor/travel"
)

// The job of Porto Alegre: departures from 14:00, 3.6 km/h on foot, at most half an hour to and from stops.
const departure = 14 * 3600

// transitTasks builds streets and timetable of Porto Alegre and gives what can be asked between its 1,227 hexagons: one
// (a single departure), job (120 minutes of departures, five percentiles).
func transitTasks(data, dir string, workers int) (tasks, map[string]any, error) {
	ctx := context.Background()
	var notes notice.List
	var feeds []*gtfs.Feed
	for _, name := range []string{"poa_eptc.zip", "poa_trensurb.zip"} {
		raw, err := os.ReadFile(filepath.Join(data, name))
		if err != nil {
			return nil, nil, err
		}
		f, err := gtfs.Read(ctx, bytes.NewReader(raw), int64(len(raw)), name, gtfs.Limits{}, &notes)
		if err != nil {
			return nil, nil, err
		}
		feeds = append(feeds, f)
	}
	raw, err := os.ReadFile(filepath.Join(data, "poa_osm.pbf"))
	if err != nil {
		return nil, nil, err
	}
	x, err := osm.Read(ctx, bytes.NewReader(raw), int64(len(raw)), "poa_osm.pbf", osm.Limits{}, &notes, nil)
	if err != nil {
		return nil, nil, err
	}
	net, err := street.Build(ctx, x, street.Options{})
	if err != nil {
		return nil, nil, err
	}
	table, err := transit.Build(ctx, feeds, net, transit.Options{Date: time.Date(2019, 5, 13, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return nil, nil, err
	}
	places, err := hexagons(filepath.Join(data, "poa_hexgrid.csv"))
	if err != nil {
		return nil, nil, err
	}
	points := net.Link(travel.Walk, places, 0)
	ask := func(window int, percentiles []int) func() (func() error, error) {
		return func() (func() error, error) {
			q := transit.Query{Departure: departure, Window: window, Percentiles: percentiles, WalkKmh: 3.6, MaxWalk: 1800, Max: 7200}
			all := make([]int32, len(places)*len(places))
			for i := range all {
				all[i] = -1
			}
			middle := len(percentiles) / 2
			err := table.Rows(ctx, q, points, points, workers, func(r transit.Row) error {
				for k, t := range r.To {
					if s := r.Seconds[middle][k]; s != travel.Unreached {
						all[int(r.From)*len(places)+int(t)] = int32(s)
					}
				}
				return nil
			})
			return func() error { return put(dir, "transit"+strconv.Itoa(window)+".i32", all) }, err
		}
	}
	about := map[string]any{"places": len(places), "departure": departure}
	return tasks{"one": ask(60, []int{50}), "job": ask(7200, []int{5, 25, 50, 75, 95})}, about, nil
}

func hexagons(file string) ([]geo.LonLat, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	column := map[string]int{}
	for i, c := range rows[0] {
		column[c] = i
	}
	var at []geo.LonLat
	for _, r := range rows[1:] {
		lon, err := strconv.ParseFloat(r[column["lon"]], 64)
		if err != nil {
			return nil, err
		}
		lat, err := strconv.ParseFloat(r[column["lat"]], 64)
		if err != nil {
			return nil, err
		}
		at = append(at, geo.LonLat{Lon: lon, Lat: lat})
	}
	return at, nil
}
