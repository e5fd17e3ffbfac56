// Package imports takes over files that people of a house send: it tells their format, reads them as the command line does,
// says what would become of them, and takes them over when somebody says so. Nothing of a file counts before that.
package imports

import (
	"bytes"
	"context"
	"path"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/form"
	"gevor/intake"
	"gevor/notice"
	"gevor/vocabulary"
)

// Store keeps files that wait, how sources are read, and the directory.
type Store interface {
	PlanImport(ctx context.Context, actor authz.Actor, at time.Time, owner authz.OrganisationID, system string, list []directory.Imported) (directory.ImportPlan, error)
	ImportEntries(ctx context.Context, actor authz.Actor, at time.Time, owner authz.OrganisationID, system string, release authz.Release, list []directory.Imported, done func(int)) (directory.ImportOutcome, error)
	KeepImportDraft(ctx context.Context, actor authz.Actor, at time.Time, d directory.ImportDraft) (string, error)
	ImportDraft(ctx context.Context, actor authz.Actor, house authz.OrganisationID, id string) (directory.ImportDraft, error)
	ImportDrafts(ctx context.Context, actor authz.Actor, house authz.OrganisationID) ([]directory.ImportDraft, error)
	DropImportDraft(ctx context.Context, actor authz.Actor, at time.Time, house authz.OrganisationID, id string) error
	ImportSources(ctx context.Context, actor authz.Actor, house authz.OrganisationID) ([]directory.ImportSource, error)
	KeepImportSource(ctx context.Context, actor authz.Actor, at time.Time, house authz.OrganisationID, x directory.ImportSource) error
}

// What is taken over by a page; more goes by the command line.
const (
	MostBytes   = 10 << 20
	MostRecords = 5000
)

// Imports takes over files. Make it with New.
type Imports struct {
	Store
	voc   *vocabulary.Vocabulary
	words *intake.Words
}

// New makes it.
func New(s Store, voc *vocabulary.Vocabulary) *Imports {
	return &Imports{Store: s, voc: voc, words: intake.NewWords(voc)}
}

// Rules are those of the directory that need nothing but the vocabulary.
func Rules(voc *vocabulary.Vocabulary) directory.Rules {
	return directory.Rules{Kind: func(k string) bool {
		_, ok := voc.Concept(k)
		return ok || k == "other"
	}}
}

// Receive keeps a file and says what would become of it. Where nobody has said yet how to read its columns, the draft has no
// plan. Invalid where the file is of no known format or the source has no name.
func (i *Imports) Receive(ctx context.Context, actor authz.Actor, at time.Time, d directory.ImportDraft) (string, error) {
	var f form.Fields
	d.System = f.Line("system", d.System, 2, 60)
	kind, known := intake.FormatOf(d.Raw)
	switch {
	case len(d.Raw) == 0:
		f.Add("file", "file_empty")
	case len(d.Raw) > MostBytes:
		f.Add("file", "file_large")
	case !known:
		f.Add("file", "file_type")
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	d.Format, d.Mapping, d.Plan = string(kind), nil, nil
	sources, err := i.ImportSources(ctx, actor, d.Owner)
	if err != nil {
		return "", err
	}
	if kind == intake.SheetFormat {
		if d.Columns, err = intake.ColumnsOf(d.File, d.Raw); err != nil {
			return "", unreadable(err)
		}
		at := slices.IndexFunc(sources, func(x directory.ImportSource) bool { return x.System == d.System })
		if at >= 0 && fits(sources[at].Mapping, d.Columns) {
			d.Mapping = sources[at].Mapping
		}
	}
	if kind != intake.SheetFormat || d.Mapping != nil {
		if err := i.plan(ctx, actor, at, &d); err != nil {
			return "", err
		}
	}
	return i.KeepImportDraft(ctx, actor, at, d)
}

// fits says whether a mapping names only columns that are there.
func fits(m *directory.ImportMapping, columns []string) bool {
	if m == nil {
		return false
	}
	for _, names := range m.Columns {
		for _, n := range names {
			if !slices.Contains(columns, n) {
				return false
			}
		}
	}
	return true
}

// unreadable says of a file as a whole that it cannot be read.
func unreadable(err error) error {
	reason := "file_unreadable"
	switch fault.KindOf(err) {
	case fault.TooLarge:
		reason = "file_large"
	case fault.Invalid, fault.Corrupt:
	default:
		return err
	}
	return fault.Wrap(fault.Invalid, "form", "a file cannot be read", "look at the field", &form.Invalid{Fields: []form.Field{{Name: "file", Reason: reason}}})
}

// Guess proposes which column of a draft holds what.
func (i *Imports) Guess(d directory.ImportDraft) directory.ImportMapping {
	out := directory.ImportMapping{Columns: map[string][]string{}, GermanDates: true}
	for field, columns := range intake.Guess(d.Columns) {
		out.Columns[field] = columns
	}
	return out
}

// Fields lists what a column can hold.
func (i *Imports) Fields() []string { return intake.SheetFields() }

// Map says how to read the columns of a draft; it is kept for the next file of this source.
func (i *Imports) Map(ctx context.Context, actor authz.Actor, at time.Time, house authz.OrganisationID, id string, m directory.ImportMapping) error {
	d, err := i.ImportDraft(ctx, actor, house, id)
	if err != nil {
		return err
	}
	var f form.Fields
	if len(m.Columns["name"]) == 0 {
		f.Add("name", "choose")
	}
	if d.Format != string(intake.SheetFormat) || !fits(&m, d.Columns) {
		f.Add("name", "unknown")
	}
	for word, key := range m.Kinds {
		if _, ok := i.voc.Concept(key); !ok || word == "" {
			f.Add("kind_words", "unknown")
			break
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	d.Mapping = &m
	if err := i.plan(ctx, actor, at, &d); err != nil {
		return err
	}
	if err := i.KeepImportSource(ctx, actor, at, house, directory.ImportSource{System: d.System, Format: d.Format, Mapping: &m}); err != nil {
		return err
	}
	_, err = i.KeepImportDraft(ctx, actor, at, d)
	return err
}

// read reads a draft. The same bytes give the same entries at the same time of day.
func (i *Imports) read(ctx context.Context, d *directory.ImportDraft, at time.Time) ([]directory.Imported, *notice.List, error) {
	var m intake.Mapping
	if d.Mapping != nil {
		m = intake.Mapping{Columns: map[string]intake.Columns{}, Kinds: d.Mapping.Kinds, Fixed: d.Mapping.Fixed, GermanDates: d.Mapping.GermanDates}
		for field, columns := range d.Mapping.Columns {
			m.Columns[field] = columns
		}
	}
	notes := &notice.List{}
	o := intake.Options{File: d.File, Notes: notes, Vocabulary: i.voc, Now: at, Rules: Rules(i.voc), Limits: intake.Limits{Bytes: MostBytes, Records: MostRecords}}
	list, err := intake.Read(ctx, intake.Format(d.Format), bytes.NewReader(d.Raw), int64(len(d.Raw)), m, i.words, o)
	return list, notes, err
}

// plan reads a draft and says what would become of it.
func (i *Imports) plan(ctx context.Context, actor authz.Actor, at time.Time, d *directory.ImportDraft) error {
	list, notes, err := i.read(ctx, d, at)
	if err != nil {
		return unreadable(err)
	}
	plan, err := i.PlanImport(ctx, actor, at, d.Owner, d.System, list)
	if err != nil {
		return err
	}
	d.Plan, d.Notes, d.Lost = &plan, nil, 0
	for _, n := range notes.Notices() {
		d.Notes = append(d.Notes, directory.ImportNote{Line: n.Line, Record: n.Record, Field: n.Field, Value: n.Value, Rule: n.Rule, Advice: n.Advice, Lost: n.Severity == notice.Reject})
	}
	for _, c := range notes.Counts() {
		d.Lost += int(c.Rejected)
	}
	return nil
}

// Apply takes over a draft and forgets it. hide makes drafts of the entries of this source that the file no longer holds.
func (i *Imports) Apply(ctx context.Context, actor authz.Actor, at time.Time, house authz.OrganisationID, id string, hide bool) (directory.ImportOutcome, error) {
	d, err := i.ImportDraft(ctx, actor, house, id)
	if err != nil {
		return directory.ImportOutcome{}, err
	}
	if d.Plan == nil {
		return directory.ImportOutcome{}, fault.New(fault.Conflict, "import", "nobody has said which column holds what", "say so first")
	}
	list, _, err := i.read(ctx, &d, at)
	if err != nil {
		return directory.ImportOutcome{}, unreadable(err)
	}
	if hide {
		for _, c := range d.Plan.Changes {
			if c.Kind == directory.ImportGone && !slices.ContainsFunc(list, func(x directory.Imported) bool { return x.Source == c.Source }) {
				list = append(list, directory.Imported{Source: c.Source, Gone: true})
			}
		}
	}
	out, err := i.ImportEntries(ctx, actor, at, house, d.System, authz.Release{Level: d.Release}, list, nil)
	if err != nil {
		return out, err
	}
	if err := i.KeepImportSource(ctx, actor, at, house, directory.ImportSource{System: d.System, Format: d.Format, Mapping: d.Mapping}); err != nil {
		return out, err
	}
	return out, i.DropImportDraft(ctx, actor, at, house, id)
}

// SourceOf proposes the name of a source by that of a file.
func SourceOf(file string) string {
	return strings.TrimSuffix(path.Base(file), path.Ext(file))
}
