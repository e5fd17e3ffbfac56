package directory_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"gevor/authz"
	"gevor/directory"
	"gevor/geo"
)

// planter makes an invented city with offers that hold what makes duplicates hard: several offers of one provider in one
// house behind one switchboard, branches of one name, many providers in one street. Everything follows from its seed.
type planter struct {
	*rand.Rand
	n int
}

func (p *planter) of(words ...string) string { return words[p.IntN(len(words))] }

func (p *planter) chance(percent int) bool { return p.IntN(100) < percent }

var (
	subjects = []string{"Schuldnerberatung", "Suchtberatung", "Kinderarztpraxis", "Familienzentrum", "Erziehungsberatung", "Hebammenpraxis", "Kleiderkammer", "Migrationsberatung", "Frauenberatungsstelle", "Seniorenbüro", "Jugendtreff", "Schwangerschaftsberatung"}
	kindsOf  = []string{"schuldnerberatung", "suchtberatung", "kinderarzt", "familienzentrum", "erziehungsberatung", "hebamme", "kleidung", "migrationsberatung", "frauenberatung", "senioren", "jugend", "schwangerschaft"}
	houses   = []string{"Lichtblick", "Brücke", "Größe und Güte", "Anker", "Regenbogen", "Stadtmission", "Nachbarschaft Süd", "Nachbarschaft Nord", "Mütterkreis", "Sankt Barbara", "Zeche Glückauf", "Haus der Begegnung"}
	streets  = []string{"Bochumer Straße", "Am Markt", "Hüttenstraße", "Große Gasse", "Kirchplatz", "Nordring", "Schützenstraße", "Josef-Meier-Straße", "An der Mühle", "Weststraße"}
)

// city gives n offers, each of its own.
func (p *planter) city(n int) []directory.Record {
	type house struct {
		name, legal, phone, domain, street, postcode string
		at                                           geo.LonLat
	}
	var all []house
	for i := range n / 3 {
		h := house{
			name: p.of(houses...), legal: p.of("e. V.", "gGmbH", "", ""), phone: fmt.Sprintf("+49234%06d", 100000+p.IntN(800000)),
			street: fmt.Sprintf("%s %d", p.of(streets...), 1+p.IntN(120)), postcode: p.of("44787", "44789", "44866", "44801"), at: geo.LonLat{Lon: 7.15 + p.Float64()*0.15, Lat: 51.44 + p.Float64()*0.08},
		}
		if p.chance(70) {
			h.domain = fmt.Sprintf("traeger-%d.de", i/2) // two houses share one: branches
		}
		all = append(all, h)
	}
	out := make([]directory.Record, n)
	for i := range out {
		h := all[i%len(all)]
		s := (i/len(all)*5 + i%len(all)) % len(subjects) // never the same subject twice in one house
		out[i] = p.record(subjects[s]+" "+h.name, kindsOf[s])
		r := &out[i]
		r.Owner = authz.OrganisationID("o-" + h.phone)
		r.Provider = directory.Provider{Name: strings.TrimSpace(h.name + " " + h.legal)}
		r.Locations = []directory.Location{{Street: h.street, Postcode: h.postcode, City: "Musterstadt", At: &h.at}}
		r.Places = []directory.Place{{Contacts: []directory.Contact{{Phone: h.phone}}}}
		if p.chance(30) { // a line of its own beside the switchboard
			r.Places[0].Contacts[0].Phone = fmt.Sprintf("+49234%06d", 100000+p.IntN(800000))
		}
		if h.domain != "" {
			r.Website = "https://" + h.domain + "/"
		}
	}
	return out
}

func (p *planter) record(name, kind string) directory.Record {
	p.n++
	r := directory.Record{}
	r.ID, r.Name, r.Kinds = directory.ServiceID(fmt.Sprintf("s-%06d", p.n)), directory.Texts{"de": name}, []string{kind}
	return r
}

// twin gives the record as another source would write it.
func (p *planter) twin(r directory.Record) directory.Record {
	name, _ := r.Name.In("de")
	kind := r.Kinds[0]
	if p.chance(40) {
		kind = "other"
	}
	x := p.record(p.respell(name), kind)
	x.Owner, x.Sources = "o-source", []directory.Source{{System: "source"}}
	x.Provider = directory.Provider{Name: r.Provider.Name}
	l := r.Locations[0]
	l.Street = p.respellStreet(l.Street)
	if p.chance(10) {
		l.Postcode = ""
	}
	if p.chance(40) {
		l.At = nil
	} else {
		l.At = &geo.LonLat{Lon: l.At.Lon + p.NormFloat64()*0.0004, Lat: l.At.Lat + p.NormFloat64()*0.0003} // about 30 m
	}
	x.Locations = []directory.Location{l}
	x.Places = []directory.Place{{}}
	phone := r.Places[0].Contacts[0].Phone
	switch {
	case p.chance(15): // another line
		x.Places[0].Contacts = []directory.Contact{{Phone: fmt.Sprintf("+49234%06d", 100000+p.IntN(800000))}}
	case p.chance(75):
		local := strings.TrimPrefix(phone, "+49")
		x.Places[0].Contacts = []directory.Contact{{Phone: p.of("0"+local[:3]+" "+local[3:], "+49 (0)"+local[:3]+"/"+local[3:6]+"-"+local[6:], "0049"+local, "0"+local[:3]+" "+local[3:5]+" "+local[5:])}}
	}
	if r.Website != "" && p.chance(60) {
		host := strings.TrimSuffix(strings.TrimPrefix(r.Website, "https://"), "/")
		x.Website = p.of("http://www."+host, "www."+host, "https://"+host+"/angebote?id=7")
	}
	return x
}

func (p *planter) respell(name string) string {
	swap := strings.NewReplacer("ü", "ue", "ö", "oe", "ä", "ae", "ß", "ss")
	switch p.IntN(6) {
	case 0:
		name = swap.Replace(name)
	case 1: // a slip of the fingers
		runes := []rune(name)
		i := 2 + p.IntN(len(runes)-4)
		runes[i], runes[i+1] = runes[i+1], runes[i]
		name = string(runes)
	case 2:
		name += p.of(" e.V.", " gGmbH", " (e. V.)", " gemeinnützige GmbH")
	case 3:
		name = strings.ToUpper(name)
	case 4:
		words := strings.Fields(name)
		name = strings.Join(append(words[1:], words[0]), " ")
	}
	if p.chance(20) {
		name += " " + p.of("Musterstadt", "Büro", "- offene Sprechstunde")
	}
	return name
}

func (p *planter) respellStreet(s string) string {
	switch p.IntN(4) {
	case 0:
		s = strings.ReplaceAll(strings.ReplaceAll(s, "straße", "str."), "Straße", "Str.")
	case 1:
		s = strings.ReplaceAll(strings.ReplaceAll(s, "ß", "ss"), "ü", "ue")
	case 2:
		s += " " + p.of("a", "", "")
	}
	return strings.TrimSpace(s)
}

// counted is what a way of comparing made of the planted pairs.
type counted struct{ same, sameTrue, asked, askedTrue, planted int }

func (c counted) String() string {
	part := func(a, b int) float64 { return float64(a) / float64(max(1, b)) }
	return fmt.Sprintf("band same: precision %.3f, recall %.3f; band ask: precision %.3f, recall %.3f; found in either: %.3f of %d planted (%d same, %d asked)",
		part(c.sameTrue, c.same), part(c.sameTrue, c.planted), part(c.askedTrue, c.asked), part(c.askedTrue, c.planted), part(c.sameTrue+c.askedTrue, c.planted), c.planted, c.same, c.asked)
}

func (p *planter) plant(n, twins int) (all []directory.Record, truth map[[2]directory.ServiceID]bool) {
	all = p.city(n)
	truth = map[[2]directory.ServiceID]bool{}
	for _, i := range p.Perm(n)[:twins] {
		x := p.twin(all[i])
		truth[[2]directory.ServiceID{all[i].ID, x.ID}] = true
		all = append(all, x)
	}
	return all, truth
}

// TestPlantedDuplicates plants known duplicates among look-alikes and says how many of them each band holds. The control
// compares the letters as they were written.
func TestPlantedDuplicates(t *testing.T) {
	var sum, raw counted
	for seed := range uint64(5) {
		p := &planter{Rand: rand.New(rand.NewPCG(seed, 20260512))}
		all, truth := p.plant(900, 300)
		byID := map[directory.ServiceID]directory.Record{}
		for _, r := range all {
			byID[r.ID] = r
		}
		sum.planted += len(truth)
		raw.planted += len(truth)
		for _, d := range directory.Duplicates(all) {
			real := truth[[2]directory.ServiceID{d.A, d.B}]
			switch {
			case d.Band == directory.Same && !real && seed == 0:
				t.Logf("wrongly the same: %+v and %+v, %v", byID[d.A].Name, byID[d.B].Name, d.Reasons)
				fallthrough
			case d.Band == directory.Same:
				sum.same++
				if real {
					sum.sameTrue++
				}
			default:
				sum.asked++
				if real {
					sum.askedTrue++
				}
			}
		}
		for pair := range truth {
			switch directory.LikeAsWritten(byID[pair[0]], byID[pair[1]]).Band {
			case directory.Same:
				raw.same, raw.sameTrue = raw.same+1, raw.sameTrue+1
			case directory.Ask:
				raw.asked, raw.askedTrue = raw.asked+1, raw.askedTrue+1
			case directory.Different:
			}
		}
	}
	t.Logf("figure: planted duplicates: %v", sum)
	t.Logf("figure: planted duplicates, control without normalising: recall same %.3f, ask %.3f, missed %.3f", float64(raw.sameTrue)/float64(raw.planted), float64(raw.askedTrue)/float64(raw.planted), 1-float64(raw.sameTrue+raw.askedTrue)/float64(raw.planted))
	if float64(sum.sameTrue) < 0.99*float64(sum.same) {
		t.Error("too many pairs are called the same that are not")
	}
	if float64(sum.sameTrue+sum.askedTrue) < 0.97*float64(sum.planted) {
		t.Error("too many planted duplicates are missed")
	}
	if raw.sameTrue*2 > sum.sameTrue {
		t.Error("control: without normalising nearly as much is found")
	}
}

// TestBlockingLosesNothing compares with looking at all pairs: what shares no trait and yet is alike, is alike in its name alone.
func TestBlockingLosesNothing(t *testing.T) {
	p := &planter{Rand: rand.New(rand.NewPCG(7, 7))}
	all, truth := p.plant(600, 200)
	pairs, lost := directory.Blocked(all)
	planted := 0
	for _, l := range lost {
		if truth[[2]directory.ServiceID{l.A, l.B}] {
			planted++
		}
		if l.Band == directory.Same || len(l.Reasons) > 1 {
			t.Errorf("lost although more than the name is alike: %+v", l)
		}
	}
	t.Logf("figure: comparing only what shares a trait leaves out %d of %d pairs in band ask or same, %d of them among %d planted duplicates", len(lost), pairs, planted, len(truth))
	if planted*100 > len(truth) || pairs < 100 {
		t.Errorf("%d planted duplicates lost", planted)
	}
}
