package region

import (
	"math"
	"strings"

	"gevor/notice"
	"gevor/osm"
	"gevor/tabular"
)

// tagRule maps objects that carry one or two tags to a category. A value of "*" is any; a value of the object may be
// a list with semicolons.
type tagRule struct {
	key, value, key2, value2 string
	category                 string
}

func (t tagRule) fits(tags osm.Tags) bool {
	return tagFits(tags, t.key, t.value) && (t.key2 == "" || tagFits(tags, t.key2, t.value2))
}

func tagFits(tags osm.Tags, key, want string) bool {
	for _, v := range strings.Split(tags.Get(key), ";") {
		if v = strings.TrimSpace(v); v != "" && (v == want || want == "*") {
			return true
		}
	}
	return false
}

// tagRules reads the mapping: columns key, value, category and, for refinements, key2, value2.
func (b *builder) tagRules(spec OffersSpec) ([]tagRule, error) {
	var rules []tagRule
	err := b.in.with(spec.Map, spec.Source, spec.Line, func(f *file) error {
		t, err := tabular.Open(f.reader(), tabular.Options{File: spec.Map, Notes: b.notes})
		if err != nil {
			return err
		}
		var at [3]int
		for i, name := range [...]string{"key", "value", "category"} {
			if at[i], err = t.Need(name); err != nil {
				return err
			}
		}
		key2, value2 := -1, -1
		if i, ok := t.Column("key2"); ok {
			key2 = i
			if value2, err = t.Need("value2"); err != nil {
				return err
			}
		}
		return t.Each(func(r tabular.Row) *tabular.Problem {
			x := tagRule{key: r.Text(at[0]), value: r.Text(at[1]), category: r.Text(at[2]), key2: r.Text(key2), value2: r.Text(value2)}
			if x.key == "" || x.value == "" || (x.key2 == "") != (x.value2 == "") {
				return &tabular.Problem{Rule: "no-tag", Advice: "every row needs key and value, and both or neither of key2 and value2"}
			}
			if _, ok := b.categoryOf[x.category]; !ok {
				return b.unknownMapped(x.category)
			}
			rules = append(rules, x)
			return nil
		})
	})
	return rules, err
}

// categoriesOfTags gives the categories whose rules fit. Where a rule with two tags fits, rules with the same first tag
// alone do not count: a paediatrician is not a general practitioner as well.
func categoriesOfTags(rules []tagRule, tags osm.Tags) []string {
	var fits []tagRule
	refined := map[[2]string]bool{}
	for _, r := range rules {
		if r.fits(tags) {
			fits = append(fits, r)
			if r.key2 != "" {
				refined[[2]string{r.key, r.value}] = true
			}
		}
	}
	var out []string
	for _, r := range fits {
		if r.key2 != "" || !refined[[2]string{r.key, r.value}] {
			out = append(out, r.category)
		}
	}
	return out
}

// offersOSM makes an offer of every object that a rule fits.
func (b *builder) offersOSM(spec OffersSpec) error {
	if b.extract == nil {
		return nil
	}
	rules, err := b.tagRules(spec)
	if err != nil {
		return err
	}
	place := b.d.Streets.File + "#offers"
	var used int64
	for _, poi := range b.extract.POIs {
		c := candidate{
			id: "osm/" + poi.ID, record: poi.ID, name: poi.Tags.Get("name"), at: poi.At, capacity: math.NaN(), confirmed: osmConfirmed(poi.Tags),
			categories: categoriesOfTags(rules, poi.Tags),
		}
		if len(c.categories) == 0 {
			continue // an object the region does not count as an offer
		}
		for _, t := range poi.Tags {
			if tag, named := strings.CutPrefix(t.Key, "language:"); named && (t.Value == "yes" || t.Value == "main") {
				c.languages = append(c.languages, tag)
			}
		}
		c.stepFree, _ = readTristate(poi.Tags.Get("wheelchair"))
		if problem := b.offer(spec, place, c, b.warner(place)); problem != nil {
			b.notes.Rejected(notice.Notice{File: place, Record: poi.ID, Field: problem.Field, Value: problem.Value, Rule: problem.Rule, Advice: problem.Advice})
			continue
		}
		used++
	}
	b.notes.Used(place, used)
	return nil
}

func osmConfirmed(tags osm.Tags) string {
	for _, k := range [...]string{"check_date", "survey:date"} {
		if v := tags.Get(k); v != "" {
			return v
		}
	}
	return ""
}
