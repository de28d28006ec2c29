# gnuplot -c shares.gp TERMINAL OUTPUT DATA TITLE X Y CAPTION OPTIONS SERIES
# SERIES rows, the longest bar first: its name, its length, and what stands behind it.
terminal = ARG1; output = ARG2; data = ARG3; title_text = ARG4; x_text = ARG5; y_text = ARG6
caption = ARG7; options = ARG8; rows = int(ARG9)
load ARG0[1:strlen(ARG0) - strlen("shares.gp")]."style.gp"
unset key
set yrange [rows - 0.4:-0.6]
set xrange [0:number_of("xhigh") * 1.35]
set style fill solid 0.9 noborder
if (in_terminal) { set lmargin at screen (number_of("names") + 4.0) / number_of("columns") } else { set grid xtics noytics; set tmargin at screen 0.86 }
if (in_terminal) {
	plot data using (0):0:2:(0):ytic(1) with vectors nohead notitle, \
	     data using 2:0:3 with labels left offset 2,0 notitle
} else {
	plot data using (0):0:(0):2:($0 - 0.36):($0 + 0.36):ytic(1) with boxxyerror lc rgb colours[1] notitle, \
	     data using 2:0:3 with labels left offset 1,0 noenhanced textcolor rgb "#222222" notitle
}
