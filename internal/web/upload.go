package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"gevor/fault"
	"gevor/form"
)

// fileType is a kind of file that people may send. It is told by the first bytes, never by the name.
type fileType string

// The types of files.
const (
	pdfFile  fileType = "application/pdf"
	pngFile  fileType = "image/png"
	jpegFile fileType = "image/jpeg"
	csvFile  fileType = "text/csv"
	jsonFile fileType = "application/json"
	zipFile  fileType = "application/zip"
	osmFile  fileType = "application/vnd.openstreetmap.data+pbf"
	xlsxFile fileType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// uploadRule says what a form takes. All limits count bytes as they arrive; nothing that is packed is unpacked here.
type uploadRule struct {
	Field string
	Types []fileType
	Each  int64 // of one file
	Most  int   // files; 1 where 0
	Must  bool  // there has to be one
}

// uploaded is a form with its files, which lie in a folder of their own until Close.
type uploaded struct {
	Values url.Values
	Files  []receivedFile
	dir    string
}

// receivedFile is one file that came whole and is of a wanted type.
type receivedFile struct {
	// Name is what the sender calls it, without any folder: for showing, never for opening.
	Name string
	Type fileType
	Size int64
	at   string
}

// Open opens the file for reading.
func (f receivedFile) Open() (*os.File, error) { return os.Open(f.at) }

// Close removes everything that was received.
func (u *uploaded) Close() error { return os.RemoveAll(u.dir) }

// sniffed is how many bytes the type of a file is told by.
const sniffed = 4096

// upload reads a form of type multipart, its files streamed to disk. What is wrong with a file comes back as a fault about
// the field (file_large, file_type, file_empty, file_broken, file_many) together with the values that came before it,
// and no file is left behind. The caller closes what it gets. A form without files may come in the other encoding.
func (p *page) upload(rule uploadRule) (u *uploaded, err error) {
	kind, _, err := mime.ParseMediaType(p.req.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		sent, err := p.form()
		if err != nil {
			return nil, err
		}
		if rule.Must {
			return &uploaded{Values: sent}, refuse(fault.Invalid, rule.Field, "file_empty")
		}
		return &uploaded{Values: sent}, nil
	}
	rule.Most = max(rule.Most, 1)
	// The whole body is bounded too: so many bytes of files, the fields, and what multipart adds.
	p.req.Body = http.MaxBytesReader(p.res, p.req.Body, rule.Each*int64(rule.Most)+maxForm+64<<10)
	parts, err := p.req.MultipartReader()
	if err != nil {
		return &uploaded{}, refuse(fault.Invalid, rule.Field, "file_broken")
	}
	u = &uploaded{Values: url.Values{}}
	if u.dir, err = os.MkdirTemp("", "gevor-upload-"); err != nil {
		return nil, fault.Wrap(fault.Internal, "upload", "there is nowhere to put what was sent", "check the free space", err)
	}
	if err = u.read(parts, rule); err == nil && rule.Must && len(u.Files) == 0 {
		err = refuse(fault.Invalid, rule.Field, "file_empty")
	}
	if err != nil {
		return &uploaded{Values: u.Values}, errors.Join(err, u.Close())
	}
	return u, nil
}

func (u *uploaded) read(parts *multipart.Reader, rule uploadRule) error {
	left := int64(maxForm)
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken(err, rule.Field)
		}
		if part.FileName() == "" && part.FormName() != rule.Field {
			raw, err := io.ReadAll(io.LimitReader(part, left+1))
			if err != nil {
				return broken(err, rule.Field)
			}
			if left -= int64(len(raw) + len(part.FormName())); left < 0 {
				return fault.New(fault.TooLarge, "form", "what was sent is too long", "send less")
			}
			u.Values.Add(part.FormName(), string(raw))
			continue
		}
		if part.FormName() != rule.Field {
			return refuse(fault.Invalid, rule.Field, "file_type")
		}
		if err := u.take(part, rule); err != nil {
			return err
		}
	}
}

// take receives one file. A browser sends an empty part without a name where no file was chosen.
func (u *uploaded) take(part *multipart.Part, rule uploadRule) (err error) {
	head := make([]byte, sniffed)
	n, err := io.ReadFull(part, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrUnexpectedEOF) && n == 0 {
		return broken(err, rule.Field)
	}
	if head = head[:n]; n == 0 {
		if part.FileName() == "" {
			return nil
		}
		return refuse(fault.Invalid, rule.Field, "file_empty")
	}
	if len(u.Files) == rule.Most {
		return refuse(fault.Invalid, rule.Field, "file_many")
	}
	f := receivedFile{Name: plainName(part.FileName())}
	var ok bool
	if f.Type, ok = typeOf(head, rule.Types); !ok {
		return refuse(fault.Invalid, rule.Field, "file_type")
	}
	to, err := os.CreateTemp(u.dir, "file-")
	if err != nil {
		return fault.Wrap(fault.Internal, "upload", "there is nowhere to put what was sent", "check the free space", err)
	}
	f.at = to.Name()
	f.Size, err = io.Copy(to, io.LimitReader(io.MultiReader(bytes.NewReader(head), part), rule.Each+1))
	if closed := to.Close(); closed != nil && err == nil {
		return fault.Wrap(fault.Internal, "upload", "what was sent cannot be kept", "check the free space", closed)
	}
	if err != nil {
		return broken(err, rule.Field)
	}
	if f.Size > rule.Each {
		return refuse(fault.TooLarge, rule.Field, "file_large")
	}
	u.Files = append(u.Files, f)
	return nil
}

// broken tells apart why a body ended too early: it is over the limit, or the connection was.
func broken(err error, field string) error {
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return refuse(fault.TooLarge, field, "file_large")
	}
	return refuse(fault.Invalid, field, "file_broken")
}

func refuse(kind fault.Kind, field, reason string) error {
	return fault.Wrap(kind, "form", "a file cannot be taken", "look at the field", &form.Invalid{Fields: []form.Field{{Name: field, Reason: reason}}})
}

// uploadStatus is the HTTP status of a refused file: 413 for too large, 415 for a wrong type, else 422.
func uploadStatus(err error) int {
	for _, f := range form.Of(err) {
		switch f.Reason {
		case "file_large":
			return http.StatusRequestEntityTooLarge
		case "file_type":
			return http.StatusUnsupportedMediaType
		}
	}
	return http.StatusUnprocessableEntity
}

// typeOf says which of the wanted types a file is, by its first bytes.
func typeOf(head []byte, wanted []fileType) (fileType, bool) {
	for _, t := range wanted {
		if t.fits(head) {
			return t, true
		}
	}
	return "", false
}

// fits says whether a file that begins so can be of the type. CSV and JSON are text in UTF-8 or, for CSV, in
// Windows-1252: what they say is for their readers to judge.
func (t fileType) fits(head []byte) bool {
	begins := func(s string) bool { return bytes.HasPrefix(head, []byte(s)) }
	switch t {
	case pdfFile:
		return begins("%PDF-")
	case pngFile:
		return begins("\x89PNG\r\n\x1a\n")
	case jpegFile:
		return begins("\xff\xd8\xff")
	case zipFile:
		return begins("PK\x03\x04")
	case xlsxFile:
		return begins("PK\x03\x04") && bytes.Contains(head, []byte("[Content_Types].xml"))
	case osmFile: // a length, then the name of the first blob
		return bytes.Contains(head[:min(len(head), 32)], []byte("OSMHeader"))
	case jsonFile:
		s := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
		return len(s) > 0 && (s[0] == '{' || s[0] == '[') && text8(head)
	case csvFile:
		return isText(head) && !begins("%PDF-") && !begins("PK\x03\x04")
	}
	return false
}

// text8 says whether the bytes are UTF-8, whose last character may be cut.
func text8(head []byte) bool {
	for cut := 0; cut < utf8.UTFMax && cut <= len(head); cut++ {
		if utf8.Valid(head[:len(head)-cut]) {
			return isText(head)
		}
	}
	return false
}

// isText says whether the bytes hold none of the control characters that no text has. Markup is no table.
func isText(head []byte) bool {
	s := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	if bytes.HasPrefix(s, []byte("<")) {
		return false
	}
	return !slices.ContainsFunc(head, func(b byte) bool { return b < 0x20 && b != '\t' && b != '\n' && b != '\r' || b == 0x7f })
}

// plainName keeps the last part of a file's name, without control characters, short enough to be shown.
func plainName(s string) string {
	s = path.Base(strings.ReplaceAll(norm.NFC.String(strings.ToValidUTF8(s, "")), "\\", "/"))
	s = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || strings.ContainsRune("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f", r) {
			return -1
		}
		return r
	}, s)
	if s == "." || s == ".." || s == "/" {
		s = ""
	}
	if runes := []rune(s); len(runes) > 120 {
		s = string(runes[:120])
	}
	return s
}
