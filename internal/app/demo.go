package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"gevor/internal/demo"
	"gevor/region"
)

func demoCommand(c console) *cobra.Command {
	var o demo.Options
	var out string
	var ifAbsent bool
	cmd := &cobra.Command{
		Use:   "demo --out DIR",
		Short: "Make the invented region Musterrevier, as files in the real formats",
		Long: `Writes a region folder with OSM extract, timetable, census grid, boundaries, offers and municipal statistics of
fictional cities. Everything is drawn from the seed: same seed, same bytes. Care gaps are planted and listed in
truth.json. Nothing in it is real.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if ifAbsent {
				if _, err := os.Stat(filepath.Join(out, region.DescriptionFile)); err == nil {
					fmt.Fprintf(c.err, "%s is there already\n", out)
					return nil
				}
			}
			report, wait := progress(c.err)
			defer wait()
			o.Progress = report
			return writeDemo(cmd.Context(), c, out, o)
		},
	}
	fl := cmd.Flags()
	fl.Uint64Var(&o.Seed, "seed", 1, "what the world is drawn from")
	fl.IntVar(&o.People, "people", 300_000, "how many people live in it")
	fl.BoolVar(&o.NoGaps, "no-gaps", false, "plant no gap")
	fl.StringVar(&out, "out", "", "folder to write")
	fl.BoolVar(&ifAbsent, "if-absent", false, "do nothing where the folder holds a region already")
	_ = cmd.MarkFlagRequired("out") // fails only for a flag that does not exist
	return cmd
}

func writeDemo(ctx context.Context, c console, out string, o demo.Options) error {
	if err := demo.Write(ctx, out, o); err != nil {
		return err
	}
	fmt.Fprintf(c.err, "invented region with %d people written to %s\n", o.People, out)
	return nil
}
