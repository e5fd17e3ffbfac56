package web

import (
	"gevor/fault"
	"gevor/indicator"
	"gevor/notice"
)

// reviewed is a sketch as it would be published.
type reviewed struct {
	indicator.Sketch
	Notes   []notice.Notice
	Counts  []notice.Count
	Table   *indicator.Table
	Pub     *indicator.Publication // nil where there is nothing to publish
	Preview *indicator.Preview
	Before  int // releases that there were
	Refused string
}

// review reads a sketch and tries the gate, with everything that was ever published under its name.
func (p *page) review(k indicator.Sketch) (reviewed, error) {
	r := reviewed{Sketch: k}
	g, members, err := p.figureGround()
	if err != nil {
		return r, err
	}
	var notes notice.List
	t := k.Read(g, &notes)
	r.Notes, r.Counts, r.Table = notes.Notices(), notes.Counts(), &t
	if len(t.Figures) == 0 {
		return r, nil
	}
	o := k.Options()
	o.Members = members
	if o.Earlier, err = p.site.Figures.EarlierPublications(p.req.Context(), p.actor, k.Dataset.ID); err != nil {
		return r, err
	}
	r.Before = len(o.Earlier)
	same, err := p.sameBases(k, &t)
	if err != nil {
		return r, err
	}
	o.Earlier = append(o.Earlier, same...)
	r.Pub, r.Preview, err = indicator.Protect(&t, g, o)
	if err != nil && fault.KindOf(err) != fault.Internal {
		r.Refused = p.text("dataset.refused")
		return r, nil
	}
	return r, err
}

// sameBases are the denominators of other datasets of the owner, published once, by which a sketch divides too: what they
// told binds it.
func (p *page) sameBases(k indicator.Sketch, t *indicator.Table) ([]*indicator.Publication, error) {
	if k.OpenBase || !k.Dataset.Ratio() {
		return nil, nil
	}
	all, err := p.datasets()
	if err != nil {
		return nil, err
	}
	var others []*indicator.Publication
	for i := range all {
		if all[i].Owner != k.Owner || all[i].Dataset.ID == k.Dataset.ID {
			continue
		}
		was, err := p.site.Figures.EarlierPublications(p.req.Context(), p.actor, all[i].Dataset.ID)
		if err != nil {
			return nil, err
		}
		others = append(others, was...)
	}
	return indicator.SameBase(t, others), nil
}
