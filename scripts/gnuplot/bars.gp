# gnuplot -c bars.gp TERMINAL OUTPUT DATA TITLE X Y CAPTION OPTIONS SERIES
# A heading with the names of SERIES parts, then a row per bar: its name, and the parts. top=: of the
# highest one. A terminal has no fillings: each part is an area of its own letter.
terminal = ARG1; output = ARG2; data = ARG3; title_text = ARG4; x_text = ARG5; y_text = ARG6
caption = ARG7; options = ARG8; series = int(ARG9); key_rows = series
load ARG0[1:strlen(ARG0) - strlen("bars.gp")]."style.gp"
set yrange [0:*]
if (in_terminal) {
	top = number_of("top")
	rows = number_of("lines")
	set yrange [0:1.05 * top]
	set offsets 0.5, 0.5, 0, 0
	set key invert
	stats data skip 1 using 0 nooutput
	wide = ceil(0.3 * number_of("columns") / STATS_records) # half of a bar, in columns
	below(i) = i < 1 ? 0 : sum [k=2:i+1] column(k)
	height(row) = (row + 0.5) * top / rows
	plot data skip 1 using 0:(0):xtic(1) with points pt 0 notitle, \
	     for [i=1:series] for [row=0:rows-1] for [c=-wide:wide] data skip 1 using ($0 + 0.3 * c / wide):(height(row) >= below(i - 1) && height(row) < below(i) ? height(row) : NaN) with points pt i notitle, \
	     for [i=1:series] data using 0:(NaN) with points pt i title columnheader(i + 1)
} else {
	set style data histograms
	set style histogram rowstacked
	set style fill solid 0.9 border rgb "#ffffff"
	set boxwidth 0.6
	set grid noxtics ytics
	set tmargin at screen 0.86
	set key outside right top vertical maxrows auto maxcols 1 reverse Left spacing 1.3 font small
	if (has("many")) { set xtics rotate by 40 right font small; set bmargin at screen 0.26 }
	set key invert # as the parts lie upon each other
	plot for [i=1:series] data using (column(i + 1)):xtic(1) lt 1 lc rgb colours[(i - 1) % 8 + 1] title columnheader(i + 1)
}
