package osm

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"

	"gevor/fault"
	"gevor/geo"
	"gevor/notice"
)

// Read takes in a PBF extract of any order of objects: first ways and relations, then the untagged ways that
// multipolygons refer to, then the nodes that all of those use. Each pass unpacks the blocks on all processors;
// the result and the notices do not depend on how many there are.
//
// An r that is also an io.ReaderAt is read in place from offset 0 up to size and costs no memory for the file;
// any other is held compressed. progress may be nil. file names it in notices and faults. Bad objects become notices in notes (nil is
// allowed) and are left out; an object that is sound but of no use here counts as used. A file that is not a PBF,
// is cut off or breaks a limit ends with a fault that says so.
//
// Checked in oracle_test.go against github.com/paulmach/osm on real extracts.
func Read(ctx context.Context, r io.Reader, size int64, file string, limits Limits, notes *notice.List, progress func(stage string, done, total int64)) (*Extract, error) {
	if progress == nil {
		progress = func(string, int64, int64) {}
	}
	if notes == nil {
		notes = &notice.List{}
	}
	limits = limits.orDefault()
	s, err := open(r, size, file, limits)
	if err != nil {
		return nil, err
	}
	rd := &reading{source: s, limits: &limits, notes: notes, progress: progress, byID: map[int64]int32{}}
	for _, pass := range []func(context.Context) error{rd.scanWays, rd.scanMissing, rd.scanNodes} {
		if err := pass(ctx); err != nil {
			return nil, err
		}
	}
	x := rd.build()
	notes.Used(file, rd.read-rd.rejected)
	return x, nil
}

// reading is the state of one Read.
type reading struct {
	*source
	limits   *Limits
	notes    *notice.List
	progress func(stage string, done, total int64)

	read, rejected int64 // objects
	withNodes      []int // blocks that hold nodes
	withWays       []int
	ways           []rawWay // kept by their own tags, in the order of the file
	extra          []rawWay // kept because a multipolygon needs them
	relations      []rawRelation
	byID           map[int64]int32 // way ID to index in ways
	extraByID      map[int64]int32
	kept           int64 // node references

	ids     []int64      // needed nodes, ascending
	at      []geo.LonLat // parallel to ids
	present []bool
	tagged  []TaggedNode // Node is an index into ids
	pois    []rawPOI
	places  []rawPlace
}

type rawWay struct {
	id     int64
	refs   []int64
	street Tags // nil if nobody moves on it
	isWay  bool
	poi    Tags
	isPOI  bool
	kind   Kind
	class  string
	name   string
	area   bool
}

type rawRelation struct {
	id      int64
	turn    string // value of restriction; empty for multipolygons
	way     rawWay // tags as if the relation were one closed way
	members []member
}

type rawPOI struct {
	kind byte // 'n', 'w', 'r'
	id   int64
	at   geo.LonLat
	tags Tags
}

type rawPlace struct {
	id          int64
	at          geo.LonLat
	class, name string
}

func (rd *reading) reject(record, field, value, rule, advice string) {
	rd.rejected++
	rd.notes.Rejected(notice.Notice{File: rd.file, Record: record, Field: field, Value: value, Rule: rule, Advice: advice})
}

func (rd *reading) note(severity notice.Severity, record, field, value, rule, advice string) {
	rd.notes.Add(notice.Notice{Severity: severity, File: rd.file, Record: record, Field: field, Value: value, Rule: rule, Advice: advice})
}

// flaw is a notice found while decoding, kept until its block's turn so that notices come in the file's order.
type flaw struct{ record, field, value, rule, advice string }

func (rd *reading) count(n int64) error {
	rd.read += n
	if rd.read > rd.limits.Objects {
		return fault.New(fault.TooLarge, rd.file, fmt.Sprintf("more than %d objects", rd.limits.Objects), "cut the file to the region with osmium extract")
	}
	return nil
}

func (rd *reading) keep(refs int) error {
	rd.kept += int64(refs)
	if rd.kept > rd.limits.Kept {
		return fault.New(fault.TooLarge, rd.file, fmt.Sprintf("ways that matter use more than %d nodes", rd.limits.Kept), "cut the file to the region with osmium extract")
	}
	return nil
}

// firstFind is what one block gives in the first pass.
type firstFind struct {
	read      int64
	nodes     bool
	anyWays   bool
	ways      []rawWay
	relations []rawRelation
	flaws     []flaw
}

func (rd *reading) scanWays(ctx context.Context) error {
	all := make([]int, len(rd.blocks))
	for i := range all {
		all[i] = i
	}
	return eachBlock(ctx, rd.source, all, rd.decodeWays, func(index int, f firstFind) error {
		rd.progress("osm ways", int64(index+1), int64(len(all)))
		if f.nodes {
			rd.withNodes = append(rd.withNodes, index)
		}
		if f.anyWays {
			rd.withWays = append(rd.withWays, index)
		}
		for _, x := range f.flaws {
			rd.reject(x.record, x.field, x.value, x.rule, x.advice)
		}
		for _, w := range f.ways {
			if _, twice := rd.byID[w.id]; twice {
				rd.reject(wayName(w.id), "id", "", "way-given-twice", "the first one counts; create the extract again")
				continue
			}
			if err := rd.keep(len(w.refs)); err != nil {
				return err
			}
			rd.byID[w.id] = int32(len(rd.ways))
			rd.ways = append(rd.ways, w)
		}
		rd.relations = append(rd.relations, f.relations...)
		return rd.count(f.read)
	})
}

func (rd *reading) decodeWays(b *block) (firstFind, error) {
	var f firstFind
	for _, field := range []int{1, 2} {
		if err := b.each(field, func([]byte) error { f.nodes = true; return nil }); err != nil {
			return f, err
		}
	}
	err := b.ways(rd.limits, func(id int64, tooLong bool) {
		f.read++
		f.anyWays = true
		switch {
		case tooLong:
			f.flaws = append(f.flaws, flaw{wayName(id), "nodes", "", "way-too-long", fmt.Sprintf("a way has at most %d nodes; split it", rd.limits.WayNodes)})
			return
		case len(b.refs) < 2:
			f.flaws = append(f.flaws, flaw{wayName(id), "nodes", strconv.Itoa(len(b.refs)), "way-too-short", "a way needs at least two nodes; correct it in OpenStreetMap"})
			return
		}
		if w := b.describe(id); w.isWay || w.isPOI || w.kind != "" {
			w.refs = slices.Clone(b.refs)
			f.ways = append(f.ways, w)
		}
	})
	if err != nil {
		return f, err
	}
	err = b.relations(rd.limits, func(id int64, members func() ([]member, error)) error {
		f.read++
		if b.marks()&marksRelation == 0 {
			return nil
		}
		r := rawRelation{id: id}
		switch b.value("type") {
		case "restriction", "restriction:motorcar":
			r.turn = b.turn()
			if r.turn == "" {
				return nil
			}
		case "multipolygon":
			r.way = b.describe(id)
			if !r.way.isWay && !r.way.isPOI && (r.way.kind == "" || !r.way.area) {
				return nil
			}
		default:
			return nil
		}
		m, err := members()
		if err != nil {
			return err
		}
		r.members = m
		f.relations = append(f.relations, r)
		return nil
	})
	return f, err
}

// turn gives the restriction that holds for cars, empty where none does.
func (b *block) turn() string {
	for i := range b.pairs {
		if i%2 == 0 && string(b.strings[b.pairs[i]]) == "except" {
			for _, who := range splitValues(b.string(b.pairs[i+1])) {
				if who == "motorcar" || who == "motor_vehicle" || who == "vehicle" {
					return ""
				}
			}
		}
	}
	for _, key := range []string{"restriction:motorcar", "restriction:motor_vehicle", "restriction"} {
		if v := b.value(key); v != "" {
			return v
		}
	}
	return ""
}

// describe reads from the tags at hand what a way or multipolygon is good for; refs stay empty.
func (b *block) describe(id int64) rawWay {
	w := rawWay{id: id}
	marks := b.marks()
	if marks&marksStreet != 0 && isStreet(b.value) {
		w.isWay, w.street = true, b.tags(keepOnWay)
	}
	if marks&marksPOI != 0 {
		w.isPOI, w.poi = true, b.tags(keepOnPOI)
	}
	if marks&marksShape != 0 {
		w.kind, w.class, w.area = classify(b.value)
		if w.kind != "" {
			w.name = b.value("name")
		}
	}
	return w
}

// scanMissing fetches the ways that multipolygons refer to and that have no telling tags of their own.
func (rd *reading) scanMissing(ctx context.Context) error {
	wanted := map[int64]bool{}
	for i := range rd.relations {
		if rd.relations[i].turn != "" {
			continue
		}
		for _, m := range rd.relations[i].members {
			if _, have := rd.byID[m.ref]; m.kind == 'w' && !have {
				wanted[m.ref] = true
			}
		}
	}
	rd.extraByID = map[int64]int32{}
	if len(wanted) == 0 {
		return nil
	}
	decode := func(b *block) ([]rawWay, error) {
		var out []rawWay
		err := b.ways(rd.limits, func(id int64, tooLong bool) {
			if !tooLong && len(b.refs) >= 2 && wanted[id] {
				out = append(out, rawWay{id: id, refs: slices.Clone(b.refs)})
			}
		})
		return out, err
	}
	return eachBlock(ctx, rd.source, rd.withWays, decode, func(index int, ways []rawWay) error {
		rd.progress("osm areas", int64(index+1), int64(len(rd.blocks)))
		for _, w := range ways {
			if _, twice := rd.extraByID[w.id]; twice {
				continue
			}
			if err := rd.keep(len(w.refs)); err != nil {
				return err
			}
			rd.extraByID[w.id] = int32(len(rd.extra))
			rd.extra = append(rd.extra, w)
		}
		return nil
	})
}

func wayName(id int64) string      { return "way " + strconv.FormatInt(id, 10) }
func nodeName(id int64) string     { return "node " + strconv.FormatInt(id, 10) }
func relationName(id int64) string { return "relation " + strconv.FormatInt(id, 10) }
