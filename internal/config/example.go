package config

import (
	"fmt"
	"io"
	"strings"
)

// Example writes the documented example file: every key with its meaning, what is allowed, its variable and its
// default. Every setting is commented out, so the file as it is changes nothing.
func Example(w io.Writer) error {
	var b strings.Builder
	b.WriteString(`# Configuration of gevor. What is commented out shows the default; take the # away to change it.
# Check it with: gevor config check FILE
# Every key has a variable of the environment too, which wins over this file. Lists are separated by commas there.
# Secrets stand in files of their own that only the program may read.
`)
	keys := table()
	for _, s := range sections() {
		fmt.Fprintf(&b, "\n# %s\n[%s]\n", s[1], s[0])
		for _, k := range keys {
			if k.section == s[0] {
				writeKey(&b, k)
			}
		}
	}
	b.WriteString(`
# One block for each provider of sign-in (OpenID Connect). Redirect address: public_url + /signin/oidc/callback
#[[signin.oidc]]
`)
	for _, k := range oidcKeys(nil) {
		writeKey(&b, k)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeKey(b *strings.Builder, k key) {
	for line := range strings.SplitSeq(k.about, "\n") {
		fmt.Fprintf(b, "# %s\n", line)
	}
	fmt.Fprintf(b, "# Allowed: %s.", k.allowed)
	if k.section != "signin.oidc" {
		fmt.Fprintf(b, " Variable: %s", k.variable())
	}
	fmt.Fprintf(b, "\n#%s = %s\n", k.name, k.literal())
}

// literal gives the default as the file would say it.
func (k key) literal() string {
	switch {
	case k.value.kind == listKind && k.initial == "":
		return "[]"
	case k.value.kind == listKind:
		return `["` + strings.ReplaceAll(k.initial, ",", `", "`) + `"]`
	case k.value.kind == textKind:
		return `"` + k.initial + `"`
	}
	return k.initial
}
