package fetch

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"gevor/fault"
)

// partSuffix marks a file that has not come completely; beside it lies a note on which version it is a part of.
const (
	partSuffix = ".part"
	noteSuffix = ".json"
)

// partNote is what must hold for a part to be continued.
type partNote struct {
	URL, ETag, LastModified string
}

func (n partNote) validator() string {
	if n.ETag != "" && !strings.HasPrefix(n.ETag, "W/") {
		return n.ETag
	}
	return n.LastModified
}

// download is one file on its way.
type download struct {
	f     *fetcher
	s     *Source
	part  string
	old   *Got // what is in place and recorded; nil where nothing is
	note  partNote
	again bool // whether the last failure may pass by itself
}

// try asks the server once. It continues a part where the server still has the same version.
func (d *download) try(ctx context.Context) (State, error) {
	d.again = false
	have := d.resumable()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.s.URL, nil)
	if err != nil {
		return Failed, d.s.fail(fault.Invalid, "the address cannot be asked", "correct the url", err)
	}
	req.Header.Set("User-Agent", "gevor region fetch")
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		req.Header.Set("If-Range", d.note.validator())
	} else if d.old != nil {
		if d.old.ETag != "" {
			req.Header.Set("If-None-Match", d.old.ETag)
		}
		if d.old.LastModified != "" {
			req.Header.Set("If-Modified-Since", d.old.LastModified)
		}
	}
	res, err := d.client().Do(req)
	if err != nil {
		var refused *fault.Error
		if errors.As(err, &refused) {
			return Failed, refused
		}
		d.again = true
		return Failed, d.s.fail(fault.Busy, "the server does not answer", "check the connection and try again", err)
	}
	defer func() { _ = res.Body.Close() }() // the body was read to its end or is given up
	switch res.StatusCode {
	case http.StatusNotModified:
		if d.old != nil {
			return Unchanged, nil
		}
	case http.StatusPartialContent:
		if from, ok := rangeStart(res.Header.Get("Content-Range")); ok && from == have && have > 0 {
			return New, d.take(ctx, res, have)
		}
		d.again = true
		return Failed, errors.Join(d.s.fail(fault.Busy, "the server continues at the wrong place", "try again", nil), d.forget())
	case http.StatusRequestedRangeNotSatisfiable:
		d.again = true
		return Failed, errors.Join(d.s.fail(fault.Busy, "the server cannot continue the part", "try again", nil), d.forget())
	case http.StatusOK:
		return New, d.take(ctx, res, 0)
	}
	d.again = res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests
	kind, advice := fault.NotFound, "look on the publisher's page "+d.s.Page+" for the new address and correct "+SourcesFile
	if d.again {
		kind, advice = fault.Busy, "try again later"
	}
	return Failed, d.s.fail(kind, "the server answers "+res.Status, advice, nil)
}

// client follows redirects only to hosts that stand in the list.
func (d *download) client() *http.Client {
	c := *d.f.o.Client
	c.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if len(via) >= 5 {
			return d.s.fail(fault.Invalid, "the server sends from one address to the next without end", "correct the url", nil)
		}
		if req.URL.Scheme != "https" || !d.s.allows(req.URL.Host) {
			return d.s.fail(fault.Denied, "the server sends to "+redact(req.URL)+", which is not in the list", "if that is right, add the host to redirect_hosts in "+SourcesFile, nil)
		}
		return nil
	}
	return &c
}

func redact(u *url.URL) string { return u.Scheme + "://" + u.Host }

// resumable gives how many bytes of the part can be kept.
func (d *download) resumable() int64 {
	raw, err := os.ReadFile(d.part + noteSuffix)
	if err != nil || json.Unmarshal(raw, &d.note) != nil || d.note.URL != d.s.URL || d.note.validator() == "" {
		return 0
	}
	st, err := os.Stat(d.part)
	if err != nil {
		return 0
	}
	return st.Size()
}

func rangeStart(header string) (int64, bool) {
	rest, ok := strings.CutPrefix(header, "bytes ")
	if !ok {
		return 0, false
	}
	first, _, ok := strings.Cut(rest, "-")
	n, err := strconv.ParseInt(first, 10, 64)
	return n, ok && err == nil
}

// take writes the answer to the part, from the byte at which it begins.
func (d *download) take(ctx context.Context, res *http.Response, from int64) (err error) {
	total := int64(0)
	if res.ContentLength >= 0 {
		total = from + res.ContentLength
	}
	if total > d.s.MaxBytes {
		return errors.Join(d.tooLarge(), d.forget())
	}
	d.note = partNote{URL: d.s.URL, ETag: res.Header.Get("ETag"), LastModified: res.Header.Get("Last-Modified")}
	raw, err := json.Marshal(d.note)
	if err != nil {
		return d.s.fail(fault.Internal, "the note cannot be written down", "", err)
	}
	flags := os.O_WRONLY | os.O_CREATE
	if from == 0 {
		flags |= os.O_TRUNC
	} else {
		flags |= os.O_APPEND
	}
	f, err := os.OpenFile(d.part, flags, 0o644)
	if err == nil {
		err = os.WriteFile(d.part+noteSuffix, raw, 0o644)
	}
	if err != nil {
		return d.s.fail(fault.Invalid, "the file cannot be written", "check rights and free space", err)
	}
	n, err := d.copy(ctx, f, res.Body, from, total)
	if closeErr := errors.Join(f.Sync(), f.Close()); err == nil && closeErr != nil {
		return d.s.fail(fault.Invalid, "the file cannot be written", "check rights and free space", closeErr)
	}
	if err != nil {
		return err
	}
	if total > 0 && n != total {
		d.again = true
		return d.s.fail(fault.Busy, fmt.Sprintf("the connection ended after %d of %d bytes", n, total), "start again; it goes on where it stopped", nil)
	}
	return nil
}

func (d *download) tooLarge() error {
	return d.s.fail(fault.TooLarge, fmt.Sprintf("the file is larger than %d bytes", d.s.MaxBytes), "raise max_bytes in "+SourcesFile+" if that is right", nil)
}

func (d *download) copy(ctx context.Context, to io.Writer, from io.Reader, at, total int64) (int64, error) {
	buf := make([]byte, 256<<10)
	for {
		n, err := from.Read(buf)
		if at += int64(n); at > d.s.MaxBytes {
			return at, errors.Join(d.tooLarge(), d.forget())
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return at, d.s.fail(fault.Invalid, "the file cannot be written", "check rights and free space", err)
		}
		d.f.o.Progress.Report(d.s.To, at, total)
		switch {
		case err == io.EOF:
			return at, nil
		case ctx.Err() != nil:
			return at, d.s.fail(fault.Busy, "the download was stopped", "start it again; it goes on where it stopped", err)
		case err != nil:
			d.again = true
			return at, d.s.fail(fault.Busy, fmt.Sprintf("the connection ended after %d bytes", at), "start again; it goes on where it stopped", err)
		}
	}
}

// forget removes the part, so that the next attempt starts from the beginning.
func (d *download) forget() error {
	var errs []error
	for _, name := range []string{d.part, d.part + noteSuffix} {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// finish checks the complete part, unpacks it, and puts it in its place.
func (d *download) finish(name string) (Got, error) {
	if err := d.checkForm(); err != nil {
		return Got{}, errors.Join(err, d.forget())
	}
	n, sum, err := hashFile(d.part)
	if err != nil {
		return Got{}, d.s.fail(fault.Invalid, "the file cannot be read back", "check the disk", err)
	}
	if d.s.SHA256 != "" && !strings.EqualFold(sum, d.s.SHA256) {
		return Got{}, errors.Join(d.s.fail(fault.Corrupt, "the file has the SHA-256 "+sum+", not the one in "+SourcesFile,
			"fetch it again; if the publisher changed it, look at it and write down the new one", nil), d.forget())
	}
	for _, u := range d.s.Unpack {
		if err := d.unpack(u); err != nil {
			return Got{}, err
		}
	}
	if err := os.Rename(d.part, name); err != nil {
		return Got{}, d.s.fail(fault.Invalid, "the file cannot be put in its place", "check rights", err)
	}
	got := Got{To: d.s.To, URL: d.s.URL, Bytes: n, SHA256: sum, ETag: d.note.ETag, LastModified: d.note.LastModified, Fetched: d.f.o.Now().UTC().Format(time.RFC3339)}
	return got, d.forget()
}

// checkForm looks at the first bytes: servers that have moved a file like to send a web page with status 200.
func (d *download) checkForm() (err error) {
	f, err := os.Open(d.part)
	if err != nil {
		return d.s.fail(fault.Invalid, "the file cannot be read back", "check the disk", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return d.s.fail(fault.Invalid, "the file cannot be read back", "check the disk", err)
	}
	head = bytes.TrimPrefix(head[:n], []byte("\xef\xbb\xbf"))
	text := bytes.ToLower(bytes.TrimSpace(head))
	wrong := func(what string) error {
		return d.s.fail(fault.Invalid, "the server sent "+what+" instead of a "+d.s.Form+" file", "look on the publisher's page "+d.s.Page+" for the new address and correct "+SourcesFile, nil)
	}
	if bytes.HasPrefix(text, []byte("<!doctype html")) || bytes.HasPrefix(text, []byte("<html")) {
		return wrong("a web page")
	}
	switch d.s.Form {
	case "zip":
		st, err := f.Stat()
		if err != nil {
			return d.s.fail(fault.Invalid, "the file cannot be read back", "check the disk", err)
		}
		if _, err := zip.NewReader(f, st.Size()); err != nil {
			return wrong("something")
		}
	case "pbf":
		if len(head) < 13 || !bytes.Contains(head[:min(len(head), 64)], []byte("OSMHeader")) {
			return wrong("something")
		}
	case "json":
		if len(text) == 0 || text[0] != '{' && text[0] != '[' {
			return wrong("something")
		}
	case "csv":
		if len(text) == 0 || bytes.IndexByte(head, 0) >= 0 || text[0] == '<' {
			return wrong("something")
		}
	}
	return nil
}

// unpack writes one member of the archive, checked and bounded.
func (d *download) unpack(u Unpack) (err error) {
	z, err := zip.OpenReader(d.part)
	if err != nil {
		return d.s.fail(fault.Invalid, "the archive cannot be opened", "fetch it again", err)
	}
	defer func() { err = errors.Join(err, z.Close()) }()
	for _, m := range z.File {
		if m.Name != u.Member {
			continue
		}
		return replace(d.f.path(u.To), func(w io.Writer) (err error) {
			in, err := m.Open()
			if err != nil {
				return d.s.fail(fault.Invalid, "the member "+u.Member+" cannot be unpacked", "fetch the archive again", err)
			}
			defer func() { err = errors.Join(err, in.Close()) }()
			n, err := io.Copy(w, io.LimitReader(in, u.MaxBytes+1))
			if err != nil {
				return d.s.fail(fault.Corrupt, "the member "+u.Member+" cannot be unpacked", "fetch the archive again", err)
			}
			if n > u.MaxBytes {
				return d.s.fail(fault.TooLarge, fmt.Sprintf("the member %s unpacks to more than %d bytes", u.Member, u.MaxBytes), "raise its max_bytes if that is right", nil)
			}
			return nil
		})
	}
	var names []string
	for _, m := range z.File {
		names = append(names, m.Name)
	}
	return d.s.fail(fault.NotFound, "the archive holds no "+u.Member, "it holds "+strings.Join(names, ", "), nil)
}
