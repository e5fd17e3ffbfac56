package intake

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"gevor/directory"
	"gevor/fault"
	"gevor/fhir"
	"gevor/hsds"
	"gevor/osm"
	"gevor/tabular"
)

// Format is a form in which offers are published.
type Format string

// The formats.
const (
	HSDSFormat  Format = "hsds"  // JSON, or a ZIP with tables
	SheetFormat Format = "sheet" // CSV or XLSX, by a mapping
	OSMFormat   Format = "osm"   // PBF
	FHIRFormat  Format = "fhir"  // a Bundle as JSON
)

// Formats lists all formats.
func Formats() []Format { return []Format{HSDSFormat, SheetFormat, OSMFormat, FHIRFormat} }

// sniffed is how many bytes FormatOf looks at.
const sniffed = 4096

// FormatOf tells the format of a file by how it begins, never by its name; not ok where it is none of them.
func FormatOf(head []byte) (Format, bool) {
	head = head[:min(len(head), sniffed)]
	text := strings.TrimLeft(strings.TrimPrefix(string(head), "\ufeff"), " \t\r\n")
	switch {
	case isBook(head):
		return SheetFormat, true
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return HSDSFormat, true
	case bytes.Contains(head[:min(len(head), 32)], []byte("OSMHeader")):
		return OSMFormat, true
	case text == "" || bytes.ContainsRune(head, 0) || text[0] == '<' || strings.HasPrefix(text, "%PDF-"):
		return "", false
	case text[0] == '{' && strings.Contains(text, `"resourceType"`):
		return FHIRFormat, true
	case text[0] == '{' || text[0] == '[':
		return HSDSFormat, true
	}
	return SheetFormat, true
}

func isBook(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) && bytes.Contains(head, []byte("[Content_Types].xml"))
}

// Read takes over a whole file of a format. m is asked for with SheetFormat alone.
func Read(ctx context.Context, kind Format, in io.ReaderAt, size int64, m Mapping, w *Words, o Options) ([]directory.Imported, error) {
	o, err := o.ready()
	if err != nil {
		return nil, err
	}
	if size > o.Limits.Bytes {
		return nil, o.tooLong()
	}
	whole := io.NewSectionReader(in, 0, size)
	head := make([]byte, min(size, sniffed))
	if _, err := io.ReadFull(io.NewSectionReader(in, 0, size), head); err != nil {
		return nil, fault.Wrap(fault.Invalid, o.File, "cannot be read", "send the file again", err)
	}
	switch kind {
	case OSMFormat:
		x, err := osm.Read(ctx, whole, size, o.File, osm.Limits{}, o.Notes, nil)
		if err != nil {
			return nil, err
		}
		return OSM(x.POIs, w, o)
	case FHIRFormat:
		x, err := fhir.Read(whole, fhir.Options{File: o.File, Notes: o.Notes})
		if err != nil {
			return nil, err
		}
		return FHIR(x, w, o)
	case SheetFormat:
		if isBook(head) {
			return XLSX(whole, m, w, o)
		}
		return CSV(whole, m, w, o)
	case HSDSFormat:
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		z, err := zip.NewReader(in, size)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, o.File, "this is no archive that can be read", "pack it again", err)
		}
		return Pack(z, w, o)
	}
	services, err := hsds.Read(whole, hsds.Options{File: o.File, Notes: o.Notes})
	if err != nil {
		return nil, err
	}
	return HSDS(services, w, o)
}

// Pack takes over the tables of HSDS in a folder or an archive.
func Pack(files fs.FS, w *Words, o Options) ([]directory.Imported, error) {
	services, err := hsds.ReadTables(files, hsds.Options{File: o.File, Notes: o.Notes})
	if err != nil {
		return nil, err
	}
	return HSDS(services, w, o)
}

// ColumnsOf gives the names of the columns of a sheet: those of its first row that is not blank.
func ColumnsOf(file string, raw []byte) (names []string, err error) {
	if !isBook(raw[:min(len(raw), sniffed)]) {
		t, err := tabular.Open(bytes.NewReader(raw), tabular.Options{File: file})
		if err != nil {
			return nil, err
		}
		return t.Names(), nil
	}
	book, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: mostXML})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, file, "this is no workbook that can be read", "save it again as XLSX, without a password, or as CSV", err)
	}
	defer func() {
		if broken := book.Close(); err == nil && broken != nil {
			err = fault.Wrap(fault.Internal, file, "temporary files could not be removed", "", broken)
		}
	}()
	rows, err := book.Rows(book.GetSheetName(0))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, file, "the first sheet cannot be read", "save the workbook again", err)
	}
	defer func() {
		if broken := rows.Close(); err == nil && broken != nil {
			err = fault.Wrap(fault.Internal, file, "the sheet could not be closed", "", broken)
		}
	}()
	for rows.Next() {
		cells, err := rows.Columns()
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, file, "the first line cannot be read", "save the workbook again", err)
		}
		if slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" }) {
			return cells, nil
		}
	}
	return nil, fault.New(fault.Invalid, file, "the sheet is empty", "a row with the names of the columns is needed")
}

// Guess says which column most likely holds what, by the names that offices give to columns. It is a proposal for a person
// to look at, and names no column twice.
func Guess(columns []string) map[string]Columns {
	out, taken := map[string]Columns{}, map[string]bool{}
	for _, field := range SheetFields() {
		for _, word := range append([]string{field}, columnWords[field]...) {
			for _, c := range columns {
				if !taken[c] && fold(c) == fold(word) && out[field] == nil {
					out[field], taken[c] = Columns{c}, true
				}
			}
		}
	}
	return out
}

// columnWords are names of columns as sheets of German offices have them.
var columnWords = map[string][]string{
	"id": {"Nr", "Nummer", "Kennung", "Schlüssel", "Lfd. Nr."}, "name": {"Angebot", "Titel", "Bezeichnung", "Name des Angebots"},
	"summary": {"Kurztext", "Kurzbeschreibung", "Zusammenfassung"}, "description": {"Beschreibung", "Text", "Inhalt"},
	"provider": {"Träger", "Anbieter", "Organisation", "Einrichtung"}, "legal": {"Rechtsform"},
	"street": {"Straße", "Strasse", "Anschrift", "Adresse", "Straße und Hausnummer"}, "postcode": {"PLZ", "Postleitzahl"}, "city": {"Ort", "Stadt", "Gemeinde"},
	"lon": {"Länge", "Längengrad", "Longitude", "x"}, "lat": {"Breite", "Breitengrad", "Latitude", "y"},
	"phone": {"Telefon", "Tel", "Telefonnummer"}, "email": {"E-Mail", "Mail", "E-Mail-Adresse"}, "website": {"Internet", "Webseite", "Homepage", "Web", "URL"},
	"booking": {"Termine", "Terminbuchung"}, "hours": {"Öffnungszeiten", "Sprechzeiten", "Zeiten"}, "languages": {"Sprachen", "Sprache"},
	"kinds": {"Art", "Kategorie", "Thema", "Themen", "Rubrik"}, "insurance": {"Versicherung", "Krankenversicherung"}, "cost": {"Kosten"}, "cost_text": {"Hinweis zu Kosten"},
	"conditions": {"Voraussetzungen", "Bedingungen", "Zielgruppe"}, "min_age": {"Alter von", "Mindestalter"}, "max_age": {"Alter bis", "Höchstalter"},
	"access": {"Zugang", "Zugangsweg", "Wie kommt man hin"}, "capacity": {"Plätze", "Kapazität", "Aufnahme"}, "capacity_on": {"Plätze am", "Kapazität am"},
	"step_free": {"Stufenlos", "Barrierefrei", "Rollstuhlgerecht"}, "area": {"Einzugsgebiet", "Gebiet"}, "confirmed": {"Stand", "Geprüft am", "Zuletzt geprüft"},
}
