package find

import "strings"

// stemRussian takes the endings of declension, conjugation and derivation off a folded Russian word, after the Russian
// stemmer of the Snowball project (M. Porter, snowballstem.org/algorithms/russian/stemmer.html), on letters that fold has
// already joined: ё is е and й is и, so that the step of the verbs takes no й after а or я; the last step takes it as и.
//
// TestRussianStems compares it with the published program.
func stemRussian(w string) string {
	r := []rune(w)
	first := region(r, 0)
	if first >= len(r) {
		return w
	}
	head, rest := string(r[:first]), string(r[first:])
	if cut, ok := ended(rest, russianGerunds(), russianGerundsAfterA()); ok {
		rest = cut
	} else {
		rest, _ = ended(rest, []string{"ся", "сь"}, nil)
		if cut, ok := ended(rest, russianAdjectives(), nil); ok {
			rest, _ = ended(cut, []string{"ивш", "ывш", "ующ"}, []string{"ем", "нн", "вш", "ющ", "щ"})
		} else if cut, ok := ended(rest, russianVerbs(), russianVerbsAfterA()); ok {
			rest = cut
		} else {
			rest, _ = ended(rest, russianNouns(), nil)
		}
	}
	rest = strings.TrimSuffix(rest, "и")
	if second := region(r, region(r, first)-1); len([]rune(head+rest)) > second {
		for _, e := range []string{"ость", "ост"} {
			if s, ok := strings.CutSuffix(rest, e); ok && len([]rune(head+s)) >= second {
				rest = s
				break
			}
		}
	}
	for _, e := range []string{"еише", "еиш"} {
		if s, ok := strings.CutSuffix(rest, e); ok {
			rest = s
			break
		}
	}
	if s, ok := strings.CutSuffix(rest, "нн"); ok {
		rest = s + "н"
	}
	return head + strings.TrimSuffix(rest, "ь")
}

// region gives where the part after the first vowel at or behind a place begins, the length of the word where none does.
func region(r []rune, from int) int {
	for i := max(from, 0); i < len(r); i++ {
		if strings.ContainsRune("аеиоуыэюя", r[i]) {
			return i + 1
		}
	}
	return len(r)
}

// ended takes off the longest ending that stands there. Those of the second list count only behind а or я, which stay.
func ended(w string, endings, afterA []string) (string, bool) {
	best := ""
	for _, e := range endings {
		if len(e) > len(best) && strings.HasSuffix(w, e) {
			best = e
		}
	}
	for _, e := range afterA {
		if len(e) > len(best) && (strings.HasSuffix(w, "а"+e) || strings.HasSuffix(w, "я"+e)) {
			best = e
		}
	}
	return strings.TrimSuffix(w, best), best != ""
}

func russianGerunds() []string {
	return []string{"ив", "ивши", "ившись", "ыв", "ывши", "ывшись"}
}

func russianGerundsAfterA() []string { return []string{"в", "вши", "вшись"} }

func russianAdjectives() []string {
	return strings.Fields("ее ие ые ое ими ыми еи ии ыи ои ем им ым ом его ого ему ому их ых ую юю ая яя ою ею")
}

func russianVerbs() []string {
	return strings.Fields("ила ыла ена еите уите ите или ыли еи уи ил ыл им ым ен ило ыло ено ят ует уют ит ыт ены ить ыть ишь ую ю")
}

func russianVerbsAfterA() []string {
	return strings.Fields("ла на ете ите ли и л ем н ло но ет ют ны ть ешь нно")
}

func russianNouns() []string {
	return strings.Fields("а ев ов ие ье е иями ями ами еи ии и иеи ои иям ям ием ем ам ом о у ах иях ях ы ь ию ью ю ия ья я")
}
