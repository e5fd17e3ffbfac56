package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/intake"
	"gevor/internal/imports"
	"gevor/internal/store"
	"gevor/notice"
	"gevor/vocabulary"
)

// importer takes over files for one organisation.
type importer struct {
	console
	store   *store.Store
	owner   authz.OrganisationID
	release authz.Release
	mapping string // path; empty where no sheet is read
	now     time.Time
}

// formatOf gives the format of a file: as told, or by its name.
func formatOf(told, file, mapping string) (string, error) {
	switch told {
	case "hsds", "sheet", "osm", "fhir":
		return told, nil
	case "":
	default:
		return "", usage{fmt.Errorf("--format %s is none of hsds, sheet, osm, fhir", told)}
	}
	switch strings.ToLower(filepath.Ext(file)) {
	case ".pbf":
		return "osm", nil
	case ".csv", ".txt", ".xlsx":
		return "sheet", nil
	case ".zip", ".json", "":
		if mapping != "" {
			return "sheet", nil
		}
		return "hsds", nil
	}
	if st, err := os.Stat(file); err == nil && st.IsDir() {
		return "hsds", nil
	}
	return "hsds", nil
}

func (i *importer) file(ctx context.Context, kind, source, file string) error {
	notes := &notice.List{}
	voc, err := vocabulary.Load(nil)
	if err != nil {
		return err
	}
	o := intake.Options{File: file, Notes: notes, Vocabulary: voc, Now: i.now, Rules: imports.Rules(voc)}
	list, err := i.read(ctx, kind, file, intake.NewWords(voc), o)
	if err != nil {
		return err
	}
	return i.takeOver(ctx, source, list, notes)
}

func (i *importer) read(ctx context.Context, kind, file string, w *intake.Words, o intake.Options) (list []directory.Imported, err error) {
	if st, err := os.Stat(file); err == nil && st.IsDir() && kind == "hsds" {
		return intake.Pack(os.DirFS(file), w, o)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, file, "cannot be opened", "check the path", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	st, err := f.Stat()
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, file, "cannot be read", "check the path", err)
	}
	var m intake.Mapping
	if kind == string(intake.SheetFormat) {
		if m, err = i.mapped(file); err != nil {
			return nil, err
		}
	}
	return intake.Read(ctx, intake.Format(kind), f, st.Size(), m, w, o)
}

func (i *importer) mapped(file string) (intake.Mapping, error) {
	if i.mapping == "" {
		return intake.Mapping{}, fault.New(fault.Invalid, file, "nobody said which column holds what", "give --mapping with a TOML file; gevor directory import --help shows more")
	}
	raw, err := os.ReadFile(i.mapping)
	if err != nil {
		return intake.Mapping{}, fault.Wrap(fault.NotFound, i.mapping, "cannot be opened", "check the path", err)
	}
	return intake.ReadMapping(i.mapping, string(raw))
}

// takeOver keeps what was read and says what became of it.
func (i *importer) takeOver(ctx context.Context, source string, list []directory.Imported, notes *notice.List) error {
	out, err := i.store.ImportEntries(ctx, keeper(i.owner), i.now, i.owner, source, i.release, list, nil)
	i.told(notes)
	if err != nil {
		return err
	}
	fmt.Fprintf(i.out, "%s: %d new, %d changed, %d as before, %d fields kept as the organisation wrote them, %d of %d services not taken over\n",
		source, out.Created, out.Changed, out.Unchanged, out.Kept, rejected(notes), len(list)+rejected(notes))
	return nil
}

// told prints what is wrong with a source.
func (i *importer) told(notes *notice.List) {
	for _, n := range notes.Notices() {
		place := n.File
		if n.Line > 0 {
			place = fmt.Sprintf("%s:%d", n.File, n.Line)
		}
		fmt.Fprintf(i.err, "%s: %s: %s %q: %s\n", place, n.Record, n.Field, n.Value, n.Advice)
	}
}

func rejected(notes *notice.List) int {
	n := 0
	for _, c := range notes.Counts() {
		n += int(c.Rejected)
	}
	return n
}
