# gnuplot -c frontier.gp TERMINAL OUTPUT DATA TITLE X Y CAPTION OPTIONS SERIES
# A block of answers, "number  value  -  -  name", and one of what was looked at, "number  value  verdict",
# each headed by its name.
terminal = ARG1; output = ARG2; data = ARG3; title_text = ARG4; x_text = ARG5; y_text = ARG6
caption = ARG7; options = ARG8; series = int(ARG9); key_rows = 4; entries = 4
array words[3] = ["met", "missed", "undecided"]
array marks[3] = [7, 2, 6]
load ARG0[1:strlen(ARG0) - strlen("frontier.gp")]."style.gp"
mark_of(v) = marks[v + 1]
set offsets 0.5, 0.5, graph 0.06, 0
if (!has("logy")) { set yrange [0:*] }
if (has("many") && !in_terminal) { set xtics rotate by 40 right font small; set bmargin at screen 0.26 }
plot data index 0 using 1:2:xtic(5) with points pt 0 notitle, \
     data index 0 using ($1 - 0.3):2:(0.6):(0) with vectors nohead lt 1 lw 4 title columnheader(1), \
     for [v=0:2] data index 1 using 1:($3 == v ? $2 : NaN) with points pt mark_of(v) ps 1.2 lw 2 lc rgb "#000000" title words[v + 1]
