# gnuplot -c hosts.gp TERMINAL OUTPUT DATA TITLE X Y CAPTION OPTIONS SERIES
# A panel for each of SERIES blocks of "x  median  least  tenth  nine-tenths  most", in percent,
# headed by what it shows. tops=A,B,...: how high a panel is. In a terminal the most, in one panel.
terminal = ARG1; output = ARG2; data = ARG3; title_text = ARG4; x_text = ARG5; y_text = ARG6
caption = ARG7; options = ARG8; series = int(ARG9); key_rows = series; key_size = 13
load ARG0[1:strlen(ARG0) - strlen("hosts.gp")]."style.gp"
tops = text_of("tops").","
top_of(p) = real(head(rest(tops, ",", p), ","))
power_below(x) = 10.0 ** floor(log10(x))
round_step(x) = power_below(x) * (x <= 2 * power_below(x) ? 2 : x <= 5 * power_below(x) ? 5 : 10)
set xrange [0:number_of("longest")]
if (in_terminal) {
	set yrange [0:115]
	set label 1 level_line at graph 0, first 100 left back
	plot for [p=0:series-1] data index p using 1:6 with lines title columnheader(1)
} else {
	top = 0.83
	height = (top - 0.165) / series
	set lmargin at screen 0.1
	set rmargin at screen 0.97
	unset ylabel # it would stand where the marks of its panel leave room
	set multiplot
	do for [p=0:series-1] {
		set tmargin at screen top - p * height
		set bmargin at screen top - (p + 1) * height + (p < series - 1 ? 0.07 : 0)
		set label 2 y_text at screen 0.022, graph 0.5 center rotate by 90 textcolor rgb "#222222"
		set key at graph 0, graph 1.02 left bottom Left reverse samplen 2 font key_font
		if (p == 1) { do for [i=96:99] { unset label i } }
		is_last = p == series - 1
		if (is_last) { set xlabel x_text; set format x "%g" } else { unset xlabel; set format x "" }
		set yrange [0:top_of(p)]
		unset arrow 1
		if (top_of(p) > 100) {
			set ytics 0, 25, 100
			set arrow 1 from graph 0, first 100 to graph 1, first 100 nohead lc rgb "#000000" lw 1.5 dt 2
		} else { set ytics round_step(top_of(p) / 3) }
		plot data index p using 1:3:6 with filledcurves fs transparent solid 0.18 noborder lc rgb colours[p + 1] notitle, \
		     data index p using 1:4:5 with filledcurves fs transparent solid 0.35 noborder lc rgb colours[p + 1] notitle, \
		     data index p using 1:2 with lines lt p + 1 dt 1 title columnheader(1)
	}
	unset multiplot
}
