package gtfs

import "gevor/geo"

func (r *reader) readStops() error {
	type parent struct {
		line int
		id   string
	}
	var parents []parent
	var stopTable *table
	columns := []string{"stop_id", "stop_name", "stop_lat", "stop_lon", "location_type", "parent_station", "wheelchair_boarding"}
	err := r.each("stops.txt", 4, columns, func(t *table) {
		stopTable = t
		kind, ok := t.number(4, 0, 4, 0)
		if !ok {
			t.reject(ruleField, "location_type", t.get(4), t.get(0))
			return
		}
		at, has, ok := t.lonLat(2, 3)
		if !ok || !has && kind < int64(Node) {
			t.reject(rulePlace, "stop_lat", t.get(2)+" "+t.get(3), t.get(0))
			return
		}
		id, ok := enter(t, r.stops, 0, len(r.feed.Stops))
		if !ok {
			return
		}
		wheelchair, ok := t.number(6, 0, 2, 0)
		if !ok {
			t.remarkField(6, id)
			wheelchair = 0
		}
		r.feed.Stops = append(r.feed.Stops, Stop{
			ID: id, Name: t.label(1, id), At: at, HasPlace: has, Kind: Location(kind),
			Wheelchair: Wheelchair(wheelchair), Parent: None,
		})
		parents = append(parents, parent{t.line, t.id(5)})
		t.use()
	})
	if err != nil || stopTable == nil {
		return err
	}
	for i, p := range parents {
		if p.id == "" {
			continue
		}
		j, ok := r.stops[p.id]
		// A boarding area names its platform; everything else names a station.
		if ok && (r.feed.Stops[j].Kind == Station || r.feed.Stops[i].Kind == BoardingArea && r.feed.Stops[j].Kind == Platform) && int(j) != i {
			r.feed.Stops[i].Parent = j
			continue
		}
		r.notes.Add(stopTable.notice(ruleParent, "parent_station", p.id, r.feed.Stops[i].ID).at(p.line))
	}
	for i := range r.feed.Stops { // a place without coordinates lies where its parent lies
		s := &r.feed.Stops[i]
		for up, hops := s.Parent, 0; !s.HasPlace && up != None && hops < 4; up, hops = r.feed.Stops[up].Parent, hops+1 {
			s.At, s.HasPlace = r.feed.Stops[up].At, r.feed.Stops[up].HasPlace
		}
	}
	return nil
}

// lonLat reads two coordinates; has is false where both are empty.
func (t *table) lonLat(lat, lon int) (at geo.LonLat, has, ok bool) {
	y, ok1 := t.real(lat)
	x, ok2 := t.real(lon)
	if !ok1 || !ok2 {
		return at, false, false
	}
	if t.get(lat) == "" && t.get(lon) == "" {
		return at, false, true
	}
	at = geo.LonLat{Lon: x, Lat: y}
	if !at.Valid() || x == 0 && y == 0 {
		return geo.LonLat{}, false, false
	}
	return at, true, true
}
