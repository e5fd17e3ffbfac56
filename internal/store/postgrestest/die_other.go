//go:build unix && !linux

package postgrestest

import "syscall"

// dieWithParent does nothing where the system knows no such wish.
func dieWithParent(*syscall.SysProcAttr) {}
