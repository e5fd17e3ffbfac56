package telemetry

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Health answers whether the program lives and whether it can serve. Safe for concurrent use.
type Health struct {
	log    *slog.Logger
	mu     sync.Mutex
	checks []check
}

type check struct {
	name string
	ask  func(context.Context) error
}

// NewHealth makes one without checks: it is ready. The log is told the cause where a check fails.
func NewHealth(log *slog.Logger) *Health { return &Health{log: log} }

// Add makes readiness depend on a check, such as asking the database something. name is shown to whoever asks, the
// error only to the log.
func (h *Health) Add(name string, ask func(context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks = append(h.checks, check{name, ask})
}

// patience is how long all checks together may take.
const patience = 5 * time.Second

// Failing names the checks that fail now, in the order in which they were added.
func (h *Health) Failing(ctx context.Context) (names []string) {
	h.mu.Lock()
	checks := h.checks[:len(h.checks):len(h.checks)]
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, c := range checks {
		if err := c.ask(ctx); err != nil {
			h.log.Error("not ready", "check", c.name, "cause", err)
			names = append(names, c.name)
		}
	}
	return names
}

// Register adds /healthz, which answers 200 as long as the program lives, and /readyz, which answers 200 if all checks
// pass and 503 with the names of those that fail.
func (h *Health) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		failing := h.Failing(r.Context())
		if len(failing) == 0 {
			answer(w, http.StatusOK, "ready")
			return
		}
		answer(w, http.StatusServiceUnavailable, append([]string{"not ready"}, failing...)...)
	})
}

func answer(w http.ResponseWriter, status int, lines ...string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	for _, l := range lines {
		if _, err := w.Write([]byte(l + "\n")); err != nil {
			return // whoever asked has gone
		}
	}
}
