package contact

// Terms say how long what is kept. Weeks begin on Monday, and a term runs from the Monday of the week of arrival: so
// nothing is kept longer than the term says, and most of it some days less.
type Terms struct {
	AuthorDays int // until nobody knows who wrote an entry
	EntryDays  int // until figures are made of an entry and it is deleted
}

// UsualTerms hold where an operator did not say otherwise.
func UsualTerms() Terms { return Terms{AuthorDays: 14, EntryDays: 28} }
