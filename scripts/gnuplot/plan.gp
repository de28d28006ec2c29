# gnuplot -c plan.gp TERMINAL OUTPUT DATA TITLE X Y CAPTION OPTIONS SERIES
# A panel for each of the texts in Y (tabulators between them) and of the numbers in limits=A,B,...,
# with SERIES / panels blocks of "x  y  verdict" each, headed by the name of the line.
terminal = ARG1; output = ARG2; data = ARG3; title_text = ARG4; x_text = ARG5; y_text = ARG6
caption = ARG7; options = ARG8; series = int(ARG9)
y_names = y_text
y_text = ""
panels = 1
do for [i=1:strlen(y_names)] { if (substr(y_names, i, i) eq "\t") { panels = panels + 1 } }
lines = series / panels
array words[3] = ["met", "missed", "undecided"]
key_rows = lines + 3
entries = lines + 3
key_size = 12
load ARG0[1:strlen(ARG0) - strlen("plan.gp")]."style.gp"
limits = text_of("limits").","
# met, missed, undecided: told apart by form, the line by its colour
size(i) = 1 + 0.35 * (lines - 1 - i) # those that lie upon each other stay visible
array marks[3] = [7, 2, 6]
mark_of(i) = marks[i + 1]
if (in_terminal) { panels = 1 } # a terminal has no room for more
if (panels > 1) { set multiplot }
top = 0.805 - (in_terminal ? 0 : key_rows * key_size * 1.35 / 600.0)
height = (top - 0.165) / panels
if (!has("logx")) { set xrange [0:*] noextend }
do for [p=0:panels-1] {
	limit = real(head(limits, ","))
	if (!in_terminal) {
		set label 2 head(y_names, "\t") at graph 0, graph 1 left offset 0, 0.7 noenhanced font points_of(13) textcolor rgb "#222222"
		set tmargin at screen top - p * height
		set bmargin at screen top - (p + 1) * height + (p < panels - 1 ? 0.07 : 0)
		set lmargin at screen 0.08
		set rmargin at screen 0.97
		if (p == 1) { do for [i=96:99] { unset label i }; unset key }
		if (p == panels - 1) {
			set xlabel x_text noenhanced textcolor rgb "#222222"
			set format x "%g"
		} else {
			unset xlabel
			set format x ""
		}
	}
	limits = rest(limits, ",", 1)
	y_names = rest(y_names, "\t", 1)
	set yrange [0:1.15 * limit < *]
	set offsets graph 0.02, graph 0.02, graph 0.08, 0
	if (in_terminal) {
		set label 1 level_line at graph 0, first limit left back
	} else {
		set arrow 1 from graph 0, first limit to graph 1, first limit nohead lc rgb "#000000" lw 1.5 dt 2
	}
	plot for [i=0:lines-1] data index p * lines + i using 1:2 with lines lt (i % 8 + 1) lw 2 * size(i) title columnheader(1), \
	     for [v=0:2] for [i=0:lines-1] data index p * lines + i using 1:($3 == v ? $2 : NaN) with points pt mark_of(v) ps 0.9 * size(i) lw 2 lc rgb colours[i % 8 + 1] notitle, \
	     for [v=0:2] NaN with points pt mark_of(v) ps 1.1 lw 2 lc rgb "#000000" title words[v + 1]
}
if (panels > 1) { unset multiplot }
