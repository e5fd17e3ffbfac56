package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// value is how one key gets from the file, where it has a type, or from a variable, where it is text, into a Config.
// An error says what is wrong with the value and never holds it where the key is secret.
type value struct {
	kind     string // what a person has to write
	fromFile func(c *Config, v any) error
	fromText func(c *Config, s string) error
}

// How a person writes a value.
const (
	textKind = `"…"`
	listKind = `["…", "…"]`
)

type complaint string

// Error says what is wrong.
func (c complaint) Error() string { return string(c) }

const (
	errType  complaint = "has the wrong type"
	errEmpty complaint = "is empty"
)

func text(at func(*Config) *string, check func(string) error) value {
	set := func(c *Config, s string) error {
		if s != "" {
			if err := check(s); err != nil {
				return err
			}
		}
		*at(c) = s
		return nil
	}
	return value{kind: textKind, fromText: set, fromFile: func(c *Config, v any) error {
		s, ok := v.(string)
		if !ok {
			return errType
		}
		return set(c, s)
	}}
}

func secret(at func(*Config) *Secret, check func(string) error) value {
	var s string
	v := text(func(*Config) *string { return &s }, check)
	hide := func(c *Config, err error) error {
		if err == nil {
			*at(c) = NewSecret(s)
		}
		return err
	}
	return value{
		kind:     v.kind,
		fromFile: func(c *Config, x any) error { return hide(c, v.fromFile(c, x)) },
		fromText: func(c *Config, x string) error { return hide(c, v.fromText(c, x)) },
	}
}

func flag(at func(*Config) *bool) value {
	return value{kind: "true or false", fromFile: func(c *Config, v any) error {
		b, ok := v.(bool)
		if !ok {
			return errType
		}
		*at(c) = b
		return nil
	}, fromText: func(c *Config, s string) error {
		if s != "true" && s != "false" {
			return errType
		}
		*at(c) = s == "true"
		return nil
	}}
}

func whole(at func(*Config) *int, low, high int) value {
	set := func(c *Config, n int64) error {
		if n < int64(low) || n > int64(high) {
			return errors.New("is out of range")
		}
		*at(c) = int(n)
		return nil
	}
	return value{kind: fmt.Sprintf("a whole number from %d to %d", low, high), fromFile: func(c *Config, v any) error {
		n, ok := v.(int64)
		if !ok {
			return errType
		}
		return set(c, n)
	}, fromText: func(c *Config, s string) error {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return errType
		}
		return set(c, n)
	}}
}

// span reads a length of time: 90s, 15m, 6h, 30d.
func span(at func(*Config) *time.Duration, low, high time.Duration) value {
	return required(func(c *Config, s string) error {
		d, err := time.ParseDuration(s)
		if days, ok := strings.CutSuffix(s, "d"); ok {
			var n int
			n, err = strconv.Atoi(days)
			d = time.Duration(min(n, 1<<15)) * 24 * time.Hour
		}
		switch {
		case err != nil:
			return errors.New("is no length of time")
		case d < low || d > high:
			return errors.New("is out of range")
		}
		*at(c) = d
		return nil
	})
}

// required reads text that stands for something else and may not be empty.
func required(set func(*Config, string) error) value {
	return value{kind: textKind, fromText: set, fromFile: func(c *Config, v any) error {
		s, ok := v.(string)
		if !ok {
			return errType
		}
		return set(c, s)
	}}
}

// texts reads a list; a variable separates its elements with commas.
func texts(set func(*Config, []string) error) value {
	return value{kind: listKind, fromFile: func(c *Config, v any) error {
		list, ok := v.([]any)
		if !ok {
			return errType
		}
		out := []string{}
		for _, e := range list {
			s, ok := e.(string)
			if !ok {
				return errType
			}
			out = append(out, strings.TrimSpace(s))
		}
		return set(c, out)
	}, fromText: func(c *Config, s string) error {
		out := []string{}
		for e := range strings.SplitSeq(s, ",") {
			if e = strings.TrimSpace(e); e != "" {
				out = append(out, e)
			}
		}
		return set(c, out)
	}}
}

func each(at func(*Config) *[]string, check func(string) error) value {
	return texts(func(c *Config, list []string) error {
		*at(c) = list
		return allOf(list, check)
	})
}

func allOf(list []string, check func(string) error) error {
	for _, s := range list {
		if err := check(s); err != nil {
			return fmt.Errorf("holds %q, which %w", s, err)
		}
	}
	return nil
}

// networks reads addresses and networks: 127.0.0.1, 10.1.0.0/16, ::1.
func networks(at func(*Config) *[]netip.Prefix) value {
	return texts(func(c *Config, list []string) error {
		out := []netip.Prefix{}
		for _, s := range list {
			p, err := netip.ParsePrefix(s)
			if a, bad := netip.ParseAddr(s); bad == nil {
				p, err = netip.PrefixFrom(a, a.BitLen()), nil
			}
			if err != nil {
				return fmt.Errorf("holds %q, which is no address or network", s)
			}
			if p.Bits() == 0 {
				return fmt.Errorf("holds %q, which is everybody", s)
			}
			out = append(out, p.Masked())
		}
		*at(c) = out
		return nil
	})
}

func anything(string) error { return nil }

func oneOf(words ...string) func(string) error {
	return func(s string) error {
		if !slices.Contains(words, s) {
			return errors.New("is none of these words")
		}
		return nil
	}
}

func address(s string) error {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return errors.New("is no address with a port")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return errors.New("has no port between 0 and 65535")
	}
	return nil
}

// origin is a web address without path, query or user.
func origin(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("is no web address")
	}
	if u.Path != "" && u.Path != "/" {
		return errors.New("has a path; gevor needs a host name of its own")
	}
	return nil
}

// secureAddress is a web address that others are asked at: encrypted, except on this machine.
func secureAddress(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("is no web address")
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return errors.New("is not encrypted")
	}
	return nil
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// hostName is a name without scheme, port or path.
func hostName(s string) error {
	if s == "" || len(s) > 253 || strings.ContainsAny(s, "/:@ ?#") || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") {
		return errors.New("is no host name")
	}
	return nil
}

func domain(s string) error {
	if _, err := netip.ParseAddr(s); err == nil || hostName(s) != nil || !strings.Contains(s, ".") {
		return errors.New("is no domain name")
	}
	return nil
}

func mailbox(s string) error {
	if _, err := mail.ParseAddress(s); err != nil {
		return errors.New("is no mail address")
	}
	return nil
}

func backupPlace(s string) error {
	if scheme, rest, ok := strings.Cut(s, "://"); ok && (scheme != "s3" || strings.Trim(rest, "/") == "") {
		return errors.New("is neither a folder nor s3://bucket/path")
	}
	return nil
}

// dsn is how a PostgreSQL database is reached. What is wrong with it is not repeated: it may hold a password.
func dsn(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return errors.New("is no address of a PostgreSQL database")
	}
	return nil
}
