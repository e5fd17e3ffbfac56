package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"gevor/fault"
	"gevor/internal/config"
	"gevor/internal/front"
	"gevor/internal/telemetry"
)

// server is one call of "gevor serve" under way: listeners, certificates, health and figures, and an orderly end.
type server struct {
	*config.Config
	console
	log    *slog.Logger
	health *telemetry.Health
}

// shutdownGrace is how long requests under way may take once the program is told to stop.
const shutdownGrace = 10 * time.Second

// run serves until ctx ends, then lets requests under way finish.
func (s *server) run(ctx context.Context, handler http.Handler) error {
	metrics := telemetry.NewMetrics(Version, time.Now)
	main, err := s.listen(s.Server.Listen, s.guarded(metrics.Count(handler)), "choose another address with --listen or server.listen")
	if err != nil {
		return err
	}
	all := []*listening{main}
	defer func() {
		for _, l := range all {
			_ = l.server.Close() // after an orderly end there is nothing left to close
			_ = l.l.Close()      // and what never served is not known to its server
		}
	}()
	certificate, err := s.encrypt(main)
	if err != nil {
		return err
	}
	side, err := s.telemetry(metrics)
	all = append(all, side...)
	if err != nil {
		return err
	}
	failed := make(chan error, len(all))
	for _, l := range all {
		go func() { failed <- l.serve() }()
	}
	s.announce(main)
	return s.until(ctx, all, certificate, failed)
}

// guarded is what every request passes first. Who was here once over HTTPS is told not to come back without.
func (s *server) guarded(next http.Handler) http.Handler {
	p := front.Proxies{Log: s.log}
	if strings.HasPrefix(s.Server.PublicURL, "https://") {
		inner := next
		next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
			inner.ServeHTTP(w, r)
		})
	}
	if s.Server.BehindProxy {
		p.Trusted = s.Server.TrustedProxies
		if u, err := url.Parse(s.Server.PublicURL); err == nil {
			p.Host = u.Host
		}
	}
	return p.Guard(next)
}

// listening is a server on its open port.
type listening struct {
	server *http.Server
	l      net.Listener
	scheme string // kept apart: a server that speaks plain HTTP gets a TLSConfig of its own as soon as it serves
}

func (s *server) listen(address string, handler http.Handler, advice string) (*listening, error) {
	l, err := net.Listen("tcp", literal(address))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, address, "cannot be listened on", advice, err)
	}
	return &listening{l: l, scheme: "http", server: &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 5 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: telemetry.ServerLog(s.log),
	}}, nil
}

// literal writes the loopback address for localhost, so that nobody has to be asked for it: a bare machine without
// network may lack both a hosts file and a name server.
func literal(address string) string {
	if host, port, err := net.SplitHostPort(address); err == nil && host == "localhost" {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return address
}

func (l *listening) serve() error {
	if l.scheme == "https" {
		return l.server.ServeTLS(l.l, "", "")
	}
	return l.server.Serve(l.l)
}

// encrypt sets up TLS where it is configured. The certificate is nil where none comes from files.
func (s *server) encrypt(main *listening) (*front.Certificate, error) {
	switch c := s.Server; {
	case c.TLSCert != "":
		certificate, err := front.OpenCertificate(c.TLSCert, c.TLSKey, s.log)
		if err != nil {
			return nil, err
		}
		main.scheme, main.server.TLSConfig = "https", certificate.TLS()
		return certificate, nil
	case c.ACMEDomain != "":
		main.scheme, main.server.TLSConfig = "https", front.Authority(c.ACMEDomain, c.ACMEEmail, c.ACMEDirectory, filepath.Join(s.State.Dir, "acme"))
	}
	return nil, nil
}

// telemetry opens the addresses for health and figures that are configured, one for both where they are the same.
func (s *server) telemetry(metrics *telemetry.Metrics) (open []*listening, err error) {
	muxes := map[string]*http.ServeMux{}
	var addresses []string
	for _, o := range []struct {
		address  string
		register func(*http.ServeMux)
	}{{s.Telemetry.HealthListen, s.health.Register}, {s.Telemetry.MetricsListen, metrics.Register}} {
		if o.address == "" {
			continue
		}
		if muxes[o.address] == nil {
			muxes[o.address] = http.NewServeMux()
			addresses = append(addresses, o.address)
		}
		o.register(muxes[o.address])
	}
	for _, a := range addresses {
		l, err := s.listen(a, muxes[a], "choose another address in [telemetry]")
		if err != nil {
			return open, err
		}
		s.log.Info("health and figures", "listen", a)
		open = append(open, l)
	}
	return open, nil
}

// announce tells people and logs where the pages are.
func (s *server) announce(main *listening) {
	if s.Logging.Format == "json" {
		s.log.Info("gevor serves", "version", Version, "scheme", main.scheme, "listen", s.Server.Listen)
		return
	}
	fmt.Fprintf(s.err, "gevor serves %s://%s\n", main.scheme, main.l.Addr())
	if host, port, err := net.SplitHostPort(s.Server.Listen); err == nil && host == "localhost" {
		fmt.Fprintf(s.err, "open %s://localhost:%s\n", main.scheme, port)
	}
}

// until serves until ctx ends or a listener fails. SIGHUP reads the certificate again.
func (s *server) until(ctx context.Context, all []*listening, certificate *front.Certificate, failed <-chan error) error {
	manager := telemetry.FindServiceManager(os.Getenv)
	if err := manager.Tell("READY=1"); err != nil {
		return err
	}
	beating, still := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { manager.Watch(beating, func(context.Context) error { return nil }) })
	defer watch.Wait()
	defer still()
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)
	for {
		select {
		case err := <-failed:
			return fault.Wrap(fault.Internal, s.Server.Listen, "the server ended by itself", "", err)
		case <-reload:
			s.reload(certificate)
			continue
		case <-ctx.Done():
		}
		break
	}
	if err := manager.Tell("STOPPING=1"); err != nil {
		s.log.Warn("the service manager was not told", "cause", err)
	}
	return stop(context.WithoutCancel(ctx), all)
}

func (s *server) reload(certificate *front.Certificate) {
	if certificate == nil {
		return
	}
	if err := certificate.Reload(); err != nil {
		s.log.Error("the new certificate cannot be used; the last one stays", "cause", err)
		return
	}
	s.log.Info("certificate read again")
}

// stop ends the listeners at once: the pages first, so that health tells of it until the end.
func stop(ctx context.Context, all []*listening) error {
	ctx, cancel := context.WithTimeout(ctx, shutdownGrace)
	defer cancel()
	var errs []error
	for _, l := range all {
		if err := l.server.Shutdown(ctx); err != nil && !errors.Is(err, http.ErrServerClosed) {
			errs = append(errs, fault.Wrap(fault.Internal, l.l.Addr().String(), "requests under way did not end in time and were cut off", "", err))
		}
	}
	return errors.Join(errs...)
}
