package alliance

import (
	"math"
	"slices"
	"time"

	"gevor/authz"
	"gevor/effect"
	"gevor/form"
	"gevor/indicator"
)

// Yardstick says by which published figures a measure will be judged. It is written down before the measure can have worked,
// so that nobody chooses afterwards what looks best.
type Yardstick struct {
	Measure    string
	Dataset    string           // identifier in the data catalogue
	Areas      []string         // keys of the districts in which the measure works, ascending
	Start      indicator.Period // the first period in which it works
	Worthwhile float64          // change worth having, ≥ 0, in the dataset's unit, of rare rates in per cent; 0 for twice the noise
	Fixed      time.Time        // when it was written down
	Version    int
}

// mostAreas is how many districts one measure may be judged in.
const mostAreas = 50

// Check tidies a yardstick; fault.Invalid with the fields dataset, areas, start and worthwhile.
func (y Yardstick) Check() (Yardstick, error) {
	var f form.Fields
	y.Dataset = f.Line("dataset", y.Dataset, 1, mostLine)
	y.Areas = slices.Compact(slices.Sorted(slices.Values(y.Areas)))
	if len(y.Areas) == 0 {
		f.Add("areas", "empty")
	} else if len(y.Areas) > mostAreas {
		f.Add("areas", "areas_many")
	}
	if !y.Start.Valid() {
		f.Add("start", "empty")
	}
	if math.IsNaN(y.Worthwhile) || math.IsInf(y.Worthwhile, 0) || y.Worthwhile < 0 {
		f.Add("worthwhile", "number")
	}
	return y, f.Err()
}

// Late says whether it was written down when the first period with the measure was over already, so that its
// figures may have been known.
func (y Yardstick) Late() bool { return !y.Fixed.Before(y.Start.End()) }

// Options are those of the judgement.
func (y Yardstick) Options(counts bool) effect.Options {
	o := effect.Defaults()
	o.Worthwhile = y.Worthwhile
	if counts {
		o.Worthwhile = math.Log1p(y.Worthwhile / 100)
	}
	return o
}

// Judged is what an effect came to on the day of an appraisal. Change, Low and High are nil where there was no estimate.
type Judged struct {
	Verdict           effect.Verdict
	Reason            effect.Reason
	Displaced         bool // the neighbours worsened meanwhile
	Change, Low, High *float64
	Places            int              // comparable places behind it
	Until             indicator.Period // the latest period of the figures
}

// JudgedOf keeps of a result what an appraisal records.
func JudgedOf(r *effect.Result, until indicator.Period) Judged {
	number := func(x float64) *float64 {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil
		}
		return &x
	}
	d := r.Difference
	return Judged{Verdict: r.Verdict, Reason: r.Reason, Displaced: r.Displaced(), Change: number(d.Change), Low: number(d.Low), High: number(d.High), Places: d.Places, Until: until}
}

// Appraisal is what was recorded of a measure's effect: what the figures said that day, and what people make of it. It is
// never changed afterwards; figures that come later make one of their own.
type Appraisal struct {
	ID        string
	Measure   string
	Owner     authz.OrganisationID // who keeps the measure
	At        time.Time
	Yardstick Yardstick // as it stood
	Judged    Judged
	Note      string // what people make of it
}

// Check tidies an appraisal; fault.Invalid with the field note.
func (r Appraisal) Check() (Appraisal, error) {
	var f form.Fields
	r.Note = f.Text("note", r.Note, 2, mostText)
	return r, f.Err()
}
