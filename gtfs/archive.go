package gtfs

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"sort"
	"strings"

	"gevor/fault"
)

// Limits bound what one archive may cost. A zero field takes its default.
type Limits struct {
	Members   int   // members of the archive; default 1,000
	Bytes     int64 // bytes after decompression, all members together; default 8 GiB
	Ratio     int64 // bytes out per byte in of one member larger than 1 MiB; default 200
	Rows      int64 // rows of one member; default 200 million
	LineBytes int   // bytes of one line; default 1 MiB
	Lines     int   // lines of one record (quoted line breaks); default 100
}

func (l Limits) filled() Limits {
	set := func(v *int64, d int64) {
		if *v <= 0 {
			*v = d
		}
	}
	setInt := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	setInt(&l.Members, 1000)
	set(&l.Bytes, 8<<30)
	set(&l.Ratio, 200)
	set(&l.Rows, 200_000_000)
	setInt(&l.LineBytes, 1<<20)
	setInt(&l.Lines, 100)
	return l
}

// ratioFloor is the size below which the compression ratio of a member says nothing.
const ratioFloor = 1 << 20

// box is an opened archive with what is left of its byte budget.
type box struct {
	file    string
	limits  Limits
	members map[string]*zip.File // by base name
	nested  []string             // base names that were found in a folder only
	names   []string             // base names, ascending
	left    int64
}

func openBox(r io.ReaderAt, size int64, file string, limits Limits) (*box, error) {
	z, err := zip.NewReader(r, size)
	if err != nil && isWebPage(r) {
		return nil, fault.New(fault.Invalid, file, "is a web page (HTML) and no zip archive",
			"open its address in a browser: the publisher may have moved the timetable or want a login; then fetch it again")
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, file, "is not a readable zip archive", "fetch the timetable again; it is cut off or not a GTFS zip file", err)
	}
	if len(z.File) > limits.Members {
		return nil, fault.New(fault.TooLarge, file, fmt.Sprintf("holds %d members, more than %d", len(z.File), limits.Members), "give a plain GTFS zip file")
	}
	b := &box{file: file, limits: limits, members: map[string]*zip.File{}, left: limits.Bytes}
	depth := map[string]int{}
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		name := path.Base(f.Name)
		d := len(path.Dir(path.Clean("/" + f.Name)))
		if _, ok := b.members[name]; ok && d >= depth[name] {
			continue
		}
		b.members[name], depth[name] = f, d
	}
	for name := range b.members {
		b.names = append(b.names, name)
		if depth[name] > 1 {
			b.nested = append(b.nested, name)
		}
	}
	sort.Strings(b.names)
	sort.Strings(b.nested)
	return b, nil
}

// isWebPage says whether a file begins as HTML does: what many servers send instead of a file that is not there.
func isWebPage(r io.ReaderAt) bool {
	start := make([]byte, 512)
	n, _ := r.ReadAt(start, 0) // a short file is judged by what it has
	text := strings.ToLower(strings.TrimLeft(string(start[:n]), "\ufeff \t\r\n"))
	return strings.HasPrefix(text, "<!doctype html") || strings.HasPrefix(text, "<html")
}

// errLimit marks an error of ours inside a chain of readers.
var errLimit = errors.New("limit")

// guard counts what comes out of a member and stops at the limits.
type guard struct {
	r          io.Reader
	b          *box
	place      string
	compressed int64
	out        int64
	line       int // bytes since the last line break
	fault      error
}

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.out += int64(n)
	g.b.left -= int64(n)
	switch {
	case g.b.left < 0:
		g.fault = fault.New(fault.TooLarge, g.place, fmt.Sprintf("the archive unpacks to more than %d bytes", g.b.limits.Bytes), "this looks like a zip bomb; fetch the timetable again")
	case g.out > ratioFloor && g.out > g.b.limits.Ratio*max(1, g.compressed):
		g.fault = fault.New(fault.TooLarge, g.place, fmt.Sprintf("unpacks to more than %d times its size", g.b.limits.Ratio), "this looks like a zip bomb; fetch the timetable again")
	}
	for _, c := range p[:n] {
		if c == '\n' {
			g.line = 0
			continue
		}
		if g.line++; g.line > g.b.limits.LineBytes {
			g.fault = fault.New(fault.TooLarge, g.place, fmt.Sprintf("holds a line longer than %d bytes", g.b.limits.LineBytes), "this is not a GTFS table; fetch the timetable again")
			break
		}
	}
	if g.fault != nil {
		return 0, errLimit
	}
	return n, err
}

// open gives the bytes of a member within the limits, or nil where it is absent.
func (b *box) open(member string) (*guard, io.Closer, error) {
	f := b.members[member]
	if f == nil {
		return nil, nil, nil
	}
	place := b.file + "!" + member
	rc, err := f.Open()
	if err != nil {
		return nil, nil, fault.Wrap(fault.Invalid, place, "cannot be unpacked", "fetch the timetable again; the member is encrypted or damaged", err)
	}
	return &guard{r: rc, b: b, place: place, compressed: int64(f.CompressedSize64)}, rc, nil
}
