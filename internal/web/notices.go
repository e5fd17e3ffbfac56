package web

import (
	"net/http"
	"sort"
	"strings"

	"gevor/fault"
	"gevor/internal/web/ui"
	"gevor/notice"
)

// noticesView is what the page of import notices shows.
type noticesView struct {
	Counts []notice.Count
	Total  notice.Count
	Fields []ui.Select
	Groups []noticeGroup
	Found  int
	All    int // notices of the run
	Pager  ui.Pager
}

// noticeGroup holds the notices of one rule in one file: fifty times the same reads as one.
type noticeGroup struct {
	notice.Notice // severity, file, rule and advice of all
	Rows          []notice.Notice
}

// groupsPerPage is how many groups one page shows.
const groupsPerPage = 30

// allNotices are those of the imports and those of the analysis.
func (r *Run) allNotices() []notice.Notice {
	own := r.snapshot().Notices
	return append(own[:len(own):len(own)], r.Result.Notices...)
}

func notices(p *page) error {
	all := p.run.allNotices()
	v := noticesView{Counts: p.run.snapshot().Counts, Fields: p.noticeFields(all), All: len(all)}
	for _, c := range v.Counts {
		v.Total.Read += c.Read
		v.Total.Used += c.Used
		v.Total.Rejected += c.Rejected
	}
	file, rule, severity := p.first("file"), p.first("rule"), p.first("severity")
	if severity != "" && index(severities[:], func(x notice.Severity) bool { return x.String() == severity }) < 0 {
		return fault.New(fault.Invalid, "severity", "there is no severity \""+severity+"\"", "choose one of the list")
	}
	at := map[[2]string]int{}
	for _, n := range all {
		if file != "" && n.File != file || rule != "" && n.Rule != rule || severity != "" && n.Severity.String() != severity {
			continue
		}
		v.Found++
		key := [2]string{n.File, n.Rule}
		k, ok := at[key]
		if !ok {
			k = len(v.Groups)
			at[key] = k
			v.Groups = append(v.Groups, noticeGroup{Notice: n})
		}
		v.Groups[k].Severity = max(v.Groups[k].Severity, n.Severity)
		v.Groups[k].Rows = append(v.Groups[k].Rows, n)
	}
	sort.SliceStable(v.Groups, func(a, b int) bool { return v.Groups[a].Severity > v.Groups[b].Severity })
	pages := max(1, (len(v.Groups)+groupsPerPage-1)/groupsPerPage)
	n, err := p.pageNumber(pages)
	if err != nil {
		return err
	}
	v.Groups = v.Groups[(n-1)*groupsPerPage : min(n*groupsPerPage, len(v.Groups))]
	v.Pager = p.pager(n, pages)
	return p.render(http.StatusOK, p.T("web.nav.notices", nil), noticesPage(p, v))
}

var severities = [...]notice.Severity{notice.Reject, notice.Warning, notice.Info}

func (p *page) noticeFields(all []notice.Notice) []ui.Select {
	fields := []ui.Select{p.choice("severity", "web.field.severity"), p.choice("file", "web.field.file"), p.choice("rule", "web.field.rule")}
	bySeverity, byFile, byRule := map[string]int{}, map[string]int{}, map[string]int{}
	for _, n := range all {
		bySeverity[n.Severity.String()]++
		byFile[n.File]++
		byRule[n.Rule]++
	}
	for _, s := range severities {
		if n := bySeverity[s.String()]; n > 0 {
			fields[0].Options = append(fields[0].Options, ui.Option{Value: s.String(), Label: p.T("severity."+s.String(), nil), Count: p.Number(float64(n), 0)})
		}
	}
	fields[1].Options = p.counted(byFile, func(k string) string { return k })
	fields[2].Options = p.counted(byRule, p.rule)
	return fields
}

// counted turns counts by key into options in order of key.
func (p *page) counted(counts map[string]int, label func(string) string) []ui.Option {
	keys := make([]string, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	out := make([]ui.Option, len(keys))
	for i, k := range keys {
		out[i] = ui.Option{Value: k, Label: label(k), Count: p.Number(float64(counts[k]), 0)}
	}
	return out
}

// rule says what a rule found, in words where the catalogue has them, else by its name.
func (p *page) rule(name string) string {
	if key := "rule." + name; p.Has(key) {
		found, _, _ := strings.Cut(p.T(key, nil), ": ")
		return found
	}
	return strings.ReplaceAll(name, "-", " ")
}

// advice says what to do about a notice, and in which language: the catalogue's words where it has them for the
// rule, else those of the notice, which are English.
func (p *page) advice(n notice.Notice) (text, lang string) {
	if key := "rule." + n.Rule; p.Has(key) {
		if _, todo, ok := strings.Cut(p.T(key, nil), ": "); ok {
			return todo, p.Lang()
		}
	}
	return n.Advice, "en"
}
