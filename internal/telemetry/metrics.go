package telemetry

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts what the server does. Its labels come from closed lists: the patterns of the router, methods and
// status codes; never a path, an address or a person.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	active   prometheus.Gauge
	now      func() time.Time
}

// NewMetrics makes the figures of one program. now is the clock that requests are timed with.
func NewMetrics(version string, now func() time.Time) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "gevor_http_requests_total", Help: "Answered requests."}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gevor_http_request_seconds", Help: "Time from the request to the end of its answer.", Buckets: []float64{.005, .02, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route"}),
		active: prometheus.NewGauge(prometheus.GaugeOpts{Name: "gevor_http_requests_active", Help: "Requests under way."}),
		now:    now,
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "gevor_build_info", Help: "Always 1; the version is the label.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.seconds, m.active, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Registry is where other rooms add figures of their own, under the same rule for labels.
func (m *Metrics) Registry() *prometheus.Registry { return m.registry }

// Register adds /metrics.
func (m *Metrics) Register(mux *http.ServeMux) {
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
}

// Count counts and times every request that next answers.
func (m *Metrics) Count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := m.now()
		m.active.Inc()
		rec := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			m.active.Dec()
			route := r.Pattern // the router writes it into the request
			if route == "" {
				route = "other"
			}
			m.requests.WithLabelValues(route, method(r.Method), strconv.Itoa(rec.status)).Inc()
			m.seconds.WithLabelValues(route).Observe(m.now().Sub(start).Seconds())
		}()
		next.ServeHTTP(rec, r)
	})
}

// method keeps words that clients invent from becoming labels.
func method(s string) string {
	switch s {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return s
	}
	return "other"
}

type statusRecorder struct {
	http.ResponseWriter
	status int
	wrote  bool
}

// WriteHeader remembers the first final status.
func (r *statusRecorder) WriteHeader(status int) {
	if !r.wrote && status >= http.StatusOK {
		r.status, r.wrote = status, true
	}
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
