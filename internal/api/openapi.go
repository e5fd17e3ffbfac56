package api

import (
	"net/http"
	"reflect"
	"strings"

	"gevor/internal/api/hsds3"
)

type object = map[string]any

// openAPI describes the interfaces. It is written from the same list that requests are answered by.
func openAPI(x *exchange) error { return x.json(jsonType, Document(x.base(), x.a.o.Version)) }

// Document is the description of all interfaces after OpenAPI 3.1, for an installation at an address.
func Document(base, version string) map[string]any {
	if version == "" {
		version = "0"
	}
	paths := object{}
	list := endpoints()
	for i := range list {
		e := &list[i]
		p, _ := paths[e.Path].(object)
		if p == nil {
			p = object{}
			paths[e.Path] = p
		}
		p[strings.ToLower(e.Method)] = operation(e)
	}
	return object{
		"openapi":           "3.1.0",
		"jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
		"info": object{
			"title": "Open interfaces of the directory of health and social services", "version": version,
			"description": "The public directory as HSDS " + hsdsVersion + ", as FHIR R4 after IHE mCSD, and as files. No key is needed. Filters add up: every parameter narrows. Where a parameter may be repeated, HSDS takes any of its values; FHIR takes any of those joined by commas and all of those repeated. A parameter that is not known is refused.",
			"license":     object{"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
		},
		"servers": []any{object{"url": base}},
		"paths":   paths,
		"components": object{"schemas": schemas(), "responses": object{
			"Problem": object{"description": "What is wrong with the request, after RFC 9457.", "content": object{problemType: object{"schema": ref("Problem")}}},
			"Outcome": object{"description": "What is wrong with the request.", "content": object{"application/fhir+json": object{"schema": ref("OperationOutcome")}}},
		}},
	}
}

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

func operation(e *endpoint) object {
	schema := object{"type": "string"}
	if e.Gives != "" {
		schema = ref(e.Gives)
	} else if strings.HasSuffix(e.Path, ".json") {
		schema = object{"type": "object"}
	}
	wrong := object{"$ref": "#/components/responses/Problem"}
	if strings.HasPrefix(e.Path, fhirPrefix) {
		wrong = object{"$ref": "#/components/responses/Outcome"}
	}
	var params []any
	for rest := e.Path; ; {
		_, after, found := strings.Cut(rest, "{")
		if !found {
			break
		}
		name, more, _ := strings.Cut(after, "}")
		params = append(params, object{"name": name, "in": "path", "required": true, "schema": object{"type": "string"}})
		rest = more
	}
	fields := object{}
	for i := range e.Params {
		p := &e.Params[i]
		s := schemaOf(p)
		fields[p.Name] = s
		q := object{"name": p.Name, "in": "query", "description": p.Says, "schema": s}
		if p.Repeats {
			q["style"], q["explode"] = "form", true
		}
		params = append(params, q)
	}
	out := object{
		"summary": e.Says, "operationId": strings.ToLower(e.Method) + strings.NewReplacer("/", "_", "{", "", "}", "", ".", "_").Replace(e.Path),
		"responses": object{"200": object{"description": e.Says, "content": object{e.Kind: object{"schema": schema}}}, "400": wrong, "404": wrong, "503": wrong},
	}
	if len(params) > 0 {
		out["parameters"] = params
	}
	if e.Method == http.MethodPost {
		body := object{"schema": object{"type": "object", "properties": fields, "additionalProperties": false}}
		out["requestBody"] = object{"required": false, "content": object{"application/x-www-form-urlencoded": body, "application/json": body}}
	}
	return out
}

// schemaOf is the type of a parameter.
func schemaOf(p *param) object {
	s := object{"type": "string"}
	switch p.Kind {
	case integer:
		s = object{"type": "integer", "minimum": p.Min}
		if p.Max > 0 {
			s["maximum"] = p.Max
		}
		if p.Default > 0 {
			s["default"] = p.Default
		}
	case number:
		s = object{"type": "number", "minimum": 0}
	case boolean:
		s = object{"type": "boolean"}
	case moment:
		s["format"] = "date-time"
	case clock:
		s["pattern"] = "^[0-2][0-9]:[0-5][0-9]"
	case name:
		s["format"] = "uuid"
	case prefix:
		s["pattern"] = "^(ge|le|gt|lt|eq|ne)?[0-9]{4}-"
	case text:
		s["maxLength"] = maxText
	}
	if len(p.Enum) > 0 {
		s["enum"] = p.Enum
	}
	if p.Repeats {
		return object{"type": "array", "items": s, "maxItems": maxValues}
	}
	return s
}

// schemas are the answers, written from the types they are made of.
func schemas() object {
	out := object{}
	for name, of := range map[string]any{
		"Service": hsds3.Service{}, "Minimal": hsds3.Minimal{}, "Organization": hsds3.Organization{}, "ServiceAtLocation": hsds3.ServiceAtLocation{},
		"Taxonomy": hsds3.Taxonomy{}, "TaxonomyTerm": hsds3.Term{}, "Problem": problem{},
	} {
		out[name] = typed(reflect.TypeOf(of), out, name)
	}
	page := func(of ...string) object {
		var any []any
		for _, name := range of {
			any = append(any, ref(name))
		}
		return object{
			"type": "object", "required": []string{"total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty", "contents"},
			"properties": object{
				"total_items": object{"type": "integer"}, "total_pages": object{"type": "integer"}, "page_number": object{"type": "integer"}, "size": object{"type": "integer"},
				"first_page": object{"type": "boolean"}, "last_page": object{"type": "boolean"}, "empty": object{"type": "boolean"}, "contents": object{"type": "array", "items": object{"anyOf": any}},
			},
		}
	}
	out["ServicePage"], out["ServiceAtLocationPage"], out["OrganizationPage"] = page("Service", "Minimal"), page("ServiceAtLocation"), page("Organization")
	out["TaxonomyPage"], out["TaxonomyTermPage"] = page("Taxonomy"), page("TaxonomyTerm")
	out["Base"] = object{"type": "object", "required": []string{"version", "profile", "openapi_url"}, "properties": object{"version": object{"type": "string"}, "profile": object{"type": "string", "format": "uri"}, "openapi_url": object{"type": "string", "format": "uri"}}}
	out["ServiceFile"] = object{"type": "object", "required": []string{"services"}, "properties": object{"services": object{"type": "array", "items": ref("Service")}}}
	for _, name := range []string{"Bundle", "CapabilityStatement", "OperationOutcome"} {
		out[name] = resource(name)
	}
	for _, t := range fhirTypes() {
		out[fhirSchema+t.name] = resource(t.name)
	}
	return out
}

// resource is told by its type: its members are described by the specification of FHIR.
func resource(name string) object {
	return object{"type": "object", "description": "Resource " + name + " of FHIR R4.", "required": []string{"resourceType"}, "properties": object{"resourceType": object{"const": name}}}
}

// typed writes the schema of a Go type; types with a name become components of their own.
func typed(t reflect.Type, all object, self string) object {
	switch t.Kind() {
	case reflect.Pointer:
		return typed(t.Elem(), all, self)
	case reflect.Slice:
		return object{"type": "array", "items": typed(t.Elem(), all, self)}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int:
		return object{"type": "integer"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Struct:
	default:
		return object{}
	}
	name := t.Name()
	if name == "Term" {
		name = "TaxonomyTerm"
	}
	if self == "" || self != name && name != "problem" {
		if _, known := all[name]; !known {
			all[name] = object{} // it may hold itself
			all[name] = typed(t, all, name)
		}
		return ref(name)
	}
	props, required := object{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		tag, omits, _ := strings.Cut(f.Tag.Get("json"), ",")
		props[tag] = typed(f.Type, all, "")
		if omits == "" {
			required = append(required, tag)
		}
	}
	out := object{"type": "object", "properties": props}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}
