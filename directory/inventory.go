package directory

// Phase is a stage of life by years of age, both included; To 0 is open.
type Phase struct {
	Key      string
	From, To int
}

// Phases lists the stages of the life course: before school, at school, between school and work, at work, in old age.
func Phases() []Phase {
	return []Phase{{"early", 0, 5}, {"school", 6, 17}, {"young", 18, 26}, {"middle", 27, 64}, {"later", 65, 0}}
}

// Suits says whether a service is for people of a phase: Unknown where it says nothing at all about for whom it is.
func (p Phase) Suits(f For) Three {
	switch {
	case f.MinAge == 0 && f.MaxAge == 0 && len(f.Groups) == 0 && len(f.Conditions) == 0:
		return Unknown
	case p.To > 0 && f.MinAge > p.To || f.MaxAge > 0 && f.MaxAge < p.From:
		return No
	}
	return Yes
}

// Holding is what one district has of one field: services that suit, and those that do not say whether they do. Covered is
// false where no service of any kind is known of the district, so that nothing found does not mean that there is nothing.
type Holding struct {
	Suiting, Unsaid int
	Covered         bool
}

// Inventory counts services by field and district. A service with several places counts once in each district.
type Inventory struct {
	held    map[[2]string]Holding
	covered map[string]bool
}

// TakeInventory counts services that run. fields gives what a service is about, district where a location lies (empty where
// nobody knows), suits whom it is for. TestInventory.
func TakeInventory(records []Record, fields func(*Service) []string, district func(*Location) string, suits func(*Service) Three) *Inventory {
	v := &Inventory{held: map[[2]string]Holding{}, covered: map[string]bool{}}
	for i := range records {
		r := &records[i]
		if r.Draft || !r.Ended.IsZero() {
			continue
		}
		in := map[string]bool{}
		for k := range r.Locations {
			in[district(&r.Locations[k])] = true
		}
		if len(r.Locations) == 0 {
			in[""] = true
		}
		suit := suits(&r.Service)
		for d := range in {
			v.covered[d] = true
			for _, f := range fields(&r.Service) {
				key := [2]string{f, d}
				h := v.held[key]
				switch suit {
				case Yes:
					h.Suiting++
				case Unknown:
					h.Unsaid++
				case No:
				}
				v.held[key] = h
			}
		}
	}
	return v
}

// At gives what a district has of a field.
func (v *Inventory) At(field, district string) Holding {
	h := v.held[[2]string{field, district}]
	h.Covered = v.covered[district]
	return h
}
