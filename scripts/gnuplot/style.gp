# What all pictures share. Variables from the caller: terminal, output, title_text, x_text,
# y_text, caption, options. All texts are values of variables and drawn as they are
# (noenhanced): nothing in them is obeyed.
if (terminal eq "svg") { set terminal svg size 900,600 dynamic noenhanced font "Helvetica,15" background "#ffffff" }
if (terminal eq "png") { set terminal pngcairo size 1350,900 noenhanced font "Helvetica,15" fontscale 1.4 background "#ffffff" }
if (terminal eq "pdf") { set terminal pdfcairo size 18cm,12cm noenhanced font "Helvetica,10" background "#ffffff" }
if (terminal eq "txt") { set terminal dumb size 110,36 noenhanced }
set output output
set encoding utf8
set datafile separator "\t"
set datafile missing "?"

# Okabe and Ito: told apart by colour-blind readers, and in grey by line and point
array colours[8] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999"]
array dashes[5] = [1, 2, 4, 5, 3]
array points[8] = [7, 5, 9, 13, 11, 6, 4, 8]
do for [i=1:8] {
	set linetype i lc rgb colours[i] lw 2 dt dashes[(i - 1) % 5 + 1] pt points[i] ps 0.8
}
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
if (terminal ne "txt") { set grid lc rgb "#d8d8d8" lt 1 lw 0.5 }
# a terminal shows no line that is wider than itself
part_ends = strstrt(title_text, "; ")
if (terminal eq "txt" && part_ends > 0) { title_text = title_text[1:part_ends]."\n".title_text[part_ends + 2:*] }
set title title_text noenhanced
# by the longer of its one or two lines
end_of_line = strstrt(title_text, "\n")
title_width = end_of_line == 0 ? strlen(title_text) : (2 * end_of_line > strlen(title_text) ? end_of_line : strlen(title_text) - end_of_line)
if (terminal ne "txt" && title_width > 50) { set title title_text noenhanced font (title_width > 80 ? ",9" : ",12") }
set xlabel x_text noenhanced
set ylabel y_text noenhanced
set key noenhanced
set xtics noenhanced
set ytics noenhanced
if (terminal ne "txt") {
	set label 99 caption at screen 0.99, screen 0.015 right noenhanced font ",10" textcolor rgb "#555555"
	set bmargin 5.5
} else {
	set label 99 caption at screen 0.99, screen 0.02 right noenhanced
	set bmargin 5
}

# "logx logy slo=2.5": a word is set by the program, never by a user
has(word) = strstrt(" ".options." ", " ".word." ") > 0
text_of(name) = at(name) == 0 ? "" : word(substr(" ".options, at(name) + strlen(name) + 2, strlen(options) + 1), 1)
at(name) = strstrt(" ".options, " ".name."=")
number_of(name) = at(name) == 0 ? NaN : real(text_of(name))
set format "%g"
if (has("logx")) { set logscale x; set autoscale xfix; set offsets graph 0.03, graph 0.03, 0, 0 }
if (has("logy")) { set logscale y; set autoscale yfix }
if (has("y125")) { do for [e=-3:9] { set ytics add (2 * 10.0**e, 5 * 10.0**e) } }
