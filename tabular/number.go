package tabular

import (
	"strconv"
	"strings"
	"unicode"
)

// Flag keeps zero, suppressed and missing apart: they are three different things from import to export.
type Flag uint8

// The flags.
const (
	Known      Flag = iota // a number other than zero
	Zero                   // exactly zero, or nothing there
	Suppressed             // there is a number, its owner keeps it back
	Missing                // there is no number
)

// String gives the English name.
func (f Flag) String() string {
	return [...]string{"known", "zero", "suppressed", "missing"}[f&3]
}

// Value is a number with its flag. Number is 0 unless Flag is Known.
type Value struct {
	Number float64
	Flag   Flag
}

// Reading says how a text was understood.
type Reading uint8

// The readings.
const (
	Clear      Reading = iota
	Ambiguous          // "1.234" in a file with decimal commas: read as 1234, could be 1.234
	Uncertain          // in brackets: its publisher calls the number unreliable
	Unreadable         // neither number nor marker; the Value is Missing
)

// Numbers reads numbers as German offices write them. The zero value reads decimal points.
type Numbers struct {
	// Comma says that a single comma is the decimal sign where a text could be read both ways.
	Comma bool
	// Markers says what texts other than numbers mean; nil = DefaultMarkers.
	Markers map[string]Flag
}

// DefaultMarkers follows DIN 55301 as the statistical offices use it:
//
//	"-" "–" "—"          nothing there, exactly zero                       Zero
//	"." "•" "*"          unknown or to be kept secret                      Suppressed
//	"/"                  not published, number not certain enough          Missing
//	"x" "X"              field closed, a statement makes no sense          Missing
//	"..." "…"            number comes later                                Missing
//	"" "NA" "n/a" "k.A." no statement                                      Missing
//
// A source with other rules overrides them with its own map. The map is made anew at each call.
func DefaultMarkers() map[string]Flag {
	return map[string]Flag{
		"-": Zero, "–": Zero, "—": Zero,
		".": Suppressed, "•": Suppressed, "*": Suppressed,
		"/": Missing, "x": Missing, "X": Missing, "...": Missing, "…": Missing,
		"": Missing, "NA": Missing, "N/A": Missing, "n/a": Missing, "k.A.": Missing, "k. A.": Missing, "keine Angabe": Missing,
	}
}

// WithDefaults gives n with its markers filled in, so that Parse need not make them for every value.
func (n Numbers) WithDefaults() Numbers {
	if n.Markers == nil {
		n.Markers = DefaultMarkers()
	}
	return n
}

// Parse reads a count or a rate. Grouping marks (point, comma, space, no-break space, apostrophe) are taken out
// where they stand before groups of three digits; a trailing per cent sign is dropped; brackets make it Uncertain;
// a text-typed number (="5" or '5) is a number.
func (n Numbers) Parse(s string) (Value, Reading) {
	s = Unwrap(s)
	if n.Markers == nil {
		n.Markers = DefaultMarkers()
	}
	if f, ok := n.Markers[s]; ok {
		return Value{Flag: f}, Clear
	}
	reading := Clear
	if l := len(s); l > 2 && s[0] == '(' && s[l-1] == ')' {
		s, reading = strings.TrimSpace(s[1:l-1]), Uncertain
		if f, ok := n.Markers[s]; ok {
			return Value{Flag: f}, Clear
		}
	}
	s = strings.TrimSpace(strings.TrimSuffix(s, "%"))
	x, ambiguous, ok := n.number(s, true)
	if !ok {
		return Value{Flag: Missing}, Unreadable
	}
	if ambiguous && reading == Clear {
		reading = Ambiguous
	}
	if x == 0 {
		return Value{Flag: Zero}, reading
	}
	return Value{Number: x, Flag: Known}, reading
}

// Coordinate reads a coordinate: a single point or comma is always the decimal sign.
func (n Numbers) Coordinate(s string) (float64, bool) {
	x, _, ok := n.number(Unwrap(s), false)
	return x, ok
}

// number reads digits with grouping and decimal signs, an optional sign and an optional exponent. groupSingle
// allows a lone separator to be a grouping mark.
func (n Numbers) number(s string, groupSingle bool) (x float64, ambiguous, ok bool) {
	if plain(s) {
		x, err := strconv.ParseFloat(s, 64)
		return x, false, err == nil
	}
	s = strings.ReplaceAll(s, "\u2212", "-")
	body := s
	if body != "" && (body[0] == '-' || body[0] == '+') {
		body = body[1:]
	}
	mantissa, exponent := body, ""
	if i := strings.IndexAny(body, "eE"); i >= 0 {
		mantissa, exponent = body[:i], body[i:]
	}
	points, commas := strings.Count(mantissa, "."), strings.Count(mantissa, ",")
	decimal, group := "", ""
	switch {
	case points == 0 && commas == 0:
	case points > 0 && commas > 0:
		decimal, group = ".", ","
		if strings.LastIndexByte(mantissa, ',') > strings.LastIndexByte(mantissa, '.') {
			decimal, group = ",", "."
		}
	case points > 1:
		group = "."
	case commas > 1:
		group = ","
	default:
		decimal = "."
		if commas == 1 {
			decimal = ","
		}
		own := "."
		if n.Comma {
			own = ","
		}
		if groupSingle && decimal != own && looksGrouped(mantissa, decimal) {
			decimal, group, ambiguous = "", decimal, true
		}
	}
	whole, fraction := mantissa, ""
	if decimal != "" {
		var found bool
		whole, fraction, found = strings.Cut(mantissa, decimal)
		if !found || strings.Contains(fraction, decimal) {
			return 0, false, false
		}
	}
	whole, ok = ungroup(whole, group)
	if !ok || !digits(fraction) || whole == "" && fraction == "" {
		return 0, false, false
	}
	if exponent != "" && !digits(strings.TrimLeft(exponent[1:], "+-")) {
		return 0, false, false
	}
	text := whole + "." + fraction + "0" + exponent
	if s[0] == '-' {
		text = "-0" + text
	} else {
		text = "0" + text
	}
	x, err := strconv.ParseFloat(text, 64)
	return x, ambiguous, err == nil
}

// plain says that s is an ordinary short whole number, the usual case.
func plain(s string) bool {
	if s == "" || len(s) > 15 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// looksGrouped: one to three digits, not beginning with 0, then the separator, then exactly three digits.
func looksGrouped(s, sep string) bool {
	a, b, _ := strings.Cut(s, sep)
	return len(b) == 3 && digits(b) && len(a) >= 1 && len(a) <= 3 && digits(a) && a[0] != '0'
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// ungroup takes grouping marks out of the whole part; group may be empty, spaces and apostrophes always count.
func ungroup(s, group string) (string, bool) {
	if digits(s) {
		return s, true
	}
	parts := strings.FieldsFunc(s, func(r rune) bool {
		return string(r) == group || r == '\'' || r == '\u2019' || unicode.IsSpace(r)
	})
	for i, p := range parts {
		if !digits(p) || i > 0 && len(p) != 3 || i == 0 && len(p) > 3 {
			return "", false
		}
	}
	if len(parts) < 2 {
		return "", false
	}
	return strings.Join(parts, ""), true
}

// Unwrap trims white space and undoes what spreadsheets do to force text: ="01234" and '01234.
func Unwrap(s string) string {
	s = strings.TrimSpace(s)
	if l := len(s); l >= 3 && s[0] == '=' && s[1] == '"' && s[l-1] == '"' {
		return strings.TrimSpace(s[2 : l-1])
	}
	if len(s) > 1 && s[0] == '\'' {
		return strings.TrimSpace(s[1:])
	}
	return s
}

// Key reads an official key (AGS with 8, ARS with 12, district with 5 digits …) as text. A spreadsheet that took it
// for a number lost one leading zero or added ".0": both are mended and mended says so. length 0 leaves the
// length alone.
func Key(s string, length int) (key string, mended bool) {
	key = Unwrap(s)
	for _, tail := range [...]string{".0", ",0"} {
		if k, ok := strings.CutSuffix(key, tail); ok && k != "" && digits(k) {
			key, mended = k, true
		}
	}
	if length > 0 && len(key) == length-1 && digits(key) {
		key, mended = "0"+key, true
	}
	return key, mended
}
