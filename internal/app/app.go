// Package app builds the program from its commands. It is the only package that may import everything; what it
// holds is wiring, the logic lives in the rooms it calls.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"

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
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage{fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())}
	})
	root.AddCommand(demoCommand(c), analyseCommand(c), serveCommand(c), matrixCommand(c), calcCommand(c), benchCommand(c), regionCommand(c))
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
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

// usage is a command line that cannot be understood.
type usage struct{ error }

// message is what a person at a terminal reads: place, what is wrong, what to do, and the cause, since whoever
// runs commands is the operator.
func message(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Error()
	}
	return err.Error()
}
