package app

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/seal"
)

// maxParcel is the size in bytes of the largest parcel: a request with many answers.
const maxParcel = 64 << 20

func unsealCommand(c console) *cobra.Command {
	return &cobra.Command{
		Use:   "unseal FILE",
		Short: "Open the sealed content of a handover without the platform",
		Long: `Opens a file that was saved on the page of a handover, and prints what it says as lines of JSON: the request first,
then the messages. The passphrase is read from standard input, or for a file of the recovery sheet its code. Nothing is
sent anywhere.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return unseal(c, args[0]) },
	}
}

func unseal(c console, path string) error {
	p, err := readParcel(path)
	if err != nil {
		return err
	}
	contents, err := opened(c, p)
	if err != nil {
		return err
	}
	for _, content := range contents {
		if _, err := fmt.Fprintf(c.out, "%s\n", content); err != nil {
			return fault.Wrap(fault.Internal, "output", "cannot be written", "", err)
		}
	}
	return nil
}

// readParcel reads a file that was saved on the page of a handover.
func readParcel(path string) (p seal.Parcel, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return p, fault.Wrap(fault.NotFound, path, "cannot be read", "name a file that was saved on the page of a handover", err)
	}
	if info.Size() > maxParcel {
		return p, fault.New(fault.TooLarge, path, "is larger than any sealed file", "name a file that was saved on the page of a handover")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return p, fault.Wrap(fault.NotFound, path, "cannot be read", "check the rights of the file", err)
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, fault.Wrap(fault.Invalid, path, "is no sealed file", "save it again on the page of the handover", err)
	}
	return p, nil
}

// opened gives the contents of a parcel; the passphrase is read from standard input.
func opened(c console, p seal.Parcel) ([][]byte, error) {
	fmt.Fprintln(c.err, "passphrase:")
	in := bufio.NewScanner(c.in)
	if !in.Scan() {
		return nil, fault.New(fault.Invalid, "passphrase", "is missing", "type it, or pass it on standard input")
	}
	return p.Unseal(strings.TrimRight(in.Text(), "\r\n"))
}
