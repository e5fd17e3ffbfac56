package app

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gevor/internal/realdata"
)

// call runs one command line and gives its exit code and what it printed.
func call(args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = Main(context.Background(), args, strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

func put(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Three villages on a road at kilometres 0, 4 and 10 with 5, 1 and 2 people, and sites in the outer two. One site: in
// the first people travel 1·4 + 2·10 = 24, in the last 5·10 + 1·6 = 56. With the last fixed and the first new, 1·4.
func TestCalcSiteByHand(t *testing.T) {
	matrix := put(t, "m.csv", "from,to,cost\na,a,0\nb,a,4\nc,a,10\na,c,10\nb,c,6\nc,c,0\n")
	table := put(t, "t.csv", "village,a,c\na,0,10\nb,4,6\nc,10,0\n")
	demand := put(t, "d.csv", "id,value\na,5\nb,1\nc,2\n")
	fixed := put(t, "s.csv", "id,fixed,price,capacity\na,,3,6\nc,yes,1,\n")
	points := put(t, "d.geojson", `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"id":"a","value":5},"geometry":{"type":"Point","coordinates":[7,51]}},
{"type":"Feature","properties":{"id":"b","value":1},"geometry":{"type":"Point","coordinates":[7.04,51]}}]}`)
	for _, c := range []struct {
		name, args, out, errs string
	}{
		{"one", "pmedian --matrix M --demand D --places 1", "site,state,demand,weight,cost\na,new,a,5,0\na,new,b,1,4\na,new,c,2,10\n", "pmedian: 24 with 1 new places, proved best"},
		{"table", "pmedian --table T --demand D --places 1", "a,new,c,2,10\n", "pmedian: 24 "},
		{"fixed and capacity", "pmedian --matrix M --demand D --sites S --budget 3", "a,new,a,5,0\na,new,b,1,4\nc,fixed,c,2,0\n", "pmedian: 4 with 1 new places"},
		{"too dear", "pmedian --matrix M --demand D --sites S --budget 2", "c,fixed,a,5,10\n", "pmedian: 56 with 0 new places"},
		{"cover", "lscp --matrix M --within 6", "", "lscp: 2 with 2 new places, proved best"},
		{"most", "mclp --matrix M --demand D --within 5 --places 1", "a,new,b,1,4\n", "mclp: 6 with 1 new places"},
		{"centre", "pcenter --matrix M --places 1", "", "pcenter: 10 with 1 new places"},
		{"points", "mclp --demand P --sites P --within 10 --places 1", "a,new,a,5,0\n", "mclp: 5 with"},
	} {
		args := strings.NewReplacer("M", matrix, "T", table, "D", demand, "S", fixed, "P", points).Replace(c.args)
		code, out, errs := call(append([]string{"calc", "site"}, strings.Fields(args)...)...)
		if code != 0 || !strings.Contains(out, c.out) || !strings.Contains(errs, c.errs) {
			t.Errorf("%s: %d\n%s%s", c.name, code, out, errs)
		}
	}
}

func TestCalcSiteSaysWhatIsWrong(t *testing.T) {
	good := "from,to,cost\na,x,1\nb,x,9\n"
	for _, c := range []struct {
		name, args, file, want string
		code                   int
	}{
		{"text for a number", "pcenter --places 1 --matrix F", "from,to,cost\na,x,1\nb,x,5,0\n", "f.csv:3", 1},
		{"decimal comma", "pcenter --places 1 --matrix F", "from,to,cost\na,x,1\nb,x,\"5,0\"\n", `f.csv:3: cost "5,0" is not a number`, 1},
		{"negative", "pcenter --places 1 --matrix F", "from,to,cost\na,x,-1\n", "f.csv:2", 1},
		{"out of reach", "lscp --within 5 --matrix F", good, "1 demands (the first is number 2) with a weight of 1 are out of reach", 1},
		{"no limit", "pmedian --matrix F", good, "needs --places or --budget", 2},
		{"two sources", "pmedian --places 1 --matrix F --orlib F", good, "give the costs once", 2},
		{"edge without end", "pmedian --orlib F", "2 2 1\n1 2 5\n", "f.csv:2: the file ends too early", 1},
		{"edge to nowhere", "pmedian --orlib F", "2 1 1\n1 3 5\n", "f.csv:2: edge 1–3", 1},
		{"one edge more", "pmedian --orlib F", "2 1 1\n1 2 5\n1 2 6\n", "f.csv:3: there is more than the 1 edges", 1},
		{"column twice", "pmedian --places 1 --table F", "id,x,x\na,1,2\n", "f.csv:1: the name of column 3", 1},
	} {
		path := put(t, "f.csv", c.file)
		code, out, errs := call(append([]string{"calc", "site"}, strings.Fields(strings.ReplaceAll(c.args, "F", path))...)...)
		if code != c.code || !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("%s: %d %q\n%s", c.name, code, errs, out)
		}
	}
}

// The command reads the files of OR-Library themselves; siting.TestPmed proves the rest of them.
func TestCalcSiteOnOrlib(t *testing.T) {
	dir := realdata.Dir(t, "pmed")
	for k, want := range []int{5819, 4093, 4250, 3034, 1355} {
		code, _, errs := call("calc", "site", "pmedian", "--orlib", filepath.Join(dir, fmt.Sprintf("pmed%d.txt", k+1)))
		if code != 0 || !strings.HasPrefix(errs, fmt.Sprintf("pmedian: %d with ", want)) || !strings.Contains(errs, "proved best") {
			t.Errorf("pmed%d: %d %s", k+1, code, errs)
		}
	}
}
