package web

import (
	"bytes"
	"io"
	"io/fs"
	"net/http"
	"path"
	"time"

	"gevor/fault"
)

// fileTypes are the media types of the files of a run, independent of what the machine knows.
var fileTypes = map[string]string{
	".json": "application/json", ".geojson": "application/geo+json", ".csv": "text/csv; charset=utf-8",
	".gpkg": "application/geopackage+sqlite3", ".parquet": "application/vnd.apache.parquet",
	".pmtiles": "application/vnd.pmtiles", ".html": "text/html; charset=utf-8",
}

// runFile serves a file of the run, whole or by range. The address names the run, so its content never changes.
func runFile(p *page) error {
	name := p.req.PathValue("file")
	missing := fault.New(fault.NotFound, p.req.URL.Path, "this run has no such file", "see the page of downloads")
	if p.req.PathValue("run") != p.run.Hash || !fs.ValidPath(name) || !shared(name) {
		return missing
	}
	f, err := p.run.Files.Open(name)
	if err != nil {
		return missing
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return missing
	}
	body, err := seekable(f)
	if err != nil {
		return fault.Wrap(fault.Corrupt, name, "the file cannot be read", "check the run folder", err)
	}
	h := p.res.Header()
	h.Set("ETag", `"`+p.run.Hash+`"`)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	if t := fileTypes[path.Ext(name)]; t != "" {
		h.Set("Content-Type", t)
	} else {
		h.Set("Content-Type", "application/octet-stream")
	}
	switch path.Ext(name) {
	case ".html":
		// The report is self-contained: it carries its own style and nothing may be loaded into it.
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox")
	case ".pmtiles", ".geojson":
	default:
		h.Set("Content-Disposition", `attachment; filename="`+path.Base(name)+`"`)
	}
	http.ServeContent(p.res, p.req, "", time.Time{}, body)
	return nil
}

func seekable(f fs.File) (io.ReadSeeker, error) {
	if s, ok := f.(io.ReadSeeker); ok {
		return s, nil
	}
	raw, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	return bytes.NewReader(raw), nil
}
