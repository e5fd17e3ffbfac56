package directory

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Pair is two records that may speak of the same offer. A comes before B.
type Pair struct {
	A, B ServiceID
	Likeness
}

// PairOf puts two records into the order of a pair.
func PairOf(a, b ServiceID) Pair {
	if b < a {
		a, b = b, a
	}
	return Pair{A: a, B: b}
}

// crowd is how many records a trait may have in common before it says nothing: the switchboard of a city hall, the page
// of an association, a word that every second name holds.
const crowd = 40

// Duplicates gives the pairs of running records that are Same or in doubt, the likeliest first. It compares only records
// that share a trait (a phone, a domain, a street, a neighbourhood of about 200 m, a word of the name in one postcode),
// so that the work grows with their number and not with its square; TestBlockingLosesNothing holds it against all pairs. Records of one owner
// or of one source are told apart by whoever keeps them, so among them only names that are alike are asked about.
func Duplicates(records []Record) []Pair {
	subjects := subjectsOf(records)
	out := mutual(alike(subjects), subjects)
	slices.SortFunc(out, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(b.Band, a.Band), cmp.Compare(b.Score, a.Score), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	return out
}

func subjectsOf(records []Record) []subject {
	out := make([]subject, 0, len(records))
	for i := range records {
		if r := &records[i]; !r.Draft && r.Ended.IsZero() {
			out = append(out, subjectOf(r))
		}
	}
	slices.SortFunc(out, func(a, b subject) int { return cmp.Compare(a.id, b.id) })
	return out
}

// alike compares the subjects that share a trait.
func alike(subjects []subject) []Pair {
	byTrait := map[string][]int32{}
	for i := range subjects {
		for _, t := range subjects[i].traits() {
			byTrait[t] = append(byTrait[t], int32(i))
		}
	}
	seen := map[[2]int32]bool{}
	var out []Pair
	for _, group := range byTrait {
		if len(group) > crowd {
			continue
		}
		for k, i := range group {
			for _, j := range group[k+1:] {
				if seen[[2]int32{i, j}] {
					continue
				}
				seen[[2]int32{i, j}] = true
				if l := subjects[i].like(&subjects[j]); l.Band != Different {
					out = append(out, Pair{subjects[i].id, subjects[j].id, l})
				}
			}
		}
	}
	return out
}

// mutual leaves out a pair where either record is likelier one offer with another record of the other one's owner: owners tell
// their own offers apart, so at most one of them is meant.
func mutual(pairs []Pair, subjects []subject) []Pair {
	owner := make(map[ServiceID]string, len(subjects))
	for i := range subjects {
		owner[subjects[i].id] = subjects[i].owner
	}
	type side struct {
		id    ServiceID
		owner string
	}
	best := map[side]Likeness{}
	for _, p := range pairs {
		for _, s := range []side{{p.A, owner[p.B]}, {p.B, owner[p.A]}} {
			best[s] = likelier(best[s], p.Likeness)
		}
	}
	const even = 0.08 // as likely
	second := func(id, other ServiceID, l Likeness) bool {
		b := best[side{id, owner[other]}]
		return owner[other] != "" && owner[other] != owner[id] && (b.Band > l.Band || b.Score > l.Score+even)
	}
	return slices.DeleteFunc(pairs, func(p Pair) bool { return second(p.A, p.B, p.Likeness) || second(p.B, p.A, p.Likeness) })
}

// CompareRecords says whether two records speak of the same offer, as Duplicates does.
func CompareRecords(a, b Record) Likeness {
	x, y := subjectOf(&a), subjectOf(&b)
	return x.like(&y)
}

// subject is a record as it is compared: once under the offer's own name at each of its places, and once with the name of
// its provider before it.
type subject struct {
	id       ServiceID
	owner    string
	systems  []string
	places   []prepared
	withName []string // words of provider and offer together
}

// mostPlaces is how many places of a record are compared.
const mostPlaces = 8

func subjectOf(r *Record) subject {
	name, _ := r.Name.In("de")
	f := Facts{Name: name, Kinds: r.Kinds}
	for _, p := range r.Places {
		for _, c := range p.Contacts {
			if c.Phone != "" {
				f.Phones = append(f.Phones, c.Phone)
			}
		}
	}
	if r.Provider.Phone != "" {
		f.Phones = append(f.Phones, r.Provider.Phone)
	}
	for _, w := range []string{r.Website, r.Provider.Website} {
		if w != "" {
			f.Websites = append(f.Websites, w)
		}
	}
	s := subject{id: r.ID, owner: string(r.Owner), withName: words(r.Provider.Name + " " + name)}
	for _, x := range r.Sources {
		s.systems = append(s.systems, x.System)
	}
	for _, l := range r.Locations[:min(len(r.Locations), mostPlaces)] {
		at := f
		at.Street, at.Postcode, at.City, at.At = l.Street, l.Postcode, l.City, l.At
		s.places = append(s.places, prepare(at))
	}
	if len(s.places) == 0 {
		s.places = []prepared{prepare(f)}
	}
	return s
}

func (s *subject) like(o *subject) Likeness {
	var best Likeness
	for i := range s.places {
		for j := range o.places {
			a, b := s.places[i], o.places[j]
			best = likelier(best, compare(a, b))
			// One source writes the provider into the name, another one beside it. That makes a question, no answer.
			for _, mixed := range []Likeness{compare(a.named(s.withName), b), compare(a, b.named(o.withName))} {
				mixed.Band = min(mixed.Band, Ask)
				best = likelier(best, mixed)
			}
		}
	}
	together := s.owner != "" && s.owner == o.owner || shared(s.systems, o.systems) == 1
	if together && !slices.Contains(best.Reasons, "name") {
		return Likeness{Score: best.Score, Reasons: best.Reasons}
	}
	return best
}

func (p prepared) named(w []string) prepared {
	p.words = w
	return p
}

func likelier(a, b Likeness) Likeness {
	if cmp.Or(cmp.Compare(b.Band, a.Band), cmp.Compare(b.Score, a.Score)) > 0 {
		return b
	}
	return a
}

// traits are what a duplicate of the record has in common with it.
func (s *subject) traits() []string {
	var out []string
	for i := range s.places {
		p := &s.places[i]
		for _, n := range p.phones {
			out = append(out, "phone "+n)
		}
		for _, d := range p.domains {
			out = append(out, "domain "+d)
		}
		if p.street != "" {
			out = append(out, "street "+p.street+" "+p.postcode, "house "+p.street)
		}
		if p.at != nil {
			const step = 0.002 // about 200 m north, 140 m east; a neighbour lies in one of four such squares, half a step apart
			for _, shift := range []float64{0, step / 2} {
				x, y := math.Floor((p.at.Lon+shift)/step), math.Floor((p.at.Lat+shift)/step)
				out = append(out, "square "+strconv.FormatFloat(shift, 'g', 3, 64)+" "+strconv.Itoa(int(x))+" "+strconv.Itoa(int(y)))
			}
		}
		for _, w := range p.words {
			if len(w) >= 5 {
				out = append(out, "word "+w[:5]+" "+p.postcode)
			}
		}
		out = append(out, "name "+strings.Join(p.words, ""))
	}
	slices.Sort(out)
	return slices.Compact(out)
}
