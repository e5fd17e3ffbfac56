# Carries the table "One machine" of docs/figures/scaling.md on to the people of Germany (people=84000000): by the straight
# line through the measured points (least squares) and by the power that the last two points show, which is the more
# careful where growth is not quite straight. Run by bench/scaling.
BEGIN { FS = " *[|] *" }
/^## / { here = /One machine/ }
here && $2 ~ /^[0-9]+$/ {
	n++
	x[n] = $2
	split($4 " " $5 " " $6 " " $7 " " $8 " " $9, word, " ")
	for (c = 1; c <= 6; c++) y[c, n] = word[2 * c - 1]
}
END {
	if (n < 2) exit 1
	split("wall,processor,peak memory,snapshot,travel causes findings,state on disk", name, ",")
	split("s,s,MiB,s,s,MiB", unit, ",")
	print "| | Line through all | Power of the last two | Exponent |"
	print "|---|---|---|---|"
	for (c = 1; c <= 6; c++) {
		sx = sy = sxx = sxy = 0
		for (i = 1; i <= n; i++) { sx += x[i]; sy += y[c, i]; sxx += x[i] ^ 2; sxy += x[i] * y[c, i] }
		b = (n * sxy - sx * sy) / (n * sxx - sx * sx)
		a = (sy - b * sx) / n
		e = log(y[c, n] / y[c, n - 1]) / log(x[n] / x[n - 1])
		printf "| %s | %s | %s | %.2f |\n", name[c], say(a + b * people, unit[c]), say(y[c, n] * (people / x[n]) ^ e, unit[c]), e
	}
}
function say(v, u) { return u == "s" ? sprintf("%.0f min", v / 60) : sprintf("%.1f GiB", v / 1024) }
