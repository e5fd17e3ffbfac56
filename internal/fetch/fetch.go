package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"gevor/fault"
	"gevor/travel"
)

// Options says how to fetch. Zero fields take the defaults.
type Options struct {
	Client       *http.Client // its redirect policy is replaced; default: TLS, no private addresses, 30 s to answer
	AllowPrivate bool         // lets the default client reach private addresses, for mirrors inside an office
	Attempts     int          // for each file, each continuing the last; default 4
	Pause        func(ctx context.Context, attempt int) error
	Now          func() time.Time
	Progress     travel.Progress // told bytes of each file
	Only         []string        // paths (to) to fetch; empty = all
}

// State says what became of one file.
type State string

// The states.
const (
	New       State = "fetched"
	Unchanged State = "unchanged"
	Failed    State = "failed"
)

// Outcome is the answer for one file.
type Outcome struct {
	To    string
	State State
	Got   Got
	Err   error // of a failed file
}

// Fetch brings every file that sources.toml of dir names. Files come one after the other, in the order of the list;
// one that fails does not keep the others from coming, and the file that was there before stays. The error joins
// those of all failed files.
func Fetch(ctx context.Context, dir string, o Options) ([]Outcome, error) {
	sources, err := ReadSources(dir)
	if err != nil {
		return nil, err
	}
	record, err := readRecord(dir)
	if err != nil {
		return nil, err
	}
	f := &fetcher{dir: dir, o: o.withDefaults(), record: record}
	var out []Outcome
	var failed []error
	for i := range sources {
		s := &sources[i]
		if !wanted(s.To, o.Only) {
			continue
		}
		r := Outcome{To: s.To}
		r.Got, r.State, r.Err = f.file(ctx, s)
		if r.Err != nil {
			r.State = Failed
			failed = append(failed, r.Err)
		} else {
			f.record[s.To] = r.Got
			if err := writeRecord(dir, f.record); err != nil {
				return out, err
			}
		}
		out = append(out, r)
		if ctx.Err() != nil {
			break
		}
	}
	return out, errors.Join(failed...)
}

func wanted(to string, only []string) bool {
	for _, w := range only {
		if w == to {
			return true
		}
	}
	return len(only) == 0
}

func (o Options) withDefaults() Options {
	if o.Attempts == 0 {
		o.Attempts = 4
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Pause == nil {
		o.Pause = pause
	}
	if o.Client == nil {
		o.Client = client(o.AllowPrivate)
	}
	return o
}

// pause waits two, four, eight … seconds, or until the context ends.
func pause(ctx context.Context, attempt int) error {
	t := time.NewTimer(time.Second << min(attempt, 6))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// client refuses addresses inside the own network: a description of a region must not be able to reach there.
func client(allowPrivate bool) *http.Client {
	dialer := &net.Dialer{Timeout: 30 * time.Second}
	if !allowPrivate {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			if ip := at.Addr().Unmap(); !ip.IsGlobalUnicast() || ip.IsPrivate() {
				return fault.New(fault.Denied, address, "the address lies inside a private network", "allow private addresses if this is a mirror of your own")
			}
			return nil
		}
	}
	return &http.Client{Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, TLSHandshakeTimeout: 30 * time.Second,
		ResponseHeaderTimeout: 2 * time.Minute, DisableCompression: true, ForceAttemptHTTP2: true,
	}}
}

type fetcher struct {
	dir    string
	o      Options
	record map[string]Got
}

func (f *fetcher) path(to string) string { return filepath.Join(f.dir, filepath.FromSlash(to)) }

// file brings one file: checks whether it changed, downloads in as many attempts as allowed, checks, unpacks, and
// only then puts it in its place.
func (f *fetcher) file(ctx context.Context, s *Source) (Got, State, error) {
	name := f.path(s.To)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return Got{}, Failed, fault.Wrap(fault.Invalid, name, "the folder cannot be made", "check rights and free space", err)
	}
	d := &download{f: f, s: s, part: name + partSuffix}
	if old, ok := f.record[s.To]; ok && old.URL == s.URL && f.intact(name, old) && f.unpacked(s) {
		d.old = &old
	}
	for attempt := 1; ; attempt++ {
		state, err := d.try(ctx)
		if err == nil {
			if state == Unchanged {
				return *d.old, Unchanged, nil
			}
			got, err := d.finish(name)
			return got, New, err
		}
		if !d.again || attempt >= f.o.Attempts || ctx.Err() != nil {
			return Got{}, Failed, err
		}
		if err := f.o.Pause(ctx, attempt); err != nil {
			return Got{}, Failed, fault.Wrap(fault.Busy, s.URL, "the download was stopped", "start it again; it goes on where it stopped", err)
		}
	}
}

// intact says whether the file is the one that was recorded.
func (f *fetcher) intact(name string, old Got) bool {
	n, sum, err := hashFile(name)
	return err == nil && n == old.Bytes && sum == old.SHA256
}

func (f *fetcher) unpacked(s *Source) bool {
	for _, u := range s.Unpack {
		if _, err := os.Stat(f.path(u.To)); err != nil {
			return false
		}
	}
	return true
}

func (s *Source) fail(kind fault.Kind, what, advice string, cause error) error {
	return fault.Wrap(kind, s.URL, fmt.Sprintf("%s: %s", s.To, what), advice, cause)
}
