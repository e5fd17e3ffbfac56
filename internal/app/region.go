package app

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/internal/fetch"
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
	var data string
	check := &cobra.Command{
		Use:   "check DIR",
		Short: "Say everything that is wrong with a region.toml, with file and line",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			problems := region.Check(regionFiles(args[0], data))
			for _, p := range problems {
				fmt.Fprintln(c.out, message(inFolder(p.Fault(), args[0], data)))
			}
			switch len(problems) {
			case 0:
			case 1:
				return fault.New(fault.Invalid, args[0], "one problem", "mend it")
			default:
				return fault.New(fault.Invalid, args[0], fmt.Sprintf("%d problems", len(problems)), "mend them in the order given")
			}
			fmt.Fprintln(c.out, "nothing wrong")
			return nil
		},
	}
	check.Flags().StringVar(&data, "data", "", "folder with files that do not lie in the region's folder")
	return family("region", "Check or fetch the folder of a region", check, fetchCommand(c))
}

func fetchCommand(c console) *cobra.Command {
	var dir string
	var o fetch.Options
	cmd := &cobra.Command{
		Use:   "fetch --region DIR",
		Short: "Bring the files that a region's sources.toml names",
		Long: `Downloads every file of sources.toml into the region's folder: only from the hosts named there, continued where a
download broke off, checked, and put in place whole. Files that have not changed at their source stay. This is the
only command that reaches out.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, wait := progress(c.err)
			o.Progress = report
			outcomes, err := fetch.Fetch(cmd.Context(), dir, o)
			wait()
			for _, x := range outcomes {
				line := fmt.Sprintf("%-10s %s", x.State, x.To)
				if x.Err != nil {
					line += ": " + message(x.Err)
				}
				fmt.Fprintln(c.out, line)
			}
			return err
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&dir, "region", "", "folder with sources.toml")
	fl.StringSliceVar(&o.Only, "only", nil, "paths to fetch; all without it")
	fl.BoolVar(&o.AllowPrivate, "allow-private", false, "let names lead to private addresses, for a mirror inside the office")
	_ = cmd.MarkFlagRequired("region") // fails only for a flag that does not exist
	return cmd
}
