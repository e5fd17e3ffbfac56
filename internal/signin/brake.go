package signin

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"gevor/account"
	"gevor/fault"
)

// brake slows guessing. It counts failures by address, and by account and address together; how long somebody waits
// depends on what came from their own address alone. So nobody can lock somebody else out: failures from elsewhere make
// an account's waits longer, but only for addresses that have failed there themselves.
//
// Counts are in memory: a restart forgets them, and each server of several counts for itself.
type brake struct {
	mu   sync.Mutex
	seen map[string]*mark
}

// mark is what a brake remembers of an address, or of an account.
type mark struct {
	fails int
	last  time.Time
	until time.Time // no attempt before
	leak  time.Time // until when failures have been forgiven, one for each forgive
}

const (
	freePair    = 5   // failures of one address at one account before it waits
	freeAddress = 50  // failures of one address at any accounts: a whole town hall may share one
	freeAccount = 20  // failures at one account from anywhere before waits grow steeper
	mostMarks   = 1e5 // remembered at once
	firstWait   = 2 * time.Second
	mostWait    = 15 * time.Minute
	mostShared  = time.Minute // the longest wait of an address that others may share
	forgetAfter = time.Hour
	forgive     = time.Minute      // after which one failure of an address, or at an account, is forgotten
	forgivePair = 10 * time.Minute // the same for both together
)

func newBrake() *brake { return &brake{seen: map[string]*mark{}} }

// address is whence a request comes, as coarse as networks are handed out: a single IPv4 address, an IPv6 /64.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return "unknown"
	}
	if a = a.Unmap(); a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// tooOften is a refusal that says how long to wait.
func tooOften(wait time.Duration) error {
	w := &account.Wait{Seconds: int((wait + time.Second - 1) / time.Second)}
	return fault.Wrap(fault.Busy, "sign-in", "was tried too often", "wait a little, or sign in with a passkey", w)
}

// ask takes the right to one attempt, before anything is looked up. What is asked at the same time counts as failed
// until done says otherwise, so that a thousand attempts at once are as slow as a thousand one by one.
func (b *brake) ask(now time.Time, from, account string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tidy(now)
	pair, all := b.at(now, "p "+from+" "+account, forgivePair), b.at(now, "a "+from, forgive)
	if wait := max(pair.until.Sub(now), all.until.Sub(now)); wait > 0 {
		return tooOften(min(wait, mostWait))
	}
	anywhere := b.at(now, "o "+account, forgive)
	steep := max(0, anywhere.fails-freeAccount) / freeAccount
	pair.count(now, freePair-min(steep, freePair), mostWait)
	all.count(now, freeAddress, mostShared)
	anywhere.fails, anywhere.last = anywhere.fails+1, now
	return nil
}

// done takes back what ask counted: the attempt was good.
func (b *brake) done(from, account string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.seen, "p "+from+" "+account)
	for _, key := range [...]string{"a " + from, "o " + account} {
		if m := b.seen[key]; m != nil && m.fails > 0 {
			m.fails--
			m.until = time.Time{}
		}
	}
}

// at gives the mark of a key. A mark that lies in the future, because the clock went back, begins anew.
func (b *brake) at(now time.Time, key string, forgive time.Duration) *mark {
	m := b.seen[key]
	if m == nil || now.Sub(m.last) > forgetAfter || m.last.After(now.Add(time.Minute)) {
		m = &mark{last: now, leak: now}
		b.seen[key] = m
	}
	if n := int(now.Sub(m.leak) / forgive); n > 0 {
		m.fails, m.leak = max(0, m.fails-n), m.leak.Add(time.Duration(n)*forgive)
	}
	return m
}

// count notes an attempt; after the free ones each doubles the wait.
func (m *mark) count(now time.Time, free int, most time.Duration) {
	m.fails, m.last = m.fails+1, now
	if over := m.fails - free; over >= 0 {
		m.until = now.Add(min(firstWait<<min(over, 20), most))
	}
}

// tidy keeps memory bounded: whoever fills it with addresses pushes the oldest marks out.
func (b *brake) tidy(now time.Time) {
	if len(b.seen) < mostMarks {
		return
	}
	for _, keep := range [...]time.Duration{forgetAfter, mostWait, time.Minute, 0} {
		for k, m := range b.seen {
			if now.Sub(m.last) >= keep {
				delete(b.seen, k)
			}
		}
		if len(b.seen) < mostMarks/2 {
			return
		}
	}
}
