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
	info, err := os.Stat(path)
	if err != nil {
		return fault.Wrap(fault.NotFound, path, "cannot be read", "name a file that was saved on the page of a handover", err)
	}
	if info.Size() > maxParcel {
		return fault.New(fault.TooLarge, path, "is larger than any sealed file", "name a file that was saved on the page of a handover")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return fault.Wrap(fault.NotFound, path, "cannot be read", "check the rights of the file", err)
	}
	var p seal.Parcel
	if err := json.Unmarshal(raw, &p); err != nil {
		return fault.Wrap(fault.Invalid, path, "is no sealed file", "save it again on the page of the handover", err)
	}
	fmt.Fprintln(c.err, "passphrase:")
	in := bufio.NewScanner(c.in)
	if !in.Scan() {
		return fault.New(fault.Invalid, "passphrase", "is missing", "type it, or pass it on standard input")
	}
	contents, err := p.Unseal(strings.TrimRight(in.Text(), "\r\n"))
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
