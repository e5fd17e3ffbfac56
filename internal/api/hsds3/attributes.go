package hsds3

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"gevor/directory"
)

func costs(id string, r *directory.Record) []CostOption {
	c := CostOption{ID: named(id, "cost")}
	switch r.Cost {
	case directory.CostUnknown:
		return nil
	case directory.Free:
		zero := 0.0
		c.Option, c.Currency, c.Amount = "kostenlos", "EUR", &zero
	case directory.Fee:
		c.Option = "kostet etwas"
	case directory.Copayment:
		c.Option = "Zuzahlung wie bei der Krankenkasse"
	}
	if text, _ := r.CostText.In("de"); text != "" {
		c.Option = text
	}
	return []CostOption{c}
}

// said is an attribute without a term.
func said(id, entity, what, value string) Attribute {
	return Attribute{ID: named(id, "attribute", what, value), LinkID: id, Type: what, Entity: entity, Value: value}
}

// inLanguages gives a text in every language it has, the language as the label.
func inLanguages(id, entity, what string, t directory.Texts) []Attribute {
	tags := make([]string, 0, len(t))
	for tag, text := range t {
		if text != "" {
			tags = append(tags, tag)
		}
	}
	slices.Sort(tags)
	out := make([]Attribute, 0, len(tags))
	for _, tag := range tags {
		out = append(out, Attribute{ID: named(id, "text", what, tag), LinkID: id, Type: "text:" + what, Entity: entity, Label: tag, Value: t[tag]})
	}
	return out
}

func (w *Writer) attributes(id string, r *directory.Record) []Attribute {
	var out []Attribute
	add := func(what string, values ...string) {
		for _, v := range values {
			if v != "" {
				out = append(out, said(id, "service", what, v))
			}
		}
	}
	for _, k := range r.Kinds {
		if t, ok := w.Term(k); ok {
			out = append(out, Attribute{ID: named(id, "attribute", OfKind, k), LinkID: id, Type: OfKind, Entity: "service", TermID: t.ID, Term: &t})
		}
	}
	for _, i := range r.Insurance {
		add(OfInsurance, string(i))
	}
	for _, a := range r.Access {
		add(OfAccess, string(a))
	}
	add(OfCost, string(r.Cost))
	add(OfResource, r.Resources...)
	add(OfGroup, r.For.Groups...)
	if r.For.Women {
		add(OfOnly, "women")
	}
	if r.For.Men {
		add(OfOnly, "men")
	}
	add(OfRisk, string(r.Risk))
	add(OfReach, string(r.Area.Reach))
	if c := r.Capacity.At(w.Now); c.Room != directory.RoomUnknown {
		out = append(out, Attribute{ID: named(id, "attribute", OfCapacity), LinkID: id, Type: OfCapacity, Entity: "service", Value: string(c.Room), Label: c.On.UTC().Format(time.DateOnly)})
	}
	for i := range r.With {
		a := said(id, "service", OfPartner, ProviderName(r.With[i].ID))
		a.Label = r.With[i].Name
		out = append(out, a)
	}
	for _, m := range r.Merged {
		add(OfMerged, ServiceName(m))
	}
	for _, why := range r.Reasons {
		a := said(id, "service", OfReason+why.Field, why.Why)
		a.Label = ServiceName(why.From)
		out = append(out, a)
	}
	for _, f := range []struct {
		what string
		t    directory.Texts
	}{{"name", r.Name}, {"summary", r.Summary}, {"description", r.Description}, {"conditions", r.For.Conditions}, {"cost", r.CostText}} {
		out = append(out, inLanguages(id, "service", f.what, f.t)...)
	}
	return out
}

// Taxonomy is the vocabulary.
func (w *Writer) Taxonomy() Taxonomy {
	return Taxonomy{ID: TaxonomyName(), Name: "Lebenslagen, Bedarfe, Angebote", Description: "Von der Lebenslage über den Bedarf zur Art des Angebots. Ein Begriff kann mehrere Oberbegriffe haben; genannt ist der erste."}
}

// Term is a concept of the vocabulary; not ok where there is none of this key.
func (w *Writer) Term(key string) (Term, bool) {
	if t, known := w.terms[key]; known {
		return t, true
	}
	c, ok := w.Vocabulary.Concept(key)
	if !ok {
		return Term{}, false
	}
	taxonomy := w.Taxonomy()
	t := Term{ID: TermName(key), Code: key, Taxonomy: taxonomy.Name, TaxonomyID: taxonomy.ID, Detail: &taxonomy}
	t.Name, t.Language, _ = w.Vocabulary.Label(key, "de")
	if t.Language == "" {
		t.Language = "de"
	}
	t.Description = strings.Join(w.Vocabulary.Words(key, "de"), ", ")
	if t.Description == "" {
		t.Description = t.Name
	}
	if len(c.Parents) > 0 {
		t.Parent = TermName(c.Parents[0])
	}
	if w.terms == nil {
		w.terms = map[string]Term{}
	}
	w.terms[key] = t
	return t, true
}

func (w *Writer) tongue(tag string) string {
	if name, known := w.tongues[tag]; known {
		return name
	}
	name := tag
	if parsed, err := language.Parse(tag); err == nil {
		if said := display.German.Tags().Name(parsed); said != "" {
			name = said
		}
	}
	if w.tongues == nil {
		w.tongues = map[string]string{}
	}
	w.tongues[tag] = name
	return name
}

func note(l directory.Language) string {
	switch l.How {
	case "staff":
		return "wird im Team gesprochen"
	case "interpreter":
		return "mit Dolmetscherin oder Dolmetscher"
	case "telephone-interpreter":
		return "mit Dolmetschen am Telefon"
	case "video":
		return "mit Dolmetschen per Video"
	}
	return ""
}
