package web_test

import (
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"gevor/authz"
	"gevor/indicator"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// TestSameProfileAYearLater follows the lasting address of a profile, then publishes another release of a dataset it shows and
// serves another run. The lasting address gives the same bytes; the profile of today, the control, does not.
func TestSameProfileAYearLater(t *testing.T) {
	s, err := webtest.Handler(web.Normal, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	get := func(h http.Handler, path string) string {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		if rec.Code != http.StatusOK {
			t.Fatalf("%s: %d", path, rec.Code)
		}
		return rec.Body.String()
	}
	path := "/de/stadtteile/" + webtest.District()
	today := get(s, path)
	link := regexp.MustCompile(`href="([^"]*stand=[^"]*)"`).FindStringSubmatch(today)
	if link == nil {
		t.Fatal("the profile has no lasting address")
	}
	lasting := html.UnescapeString(link[1])
	then := get(s, lasting)

	table := webtest.Figures()[0]
	for i := range table.Figures {
		if c := &table.Figures[i].Count; c.Known() && c.Number > 20 {
			c.Number += 7
		}
	}
	var areas []indicator.Area
	for _, a := range webtest.Run(web.Normal).Result.Snapshot.Areas[2:] {
		areas = append(areas, indicator.Area{Key: a.Key, Name: a.Name, Level: indicator.Districts})
	}
	pub, preview, err := indicator.Protect(&table, indicator.NewGround(areas), indicator.GateOptions{OpenBase: true})
	if err != nil {
		t.Fatal(err)
	}
	keeper := authz.Actor{Memberships: []authz.Membership{{Organisation: webtest.East, Roles: []authz.Role{authz.Statistician}}}}
	year := webtest.Day().AddDate(1, 0, 0)
	if _, err := s.Houses.PublishDataset(t.Context(), keeper, year, webtest.East, 0, 1, pub, preview, authz.Release{Level: authz.PublicLevel}); err != nil {
		t.Fatal(err)
	}
	later, err := webtest.Serve(web.Suppressed, s.Houses.Store, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if get(later, lasting) != then {
		t.Error("a year later the profile as of then is another")
	}
	if get(later, path) == today {
		t.Error("the profile of today did not move: the test shows nothing")
	}
}
