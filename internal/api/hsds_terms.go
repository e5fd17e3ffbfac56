package api

import (
	"slices"

	"gevor/internal/api/hsds3"
	"gevor/vocabulary"
)

func hsdsTaxonomies(x *exchange) error {
	t := x.writer().Taxonomy()
	var all []any
	if allIn(fold(t.Name+" "+t.Description)+" ", wordsOf(x.q.first("search"))) {
		all = append(all, t)
	}
	return x.all(all)
}

func hsdsTaxonomy(x *exchange) error {
	if x.req.PathValue("record") != hsds3.TaxonomyName() {
		return absent()
	}
	return x.json(jsonType, x.writer().Taxonomy())
}

func hsdsTerms(x *exchange) error {
	w, words := x.writer(), wordsOf(x.q.first("search"))
	var all []hsds3.Term
	for _, c := range x.a.o.Vocabulary.Concepts() {
		t, ok := w.Term(c.Key)
		switch {
		case !ok || !allIn(fold(t.Name+" "+t.Description)+" ", words):
		case x.q.has("taxonomy_id") && !slices.Contains(x.q.list("taxonomy_id"), t.TaxonomyID):
		case x.q.bool("top_only") && c.Kind != vocabulary.Situation:
		case x.q.has("parent_id") && !slices.ContainsFunc(c.Parents, func(p string) bool { return slices.Contains(x.q.list("parent_id"), hsds3.TermName(p)) }):
		default:
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b hsds3.Term) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	out := make([]any, len(all))
	for i := range all {
		out[i] = all[i]
	}
	return x.all(out)
}

func hsdsTerm(x *exchange) error {
	for _, c := range x.a.o.Vocabulary.Concepts() {
		if hsds3.TermName(c.Key) == x.req.PathValue("record") {
			t, _ := x.writer().Term(c.Key)
			return x.json(jsonType, t)
		}
	}
	return absent()
}
