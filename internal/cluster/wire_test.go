package cluster

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gevor/atlas"
	"gevor/geo"
	"gevor/travel"
)

func TestRowsComeBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		percentiles := rapid.IntRange(1, 5).Draw(t, "percentiles")
		const origins, places = 40, 60
		w := newRowWriter()
		var want []atlas.Reached
		for _, from := range ascending(t, "from", origins) {
			r := atlas.Reached{From: from, To: ascending(t, "to", places)}
			for range percentiles {
				r.Seconds = append(r.Seconds, rapid.SliceOfN(rapid.OneOf(rapid.Map(rapid.Int32Range(0, 20000), func(v int32) travel.Seconds { return travel.Seconds(v) }), rapid.Just(travel.Unreached)), len(r.To), len(r.To)).Draw(t, "seconds"))
			}
			if err := w.put(r); err != nil {
				t.Fatal(err)
			}
			if len(r.To) > 0 {
				want = append(want, r)
			}
		}
		i := 0
		err := rowReader{raw: w.raw, percentiles: percentiles, origins: origins, place: places}.each(1000, func(r atlas.Reached) error {
			x := want[i]
			if r.From != x.From+1000 || !slices.Equal(r.To, x.To) || !slices.EqualFunc(r.Seconds, x.Seconds, slices.Equal) {
				t.Fatalf("%v became %v", x, r)
			}
			i++
			return nil
		})
		if err != nil || i != len(want) {
			t.Fatal(err, i, len(want))
		}
	})
}

func ascending(t *rapid.T, what string, below int32) []int32 {
	out := rapid.SliceOfNDistinct(rapid.Int32Range(0, below-1), 0, 12, rapid.ID).Draw(t, what)
	slices.Sort(out)
	return out
}

func TestPlacesKeepEveryBit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.SliceOf(rapid.Custom(func(t *rapid.T) geo.LonLat {
			return geo.LonLat{Lon: rapid.Float64Range(-180, 180).Draw(t, "lon"), Lat: rapid.Float64Range(-90, 90).Draw(t, "lat")}
		})).Draw(t, "at")
		got, err := unpack(pack(at))
		if err != nil || !slices.Equal(got, at) {
			t.Fatal(err, got)
		}
	})
	if _, err := unpack(make([]byte, 17)); err == nil {
		t.Fatal("a list that is cut off is taken")
	}
}

// Whatever a worker answers, nothing outside what was asked for comes out of it.
func FuzzAnswer(f *testing.F) {
	w := newRowWriter()
	if err := w.put(atlas.Reached{From: 2, To: []int32{0, 4}, Seconds: [][]travel.Seconds{{5, travel.Unreached}}}); err != nil {
		f.Fatal(err)
	}
	f.Add(w.raw, uint8(1))
	f.Add([]byte("Fno"), uint8(2))
	f.Fuzz(func(t *testing.T, raw []byte, percentiles uint8) {
		last := int32(-1)
		_ = rowReader{raw: raw, percentiles: int(percentiles), origins: 9, place: 7}.each(0, func(r atlas.Reached) error {
			if r.From <= last || r.From >= 9 || len(r.To) == 0 || len(r.Seconds) != int(percentiles) {
				t.Fatal(r)
			}
			last = r.From
			for i, to := range r.To {
				if to < 0 || to >= 7 || i > 0 && to <= r.To[i-1] {
					t.Fatal(r.To)
				}
			}
			for _, s := range r.Seconds {
				if len(s) != len(r.To) {
					t.Fatal(r)
				}
			}
			return nil
		})
	})
}
