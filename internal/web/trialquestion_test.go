package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gevor/internal/web"
	"gevor/internal/web/webtest"
	"gevor/region"
)

// TestSitesForALanguage: the page asks for places that speak a language, for any target group, says who is counted and
// how many offers say what they speak, and weighs districts only where statistics of this language exist.
func TestSitesForALanguage(t *testing.T) {
	h := serve(t, web.SignedIn)
	s := webtest.Run(web.Normal).Result.Snapshot
	page := "/de/ausprobieren/orte?standard=" + url.QueryEscape(s.Standards[0].Key)
	other := ""
	for i, g := range s.Groups {
		if int32(i) != s.Standards[0].Group && g.State != region.GroupUnknown {
			other = g.Key
		}
	}
	for query, want := range map[string][]string{
		"":                               {"2.000"},
		"&language=tr":                   {"810", "Familiensprache Türkisch", "Von 9 Angeboten", "bei 7 bekannt", "2 davon"},
		"&group=" + other:                {"1.000"},
		"&language=tr&group=" + other:    {"405"},
		"&places=2&budget=500&price=100": {"2.000"},
		"&seats=50&places=2":             {"2.000"},
		"&places=5&budget=250&price=100": {"Das Budget reicht für höchstens 2"},
		"&budget=50&price=100":           {"Das Budget reicht für höchstens 0"},
	} {
		rec := tried(t, h, page+query)
		body := rec.Body.String()
		if rec.Code != http.StatusOK {
			t.Errorf("%s: %d", query, rec.Code)
		}
		for _, w := range want {
			if !strings.Contains(body, w) {
				t.Errorf("%s does not say %q", query, w)
			}
		}
		if weighed := strings.Contains(body, "Familiensprache Türkisch"); weighed != strings.Contains(query, "language=tr") {
			t.Errorf("%s: weighed %v", query, weighed)
		}
	}
	body := tried(t, h, page).Body.String()
	// Every objective stands beside the others, with its bound and gap; that it takes no more is proved for one only.
	for _, w := range []string{"So wenige Orte wie nötig", "Mit weniger als 800 neuen Orten", "Lücke zur Schranke: 1,23", "nachweislich die beste Wahl", "nicht bewiesen"} {
		if !strings.Contains(body, w) {
			t.Errorf("the page does not say %q", w)
		}
	}
	for query, code := range map[string]int{"&language=xx": 422, "&group=niemand": 422, "&budget=viel": 422, "&seats=-1": 422, "&price=0": 422, "&places=6": 422} {
		if rec := tried(t, h, page+query); rec.Code != code && rec.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", query, rec.Code)
		}
	}
}
