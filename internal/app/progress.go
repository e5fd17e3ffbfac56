package app

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/cwriter"
	"github.com/vbauerster/mpb/v8/decor"

	"gevor/travel"
)

// between is how often a stage prints a line where there is no terminal.
const between = 10 * time.Second

// progress shows stages as bars on a terminal and as lines elsewhere. It is safe for concurrent use; wait must be
// called once at the end.
func progress(w io.Writer) (report travel.Progress, wait func()) {
	if f, ok := w.(*os.File); ok && cwriter.IsTerminal(int(f.Fd())) {
		return bars(f)
	}
	return lines(w)
}

func bars(w io.Writer) (travel.Progress, func()) {
	p := mpb.New(mpb.WithOutput(w), mpb.WithWidth(40))
	var mu sync.Mutex
	open := map[string]*mpb.Bar{}
	report := func(stage string, done, total int64) {
		mu.Lock()
		defer mu.Unlock()
		b := open[stage]
		if b == nil {
			b = p.AddBar(total,
				mpb.PrependDecorators(decor.Name(stage, decor.WC{W: 34, C: decor.DindentRight})),
				mpb.AppendDecorators(decor.Percentage(decor.WC{W: 5}), decor.Name(" "), decor.Elapsed(decor.ET_STYLE_MMSS)))
			open[stage] = b
		}
		b.SetTotal(total, false)
		b.SetCurrent(done)
		if total > 0 && done >= total {
			b.SetTotal(total, true)
			delete(open, stage)
		}
	}
	// What failed half-way leaves bars that never fill: Shutdown ends them, Wait would wait for them.
	return report, p.Shutdown
}

func lines(w io.Writer) (travel.Progress, func()) {
	type stage struct{ began, told time.Time }
	var mu sync.Mutex
	open := map[string]*stage{}
	report := func(name string, done, total int64) {
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		s := open[name]
		if s == nil {
			s = &stage{now, now}
			open[name] = s
		}
		switch {
		case total > 0 && done >= total:
			fmt.Fprintf(w, "%s: done in %.1f s\n", name, now.Sub(s.began).Seconds())
			delete(open, name)
		case now.Sub(s.told) >= between:
			s.told = now
			if total > 0 {
				fmt.Fprintf(w, "%s: %d %%\n", name, done*100/total)
			} else {
				fmt.Fprintf(w, "%s: %d\n", name, done)
			}
		}
	}
	return report, func() {}
}
