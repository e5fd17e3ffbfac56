// Package assets holds the bundled front end: style sheets, fonts, the map island and the drawings it needs.
//
// The sources lie in src and are bundled by esbuild into dist, which is not committed ("make bundle").
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"gevor/fault"
)

//go:embed all:dist
var dist embed.FS

// required are the files without which no page works.
var required = [...]string{"site.css", "map.js", "map.css", "maplibre-gl-worker.js", "passkey.js", "finder.js", "live.js", "worker.js"}

// Bundle is the bundled front end, in memory. Safe for concurrent use.
type Bundle struct {
	sum   string // SHA-256 of everything, in hexadecimal
	build string
	files map[string]*file
}

// file is one file, compressed when it is first asked for.
type file struct {
	plain  []byte
	kind   string
	packed func() []byte // nil where compression does not pay
}

// Open reads the embedded bundle. It gives fault.Invalid where the program was built before the front end was.
func Open() (*Bundle, error) {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "dist", "the embedded front end cannot be read", "", err)
	}
	return open(sub)
}

func open(fsys fs.FS) (*Bundle, error) {
	b := &Bundle{files: map[string]*file{}}
	sum := sha256.New()
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(raw))
		sum.Write(raw)
		b.files[name] = &file{plain: raw, kind: kind(name), packed: sync.OnceValue(func() []byte { return compress(raw) })}
		return nil
	})
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "dist", "the embedded front end cannot be read", "", err)
	}
	for _, name := range required {
		if _, ok := b.files[name]; !ok {
			return nil, fault.New(fault.Invalid, "internal/web/assets/dist/"+name, "the program was built without its front end",
				"run \"make build\", or \"make -f internal/web/web.mk bundle\" before \"go build\"")
		}
	}
	b.sum = hex.EncodeToString(sum.Sum(nil))
	b.build = b.sum[:12]
	return b, nil
}

// Build names the content of the whole bundle; addresses carry it, so they never change their content.
func (b *Bundle) Build() string { return b.build }

// Sum is the SHA-256 of the whole bundle in hexadecimal; Build is its beginning.
func (b *Bundle) Sum() string { return b.sum }

// Path is the address of a file under the prefix the router uses.
func (b *Bundle) Path(name string) string { return "/assets/" + b.build + "/" + name }

// Text gives a file as it is, for what is served elsewhere.
func (b *Bundle) Text(name string) (string, bool) {
	f, ok := b.files[name]
	if !ok {
		return "", false
	}
	return string(f.plain), true
}

// Serve answers with a file, or says that there is none.
func (b *Bundle) Serve(w http.ResponseWriter, r *http.Request, build, name string) bool {
	f, ok := b.files[name]
	if !ok || build != b.build {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := f.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && r.Header.Get("Range") == "" {
		if packed := f.packed(); packed != nil {
			h.Set("Content-Encoding", "gzip")
			body = packed
		}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	return true
}

// compress gives nil where compression saves less than a tenth, as with fonts. Writing to memory cannot fail; where
// it does all the same, the file goes out as it is.
func compress(raw []byte) []byte {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestSpeed+4)
	if err != nil {
		return nil
	}
	if _, err := z.Write(raw); err != nil {
		return nil
	}
	if err := z.Close(); err != nil {
		return nil
	}
	if out.Len()*10 > len(raw)*9 {
		return nil
	}
	return out.Bytes()
}

// kind is the media type by extension, independent of what the machine knows.
func kind(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
