// Package gevor is the root of one program in two halves. Beside the person: a directory of health and social
// offers along life situations, an anonymous contact log, sealed handovers. Above the region: an atlas that
// computes who can really reach what, and a workshop in which a finding becomes measures whose effect is measured.
//
// The order of imports is a table in imports_test.go; docs/adr tells why things are as they are.
package gevor
