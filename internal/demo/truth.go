package demo

import (
	"encoding/json"
	"fmt"
	"math"
	"os"

	"gevor/geo"
)

// truth is truth.json: what is planted, where, and for how many people.
type truth struct {
	Version int     `json:"version"`
	Seed    uint64  `json:"seed"`
	People  int     `json:"people"`
	Gaps    []gap   `json:"gaps"`
	Decoys  []decoy `json:"decoys"`
	// Statistics is what the municipal statistics hold.
	Statistics statisticsTruth `json:"statistics"`
	// Measures are the planted measures, with what each truly does.
	Measures []pilotTruth `json:"measures"`
}

// gap is one planted gap. People counts those of the group in its cells, as the published figures have them.
type gap struct {
	ID       string   `json:"id"`
	Standard string   `json:"standard"`
	Group    string   `json:"group"`
	Category string   `json:"category"`
	Cause    string   `json:"cause"`
	People   float64  `json:"people"`
	Cells    []string `json:"cells"`
}

// decoy is a place that looks poor and lacks nothing.
type decoy struct {
	ID    string   `json:"id"`
	Why   string   `json:"why"`
	Cells []string `json:"cells"`
}

var decoyWhy = map[siteKind]string{
	denseDecoy: "dense and poor, or shut in by walls, but every standard is met",
	busDecoy:   "hardly an offer of its own, but a bus every ten minutes",
	rampDecoy:  "steps below the railway, but with a ramp beside them",
}

func cellID(cx, cy int32) string {
	return geo.Cell{SizeM: cellMetres, East: originEast + cx*cellMetres, North: originNorth + cy*cellMetres}.String()
}

func (w *world) cellIDs(town int) []string {
	var out []string
	for c := w.q.firstCell[town]; c < w.q.firstCell[town+1]; c++ {
		out = append(out, cellID(w.q.cx[c], w.q.cy[c]))
	}
	return out
}

// groupIn counts a group's people in a cell as a reader of the published files would.
func (w *world) groupIn(group int, c int32) float64 {
	d := &w.q.districts[w.q.district[w.q.town[c]]]
	switch group {
	case everyone:
		return float64(w.q.total[c])
	case childrenU10:
		return float64(w.q.under10[c])
	case seniors:
		return float64(w.q.from65[c])
	case singleParents:
		return d.singles * float64(w.q.total[c]) / d.people
	case longTermUnemployed:
		return d.longTerm * float64(w.q.total[c]) / d.people
	}
	return 0
}

func (w *world) plantedTruth() truth {
	t := truth{Version: 1, Seed: w.o.Seed, People: w.o.People, Gaps: []gap{}, Decoys: []decoy{}, Statistics: w.statisticsTruth(), Measures: w.pilotTruth()}
	for i := range w.p.towns {
		town := &w.p.towns[i]
		for _, g := range plants(town) {
			s := &standardList[g.standard]
			out := gap{
				ID: fmt.Sprintf("g%d", len(t.Gaps)+1), Standard: s.key, Group: groupKeys[s.group],
				Category: categoryList[s.category].key, Cause: g.cause, Cells: w.cellIDs(i),
			}
			for c := w.q.firstCell[i]; c < w.q.firstCell[i+1]; c++ {
				out.People += w.groupIn(s.group, c)
			}
			out.People = math.Round(out.People*10) / 10
			t.Gaps = append(t.Gaps, out)
		}
		if why := decoyWhy[town.site]; why != "" && !town.core {
			t.Decoys = append(t.Decoys, decoy{ID: fmt.Sprintf("d%d", len(t.Decoys)+1), Why: why, Cells: w.cellIDs(i)})
		}
	}
	return t
}

func (w *world) writeTruth(out *os.File) error {
	b, err := json.MarshalIndent(w.truth, "", " ")
	if err != nil {
		return err
	}
	_, err = out.Write(append(b, '\n'))
	return err
}
