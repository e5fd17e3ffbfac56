package directory

import "strings"

// LikeAsWritten compares two records as subjects do, but by the letters as they were written: the control that shows what
// normalising names, streets, phones and domains is worth.
func LikeAsWritten(a, b Record) Likeness {
	raw := func(r *Record) prepared {
		name, _ := r.Name.In("de")
		p := prepared{words: strings.Fields(name), saysPhones: true, saysWebsites: r.Website != "" || r.Provider.Website != "", domains: []string{r.Website, r.Provider.Website}}
		if len(r.Places) > 0 && len(r.Places[0].Contacts) > 0 {
			p.phones = []string{r.Places[0].Contacts[0].Phone}
		}
		if len(r.Locations) > 0 {
			l := r.Locations[0]
			p.street, p.postcode, p.at = l.Street, l.Postcode, l.At
		}
		return p
	}
	return compare(raw(&a), raw(&b))
}

// Blocked counts the pairs in band ask or same among all pairs of records, and those that share no trait and are not seen.
func Blocked(records []Record) (pairs int, lost []Pair) {
	subjects := subjectsOf(records)
	found := map[[2]ServiceID]bool{}
	for _, p := range alike(subjects) {
		found[[2]ServiceID{p.A, p.B}] = true
	}
	for i := range subjects {
		for k := i + 1; k < len(subjects); k++ {
			if l := subjects[i].like(&subjects[k]); l.Band != Different {
				if pairs++; !found[[2]ServiceID{subjects[i].id, subjects[k].id}] {
					lost = append(lost, Pair{subjects[i].id, subjects[k].id, l})
				}
			}
		}
	}
	return pairs, lost
}
