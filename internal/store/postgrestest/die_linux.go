package postgrestest

import "syscall"

// dieWithParent ends the server with the test even where that is killed.
func dieWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGQUIT }
