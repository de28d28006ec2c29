# gnuplot -c parity.gp TERMINAL OUTPUT DATA TITLE X Y CAPTION OPTIONS SERIES
# Blocks of "published  ratio  low  high", each headed by the name of its table. The line at 1 is
# agreement, the grey band a tenth to both sides; low and high are the ends of a prediction's band.
terminal = ARG1; output = ARG2; data = ARG3; title_text = ARG4; x_text = ARG5; y_text = ARG6
caption = ARG7; options = ARG8; series = int(ARG9); key_rows = series + 1
load ARG0[1:strlen(ARG0) - strlen("parity.gp")]."style.gp"
# gnuplot thinks names wider than they are
if (!in_terminal) {
	set key outside right top vertical reverse Left spacing 1.2
	set tmargin at screen 0.86
	tiny = points_of(terminal eq "png" ? 8 : 9.5)
	set lmargin at screen 0.09; set rmargin at screen 0.6
	set key at screen 0.615, screen 0.86 left top samplen 1 font tiny
}
set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead lc rgb "#444444" lw 1 front
set ytics (0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5, 10)
set samples 200
plot '+' using 1:(0.9):(1.1) with filledcurves fs solid 1 noborder lc rgb "#e8e8e8" title "within 10 %", \
     for [i=0:in_terminal ? -1 : series-1] data index i using 1:2:3:4 with yerrorbars pt 0 lc rgb colours[i % 8 + 1] lw 0.7 notitle, \
     for [i=0:series-1] data index i using 1:2 with points pt (i % 13 + 1) ps (terminal eq "png" ? 1.3 : 0.7) lc rgb colours[i % 8 + 1] lw 2 title columnheader(1)
