package directory_test

import (
	"testing"

	"pgregory.net/rapid"

	"gevor/directory"
	"gevor/geo"
)

func spot(lon, lat float64) *geo.LonLat { return &geo.LonLat{Lon: lon, Lat: lat} }

// TestPairsJudgedByHand holds the bands against pairs as they occur between city lists, OSM and federations: spellings of
// one office, and different offices that look alike. All names are invented.
func TestPairsJudgedByHand(t *testing.T) {
	for name, c := range map[string]struct {
		a, b directory.Facts
		want directory.Band
	}{
		"legal form and street spelling": {
			directory.Facts{Name: "Verein Lichtblick e. V.", Street: "Bochumer Straße 12", Postcode: "44866", Phones: []string{"0234 12345-0"}},
			directory.Facts{Name: "Verein Lichtblick", Street: "Bochumer Str. 12", Postcode: "44866", Phones: []string{"+49 (0)234 123450"}},
			directory.Same,
		},
		"a typing error, the same spot": {
			directory.Facts{Name: "Schuldnerberatung Mitte", At: spot(7.2, 51.48), Phones: []string{"0234 555666"}},
			directory.Facts{Name: "Schuldnerberatng Mitte", At: spot(7.2001, 51.48), Phones: []string{"0234555666"}},
			directory.Same,
		},
		"titles and umlauts": {
			directory.Facts{Name: "Praxis Dr. med. Jürgen Größer", Street: "Am Markt 3", Postcode: "45127", Phones: []string{"0201 111222"}},
			directory.Facts{Name: "Juergen Groesser", Street: "Am Markt 3", Postcode: "45127", Phones: []string{"0201 111222"}},
			directory.Same,
		},
		"two practices in one house": {
			directory.Facts{Name: "Kinderarztpraxis Yıldız", Street: "Marktplatz 5", Postcode: "45888", At: spot(7.1, 51.5)},
			directory.Facts{Name: "Zahnarzt Neumann", Street: "Marktplatz 5", Postcode: "45888", At: spot(7.1, 51.5)},
			directory.Different,
		},
		"two branches of one association": {
			directory.Facts{Name: "Beratungsstelle für Familien Nord", Street: "Nordring 1", Postcode: "44787", Phones: []string{"0234 1111"}, Websites: []string{"www.familien.example.de"}},
			directory.Facts{Name: "Beratungsstelle für Familien Süd", Street: "Südring 9", Postcode: "44797", Phones: []string{"0234 2222222"}, Websites: []string{"https://familien.example.de/sued"}},
			directory.Ask,
		},
		"another name, everything else the same": {
			directory.Facts{Name: "Haus der Begegnung", Street: "Ring 2", Postcode: "44787", Phones: []string{"0234 987654"}, At: spot(7.2, 51.4), Websites: []string{"begegnung.org"}},
			directory.Facts{Name: "Quartierszentrum am Ring", Street: "Ring 2", Postcode: "44787", Phones: []string{"0234 987654"}, At: spot(7.2, 51.4), Websites: []string{"www.begegnung.org"}},
			directory.Ask,
		},
		"the same name in another city": {
			directory.Facts{Name: "Tafel", Street: "Weg 1", Postcode: "44787", At: spot(7.2, 51.4)},
			directory.Facts{Name: "Tafel", Street: "Allee 77", Postcode: "45127", At: spot(7.0, 51.45)},
			directory.Different,
		},
		"nothing in common": {
			directory.Facts{Name: "Apotheke am Dom"}, directory.Facts{Name: "Jugendamt"}, directory.Different,
		},
	} {
		got := directory.Compare(c.a, c.b)
		if got.Band != c.want {
			t.Errorf("%s: %v at %.2f for %v, want %v", name, got.Band, got.Score, got.Reasons, c.want)
		}
		if back := directory.Compare(c.b, c.a); back.Band != got.Band || back.Score-got.Score > 1e-12 || got.Score-back.Score > 1e-12 {
			t.Errorf("%s: the other way round %v", name, back)
		}
	}
}

func TestARecordIsLikeItselfAndMoreEvidenceNeverHurts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := directory.Facts{
			Name:   rapid.StringMatching(`[A-ZÄÖÜ][a-zäöüß]{4,9}( [A-Z][a-z]{4,9}){0,3}`).Draw(t, "name"),
			Street: rapid.StringMatching(`[A-Z][a-z]{3,8}str\. [1-9][0-9]?`).Draw(t, "street"), Postcode: "44787",
			Phones: []string{rapid.StringMatching(`0234 [1-9][0-9]{4,6}`).Draw(t, "phone")},
		}
		if l := directory.Compare(f, f); directory.Name(f.Name) != "" && l.Band != directory.Same {
			t.Fatalf("%+v is %v to itself", f, l)
		}
		other := f
		other.Phones = []string{"0201 7654321"}
		if directory.Compare(f, other).Score > directory.Compare(f, f).Score {
			t.Fatal("a different phone made two records more alike")
		}
	})
}
