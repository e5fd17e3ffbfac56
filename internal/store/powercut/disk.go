// Package powercut is a simulated disk under a real SQLite, for tests only: it keeps apart what was written and what
// was synced, and at a power cut only the latter is sure to be there. It also fails: a sync that does not work, a disk
// that is full, a write that ends half-way.
//
// What a cut leaves of unsynced writes follows the page cache of a kernel over a disk with sectors of 512 bytes: each
// sector stands, independently of all others, where some earlier moment since the last sync had left it. So writes
// may be lost, torn and seen out of order. A sync that fails loses what it should have kept although readers still
// see it, as on Linux: https://www.usenix.org/conference/atc20/presentation/rebello
package powercut

import (
	"math/rand/v2"
	"sync"
)

const sector = 512

// Disk is one disk until its power is cut. Safe for concurrent use.
type Disk struct {
	mu     sync.Mutex
	files  map[string]*file
	ghosts map[string]*file // deleted, but their folder was not synced since
	shared map[string]*shm
	plan   Plan
	writes int
	syncs  int
	steps  int
	dead   bool
	opened map[*handle]struct{} // keeps handles alive while only SQLite's memory knows them
}

// Plan says what goes wrong. Writes and syncs count from 1, from the moment the plan is set; zero never happens.
type Plan struct {
	FailSync int // this sync fails
	FullAt   int // from this write on there is no space …
	FullFor  int // … for so many writes; 0 = for ever
	ShortAt  int // this write puts half of its bytes on the disk and fails
	CutAt    int // the power fails at this write, truncation or sync, counted together
}

// file is what readers see, what the disk holds, and the way from one to the other.
type file struct {
	seen  []byte
	kept  []byte
	named bool // its name is on the disk
	since []op // since the last sync
	locks locks
}

// op is a write of bytes at a place, or a truncation to it.
type op struct {
	at       int64
	bytes    []byte
	truncate bool
}

// New gives an empty disk.
func New() *Disk {
	return &Disk{files: map[string]*file{}, ghosts: map[string]*file{}, shared: map[string]*shm{}, opened: map[*handle]struct{}{}}
}

// Set makes a plan and counts anew.
func (d *Disk) Set(p Plan) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.plan, d.writes, d.syncs, d.steps = p, 0, 0, 0
}

// Counts gives the writes and syncs since the plan was set.
func (d *Disk) Counts() (writes, syncs int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.writes, d.syncs
}

// Cut takes the power away: whoever still uses the disk gets errors from now on. It gives the disk that is found when
// the power is back. With rng, each unsynced sector stands where chance left it; without, all that was not synced is
// gone.
func (d *Disk) Cut(rng *rand.Rand) *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead = true
	after := New()
	for _, name := range sortedNames(d.files) {
		f := d.files[name]
		if !f.named && (rng == nil || rng.IntN(2) == 0) {
			continue
		}
		left := f.left(rng)
		after.files[name] = &file{seen: left, kept: append([]byte(nil), left...), named: true}
	}
	for _, name := range sortedNames(d.ghosts) {
		if _, again := after.files[name]; again || rng != nil && rng.IntN(2) == 0 {
			continue
		}
		left := d.ghosts[name].left(rng)
		after.files[name] = &file{seen: left, kept: append([]byte(nil), left...), named: true}
	}
	return after
}

// left is what a cut leaves of a file.
func (f *file) left(rng *rand.Rand) []byte {
	out := append([]byte(nil), f.kept...)
	if rng == nil || len(f.since) == 0 {
		return out
	}
	// The length stands where some moment left it.
	length := int64(len(f.kept))
	most := length
	for _, o := range f.since[:rng.IntN(len(f.since)+1)] {
		length = o.length(length)
	}
	for _, o := range f.since {
		most = max(most, o.at+int64(len(o.bytes)))
	}
	out = append(out, make([]byte, most-int64(len(out)))...)
	history := map[int64][]op{}
	for _, o := range f.since {
		last := o.at + int64(len(o.bytes)) - 1
		if o.truncate {
			last = most - 1
		}
		for s := o.at / sector; s <= last/sector && last >= o.at; s++ {
			history[s] = append(history[s], o)
		}
	}
	likely := rng.Float64() // some cuts lose nearly everything, some nearly nothing
	for s := int64(0); s*sector < most; s++ {
		ops := history[s]
		if len(ops) == 0 {
			continue
		}
		n := len(ops)
		if rng.Float64() > likely {
			n = rng.IntN(len(ops) + 1)
		}
		for _, o := range ops[:n] {
			o.on(out, s*sector, min((s+1)*sector, most))
		}
	}
	if length > most {
		out = append(out, make([]byte, length-most)...)
	}
	return out[:length]
}

func (o op) length(before int64) int64 {
	if o.truncate {
		return o.at
	}
	return max(before, o.at+int64(len(o.bytes)))
}

// on applies the part of an operation that lies between two places.
func (o op) on(data []byte, from, to int64) {
	if o.truncate {
		if start := max(from, o.at); start < to {
			clear(data[start:to])
		}
		return
	}
	start, end := max(from, o.at), min(to, o.at+int64(len(o.bytes)))
	if start < end {
		copy(data[start:end], o.bytes[start-o.at:end-o.at])
	}
}

// apply carries an operation out.
func (o op) apply(data []byte) []byte {
	length := o.length(int64(len(data)))
	if o.truncate {
		if length <= int64(len(data)) {
			return data[:length]
		}
		return append(data, make([]byte, length-int64(len(data)))...)
	}
	if grow := length - int64(len(data)); grow > 0 {
		data = append(data, make([]byte, grow)...)
	}
	copy(data[o.at:], o.bytes)
	return data
}

// do records an operation and shows it to readers.
func (f *file) do(o op) {
	f.seen = o.apply(f.seen)
	f.since = append(f.since, o)
}

// outcome is how an operation on the disk ends.
type outcome uint8

const (
	fine outcome = iota
	full
	broken
)

// step counts a change of the disk and says whether there still is power for it.
func (d *Disk) step() bool {
	d.steps++
	if d.steps == d.plan.CutAt {
		d.dead = true
	}
	return !d.dead
}

func (d *Disk) write(f *file, at int64, bytes []byte) outcome {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.step() {
		return broken
	}
	d.writes++
	if p := d.plan; p.FullAt > 0 && d.writes >= p.FullAt && (p.FullFor == 0 || d.writes < p.FullAt+p.FullFor) {
		return full
	}
	if d.writes == d.plan.ShortAt {
		f.do(op{at: at, bytes: append([]byte(nil), bytes[:len(bytes)/2]...)})
		return broken
	}
	f.do(op{at: at, bytes: append([]byte(nil), bytes...)})
	return fine
}

func (d *Disk) truncate(f *file, to int64) outcome {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.step() {
		return broken
	}
	f.do(op{at: to, truncate: true})
	return fine
}

// sync brings a file to the disk and, where folder says so, all names in its folder: those made and those deleted.
func (d *Disk) sync(f *file, folder bool) outcome {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.step() {
		return broken
	}
	d.syncs++
	if d.syncs == d.plan.FailSync {
		f.since = nil // the kernel takes the pages for written
		return broken
	}
	for _, o := range f.since {
		f.kept = o.apply(f.kept)
	}
	f.since = nil
	if folder {
		d.syncFolder()
	}
	return fine
}

func (d *Disk) syncFolder() {
	for _, f := range d.files {
		f.named = true
	}
	clear(d.ghosts)
}

func (d *Disk) remove(name string, sync bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, there := d.files[name]
	if d.dead || !there {
		return
	}
	delete(d.files, name)
	if f.named && !sync {
		d.ghosts[name] = f
	}
	if sync {
		d.syncFolder()
	}
}
