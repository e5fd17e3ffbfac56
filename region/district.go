package region

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gevor/notice"
	"gevor/tabular"
)

// Names of how a group's layer was made; keys of the message catalogue.
const (
	MethodPopulation = "population"
	MethodGrid       = "grid-column"
	MethodPoints     = "point-column"
	MethodSpread     = "district-spread-by-population"
)

// areaValue is a value of an area with its flag.
type areaValue struct {
	number float64
	flag   ValueFlag
}

// areaTable reads one value per area. Keys are those of districts, else of municipalities; where all areas of a kind
// have keys of one length, a key that lost its leading zero is mended. A rate may be below 0, and its key may be that of
// a larger area (a county, an association): it holds for every municipality whose key begins with it, unless that one
// has a row of its own.
func (b *builder) areaTable(spec FileSpec, keyColumn string, keyLength int, column string, where, markers map[string]string, rate bool) (map[int32]areaValue, error) {
	out := map[int32]areaValue{}
	err := b.in.with(spec.File, spec.Source, spec.Line, func(f *file) error {
		t, err := tabular.Open(f.reader(), tabular.Options{File: spec.File, Notes: b.notes})
		if err != nil {
			return err
		}
		key, err := t.Need(keyColumn)
		if err != nil {
			return err
		}
		value, err := t.Need(column)
		if err != nil {
			return err
		}
		chosen, err := rowFilter(t, where)
		if err != nil {
			return err
		}
		numbers := t.Numbers()
		if m := markersOf(markers); m != nil {
			numbers.Markers = m
		}
		if keyLength == 0 {
			keyLength = b.keyLength()
		}
		lines := map[int32]int{}
		larger := map[string]areaValue{}
		err = t.Each(func(r tabular.Row) *tabular.Problem {
			if problem := chosen(r); problem != nil {
				return problem
			}
			k, mended := tabular.Key(r.Text(key), keyLength)
			area, ok := b.areaByKey(k)
			beginning := !ok && rate && b.beginsKey(k)
			if _, twice := larger[k]; beginning && twice {
				return &tabular.Problem{Record: k, Field: keyColumn, Value: k, Rule: "duplicate-area", Advice: "choose one row for each area with where = { … }"}
			}
			if !ok && !beginning {
				return &tabular.Problem{Record: k, Field: keyColumn, Value: r.Text(key), Rule: "unknown-area", Advice: "no area of the region has this key; sums and places outside the region are left out"}
			}
			if line, twice := lines[area]; ok && twice {
				return &tabular.Problem{Record: k, Field: keyColumn, Value: k, Rule: "duplicate-area", Advice: fmt.Sprintf("the area stands on line %d already; choose one row for each with where = { … }", line)}
			}
			v, reading := numbers.Parse(r.Text(value))
			if reading == tabular.Unreadable || v.Number < 0 && !rate {
				return &tabular.Problem{Record: k, Field: column, Value: r.Text(value), Rule: "no-number", Advice: "a number or a marker such as . or – is expected"}
			}
			if mended {
				t.Warn(r, tabular.Problem{Record: k, Field: keyColumn, Value: r.Text(key), Rule: "key-mended", Advice: "the key had lost its leading zero or its form as text"})
			}
			if reading == tabular.Ambiguous {
				t.Warn(r, ambiguous(k, column, r.Text(value), v.Number))
			}
			if beginning {
				larger[k] = areaValue{v.Number, flagOf(v.Flag)}
				return nil
			}
			lines[area] = r.Line
			out[area] = areaValue{v.Number, flagOf(v.Flag)}
			return nil
		})
		for _, k := range sortedKeys(larger) { // a longer key comes later and is the nearer area
			for i, a := range b.s.Areas {
				if a.Kind == Municipality && strings.HasPrefix(a.Key, k) && lines[int32(i)] == 0 {
					out[int32(i)] = larger[k]
				}
			}
		}
		return err
	})
	return out, err
}

// beginsKey says whether the key of any municipality begins with k, which must name a state, county or association.
func (b *builder) beginsKey(k string) bool {
	for _, a := range b.s.Areas {
		if a.Kind == Municipality && len(k) >= 2 && strings.HasPrefix(a.Key, k) {
			return true
		}
	}
	return false
}

// rowFilter gives a check that rejects rows whose columns hold other values than asked for.
func rowFilter(t *tabular.Table, where map[string]string) (func(tabular.Row) *tabular.Problem, error) {
	type condition struct {
		column     int
		name, want string
	}
	var conditions []condition
	for _, name := range sortedKeys(where) {
		i, err := t.Need(name)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, condition{i, name, where[name]})
	}
	return func(r tabular.Row) *tabular.Problem {
		for _, c := range conditions {
			if got := r.Text(c.column); got != c.want {
				return &tabular.Problem{Field: c.name, Value: got, Rule: "not-selected", Advice: "region.toml asks for rows with " + c.name + " = " + c.want}
			}
		}
		return nil
	}, nil
}

// keyLength is the length all districts' keys share, else all municipalities', 0 where they differ.
func (b *builder) keyLength() int {
	for _, kind := range [...]AreaKind{District, Municipality} {
		n, same := 0, true
		for _, a := range b.s.Areas {
			if a.Kind == kind {
				same = same && (n == 0 || n == len(a.Key))
				n = len(a.Key)
			}
		}
		if n > 0 {
			if same {
				return n
			}
			return 0
		}
	}
	return 0
}

func (b *builder) areaByKey(key string) (int32, bool) {
	if i, ok := b.areaOf[District][key]; ok {
		return i, true
	}
	i, ok := b.areaOf[Municipality][key]
	return i, ok
}

// spread distributes one value per area over the area's cells in proportion to their population:
//
//	people(cell) = value(area) x population(cell) / sum of population over the area's cells
//
// A cell takes the value of its district, else of its municipality. A suppressed or missing value makes every cell
// of its area suppressed or missing, never zero; a cell whose own population is suppressed or missing stays so, and
// the value is spread over the others. A value that meets no populated cell is reported and lost.
//
// The relative standard error at cell level is estimated as
//
//	sqrt(CV² + (1-s) / (s x n))
//
// CV being the coefficient of variation of the share value/population between areas, weighted by population (shares
// inside an area are taken to vary as much as between areas; 0.5 where fewer than three areas have a value), s the
// share over all areas and n the population of the cell in which the middle person lives: the second term is the
// binomial noise of a cell of that size. Checked in law_test.go (sums are kept, flags are never mixed).
func (b *builder) spread(spec GroupSpec, values map[int32]areaValue) (people []float32, flag []ValueFlag, relError float64) {
	c := &b.s.Cells
	sum := make([]float64, len(b.s.Areas))
	pick := make([]int32, c.Len())
	for i := range pick {
		pick[i] = -1
		for _, a := range [...]int32{c.District[i], c.Municipality[i]} {
			if _, ok := values[a]; ok && a >= 0 {
				pick[i] = a
				sum[a] += float64(c.Population[i])
				break
			}
		}
	}
	people, flag = make([]float32, c.Len()), make([]ValueFlag, c.Len())
	for i, a := range pick {
		switch {
		case a < 0:
			flag[i] = Missing
		case values[a].flag == Suppressed || values[a].flag == Missing:
			flag[i] = values[a].flag
		case c.Flag[i] == Suppressed || c.Flag[i] == Missing:
			flag[i] = c.Flag[i]
		case values[a].flag == Zero || c.Population[i] == 0:
			flag[i] = Zero
		default:
			flag[i] = Estimated
			people[i] = float32(values[a].number * float64(c.Population[i]) / sum[a])
		}
	}
	for a := range b.s.Areas {
		if v, ok := values[int32(a)]; ok && v.number > 0 && sum[a] == 0 {
			b.notes.Add(notice.Notice{
				Severity: notice.Warning, File: spec.File, Record: b.s.Areas[a].Key, Value: fmt.Sprint(v.number),
				Rule: "area-without-population", Advice: "the value of this area meets no populated cell of its own and could not be spread",
			})
		}
	}
	return people, flag, b.spreadError(values, sum)
}

func (b *builder) spreadError(values map[int32]areaValue, sum []float64) float64 {
	var total, people float64
	n := 0
	for a := range sum {
		if v, ok := values[int32(a)]; ok && sum[a] > 0 && (v.flag == Known || v.flag == Zero) {
			total += v.number
			people += sum[a]
			n++
		}
	}
	if total == 0 || people == 0 {
		return 0
	}
	s := math.Min(total/people, 1)
	cv := 0.5
	if n >= 3 {
		variance := 0.0
		for a := range sum {
			if v, ok := values[int32(a)]; ok && sum[a] > 0 && (v.flag == Known || v.flag == Zero) {
				d := v.number/sum[a] - total/people
				variance += sum[a] * d * d
			}
		}
		cv = math.Sqrt(variance/people) / (total / people)
	}
	return math.Sqrt(cv*cv + (1-s)/(s*b.middleCell()))
}

// middleCell is the population of the cell in which the middle person of the region lives, at least 1.
func (b *builder) middleCell() float64 {
	sizes := slices.Clone(b.s.Cells.Population)
	slices.Sort(sizes)
	total := 0.0
	for _, p := range sizes {
		total += float64(p)
	}
	seen := 0.0
	for _, p := range sizes {
		if seen += float64(p); seen >= total/2 {
			return math.Max(1, float64(p))
		}
	}
	return 1
}
