package spatial

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"gevor/fault"
)

// galLineBytes bounds one line of a GAL file.
const galLineBytes = 16 << 20

// ReadGAL reads neighbours from a GAL file, the plain format of GeoDa and PySAL: a header with the number of areas
// ("49", or "0 49 columbus POLYID"), then for each area a line "id count" and a line with that many ids of
// neighbours; the second line is empty or absent where count is 0. It gives the ids in the order of the file and
// binary weights. Errors carry name:line. FuzzGAL, TestGAL.
func ReadGAL(in io.Reader, name string) ([]string, *Weights, error) {
	r := galReader{scan: bufio.NewScanner(in), name: name}
	r.scan.Buffer(nil, galLineBytes)
	header, ok := r.next()
	if !ok {
		return nil, nil, r.fail("the file is empty", "write the number of areas in the first line")
	}
	count := header[0]
	if len(header) > 1 {
		count = header[1]
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 {
		return nil, nil, r.fail(fmt.Sprintf("%q is not a number of areas", count), "write the number of areas in the first line")
	}
	var ids []string
	index := map[string]int32{}
	type row struct {
		line  int
		names []string
	}
	var rows []row
	for {
		head, ok := r.next()
		if !ok {
			break
		}
		k := -1
		if len(head) == 2 {
			if v, err := strconv.Atoi(head[1]); err == nil {
				k = v
			}
		}
		if k < 0 {
			return nil, nil, r.fail(fmt.Sprintf("%q is not an id and a number of neighbours", strings.Join(head, " ")), "write \"id count\", then a line with the neighbours")
		}
		if _, twice := index[head[0]]; twice {
			return nil, nil, r.fail(fmt.Sprintf("area %q stands twice", head[0]), "keep one")
		}
		index[head[0]] = int32(len(ids))
		ids = append(ids, head[0])
		var names []string
		if k > 0 {
			names, _ = r.next()
		}
		if len(names) != k {
			return nil, nil, r.fail(fmt.Sprintf("%d neighbours of %q where %d are announced", len(names), head[0], k), "correct the count or the list")
		}
		rows = append(rows, row{r.line, names})
	}
	if err := r.scan.Err(); err != nil {
		return nil, nil, fault.Wrap(fault.Invalid, fmt.Sprintf("%s:%d", name, r.line+1), "cannot be read", "keep lines below 16 MB", err)
	}
	if len(ids) != n {
		return nil, nil, r.fail(fmt.Sprintf("%d areas where the header says %d", len(ids), n), "correct the header, or complete the file")
	}
	var links []Link
	for i, row := range rows {
		r.line = row.line
		seen := map[int32]bool{int32(i): true}
		for _, other := range row.names {
			j, known := index[other]
			if !known {
				return nil, nil, r.fail(fmt.Sprintf("neighbour %q of %q is no area of this file", other, ids[i]), "give it a line of its own")
			}
			if seen[j] {
				return nil, nil, r.fail(fmt.Sprintf("%q lists %q twice or lists itself", ids[i], other), "keep each neighbour once")
			}
			seen[j] = true
			links = append(links, Link{int32(i), j, 1})
		}
	}
	w, err := NewWeights(n, links)
	return ids, w, err
}

// WriteGAL writes neighbours as ReadGAL reads them; weights are lost.
func WriteGAL(out io.Writer, ids []string, w *Weights) error {
	b := bufio.NewWriter(out)
	fmt.Fprintf(b, "%d\n", w.Len())
	for i, id := range ids {
		to, _ := w.Row(i)
		fmt.Fprintf(b, "%s %d\n", id, len(to))
		for k, j := range to {
			if k > 0 {
				fmt.Fprint(b, " ")
			}
			fmt.Fprint(b, ids[j])
		}
		fmt.Fprintln(b)
	}
	return b.Flush()
}

type galReader struct {
	scan *bufio.Scanner
	name string
	line int
}

// next gives the fields of the next line that is not blank.
func (r *galReader) next() ([]string, bool) {
	for r.scan.Scan() {
		r.line++
		if f := strings.Fields(r.scan.Text()); len(f) > 0 {
			return f, true
		}
	}
	return nil, false
}

func (r *galReader) fail(what, advice string) error {
	return fault.New(fault.Invalid, fmt.Sprintf("%s:%d", r.name, max(r.line, 1)), what, advice)
}
