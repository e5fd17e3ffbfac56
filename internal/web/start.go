package web

import (
	"math"
	"net/http"
	"time"

	"gevor/atlas"
	"gevor/internal/draw"
	"gevor/internal/outline"
	"gevor/region"
)

// topFindings is how many findings the start page tells.
const topFindings = 5

// startView is what the start page shows.
type startView struct {
	People    float64
	Cells     int
	Offers    int
	Findings  int
	Held      int // standards about which something is known
	Standards []standardLine
	Top       []*atlas.Finding
	Picture   picture
	Known     float64 // share of offers with known capacity, negative without offers
	Confirmed float64
	Scale     float64 // end of the bars of the standards
}

// standardLine is one standard in the overview.
type standardLine struct {
	*atlas.StandardSummary
	Share float64 // of the group that misses it; negative where unknown
}

func start(p *page) error {
	s, res := p.run.snapshot(), p.run.Result
	v := startView{Cells: s.Cells.Len(), Offers: len(s.Offers), Findings: len(res.Findings), Standards: p.standardLines()}
	for _, x := range s.Cells.Population {
		v.People += float64(x)
	}
	for _, l := range v.Standards {
		if l.Known {
			v.Held++
		}
	}
	v.Known, v.Confirmed = completeness(s)
	shares := make([]float64, len(v.Standards))
	for i, l := range v.Standards {
		shares[i] = l.Share
	}
	v.Scale = scaleOf(shares...)
	for i := range min(topFindings, len(res.Findings)) {
		v.Top = append(v.Top, &res.Findings[i])
	}
	v.Picture = p.overview()
	return p.render(http.StatusOK, p.T("web.nav.start", nil), startPage(p, v))
}

func (p *page) standardLines() []standardLine {
	out := make([]standardLine, len(p.run.Result.Summaries))
	for i := range p.run.Result.Summaries {
		sum := &p.run.Result.Summaries[i]
		out[i] = standardLine{StandardSummary: sum, Share: -1}
		if sum.Known {
			out[i].Share = share(sum.Missing, sum.People)
		}
	}
	return out
}

// completeness is the share of offers whose capacity is known, and of those confirmed within their period as of the
// region's date; negative where there are no offers.
func completeness(s *region.Snapshot) (known, confirmed float64) {
	if len(s.Offers) == 0 {
		return -1, -1
	}
	for i := range s.Offers {
		o := &s.Offers[i]
		if !math.IsNaN(o.Capacity) {
			known++
		}
		on, err := time.Parse(time.DateOnly, o.ConfirmedOn)
		if err == nil && !on.AddDate(0, 0, o.ConfirmEvery).Before(s.Date) {
			confirmed++
		}
	}
	n := float64(len(s.Offers))
	return known / n, confirmed / n
}

// overview draws where findings lie: the more of them cover a cell, the stronger.
func (p *page) overview() picture {
	s, res := p.run.snapshot(), p.run.Result
	pic := p.frameOf(regionBox(s))
	coarse := draw.NewCoarse(&s.Cells, maxBlocks)
	shapes := outline.New(&coarse.Cells)
	times := make([]uint8, s.Cells.Len())
	for i := range res.Findings {
		for _, c := range res.Findings[i].Cells {
			if times[c] < 255 {
				times[c]++
			}
		}
	}
	var byClass [4][]int32
	for b := range len(coarse.First) - 1 {
		n := uint8(0)
		for _, i := range coarse.From[coarse.First[b]:coarse.First[b+1]] {
			n = max(n, times[i])
		}
		byClass[min(n, 3)] = append(byClass[min(n, 3)], int32(b))
	}
	for k, blocks := range byClass {
		if len(blocks) > 0 {
			pic.Cells = append(pic.Cells, paths{Class: overviewClasses[k], D: pic.Path(shapes.Union(blocks), 0)})
		}
	}
	pic.Titled = p.T("web.start.map_alt", nil)
	return pic
}

var overviewClasses = [4]string{"met", "s2", "s3", "s5"}
