// Command engine is this project's side of bench/peers: it holds one input, computes what it is asked for by lines on
// its standard input, and answers each with the seconds it took. Everything runs on one processor unless -workers says
// otherwise. Answers are written beside the input, where bench/peers/run compares them with those of others.
//
//	engine -pbf FILE [-tiles 4] [-origins 1000] [-targets 5000] -dir DIR    contract, nodes, car, walk
//	engine -transit DIR_OF_PORTO_ALEGRE -dir DIR                            one, job
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

func main() {
	pbf := flag.String("pbf", "", "OSM extract")
	tiles := flag.Int("tiles", 1, "copies of its road graph side by side and one above the other")
	origins := flag.Int("origins", 1000, "places to start from")
	targets := flag.Int("targets", 5000, "places to go to")
	timetable := flag.String("transit", "", "folder of Porto Alegre")
	dir := flag.String("dir", ".", "folder for inputs and answers")
	workers := flag.Int("workers", 1, "processors")
	flag.Parse()
	if err := run(*pbf, *timetable, *dir, *tiles, *origins, *targets, *workers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// tasks are what an input can be asked for. Each computes; what it gives back writes the answer, untimed.
type tasks map[string]func() (write func() error, err error)

func run(pbf, timetable, dir string, tiles, origins, targets, workers int) (err error) {
	var known tasks
	var about map[string]any
	if timetable != "" {
		known, about, err = transitTasks(timetable, dir, workers)
	} else {
		known, about, err = streetTasks(pbf, dir, tiles, origins, targets, workers)
	}
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(about); err != nil {
		return err
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		do, ok := known[in.Text()]
		if !ok {
			return fmt.Errorf("no task %q", in.Text())
		}
		begin := time.Now()
		write, err := do()
		took := time.Since(begin).Seconds()
		if err == nil && write != nil {
			err = write()
		}
		if err != nil {
			return err
		}
		if err := out.Encode(map[string]float64{"seconds": took}); err != nil {
			return err
		}
	}
	return nil
}

// put writes numbers as the processors of today hold them: little end first.
func put[T uint32 | int32 | float32](dir, name string, xs []T) error {
	f, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	if err := binary.Write(w, binary.LittleEndian, xs); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}
