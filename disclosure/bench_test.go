package disclosure_test

import (
	"testing"

	"gevor/disclosure"
)

// The tables of docs/figures/disclosure.md.
func BenchmarkGate(b *testing.B) {
	for _, c := range []struct {
		name  string
		table *disclosure.Table
		rules disclosure.Rules
	}{
		{"500", region{districts: 20, boroughs: 4, plans: 3, ages: 5, seed: 1, scale: 12}.table(2021, 2022, 2023), ba},
		{"5000", region{districts: 170, boroughs: 12, plans: 5, ages: 12, seed: 1, scale: 12}.table(2022, 2023), ba},
		{"5000oneYear", region{districts: 170, boroughs: 12, plans: 5, ages: 26, seed: 1, scale: 12}.table(2022), ba},
		{"5000sparse", region{districts: 170, boroughs: 12, plans: 5, ages: 12, seed: 1, scale: 4, sparse: 0.2}.table(2022, 2023), ba},
	} {
		b.Run(c.name, func(b *testing.B) {
			for range b.N {
				_, r, err := disclosure.Gate(c.table, c.rules, disclosure.Options{})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(r.Cells), "cells")
				b.ReportMetric(float64(r.Primary), "primary")
				b.ReportMetric(float64(r.Secondary), "secondary")
				b.ReportMetric(float64(r.Programs), "programs")
				b.ReportMetric(100*r.Hidden/r.Value, "%value")
			}
		})
	}
}

var ba = disclosure.Rules{Name: "BA", MinimumCell: 3, Weight: disclosure.ByValue}
