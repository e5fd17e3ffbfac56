package app

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/notice"
	"gevor/signal"
)

func benchLossesCommand(c console) *cobra.Command {
	return &cobra.Command{
		Use:   "losses DIR...",
		Short: "Hold foreseen losses against planted ones",
		Long: `Reads folders early-warning as gevor demo writes them, asks on the first day after their reports which losses are
foreseen, and holds the answer against the planted losses in truth.json: practices whose doctors grow old, money that
ends, offers that close, a timetable that thins out. Printed are, by kind and for all: how many were planted, found in
the right district and category and of the right kind (recall), how many signals of the kind there were in districts
and how many of these were planted (precision), whether a dated loss was foreseen for its day, how many days were left
(median), and when it was first foreseeable: the asking is repeated every month back to two years before the reports'
end with what the tables say today, so that is the reach of the method, not of the data.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, dirs []string) error { return benchLosses(c, dirs) },
	}
}

// plantedLoss is a loss of truth.json.
type plantedLoss struct {
	Kind, District, Problem, Date string
}

// lossScore is what became of one kind of loss.
type lossScore struct {
	Kind      string  `json:"kind"`
	Planted   int     `json:"planted"`
	Found     int     `json:"found"`
	Recall    float64 `json:"recall"`
	Signals   int     `json:"signals_of_districts"`
	Wider     int     `json:"signals_of_wider_places"`
	Precision float64 `json:"precision"`
	Dated     int     `json:"found_with_a_planted_date"`
	OnDay     int     `json:"foreseen_for_that_day_or_the_days_of_its_month"`
	LeadDays  int     `json:"lead_days_median"`
	Reach     int     `json:"first_foreseeable_days_before_median"`
	leads     []int
	reaches   []int
}

var lossKinds = [...]signal.Source{signal.Retirement, signal.Funding, signal.Offers, signal.Timetable}

func benchLosses(c console, dirs []string) error {
	scores := make([]lossScore, len(lossKinds)+1)
	for i := range lossKinds {
		scores[i].Kind = string(lossKinds[i])
	}
	all := &scores[len(lossKinds)]
	all.Kind = "all"
	for _, dir := range dirs {
		raw, err := os.ReadFile(filepath.Join(dir, "truth.json"))
		if err != nil {
			return fault.Wrap(fault.NotFound, dir, "holds no truth.json", "give folders early-warning as gevor demo writes them", err)
		}
		var truth struct{ Losses []plantedLoss }
		if err := json.Unmarshal(raw, &truth); err != nil {
			return fault.Wrap(fault.Invalid, dir, "has a truth.json that cannot be read", "write the region anew with gevor demo", err)
		}
		folder, err := readWatch(dir, &notice.List{})
		if err != nil {
			return err
		}
		if err := judgeLosses(folder, truth.Losses, scores); err != nil {
			return err
		}
	}
	for i := range lossKinds {
		s := &scores[i]
		all.Planted, all.Found, all.Signals, all.Wider = all.Planted+s.Planted, all.Found+s.Found, all.Signals+s.Signals, all.Wider+s.Wider
		all.Dated, all.OnDay = all.Dated+s.Dated, all.OnDay+s.OnDay
		all.leads, all.reaches = append(all.leads, s.leads...), append(all.reaches, s.reaches...)
	}
	for i := range scores {
		s := &scores[i]
		s.Recall, s.Precision = share(s.Found, s.Planted), share(s.Found, s.Signals)
		s.LeadDays, s.Reach = middle(s.leads), middle(s.reaches)
	}
	out := json.NewEncoder(c.out)
	out.SetIndent("", "  ")
	return out.Encode(struct {
		Regions int         `json:"regions"`
		Kinds   []lossScore `json:"kinds"`
	}{len(dirs), scores})
}

func share(n, of int) float64 { return round(float64(n)/float64(max(1, of)), 3) }

func middle(v []int) int {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return v[len(v)/2]
}

// lossesOf asks on a day what is foreseen.
func (f *watchFolder) lossesOf(at time.Time) ([]signal.Signal, error) {
	out, err := signal.Foresee(f.areas, f.assets, at, signal.LossOptions{})
	return append(out, signal.Thinned(f.services, at, signal.LossOptions{})...), err
}

// judgeLosses adds one region to the scores. A signal speaks of a planted loss that has its kind, district and category;
// a timetable has no category.
func judgeLosses(f *watchFolder, planted []plantedLoss, scores []lossScore) error {
	at := f.end()
	if at.IsZero() {
		return fault.New(fault.NotFound, f.dir, "holds no reports", "give folders early-warning as gevor demo writes them")
	}
	found, err := f.lossesOf(at)
	if err != nil {
		return err
	}
	kind := func(source signal.Source) *lossScore { return &scores[slices.Index(lossKinds[:], source)] }
	for i := range found {
		if s := kind(found[i].Sources[0]); found[i].Level == signal.InDistrict {
			s.Signals++
		} else {
			s.Wider++
		}
	}
	for _, x := range planted {
		source := signal.Source(x.Kind)
		if slices.Index(lossKinds[:], source) < 0 {
			return fault.New(fault.Invalid, f.dir, fmt.Sprintf("plants a loss of the unknown kind %q", x.Kind), "write the region anew with gevor demo")
		}
		same := func(s signal.Signal) bool {
			return s.Sources[0] == source && s.Level == signal.InDistrict && s.Area == x.District && s.Subject.Problem == x.Problem
		}
		s := kind(source)
		s.Planted++
		k := slices.IndexFunc(found, same)
		if k < 0 {
			continue
		}
		s.Found++
		s.leads = append(s.leads, found[k].LeadDays)
		day := found[k].To
		if x.Date != "" {
			s.Dated++
			if day, err = time.Parse(time.DateOnly, x.Date); err != nil {
				return fault.Wrap(fault.Invalid, f.dir, "plants a loss without a day", "write the region anew with gevor demo", err)
			}
			if early := day.Sub(found[k].To); early.Abs() <= 31*24*time.Hour {
				s.OnDay++
			}
		}
		first := at
		for months := 1; months <= 24; months++ {
			then := at.AddDate(0, -months, 0)
			before, err := f.lossesOf(then)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(before, same) {
				break
			}
			first = then
		}
		s.reaches = append(s.reaches, int(day.Sub(first).Hours()/24))
	}
	return nil
}
