package telemetry

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"gevor/fault"
)

// ServiceManager is the other end of systemd's notification socket (sd_notify(3)): who started the program as a
// service and waits to hear that it serves. Without one, everything here does nothing.
type ServiceManager struct {
	socket   string
	interval time.Duration // in which it wants to hear from us; 0 never
}

// FindServiceManager reads the variables NOTIFY_SOCKET and WATCHDOG_USEC.
func FindServiceManager(getenv func(string) string) ServiceManager {
	m := ServiceManager{socket: getenv("NOTIFY_SOCKET")}
	if strings.HasPrefix(m.socket, "@") {
		m.socket = "\x00" + m.socket[1:]
	}
	if usec, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64); err == nil && usec > 0 {
		m.interval = time.Duration(usec) * time.Microsecond
	}
	return m
}

// Tell sends one state, such as READY=1 or STOPPING=1.
func (m ServiceManager) Tell(state string) error {
	if m.socket == "" {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: m.socket, Net: "unixgram"})
	if err == nil {
		defer conn.Close()
		_, err = fmt.Fprint(conn, state)
	}
	if err != nil {
		return fault.Wrap(fault.Internal, "NOTIFY_SOCKET", "the service manager cannot be told that the program is "+state, "", err)
	}
	return nil
}

// Watch tells the service manager that the program lives, twice in each interval, until ctx ends. alive is asked
// before; while it fails, nothing is told, and the service manager starts the program anew.
func (m ServiceManager) Watch(ctx context.Context, alive func(context.Context) error) {
	if m.socket == "" || m.interval == 0 {
		return
	}
	beat := time.NewTicker(m.interval / 2)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			if alive(ctx) == nil {
				_ = m.Tell("WATCHDOG=1") // what was not heard is missed at the other end
			}
		}
	}
}
