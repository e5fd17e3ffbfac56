package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	"gevor/vocabulary"
)

type watchFlags struct {
	dir, state, dsn, out  string
	feedBefore, feedAfter string
	rate                  float64
	record                bool
	workers               int
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
gate: at least five cases from three organisations, in steps of five, else of a longer time or a wider place, else none.`

func signalsCommand(c console) *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "signals --data DIR | --record",
		Short: "Say what gets worse somewhere, at a stated rate of false alarms",
		Long: `Reads what was reported by week and month, and what is known to end, and says what stands out at the end of the
reported time. --record reads the database of --state as well (searches without a result, contacts with unmet
need, observations, handovers that nobody answered in two weeks, offers unconfirmed or closing, released monthly
figures), and keeps the report there, where the pages show it and people answer it: signals of one place, group and
problem become one finding that keeps its name; the rate of false alarms is then the one chosen there. gevor serve does
the same every Monday, with the tables of the folder early-warning in its state folder.
` + watchHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.record && cmd.Flags().Changed("false-alarms") {
				return usage{errors.New("--false-alarms is for a look; with --record the rate is the one chosen on the page")}
			}
			if (f.feedBefore == "") != (f.feedAfter == "") {
				return usage{errors.New("--feed-before and --feed-after belong together")}
			}
			if f.feedBefore != "" && f.dir != "" && !f.record {
				return usage{errors.New("two timetables are compared alone, or for --record")}
			}
			if !f.record && f.dir == "" && f.feedBefore == "" {
				return usage{errors.New("--data or --record is needed: there is nothing to look at")}
			}
			return f.run(cmd.Context(), c)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.dir, "data", "", "folder with the tables below; with --record it may be left out")
	fl.Float64Var(&f.rate, "false-alarms", 1, "new false alarms a month that the region bears")
	fl.BoolVar(&f.record, "record", false, "keep the report in the database")
	fl.StringVar(&f.state, "state", "var", "folder that gevor analyse wrote, for --record")
	fl.StringVar(&f.dsn, "database", "", "postgres://… ; an SQLite file in the state folder without it")
	fl.StringVar(&f.out, "out", "", "file for the result; standard output without it")
	fl.StringVar(&f.feedBefore, "feed-before", "", "timetable of today (GTFS); with --feed-after, whose losses become signals")
	fl.StringVar(&f.feedAfter, "feed-after", "", "timetable to come; alone with --feed-before: prints departures and stops by district and hour")
	fl.IntVar(&f.workers, "workers", runtime.GOMAXPROCS(0), "processors to use; the result does not depend on it")
	return cmd
}

func (f *watchFlags) run(ctx context.Context, c console) (err error) {
	folder, err := f.folder(c)
	if err != nil {
		return err
	}
	if !f.record && f.feedBefore == "" {
		w, err := folder.watch(time.Time{}, f.rate, f.workers)
		if err != nil {
			return err
		}
		w.tell(c.err)
		return f.print(c, w, atlas.Warnings(w.signals, nil, nil))
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
	voc, err := openVocabulary(f.state)
	if err != nil {
		return err
	}
	at := monday(time.Now())
	if run.Result.Snapshot.Synthetic { // its time stands still
		at = run.Result.Snapshot.Date
		if end := folder.end(); !end.IsZero() {
			at = end
		}
	}
	if f.feedBefore != "" {
		services, err := compareFeeds(ctx, c, f.feedBefore, f.feedAfter, newWatchGround(run.Result.Snapshot, voc))
		if err != nil {
			return err
		}
		if !f.record {
			return printServices(c, f.out, services, at)
		}
		folder.services = append(folder.services, services...)
	}
	db, err := store.Open(ctx, databaseOf(f.dsn, f.state))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	w, list, err := reportWatch(ctx, db, voc, run.Record.Region.Key, run.Result, folder, at, f.workers)
	if err != nil {
		return err
	}
	w.tell(c.err)
	fmt.Fprintf(c.err, "%d warnings of %s kept in %s\n", len(list), w.at.Format(time.DateOnly), databaseOf("", f.state))
	return f.print(c, w, list)
}

// folder reads the folder of --data; an empty one where none is given.
func (f *watchFlags) folder(c console) (*watchFolder, error) {
	if f.dir == "" {
		return &watchFolder{weeks: watchRecords{step: signal.Week}, months: watchRecords{step: signal.Month}}, nil
	}
	notes := &notice.List{}
	folder, err := readWatch(f.dir, notes)
	if err != nil {
		return nil, err
	}
	tell(c.err, notes.Notices(), notes.Counts(), func(file string) string { return file }, "")
	return folder, nil
}

// reportWatch watches a folder and what the database knows, and keeps the report of a day. Conflict where one of that day
// or a later one is kept already.
func reportWatch(ctx context.Context, db *store.Store, voc *vocabulary.Vocabulary, key string, result *atlas.Result, folder *watchFolder, at time.Time, workers int) (*watching, []atlas.Warning, error) {
	l, err := readLive(ctx, db, at)
	if err != nil {
		return nil, nil, err
	}
	folder.join(l.folder(newWatchGround(result.Snapshot, voc), at), at)
	rate, err := db.WarningRate(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	w, err := folder.watch(at, rate, workers)
	if err != nil {
		return nil, nil, err
	}
	previous, err := db.PreviousWarnings(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	list := atlas.Warnings(w.signals, result, previous)
	return w, list, db.UnsafeRecordWarnings(ctx, key, w.at, w.panels, list)
}

// watchFolderName is the folder in the state folder whose tables the server watches beside the database.
const watchFolderName = "early-warning"

// keepWatch makes the report of the week where there is none yet. The time of an invented region stands still: there
// gevor signals makes it.
func keepWatch(ctx context.Context, db *store.Store, voc *vocabulary.Vocabulary, runs *currentRun, state string, now time.Time) (signals int, err error) {
	run, err := runs.Current()
	if fault.KindOf(err) == fault.NotFound {
		return 0, nil
	}
	if err != nil || run.Result.Snapshot.Synthetic {
		return 0, err
	}
	at := monday(now)
	if last, err := db.WarningDay(ctx, run.Region); err != nil || !last.Before(at) {
		return 0, err
	}
	folder := &watchFolder{weeks: watchRecords{step: signal.Week}, months: watchRecords{step: signal.Month}}
	dir := filepath.Join(state, watchFolderName)
	if _, err := os.Stat(dir); err == nil {
		if folder, err = readWatch(dir, &notice.List{}); err != nil {
			return 0, err
		}
	}
	_, list, err := reportWatch(ctx, db, voc, run.Region, run.Result, folder, at, max(1, runtime.GOMAXPROCS(0)/2))
	return len(list), err
}

// watching is what came of one look.
type watching struct {
	at      time.Time
	panels  []atlas.Panels
	signals []signal.Signal
}

func (w *watching) tell(to io.Writer) {
	for _, p := range w.panels {
		fmt.Fprintf(to, "%d units by %s until %s: threshold from %s\n", p.Units, p.Step, p.To.Format(time.DateOnly), p.Threshold.Basis)
	}
	fmt.Fprintf(to, "%d signals\n", len(w.signals))
}

// watch looks at everything in the folder as of a day; without one, as of the end of what was reported. The rate is shared
// between the weekly and the monthly series by how many units each has.
func (f *watchFolder) watch(at time.Time, rate float64, workers int) (*watching, error) {
	out := &watching{at: at}
	var panels []*signal.Panel
	units := 0.0
	for _, r := range []*watchRecords{&f.weeks, &f.months} {
		p, err := r.panel(f.areas)
		if err != nil {
			return nil, err
		}
		if p != nil {
			panels = append(panels, p)
			units += float64(len(p.Units()))
		}
	}
	for _, p := range panels {
		r, err := p.Watch(p.Periods-1, signal.Options{FalsePerMonth: rate * float64(len(p.Units())) / units, Workers: workers})
		if err != nil {
			return nil, err
		}
		out.signals = append(out.signals, r.Signals...)
		out.panels = append(out.panels, atlas.Panels{Step: r.Step, Units: r.Units, Waiting: r.Waiting, Threshold: r.Threshold, Rate: r.Rate, To: r.At.AddDate(0, 0, -1)})
		if at.IsZero() && r.At.After(out.at) {
			out.at = r.At
		}
	}
	if out.at.IsZero() {
		return nil, fault.New(fault.NotFound, f.dir, "holds no reports", "give reports.csv or months.csv")
	}
	losses, err := signal.Foresee(f.areas, f.assets, out.at, signal.LossOptions{})
	if err != nil {
		return nil, err
	}
	out.signals = append(out.signals, losses...)
	out.signals = append(out.signals, signal.Thinned(f.services, out.at, signal.LossOptions{})...)
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
