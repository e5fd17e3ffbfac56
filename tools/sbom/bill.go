package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// The parts of CycloneDX 1.6 that are written.
type (
	bill struct {
		Schema       string       `json:"$schema"`
		Format       string       `json:"bomFormat"`
		Spec         string       `json:"specVersion"`
		Serial       string       `json:"serialNumber"`
		Version      int          `json:"version"`
		Metadata     metadata     `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	metadata struct {
		Timestamp string    `json:"timestamp"`
		Component component `json:"component"`
	}
	component struct {
		Type     string   `json:"type"`
		Ref      string   `json:"bom-ref"`
		Name     string   `json:"name"`
		Version  string   `json:"version"`
		Hashes   []hash   `json:"hashes,omitempty"`
		Licenses []choice `json:"licenses"`
		PURL     string   `json:"purl,omitempty"`
	}
	hash struct {
		Alg     string `json:"alg"`
		Content string `json:"content"`
	}
	choice struct {
		License    *license `json:"license,omitempty"`
		Expression string   `json:"expression,omitempty"`
	}
	license struct {
		ID string `json:"id"`
	}
	dependency struct {
		Ref       string   `json:"ref"`
		DependsOn []string `json:"dependsOn,omitempty"`
	}
)

// licensed writes one licence as such and several as an expression, as the format wants it.
func licensed(expression string) []choice {
	if strings.Contains(expression, " ") {
		return []choice{{Expression: expression}}
	}
	return []choice{{License: &license{expression}}}
}

func writeBill(w io.Writer, version string, at time.Time, parts []part, needs map[string][]string) error {
	root := component{Type: "application", Ref: "gevor@" + version, Name: "gevor", Version: version, Licenses: licensed("EUPL-1.2")}
	b := bill{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1,
		Metadata: metadata{Timestamp: at.Format(time.RFC3339), Component: root},
	}
	direct := needs[""]
	identity := sha256.New()
	fmt.Fprintln(identity, version, at.Unix())
	for _, p := range parts {
		c := component{Type: "library", Ref: p.purl, Name: p.name, Version: p.version, Licenses: licensed(p.licence), PURL: p.purl}
		if p.hash != "" {
			c.Hashes = []hash{{p.algorithm, p.hash}}
		}
		b.Components = append(b.Components, c)
		fmt.Fprintln(identity, p.purl, p.hash)
		if strings.HasPrefix(p.purl, "pkg:npm/") || strings.HasPrefix(p.purl, "pkg:golang/std@") {
			direct = append(direct[:len(direct):len(direct)], p.purl)
		}
	}
	b.Dependencies = append(b.Dependencies, dependency{root.Ref, direct})
	for _, p := range parts {
		b.Dependencies = append(b.Dependencies, dependency{p.purl, needs[p.purl]})
	}
	sum := identity.Sum(nil)
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // a UUID of version 8: made of what it names
	b.Serial = fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(b)
}
