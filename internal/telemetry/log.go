// Package telemetry tells operators how the program fares: logs without personal data, health and figures on
// addresses of their own, and word to the service manager.
package telemetry

import (
	"io"
	"log"
	"log/slog"
	"regexp"
	"slices"
	"strings"
)

// withheld are attributes that would hold something of a person. The log keeps their names, never their values.
var withheld = [...]string{
	"query", "ip", "addr", "remote", "remote_addr", "client", "user_agent", "referer", "referrer", "cookie", "authorization",
	"email", "mail", "phone", "token", "password", "secret", "session",
}

// NewLog makes a log of lines for people ("text") or of one JSON object a line ("json"). level is debug, info, warn or
// error. Whatever a caller hands it, query strings, network addresses and mail addresses do not come out.
func NewLog(w io.Writer, level, format string) *slog.Logger {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		least = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: least, ReplaceAttr: impersonal}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

func impersonal(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
		return a
	}
	if slices.Contains(withheld[:], strings.ToLower(a.Key)) {
		return slog.String(a.Key, "withheld")
	}
	switch v := a.Value.Any().(type) {
	case string:
		return slog.String(a.Key, Impersonal(v))
	case error:
		return slog.String(a.Key, Impersonal(v.Error()))
	}
	return a
}

var (
	queries = regexp.MustCompile(`\?[^\s"'?]+`)
	mails   = regexp.MustCompile(`[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+`)
	ipv4    = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b`)
	// At least two colons and a hexadecimal digit: no time of day has letters, and no path segment two colons.
	ipv6 = regexp.MustCompile(`\[[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.%\w]*\](?::\d{1,5})?|(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F:]{1,9}|[0-9a-fA-F:]*::[0-9a-fA-F:]*[0-9a-fA-F]`)
)

// Impersonal takes query strings, mail addresses and network addresses out of a text.
func Impersonal(s string) string {
	s = queries.ReplaceAllString(s, "?…")
	s = mails.ReplaceAllString(s, "(mail address)")
	s = ipv6.ReplaceAllString(s, "(address)")
	return ipv4.ReplaceAllString(s, "(address)")
}

// ServerLog is for http.Server.ErrorLog, whose own messages hold the addresses of clients.
func ServerLog(to *slog.Logger) *log.Logger {
	return log.New(lineWriter{to}, "", 0)
}

type lineWriter struct{ to *slog.Logger }

// Write logs one line. What clients break off or get wrong is no fault of ours, so it is for debugging.
func (l lineWriter) Write(p []byte) (int, error) {
	l.to.Debug(Impersonal(strings.TrimSpace(string(p))))
	return len(p), nil
}
