package app

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"gevor/atlas"
	"gevor/fault"
	"gevor/region"
)

func benchCommand(c console) *cobra.Command {
	var dir string
	findings := &cobra.Command{
		Use:   "findings --dir DIR",
		Short: "Hold the findings of a demo region against its planted gaps",
		Long: `Analyses the region in the folder and compares its findings with truth.json by the rule in docs/methods.md.
Prints precision, recall and every miss as JSON.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return inFolder(benchFindings(cmd.Context(), c, dir), dir, "")
		},
	}
	findings.Flags().StringVar(&dir, "dir", "", "folder that gevor demo wrote")
	_ = findings.MarkFlagRequired("dir") // fails only for a flag that does not exist
	return family("bench", "Measure gevor itself", findings, benchSearchCommand(c), benchNeedsCommand(c), benchSignalsCommand(c), benchLossesCommand(c), benchEffectCommand(c))
}

func benchFindings(ctx context.Context, c console, dir string) error {
	truth, err := readTruth(dir)
	if err != nil {
		return err
	}
	report, wait := progress(c.err)
	defer wait()
	files := regionFiles(dir, "")
	d, err := region.ReadDescription(files)
	if err != nil {
		return err
	}
	workers := runtime.GOMAXPROCS(0)
	snap, err := region.Build(ctx, files, d, region.Options{Workers: workers, Progress: report})
	if err != nil {
		return err
	}
	result, err := atlas.Analyse(ctx, snap, atlas.Params{Workers: workers, WalkKmh: snap.WalkKmh}, report)
	if err != nil {
		return err
	}
	out := json.NewEncoder(c.out)
	out.SetIndent("", "  ")
	return out.Encode(evaluationWire(atlas.Evaluate(truth, result)))
}

func readTruth(dir string) (atlas.Truth, error) {
	path := filepath.Join(dir, "truth.json")
	f, err := os.Open(path)
	if err != nil {
		return atlas.Truth{}, fault.Wrap(fault.NotFound, path, "the folder has no planted truth", "use a folder that gevor demo wrote", err)
	}
	defer f.Close()
	return atlas.ReadTruth(f, path)
}

type missedWire struct {
	Gap        string  `json:"gap"`
	People     float64 `json:"people"`
	Missing    float64 `json:"missing_by_run"`
	Nearest    string  `json:"nearest_finding"`
	Cause      string  `json:"cause_of_nearest"`
	OfFinding  float64 `json:"share_of_finding"`
	OfGap      float64 `json:"share_of_gap"`
	Unreported bool    `json:"standard_not_judged"`
}

type falseWire struct {
	Finding string `json:"finding"`
	Gap     string `json:"nearest_gap"`
	Decoy   string `json:"decoy"`
}

type benchWire struct {
	Planted        int          `json:"planted"`
	Reported       int          `json:"reported"`
	Matched        int          `json:"matched"`
	Precision      float64      `json:"precision"`
	Recall         float64      `json:"recall"`
	FalseInGapFree int          `json:"false_in_gap_free_municipalities"`
	OnDecoys       int          `json:"on_decoys"`
	Missed         []missedWire `json:"missed"`
	False          []falseWire  `json:"false"`
}

func evaluationWire(e atlas.Evaluation) benchWire {
	out := benchWire{
		Planted: e.Planted, Reported: e.Reported, Matched: e.Matched, Precision: e.Precision, Recall: e.Recall,
		FalseInGapFree: e.FalseInGapFree, OnDecoys: e.OnDecoys, Missed: []missedWire{}, False: []falseWire{},
	}
	for _, m := range e.Missed {
		out.Missed = append(out.Missed, missedWire{m.Gap, m.People, m.Missing, m.Nearest, m.Cause.String(), m.OfFinding, m.OfGap, m.Unreported})
	}
	for _, f := range e.False {
		out.False = append(out.False, falseWire{f.Finding, f.Gap, f.Decoy})
	}
	return out
}
