package find

// Tuning holds the constants of ranking. They were set on one district of the public question set
// (docs/figures/search.md says which, and how the other, untouched one fares).
type Tuning struct {
	K1, B     float64 // BM25: saturation of frequency, weight of length
	Part      float64 // what a compound counts for each of its parts
	Root      float64 // what a match of the root counts against one of the stem
	Joined    float64 // what a compound of the query counts found in its parts
	Apart     float64 // importance of each part of a compound that the documents do not have as a whole
	Synonym   float64 // multiplies synonyms and German labels of concepts
	Function  float64 // importance of words without a subject
	Step      float64 // what a concept counts for the next broader one
	Concept   float64 // weight of a concept against words
	Window    float64 // weight of the best passage against the whole document
	Span      int     // words of a passage
	Floor     float64 // hits below this share of the best one are none
	Sound     float64 // what a word found by its sound counts
	Abstain   float64 // below this confidence results are no answer
	Intercept float64 // of the confidence
	Covered   float64 // its slope on the share of the query that the best document holds
	Passage   float64 // its slope on the share that one passage holds
	Lead      float64 // its slope on the lead of the best document over the tenth
	Asked     float64 // its slope on how much is asked for: the more, the more specific
}

// DefaultTuning gives the constants in use.
func DefaultTuning() Tuning {
	return Tuning{
		K1: 1.6, B: 0.4, Part: 0.5, Root: 0.6, Joined: 0.6, Apart: 0.8, Synonym: 1, Function: 0.12, Step: 0.6, Concept: 6,
		Window: 0.4, Span: 30, Floor: 0.2, Sound: 0.6,
		Abstain: 0.6, Intercept: -2, Covered: 0.81, Passage: 0.76, Lead: 1.74, Asked: 3.34,
	}
}
