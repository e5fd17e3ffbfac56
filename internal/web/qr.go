package web

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/skip2/go-qrcode"
)

// qrPath draws a text as a QR code: the width of the drawing in modules, quiet ground included, and the path of what is
// dark. A text that fits into no code gives an empty path; whoever shows it writes the text out beside it.
func qrPath(text string) (size, d string) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return "0", ""
	}
	var b strings.Builder
	rows := code.Bitmap()
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return strconv.Itoa(len(rows)), b.String()
}
