// Command sbom writes what a release is made of: a bill of materials (CycloneDX 1.6, JSON) and the licences of all
// third parties in one file. It lists what is really inside: the Go modules linked into cmd/gevor, the Go standard
// library, and the npm packages bundled into its pages. Same sources, same bytes.
//
// Run it in the root of the repository: go run ./tools/sbom -version V -time SECONDS -bom FILE -licences FILE
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	version := flag.String("version", "", "version of the program")
	seconds := flag.Int64("time", 0, "time of the release in seconds since 1970")
	bom := flag.String("bom", "", "file for the bill of materials")
	licences := flag.String("licences", "", "file for the licences")
	flag.Parse()
	if err := run(*version, time.Unix(*seconds, 0).UTC(), *bom, *licences); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(version string, at time.Time, bomFile, licenceFile string) error {
	if version == "" || bomFile == "" || licenceFile == "" {
		return fmt.Errorf("version, bom and licences are required")
	}
	parts, needs, err := golang("./cmd/gevor")
	if err != nil {
		return err
	}
	bundled, err := npm("package-lock.json")
	if err != nil {
		return err
	}
	parts = append(parts, bundled...)
	var bom, text bytes.Buffer
	if err := writeBill(&bom, version, at, parts, needs); err != nil {
		return err
	}
	writeLicences(&text, parts)
	if err := os.WriteFile(bomFile, bom.Bytes(), 0o644); err != nil {
		return err
	}
	return os.WriteFile(licenceFile, text.Bytes(), 0o644)
}
