package config

import (
	"strings"
	"testing"
)

// Whatever stands in a file, reading it ends in a configuration or in problems that name a place.
func FuzzParse(f *testing.F) {
	f.Add("[server]\nlisten = \"a:1\"\n", "GEVOR_SERVER_LISTEN=x")
	f.Add("[[signin.oidc]]\nissuer = 1\n[signin]\n", "GEVOR_MAIL_PORT=-1")
	f.Add("signin.oidc = [{}]\nserver.x.y = 1\n[backup]\nevery = \"9999999999d\"", "GEVOR_X")
	f.Add("[signin.oidc]\na=1\n", "GEVOR_SITE_LANGUAGES=,")
	f.Add("a = \"\"\"\n[server]\n\"\"\"\n'server' = {listen = 1979-05-27}", "")
	f.Fuzz(func(t *testing.T, text, env string) {
		_, problems := Parse("f", []byte(text), []string{env})
		for _, p := range problems {
			if p.Place == "" || p.What == "" || p.Allowed == "" || p.Line > strings.Count(text, "\n")+1 {
				t.Errorf("%#v", p)
			}
		}
	})
}
