# gnuplot -c tornado.gp TERMINAL OUTPUT DATA TITLE X Y CAPTION OPTIONS SERIES
# A row per term, the most important first: its name, the answer at its low and at its high end.
terminal = ARG1; output = ARG2; data = ARG3; title_text = ARG4; x_text = ARG5; y_text = ARG6
caption = ARG7; options = ARG8; rows = int(ARG9); key_rows = 1; entries = 2; names = 36
load ARG0[1:strlen(ARG0) - strlen("tornado.gp")]."style.gp"
base = number_of("base")
set yrange [rows - 0.4:-0.6]
set style fill solid 0.85 noborder
set arrow 1 from base, graph 0 to base, graph 1 nohead lc rgb "#000000" lw 1.5
if (in_terminal) {
	set lmargin at screen (number_of("names") + 4.0) / number_of("columns")
	plot data using (base):0:(base - $2 < $3 - base ? base : $2):($3 > $2 ? $3 : $2):ytic(1) with xerrorbars title "low end to high end of the range"
} else {
	set grid xtics noytics
	plot data using (base):0:(base < $2 ? base : $2):(base < $2 ? $2 : base):($0 - 0.33):($0 + 0.33):ytic(1) with boxxyerror lc rgb colours[1] title "at the low end of the price's range", \
	     data using (base):0:(base < $3 ? base : $3):(base < $3 ? $3 : base):($0 - 0.33):($0 + 0.33) with boxxyerror lc rgb colours[2] title "at the high end"
}
