package demo

// speak gives offers their languages: German, and those of the families around them as often as offers in a language keep
// up with its need. One offer in eight says nothing of languages. It draws from a stream of its own, so that all else in
// the region stays as it is.
func (w *world) speak() {
	r := stream(w.o.Seed, "tongues of offers")
	for i := range w.offers {
		o := &w.offers[i]
		silent := r.IntN(8) == 0
		poor := min(1, w.q.districts[w.q.district[o.town]].sgb2/38)
		o.languages = []string{"de"}
		for _, t := range tongueList {
			if r.Float64() < t.offered*(0.15+0.45*poor) {
				o.languages = append(o.languages, t.tag)
			}
		}
		if silent {
			o.languages = nil
		}
	}
}

// named gives the German names of languages, as a city's list has them.
func named(tags []string) []string {
	var out []string
	for _, tag := range tags {
		name := "Deutsch"
		for _, t := range tongueList {
			if t.tag == tag {
				name = t.de
			}
		}
		out = append(out, name)
	}
	return out
}
