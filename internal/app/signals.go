package app

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gevor/atlas"
	"gevor/fault"
	"gevor/internal/files"
	"gevor/internal/store"
	"gevor/notice"
	"gevor/signal"
)

type watchFlags struct {
	dir, state, dsn, out string
	rate                 float64
	record               bool
	workers              int
}

const watchHelp = `
  districts.csv   stadtteil;name;gemeinde
  reports.csv     quelle;stadtteil;gruppe;anliegen;woche_ab;gemeldet_woche_ab;stelle;anzahl       weekly counts
  months.csv      quelle;stadtteil;gruppe;anliegen;monat;gemeldet_monat;anzahl                    monthly counts
  practices.csv   praxis;stadtteil;gruppe;kategorie;geburtsjahr
  funding.csv     angebot;stadtteil;gruppe;kategorie;gefoerdert_bis
  offers.csv      angebot;stadtteil;gruppe;kategorie;zuletzt_bestaetigt;schliesst_am
  departures.csv  stadtteil;fahrplan_ab;abfahrten_bisher;abfahrten_kuenftig

quelle is one of contacts, handovers, observations, searches, indicator. A count of "." says that the period is missing;
no line says that there was no case. Only districts.csv must be there.

Printed is one line a signal: id, gap, level, area, group, problem, sources, method, since, from, to, observed, expected,
figures (shown, wider, withheld), strength (z), chance, complete, lead_days, against, next. Every figure has passed the
gate: at least five cases from three organisations, rounded to fives, else of a longer time or a wider place, else none.`

func signalsCommand(c console) *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "signals --data DIR",
		Short: "Say what gets worse somewhere, at a stated rate of false alarms",
		Long: `Reads what was reported by week and month, and what is known to end, and says what stands out at the end of the
reported time. --record keeps it in the database of --state, where the pages show it and people answer it: signals of one
place, group and problem become one finding that keeps its name; the rate of false alarms is then the one chosen there.
` + watchHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.record && cmd.Flags().Changed("false-alarms") {
				return usage{errors.New("--false-alarms is for a look; with --record the rate is the one chosen on the page")}
			}
			return f.run(cmd.Context(), c)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.dir, "data", "", "folder with the tables below")
	fl.Float64Var(&f.rate, "false-alarms", 1, "new false alarms a month that the region bears")
	fl.BoolVar(&f.record, "record", false, "keep the report in the database")
	fl.StringVar(&f.state, "state", "var", "folder that gevor analyse wrote, for --record")
	fl.StringVar(&f.dsn, "database", "", "postgres://… ; an SQLite file in the state folder without it")
	fl.StringVar(&f.out, "out", "", "file for the result; standard output without it")
	fl.IntVar(&f.workers, "workers", runtime.GOMAXPROCS(0), "processors to use; the result does not depend on it")
	_ = cmd.MarkFlagRequired("data") // fails only for a flag that does not exist
	return cmd
}

func (f *watchFlags) run(ctx context.Context, c console) (err error) {
	if !f.record {
		watch, err := f.watch(c, f.rate)
		if err != nil {
			return err
		}
		return f.print(c, watch, atlas.Warnings(watch.signals, nil, nil))
	}
	state, err := files.OpenState(f.state)
	if err != nil {
		return err
	}
	hash, err := state.Current()
	if err != nil {
		return err
	}
	run, err := state.OpenRun(hash)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, databaseOf(f.dsn, f.state))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	key := run.Record.Region.Key
	rate, err := db.WarningRate(ctx, key)
	if err != nil {
		return err
	}
	watch, err := f.watch(c, rate)
	if err != nil {
		return err
	}
	previous, err := db.PreviousWarnings(ctx, key)
	if err != nil {
		return err
	}
	list := atlas.Warnings(watch.signals, run.Result, previous)
	if err := db.UnsafeRecordWarnings(ctx, key, watch.at, watch.panels, list); err != nil {
		return err
	}
	fmt.Fprintf(c.err, "%d warnings of %s kept in %s\n", len(list), watch.at.Format(time.DateOnly), databaseOf("", f.state))
	return f.print(c, watch, list)
}

// watching is what came of one look.
type watching struct {
	at      time.Time
	panels  []atlas.Panels
	signals []signal.Signal
}

// watch reads the folder and watches everything in it. The rate is shared between the weekly and the monthly series by
// how many units each has.
func (f *watchFlags) watch(c console, rate float64) (*watching, error) {
	notes := &notice.List{}
	folder, err := readWatch(f.dir, notes)
	if err != nil {
		return nil, err
	}
	tell(c.err, notes.Notices(), notes.Counts(), func(file string) string { return file }, "")
	out := &watching{}
	var panels []*signal.Panel
	units := 0.0
	for _, r := range []*watchRecords{&folder.weeks, &folder.months} {
		p, err := r.panel(folder.areas)
		if err != nil {
			return nil, err
		}
		if p != nil {
			panels = append(panels, p)
			units += float64(len(p.Units()))
		}
	}
	for _, p := range panels {
		r, err := p.Watch(p.Periods-1, signal.Options{FalsePerMonth: rate * float64(len(p.Units())) / units, Workers: f.workers})
		if err != nil {
			return nil, err
		}
		out.signals = append(out.signals, r.Signals...)
		out.panels = append(out.panels, atlas.Panels{Step: r.Step, Units: r.Units, Threshold: r.Threshold, Rate: r.Rate, To: r.At.AddDate(0, 0, -1)})
		if r.At.After(out.at) {
			out.at = r.At
		}
		fmt.Fprintf(c.err, "%d units by %s until %s: threshold from %s, %d signals\n", r.Units, r.Step, r.At.AddDate(0, 0, -1).Format(time.DateOnly), r.Threshold.Basis, len(r.Signals))
	}
	if len(panels) == 0 {
		return nil, fault.New(fault.NotFound, f.dir, "holds no reports", "give reports.csv or months.csv")
	}
	losses, err := signal.Foresee(folder.areas, folder.assets, out.at, signal.LossOptions{})
	if err != nil {
		return nil, err
	}
	out.signals = append(out.signals, losses...)
	out.signals = append(out.signals, signal.Thinned(folder.services, out.at, signal.LossOptions{})...)
	return out, nil
}

func (f *watchFlags) print(c console, w *watching, list []atlas.Warning) error {
	header := []string{"id", "gap", "level", "area", "group", "problem", "sources", "method", "since", "from", "to", "observed", "expected", "figures", "strength", "chance", "complete", "lead_days", "against", "next"}
	var rows [][]string
	for i := range list {
		for k := range list[i].Signals {
			s := &list[i].Signals[k]
			figures, observed, expected := "shown", figure(s.Observed), figure(s.Expected)
			switch {
			case s.Withheld:
				figures, observed, expected = "withheld", "", ""
			case s.Wider:
				figures, expected = "wider", ""
			}
			rows = append(rows, []string{
				list[i].ID, list[i].Gap, string(s.Level), s.Area, s.Subject.Group, s.Subject.Problem, joinKeys(s.Sources), string(s.Method), s.Since.Format(time.DateOnly), s.From.Format(time.DateOnly), s.To.Format(time.DateOnly),
				observed, expected, figures, figure(s.Strength), figure(s.Chance), figure(s.Complete), strconv.Itoa(s.LeadDays), joinKeys(s.Against), joinKeys(s.Next),
			})
		}
	}
	return writeRows(c, f.out, header, rows)
}

func joinKeys[T ~string](keys []T) string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = string(k)
	}
	return strings.Join(out, " ")
}
