// Package street holds the immutable networks for walking, walking without steps, cycling and driving.
package street

// Network is the street network of one region in all street modes.
type Network struct{}
