# gnuplot -c parity.gp TERMINAL OUTPUT DATA TITLE X Y CAPTION OPTIONS SERIES
# Blocks of "published  predicted", each headed by the name of its table. The diagonal is
# agreement, the band a tenth to both sides.
terminal = ARG1; output = ARG2; data = ARG3; title_text = ARG4; x_text = ARG5; y_text = ARG6
caption = ARG7; options = ARG8; series = int(ARG9)
load ARG0[1:strlen(ARG0) - strlen("parity.gp")]."style.gp"
set logscale xy
set format xy "%g"
low = number_of("low"); high = number_of("high")
set xrange [low:high]
set yrange [low:high]
set key outside right top vertical reverse Left spacing 1.2
# Beside the names, which gnuplot thinks wider than they are, the square would be half as wide.
if (terminal ne "txt") { set lmargin screen 0.11; set rmargin screen 0.56; set key at screen 0.58, screen 0.86 left top }
set xtics 100
set ytics 100
if (terminal ne "txt") { key_font = terminal eq "svg" ? ",10" : terminal eq "png" ? ",8" : ",5"; set key font key_font; set size ratio 1; set tics font ",12" }
set samples 200
plot '+' using 1:($1 * 0.9):($1 * 1.1) with filledcurves fs solid 1 noborder lc rgb "#e8e8e8" title "within 10 %", \
     x with lines lc rgb "#444444" lw 1 title "agreement", \
     for [i=0:series-1] data index i using 1:2 with points pt (i % 13 + 1) ps (terminal eq "png" ? 1.3 : 0.7) lc rgb colours[i % 8 + 1] lw 2 title columnheader(1)
