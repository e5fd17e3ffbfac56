package cli

import (
	"bytes"
	"errors"
	"io"
	"sort"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// parquetAsCSV writes a Parquet file as the CSV that gevor matrix would: from, to, and the others by name.
func parquetAsCSV(t *testing.T, raw string) string {
	t.Helper()
	file, err := parquet.OpenFile(bytes.NewReader([]byte(raw)), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	place := map[string]int{}
	for i, path := range file.Schema().Columns() {
		place[path[0]] = i
		if path[0] != "from" && path[0] != "to" {
			columns = append(columns, path[0])
		}
	}
	sort.Strings(columns)
	columns = append([]string{"from", "to"}, columns...)
	out := []string{strings.Join(columns, ",")}
	for _, group := range file.RowGroups() {
		rows := group.Rows()
		buffer := make([]parquet.Row, 16)
		for {
			n, err := rows.ReadRows(buffer)
			for _, row := range buffer[:n] {
				values := make([]string, len(columns))
				for i, name := range columns {
					if v := row[place[name]]; !v.IsNull() {
						values[i] = v.String()
					}
				}
				out = append(out, strings.Join(values, ","))
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(out, "\n") + "\n"
}
