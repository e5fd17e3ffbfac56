// Command gevor is the whole program: demo region, analysis, pages, and every method on plain tables.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"gevor/internal/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := app.Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
