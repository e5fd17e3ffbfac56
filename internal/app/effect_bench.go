package app

import (
	"context"
	"encoding/json"
	"math"

	"github.com/spf13/cobra"

	"gevor/effect"
	"gevor/internal/demo"
)

func benchEffectCommand(c console) *cobra.Command {
	var seeds int
	var first uint64
	cmd := &cobra.Command{
		Use:   "effect --seeds N",
		Short: "Hold estimates of effects against planted ones",
		Long: `Draws N regions of every kind in which a measure changes one district by 2 to 3 times the noise, and N in which it does
nothing, and prints for each kind: the share of 90 % intervals that hold the truth, by method; the verdicts; and what
was said of the neighbours. Noise is the standard deviation of one period of the district around its own course.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out []effectWire
			for _, country := range demo.Countries() {
				w, err := benchEffects(cmd.Context(), country, first, seeds)
				if err != nil {
					return err
				}
				out = append(out, w)
			}
			enc := json.NewEncoder(c.out)
			enc.SetIndent("", "  ")
			return enc.Encode(struct {
				Seeds   int          `json:"seeds"`
				First   uint64       `json:"first_seed"`
				Regions []effectWire `json:"regions"`
			}{seeds, first, out})
		},
	}
	fl := cmd.Flags()
	fl.IntVar(&seeds, "seeds", 200, "regions of every kind, with an effect and without")
	fl.Uint64Var(&first, "first-seed", 1, "seed of the first region")
	return cmd
}

// effectWire is what came of one kind of region.
type effectWire struct {
	Region      string         `json:"region"`
	Says        string         `json:"says"`
	Difference  float64        `json:"coverage_difference"`
	Synthetic   float64        `json:"coverage_synthetic"`
	Interrupted *float64       `json:"coverage_interrupted,omitempty"`
	Plain       float64        `json:"coverage_plain_difference"`
	Width       float64        `json:"half_width_in_noises"`
	Planted     map[string]int `json:"verdicts_with_effect"`
	Nothing     map[string]int `json:"verdicts_without"`
	Reasons     map[string]int `json:"cannot_be_told_because"`
	Pushed      map[string]int `json:"neighbours_with_effect"`
}

// shareOf counts how often something held.
type shareOf struct{ held, asked int }

func (s *shareOf) add(held bool) {
	s.asked++
	if held {
		s.held++
	}
}

func (s *shareOf) share() float64 { return round(float64(s.held)/math.Max(1, float64(s.asked)), 3) }

func holds(e effect.Estimate, truth float64) bool { return e.Low <= truth && truth <= e.High }

func benchEffects(ctx context.Context, country demo.Country, first uint64, seeds int) (effectWire, error) {
	w := effectWire{Region: country.Name, Says: country.Says, Planted: map[string]int{}, Nothing: map[string]int{}, Reasons: map[string]int{}, Pushed: map[string]int{}}
	var difference, synthetic, interrupted, plain shareOf
	width, widths := 0.0, 0
	for k := range 2 * seeds {
		if err := ctx.Err(); err != nil {
			return w, err
		}
		seed := first + uint64(k/2)
		planted := 0.0
		if k%2 == 0 {
			planted = 2 + float64(seed%11)/10
		}
		drawn := demo.DrawCourses(country, seed, planted)
		r, err := effect.Judge(studyOf(drawn), effect.Defaults())
		if err != nil {
			return w, err
		}
		if planted > 0 {
			w.Planted[string(r.Verdict)]++
			w.Pushed[string(r.Elsewhere.Verdict)]++
			if r.Verdict == effect.CannotTell {
				w.Reasons[string(r.Reason)]++
			}
		} else {
			w.Nothing[string(r.Verdict)]++
		}
		if r.Difference.Known() {
			difference.add(holds(r.Difference, drawn.Effect))
			synthetic.add(holds(r.Synthetic, drawn.Effect))
			width += (r.Difference.High - r.Difference.Low) / 2 / drawn.Noise
			widths++
			plain.add(holds(periodwise(drawn), drawn.Effect))
		}
		if r.Interrupted.Known() {
			interrupted.add(holds(r.Interrupted, drawn.Effect))
		}
	}
	w.Difference, w.Synthetic, w.Plain = difference.share(), synthetic.share(), plain.share()
	if interrupted.asked > 0 {
		v := interrupted.share()
		w.Interrupted = &v
	}
	w.Width = round(width/math.Max(1, float64(widths)), 2)
	return w, nil
}

// studyOf makes the study of a drawn region.
func studyOf(d *demo.Courses) effect.Study {
	s := effect.Study{Start: d.Start, Counts: d.Counts, Better: effect.LowerIsBetter}
	for _, a := range d.Areas {
		role := effectRoles()[a.Role]
		s.Areas = append(s.Areas, effect.Area{Key: a.Key, Role: role, Traits: a.Traits, Values: a.Values, Cases: a.Cases, People: a.People})
	}
	return s
}

// periodwise is the control of the bench: the usual difference in differences over single figures, which takes every
// period of every place for an observation of its own.
func periodwise(d *demo.Courses) effect.Estimate {
	value := func(a demo.Course, t int) float64 {
		if d.Counts {
			return math.Log((a.Cases[t] + 0.5) / a.People[t])
		}
		return a.Values[t]
	}
	n := len(d.Areas[0].Values) + len(d.Areas[0].Cases)
	var gaps [2][]float64
	for t := range n {
		sum, places := 0.0, 0
		for _, a := range d.Areas {
			if a.Role == "comparable" {
				sum, places = sum+value(a, t), places+1
			}
		}
		side := 0
		if t >= d.Start {
			side = 1
		}
		gaps[side] = append(gaps[side], value(d.Areas[0], t)-sum/float64(places))
	}
	moments := func(v []float64) (mean, variance float64) {
		for _, x := range v {
			mean += x / float64(len(v))
		}
		for _, x := range v {
			variance += (x - mean) * (x - mean) / float64(len(v)-1)
		}
		return mean, variance
	}
	m0, v0 := moments(gaps[0])
	m1, v1 := moments(gaps[1])
	const z = 1.6448536269514722 // of 90 %
	half := z * math.Sqrt(v0/float64(len(gaps[0]))+v1/float64(len(gaps[1])))
	return effect.Estimate{Change: m1 - m0, Low: m1 - m0 - half, High: m1 - m0 + half}
}
