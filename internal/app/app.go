// Package app builds the program from its commands. It is the only package that may import everything; what it
// holds is wiring, the logic lives in the rooms it calls.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"gevor/fault"
)

// Version is set by the linker.
var Version = "unreleased"

// console is what a command may read from and print to.
type console struct {
	in       io.Reader
	out, err io.Writer
}

// Main runs one command line and gives the exit code: 0 done, 1 failed, 2 used wrongly.
func Main(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	c := console{in, out, errs}
	root := &cobra.Command{
		Use:   "gevor",
		Short: "From a region's raw data to its care gaps",
		Long: "gevor computes who in a region can really reach which health and social offers, finds the gaps,\n" +
			"and serves them as pages. A region is a folder with a region.toml; \"gevor demo\" makes an invented one.",
		Version:       Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	root.AddCommand(organisationCommand(c), personCommand(c), allianceCommand(c), demoCommand(c), directoryCommand(c), indicatorsCommand(c), analyseCommand(c), workerCommand(c), queueCommand(c), serveCommand(c), matrixCommand(c), calcCommand(c), whatifCommand(c), prospectCommand(c), signalsCommand(c), benchCommand(c), regionCommand(c), configCommand(c),
		backupCommand(c), restoreCommand(c), checkCommand(c), migrateCommand(c), unsealCommand(c), bridgeCommand(c), auditCommand(c))
	began := false
	watch(root, &began)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	if !began { // what goes wrong before a command begins is the command line itself
		err = usage{fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())}
	}
	if ctx.Err() != nil {
		fmt.Fprintln(errs, "gevor: stopped; what was there before is untouched")
		return 1
	}
	fmt.Fprintln(errs, "gevor:", message(err))
	if errors.As(err, new(usage)) {
		return 2
	}
	return 1
}

// watch makes every command below root say that it begins.
func watch(root *cobra.Command, began *bool) {
	for _, cmd := range root.Commands() {
		watch(cmd, began)
		if run := cmd.RunE; run != nil {
			cmd.RunE = func(cmd *cobra.Command, args []string) error {
				*began = true
				return run(cmd, args)
			}
		}
	}
}

// family is a command that only holds others: without arguments it shows them, and a word that is none of them is
// an error, where cobra would show its help and succeed.
func family(use, short string, members ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, RunE: func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return usage{fmt.Errorf("unknown command %q for %q; see %s --help", args[0], cmd.CommandPath(), cmd.CommandPath())}
	}}
	cmd.AddCommand(members...)
	return cmd
}

// usage is a command line that cannot be understood.
type usage struct{ error }

// message is what a person at a terminal reads: place, what is wrong, what to do, and the cause, since whoever
// runs commands is the operator.
func message(err error) string {
	text := err.Error()
	var f *fault.Error
	if errors.As(err, &f) {
		text = f.Error()
	}
	return strings.NewReplacer("\n\t", " ", "\n", "; ").Replace(text) // causes that were joined
}
