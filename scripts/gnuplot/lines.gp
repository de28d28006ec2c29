# gnuplot -c lines.gp TERMINAL OUTPUT DATA TITLE X Y CAPTION OPTIONS SERIES
# Blocks of "x  y  low  high  [tick]", each headed by the name of its line.
terminal = ARG1; output = ARG2; data = ARG3; title_text = ARG4; x_text = ARG5; y_text = ARG6
caption = ARG7; options = ARG8; series = int(ARG9); key_rows = series
load ARG0[1:strlen(ARG0) - strlen("lines.gp")]."style.gp"
if (series > 6 && !in_terminal) {
	set tmargin at screen 0.86
	set key outside right top vertical maxrows auto maxcols 1 reverse Left font small
}
if (!has("logy") && has("zero")) { set yrange [0:*] }
if (!has("logx") && has("zerox")) { set xrange [0:*] }
# lines that lie upon each other stay visible: the first ones are wider
width(i) = 2 + (series > 5 ? 8.0 / series : 1.6) * (series - 1 - i)
if (has("unit_interval")) { set yrange [0:1] }
slo = number_of("slo")
slo_unit = text_of("slo_unit")
if (slo == slo) {
	if (has("slo_x")) {
		set arrow 1 from slo, graph 0 to slo, graph 1 nohead lc rgb "#000000" lw 1.5 dt 2
		if (in_terminal) {
			set label 1 sprintf("SLO %.4g ", slo).slo_unit at slo, graph 0.5 left offset 2,0
		} else {
			set label 1 sprintf("SLO %.4g ", slo).slo_unit at slo, graph 0.5 rotate by 90 offset -1.2,0 center textcolor rgb "#222222"
		}
	} else {
		if (in_terminal) { set label 2 level_line at graph 0, first slo left back } else {
			set arrow 1 from graph 0, first slo to graph 1, first slo nohead lc rgb "#000000" lw 1.5 dt 2
		}
		set label 1 sprintf("SLO %.4g ", slo).slo_unit at graph 0.01, first slo left offset 0,(in_terminal ? 1 : 0.6) textcolor rgb "#222222"
	}
}
if (has("many") && !in_terminal) { set xtics rotate by 40 right font small; set bmargin at screen 0.26 }
band = in_terminal ? 0 : series
if (has("steps")) {
	plot for [i=0:series-1] data index i using 1:2 with steps lt (i % 8 + 1) lw width(i) title columnheader(1)
} else { if (has("category")) {
	set offsets 0.5, 0.5, 0, 0
	beside(i) = 0.06 * (i - (series - 1) / 2.0)
	if (in_terminal) {
		plot for [i=0:series-1] data index i using 1:2:(""):xtic(5) with labels notitle, \
		     for [i=0:series-1] data index i using ($1 + beside(i)):2 with points lt (i % 8 + 1) title columnheader(1)
	} else {
		plot for [i=0:series-1] data index i using 1:2:(""):xtic(5) with labels notitle, \
		     for [i=0:series-1] data index i using ($1 + beside(i)):2:3:4 with yerrorbars lt (i % 8 + 1) title columnheader(1)
	}
} else { if (has("plain")) {
	plot for [i=0:band-1] data index i using 1:3:4 with filledcurves fs transparent solid 0.22 noborder lc rgb colours[i % 8 + 1] notitle, \
	     for [i=0:series-1] data index i using 1:2 with lines lt (i % 8 + 1) lw width(i) title columnheader(1)
} else { if (has("ticks")) {
	plot for [i=0:band-1] data index i using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb colours[i % 8 + 1] notitle, \
	     for [i=0:series-1] data index i using 1:2:xtic(5) with linespoints lt (i % 8 + 1) lw width(i) title columnheader(1)
} else {
	plot for [i=0:band-1] data index i using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb colours[i % 8 + 1] notitle, \
	     for [i=0:series-1] data index i using 1:2 with linespoints lt (i % 8 + 1) lw width(i) title columnheader(1)
} } } }
