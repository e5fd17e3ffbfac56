package app

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gevor/fault"
	"gevor/internal/config"
)

func configCommand(c console) *cobra.Command {
	check := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Tell everything that is wrong with a configuration",
		Long: `Reads the file, the environment, and the files that they name (secrets, certificates), and lists every fault with
its line and what would be allowed. Without FILE it checks what gevor serve would use. Run it as the user that serves.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			file := ""
			if len(args) > 0 {
				file = args[0]
			}
			return checkConfiguration(c, config.Path(file, os.Environ()))
		},
	}
	example := &cobra.Command{
		Use:   "example",
		Short: "Print the documented example file: every key, its default, what is allowed",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return config.Example(c.out) },
	}
	return family("config", "Check the configuration, or print an example of it", check, example)
}

func checkConfiguration(c console, file string) error {
	conf, problems := config.Load(file, os.Environ())
	for _, p := range problems {
		fmt.Fprintln(c.err, p)
	}
	if file == "" {
		file = "environment and defaults"
	}
	switch n := len(problems); n {
	case 0:
	case 1:
		return fault.New(fault.Invalid, file, "has one problem, see above", "")
	default:
		return fault.New(fault.Invalid, file, fmt.Sprintf("has %d problems, see above", n), "")
	}
	for _, h := range conf.Hints() {
		fmt.Fprintln(c.out, "hint:", h)
	}
	fmt.Fprintf(c.out, "%s: sound\n", file)
	return nil
}

// configFlag adds the flag that names the configuration.
func configFlag(fl *pflag.FlagSet, file *string) {
	fl.StringVar(file, "config", "", "configuration; without it $GEVOR_CONFIG, else "+config.File+" where it exists; none for none")
}

// configuration reads what --config names.
func configuration(named string) (*config.Config, error) {
	conf, problems := config.Load(config.Path(named, os.Environ()), os.Environ())
	return conf, config.Err(problems)
}
