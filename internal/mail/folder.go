package mail

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gevor/fault"
	"gevor/outbox"
)

// Folder keeps mails as files that any mail program opens.
type Folder struct{ dir string }

// OpenFolder gives a folder, which is made where it is absent. Only the program's own account may look into it.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Wrap(fault.Invalid, dir, "cannot hold mails", "name a folder that the program may write to", err)
	}
	return &Folder{dir}, nil
}

// Keep lays a mail down under its id: whole or not at all, and on disk before it returns. The same id again replaces
// what lay there.
func (f *Folder) Keep(id string, raw []byte) (err error) {
	defer func() {
		if err != nil {
			err = fault.Wrap(fault.Busy, f.dir, "a mail cannot be laid down", "make room, and the folder writable", err)
		}
	}()
	part, err := os.CreateTemp(f.dir, ".part-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(part.Name()))
		}
	}()
	_, err = part.Write(raw)
	if err = errors.Join(err, part.Sync(), part.Close()); err != nil {
		return err
	}
	if err = os.Rename(part.Name(), filepath.Join(f.dir, id+".eml")); err != nil {
		return err
	}
	dir, err := os.Open(f.dir)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Sweep removes mails laid down before a time, and gives how many.
func (f *Folder) Sweep(before time.Time) (swept int, err error) {
	names, err := filepath.Glob(filepath.Join(f.dir, "*.eml"))
	if err != nil {
		return 0, fault.Wrap(fault.Internal, f.dir, "cannot be listed", "", err)
	}
	for _, name := range names {
		at, err := os.Stat(name)
		if err == nil && at.ModTime().Before(before) {
			err = os.Remove(name)
			swept++
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return swept, fault.Wrap(fault.Busy, name, "an old mail cannot be removed", "make the folder writable", err)
		}
	}
	return swept, nil
}

// Letters reads what lies in the folder, the latest first, at most limit. A file that is no mail is left out.
func (f *Folder) Letters(limit int) ([]outbox.Letter, error) {
	names, err := filepath.Glob(filepath.Join(f.dir, "*.eml"))
	if err != nil {
		return nil, fault.Wrap(fault.Internal, f.dir, "cannot be listed", "", err)
	}
	var out []outbox.Letter
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, name, "cannot be read", "", err)
		}
		if l, err := read(raw); err == nil {
			l.Name = filepath.Base(name)
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b outbox.Letter) int { return cmp.Or(b.Made.Compare(a.Made), cmp.Compare(a.Name, b.Name)) })
	return out[:min(limit, len(out))], nil
}

// read takes a mail apart again.
func read(raw []byte) (l outbox.Letter, err error) {
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return l, err
	}
	if l.Made, err = m.Header.Date(); err != nil {
		return l, err
	}
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return l, err
	}
	l.To = strings.Trim(m.Header.Get("To"), "<>")
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return l, err
	}
	part, err := multipart.NewReader(m.Body, params["boundary"]).NextRawPart()
	if err != nil {
		return l, err
	}
	text, err := io.ReadAll(quotedprintable.NewReader(part))
	l.Text = strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n"))
	return l, err
}
