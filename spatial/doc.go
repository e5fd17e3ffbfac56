// Package spatial holds the statistics of areas: weights between neighbours, autocorrelation, smoothing of small
// numbers, cluster scans, inequality and segregation, and the carrying of counts from one set of areas to another.
//
// Everything here is a pure function of its arguments. Random numbers come from a seed that the caller gives; each
// area or each replication has a stream of its own, so that the number of workers never changes a result. Sums run
// in a fixed order for the same reason. What has no answer (the local figure of an area without neighbours) is NaN;
// what can have none at all (a correlation of values that are all the same) is a fault of kind Invalid.
//
// docs/methods.md lists method, command, reference and degenerate inputs side by side.
package spatial
