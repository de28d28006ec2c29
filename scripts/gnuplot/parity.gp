# gnuplot -c parity.gp TERMINAL OUTPUT DATA TITLE X Y CAPTION OPTIONS SERIES
# Blocks of "published  ratio  low  high", each headed by the name of its table. The line at 1 is
# agreement, the grey band a tenth to both sides; low and high are the ends of a prediction's band.
terminal = ARG1; output = ARG2; data = ARG3; title_text = ARG4; x_text = ARG5; y_text = ARG6
caption = ARG7; options = ARG8; series = int(ARG9); key_rows = series + 1
load ARG0[1:strlen(ARG0) - strlen("parity.gp")]."style.gp"
if (in_terminal) {
	per_row = floor(number_of("columns") / (number_of("names") + 8))
	key_rows = ceil((series + 1) / real(per_row))
	set terminal dumb size number_of("columns"), number_of("lines") + key_rows noenhanced
	set tmargin key_rows + 1
	set key maxrows key_rows maxcols per_row width 0
} else {
	set tmargin at screen 0.86
	set rmargin at screen 0.63
	tiny = points_of(terminal eq "svg" ? 11 : 9.5)
	# gnuplot thinks names wider than they are
	set key at screen 0.64, 0.865 left top vertical maxrows (series + 2) / 2 maxcols 2 reverse Left samplen 1 width (terminal eq "svg" ? -0.16 * names : 0) font tiny
}
if (!in_terminal) { set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead lc rgb "#444444" lw 1 front }
set ytics (0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5, 10)
set samples 200
letters = "ABCDEFGHIJKLMNOPQRSTUVWYZabcdefghijklmnopqrstuvwyz" # X fills the band: the 24th mark
mark(i) = in_terminal ? letters[i % 50 + 1:i % 50 + 1] : i % 13 + 1
plot '+' using 1:(0.9):(1.1) with filledcurves fs solid 1 noborder lc rgb "#e8e8e8" title in_terminal ? "" : "within 10 %", \
     NaN with points pt 24 title in_terminal ? "within 10 %" : "", \
     for [i=0:in_terminal ? -1 : series-1] data index i using 1:2:3:4 with yerrorbars pt 0 lc rgb colours[i % 8 + 1] lw 0.7 notitle, \
     for [i=0:series-1] data index i using 1:2 with points pt mark(i) ps (terminal eq "png" ? 1.3 : 0.7) lc rgb colours[i % 8 + 1] lw 2 title columnheader(1)
