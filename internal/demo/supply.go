package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// offer is one service at one place.
type offer struct {
	id        string
	category  int
	town      int
	x, y      float64 // EPSG:3035
	at        anchor
	capacity  float64 // 0 = not published
	ownCity   bool    // only for residents of its city
	confirmed string  // ISO date, empty = never
	name      string
	languages []string // BCP 47; none where the practice says nothing
}

// margin is how far inside its limit everything that is not planted must lie, and how far outside a gap is.
const margin = 0.85

// supplier places offers so that every standard is met with margin wherever no gap is planted.
type supplier struct {
	p      *plan
	d      *drawer
	q      *people
	f      *finder
	r      *rand.Rand
	offers []offer
	cells  []anchor // by cell, on foot
	free   []anchor // by cell, without steps
}

func newSupplier(p *plan, d *drawer, q *people, f *finder) *supplier {
	s := &supplier{p: p, d: d, q: q, f: f, r: stream(p.seed, "supply")}
	s.cells, s.free = make([]anchor, len(q.cx)), make([]anchor, len(q.cx))
	for c := range q.cx {
		x, y := cellCentre(q.cx[c], q.cy[c])
		s.cells[c] = f.nearest(x, y, onFoot)
		s.free[c] = f.nearest(x, y, stepFree)
	}
	return s
}

func cellCentre(cx, cy int32) (x, y float64) {
	return originEast + (float64(cx)+0.5)*cellMetres, originNorth + (float64(cy)+0.5)*cellMetres
}

// put opens an offer at the street front of a cell.
func (s *supplier) put(category int, cell int32) *offer {
	x, y := cellCentre(s.q.cx[cell], s.q.cy[cell])
	a := s.f.nearest(x+40*(s.r.Float64()-0.5), y+40*(s.r.Float64()-0.5), stepFree)
	px, py := s.d.position(a)
	// The house stands 12 m from the middle of the street, on the cell's side of it.
	if dist := math.Hypot(x-px, y-py); dist > 12 {
		px, py = px+(x-px)*12/dist, py+(y-py)*12/dist
	}
	town := int(s.q.town[cell])
	s.offers = append(s.offers, offer{
		id: fmt.Sprintf("%s-%05d", categoryList[category].key, len(s.offers)+1), category: category, town: town, x: px, y: py,
		at: s.f.nearest(px, py, stepFree), ownCity: category == socialAdvice,
	})
	return &s.offers[len(s.offers)-1]
}

// position gives where an anchor touches its edge.
func (n *network) position(a anchor) (x, y float64) {
	e := &n.edges[a.edge]
	left := a.along
	for k := int32(0); k <= e.shapes; k++ {
		p, q := e.point(k), e.point(k+1)
		length := math.Hypot(n.x[q]-n.x[p], n.y[q]-n.y[p])
		if left <= length || k == e.shapes {
			f := 0.0
			if length > 0 {
				f = min(1, left/length)
			}
			return n.x[p] + f*(n.x[q]-n.x[p]), n.y[p] + f*(n.y[q]-n.y[p])
		}
		left -= length
	}
	return n.x[e.b], n.y[e.b]
}

// cellNear gives a cell of a settlement near a plan point, never far from it.
func (s *supplier) cellNear(town int, u, v float64) int32 {
	best, found := math.Inf(1), int32(-1)
	for c := s.q.firstCell[town]; c < s.q.firstCell[town+1]; c++ {
		if far := math.Hypot(s.q.u[c]-u, s.q.v[c]-v); far < best {
			best, found = far, c
		}
	}
	return found
}

func (s *supplier) middle(town int) int32 {
	t := &s.p.towns[town]
	return s.cellNear(town, float64(t.x0+t.x1)/2+s.r.Float64()-0.5, float64(t.y0+t.y1)/2+s.r.Float64()-0.5)
}

// hubCell gives a cell of a city near the corner where its buses meet.
func (s *supplier) hubCell(k int) int32 {
	c := &s.p.cities[k]
	u, v := float64(c.hub[0])*pitch, float64(c.hub[1])*pitch
	best, found := math.Inf(1), int32(-1)
	for i := range s.p.towns {
		if t := &s.p.towns[i]; t.city == k && t.core {
			if far := math.Hypot(float64(t.x0)+4-u, float64(t.y0)+4-v); far < best {
				best, found = far, s.cellNear(i, u, v)
			}
		}
	}
	return found
}

// supply places all offers except those that wait for the timetable.
func (s *supplier) supply() {
	walk, pram := newFlood(s.d.network, onFoot), newFlood(s.d.network, stepFree)
	for k := range s.p.cities {
		if c := s.hubCell(k); c >= 0 {
			for _, category := range []int{emergency, debtAdvice, clearing, careAdvice} {
				s.put(category, c)
			}
		}
	}
	s.cover(walk, pharmacy, stPharmacy, s.cells, 15*60*margin, allTowns)
	walk.reset()
	for range 2 { // two sets that each cover everybody make a choice of two
		s.cover(walk, doctor, stTwoDoctors, s.cells, 20*60*margin, allTowns)
		walk.reset()
	}
	s.cover(walk, paediatrician, stPaediatrician, s.cells, 20*60*margin*0.7, allTowns)
	walk.reset()
	for k := range s.p.cities {
		s.cover(walk, socialAdvice, stSocialAdvice, s.cells, 20*60*margin, k)
		walk.reset()
	}
	s.cover(pram, familyCentre, stFamilyCentre, s.free, 15*60*margin, allTowns)
	for i := range s.p.towns {
		t := &s.p.towns[i]
		switch t.site {
		case oneDoctor:
			s.put(doctor, s.middle(i))
		case crowdedPractice:
			s.put(paediatrician, s.middle(i)).capacity = 2
		case pharmacyByCar:
			s.put(debtAdvice, s.middle(i))
		}
		if !t.site.hasBus() {
			s.put(careAdvice, s.middle(i))
		}
	}
	s.fill()
	for i := range s.offers {
		if o := &s.offers[i]; o.category == paediatrician && o.capacity == 0 {
			o.capacity = float64(24 + s.r.IntN(25))
		}
	}
}

const allTowns = -1

// cover opens offers of a category until every cell that is not planted to miss a standard has one in reach.
func (s *supplier) cover(f *flood, category, standard int, cells []anchor, bound float64, city int) {
	for i := range s.p.towns {
		t := &s.p.towns[i]
		if t.lacks(standard) || city != allTowns && t.city != city {
			continue
		}
		if category == pharmacy && t.site == busDecoy {
			continue // its bus brings people to the next one; the check by timetable has the last word
		}
		for try := 0; ; try++ {
			far := s.farthest(f, cells, i)
			if far < 0 || f.from(cells[far]) <= bound {
				break
			}
			at := far
			if try == 0 {
				at = s.middle(i)
				if t.half == 2 && category == familyCentre {
					bank := s.d.banks[i][0]
					if t.x0 < s.p.towns[t.other].x0 {
						bank = s.d.banks[i][1]
					}
					at = s.cellNear(i, s.d.u[bank], s.d.v[bank])
				}
			}
			f.start(s.put(category, at).at, 0)
			f.run(bound)
		}
	}
}

// farthest gives the cell of a settlement with the highest cost.
func (s *supplier) farthest(f *flood, cells []anchor, town int) int32 {
	worst, found := -1.0, int32(-1)
	for c := s.q.firstCell[town]; c < s.q.firstCell[town+1]; c++ {
		if cost := f.from(cells[c]); cost > worst {
			worst, found = cost, c
		}
	}
	return found
}

// central says whether a category may stand in the inner rows of a core only, where no village is within an hour's
// walk: a gap of a village would not be felt otherwise.
func central(category int) bool { return category == emergency || category == debtAdvice }

// inner gives a random cell of the inner rows of a core, as near to a settlement's column as there is one.
func (s *supplier) inner(near *settlement) int32 {
	best, found := math.MaxInt, -1
	for i := range s.p.towns {
		t := &s.p.towns[i]
		if row := t.row % blockRows; !t.core || t.city != near.city || row != 7 && row != 8 {
			continue
		}
		if far := max(t.col-near.col, near.col-t.col)*2 + max(t.row-near.row, near.row-t.row); far < best {
			best, found = far, i
		}
	}
	if found < 0 {
		return s.hubCell(near.city)
	}
	return s.q.firstCell[found] + s.r.Int32N(s.q.firstCell[found+1]-s.q.firstCell[found])
}

// fill adds offers to the cores until each category is as frequent as in a real city. Supply beside what the
// standards need changes nothing for villages: nobody walks there from a core.
func (s *supplier) fill() {
	have := make([][categories]int, len(s.p.cities))
	for i := range s.offers {
		have[s.p.towns[s.offers[i].town].city][s.offers[i].category]++
	}
	cores := make([][]int, len(s.p.cities))
	residents := make([]float64, len(s.p.cities))
	for i := range s.p.towns {
		t := &s.p.towns[i]
		for c := s.q.firstCell[i]; c < s.q.firstCell[i+1]; c++ {
			residents[t.city] += float64(s.q.total[c])
		}
		if t.core {
			cores[t.city] = append(cores[t.city], i)
		}
	}
	for k := range s.p.cities {
		for category := range categories {
			want := int(residents[k] / 1000 * categoryList[category].perThousand)
			for n := have[k][category]; n < want && len(cores[k]) > 0; n++ {
				town := cores[k][s.r.IntN(len(cores[k]))]
				cell := s.q.firstCell[town] + s.r.Int32N(s.q.firstCell[town+1]-s.q.firstCell[town])
				if central(category) {
					cell = s.inner(&s.p.towns[town])
				}
				s.put(category, cell)
			}
		}
	}
}

// describe gives every offer its name and the day it was last confirmed.
func (s *supplier) describe() {
	for i := range s.offers {
		o := &s.offers[i]
		t := &s.p.towns[o.town]
		o.name = fmt.Sprintf("Muster-%s %s %d (synthetisch)", categoryList[o.category].de, t.name, i+1)
		if s.r.IntN(12) > 0 {
			// Most were confirmed within half a year before the reference date, some long ago.
			days := s.r.IntN(170)
			if s.r.IntN(6) == 0 {
				days += 200
			}
			o.confirmed = referenceDate.AddDate(0, 0, -days).Format("2006-01-02")
		}
	}
}
