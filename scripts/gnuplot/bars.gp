# gnuplot -c bars.gp TERMINAL OUTPUT DATA TITLE X Y CAPTION OPTIONS SERIES
# A heading with the names of SERIES parts, then a row per bar: its name, and the parts.
terminal = ARG1; output = ARG2; data = ARG3; title_text = ARG4; x_text = ARG5; y_text = ARG6
caption = ARG7; options = ARG8; series = int(ARG9); key_rows = series
load ARG0[1:strlen(ARG0) - strlen("bars.gp")]."style.gp"
set style data histograms
set style histogram rowstacked
set style fill solid 0.9 border rgb "#ffffff"
set boxwidth 0.6
set yrange [0:*]
if (!in_terminal) {
	set grid noxtics ytics
	set tmargin at screen 0.86
	set key outside right top vertical reverse Left spacing 1.3 font small
}
if (has("many") && !in_terminal) { set xtics rotate by 40 right font small; set bmargin at screen 0.26 }
set key invert # as the parts lie upon each other
plot for [i=1:series] data using (column(i + 1)):xtic(1) lt 1 lc rgb colours[(i - 1) % 8 + 1] title columnheader(i + 1)
