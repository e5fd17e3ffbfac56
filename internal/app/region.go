package app

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/region"
)

// regionFiles is a region's folder, over the folder with its data where they lie elsewhere.
func regionFiles(dir, data string) fs.FS {
	if data == "" {
		return os.DirFS(dir)
	}
	return region.Overlay(os.DirFS(dir), os.DirFS(data))
}

func regionCommand(c console) *cobra.Command {
	cmd := &cobra.Command{Use: "region", Short: "Check or fetch the folder of a region"}
	var data string
	check := &cobra.Command{
		Use:   "check DIR",
		Short: "Say everything that is wrong with a region.toml, with file and line",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			problems := region.Check(regionFiles(args[0], data))
			for _, p := range problems {
				fmt.Fprintln(c.out, p.Fault().Message())
			}
			if len(problems) > 0 {
				return fault.New(fault.Invalid, args[0], fmt.Sprintf("%d problems", len(problems)), "mend them in the order given")
			}
			fmt.Fprintln(c.out, "nothing wrong")
			return nil
		},
	}
	check.Flags().StringVar(&data, "data", "", "folder with files that do not lie in the region's folder")
	cmd.AddCommand(check)
	return cmd
}
