// Package api answers the open interfaces: the public directory for other programs, as HSDS 3.1 (Open Referral), as FHIR
// R4 after IHE mCSD, and as files to download. It needs no key and knows nobody: every answer is the one that the
// anonymous public gets, whoever asks.
//
// It keeps a shelf of what is public (shelf.go), brought up to date before each answer, and asks the directory at the
// moment of each answer once more which of the records in it are public still. Queries are read, answered and forgotten:
// nothing of them is logged or kept.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/vocabulary"
)

// Entries is the directory. What it gives of records it gives to an actor.
type Entries interface {
	// EntryRevision grows with every change of the directory.
	EntryRevision(ctx context.Context) (int64, error)
	// EntriesTouched says what changed after a revision, and up to which revision that holds.
	EntriesTouched(ctx context.Context, after int64) ([]directory.Touched, int64, error)
	Services(ctx context.Context, actor authz.Actor, owner authz.OrganisationID, after time.Time) ([]directory.Record, error)
	Service(ctx context.Context, actor authz.Actor, id directory.ServiceID) (directory.Record, error)
	// VisibleServices says which services the actor may see now.
	VisibleServices(ctx context.Context, actor authz.Actor, ids []directory.ServiceID) (map[directory.ServiceID]bool, error)
	// GoneServices gives what was public once and is no longer, at least not under this name.
	GoneServices(ctx context.Context, id directory.ServiceID) ([]directory.Gone, error)
}

// Options of the interfaces. Entries and Vocabulary are required.
type Options struct {
	Entries    Entries
	Vocabulary *vocabulary.Vocabulary
	// PublicURL is the address of the installation without a final slash; empty takes the one that a request names.
	PublicURL string
	// OfferPage gives the path of the page of an offer in a language; nil leaves links to pages out.
	OfferPage func(lang string, id directory.ServiceID) string
	Languages []string // of pages
	Version   string   // of the program
	Log       *slog.Logger
	Now       func() time.Time // nil means time.Now
}

// API answers requests. It is safe for concurrent use.
type API struct {
	o     Options
	zone  *time.Location
	byKey map[string]*endpoint

	building sync.Mutex // one shelf is made at a time
	known    known
	mu       sync.Mutex
	now      *shelf
	files    files

	doors, streams chan struct{} // how many are answered at once: all, and those that read everything
}

// How many requests are answered at once; whoever comes on top is told to try again. A page takes some milliseconds.
const (
	mostAtOnce  = 32
	mostStreams = 4
)

// New makes the interfaces.
func New(o Options) (*API, error) {
	if o.Entries == nil || o.Vocabulary == nil {
		return nil, fault.New(fault.Invalid, "api.Options", "Entries and Vocabulary are required", "set both")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "Europe/Berlin", "the time zone is not known", "", err)
	}
	a := &API{o: o, zone: zone, byKey: map[string]*endpoint{}, doors: make(chan struct{}, mostAtOnce), streams: make(chan struct{}, mostStreams)}
	list := endpoints()
	for i := range list {
		a.byKey[list[i].key()] = &list[i]
	}
	return a, nil
}

// Owns says whether a path is one of the interfaces', known or not.
func (a *API) Owns(path string) bool {
	for _, prefix := range []string{hsdsPrefix, fhirPrefix, filePrefix} {
		if path == strings.TrimSuffix(prefix, "/") || strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return path == openAPIPath || path == sitemapPath || strings.HasPrefix(path, sitemapsPrefix)
}

// Where the interfaces lie.
const (
	hsdsPrefix     = "/hsds/v3/"
	fhirPrefix     = "/fhir/"
	filePrefix     = "/open/"
	openAPIPath    = "/openapi.json"
	sitemapPath    = "/sitemap.xml"
	sitemapsPrefix = "/sitemaps/"
)

// Answer answers the request of an address that the table of routes has: pattern is as it stands there.
func (a *API) Answer(w http.ResponseWriter, req *http.Request, pattern string) {
	method := req.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	e := a.byKey[method+" "+pattern]
	x := &exchange{a: a, w: w, req: req, e: e}
	x.headers()
	if e == nil {
		x.fail(fault.New(fault.NotFound, "", "there is no such address", "see "+openAPIPath))
		return
	}
	select {
	case a.doors <- struct{}{}:
		defer func() { <-a.doors }()
	default:
		x.fail(errBusy)
		return
	}
	if err := x.ask(); err != nil {
		x.fail(err)
		return
	}
	if err := e.answer(x); err != nil && req.Context().Err() == nil {
		x.fail(err)
	}
}

var errBusy = fault.New(fault.Busy, "", "too many requests are being answered", "try again in a few seconds")

// Refuse answers a request of an address of the interfaces that no route answers: allowed are the methods that the
// address knows, empty where there is no such address. It also answers what browsers ask before they ask across origins.
func (a *API) Refuse(w http.ResponseWriter, req *http.Request, allowed []string) {
	x := &exchange{a: a, w: w, req: req}
	x.headers()
	if len(allowed) == 0 {
		x.fail(fault.New(fault.NotFound, "", "there is no such address", "see "+openAPIPath))
		return
	}
	w.Header().Set("Allow", strings.Join(append(allowed, http.MethodOptions), ", "))
	if req.Method == http.MethodOptions {
		h := w.Header()
		h.Set("Access-Control-Allow-Methods", strings.Join(append(allowed, http.MethodOptions), ", "))
		h.Set("Access-Control-Allow-Headers", "Accept, Content-Type, If-None-Match, Prefer")
		h.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	x.problem(http.StatusMethodNotAllowed, "this address does not know this method", nil)
}
