package harvest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gevor/fault"
	"gevor/hsds"
	"gevor/internal/harvest"
	"gevor/notice"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Date(2026, 5, 12, 8, 30, 0, 0, time.UTC)

// feed is a directory as it answers; asked counts the requests.
type feed struct {
	*httptest.Server
	asked atomic.Int64
}

// serve answers with page, a number from 1 on.
func serve(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, page int)) *feed {
	t.Helper()
	f := &feed{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.asked.Add(1)
		page, err := strconv.Atoi(r.URL.Query().Get("page"))
		if err != nil && !strings.HasPrefix(r.URL.Path, "/hsds/services/") {
			t.Errorf("asked for %s", r.URL)
		}
		answer(w, r, page)
	}))
	t.Cleanup(f.Close)
	return f
}

// services of a page: named, with an organisation so that nobody asks for them one by one.
func services(from, n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(`{"id":"s%d","name":"Angebot %d","organization":{"id":"o","name":"Haus"}}`, from+i, from+i)
	}
	return "[" + strings.Join(out, ",") + "]"
}

func page(w http.ResponseWriter, number, total int, contents string) {
	_, _ = fmt.Fprintf(w, `{"total_items":%d,"total_pages":%d,"page_number":%d,"size":1,"first_page":%t,"last_page":%t,"contents":%s}`, total, total, number, number == 1, number == total, contents)
}

type taken struct {
	ids     []string
	cursors []harvest.Cursor
}

func (x *taken) take(_ context.Context, list []hsds.Service, behind harvest.Cursor) error {
	for _, s := range list {
		x.ids = append(x.ids, s.ID)
	}
	x.cursors = append(x.cursors, behind)
	return nil
}

func options(f *feed) harvest.Options {
	return harvest.Options{Address: f.URL + "/hsds", Inside: true, Now: func() time.Time { return now }, Notes: &notice.List{}, Limits: harvest.Limits{Pages: 50, Request: 5 * time.Second, Whole: 20 * time.Second}}
}

func TestEverythingThenWhatHasChanged(t *testing.T) {
	var after []string
	f := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		after = append(after, r.URL.Query().Get("modified_after"))
		if r.URL.Query().Get("modified_after") > "1971" {
			page(w, 1, 0, "[]")
			return
		}
		page(w, n, 3, services(n*10, 2))
	})
	var x taken
	at, err := harvest.Run(t.Context(), options(f), harvest.Cursor{}, x.take)
	if err != nil || !slices.Equal(x.ids, []string{"s10", "s11", "s20", "s21", "s30", "s31"}) {
		t.Fatalf("%v %v", x.ids, err)
	}
	if want := (harvest.Cursor{ModifiedAfter: now.Add(-time.Hour)}); at != want || x.cursors[1] != (harvest.Cursor{Page: 2, Began: now}) {
		t.Errorf("%+v, %+v", at, x.cursors)
	}
	if _, err := harvest.Run(t.Context(), options(f), at, x.take); err != nil || after[len(after)-1] != "2026-05-12T07:30:00Z" {
		t.Errorf("%v %v", after, err)
	}
}

// TestGoingOn: a reading that broke goes on with the page it had taken over last.
func TestGoingOn(t *testing.T) {
	var broken atomic.Bool
	broken.Store(true)
	var pages []int
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		pages = append(pages, n)
		if n == 3 && broken.Load() {
			http.Error(w, "tired", http.StatusServiceUnavailable)
			return
		}
		page(w, n, 4, services(n*10, 1))
	})
	var x taken
	at, err := harvest.Run(t.Context(), options(f), harvest.Cursor{}, x.take)
	if fault.KindOf(err) != fault.Busy || at.Page != 2 {
		t.Fatalf("%+v %v", at, err)
	}
	broken.Store(false)
	pages = nil
	if at, err = harvest.Run(t.Context(), options(f), at, x.take); err != nil || !slices.Equal(pages, []int{2, 3, 4}) || at.Page != 0 {
		t.Errorf("%+v %v %v", at, pages, err)
	}
	stop := errors.New("the disk is full")
	if at, err := harvest.Run(t.Context(), options(f), harvest.Cursor{}, func(context.Context, []hsds.Service, harvest.Cursor) error { return stop }); !errors.Is(err, stop) || at.Page != 0 {
		t.Errorf("%+v %v", at, err)
	}
}

// TestDirectoriesThatNeverEnd: each is refused after few requests; what was taken over before stays in force, since nothing
// is taken of the page that contradicts.
func TestDirectoriesThatNeverEnd(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request, n int)
		kind   fault.Kind
		asked  int64 // at most
		taken  int   // services at most
	}{
		"one more page each time": {func(w http.ResponseWriter, _ *http.Request, n int) { page(w, n, n+1, services(n*10, 1)) }, fault.Invalid, 2, 1},
		"the same page for ever":  {func(w http.ResponseWriter, _ *http.Request, n int) { page(w, n, 40, services(1, 2)) }, fault.Invalid, 2, 2},
		"the same in another order": {func(w http.ResponseWriter, _ *http.Request, n int) {
			page(w, n, 40, fmt.Sprintf(`[{"id":"s1","name":"A%d","organization":{"name":"x"}}]`, n))
		}, fault.Invalid, 2, 1},
		"pages without a number of pages": {func(w http.ResponseWriter, _ *http.Request, n int) {
			_, _ = fmt.Fprintf(w, `{"last_page":false,"contents":%s}`, services(n*10, 1))
		}, fault.Invalid, 1, 0},
		"a million pages":             {func(w http.ResponseWriter, _ *http.Request, n int) { page(w, n, 1_000_000, services(n*10, 1)) }, fault.TooLarge, 1, 0},
		"always page one":             {func(w http.ResponseWriter, _ *http.Request, n int) { page(w, 1, 9, services(n*10, 1)) }, fault.Invalid, 2, 1},
		"empty although more to come": {func(w http.ResponseWriter, _ *http.Request, n int) { page(w, n, 9, "[]") }, fault.Invalid, 1, 0},
		"a page without end": {func(w http.ResponseWriter, r *http.Request, _ int) {
			_, _ = fmt.Fprint(w, `{"total_pages":1,"page_number":1,"contents":[`)
			for r.Context().Err() == nil {
				if _, err := fmt.Fprint(w, services(1, 200)[1:len(services(1, 200))-1]+","); err != nil {
					return
				}
			}
		}, fault.TooLarge, 1, 0},
		"sends elsewhere": {func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, "http://other.invalid/", http.StatusFound)
		}, fault.Denied, 1, 0},
		"sends in a circle": {func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, r.URL.String(), http.StatusFound)
		}, fault.Denied, 5, 0},
		"no JSON":              {func(w http.ResponseWriter, _ *http.Request, _ int) { _, _ = fmt.Fprint(w, "<html>") }, fault.Invalid, 1, 0},
		"broken in the middle": {func(w http.ResponseWriter, _ *http.Request, n int) { page(w, n, 1, `[{"id":`) }, fault.Invalid, 1, 0},
		"not found":            {func(w http.ResponseWriter, r *http.Request, _ int) { http.NotFound(w, r) }, fault.NotFound, 1, 0},
		"too many services":    {func(w http.ResponseWriter, _ *http.Request, n int) { page(w, n, 40, services(n*1000, 60)) }, fault.TooLarge, 2, 60},
	} {
		f := serve(t, c.answer)
		o := options(f)
		o.Limits.PageBytes, o.Limits.Services = 1<<20, 100
		var x taken
		_, err := harvest.Run(t.Context(), o, harvest.Cursor{}, x.take)
		if fault.KindOf(err) != c.kind || f.asked.Load() > c.asked || len(x.ids) > c.taken {
			t.Errorf("%s: %v after %d requests and %d services", name, err, f.asked.Load(), len(x.ids))
		}
	}
}

// TestControlWithoutDisbelief shows what the same feed does to a reader that believes it: only a limit of pages ends it.
func TestControlWithoutDisbelief(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) { page(w, n, n+1, services(n*10, 1)) })
	n := 0
	for ; n < 200; n++ {
		res, err := http.Get(fmt.Sprintf("%s/hsds/services?page=%d", f.URL, n+1)) //nolint:noctx // a control, as simple as can be
		if err != nil {
			t.Fatal(err)
		}
		var a struct {
			Last bool `json:"last_page"`
		}
		err = json.NewDecoder(res.Body).Decode(&a)
		if closing := res.Body.Close(); err != nil || closing != nil {
			t.Fatal(err, closing)
		}
		if a.Last {
			break
		}
	}
	http.DefaultClient.CloseIdleConnections()
	var x taken
	_, err := harvest.Run(t.Context(), options(f), harvest.Cursor{}, x.take)
	t.Logf("figure: a feed that always announces one more page: refused after %d services; a reader that believes it was still reading after %d pages", len(x.ids), n)
	if n != 200 || err == nil {
		t.Errorf("the feed ended after %d pages; %v", n, err)
	}
}

// TestWhatIsListedShortIsAskedForInFull: HSDS 3.0 lists services without their places.
func TestWhatIsListedShortIsAskedForInFull(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		switch r.URL.Path {
		case "/hsds/services":
			page(w, n, 1, `[{"id":"a/b","name":"Kurz"},{"id":"gone","name":"Weg"}]`)
		case "/hsds/services/a/b":
			_, _ = fmt.Fprint(w, `{"id":"a/b","name":"Lang","organization":{"name":"Haus"}}`)
		default:
			http.NotFound(w, r)
		}
	})
	var names []string
	_, err := harvest.Run(t.Context(), options(f), harvest.Cursor{}, func(_ context.Context, list []hsds.Service, _ harvest.Cursor) error {
		for _, s := range list {
			names = append(names, s.Name)
		}
		return nil
	})
	if err != nil || !slices.Equal(names, []string{"Lang", "Weg"}) {
		t.Errorf("%v %v", names, err)
	}
}

func TestAddressesThatAreNotAsked(t *testing.T) {
	for _, address := range []string{"", "file:///etc/passwd", "ftp://x.example", "https://", "https://me:secret@x.example", "https://x.example/?a=b", "gopher://x", "x.example"} {
		_, err := harvest.Run(t.Context(), harvest.Options{Address: address, Now: time.Now}, harvest.Cursor{}, nil)
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", address, err)
		}
	}
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) { page(w, n, 1, services(1, 1)) })
	o := options(f)
	o.Inside = false
	var x taken
	if _, err := harvest.Run(t.Context(), o, harvest.Cursor{}, x.take); fault.KindOf(err) != fault.Denied || f.asked.Load() != 0 {
		t.Errorf("this machine was asked: %v", err)
	}
	o.Inside = true // the control: nothing else keeps it from being asked
	if _, err := harvest.Run(t.Context(), o, harvest.Cursor{}, x.take); err != nil || len(x.ids) != 1 {
		t.Errorf("%v %v", x.ids, err)
	}
}

// TestASlowDirectory: the clock of the whole reading ends it.
func TestASlowDirectory(t *testing.T) {
	f := serve(t, func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() })
	o := options(f)
	o.Limits.Whole = 50 * time.Millisecond
	if at, err := harvest.Run(t.Context(), o, harvest.Cursor{}, (&taken{}).take); fault.KindOf(err) != fault.Busy || at.Page != 0 {
		t.Errorf("%+v %v", at, err)
	}
}
