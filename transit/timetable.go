// Package transit holds the timetable of one service day and answers range queries over a departure window.
package transit

// Timetable is the service of one day, with walking on the street network between its stops.
type Timetable struct{}
