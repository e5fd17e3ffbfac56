package cluster

import (
	"encoding/binary"
	"encoding/json"
	"math"

	"gevor/atlas"
	"gevor/fault"
	"gevor/geo"
	"gevor/travel"
)

// Job is what all shards of one analysis have in common.
type Job struct {
	Snapshot string // hash
	Version  string // of the program
	WalkKmh  float64
	BikeKmh  float64
	MaxWalk  travel.Seconds // to and from stops
}

// shard is a question to a travel engine that one machine answers alone: some origins of a leg, all its places.
type shard struct {
	Job
	Leg    atlas.Leg
	Places string // name of the list of places
	From   []byte // origins, packed
}

// encode gives the bytes of a shard and the name of its answer.
func (s *shard) encode() (raw []byte, name string, err error) {
	raw, err = json.Marshal(s)
	return raw, hashOf(raw), err
}

func decodeShard(raw []byte) (*shard, error) {
	var s shard
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fault.Wrap(fault.Corrupt, "shard", "cannot be read", "", err)
	}
	return &s, nil
}

// pack writes places as pairs of float64, 16 bytes each: exact, so that an engine elsewhere sees the same bits.
func pack(at []geo.LonLat) []byte {
	raw := make([]byte, 0, 16*len(at))
	for _, p := range at {
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(p.Lon))
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(p.Lat))
	}
	return raw
}

func unpack(raw []byte) ([]geo.LonLat, error) {
	if len(raw)%16 != 0 {
		return nil, fault.New(fault.Corrupt, "places", "are cut off", "")
	}
	at := make([]geo.LonLat, len(raw)/16)
	for i := range at {
		at[i].Lon = math.Float64frombits(binary.LittleEndian.Uint64(raw[16*i:]))
		at[i].Lat = math.Float64frombits(binary.LittleEndian.Uint64(raw[16*i+8:]))
	}
	return at, nil
}

// An answer is a row for each origin that reaches anything: the step from the origin before, how many places, the
// steps between them, and for each percentile the seconds plus one, 0 for out of reach; all as unsigned varints.
// It begins with 'R', or with 'F' where the engine failed and the rest is what it said.
const (
	answerRows    = 'R'
	answerFailure = 'F'
)

// rowWriter packs rows in ascending order of their origins.
type rowWriter struct {
	raw  []byte
	last int64
}

func newRowWriter() *rowWriter { return &rowWriter{raw: []byte{answerRows}, last: -1} }

func (w *rowWriter) put(r atlas.Reached) error {
	if len(r.To) == 0 {
		return nil
	}
	if int64(r.From) <= w.last {
		return fault.New(fault.Internal, "", "an engine gave its rows out of order", "")
	}
	w.raw = binary.AppendUvarint(w.raw, uint64(int64(r.From)-w.last))
	w.last = int64(r.From)
	w.raw = binary.AppendUvarint(w.raw, uint64(len(r.To)))
	last := int32(-1)
	for _, t := range r.To {
		w.raw = binary.AppendUvarint(w.raw, uint64(t-last))
		last = t
	}
	for _, ss := range r.Seconds {
		for _, s := range ss {
			v := uint64(0)
			if s != travel.Unreached {
				v = uint64(s) + 1
			}
			w.raw = binary.AppendUvarint(w.raw, v)
		}
	}
	return nil
}

// rowReader unpacks an answer and bounds everything it reads by what was asked.
type rowReader struct {
	raw            []byte
	percentiles    int
	origins, place int64 // how many were asked for
}

// each hands over the rows of an answer, origins counted from base. The slices are reused.
func (r rowReader) each(base int32, yield func(atlas.Reached) error) error {
	bad := fault.New(fault.Corrupt, "answer of a worker", "is no list of rows", "see whether every worker runs the same program")
	if len(r.raw) > 0 && r.raw[0] == answerFailure {
		return fault.New(fault.Internal, "", "a worker could not compute its part: "+string(r.raw[1:]), "see its log")
	}
	if len(r.raw) == 0 || r.raw[0] != answerRows {
		return bad
	}
	raw := r.raw[1:]
	next := func() (int64, bool) {
		v, n := binary.Uvarint(raw)
		if n <= 0 || v > math.MaxInt32 {
			return 0, false
		}
		raw = raw[n:]
		return int64(v), true
	}
	row := atlas.Reached{Seconds: make([][]travel.Seconds, r.percentiles)}
	from := int64(-1)
	for len(raw) > 0 {
		step, ok := next()
		count, ok2 := next()
		if from += step; !ok || !ok2 || step == 0 || from >= r.origins || count == 0 || count > r.place {
			return bad
		}
		row.From, row.To = base+int32(from), row.To[:0]
		for to := int64(-1); int64(len(row.To)) < count; {
			step, ok := next()
			if to += step; !ok || step == 0 || to >= r.place {
				return bad
			}
			row.To = append(row.To, int32(to))
		}
		for p := range row.Seconds {
			row.Seconds[p] = row.Seconds[p][:0]
			for range count {
				v, ok := next()
				if !ok {
					return bad
				}
				s := travel.Unreached
				if v > 0 {
					s = travel.Seconds(v - 1)
				}
				row.Seconds[p] = append(row.Seconds[p], s)
			}
		}
		if err := yield(row); err != nil {
			return err
		}
	}
	return nil
}
