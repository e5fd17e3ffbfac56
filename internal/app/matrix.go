package app

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/region"
	"gevor/street"
	"gevor/transit"
	"gevor/travel"
)

// worthContracting is the number of origins from which contracting a network first costs less than it saves.
const worthContracting = 1000

type matrixFlags struct {
	region, data, from, to, out, format string
	mode, departure                     string
	window, max, maxWalk                time.Duration
	percentiles                         []int
	walkKmh, bikeKmh                    float64
	workers                             int
	reachedOnly                         bool
}

func matrixCommand(c console) *cobra.Command {
	var f matrixFlags
	cmd := &cobra.Command{
		Use:   "matrix --region DIR --from A.csv --to B.csv --mode walk|walk-nosteps|bike|car|transit",
		Short: "Travel times between two lists of points",
		Long: `Reads two lists of points (CSV with the columns id, lon, lat in any order) and writes the travel time of every pair.

  on streets   from,to,seconds          empty where the place is not reached within --max
  transit      from,to,p25,p50,…        minutes, cut to whole ones, at each percentile over the departures of the
                                        window (one a minute); empty where that percentile is not reached

Walks to, from and between stops run on the street network. Progress goes to standard error.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return inFolder(f.run(cmd.Context(), c), f.region, f.data)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.region, "region", "", "folder with region.toml")
	fl.StringVar(&f.data, "data", "", "folder with files that do not lie in the region's folder")
	fl.StringVar(&f.from, "from", "", "CSV id,lon,lat of origins")
	fl.StringVar(&f.to, "to", "", "CSV id,lon,lat of destinations")
	fl.StringVar(&f.out, "out", "", "file to write; standard output without it")
	fl.StringVar(&f.format, "format", "csv", "csv or parquet")
	fl.StringVar(&f.mode, "mode", "walk", "walk, walk-nosteps, bike, car or transit")
	fl.StringVar(&f.departure, "departure", "", "transit: local date and time of the first departure, 2019-05-13T14:00")
	fl.DurationVar(&f.window, "window", time.Hour, "transit: length of the departure window")
	fl.IntSliceVar(&f.percentiles, "percentiles", []int{25, 50, 75}, "transit: percentiles of travel time over the window")
	fl.Float64Var(&f.walkKmh, "walk-speed", 0, "km/h on foot; 0 takes the region's")
	fl.Float64Var(&f.bikeKmh, "bike-speed", 0, "km/h by bicycle; 0 takes the default")
	fl.DurationVar(&f.maxWalk, "max-walk", 30*time.Minute, "transit: longest walk to the first, from the last stop, and all the way")
	fl.DurationVar(&f.max, "max", time.Hour, "longest travel time")
	fl.IntVar(&f.workers, "workers", runtime.GOMAXPROCS(0), "processors to use; the answer does not depend on it")
	fl.BoolVar(&f.reachedOnly, "reached-only", false, "leave out pairs that are not reached")
	for _, name := range []string{"region", "from", "to"} {
		_ = cmd.MarkFlagRequired(name) // fails only for a flag that does not exist
	}
	return cmd
}

func (f *matrixFlags) run(ctx context.Context, c console) error {
	mode, err := travel.ParseMode(f.mode)
	if err != nil {
		return usage{err}
	}
	if err := f.check(mode); err != nil {
		return err
	}
	from, err := readPoints(f.from)
	if err != nil {
		return err
	}
	to, err := readPoints(f.to)
	if err != nil {
		return err
	}
	report, wait := progress(c.err)
	defer wait()
	m, err := f.prepare(ctx, mode, len(from.id), report)
	if err != nil {
		return err
	}
	if m.from, err = m.link(c.err, from); err != nil {
		return err
	}
	if m.to, err = m.link(c.err, to); err != nil {
		return err
	}
	return writeTo(c.out, f.out, func(w io.Writer) error {
		return f.write(ctx, w, m, from, to, report)
	})
}

// check refuses what no answer could be right for.
func (f *matrixFlags) check(mode travel.Mode) error {
	within := func(name string, v, least, most float64) error {
		if v != 0 && !(v >= least && v <= most) {
			return usage{fmt.Errorf("--%s %g is not between %g and %g km/h", name, v, least, most)}
		}
		return nil
	}
	seen := map[int]bool{}
	for _, p := range f.percentiles {
		if p < 1 || p > 100 || seen[p] {
			return usage{fmt.Errorf("--percentiles %d: give different whole numbers from 1 to 100, as in 25,50,75", p)}
		}
		seen[p] = true
	}
	switch {
	case f.format != "csv" && f.format != "parquet":
		return usage{fmt.Errorf("--format %q is neither csv nor parquet", f.format)}
	case f.max < time.Second || f.max > 24*time.Hour:
		return usage{fmt.Errorf("--max %v is not between 1s and 24h", f.max)}
	case f.maxWalk < 0 || f.maxWalk > 24*time.Hour:
		return usage{fmt.Errorf("--max-walk %v is not between 0s and 24h", f.maxWalk)}
	case mode == travel.Transit && (f.window < time.Minute || f.window > 24*time.Hour):
		return usage{fmt.Errorf("--window %v is not between 1m and 24h", f.window)}
	case mode == travel.Transit && len(f.percentiles) == 0:
		return usage{errors.New("--percentiles is empty; 50 is the median")}
	case f.workers < 1:
		return usage{fmt.Errorf("--workers %d is not 1 or more", f.workers)}
	}
	return errors.Join(within("walk-speed", f.walkKmh, 0.5, 20), within("bike-speed", f.bikeKmh, 2, 60))
}

// prepare builds streets and, for transit, the timetable of the departure's day. Many origins get a contracted network.
func (f *matrixFlags) prepare(ctx context.Context, mode travel.Mode, origins int, report travel.Progress) (*matrix, error) {
	d, err := region.ReadDescription(regionFiles(f.region, f.data))
	if err != nil {
		return nil, err
	}
	d.Standards = nil // nothing is judged here, so nothing is prepared for judging
	m := &matrix{mode: mode}
	if mode == travel.Transit {
		at, err := time.Parse("2006-01-02T15:04", f.departure)
		if err != nil {
			return nil, usage{fmt.Errorf("--departure %q is not a date and time such as 2019-05-13T14:00", f.departure)}
		}
		d.ServiceDay = at.Format(time.DateOnly)
		m.departure = at.Hour()*3600 + at.Minute()*60
	} else {
		d.Timetables = nil
	}
	m.snap, err = region.BuildNetworks(ctx, regionFiles(f.region, f.data), d, region.Options{Workers: f.workers, Progress: report})
	if err != nil {
		return nil, err
	}
	if m.snap.Streets == nil || mode == travel.Transit && m.snap.Timetable == nil {
		return nil, fault.New(fault.Invalid, f.region, "the region has no data for "+f.mode, "name an OSM extract under [streets] and feeds under [[timetable]]")
	}
	if mode == travel.Transit || origins < worthContracting {
		return m, nil
	}
	return m, m.snap.Streets.Prepare(ctx, []travel.Mode{mode}, street.Options{Workers: f.workers, Progress: report})
}

// matrix is one question with the networks that answer it.
type matrix struct {
	mode      travel.Mode
	departure int
	snap      *region.Snapshot
	from, to  *street.Points
}

// cell is one pair; values parallel to the columns after from and to, negative where not reached.
type cell struct {
	from, to string
	values   []int32
}

func (f *matrixFlags) write(ctx context.Context, w io.Writer, m *matrix, from, to *points, report travel.Progress) error {
	columns := []string{"seconds"}
	if m.mode == travel.Transit {
		columns = columns[:0]
		for _, p := range f.percentiles {
			columns = append(columns, "p"+strconv.Itoa(p))
		}
	}
	var put func(cell) error
	var end func() error
	if f.format == "parquet" {
		put, end = parquetCells(w, columns)
	} else {
		put, end = csvCells(w, columns)
	}
	emit := f.emitter(from, to, len(columns), put, report)
	var err error
	if m.mode == travel.Transit {
		err = f.transit(ctx, m, emit)
	} else {
		err = f.streets(ctx, m, emit)
	}
	if err != nil {
		return err
	}
	return end()
}

// emitter turns rows of what is reached into all pairs of an origin. values is parallel to reached.
func (f *matrixFlags) emitter(from, to *points, columns int, put func(cell) error, report travel.Progress) func(i int32, reached []int32, value func(k, column int) int32) error {
	none := slices.Repeat([]int32{-1}, columns)
	row := make([]int32, columns)
	return func(i int32, reached []int32, value func(k, column int) int32) error {
		k := 0
		for j := range to.id {
			out := none
			if k < len(reached) && int(reached[k]) == j {
				for c := range row {
					row[c] = value(k, c)
				}
				out = row
				k++
			}
			if f.reachedOnly && slices.Max(out) < 0 {
				continue
			}
			if err := put(cell{from.id[i], to.id[j], out}); err != nil {
				return err
			}
		}
		report.Report("matrix", int64(i)+1, int64(len(from.id)))
		return nil
	}
}

func (f *matrixFlags) seconds() travel.Seconds { return travel.Seconds(f.max / time.Second) }

func (f *matrixFlags) streets(ctx context.Context, m *matrix, emit func(int32, []int32, func(int, int) int32) error) error {
	n := m.snap.Streets
	speed := street.Speed{WalkKmh: m.snap.WalkKmh}
	if f.walkKmh > 0 {
		speed.WalkKmh = f.walkKmh
	}
	if f.bikeKmh > 0 {
		speed.BikeKmh = f.bikeKmh
	}
	return n.Rows(ctx, m.mode, speed, m.from, m.to, f.seconds(), f.workers, func(r travel.Row) error {
		return emit(r.From, r.To, func(k, _ int) int32 { return int32(r.Seconds[k]) })
	})
}

func (f *matrixFlags) transit(ctx context.Context, m *matrix, emit func(int32, []int32, func(int, int) int32) error) error {
	q := transit.Query{
		Departure: m.departure, Window: int(f.window / time.Second), Step: 60, Percentiles: f.percentiles,
		WalkKmh: m.snap.WalkKmh, MaxWalk: travel.Seconds(f.maxWalk / time.Second), Max: f.seconds(),
	}
	if f.walkKmh > 0 {
		q.WalkKmh = f.walkKmh
	}
	return m.snap.Timetable.Rows(ctx, q, m.from, m.to, f.workers, func(r transit.Row) error {
		return emit(r.From, r.To, func(k, column int) int32 {
			s := r.Seconds[column][k]
			if s == travel.Unreached {
				return -1
			}
			return int32(s) / 60
		})
	})
}

func csvCells(w io.Writer, columns []string) (put func(cell) error, end func() error) {
	out := csv.NewWriter(w)
	row := append([]string{"from", "to"}, columns...)
	err := out.Write(row)
	put = func(c cell) error {
		if err != nil {
			return err
		}
		row[0], row[1] = c.from, c.to
		for i, v := range c.values {
			row[2+i] = ""
			if v >= 0 {
				row[2+i] = strconv.Itoa(int(v))
			}
		}
		return out.Write(row)
	}
	return put, func() error { out.Flush(); return out.Error() }
}

func parquetCells(w io.Writer, columns []string) (put func(cell) error, end func() error) {
	group := parquet.Group{"from": parquet.String(), "to": parquet.String()}
	for _, c := range columns {
		group[c] = parquet.Optional(parquet.Int(32))
	}
	schema := parquet.NewSchema("matrix", group)
	out := parquet.NewWriter(w, schema, parquet.Compression(&parquet.Zstd))
	at := map[string]int{}
	for i, path := range schema.Columns() {
		at[path[0]] = i
	}
	put = func(c cell) error {
		row := make(parquet.Row, len(at))
		row[at["from"]] = parquet.ByteArrayValue([]byte(c.from)).Level(0, 0, at["from"])
		row[at["to"]] = parquet.ByteArrayValue([]byte(c.to)).Level(0, 0, at["to"])
		for i, name := range columns {
			if v := c.values[i]; v >= 0 {
				row[at[name]] = parquet.Int32Value(v).Level(0, 1, at[name])
			} else {
				row[at[name]] = parquet.NullValue().Level(0, 0, at[name])
			}
		}
		_, err := out.WriteRows([]parquet.Row{row})
		return err
	}
	return put, out.Close
}
