package web_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"gevor/authz"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// Many readers at once, each asking for every page in another order, are answered as one alone is. The race detector
// watches this test; requests one after the other share nothing that could race.
func TestReadersAtOnce(t *testing.T) {
	s := serve(t, web.Normal)
	addresses := webtest.Addresses("")
	ask := func(path string, who authz.PersonID) int {
		req := httptest.NewRequest(http.MethodGet, path, nil)
		if who != "" {
			req.Header.Set(webtest.PersonHeader, string(who))
		}
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, req)
		return rec.Code
	}
	type answer struct {
		path string
		who  authz.PersonID
	}
	alone := map[answer]int{}
	readers := []authz.PersonID{"", webtest.Everything, webtest.Person(webtest.West, authz.Editor)}
	for _, v := range addresses {
		for _, who := range readers {
			alone[answer{v.Path, who}] = ask(v.Path, who)
		}
	}
	var all sync.WaitGroup
	for k, who := range readers {
		all.Go(func() {
			for i := range addresses {
				path := addresses[(i*7+k*len(addresses)/3)%len(addresses)].Path
				if got, want := ask(path, who), alone[answer{path, who}]; got != want {
					t.Errorf("%s by %q answers %d among others, %d alone", path, who, got, want)
				}
			}
		})
	}
	all.Wait()
	t.Logf("figure: %d requests of 3 readers at once answered as alone", 3*len(addresses))
}
