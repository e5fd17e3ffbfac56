package hsds

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"gevor/fault"
	"gevor/notice"
	"gevor/tabular"
)

// ReadTables reads a CSV datapackage of HSDS: one file for each table, in a folder or an opened archive, found by its name
// wherever it stands. Names of older versions are known too. Tables of contact persons, and numbers that belong to one, are
// not read. Rows that name what is not there are rejected with a notice.
func ReadTables(files fs.FS, o Options) ([]Service, error) {
	if o.Limits.Bytes == 0 {
		o.Limits.Bytes = 1 << 30
	}
	if o.Limits.Services == 0 {
		o.Limits.Services = 1_000_000
	}
	if o.Notes == nil {
		o.Notes = &notice.List{}
	}
	p := &pack{files: files, o: o, organisations: map[string]*Organization{}, services: map[string]*Service{}, locations: map[string]*Location{}, at: map[string]*ServiceAtLocation{}, terms: map[string]*Term{}}
	if err := p.find(); err != nil {
		return nil, err
	}
	for _, t := range p.tables() {
		if err := p.read(t); err != nil {
			return nil, err
		}
	}
	return p.assemble(), nil
}

type pack struct {
	files         fs.FS
	o             Options
	paths         map[string]string // by the name of the file without its ending
	left          int64
	organisations map[string]*Organization
	order         []string // ids of services
	services      map[string]*Service
	locations     map[string]*Location
	at            map[string]*ServiceAtLocation
	joins         []join
	terms         map[string]*Term
}

// join says that a service is given at a location.
type join struct{ service, location, id string }

// entry is one row of a table by the names of its columns.
type entry func(column string) string

type table struct {
	names    []string // the first one that is there is read
	required bool
	take     func(entry) *tabular.Problem
}

func (p *pack) find() error {
	p.paths, p.left = map[string]string{}, p.o.Limits.Bytes
	err := fs.WalkDir(p.files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, is := strings.CutSuffix(strings.ToLower(d.Name()), ".csv")
		if is && !d.IsDir() && p.paths[name] == "" && !strings.HasPrefix(d.Name(), ".") {
			p.paths[name] = path
		}
		return nil
	})
	if err != nil {
		return fault.Wrap(fault.Invalid, p.o.File, "the folder cannot be read", "check the path", err)
	}
	return nil
}

// bounded reads until the bytes that all tables may have together are used up.
type bounded struct {
	io.Reader
	left *int64
}

var errTooLong = errors.New("too long")

// Read reads on, or fails where the bound is reached.
func (b bounded) Read(to []byte) (int, error) {
	n, err := b.Reader.Read(to)
	if *b.left -= int64(n); *b.left < 0 {
		return 0, errTooLong
	}
	return n, err
}

func (p *pack) read(t table) (err error) {
	path := ""
	for _, n := range t.names {
		path = cmp.Or(path, p.paths[n])
	}
	if path == "" {
		if t.required {
			return fault.New(fault.Invalid, p.o.File, "there is no "+t.names[0]+".csv", "export the whole datapackage of HSDS")
		}
		return nil
	}
	f, err := p.files.Open(path)
	if err != nil {
		return fault.Wrap(fault.Invalid, path, "the table cannot be opened", "export the datapackage again", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	name := strings.Trim(p.o.File+"/"+path, "/")
	open, err := tabular.Open(bounded{f, &p.left}, tabular.Options{File: name, Notes: p.o.Notes})
	if errors.Is(err, errTooLong) || p.left < 0 {
		return p.tooLong()
	}
	if err != nil {
		return err
	}
	err = open.Each(func(r tabular.Row) *tabular.Problem {
		return t.take(func(column string) string {
			i, ok := open.Column(column)
			if !ok {
				return ""
			}
			return strings.TrimSpace(r.Text(i))
		})
	})
	if p.left < 0 {
		return p.tooLong()
	}
	return err
}

func (p *pack) tooLong() error {
	return fault.New(fault.TooLarge, p.o.File, fmt.Sprintf("the tables have more than %d bytes", p.o.Limits.Bytes), "split them or raise the limit")
}

func lacking(field, value, of string) *tabular.Problem {
	return &tabular.Problem{Field: field, Value: value, Rule: "unknown-reference", Advice: "there is no such " + of + "; the row was left out"}
}

// tables lists what is read, in the order in which rows name each other.
func (p *pack) tables() []table {
	return []table{
		{[]string{"taxonomy_terms", "taxonomy_term"}, false, p.term},
		{[]string{"organizations", "organization"}, false, p.organization},
		{[]string{"services", "service"}, true, p.service},
		{[]string{"locations", "location"}, false, p.location},
		{[]string{"service_at_locations", "service_at_location", "services_at_location"}, false, p.atLocation},
		{[]string{"addresses", "address", "physical_addresses"}, false, p.address},
		{[]string{"phones", "phone"}, false, p.phone},
		{[]string{"schedules", "schedule", "regular_schedules"}, false, p.schedule},
		{[]string{"languages", "language"}, false, p.language},
		{[]string{"service_areas", "service_area"}, false, p.area},
		{[]string{"cost_options", "cost_option"}, false, p.cost},
		{[]string{"attributes", "attribute", "service_taxonomies"}, false, p.attribute},
	}
}

func (p *pack) term(e entry) *tabular.Problem {
	p.terms[e("id")] = &Term{ID: e("id"), Code: e("code"), Name: cmp.Or(e("name"), e("term")), URI: e("term_uri"), Taxonomy: e("taxonomy")}
	return nil
}

func (p *pack) organization(e entry) *tabular.Problem {
	p.organisations[e("id")] = &Organization{ID: e("id"), Name: e("name"), URL: cmp.Or(e("website"), e("url")), Email: e("email"), Legal: e("legal_status")}
	return nil
}

func (p *pack) service(e entry) *tabular.Problem {
	id := e("id")
	if id == "" || p.services[id] != nil {
		rule, what := "no-id", "every service needs an id"
		if id != "" {
			rule, what = "duplicate-id", "another service has the same id; the first is used"
		}
		return &tabular.Problem{Record: e("name"), Field: "id", Value: id, Rule: rule, Advice: what}
	}
	if len(p.order) >= p.o.Limits.Services {
		return &tabular.Problem{Field: "id", Value: id, Rule: "too-many", Advice: fmt.Sprintf("no more than %d services are read", p.o.Limits.Services)}
	}
	s := &Service{
		ID: id, Name: e("name"), AlternateName: e("alternate_name"), Description: e("description"), URL: e("url"), Email: e("email"), Status: e("status"),
		Interpretation: e("interpretation_services"), Eligibility: e("eligibility_description"), AssuredDate: e("assured_date"), LastModified: e("last_modified"),
		MinimumAge: number(e("minimum_age")), MaximumAge: number(e("maximum_age")), Index: len(p.order) + 1,
	}
	var problem *tabular.Problem
	if of := e("organization_id"); of != "" {
		if s.Organization = p.organisations[of]; s.Organization == nil {
			problem = lacking("organization_id", of, "organization")
		}
	}
	if problem != nil {
		p.o.Notes.Add(notice.Notice{Severity: notice.Warning, File: p.o.File, Record: id, Field: problem.Field, Value: problem.Value, Rule: problem.Rule, Advice: "there is no such organization; the service is taken as one of its own"})
	}
	p.services[id], p.order = s, append(p.order, id)
	return nil
}

func number(s string) *Number {
	x, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil {
		return nil
	}
	n := Number(x)
	return &n
}

func (p *pack) location(e entry) *tabular.Problem {
	p.locations[e("id")] = &Location{ID: e("id"), Type: e("location_type"), Name: e("name"), Latitude: number(e("latitude")), Longitude: number(e("longitude"))}
	if of := e("service_id"); of != "" { // older versions
		p.joins = append(p.joins, join{of, e("id"), ""})
	}
	return nil
}

func (p *pack) atLocation(e entry) *tabular.Problem {
	switch {
	case p.services[e("service_id")] == nil:
		return lacking("service_id", e("service_id"), "service")
	case p.locations[e("location_id")] == nil:
		return lacking("location_id", e("location_id"), "location")
	}
	p.joins = append(p.joins, join{e("service_id"), e("location_id"), e("id")})
	p.at[e("id")] = &ServiceAtLocation{ID: e("id")}
	return nil
}

func (p *pack) address(e entry) *tabular.Problem {
	l := p.locations[e("location_id")]
	if l == nil {
		return lacking("location_id", e("location_id"), "location")
	}
	l.Addresses = append(l.Addresses, Address{Address1: e("address_1"), City: e("city"), PostalCode: e("postal_code"), Country: e("country")})
	return nil
}

func (p *pack) phone(e entry) *tabular.Problem {
	x := Phone{Number: e("number"), Type: e("type"), Description: e("description")}
	switch {
	case p.at[e("service_at_location_id")] != nil:
		at := p.at[e("service_at_location_id")]
		at.Phones = append(at.Phones, x)
	case p.services[e("service_id")] != nil:
		s := p.services[e("service_id")]
		s.Phones = append(s.Phones, x)
	case p.locations[e("location_id")] != nil:
		l := p.locations[e("location_id")]
		l.Phones = append(l.Phones, x)
	case p.organisations[e("organization_id")] != nil:
		of := p.organisations[e("organization_id")]
		of.Phones = append(of.Phones, x)
	case e("contact_id") != "": // of a person
	default:
		return lacking("service_id", cmp.Or(e("service_id"), e("location_id"), e("organization_id")), "service, location or organization")
	}
	return nil
}

func (p *pack) schedule(e entry) *tabular.Problem {
	x := Schedule{
		ValidFrom: e("valid_from"), ValidTo: e("valid_to"), Start: e("dtstart"), Until: e("until"), Frequency: e("freq"), Interval: number(e("interval")),
		ByDay: cmp.Or(e("byday"), e("weekday")), ByMonthDay: e("bymonthday"), ByWeek: e("byweekno"), OpensAt: e("opens_at"), ClosesAt: e("closes_at"), Description: e("description"), Notes: e("notes"),
	}
	switch {
	case p.at[e("service_at_location_id")] != nil:
		at := p.at[e("service_at_location_id")]
		at.Schedules = append(at.Schedules, x)
	case p.services[e("service_id")] != nil:
		s := p.services[e("service_id")]
		s.Schedules = append(s.Schedules, x)
	case p.locations[e("location_id")] != nil:
		l := p.locations[e("location_id")]
		l.Schedules = append(l.Schedules, x)
	default:
		return lacking("service_id", e("service_id"), "service or location")
	}
	return nil
}

func (p *pack) language(e entry) *tabular.Problem {
	x := Language{Code: e("code"), Name: cmp.Or(e("name"), e("language")), Note: e("note")}
	switch {
	case p.services[e("service_id")] != nil:
		s := p.services[e("service_id")]
		s.Languages = append(s.Languages, x)
	case p.locations[e("location_id")] != nil:
		l := p.locations[e("location_id")]
		l.Languages = append(l.Languages, x)
	case e("phone_id") != "":
	default:
		return lacking("service_id", e("service_id"), "service or location")
	}
	return nil
}

func (p *pack) area(e entry) *tabular.Problem {
	x := ServiceArea{Name: cmp.Or(e("name"), e("service_area")), Extent: e("extent"), ExtentType: e("extent_type")}
	switch {
	case p.services[e("service_id")] != nil:
		s := p.services[e("service_id")]
		s.Areas = append(s.Areas, x)
	case p.at[e("service_at_location_id")] != nil:
		at := p.at[e("service_at_location_id")]
		at.Areas = append(at.Areas, x)
	default:
		return lacking("service_id", e("service_id"), "service")
	}
	return nil
}

func (p *pack) cost(e entry) *tabular.Problem {
	s := p.services[e("service_id")]
	if s == nil {
		return lacking("service_id", e("service_id"), "service")
	}
	s.Costs = append(s.Costs, CostOption{Option: e("option"), Currency: e("currency"), Amount: number(e("amount"))})
	return nil
}

func (p *pack) attribute(e entry) *tabular.Problem {
	of := cmp.Or(e("link_id"), e("service_id"))
	t := p.terms[e("taxonomy_term_id")]
	if t == nil {
		return lacking("taxonomy_term_id", e("taxonomy_term_id"), "term")
	}
	x := Attribute{Type: e("link_type"), Label: e("label"), Value: e("value"), Term: t}
	switch {
	case p.services[of] != nil && (e("link_entity") == "" || e("link_entity") == "service"):
		p.services[of].Attributes = append(p.services[of].Attributes, x)
	case p.locations[of] != nil:
		p.locations[of].Attributes = append(p.locations[of].Attributes, x)
	}
	return nil // of other tables: not needed
}

func (p *pack) assemble() []Service {
	slices.SortStableFunc(p.joins, func(a, b join) int { return cmp.Compare(a.location, b.location) })
	for _, j := range p.joins {
		s, l := p.services[j.service], p.locations[j.location]
		if s == nil || l == nil {
			continue
		}
		at := ServiceAtLocation{ID: j.id}
		if known := p.at[j.id]; known != nil {
			at = *known
		}
		at.Location = l
		at.Schedules = append(slices.Clone(at.Schedules), l.Schedules...)
		s.AtLocations = append(s.AtLocations, at)
	}
	out := make([]Service, len(p.order))
	for i, id := range p.order {
		out[i] = *p.services[id]
	}
	return out
}
