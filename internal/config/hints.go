package config

import "net"

// Hints tells what is allowed and yet seldom meant, one sentence each.
func (c *Config) Hints() (all []string) {
	hint := func(is bool, text string) {
		if is {
			all = append(all, text)
		}
	}
	s := c.Server
	hint(!s.TLS() && !s.BehindProxy && !local(s.Listen), "server.listen: other machines reach the program without encryption; set tls_cert and tls_key, acme_domain, or behind_proxy")
	hint(s.BehindProxy && !s.TLS() && !local(s.Listen), "server.listen: whoever reaches "+s.Listen+" goes past the proxy; listen on localhost or let a firewall admit the proxy only")
	hint(c.Backup.To == "", "backup.to: there are no copies")
	hint(c.Mail.Host == "", "mail.host: no mail leaves; it waits in the outbox")
	hint(s.PublicURL == "", "server.public_url: links in mails and sign-in by a provider need it")
	hint(c.Site.Operator == "" || c.Site.Address == "" || c.Site.Email == "", "site: the imprint needs operator, address and email")
	hint(c.Telemetry.HealthListen != "" && !local(c.Telemetry.HealthListen), "telemetry.health_listen: other machines can ask")
	hint(c.Telemetry.MetricsListen != "" && !local(c.Telemetry.MetricsListen), "telemetry.metrics_listen: other machines can ask")
	return all
}

// local reports whether an address to listen on is reached from this machine only.
func local(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && loopback(host)
}
