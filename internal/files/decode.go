package files

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gevor/atlas"
	"gevor/fault"
	"gevor/geo"
	"gevor/notice"
	"gevor/region"
	"gevor/travel"
)

// decoder puts a result together again from the files of a run. The first thing that does not fit sticks.
type decoder struct {
	place      string
	areas      map[string]int32
	groups     map[string]int32
	categories map[string]int32
	standards  map[string]int32
	offers     map[string]int32
	cells      []string // ascending
	err        error
}

func (d *decoder) fail(what string) {
	if d.err == nil {
		d.err = fault.New(fault.Corrupt, d.place, what, "run gevor analyse again")
	}
}

func (d *decoder) index(of map[string]int32, what, key string) int32 {
	if key == "" {
		return -1
	}
	i, ok := of[key]
	if !ok {
		d.fail(fmt.Sprintf("names the %s %q, which the run does not hold", what, key))
		return -1
	}
	return i
}

// enum finds a word in a list of words by its place.
func enum[T ~uint8](d *decoder, names []string, word string) T {
	i := slices.Index(names, word)
	if i < 0 {
		d.fail(fmt.Sprintf("holds the word %q, which means nothing", word))
		return 0
	}
	return T(i)
}

func number(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}

// orZero reads a number of a standard, which holds nothing where the standard is unknown.
func orZero(x *float64) float64 {
	if x == nil {
		return 0
	}
	return *x
}

func indexed(n int, key func(i int) string) map[string]int32 {
	out := make(map[string]int32, n)
	for i := range n {
		out[key(i)] = int32(i)
	}
	return out
}

func (d *decoder) region(rec Record, w Region, sources []Source, notices Notices) *region.Snapshot {
	d.areas = indexed(len(w.Areas), func(i int) string { return w.Areas[i].Key })
	d.groups = indexed(len(w.Groups), func(i int) string { return w.Groups[i].Key })
	d.categories = indexed(len(w.Categories), func(i int) string { return w.Categories[i].Key })
	date, err := time.Parse(time.DateOnly, w.Date)
	day, err2 := time.Parse(time.DateOnly, w.ServiceDay)
	if err != nil || err2 != nil {
		d.fail("holds no date")
	}
	s := &region.Snapshot{
		Hash: rec.Snapshot, Name: w.Name, Synthetic: w.Synthetic, TimeZone: w.TimeZone, Date: date,
		ServiceDay: day, WalkKmh: w.WalkKmh,
		Bounds: geo.Box{MinLon: w.Bounds[0], MinLat: w.Bounds[1], MaxLon: w.Bounds[2], MaxLat: w.Bounds[3]},
	}
	for _, a := range w.Areas {
		s.Areas = append(s.Areas, region.Area{
			Key: a.Key, Kind: enum[region.AreaKind](d, areaKinds, a.Kind), Name: a.Name,
			Parent: d.index(d.areas, "area", a.Parent), ValidFrom: a.ValidFrom, ValidTo: a.ValidTo, Source: a.Source,
		})
	}
	for _, g := range w.Groups {
		s.Groups = append(s.Groups, region.Group{
			Key: g.Key, Label: g.Label, State: enum[region.GroupState](d, groupStates, g.State),
			RelError: g.RelativeError, Method: g.Method, Need: g.Need, Source: g.Source,
		})
	}
	for _, c := range w.Categories {
		s.Categories = append(s.Categories, region.Category{Key: c.Key, Label: c.Label, Parent: c.Parent})
	}
	for _, n := range w.Need {
		f := region.NeedFactor{Key: n.Key, Label: n.Label, Weight: n.Weight, Source: n.Source}
		for _, v := range n.Values {
			f.Value = append(f.Value, number(v))
		}
		s.Need = append(s.Need, f)
	}
	for _, x := range sources {
		s.Sources = append(s.Sources, region.Source(x))
	}
	for _, x := range rec.Inputs {
		s.Inputs = append(s.Inputs, region.Input(x))
	}
	for _, c := range notices.Counts {
		s.Counts = append(s.Counts, notice.Count(c))
	}
	s.Notices = d.notices(notices.Notices)
	return s
}

func (d *decoder) notices(ns []Notice) []notice.Notice {
	var out []notice.Notice
	for _, n := range ns {
		out = append(out, notice.Notice{
			Severity: enum[notice.Severity](d, severities, n.Severity), File: n.File, Line: n.Line,
			Record: n.Record, Field: n.Field, Value: n.Value, Rule: n.Rule, Advice: n.Advice,
		})
	}
	return out
}

func (d *decoder) putOffers(s *region.Snapshot, offers []Offer) {
	d.offers = indexed(len(offers), func(i int) string { return offers[i].ID })
	for _, o := range offers {
		x := region.Offer{
			ID: o.ID, Name: o.Name, At: geo.LonLat{Lon: o.Lon, Lat: o.Lat},
			Municipality: d.index(d.areas, "area", o.Municipality), Capacity: number(o.Capacity),
			ConfirmedOn: o.ConfirmedOn, ConfirmEvery: o.ConfirmEvery,
			StepFree: enum[region.Tristate](d, tristates, o.StepFree), Languages: o.Languages, Source: o.Source, Record: o.Record,
		}
		for _, c := range o.Categories {
			x.Categories = append(x.Categories, d.index(d.categories, "category", c))
		}
		for _, a := range o.ServiceAreas {
			x.ServiceAreas = append(x.ServiceAreas, d.index(d.areas, "area", a))
		}
		s.Offers = append(s.Offers, x)
	}
}

func (d *decoder) putStandards(r *atlas.Result, standards []Standard) {
	s := r.Snapshot
	d.standards = indexed(len(standards), func(i int) string { return standards[i].Key })
	for i, w := range standards {
		st := region.Standard{
			Key: w.Key, Label: w.Label, Group: d.index(d.groups, "group", w.Group),
			Category: d.index(d.categories, "category", w.Category), Nearest: w.Nearest, PerThousand: w.PerThousand,
		}
		for _, x := range w.Ways {
			st.Ways = append(st.Ways, d.way(x))
		}
		s.Standards = append(s.Standards, st)
		r.Summaries = append(r.Summaries, atlas.StandardSummary{
			Standard: int32(i), Known: w.Known, People: orZero(w.People), Missing: orZero(w.Missing),
			MissingByCause: d.causes(w.MissingByCause), Walls: orZero(w.Walls), Suppressed: w.Suppressed,
			OffNetwork: w.OffNetwork, Findings: w.Findings, Data: atlas.Completeness(w.Data),
		})
	}
}

func (d *decoder) way(x Way) region.Way {
	mode, err := travel.ParseMode(x.Mode)
	if err != nil {
		d.fail(fmt.Sprintf("names the mode %q, which does not exist", x.Mode))
	}
	w := region.Way{Mode: mode, Minutes: x.Minutes, Window: x.WindowMinutes * 60, Percentile: x.Percentile, EarlierDeparture: -1}
	if mode == travel.Transit {
		w.Departure = d.clock(x.Departure)
		if x.EarlierDeparture != "" {
			w.EarlierDeparture = d.clock(x.EarlierDeparture)
		}
	}
	return w
}

func (d *decoder) clock(text string) int {
	var h, m int
	if n, err := fmt.Sscanf(text, "%d:%d", &h, &m); n != 2 || err != nil || h < 0 || m < 0 || m > 59 || strings.Count(text, ":") != 1 {
		d.fail(fmt.Sprintf("holds %q, which is no time of day", text))
	}
	return h*3600 + m*60
}

func (d *decoder) causes(xs map[string]float64) (out [7]float64) {
	for word, x := range xs {
		out[enum[atlas.Cause](d, causes, word)] = x
	}
	return out
}

func (d *decoder) putFindings(r *atlas.Result, findings []Finding, cells [][]int32) {
	if len(cells) != len(findings) {
		d.fail("findings.json and the arrays of the run disagree")
		return
	}
	for i, w := range findings {
		f := atlas.Finding{
			ID: w.ID, Standard: d.index(d.standards, "standard", w.Standard), Cells: cells[i], People: w.People,
			Low: w.Low, High: w.High, Shortfall: w.Shortfall, Need: w.Need, Score: w.Score,
			Cause: enum[atlas.Cause](d, causes, w.Cause), CauseShares: d.causes(w.CauseShares),
			Data: atlas.Completeness(w.Data), Estimated: w.Estimated, Since: w.Since, Succeeds: w.Succeeds,
		}
		for _, x := range w.Districts {
			f.Districts = append(f.Districts, atlas.Share{Area: d.index(d.areas, "area", x.Area), People: x.People})
		}
		for _, x := range w.Remedies {
			f.Remedies = append(f.Remedies, atlas.Remedy{
				Kind: enum[atlas.RemedyKind](d, remedyKinds, x.Kind), Offer: d.index(d.offers, "offer", x.Offer),
				Cell: d.cell(x.Cell), Closes: x.Closes, Capacity: x.Capacity,
			})
		}
		r.Findings = append(r.Findings, f)
	}
}

func (d *decoder) cell(id string) int32 {
	if id == "" {
		return -1
	}
	i, ok := slices.BinarySearch(d.cells, id)
	if !ok {
		d.fail(fmt.Sprintf("names the cell %q, which the run does not hold", id))
		return -1
	}
	return int32(i)
}

func (d *decoder) putDistricts(r *atlas.Result, districts []District) {
	for _, w := range districts {
		p := atlas.Profile{Area: d.index(d.areas, "area", w.Area), Population: w.Population}
		for _, g := range w.Groups {
			p.Groups = append(p.Groups, atlas.GroupCount{
				Group: d.index(d.groups, "group", g.Group), State: enum[region.GroupState](d, groupStates, g.State),
				People: number(g.People), Suppressed: g.Suppressed,
			})
		}
		for _, l := range w.Standards {
			p.Standards = append(p.Standards, atlas.ProfileLine{
				Standard: d.index(d.standards, "standard", l.Standard), Known: l.Known, People: number(l.People),
				Missing: number(l.Missing), MissingShare: number(l.MissingShare), MunicipalityShare: number(l.MunicipalityShare),
				RegionShare: number(l.RegionShare), MedianMinutes: number(l.MedianMinutes),
				MainCause: enum[atlas.Cause](d, causes, l.MainCause),
			})
		}
		for _, c := range w.Offers {
			p.Offers = append(p.Offers, atlas.CategoryCount{Category: d.index(d.categories, "category", c.Category), Offers: c.Offers})
		}
		r.Profiles = append(r.Profiles, p)
	}
}
