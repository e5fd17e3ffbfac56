package vocabulary

import (
	"cmp"
	"slices"
	"strings"

	"gevor/notice"
)

// assemble joins the lines of all layers and finds what only shows in the whole.
func (b *builder) assemble() {
	b.dropUnknownParents()
	b.dropCycles()
	v := b.v
	for _, k := range sortedKeys(b.concepts) {
		v.at[k] = len(v.concepts)
		v.concepts = append(v.concepts, b.concepts[k].value)
	}
	v.narrower = make([][]string, len(v.concepts))
	for _, c := range v.concepts {
		for _, p := range c.Parents {
			i := v.at[p]
			v.narrower[i] = append(v.narrower[i], c.Key)
		}
	}
	for at, t := range b.texts {
		if _, known := v.at[at[1]]; !known {
			reject(b.notes, t, at[1], "key", at[1], "unknown-key", "there is no such concept in concepts.csv")
			continue
		}
		if v.texts[at[0]] == nil {
			v.texts[at[0]] = map[string]Text{}
		}
		v.texts[at[0]][at[1]] = t.value
	}
	for _, c := range v.concepts {
		if _, ok := v.texts["de"][c.Key]; !ok {
			reject(b.notes, b.concepts[c.Key], c.Key, "label", c.Key, "no-label", "the concept needs a line in words/de.csv")
		}
	}
	for at, e := range b.entries {
		v.thesaurus[at[0]] = append(v.thesaurus[at[0]], e.value)
	}
	for _, lines := range v.thesaurus {
		slices.SortFunc(lines, func(a, b Entry) int { return cmp.Compare(a.German, b.German) })
	}
	for _, h := range b.hotlines {
		v.hotlines = append(v.hotlines, h.value)
	}
	slices.SortFunc(v.hotlines, func(a, b Hotline) int {
		return cmp.Or(cmp.Compare(a.Acute, b.Acute), cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Number, b.Number))
	})
	b.checkAcute()
}

func (b *builder) checkAcute() {
	known := b.v.AcuteMatters()
	for _, c := range b.v.concepts {
		if c.Acute != "" && !slices.Contains(known, c.Acute) {
			reject(b.notes, b.concepts[c.Key], c.Key, "acute", c.Acute, "unknown-acute", "there is no hotline for it; the matters are "+strings.Join(known, ", "))
		}
	}
}

func (b *builder) dropUnknownParents() {
	for _, k := range sortedKeys(b.concepts) {
		c := b.concepts[k]
		kept := c.value.Parents[:0:0]
		for _, p := range c.value.Parents {
			parent, ok := b.concepts[p]
			switch {
			case !ok:
				reject(b.notes, c, k, "parents", p, "unknown-parent", "there is no such concept")
			case parent.value.Kind > c.value.Kind:
				reject(b.notes, c, k, "parents", p, "narrower-parent", "a "+c.value.Kind.String()+" cannot stand below a "+parent.value.Kind.String())
			default:
				kept = append(kept, p)
			}
		}
		c.value.Parents = kept
		b.concepts[k] = c
	}
}

// dropCycles walks down from every concept in order of keys; an edge that leads back to a concept on the way is
// reported and left out.
func (b *builder) dropCycles() {
	const (
		unseen = iota
		open
		done
	)
	state := map[string]int{}
	var walk func(k string)
	walk = func(k string) {
		state[k] = open
		c := b.concepts[k]
		kept := c.value.Parents[:0:0]
		for _, p := range c.value.Parents {
			if state[p] == open {
				reject(b.notes, c, k, "parents", p, "cycle", "following the parents leads back to the concept itself")
				continue
			}
			if state[p] == unseen {
				walk(p)
			}
			kept = append(kept, p)
		}
		c.value.Parents = kept
		b.concepts[k] = c
		state[k] = done
	}
	for _, k := range sortedKeys(b.concepts) {
		if state[k] == unseen {
			walk(k)
		}
	}
}

// reject adds a notice without touching the counts: the row was read and used, what is wrong showed later.
func reject[T any](notes *notice.List, at placed[T], record, field, value, rule, advice string) {
	notes.Add(notice.Notice{
		Severity: notice.Reject, File: at.file, Line: at.line, Record: record, Field: field, Value: value, Rule: rule, Advice: advice,
	})
}
