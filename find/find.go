// Package find answers a need with documents: people ask in their own words and language, with typing errors, and
// the records are German.
//
// An Index is built once from documents and a vocabulary and never changes; searching it is safe for concurrent use
// and always gives the same order. A query runs through four steps: its words are brought to one form (normal.go,
// stem.go), understood (language, typing errors, compounds, everyday words, thesaurus: understand.go), matched by
// BM25F with one slot for each thing asked for (score.go), and cut to what the caller's constraints allow.
//
// Nothing of a query is kept. docs/methods.md, section Search, holds the formulas and the figures.
package find

import "gevor/vocabulary"

// Field is one text of a document. Weight says how much one occurrence in it counts against one in a field of
// weight 1; 0 counts as 1.
type Field struct {
	Text   string
	Weight float64
	Title  bool // the name of the document: a query that is exactly this text finds it first
}

// Doc is what can be found.
type Doc struct {
	ID       string
	Language string // BCP 47 tag of its texts, "" = German
	Fields   []Field
	Concepts []string // keys of the vocabulary, usually kinds of service; unknown ones are ignored
	Facts    []string // properties that results are counted by, such as "language:ar"
}

// Options of an index. The zero value is what gevor uses.
type Options struct {
	Tuning Tuning // zero = DefaultTuning()
}

// Constraint is a condition that no result may break.
type Constraint struct {
	Name string           // what Results.Removed calls it
	Keep func(n int) bool // n is the document's number in the order of Build; must be pure
}

// Query is one question.
type Query struct {
	Text     string
	Language string              // what the person reads, a hint only: the words of the query decide
	Concepts []string            // needs chosen without words; narrower concepts count, broader ones a little
	Must     []Constraint        // hard: never violated
	Boost    func(n int) float64 // multiplies the fit of document n; nil or 1 = neutral, 0 or less sinks it last
	Limit    int                 // hits given, 0 = 10
	Offset   int                 // hits left out at the beginning
}

// Hit is one document found.
type Hit struct {
	N          int // number in the order of Build
	ID         string
	Score      float64 // fit × boost
	Fit        float64 // fit of words and concepts alone
	ExactTitle bool    // the query is this document's title
}

// Removal says what one constraint took away.
type Removal struct {
	Name  string
	Alone int // matching documents that only this constraint keeps out: what one gets back by giving it up
	All   int // matching documents that break it
}

// Understood is one piece of the query and what it was taken for.
type Understood struct {
	Words    string   // as they stand in the query
	As       []string // German terms searched for, the strongest first; at most five
	Concepts []string // keys of the vocabulary
	Repaired bool     // a typing error was assumed
}

// Results of one query.
type Results struct {
	Hits       []Hit
	Total      int            // matching documents that break no constraint, whatever Limit and Offset
	Matching   int            // matching documents before constraints
	Removed    []Removal      // one for each constraint, in their order
	Facts      map[string]int // how many of Total have each fact
	Language   string         // in which the query was understood
	Understood []Understood   // in the order of the query
	DidYouMean string         // the query with typing errors repaired; "" where none was found
	Acute      []string       // acute matters of the vocabulary that the words mean: hotlines first
	Concepts   []string       // concepts that the words mean, the strongest first
	Confidence float64        // 0–1, estimated chance that the documents answer such a query at all (docs/methods.md)
	Abstain    bool           // Confidence is below Tuning.Abstain: say so instead of showing results as answers
}

// Build indexes documents. Its result depends on the order of docs only where equal hits have equal ids. It fails
// with fault.Invalid where two documents have one id.
func Build(docs []Doc, voc *vocabulary.Vocabulary, o Options) (*Index, error) {
	return build(docs, voc, o)
}
