# gnuplot -c plan.gp TERMINAL OUTPUT DATA TITLE X Y CAPTION OPTIONS SERIES
# A panel for each of the names in Y (tabulators between them) and of the numbers in limits=A,B,...,
# with SERIES / panels blocks of "x  y  verdict" each, headed by the name of the line.
terminal = ARG1; output = ARG2; data = ARG3; title_text = ARG4; x_text = ARG5; y_text = ARG6
caption = ARG7; options = ARG8; series = int(ARG9)
y_names = y_text
y_text = ""
load ARG0[1:strlen(ARG0) - strlen("plan.gp")]."style.gp"
limits = text_of("limits").","
panels = 1
do for [i=1:strlen(y_names)] { if (substr(y_names, i, i) eq "\t") { panels = panels + 1 } }
lines = series / panels
# the first of them, and what is left behind it
head(text, mark) = strstrt(text, mark) == 0 ? text : text[1:strstrt(text, mark) - 1]
rest(text, mark) = strstrt(text, mark) == 0 ? "" : text[strstrt(text, mark) + 1:*]
# met, missed, undecided: told apart by form, the line by its colour
size(i) = 1 + 0.35 * (lines - 1 - i) # those that lie upon each other stay visible
array marks[3] = [7, 2, 6]
array words[3] = ["met", "missed", "undecided"]
mark_of(i) = marks[i + 1]
set key outside top center horizontal reverse Left samplen 2 width 1
if (terminal ne "txt") { set key font ",12" }
if (terminal eq "txt") { panels = 1 } # it has no room for more
if (panels > 1) {
	set bmargin at screen 0
	set multiplot
	unset title
	unset label 99
}
top = 0.85
height = (top - 0.13) / panels
do for [p=0:panels-1] {
	limit = real(head(limits, ","))
	set ylabel head(y_names, "\t") noenhanced
	limits = rest(limits, ",")
	y_names = rest(y_names, "\t")
	if (panels > 1) {
		set tmargin at screen top - p * height
		set bmargin at screen top - (p + 1) * height + (p < panels - 1 ? 0.035 : 0)
		set lmargin at screen 0.11
		set rmargin at screen 0.97
		set ylabel offset 1,0 font panels > 2 ? ",9" : ",12"
		if (p == 0) {
			set label 98 title_text at screen 0.53, screen 0.965 center noenhanced font title_width > 50 ? ",12" : ",15"
			set key at screen 0.53, screen 0.93 center top horizontal reverse Left
		} else { unset label 98; unset key }
		if (p == panels - 1) {
			set xlabel x_text noenhanced
			set format x "%g"
			set label 99 caption at screen 0.99, screen 0.015 right noenhanced font ",10" textcolor rgb "#555555"
		} else {
			unset xlabel
			set format x ""
		}
	}
	set yrange [0:1.15 * limit < *]
	set offsets graph 0.02, graph 0.02, graph 0.08, 0
	set arrow 1 from graph 0, first limit to graph 1, first limit nohead lc rgb "#000000" lw 1.5 dt 2
	set label 1 sprintf("at most %.6g", limit) at graph 0.01, first limit left offset 0,0.6 front
	if (terminal ne "txt") { set label 1 font ",12" }
	plot for [i=0:lines-1] data index p * lines + i using 1:2 with lines lt (i % 8 + 1) lw 2 * size(i) title columnheader(1), \
	     for [v=0:2] for [i=0:lines-1] data index p * lines + i using 1:($3 == v ? $2 : NaN) with points pt mark_of(v) ps 0.9 * size(i) lw 2 lc rgb colours[i % 8 + 1] notitle, \
	     for [v=0:2] NaN with points pt mark_of(v) ps 1.1 lw 2 lc rgb "#000000" title words[v + 1]
}
if (panels > 1) { unset multiplot }
