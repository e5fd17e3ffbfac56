package app

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/seal"
)

// maxParcel is the size in bytes of the largest parcel: a request with many answers and attachments.
const maxParcel = 128 << 20

func unsealCommand(c console) *cobra.Command {
	var files string
	cmd := &cobra.Command{
		Use:   "unseal FILE",
		Short: "Open the sealed content of a handover without the platform",
		Long: `Opens a file that was saved on the page of a handover, and prints what it says as lines of JSON: the request first,
then the messages. With --files its attachments are written into a folder. The passphrase is read from standard input, or
for a file of the recovery sheet its code. Nothing is sent anywhere.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return unseal(c, args[0], files) },
	}
	cmd.Flags().StringVar(&files, "files", "", "folder to write attachments into, in clear; nothing there is overwritten")
	return cmd
}

func unseal(c console, path, files string) error {
	p, err := readParcel(path)
	if err != nil {
		return err
	}
	o, err := opened(c, p)
	if err != nil {
		return err
	}
	for _, content := range o.Messages {
		if _, err := fmt.Fprintf(c.out, "%s\n", content); err != nil {
			return fault.Wrap(fault.Internal, "output", "cannot be written", "", err)
		}
	}
	if len(o.Files) == 0 {
		return nil
	}
	if files == "" {
		_, err := fmt.Fprintf(c.err, "%d attachments: name a folder by --files to write them\n", len(o.Files))
		return err
	}
	return writeAttached(c, o, files)
}

// writeAttached writes attachments into a folder, under their names as far as those are plain.
func writeAttached(c console, o seal.Opened, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.Wrap(fault.Internal, dir, "cannot be made", "name a folder that you may write to", err)
	}
	folder, err := os.OpenRoot(dir)
	if err != nil {
		return fault.Wrap(fault.Internal, dir, "cannot be opened", "name a folder that you may write to", err)
	}
	for _, content := range o.Messages {
		m, err := seal.ReadMessage(content)
		if err != nil {
			return errors.Join(err, folder.Close())
		}
		for _, f := range m.Files {
			raw, there := o.Files[f.Part]
			if !there {
				fmt.Fprintf(c.err, "%s is not in the file\n", plainFile(f.Name))
				continue
			}
			if err := writeNew(folder, plainFile(f.Name), raw); err != nil {
				return errors.Join(fault.Wrap(fault.Conflict, plainFile(f.Name), "cannot be written", "name an empty folder", err), folder.Close())
			}
		}
	}
	return folder.Close()
}

// writeNew writes a file that is not there yet; a second one of the same name gets a number in front.
func writeNew(folder *os.Root, name string, raw []byte) error {
	for i := 1; ; i++ {
		as := name
		if i > 1 {
			as = fmt.Sprintf("%d-%s", i, name)
		}
		to, err := folder.OpenFile(as, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) && i < 1000 {
			continue
		}
		if err != nil {
			return err
		}
		_, err = to.Write(raw)
		return errors.Join(err, to.Close())
	}
}

// plainFile is the name of an attachment as a file can have it: a sender can call it anything.
func plainFile(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" -_.()", r) {
			return r
		}
		return '_'
	}, strings.ToValidUTF8(name, "_"))
	if name = strings.TrimLeft(strings.TrimSpace(name), ".-"); name == "" {
		return "attachment"
	}
	if runes := []rune(name); len(runes) > 60 {
		name = string(runes[len(runes)-60:])
	}
	return name
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

// opened gives what a parcel says; the passphrase is read from standard input.
func opened(c console, p seal.Parcel) (seal.Opened, error) {
	fmt.Fprintln(c.err, "passphrase:")
	in := bufio.NewScanner(c.in)
	if !in.Scan() {
		return seal.Opened{}, fault.New(fault.Invalid, "passphrase", "is missing", "type it, or pass it on standard input")
	}
	return p.Unseal(strings.TrimRight(in.Text(), "\r\n"))
}
