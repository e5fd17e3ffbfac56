package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"gevor/fault"
)

// exchange is one request being answered.
type exchange struct {
	a   *API
	w   http.ResponseWriter
	req *http.Request
	e   *endpoint
	q   query

	folds map[string]string // of values of the question
}

// Media types.
const (
	jsonType    = "application/json; charset=utf-8"
	problemType = "application/problem+json"
	linesType   = "application/x-ndjson; charset=utf-8"
)

// headers are those of every answer: anybody may read it from anywhere, without cookies.
func (x *exchange) headers() {
	h := x.w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "ETag, Link, Retry-After")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Vary", "Accept-Encoding")
}

// base is the address of the installation, without a final slash.
func (x *exchange) base() string {
	if x.a.o.PublicURL != "" {
		return x.a.o.PublicURL
	}
	if x.req.TLS != nil {
		return "https://" + x.req.Host
	}
	return "http://" + x.req.Host
}

// json answers with a document.
func (x *exchange) json(kind string, doc any) error {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		return fault.Wrap(fault.Internal, "", "the answer cannot be written", "", err)
	}
	return x.bytes(kind, out.Bytes())
}

// bytes answers with a whole body, or with nothing where the asker has this very body.
func (x *exchange) bytes(kind string, body []byte) error {
	sum := sha256.Sum256(body)
	tag := `W/"` + hex.EncodeToString(sum[:12]) + `"` // weak: the same for both encodings
	h := x.w.Header()
	h.Set("ETag", tag)
	if matches(x.req.Header.Get("If-None-Match"), tag) && x.req.Method != http.MethodPost {
		x.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", kind)
	return x.send(http.StatusOK, body)
}

// matches says whether a list of tags holds one, compared weakly (RFC 9110, 13.1.2).
func matches(list, tag string) bool {
	if strings.TrimSpace(list) == "*" {
		return true
	}
	for t := range strings.SplitSeq(list, ",") {
		if strings.TrimPrefix(strings.TrimSpace(t), "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// zipFrom is the size in bytes from which an answer is compressed.
const zipFrom = 1200

func (x *exchange) send(status int, body []byte) error {
	if len(body) < zipFrom || !accepts(x.req) {
		x.w.WriteHeader(status)
		_, err := x.w.Write(body)
		return x.gone(err)
	}
	x.w.Header().Set("Content-Encoding", "gzip")
	x.w.WriteHeader(status)
	z, err := gzip.NewWriterLevel(x.w, gzip.BestSpeed+2)
	if err != nil {
		return err
	}
	if _, err := z.Write(body); err != nil {
		return x.gone(err)
	}
	return x.gone(z.Close())
}

func accepts(req *http.Request) bool {
	return strings.Contains(req.Header.Get("Accept-Encoding"), "gzip")
}

// gone drops the error of writing to somebody who has left.
func (x *exchange) gone(err error) error {
	if x.req.Context().Err() != nil {
		return nil
	}
	return err
}

// wrong is one parameter that cannot be understood.
type wrong struct {
	Parameter string `json:"parameter"`
	Detail    string `json:"detail"`
}

// problem is a problem document after RFC 9457.
type problem struct {
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail,omitempty"`
	Errors []wrong `json:"errors,omitempty"`
}

// statusOf is the place where a kind of fault becomes a status. What is denied looks absent.
func statusOf(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.NotFound, fault.Denied, fault.Withheld:
		return http.StatusNotFound
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Busy:
		return http.StatusServiceUnavailable
	case fault.Conflict, fault.Stale, fault.Internal, fault.Corrupt:
	}
	return http.StatusInternalServerError
}

// fail answers with a problem. The cause of what is ours goes to the log, without the query.
func (x *exchange) fail(err error) {
	kind := fault.KindOf(err)
	status := statusOf(kind)
	var errs []wrong
	var bad *refused
	if errors.As(err, &bad) {
		errs = bad.list
	}
	text := "something went wrong; the operator finds the cause in the log"
	switch {
	case status == http.StatusInternalServerError:
		x.a.o.Log.Error("an interface failed", "path", x.req.URL.Path, "cause", err)
	case len(errs) > 0:
		text = "some parameters cannot be understood"
	case status == http.StatusNotFound:
		text = "there is no such record or address"
	case status == http.StatusServiceUnavailable:
		text = "too many requests are being answered; try again in a few seconds"
		x.w.Header().Set("Retry-After", "5")
	case status == http.StatusRequestEntityTooLarge:
		text = "the query is too long"
	case status == http.StatusBadRequest:
		text = "the query cannot be read"
	}
	x.problem(status, text, errs)
}

func (x *exchange) problem(status int, text string, errs []wrong) {
	h := x.w.Header()
	h.Del("ETag")
	h.Del("Content-Disposition")
	h.Set("Cache-Control", "no-store")
	var doc any = problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: text, Errors: errs}
	kind := problemType
	if strings.HasPrefix(x.req.URL.Path, fhirPrefix) {
		doc, kind = outcome(status, text, errs), fhirType
	}
	h.Set("Content-Type", kind)
	body, err := json.Marshal(doc)
	if err == nil {
		err = x.send(status, body)
	}
	if err != nil {
		x.a.o.Log.Error("a problem could not be told", "path", x.req.URL.Path, "cause", err)
	}
}
