package web

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"slices"
	"strings"

	"gevor/authz"
	"gevor/fault"
	"gevor/internal/words"
)

// errNoRun is what a Runs answers before the first analysis.
var errNoRun = fault.New(fault.NotFound, "", "nothing has been analysed yet", "run \"gevor analyse\"")

// serve turns a row of the table into a handler: it looks up the run, answers conditional requests, and turns
// every fault into a page of the right status.
func (s *site) serve(r *Route, lang string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		p := s.page(w, req, r, lang)
		if r.Room != nil && !r.Room(&s.Config) {
			p.fail(p.absent())
			return
		}
		if r.Open {
			if err := r.Handle(p); err != nil {
				p.fail(err)
			}
			return
		}
		if err := p.enter(); err != nil {
			p.fail(err)
			return
		}
		if p.mustSignIn() {
			p.toSignIn()
			return
		}
		run, err := s.Runs.Current()
		switch {
		case err == nil:
			p.run = run
		case fault.KindOf(err) != fault.NotFound:
			s.Log.Error("the served run cannot be read", "cause", err)
			if r.NeedsRun {
				p.fail(err)
				return
			}
		case r.NeedsRun:
			p.noRun()
			return
		}
		if r.Access.Kind == authz.Atlas {
			if err := p.mayAtlas(); err != nil {
				p.fail(err)
				return
			}
		}
		switch {
		case p.actor.SignedIn() || r.Method != "" || r.Access.Kind != authz.Atlas && r.Page():
			w.Header().Set("Cache-Control", "private, no-store")
		case r.Page():
			tag := p.tag()
			w.Header().Set("ETag", tag)
			w.Header().Set("Cache-Control", "no-cache")
			w.Header().Set("Vary", "Accept-Encoding, Cookie") // the theme
			if strings.Contains(req.Header.Get("If-None-Match"), tag) {
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		if err := r.Handle(p); err != nil {
			p.fail(err)
		}
	})
}

// absent is the fault of an address behind which there is nothing for the reader.
func (p *page) absent() error {
	return fault.New(fault.NotFound, p.req.URL.Path, "there is no such page", "")
}

func (s *site) page(w http.ResponseWriter, req *http.Request, r *Route, lang string) *page {
	if lang == "" {
		lang = preferred(req)
	}
	return &page{Printer: s.words[lang], site: s, route: r, req: req, res: w, query: req.URL.Query()}
}

// preferred is the language an address without one is answered in: the one the reader chose, else the first of
// Accept-Language that the catalogue speaks, German where it speaks none. Quality values count.
func preferred(req *http.Request) string {
	if c, err := req.Cookie(languageCookie); err == nil && slices.Contains(words.ResidentLanguages(), c.Value) {
		return c.Value
	}
	best, bestQ := words.Languages()[0], 0.0
	for _, part := range strings.Split(req.Header.Get("Accept-Language"), ",") {
		tag, q := quality(part)
		if lang := accepted(tag); lang != "" && q > bestQ {
			best, bestQ = lang, q
		}
	}
	return best
}

// around wraps the router with what holds for every answer: headers, compression, the log, and a page for what
// no row of the table answers.
func (s *site) around(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		start := s.Now()
		said := req.URL.Path // in the log
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		secure(rec.Header())
		defer func() {
			if cause := recover(); cause != nil {
				if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(cause)
				}
				s.Log.Error("a page panicked", "path", req.URL.Path, "cause", cause)
				if !rec.wrote {
					p := s.outside(rec, req)
					p.run = nil // it may be what made the page panic
					p.fail(fault.New(fault.Internal, "", "a page panicked", ""))
				}
			}
			s.Log.Info("request", "method", req.Method, "path", said, "status", rec.status,
				"bytes", rec.bytes, "ms", s.Now().Sub(start).Milliseconds())
		}()
		_, pattern := mux.Handler(req)
		if pattern == "" {
			s.unrouted(rec, req, mux)
			return
		}
		if strings.Contains(pattern, "{secret}") {
			said = pattern
		}
		if strings.HasPrefix(req.URL.Path, "/assets/") || strings.HasPrefix(req.URL.Path, "/runs/") || s.programs(req.URL.Path) ||
			!strings.Contains(req.Header.Get("Accept-Encoding"), "gzip") {
			mux.ServeHTTP(rec, req)
			return
		}
		z := &zipper{recorder: rec}
		mux.ServeHTTP(z, req)
		if err := z.close(); err != nil && req.Context().Err() == nil {
			s.Log.Warn("an answer could not be sent", "path", req.URL.Path, "cause", err)
		}
	})
}

// unrouted answers what no row answers: another method of a known address is 405, everything else 404.
func (s *site) unrouted(w http.ResponseWriter, req *http.Request, mux *http.ServeMux) {
	var allowed []string
	for method, says := range map[string]string{http.MethodGet: "GET, HEAD", http.MethodPost: "POST"} {
		probe := req.Clone(req.Context())
		probe.Method = method
		if _, pattern := mux.Handler(probe); pattern != "" {
			allowed = append(allowed, says)
		}
	}
	if len(allowed) > 0 {
		slices.Sort(allowed)
	}
	if s.programs(req.URL.Path) {
		s.Interfaces.Refuse(w, req, allowed)
		return
	}
	p := s.outside(w, req)
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		p.failure(http.StatusMethodNotAllowed, "method", "")
		return
	}
	p.fail(fault.New(fault.NotFound, req.URL.Path, "there is no such page", ""))
}

// outside makes a page for an address outside the table, in the language its path begins with.
func (s *site) outside(w http.ResponseWriter, req *http.Request) *page {
	lang := preferred(req)
	for _, l := range words.ResidentLanguages() {
		if strings.HasPrefix(req.URL.Path, "/"+l+"/") {
			lang = l
		}
	}
	p := s.page(w, req, nil, lang)
	if err := p.enter(); err != nil {
		s.Log.Error("who is behind a request cannot be told", "cause", err)
	}
	if run, err := s.Runs.Current(); err == nil {
		p.run = run
	}
	return p
}

// secure sets the headers that hold for every answer. Scripts, styles, fonts and images come from this
// installation only; the map draws into blobs and starts its worker from here.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "+
		"img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; "+
		"base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "geolocation=(), camera=(), microphone=(), interest-cohort=()")
}

// recorder remembers status and size for the log.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	wrote  bool
}

// WriteHeader remembers the status.
func (r *recorder) WriteHeader(status int) {
	r.status, r.wrote = status, true
	r.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (r *recorder) Write(b []byte) (int, error) {
	r.wrote = true
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// zipper holds a page back until it is complete and sends it compressed where that is worth it.
type zipper struct {
	*recorder
	body   bytes.Buffer
	status int
}

// zipFrom is the size in bytes from which a page is compressed: below it fits one packet anyway.
const zipFrom = 1200

// WriteHeader holds the status back until close.
func (z *zipper) WriteHeader(status int) { z.status = status }

// Write holds the body back until close.
func (z *zipper) Write(b []byte) (int, error) { return z.body.Write(b) }

func (z *zipper) close() error {
	if z.status == 0 {
		z.status = http.StatusOK
	}
	if z.body.Len() < zipFrom {
		z.recorder.WriteHeader(z.status)
		_, err := z.recorder.Write(z.body.Bytes())
		return err
	}
	z.Header().Set("Content-Encoding", "gzip")
	z.Header().Del("Content-Length")
	z.recorder.WriteHeader(z.status)
	w, err := gzip.NewWriterLevel(z.recorder, gzip.BestSpeed+2)
	if err != nil {
		return err
	}
	if _, err := w.Write(z.body.Bytes()); err != nil {
		return err
	}
	return w.Close()
}
