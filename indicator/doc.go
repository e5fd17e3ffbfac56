// Package indicator holds municipal statistics as series: what a figure is about, of which day and area, in which
// direction it is better, where a series breaks, and which of its figures are measured, suppressed, missing or estimated.
//
// Read takes a catalogue and the tables that offices publish, and gives what their owner knows: a Table, which never
// leaves. Protect puts a Table through the gate of package disclosure and gives a Publication, the only thing that
// pages, files and interfaces may read. Comparisons (disparity, divergence, an index with its parts) are made from
// publications alone, so that they cannot tell more than is published.
//
// The format of catalogue and tables stands in docs/indicator-format.md.
package indicator
