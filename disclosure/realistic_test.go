package disclosure_test

import (
	"fmt"
	"math/rand/v2"

	"gevor/disclosure"
)

// region is an invented table as a municipal office keeps it: districts in boroughs, and planning areas that cut the
// boroughs otherwise; age groups; years. Counts are skewed: most districts are small, the oldest ages rare.
type region struct {
	districts, boroughs, plans int
	ages                       int
	seed                       uint64
	scale                      float64 // mean count of a figure without totals
	sparse                     float64 // share of zeros beyond what the mean brings
}

func part(codes ...string) []disclosure.Part {
	var out []disclosure.Part
	for _, c := range codes {
		out = append(out, disclosure.Part{Code: c, Share: 1})
	}
	return out
}

// table gives the figures of some years.
func (r region) table(years ...int) *disclosure.Table {
	boroughs, plans := map[string][]string{}, map[string][]string{}
	var boroughNames, planNames, ages []string
	for b := range r.boroughs {
		boroughNames = append(boroughNames, fmt.Sprintf("borough %d", b+1))
	}
	for p := range r.plans {
		planNames = append(planNames, fmt.Sprintf("planning area %d", p+1))
	}
	var districts []string
	for d := range r.districts {
		name := fmt.Sprintf("district %02d", d+1)
		districts = append(districts, name)
		b := boroughNames[d*r.boroughs/r.districts]
		boroughs[b] = append(boroughs[b], name)
		if r.plans > 0 {
			p := planNames[(d+r.districts/(2*r.plans)+1)*r.plans/r.districts%r.plans]
			plans[p] = append(plans[p], name)
		}
	}
	for a := range r.ages {
		ages = append(ages, fmt.Sprintf("age %d", a+1))
	}
	area := disclosure.Dimension{Name: "area"}
	for _, b := range boroughNames {
		area.Sums = append(area.Sums, disclosure.Sum{Total: b, By: "districts", Parts: part(boroughs[b]...)})
	}
	area.Sums = append(area.Sums, disclosure.Sum{Total: "city", By: "boroughs", Parts: part(boroughNames...)})
	for _, p := range planNames {
		area.Sums = append(area.Sums, disclosure.Sum{Total: p, By: "districts", Parts: part(plans[p]...)})
	}
	if r.plans > 0 {
		area.Sums = append(area.Sums, disclosure.Sum{Total: "city", By: "planning areas", Parts: part(planNames...)})
	}
	table := &disclosure.Table{
		Counts: true,
		Dimensions: []disclosure.Dimension{
			area, {Name: "age", Sums: []disclosure.Sum{{Total: "all ages", By: "ages", Parts: part(ages...)}}}, {Name: "year"},
		},
	}
	for _, y := range years {
		values := map[[2]string]float64{}
		for d, name := range districts {
			for a, age := range ages {
				rng := rand.New(rand.NewPCG(r.seed+uint64(d)*7919, uint64(a)*104729+uint64(y)))
				mean := r.scale * (0.2 + 1.6*float64((d*37)%r.districts)/float64(r.districts)) * (1.8 - 1.6*float64(a)/float64(r.ages))
				v := float64(int(mean * rng.ExpFloat64()))
				if rng.Float64() < r.sparse {
					v = 0
				}
				values[[2]string{name, age}] = v
				values[[2]string{name, "all ages"}] += v
			}
		}
		allAges := append([]string{"all ages"}, ages...)
		for _, sum := range area.Sums[:len(area.Sums)] {
			if sum.By == "planning areas" {
				continue
			}
			for _, age := range allAges {
				for _, p := range sum.Parts {
					values[[2]string{sum.Total, age}] += values[[2]string{p.Code, age}]
				}
			}
		}
		names := append(append(append([]string{"city"}, boroughNames...), planNames...), districts...)
		for _, name := range names {
			for _, age := range allAges {
				table.Cells = append(table.Cells, disclosure.Cell{At: []string{name, age, fmt.Sprint(y)}, Value: values[[2]string{name, age}]})
			}
		}
	}
	return table
}
