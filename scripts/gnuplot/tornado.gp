# gnuplot -c tornado.gp TERMINAL OUTPUT DATA TITLE X Y CAPTION OPTIONS SERIES
# A row per term, the most important first: its name, the answer at its low and at its high end.
terminal = ARG1; output = ARG2; data = ARG3; title_text = ARG4; x_text = ARG5; y_text = ARG6
caption = ARG7; options = ARG8; rows = int(ARG9); key_rows = 2; entries = 2; names = 36
load ARG0[1:strlen(ARG0) - strlen("tornado.gp")]."style.gp"
base = number_of("base")
set style fill solid 0.85 noborder
if (in_terminal) { # no fillings: a bar is a row of its own letter
	set lmargin at screen (number_of("names") + 4.0) / number_of("columns")
	stats data using 2:3 nooutput
	low = STATS_min_x < STATS_min_y ? STATS_min_x : STATS_min_y
	high = STATS_max_x > STATS_max_y ? STATS_max_x : STATS_max_y
	set xrange [low:high]
	set yrange [rows - 0.4:-0.6]
	columns = number_of("columns") - number_of("names") - 7
	cell = (high - low) / columns
	lies(x, end) = x > (end < base ? end : base) - cell / 2 && x < (end > base ? end : base) + cell / 2
	plot data using (NaN):0:ytic(1) with points notitle, \
	     for [i=2:3] for [c=0:columns] data using (lies(low + c * cell, column(i)) ? low + c * cell : NaN):0 with points pt i - 1 notitle, \
	     NaN with points pt 1 title "at the low end of the price's range", \
	     NaN with points pt 2 title "at the high end"
} else {
	set grid xtics noytics
	set yrange [rows - 0.4:-0.6]
	set arrow 1 from base, graph 0 to base, graph 1 nohead lc rgb "#000000" lw 1.5
	plot data using (base):0:(base < $2 ? base : $2):(base < $2 ? $2 : base):($0 - 0.33):($0 + 0.33):ytic(1) with boxxyerror lc rgb colours[1] title "at the low end of the price's range", \
	     data using (base):0:(base < $3 ? base : $3):(base < $3 ? $3 : base):($0 - 0.33):($0 + 0.33) with boxxyerror lc rgb colours[2] title "at the high end"
}
