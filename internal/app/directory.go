package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/form"
	"gevor/geo"
	"gevor/hsds"
	"gevor/internal/config"
	"gevor/internal/store"
	"gevor/notice"
	"gevor/vocabulary"
)

func directoryCommand(c console) *cobra.Command {
	var at installation
	var owner, source, release string
	in := &cobra.Command{
		Use:   "import --owner ORG FILE…",
		Short: "Take over services of HSDS JSON files",
		Long: `Reads Open Referral HSDS 3 JSON and takes its services over as entries of one organisation. A second import of the
same source changes only what the source has changed; what somebody of the organisation has written by hand stays.
What cannot be taken over is named with file, service and field; the rest is taken over.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			level, known := authz.LevelOf(release)
			if !known || level == authz.Named {
				return usage{fmt.Errorf("--release %s is none of private, alliance, public", release)}
			}
			return at.within(cmd, func(ctx context.Context, _ *config.Config, s *store.Store) error {
				for _, file := range args {
					name := source
					if name == "" {
						name = "hsds:" + strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
					}
					if err := importHSDS(ctx, c, s, authz.OrganisationID(owner), name, authz.Release{Level: level}, file, time.Now()); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	at.houseFlags(in)
	in.Flags().StringVar(&owner, "owner", "", "organisation that keeps the entries, by its id")
	in.Flags().StringVar(&source, "source", "", "name of the source; the same for every import of it (default: hsds: and the name of the file)")
	in.Flags().StringVar(&release, "release", "private", "who sees new entries: private, alliance or public")
	_ = in.MarkFlagRequired("owner") // fails only for a flag that does not exist
	cmd := &cobra.Command{Use: "directory", Short: "The directory of health and social services", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(in)
	return cmd
}

// keeper is the operator in the name of an organisation: the history says that the installation did it.
func keeper(owner authz.OrganisationID) authz.Actor {
	return authz.Actor{Memberships: []authz.Membership{{Organisation: owner, Roles: []authz.Role{authz.Editor}}}}
}

func importHSDS(ctx context.Context, c console, s *store.Store, owner authz.OrganisationID, source string, release authz.Release, file string, at time.Time) error {
	in, err := os.Open(file)
	if err != nil {
		return fault.Wrap(fault.NotFound, file, "cannot be opened", "check the path", err)
	}
	defer in.Close()
	notes := &notice.List{}
	services, err := hsds.Read(in, hsds.Options{File: file, Notes: notes})
	if err != nil {
		return err
	}
	voc, err := vocabulary.Load(nil)
	if err != nil {
		return err
	}
	k := &glossary{voc: voc}
	var list []directory.Imported
	for i := range services {
		if x, ok := fromHSDS(&services[i], k, file, notes, at); ok {
			list = append(list, x)
		}
	}
	out, err := s.ImportEntries(ctx, keeper(owner), at, owner, source, release, list, nil)
	if err != nil {
		return err
	}
	for _, n := range notes.Notices() {
		fmt.Fprintf(c.err, "%s: %s: %s %q: %s\n", n.File, n.Record, n.Field, n.Value, n.Advice)
	}
	fmt.Fprintf(c.out, "%s: %d new, %d changed, %d as before, %d fields kept as the organisation wrote them, %d of %d services not taken over\n",
		source, out.Created, out.Changed, out.Unchanged, out.Kept, len(services)-len(list), len(services))
	return nil
}

// fromHSDS reads one service of HSDS. What is wrong with it goes into notes; it is not ok where nothing is left of it.
func fromHSDS(s *hsds.Service, k *glossary, file string, notes *notice.List, now time.Time) (directory.Imported, bool) {
	record := fmt.Sprintf("service %d (%s)", s.Index, s.ID)
	wrong := func(field, value, rule, advice string) {
		notes.Rejected(notice.Notice{File: file, Record: record, Field: field, Value: value, Rule: rule, Advice: advice})
	}
	x := directory.Imported{Source: s.ID, ProviderName: "of " + s.ID, Provider: directory.Provider{Name: s.Name}}
	if o := s.Organization; o != nil && o.Name != "" {
		x.Provider = directory.Provider{Name: o.Name, Website: o.URL}
		if x.ProviderName = o.ID; o.ID == "" {
			x.ProviderName = o.Name
		}
	}
	v := directory.Service{
		Name: directory.Texts{"de": s.Name}, Description: texts(s.Description), For: directory.For{Conditions: texts(s.Eligibility)}, Website: s.URL, Kinds: k.of(s),
		Draft: s.Status == "inactive" || s.Status == "defunct",
	}
	for _, term := range s.Terms(nil) {
		v.For.Groups = append(v.For.Groups, k.groups(term.Code)...)
	}
	if s.MinimumAge != nil {
		v.For.MinAge = int(*s.MinimumAge)
	}
	if s.MaximumAge != nil {
		v.For.MaxAge = int(*s.MaximumAge)
	}
	for _, l := range s.Languages {
		v.Languages = append(v.Languages, directory.Language{Tag: l.Code})
	}
	for _, cost := range s.Costs {
		if cost.Amount != nil && *cost.Amount == 0 {
			v.Cost = directory.Free
		} else if cost.Amount != nil {
			v.Cost = directory.Fee
		}
		v.CostText = texts(cost.Option)
	}
	v.Area = area(s.Areas)
	for i := range s.AtLocations {
		at := &s.AtLocations[i]
		if at.Location == nil {
			continue
		}
		l, ok := location(at.Location)
		if checked, err := l.Check(directory.Rules{}); err != nil {
			for _, f := range form.Of(err) {
				wrong(f.Name, at.Location.ID, f.Reason, "the place was left out; correct it in the source")
			}
			continue
		} else if ok {
			l = checked
			hours, bad := schedule(append(slices.Clone(at.Schedules), s.Schedules...))
			if bad != "" {
				wrong("schedules", bad, "hours", "these hours were left out; write opens_at and closes_at like 09:00 and byday like MO,TU")
			}
			source := at.Location.ID
			if source == "" {
				source = fmt.Sprintf("%s/%d", s.ID, i+1)
			}
			x.Places = append(x.Places, directory.ImportedPlace{Source: source, Location: l})
			v.Places = append(v.Places, directory.Place{Location: "given later", Hours: hours})
		}
	}
	if day, err := time.Parse(time.DateOnly, s.AssuredDate); err == nil && !day.After(now) {
		x.Assured = append(x.Assured, directory.Confirmation{Field: directory.Whole, How: directory.ByFeed, At: day})
	} else if s.AssuredDate != "" {
		wrong("assured_date", s.AssuredDate, "date", "write a date that has passed like 2026-01-31; the service counts as never confirmed")
	}
	provider, err := x.Provider.Check()
	if err == nil {
		x.Provider = provider
		x.Service, err = v.Check(directory.Rules{}, now)
	}
	for _, f := range form.Of(err) {
		wrong(f.Name, s.Name, f.Reason, "the service was not taken over; correct it in the source")
	}
	return x, err == nil
}

func texts(s string) directory.Texts {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	return directory.Texts{"de": s}
}

func location(l *hsds.Location) (directory.Location, bool) {
	out := directory.Location{Name: l.Name}
	if l.Latitude != nil && l.Longitude != nil {
		out.At = &geo.LonLat{Lon: float64(*l.Longitude), Lat: float64(*l.Latitude)}
	}
	for _, a := range l.Addresses {
		out.Street, out.Postcode, out.City = a.Address1, a.PostalCode, a.City
		break
	}
	return out, l.Type != "virtual" && (out.At != nil || out.Street != "")
}

func area(list []hsds.ServiceArea) directory.Area {
	for _, a := range list {
		if strings.EqualFold(a.ExtentType, "area-keys") && a.Extent != "" {
			keys := strings.FieldsFunc(a.Extent, func(r rune) bool { return r == ',' || r == ' ' })
			return directory.Area{Reach: directory.Municipality, Keys: keys}
		}
	}
	return directory.Area{}
}

// schedule reads weekly hours. It gives the first line that cannot be read.
func schedule(list []hsds.Schedule) (h directory.Hours, bad string) {
	days := map[string]time.Weekday{"SU": 0, "MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6}
	for _, s := range list {
		if s.ByDay == "" {
			continue
		}
		from, ok1 := minutes(s.OpensAt)
		to, ok2 := minutes(s.ClosesAt)
		if !ok1 || !ok2 || to == from {
			bad = s.OpensAt + "–" + s.ClosesAt
			continue
		}
		if to < from {
			to += 24 * 60
		}
		for d := range strings.SplitSeq(s.ByDay, ",") {
			day, known := days[strings.TrimSpace(d)]
			if !known {
				bad = d
				continue
			}
			h.Slots = append(h.Slots, directory.Slot{Day: day, From: from, To: to})
		}
	}
	return h, bad
}

// minutes reads "09:30" or "09:30:00".
func minutes(s string) (int, bool) {
	parts := strings.Split(strings.TrimSuffix(s, "Z"), ":")
	if len(parts) < 2 {
		return 0, false
	}
	h, err1 := strconv.Atoi(parts[0])
	m, err2 := strconv.Atoi(parts[1])
	return h*60 + m, err1 == nil && err2 == nil && h >= 0 && h < 24 && m >= 0 && m < 60
}

// glossary finds concepts of the vocabulary by the words of others.
type glossary struct {
	voc   *vocabulary.Vocabulary
	named map[string]string // concept by folded label, everyday word or key
}

// fold brings words to one form: small letters, nothing but letters and digits.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', strings.ContainsRune("äöüß", r):
			return r
		}
		return -1
	}, strings.ToLower(s))
}

func (k *glossary) find(words ...string) []string {
	if k.named == nil {
		k.named = map[string]string{}
		for _, c := range k.voc.Concepts() {
			if c.Kind != vocabulary.Service {
				continue
			}
			for _, lang := range []string{"en", "de"} {
				for _, w := range k.voc.Words(c.Key, lang) {
					k.named[fold(w)] = c.Key
				}
			}
			for _, slug := range c.OpenEligibility {
				if k.named[fold(slug)] == "" {
					k.named[fold(slug)] = c.Key
				}
			}
		}
		for _, c := range k.voc.Concepts() {
			k.named[fold(c.Key)] = c.Key
		}
	}
	var out []string
	for _, w := range words {
		if key := k.named[fold(w)]; key != "" && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	return out
}

// of gives the kinds of a service: from the terms of its taxonomies, else what its name says.
func (k *glossary) of(s *hsds.Service) []string {
	var words []string
	for i := range s.AtLocations {
		for _, t := range s.Terms(&s.AtLocations[i]) {
			words = append(words, t.Code, t.Name, t.ID)
		}
	}
	for _, t := range s.Terms(nil) {
		words = append(words, t.Code, t.Name, t.ID)
	}
	if out := k.find(words...); len(out) > 0 {
		return out
	}
	if out := k.find(strings.Fields(s.Name + " " + s.AlternateName)...); len(out) > 0 {
		return out
	}
	return []string{"other"}
}

// groups gives the situations of the vocabulary that a term of a source names.
func (k *glossary) groups(code string) []string {
	if c, ok := k.voc.Concept(code); ok && c.Kind == vocabulary.Situation {
		return []string{c.Key}
	}
	return nil
}
