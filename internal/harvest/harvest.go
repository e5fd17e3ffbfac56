// Package harvest reads the services of another directory over its HSDS interface: another installation of this program, or
// any that follows HSDS 3. It asks for what has changed since the last time, page by page, and stops where a directory does
// not keep to what it announced: it trusts neither the number of pages, nor their size, nor that they ever end.
package harvest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"gevor/fault"
	"gevor/hsds"
	"gevor/notice"
)

// Cursor is how far a directory has been read.
type Cursor struct {
	ModifiedAfter time.Time // what was changed since is asked for; zero asks for everything
	Page          int       // the last page that was taken over in a reading under way; 0 where none is under way
	Began         time.Time // of the reading under way
}

// Limits bounds a reading; zero fields take the defaults.
type Limits struct {
	Pages     int           // default 2,000
	PageBytes int64         // of one answer, default 16 MiB
	Bytes     int64         // of all answers, default 512 MiB
	Services  int           // default 100,000
	Request   time.Duration // for one answer, default 30 s
	Whole     time.Duration // for the reading, default 30 min
}

// Options says what is read.
type Options struct {
	Address string // of the interface, without /services
	Limits  Limits
	Notes   *notice.List
	// Inside allows addresses of this machine and of private networks, for directories behind the same wall.
	Inside bool
	// Now is the clock; required.
	Now func() time.Time
}

// overlap is asked for again, for clocks that do not agree.
const overlap = time.Hour

// pageSize is how many services are asked for at a time.
const pageSize = 100

// Run reads on from a cursor and hands over page after page with the cursor behind it, which take should keep together with
// what it took over. It gives the cursor for the next reading. After an error the reading goes on where take last succeeded.
// Refusals are fault.Invalid where the directory contradicts itself, TooLarge where it exceeds a limit, Denied where the
// address must not be asked, Busy where trying again later may help.
func Run(ctx context.Context, o Options, from Cursor, take func(ctx context.Context, services []hsds.Service, behind Cursor) error) (Cursor, error) {
	h, err := newHarvest(o)
	if err != nil {
		return from, err
	}
	ctx, cancel := context.WithTimeout(ctx, h.o.Limits.Whole)
	defer cancel()
	defer h.client.CloseIdleConnections()
	at := from
	if at.Page == 0 {
		at.Began = o.Now().UTC()
	}
	first := max(1, at.Page) // the last page again: services may have moved up
	for page := first; ; page++ {
		if page > h.o.Limits.Pages {
			return at, h.refuse(fault.TooLarge, page, fmt.Sprintf("there are more than %d pages", h.o.Limits.Pages), "raise the limit if the directory is that large")
		}
		services, last, err := h.page(ctx, page, at.ModifiedAfter)
		if err != nil {
			return at, h.timed(ctx, page, err)
		}
		behind := at
		behind.Page = page
		if last {
			behind = Cursor{ModifiedAfter: at.Began.Add(-overlap)}
		}
		if err := take(ctx, services, behind); err != nil {
			return at, err
		}
		if at = behind; last {
			return at, nil
		}
	}
}

type harvest struct {
	o      Options
	base   *url.URL
	client *http.Client
	left   int64
	n      int              // services so far
	seen   map[string]bool  // ids
	pages  map[[32]byte]int // what pages held
	total  int              // pages announced at first
}

func newHarvest(o Options) (*harvest, error) {
	base, err := url.Parse(strings.TrimSuffix(strings.TrimSpace(o.Address), "/"))
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Hostname() == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, fault.New(fault.Invalid, o.Address, "this is no address of a directory", "write the whole address of its HSDS interface, like https://wegweiser.example/hsds")
	}
	if o.Now == nil {
		return nil, fault.New(fault.Invalid, "harvest.Options", "Now is required", "set the clock")
	}
	l := &o.Limits
	if l.Pages == 0 {
		l.Pages = 2000
	}
	if l.PageBytes == 0 {
		l.PageBytes = 16 << 20
	}
	if l.Bytes == 0 {
		l.Bytes = 512 << 20
	}
	if l.Services == 0 {
		l.Services = 100_000
	}
	if l.Request == 0 {
		l.Request = 30 * time.Second
	}
	if l.Whole == 0 {
		l.Whole = 30 * time.Minute
	}
	if o.Notes == nil {
		o.Notes = &notice.List{}
	}
	h := &harvest{o: o, base: base, left: l.Bytes, seen: map[string]bool{}, pages: map[[32]byte]int{}}
	h.client = h.newClient()
	return h, nil
}

// newClient makes a client that keeps to the host, and out of the operator's own network unless told otherwise. Where it
// leads is looked at when the connection is made: names may change between two looks.
func (h *harvest) newClient() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !h.o.Inside && within(at.Addr()) {
			return fault.New(fault.Denied, h.base.Host, fmt.Sprintf("%s is no address of the public network", address), "allow addresses inside if this directory is meant to be read")
		}
		return nil
	}}
	return &http.Client{
		Timeout:   h.o.Limits.Request,
		Transport: &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 1, ResponseHeaderTimeout: h.o.Limits.Request},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) > 3 || req.URL.Host != h.base.Host || req.URL.Scheme != "https" && req.URL.Scheme != h.base.Scheme {
				return fault.New(fault.Denied, h.base.Host, "it sends somewhere else", "use the address that it sends to, if that is right")
			}
			return nil
		},
	}
}

// within says whether an address is none of the public network.
func within(a netip.Addr) bool {
	a = a.Unmap()
	shared, test := netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("198.18.0.0/15")
	return !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() || a.Zone() != "" || shared.Contains(a) || test.Contains(a) || a.Is4() && a.As4()[0] == 0
}

func (h *harvest) refuse(kind fault.Kind, page int, what, advice string) error {
	return fault.New(kind, fmt.Sprintf("%s, page %d", h.base.Redacted(), page), what, advice)
}

// timed says so where it was the clock that ended the reading.
func (h *harvest) timed(ctx context.Context, page int, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return h.refuse(fault.Busy, page, fmt.Sprintf("the directory was not read within %v", h.o.Limits.Whole), "start again; it goes on where it stopped")
	}
	return err
}

// announced is a page of HSDS.
type announced struct {
	Total    *int            `json:"total_pages"`
	Number   *int            `json:"page_number"`
	Last     *bool           `json:"last_page"`
	Contents json.RawMessage `json:"contents"`
}

// page reads one page, and says whether it is the last one.
func (h *harvest) page(ctx context.Context, page int, after time.Time) (services []hsds.Service, last bool, err error) {
	q := url.Values{"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(pageSize)}, "full": {"true"}}
	if after.IsZero() {
		// Everything, in the order of changes: what is withdrawn during the reading comes later as withdrawn, where a plain
		// list would move up and hide a neighbour.
		after = time.Unix(0, 0)
	}
	q.Set("modified_after", after.UTC().Format(time.RFC3339))
	raw, err := h.get(ctx, page, q, "services")
	if err != nil {
		return nil, false, err
	}
	var a announced
	if err := json.Unmarshal(raw, &a); err != nil {
		return nil, false, h.refuse(fault.Invalid, page, "the answer is no page of HSDS", "check the address; it must lead to an HSDS 3 interface")
	}
	if err := h.believe(page, &a); err != nil {
		return nil, false, err
	}
	last = page >= h.total
	if trimmed := strings.TrimSpace(string(a.Contents)); trimmed == "[]" || trimmed == "" || trimmed == "null" {
		if !last {
			return nil, false, h.refuse(fault.Invalid, page, fmt.Sprintf("the page is empty, but %d were announced", h.total), "tell whoever runs that directory")
		}
		return nil, true, nil
	}
	sum := sha256.Sum256(a.Contents)
	if before, again := h.pages[sum]; again {
		return nil, false, h.refuse(fault.Invalid, page, fmt.Sprintf("it holds the same as page %d: the pages would never end", before), "tell whoever runs that directory")
	}
	h.pages[sum] = page
	services, err = hsds.Read(strings.NewReader(string(a.Contents)), hsds.Options{File: fmt.Sprintf("%s page %d", h.base.Redacted(), page), Notes: h.o.Notes})
	if err != nil {
		return nil, false, err
	}
	fresh := 0
	for i := range services {
		if !h.seen[services[i].ID] {
			h.seen[services[i].ID], fresh = true, fresh+1
		}
		if bare(&services[i]) {
			if err := h.whole(ctx, page, &services[i]); err != nil {
				return nil, false, err
			}
		}
	}
	if fresh == 0 && len(services) > 0 {
		return nil, false, h.refuse(fault.Invalid, page, "it holds no service that earlier pages have not held: the pages would never end", "tell whoever runs that directory")
	}
	if h.n += len(services); h.n > h.o.Limits.Services {
		return nil, false, h.refuse(fault.TooLarge, page, fmt.Sprintf("there are more than %d services", h.o.Limits.Services), "raise the limit if the directory is that large")
	}
	return services, last, nil
}

// believe holds a page against what was announced: how many there are is said at the beginning and does not grow.
func (h *harvest) believe(page int, a *announced) error {
	tell := "tell whoever runs that directory"
	switch {
	case a.Total == nil || *a.Total < 0:
		return h.refuse(fault.Invalid, page, "it does not say how many pages there are", tell)
	case *a.Total > h.o.Limits.Pages:
		return h.refuse(fault.TooLarge, page, fmt.Sprintf("it announces %d pages; no more than %d are read", *a.Total, h.o.Limits.Pages), "raise the limit if the directory is that large")
	case a.Number != nil && *a.Number != page:
		return h.refuse(fault.Invalid, page, fmt.Sprintf("it says that it is page %d", *a.Number), tell)
	case h.total > 0 && *a.Total > h.total:
		return h.refuse(fault.Invalid, page, fmt.Sprintf("there were %d pages at first, and are %d now: they would never end", h.total, *a.Total), "try again later; if it happens again, tell whoever runs that directory")
	}
	h.total = *a.Total
	return nil
}

// bare says whether a service was listed without what is told of it one by one.
func bare(s *hsds.Service) bool { return s.Organization == nil && len(s.AtLocations) == 0 }

// whole reads a service by itself. One that has gone in the meantime stays as it was listed.
func (h *harvest) whole(ctx context.Context, page int, s *hsds.Service) error {
	raw, err := h.get(ctx, page, nil, "services", s.ID)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	more, err := hsds.Read(strings.NewReader(string(raw)), hsds.Options{File: h.base.Redacted() + " service " + s.ID, Notes: h.o.Notes})
	if err != nil {
		return err
	}
	if len(more) == 1 && more[0].ID == s.ID {
		more[0].Index = s.Index
		*s = more[0]
	}
	return nil
}

func (h *harvest) get(ctx context.Context, page int, q url.Values, path ...string) ([]byte, error) {
	u := *h.base
	escaped := u.EscapedPath()
	for _, p := range path { // a name may hold a slash
		u.Path, escaped = u.Path+"/"+p, escaped+"/"+url.PathEscape(p)
	}
	u.RawPath, u.RawQuery = escaped, q.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, h.refuse(fault.Invalid, page, "the address cannot be asked", "check it")
	}
	req.Header.Set("User-Agent", "gevor directory harvest")
	req.Header.Set("Accept", "application/json")
	res, err := h.client.Do(req)
	if err != nil {
		var refused *fault.Error
		if errors.As(err, &refused) {
			return nil, refused
		}
		return nil, fault.Wrap(fault.Busy, fmt.Sprintf("%s, page %d", h.base.Redacted(), page), "the directory does not answer", "try again later; it goes on where it stopped", err)
	}
	defer func() { _ = res.Body.Close() }() // it was read to its end, or is given up
	switch {
	case res.StatusCode == http.StatusNotFound:
		return nil, h.refuse(fault.NotFound, page, "the directory answers "+res.Status, "check the address")
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500:
		return nil, h.refuse(fault.Busy, page, "the directory answers "+res.Status, "try again later; it goes on where it stopped")
	case res.StatusCode != http.StatusOK:
		return nil, h.refuse(fault.Invalid, page, "the directory answers "+res.Status, "check the address")
	}
	most := min(h.left, h.o.Limits.PageBytes)
	raw, err := io.ReadAll(io.LimitReader(res.Body, most+1))
	h.left -= int64(len(raw))
	if int64(len(raw)) > most {
		return nil, h.refuse(fault.TooLarge, page, "the answers are larger than allowed", "raise the limit if the directory is that large")
	}
	if err != nil {
		return nil, fault.Wrap(fault.Busy, fmt.Sprintf("%s, page %d", h.base.Redacted(), page), "the answer ended half-way", "try again later; it goes on where it stopped", err)
	}
	return raw, nil
}
