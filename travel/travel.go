// Package travel holds the words every travel engine shares: modes, seconds, and rows of a matrix that is
// streamed and never held whole.
package travel

import (
	"math"

	"gevor/fault"
)

// Mode is a way to move.
type Mode uint8

// The modes. WalkNoSteps keeps off steps, high kerbs and bad surfaces (pram, wheelchair).
const (
	Walk Mode = iota
	WalkNoSteps
	Bike
	Car
	Transit
)

// Modes lists all modes in order.
var modeNames = [...]string{"walk", "walk-nosteps", "bike", "car", "transit"}

// String gives the name used on the command line and in region.toml.
func (m Mode) String() string {
	if int(m) < len(modeNames) {
		return modeNames[m]
	}
	return "unknown"
}

// ParseMode reads a name that String writes.
func ParseMode(s string) (Mode, error) {
	for i, n := range modeNames {
		if n == s {
			return Mode(i), nil
		}
	}
	return 0, fault.New(fault.Invalid, "", "unknown mode \""+s+"\"", "use walk, walk-nosteps, bike, car or transit")
}

// Seconds is a duration of travel in whole seconds, rounded up from the engine's finer unit.
type Seconds int32

// Unreached marks a destination that cannot be reached within the bound. It counts as infinite in percentiles.
const Unreached Seconds = math.MaxInt32

// Row holds the destinations one origin reaches, To ascending, Seconds parallel to it and never Unreached.
// A consumer must copy what it keeps: the slices are reused after the call that hands them over.
type Row struct {
	From    int32
	To      []int32
	Seconds []Seconds
}

// Rows is handed rows in ascending order of From, one for every origin even where nothing is reached, from a
// single goroutine whatever the number of workers. Returning an error ends the stream with that error.
type Rows func(Row) error

// Progress is told how much of a stage is done; total 0 means unknown. It may be nil; call Report.
type Progress func(stage string, done, total int64)

// Report calls p where it is not nil.
func (p Progress) Report(stage string, done, total int64) {
	if p != nil {
		p(stage, done, total)
	}
}
