package directory

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dayWords are the names of days as people write them, in small letters without a full stop.
var dayWords = map[string]time.Weekday{
	"mo": time.Monday, "montag": time.Monday, "montags": time.Monday, "mon": time.Monday, "monday": time.Monday,
	"di": time.Tuesday, "dienstag": time.Tuesday, "dienstags": time.Tuesday, "tue": time.Tuesday, "tu": time.Tuesday, "tuesday": time.Tuesday,
	"mi": time.Wednesday, "mittwoch": time.Wednesday, "mittwochs": time.Wednesday, "wed": time.Wednesday, "we": time.Wednesday, "wednesday": time.Wednesday,
	"do": time.Thursday, "donnerstag": time.Thursday, "donnerstags": time.Thursday, "thu": time.Thursday, "th": time.Thursday, "thursday": time.Thursday,
	"fr": time.Friday, "freitag": time.Friday, "freitags": time.Friday, "fri": time.Friday, "friday": time.Friday,
	"sa": time.Saturday, "samstag": time.Saturday, "samstags": time.Saturday, "sonnabend": time.Saturday, "sat": time.Saturday, "saturday": time.Saturday,
	"so": time.Sunday, "sonntag": time.Sunday, "sonntags": time.Sunday, "sun": time.Sunday, "su": time.Sunday, "sunday": time.Sunday,
}

var weekWords = map[string]int{"1": 1, "1.": 1, "2": 2, "2.": 2, "3": 3, "3.": 3, "4": 4, "4.": 4, "5": 5, "5.": 5, "ersten": 1, "zweiten": 2, "dritten": 3, "vierten": 4}

var (
	timeRange = regexp.MustCompile(`(\d{1,2})(?:[:.](\d{2}))?\s*(?:uhr)?\s*(?:-|bis|to)\s*(\d{1,2})(?:[:.](\d{2}))?\s*(?:uhr)?`)
	dayRange  = regexp.MustCompile(`^([a-z]+)\s*(?:-|bis|to)\s*([a-z]+)$`)
	noise     = strings.NewReplacer("–", "-", "—", "-", "−", "-", " und ", ", ", " and ", ", ", "\t", " ", "&", ",")
)

// ParseHours reads opening hours as people type them: one line or several, parts separated by semicolons or line breaks,
// each with days and times: "Mo–Fr 8:00–12:00; Di, Do 14–18 Uhr; 1. Mi 9-11; Sa nach Vereinbarung 10–12". A part that
// cannot be read is given back as it stands, and nothing of it is guessed.
func ParseHours(text string) (slots []Slot, unread []string) {
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '\n' || r == '\r' }) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		s, ok := hoursPart(part)
		if !ok {
			unread = append(unread, strings.TrimSpace(part))
			continue
		}
		slots = append(slots, s...)
	}
	sortSlots(slots)
	return slices.Compact(slots), unread
}

func sortSlots(s []Slot) {
	monday := func(d time.Weekday) int { return (int(d) + 6) % 7 }
	slices.SortFunc(s, func(a, b Slot) int {
		return cmp.Or(cmp.Compare(monday(a.Day), monday(b.Day)), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Weeks, b.Weeks))
	})
}

func hoursPart(part string) ([]Slot, bool) {
	p := strings.ToLower(noise.Replace(" " + part + " "))
	byCall := false
	for _, words := range []string{"nach vereinbarung", "nach terminvereinbarung", "mit termin", "n.v.", "by appointment"} {
		if strings.Contains(p, words) {
			byCall, p = true, strings.ReplaceAll(p, words, " ")
		}
	}
	times := timeRange.FindAllStringSubmatchIndex(p, -1)
	if len(times) == 0 {
		return nil, false
	}
	days, weeks, ok := daysOf(p[:times[0][0]])
	if !ok {
		return nil, false
	}
	var out []Slot
	end := times[0][0]
	for _, m := range times {
		if strings.Trim(p[end:m[0]], " ,:") != "" { // between two times nothing may stand
			return nil, false
		}
		end = m[1]
		from, okFrom := minutes(p, m[2], m[3], m[4], m[5])
		to, okTo := minutes(p, m[6], m[7], m[8], m[9])
		if !okFrom || !okTo {
			return nil, false
		}
		if to <= from { // past midnight
			to += 24 * 60
		}
		if to-from > 18*60 {
			return nil, false
		}
		for _, d := range days {
			out = append(out, Slot{Day: d, From: from, To: to, Weeks: weeks, ByCall: byCall})
		}
	}
	return out, strings.Trim(p[end:], " ,.:") == ""
}

func minutes(p string, h0, h1, m0, m1 int) (int, bool) {
	h, err := strconv.Atoi(p[h0:h1])
	if err != nil || h > 24 {
		return 0, false
	}
	m := 0
	if m0 >= 0 {
		if m, err = strconv.Atoi(p[m0:m1]); err != nil || m > 59 || h == 24 && m > 0 {
			return 0, false
		}
	}
	return h*60 + m, true
}

// daysOf reads "mo-fr", "di, do", "1. und 3. mi", "täglich".
func daysOf(s string) (days []time.Weekday, weeks Weeks, ok bool) {
	s = strings.Trim(s, " ,:")
	if slices.Contains([]string{"täglich", "jeden tag", "daily", "mo-so"}, s) {
		return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}, 0, true
	}
	if s == "werktags" {
		s = "mo-fr"
	}
	for _, item := range strings.Split(s, ",") {
		words := strings.Fields(item)
		if len(words) > 0 && slices.Contains([]string{"jeden", "am", "immer"}, words[0]) {
			words = words[1:]
		}
		for len(words) > 0 && weekWords[words[0]] > 0 {
			weeks |= OnlyWeek(weekWords[words[0]])
			words = words[1:]
		}
		if len(words) > 0 && words[len(words)-1] == "im" || len(words) > 1 && words[len(words)-2] == "im" && words[len(words)-1] == "monat" {
			words = words[:max(0, len(words)-2)]
		}
		item = strings.ReplaceAll(strings.Join(words, " "), ".", "")
		if item == "" && weeks != 0 {
			continue
		}
		if m := dayRange.FindStringSubmatch(strings.ReplaceAll(item, " - ", "-")); m != nil {
			from, ok1 := dayWords[m[1]]
			to, ok2 := dayWords[m[2]]
			if !ok1 || !ok2 {
				return nil, 0, false
			}
			for d := from; ; d = (d + 1) % 7 {
				days = append(days, d)
				if d == to {
					break
				}
			}
			continue
		}
		d, known := dayWords[item]
		if !known {
			return nil, 0, false
		}
		days = append(days, d)
	}
	return days, weeks, len(days) > 0
}

var shortDays = [...]string{"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"}

// FormatHours writes slots so that ParseHours reads them back, days with the same times together.
func FormatHours(slots []Slot) string {
	type key struct {
		weeks  Weeks
		byCall bool
		times  string
	}
	perDay := map[time.Weekday]map[Weeks]map[bool][]string{}
	in := slices.Clone(slots)
	sortSlots(in)
	for _, s := range in {
		if perDay[s.Day] == nil {
			perDay[s.Day] = map[Weeks]map[bool][]string{}
		}
		if perDay[s.Day][s.Weeks] == nil {
			perDay[s.Day][s.Weeks] = map[bool][]string{}
		}
		perDay[s.Day][s.Weeks][s.ByCall] = append(perDay[s.Day][s.Weeks][s.ByCall], clock(s.From)+"–"+clock(s.To))
	}
	var keys []key
	days := map[key][]time.Weekday{}
	for i := 1; i <= 7; i++ {
		d := time.Weekday(i % 7)
		for w := Weeks(0); w < 1<<5; w++ {
			for _, byCall := range []bool{false, true} {
				if times := perDay[d][w][byCall]; len(times) > 0 {
					k := key{w, byCall, strings.Join(times, ", ")}
					if days[k] == nil {
						keys = append(keys, k)
					}
					days[k] = append(days[k], d)
				}
			}
		}
	}
	parts := make([]string, len(keys))
	for i, k := range keys {
		part := ""
		for n := 1; n <= 5; n++ {
			if k.weeks&OnlyWeek(n) != 0 {
				part += strconv.Itoa(n) + ". "
			}
		}
		part += dayList(days[k])
		if k.byCall {
			part += " nach Vereinbarung"
		}
		parts[i] = part + " " + k.times
	}
	return strings.Join(parts, "; ")
}

// dayList writes days from Monday on: three or more in a row as a stretch.
func dayList(days []time.Weekday) string {
	var out []string
	for i := 0; i < len(days); {
		j := i
		for j+1 < len(days) && days[j+1] == (days[j]+1)%7 {
			j++
		}
		if j-i >= 2 {
			out = append(out, shortDays[days[i]]+"–"+shortDays[days[j]])
			i = j + 1
			continue
		}
		out = append(out, shortDays[days[i]])
		i++
	}
	return strings.Join(out, ", ")
}

func clock(minutes int) string {
	minutes %= 24 * 60
	return fmt.Sprintf("%d:%02d", minutes/60, minutes%60)
}
