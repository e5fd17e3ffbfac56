package mail

import (
	"maps"
	"reflect"
	"slices"
)

// Templates lists the names of all templates.
func Templates() []string { return slices.Sorted(maps.Keys(occasions())) }

// FieldsOf lists the fields that a template reads from its payload.
func FieldsOf(template string) []string {
	var out []string
	t := reflect.TypeOf(occasions()[template]()).Elem()
	for i := range t.NumField() {
		if !t.Field(i).IsExported() {
			continue
		}
		out = append(out, t.Field(i).Name)
	}
	return out
}

// Read takes a mail apart.
func Read(raw []byte) error {
	_, err := read(raw)
	return err
}
