package signin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
)

// What a session holds.
const (
	keyPerson   = "person"
	keyEpoch    = "epoch"
	keyBegun    = "begun" // when the person showed who they are, in seconds since 1970
	keySeen     = "seen"  // when the session was last used, to within seenEvery
	keyWay      = "way"
	keyRights   = "rights"   // what the person may do, in short: see Acts
	keyCeremony = "ceremony" // a passkey's challenge that waits for its answer
	keyProvider = "provider" // a provider's answer that is waited for
	keyIdentity = "identity" // what a provider said, for an invitation that waits to be accepted
)

const (
	// anonymous is how long a session without a person lasts: long enough to touch a key or to come back from a provider.
	anonymous = 15 * time.Minute
	// seenEvery is how exactly a session remembers its last use; each use would otherwise be a write.
	seenEvery = 5 * time.Minute
	// ahead is how far the clock may go back before a session counts as begun in the future, and ends.
	ahead = 10 * time.Minute
	// freshFor is how long after signing in one may change how one signs in.
	freshFor = 15 * time.Minute
)

func (d *Doors) manager() *scs.SessionManager {
	m := scs.New()
	m.Store = shelf{d}
	m.Codec = codec{}
	m.Lifetime = 100 * 365 * 24 * time.Hour // how long sessions last, shelf decides by our clock
	m.HashTokenInStore = false              // shelf keeps hashes in any case
	m.Cookie.Name = "gevor"
	if d.Secure {
		// The prefix makes browsers refuse the cookie from any other host or over plain HTTP.
		m.Cookie.Name, m.Cookie.Secure = "__Host-gevor", true
	}
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode // Strict would sign people out who come by a link of a mail, or back from a provider
	m.Cookie.Persist = false
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		d.Log.Error("a session cannot be read or kept", "cause", err)
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
	}
	return m
}

// codec writes what a session holds as JSON.
type codec struct{}

// Encode writes the values; all of them are texts.
func (codec) Encode(_ time.Time, values map[string]any) ([]byte, error) { return json.Marshal(values) }

// Decode reads them. The deadline is one that never comes: shelf decides how long sessions last.
func (codec) Decode(raw []byte) (time.Time, map[string]any, error) {
	texts := map[string]string{}
	if err := json.Unmarshal(raw, &texts); err != nil {
		return time.Time{}, nil, err
	}
	values := make(map[string]any, len(texts))
	for k, v := range texts {
		values[k] = v
	}
	return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), values, nil
}

// loaded is put into the context of requests with a session: which token it came from.
type loaded struct{ hash string }

type loadedKey struct{}

// shelf is the store of sessions as scs wants it. Tokens are kept as hashes; they have 256 random bits.
type shelf struct{ d *Doors }

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// FindCtx gives what a session holds.
func (s shelf) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	data, err := s.d.Keeper.UnsafeSession(ctx, hashOf(token), s.d.now())
	if fault.KindOf(err) == fault.NotFound {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if l, ok := ctx.Value(loadedKey{}).(*loaded); ok {
		l.hash = hashOf(token)
	}
	return []byte(data), true, nil
}

// CommitCtx keeps a session. One that ended while the request ran stays ended.
func (s shelf) CommitCtx(ctx context.Context, token string, raw []byte, _ time.Time) error {
	_, values, err := codec{}.Decode(raw)
	if err != nil {
		return err
	}
	now := s.d.now()
	expires := now.Add(anonymous)
	if values[keyPerson] != nil {
		text, _ := values[keyBegun].(string)
		expires = seconds(text).Add(s.d.Lifetime)
		if idle := now.Add(s.d.Idle); idle.Before(expires) {
			expires = idle
		}
	}
	if l, ok := ctx.Value(loadedKey{}).(*loaded); ok && l.hash == hashOf(token) {
		err := s.d.Keeper.UnsafeKeepSession(ctx, l.hash, string(raw), expires)
		if fault.KindOf(err) == fault.NotFound {
			return nil
		}
		return err
	}
	return s.d.Keeper.UnsafeBeginSession(ctx, hashOf(token), string(raw), now, expires)
}

// DeleteCtx ends a session.
func (s shelf) DeleteCtx(ctx context.Context, token string) error {
	return s.d.Keeper.UnsafeEndSession(ctx, hashOf(token))
}

var errContext = errors.New("sessions are asked for with a context")

// Find is never called: scs prefers FindCtx.
func (shelf) Find(string) ([]byte, bool, error) { return nil, false, errContext }

// Commit is never called: scs prefers CommitCtx.
func (shelf) Commit(string, []byte, time.Time) error { return errContext }

// Delete is never called: scs prefers DeleteCtx.
func (shelf) Delete(string) error { return errContext }

// Wrap loads the session before a request and keeps it afterwards. What everybody gets alike has none.
func (d *Doors) Wrap(next http.Handler) http.Handler {
	with := d.sessions.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/assets/") {
			next.ServeHTTP(w, r)
			return
		}
		with.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), loadedKey{}, &loaded{})))
	})
}

// has says whether a request came through Wrap.
func has(r *http.Request) bool { return r.Context().Value(loadedKey{}) != nil }

func (d *Doors) get(r *http.Request, key string) string {
	return d.sessions.GetString(r.Context(), key)
}

func (d *Doors) put(r *http.Request, key, value string) { d.sessions.Put(r.Context(), key, value) }

// Person gives who is signed in, and the epoch of their session; empty where nobody is. A session that lasted too long,
// was left alone too long, or begins in the future because the clock went back, is over.
func (d *Doors) Person(r *http.Request) (authz.PersonID, int) {
	if !has(r) {
		return "", 0
	}
	id := d.get(r, keyPerson)
	if id == "" {
		return "", 0
	}
	now, begun, seen := d.now(), seconds(d.get(r, keyBegun)), seconds(d.get(r, keySeen))
	over := !now.Before(begun.Add(d.Lifetime)) || begun.After(now.Add(ahead)) || !now.Before(seen.Add(d.Idle+seenEvery))
	epoch, err := strconv.Atoi(d.get(r, keyEpoch))
	if over || err != nil || account.Way(d.get(r, keyWay)) == account.ByDemo && !d.demo(r.Context()) {
		if err := d.SignOut(r); err != nil {
			d.Log.Error("a session that is over cannot be ended", "cause", err)
		}
		return "", 0
	}
	if now.Sub(seen) >= seenEvery || now.Before(seen) {
		d.put(r, keySeen, text(now))
	}
	return authz.PersonID(id), epoch
}

// SignOut ends the session of a request.
func (d *Doors) SignOut(r *http.Request) error {
	if !has(r) {
		return nil
	}
	return d.sessions.Destroy(r.Context())
}

// Acts renews the token of a session where what the person may do has changed since the last request.
func (d *Doors) Acts(r *http.Request, actor authz.Actor) error {
	if !has(r) || d.get(r, keyPerson) == "" {
		return nil
	}
	rights := rightsOf(actor)
	if before := d.get(r, keyRights); before == rights {
		return nil
	} else if before != "" {
		if err := d.sessions.RenewToken(r.Context()); err != nil {
			return err
		}
	}
	d.put(r, keyRights, rights)
	return nil
}

func rightsOf(a authz.Actor) string {
	var lines []string
	for _, m := range a.Memberships {
		line := string(m.Organisation) + strconv.FormatBool(m.Alliance)
		for _, role := range m.Roles {
			line += " " + string(role)
		}
		lines = append(lines, line)
	}
	sort.Strings(lines)
	return hashOf(strings.Join(lines, "\n"))[:16]
}

// begin lets a person in. Whatever the browser held before, the token is a new one.
func (d *Doors) begin(r *http.Request, who authz.PersonID, way account.Way) error {
	ctx := r.Context()
	p, err := d.Keeper.UnsafePerson(ctx, who)
	if err != nil {
		return denied(err)
	}
	if p.Blocked {
		return denied(errors.New("the person is blocked"))
	}
	invented, err := d.Keeper.UnsafeInvented(ctx, who)
	if err != nil {
		return err
	}
	if invented {
		if way = account.ByDemo; !d.demo(ctx) {
			return denied(errors.New("a person of a demo outside of it"))
		}
	}
	if err := d.sessions.Clear(ctx); err != nil {
		return err
	}
	if err := d.sessions.RenewToken(ctx); err != nil {
		return err
	}
	now := d.now()
	if err := d.Keeper.UnsafeNoteSignIn(ctx, who, account.Entry{At: now, Way: way, Device: device(r.UserAgent())}); err != nil {
		return err
	}
	d.put(r, keyPerson, string(who))
	d.put(r, keyEpoch, strconv.Itoa(p.Epoch))
	d.put(r, keyBegun, text(now))
	d.put(r, keySeen, text(now))
	d.put(r, keyWay, string(way))
	return nil
}

// Fresh says whether the person showed a short while ago who they are. Who changes how to sign in must have.
func (d *Doors) Fresh(r *http.Request) bool {
	if d.UnsafeFresh != nil && d.UnsafeFresh(r) {
		return true
	}
	if !has(r) || d.get(r, keyPerson) == "" {
		return false
	}
	age := d.now().Sub(seconds(d.get(r, keyBegun)))
	return age < freshFor && age > -ahead
}

// follow brings the session of a request into a new epoch of the account, and ends all others.
func (d *Doors) follow(r *http.Request, epoch int) error {
	if err := d.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	d.put(r, keyEpoch, strconv.Itoa(epoch))
	return nil
}

// EndSessions signs the actor out everywhere, here too.
func (d *Doors) EndSessions(r *http.Request, actor authz.Actor) error {
	if err := d.Keeper.EndSessions(r.Context(), actor, d.now(), actor.Person); err != nil {
		return err
	}
	return d.SignOut(r)
}

// SignIns gives the last sign-ins of the actor.
func (d *Doors) SignIns(ctx context.Context, actor authz.Actor) ([]account.Entry, error) {
	return d.Keeper.SignIns(ctx, actor, actor.Person)
}

func text(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// seconds reads a time; what cannot be read is 1970, and so over.
func seconds(s string) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// device says what a browser is in two words, so that people recognise their own: no version, no model, no address.
func device(agent string) string {
	browser, system := "", ""
	for _, b := range [...][2]string{{"Firefox/", "Firefox"}, {"Edg", "Edge"}, {"OPR/", "Opera"}, {"Chrome/", "Chrome"}, {"Chromium/", "Chrome"}, {"Safari/", "Safari"}} {
		if strings.Contains(agent, b[0]) {
			browser = b[1]
			break
		}
	}
	for _, s := range [...][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}} {
		if strings.Contains(agent, s[0]) {
			system = s[1]
			break
		}
	}
	return strings.Trim(browser+", "+system, ", ")
}
