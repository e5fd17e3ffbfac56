package indicator

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Grain is how long a period lasts.
type Grain uint8

// The grains, longest first. A Day is a day of reference: the state on it, not what happened in it.
const (
	Year Grain = iota
	Half
	Quarter
	Month
	Week
	Day
)

var grainNames = [...]string{"year", "half", "quarter", "month", "week", "day"}

// String gives the word of files.
func (g Grain) String() string { return grainNames[min(int(g), len(grainNames)-1)] }

// Period is a stretch of time that a figure is about. The zero value is none.
type Period struct {
	Grain Grain
	Start time.Time // first day, midnight UTC
}

// periodForms are the ways offices write periods, each with the number of its part after the year.
var periodForms = []struct {
	form  *regexp.Regexp
	grain Grain
}{
	{regexp.MustCompile(`^(\d{4})(?:\.0)?$`), Year},
	{regexp.MustCompile(`^(\d{4})[-/ ]?(?:H|HJ|Halbjahr )([12])$`), Half},
	{regexp.MustCompile(`^(\d{4})[-/ ]?(?:Q|Quartal )([1-4])$`), Quarter},
	{regexp.MustCompile(`^(\d{4})[-/](\d{2})$`), Month},
	{regexp.MustCompile(`^(\d{4})-?(?:W|KW ?)(\d{1,2})$`), Week},
}

var (
	reversedMonth = regexp.MustCompile(`^(\d{2})[./](\d{4})$`)
	germanDay     = regexp.MustCompile(`^(\d{1,2})\.(\d{1,2})\.(\d{4})$`)
)

// ParsePeriod reads a period as offices write it: 2024, 2024-H1, 2024-Q3, 2024-05 or 05/2024, 2024-W17 (ISO weeks),
// 2024-12-31 or 31.12.2024. ok is false for anything else, numbers of spreadsheet dates included.
func ParsePeriod(s string) (p Period, ok bool) {
	s = strings.TrimSpace(s)
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return within(Period{Day, t})
	}
	if m := germanDay.FindStringSubmatch(s); m != nil {
		t, err := time.Parse("2.1.2006", s)
		if err != nil {
			return Period{}, false
		}
		return within(Period{Day, t})
	}
	if m := reversedMonth.FindStringSubmatch(s); m != nil {
		s = m[2] + "-" + m[1]
	}
	for _, f := range periodForms {
		m := f.form.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		year, _ := strconv.Atoi(m[1]) // four digits
		part := 1
		if len(m) > 2 {
			part, _ = strconv.Atoi(m[2]) // one or two digits
		}
		return f.grain.of(year, part)
	}
	return Period{}, false
}

// of gives the part-th period of a year.
func (g Grain) of(year, part int) (Period, bool) {
	first := func(month int) time.Time { return time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC) }
	switch g {
	case Year:
		return within(Period{Year, first(1)})
	case Half:
		return within(Period{Half, first(6*part - 5)})
	case Quarter:
		return within(Period{Quarter, first(3*part - 2)})
	case Month:
		if part < 1 || part > 12 {
			return Period{}, false
		}
		return within(Period{Month, first(part)})
	case Week:
		// 4 January lies in week 1.
		fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)
		monday := fourth.AddDate(0, 0, -int(fourth.Weekday()+6)%7+7*(part-1))
		if y, w := monday.ISOWeek(); y != year || w != part {
			return Period{}, false
		}
		return within(Period{Week, monday})
	case Day:
	}
	return Period{}, false
}

// within bounds what counts as a period: years from 1900 to 2100, so that other numbers are not taken for years.
func within(p Period) (Period, bool) {
	if y := p.Start.Year(); y < 1900 || y > 2100 {
		return Period{}, false
	}
	return p, true
}

// Valid says whether the period is one.
func (p Period) Valid() bool { return !p.Start.IsZero() }

// String writes the period as ParsePeriod reads it.
func (p Period) String() string {
	if !p.Valid() {
		return ""
	}
	y, m, _ := p.Start.Date()
	switch p.Grain {
	case Year:
		return strconv.Itoa(y)
	case Half:
		return fmt.Sprintf("%d-H%d", y, (int(m)+5)/6)
	case Quarter:
		return fmt.Sprintf("%d-Q%d", y, (int(m)+2)/3)
	case Month:
		return fmt.Sprintf("%d-%02d", y, int(m))
	case Week:
		wy, w := p.Start.ISOWeek()
		return fmt.Sprintf("%d-W%02d", wy, w)
	case Day:
	}
	return p.Start.Format(time.DateOnly)
}

// End is the first day after the period.
func (p Period) End() time.Time {
	switch p.Grain {
	case Year:
		return p.Start.AddDate(1, 0, 0)
	case Half:
		return p.Start.AddDate(0, 6, 0)
	case Quarter:
		return p.Start.AddDate(0, 3, 0)
	case Month:
		return p.Start.AddDate(0, 1, 0)
	case Week:
		return p.Start.AddDate(0, 0, 7)
	case Day:
	}
	return p.Start.AddDate(0, 0, 1)
}

// Next is the period after it, of the same length.
func (p Period) Next() Period { return Period{p.Grain, p.End()} }

// Compare orders periods by their first day, then the longer first.
func (p Period) Compare(q Period) int {
	if c := p.Start.Compare(q.Start); c != 0 {
		return c
	}
	return cmp.Compare(p.Grain, q.Grain)
}

// MarshalText writes the period as String.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (p *Period) UnmarshalText(b []byte) error {
	q, ok := ParsePeriod(string(b))
	if !ok && len(b) > 0 {
		return invalid("", fmt.Sprintf("%q is no period", b), "write 2024, 2024-H1, 2024-Q3, 2024-05, 2024-W17 or 2024-12-31")
	}
	*p = q
	return nil
}
