package files

import (
	"fmt"
	"math"
	"time"

	"github.com/paulmach/orb"

	"gevor/atlas"
	"gevor/geo"
	"gevor/internal/outline"
	"gevor/notice"
	"gevor/region"
	"gevor/travel"
)

var (
	areaKinds   = []string{region.Municipality: "municipality", region.District: "district"}
	groupStates = []string{region.GroupUnknown: "unknown", region.GroupKnown: "known", region.GroupEstimated: "estimated"}
	flags       = []string{region.Known: "known", region.Zero: "zero", region.Suppressed: "suppressed", region.Missing: "missing", region.Estimated: "estimated"}
	tristates   = []string{region.Unknown: "unknown", region.Yes: "yes", region.No: "no"}
	cellStates  = []string{atlas.CellMet: "met", atlas.CellMissed: "missed", atlas.CellEmpty: "empty", atlas.CellUnknown: "unknown"}
	remedyKinds = []string{atlas.RemedyExtend: "extend", atlas.RemedyOpen: "open"}
	severities  = []string{notice.Info: "info", notice.Warning: "warning", notice.Reject: "reject"}
	causes      = causeNames()
)

func causeNames() []string {
	out := make([]string, 0, int(atlas.CauseUsedUp)+1)
	for c := atlas.CauseNone; c <= atlas.CauseUsedUp; c++ {
		out = append(out, c.String())
	}
	return out
}

// known gives nil for a number that does not exist, so that JSON says null.
func known(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func areaKey(s *region.Snapshot, i int32) string {
	if i < 0 {
		return ""
	}
	return s.Areas[i].Key
}

func record(r *atlas.Result, info RunInfo) Record {
	s := r.Snapshot
	rec := Record{
		Format: 1, Version: info.Version, Region: RegionName{info.Region, s.Name}, Synthetic: s.Synthetic,
		Date: s.Date.Format(time.DateOnly), Snapshot: s.Hash, Previous: info.Previous,
		Inputs: make([]Input, len(s.Inputs)), Parameters: parametersOf(info.Params),
		Counts: Counts{
			Areas: len(s.Areas), Cells: s.Cells.Len(), Offers: len(s.Offers), Groups: len(s.Groups),
			Categories: len(s.Categories), Standards: len(s.Standards), Findings: len(r.Findings),
		},
	}
	for i, in := range s.Inputs {
		rec.Inputs[i] = Input(in)
	}
	for _, p := range s.Cells.Population {
		rec.Counts.Population += float64(p)
	}
	for _, c := range s.Counts {
		rec.Counts.RowsRead += c.Read
		rec.Counts.RowsUsed += c.Used
		rec.Counts.Rejected += c.Rejected
	}
	return rec
}

func parametersOf(p atlas.Params) Parameters {
	return Parameters{
		WalkKmh: p.WalkKmh, BikeKmh: p.BikeKmh, MaxAccessWalkSeconds: int(p.MaxAccessWalk), CarBoundFactor: p.CarBoundFactor,
		FarFactor: p.FarFactor, CatchmentWeights: p.CatchmentWeights, MinPeople: p.MinPeople,
		BridgeMetres: float64(p.Bridge), FragmentShare: p.FragmentShare, Candidates: p.Candidates,
	}
}

func regionOf(s *region.Snapshot) Region {
	out := Region{
		Name: s.Name, Synthetic: s.Synthetic, TimeZone: s.TimeZone, Date: s.Date.Format(time.DateOnly),
		ServiceDay: s.ServiceDay.Format(time.DateOnly), WalkKmh: s.WalkKmh,
		Bounds: [4]float64{s.Bounds.MinLon, s.Bounds.MinLat, s.Bounds.MaxLon, s.Bounds.MaxLat}, CellMetres: s.Cells.SizeM,
		Areas: make([]Area, len(s.Areas)), Groups: make([]Group, len(s.Groups)),
		Categories: make([]Category, len(s.Categories)), Need: make([]NeedFactor, len(s.Need)),
	}
	for i, a := range s.Areas {
		out.Areas[i] = Area{
			Key: a.Key, Kind: areaKinds[a.Kind], Name: a.Name, Parent: areaKey(s, a.Parent),
			ValidFrom: a.ValidFrom, ValidTo: a.ValidTo, Source: a.Source, Bounds: bounds(a.Shape.Bound()),
		}
	}
	for i, g := range s.Groups {
		w := Group{
			Key: g.Key, Label: g.Label, State: groupStates[g.State], RelativeError: g.RelError,
			Method: g.Method, Need: g.Need, Source: g.Source,
		}
		if g.State != region.GroupUnknown {
			var people float64
			for c, p := range g.People {
				people += float64(p)
				if g.Flag[c] == region.Suppressed {
					w.Suppressed++
				}
			}
			w.People = &people
		}
		out.Groups[i] = w
	}
	offers := make([]int, len(s.Categories))
	for _, o := range s.Offers {
		for _, c := range o.Categories {
			offers[c]++
		}
	}
	for i, c := range s.Categories {
		out.Categories[i] = Category{Key: c.Key, Label: c.Label, Parent: c.Parent, Offers: offers[i]}
	}
	for i, n := range s.Need {
		w := NeedFactor{Key: n.Key, Label: n.Label, Weight: n.Weight, Source: n.Source, Values: make([]*float64, len(n.Value))}
		for k, v := range n.Value {
			w.Values[k] = known(v)
		}
		out.Need[i] = w
	}
	return out
}

func sourcesOf(s *region.Snapshot) []Source {
	out := make([]Source, len(s.Sources))
	for i, x := range s.Sources {
		out[i] = Source(x)
	}
	return out
}

func offersOf(s *region.Snapshot) []Offer {
	out := make([]Offer, len(s.Offers))
	for i, o := range s.Offers {
		w := Offer{
			ID: o.ID, Name: o.Name, Categories: make([]string, len(o.Categories)), Lon: o.At.Lon, Lat: o.At.Lat,
			Municipality: areaKey(s, o.Municipality), Capacity: known(o.Capacity), ConfirmedOn: o.ConfirmedOn,
			ConfirmEvery: o.ConfirmEvery, StepFree: tristates[o.StepFree], Languages: o.Languages, Source: o.Source, Record: o.Record,
		}
		for k, c := range o.Categories {
			w.Categories[k] = s.Categories[c].Key
		}
		for _, a := range o.ServiceAreas {
			w.ServiceAreas = append(w.ServiceAreas, s.Areas[a].Key)
		}
		out[i] = w
	}
	return out
}

func standardsOf(r *atlas.Result) []Standard {
	s := r.Snapshot
	out := make([]Standard, len(s.Standards))
	for i, st := range s.Standards {
		w := Standard{
			Key: st.Key, Label: st.Label, Group: s.Groups[st.Group].Key, Category: s.Categories[st.Category].Key,
			Ways: make([]Way, len(st.Ways)), Nearest: st.Nearest, PerThousand: st.PerThousand,
		}
		for k, x := range st.Ways {
			w.Ways[k] = wayOf(x)
		}
		if i < len(r.Summaries) {
			sum := r.Summaries[i]
			if w.Known = sum.Known; w.Known {
				w.People, w.Missing, w.Walls = known(sum.People), known(sum.Missing), known(sum.Walls)
			}
			w.Suppressed, w.OffNetwork, w.Findings, w.Data = sum.Suppressed, sum.OffNetwork, sum.Findings, Completeness(sum.Data)
			w.MissingByCause = byCause(sum.MissingByCause)
			if sum.Known && sum.People > 0 {
				w.MissingShare = known(sum.Missing / sum.People)
			}
		}
		out[i] = w
	}
	return out
}

func wayOf(x region.Way) Way {
	w := Way{Mode: x.Mode.String(), Minutes: x.Minutes}
	if x.Mode == travel.Transit {
		w.Departure, w.WindowMinutes, w.Percentile = clock(x.Departure), x.Window/60, x.Percentile
		if x.EarlierDeparture >= 0 {
			w.EarlierDeparture = clock(x.EarlierDeparture)
		}
	}
	return w
}

func clock(seconds int) string { return fmt.Sprintf("%02d:%02d", seconds/3600, seconds/60%60) }

// byCause names the causes that have a number.
func byCause(xs [7]float64) map[string]float64 {
	out := map[string]float64{}
	for c, x := range xs {
		if x != 0 {
			out[causes[c]] = x
		}
	}
	return out
}

func findingsOf(r *atlas.Result, shapes *outline.Shapes) []Finding {
	s := r.Snapshot
	out := make([]Finding, len(r.Findings))
	for i, f := range r.Findings {
		st := s.Standards[f.Standard]
		at := shapes.Centre(f.Cells)
		w := Finding{
			ID: f.ID, Standard: st.Key, Group: s.Groups[st.Group].Key, Category: s.Categories[st.Category].Key,
			Rank: i + 1, Lon: at.Lon, Lat: at.Lat, Cells: make([]string, len(f.Cells)),
			Districts: make([]Share, len(f.Districts)), People: f.People, Low: f.Low, High: f.High,
			Shortfall: f.Shortfall, Need: f.Need, Score: f.Score, Cause: causes[f.Cause],
			CauseShares: byCause(f.CauseShares), Data: Completeness(f.Data), Remedies: make([]Remedy, len(f.Remedies)),
			Estimated: f.Estimated, Since: f.Since, Succeeds: f.Succeeds,
		}
		box := orb.Bound{Min: orb.Point{180, 90}, Max: orb.Point{-180, -90}}
		for k, c := range f.Cells {
			w.Cells[k] = s.Cells.ID[c]
			box = box.Union(shapes.Cell(c).Bound())
		}
		w.Bounds = bounds(box)
		for k, d := range f.Districts {
			w.Districts[k] = Share{areaKey(s, d.Area), d.People}
		}
		for k, m := range f.Remedies {
			w.Remedies[k] = remedyOf(s, m)
		}
		out[i] = w
	}
	return out
}

func remedyOf(s *region.Snapshot, m atlas.Remedy) Remedy {
	w := Remedy{Kind: remedyKinds[m.Kind], Closes: m.Closes, Capacity: m.Capacity}
	at := geo.LonLat{}
	if m.Offer >= 0 {
		o := s.Offers[m.Offer]
		w.Offer, w.Name, at = o.ID, o.Name, o.At
	}
	if m.Cell >= 0 {
		w.Cell, at = s.Cells.ID[m.Cell], s.Cells.At[m.Cell]
		w.District = areaKey(s, s.Cells.District[m.Cell])
	}
	w.Lon, w.Lat = at.Lon, at.Lat
	return w
}

func districtsOf(r *atlas.Result) []District {
	s := r.Snapshot
	out := make([]District, len(r.Profiles))
	for i, p := range r.Profiles {
		w := District{
			Area: areaKey(s, p.Area), Population: p.Population, Groups: make([]GroupCount, len(p.Groups)),
			Standards: make([]ProfileLine, len(p.Standards)), Offers: make([]CategoryCount, len(p.Offers)),
		}
		for k, g := range p.Groups {
			w.Groups[k] = GroupCount{Group: s.Groups[g.Group].Key, State: groupStates[g.State], Suppressed: g.Suppressed}
			if g.State != region.GroupUnknown {
				w.Groups[k].People = known(g.People)
			}
		}
		for k, l := range p.Standards {
			w.Standards[k] = ProfileLine{
				Standard: s.Standards[l.Standard].Key, Known: l.Known, People: known(l.People), Missing: known(l.Missing),
				MissingShare: known(l.MissingShare), MunicipalityShare: known(l.MunicipalityShare),
				RegionShare: known(l.RegionShare), MedianMinutes: known(l.MedianMinutes), MainCause: causes[l.MainCause],
			}
		}
		for k, c := range p.Offers {
			w.Offers[k] = CategoryCount{s.Categories[c.Category].Key, c.Offers}
		}
		out[i] = w
	}
	return out
}

func noticesOf(r *atlas.Result) Notices {
	s := r.Snapshot
	out := Notices{Counts: make([]Count, len(s.Counts)), Notices: noticeLines(s.Notices), Analysis: noticeLines(r.Notices)}
	for i, c := range s.Counts {
		out.Counts[i] = Count(c)
	}
	return out
}

func noticeLines(ns []notice.Notice) []Notice {
	out := make([]Notice, len(ns))
	for i, n := range ns {
		out[i] = Notice{severities[n.Severity], n.File, n.Line, n.Record, n.Field, n.Value, n.Rule, n.Advice}
	}
	return out
}

func bounds(b orb.Bound) [4]float64 { return [4]float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]} }
