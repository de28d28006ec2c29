# What all pictures share. Variables from the caller: terminal, output, title_text, x_text,
# y_text, caption, options. All texts are values of variables and drawn as they are
# (noenhanced): nothing in them is obeyed. In a terminal the program writes the title, the name
# of the upright axis and the caption itself.

# "logx logy slo=2.5": a word is set by the program, never by a user
has(word) = strstrt(" ".options." ", " ".word." ") > 0
at(name) = strstrt(" ".options, " ".name."=")
text_of(name) = at(name) == 0 ? "" : word(substr(" ".options, at(name) + strlen(name) + 2, strlen(options) + 1), 1)
number_of(name) = at(name) == 0 ? NaN : real(text_of(name))

# Of a text in parts with a mark between them: its first part, and what follows `count` parts
head(text, mark) = strstrt(text, mark) == 0 ? text : text[1:strstrt(text, mark) - 1]
rest(text, mark, count) = count == 0 ? text : strstrt(text, mark) == 0 ? "" : rest(text[strstrt(text, mark) + 1:*], mark, count - 1)

in_terminal = terminal eq "txt"
if (terminal eq "svg") { set terminal svg size 900,600 dynamic noenhanced font "Helvetica,15" background "#ffffff" }
if (terminal eq "png") { set terminal pngcairo size 1350,900 noenhanced font "Helvetica,15" fontscale 1.4 linewidth 1.5 pointscale 1.5 background "#ffffff" }
if (terminal eq "pdf") { set terminal pdfcairo size 18cm,12cm noenhanced font "Helvetica,10" background "#ffffff" }
# In a terminal names of lines stand above the picture, one a row: so many.
if (!exists("key_rows")) { key_rows = 0 }
if (in_terminal) { set terminal dumb size number_of("columns"),number_of("lines")+key_rows noenhanced }
set output output
set encoding utf8
set datafile separator "\t"
set datafile missing "?"
set datafile commentschars ""

# Okabe and Ito: told apart by colour-blind readers, and in grey by line and point
array colours[8] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999"]
array dashes[5] = [1, 2, 4, 5, 3]
array points[8] = [7, 5, 9, 13, 11, 6, 4, 8]
do for [i=1:8] {
	set linetype i lc rgb colours[i] lw 2 dt dashes[(i - 1) % 5 + 1] pt points[i] ps 0.8
}
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
if (!in_terminal) { set grid lc rgb "#d8d8d8" lt 1 lw 0.5 }
set xlabel x_text noenhanced textcolor rgb "#222222"
set key noenhanced textcolor rgb "#222222"
set xtics noenhanced
set ytics noenhanced
set format "%g"

# Sizes of fonts, as those of a picture 900 wide; what is longer than a line at that size is set smaller.
points_of(size) = sprintf(",%.1f", size * (terminal eq "pdf" ? 10 / 15.0 : 1))
that_fits(size, text) = points_of(0.55 * size * strlen(text) > 860 ? 860 / (0.55 * strlen(text)) : size)
small = points_of(11)
end_of_line = strstrt(title_text, "\n")
first_line = end_of_line ? title_text[1:end_of_line - 1] : title_text
second_line = end_of_line ? title_text[end_of_line + 1:*] : ""
part_ends = strlen(second_line) > 130 ? strstrt(second_line, "; ") : 0
third_line = part_ends ? second_line[part_ends + 2:*] : ""
if (part_ends) { second_line = second_line[1:part_ends] }
if (in_terminal) {
	set lmargin at screen 9.0 / number_of("columns")
	# Arrows of this terminal lie a row too high: a level line is a text.
	dashes(n) = n < 1 ? "" : n < 2 ? "-" : dashes(n / 2).dashes(n - n / 2)
	level_line = dashes(int(number_of("columns")) - 12)
	set tmargin key_rows + 1
	set key at screen 0, screen 1 left top vertical maxrows key_rows + 1 reverse Left samplen 3 width 1
} else {
	set ylabel y_text noenhanced textcolor rgb "#222222"
	set label 96 first_line at screen 0.02, 0.955 left noenhanced font that_fits(17, first_line) textcolor rgb "#222222"
	set label 97 second_line at screen 0.02, 0.912 left noenhanced font that_fits(12, second_line) textcolor rgb "#555555"
	set label 98 third_line at screen 0.02, 0.882 left noenhanced font that_fits(12, third_line) textcolor rgb "#555555"
	set label 99 caption at screen 0.98, 0.02 right noenhanced font that_fits(10, caption) textcolor rgb "#555555"
	# Names of lines stand in rows between the title and the picture, which makes room for them.
	if (!exists("entries")) { entries = exists("series") ? series : 1 }
	if (!exists("key_size")) { key_size = 15 }
	key_font = points_of(key_size)
	if (!exists("names")) { names = number_of("names") }
	per_row = floor(880 / ((names + 10) * 0.6 * key_size)) # as wide as gnuplot thinks they are
	key_rows = ceil(entries / real(per_row < 1 ? 1 : per_row))
	set tmargin at screen 0.842 - (key_size * 1.35 / 600.0) * key_rows
	set bmargin at screen 0.175
	set key at screen 0.02, 0.868 left top vertical maxrows key_rows reverse Left samplen 2.5 width 1 font key_font
}

# Marks that can be read off. On an axis of powers, those of 1, 2 and 5 (or of 2, where bytes are
# counted); when that makes too many, fewer. On others gnuplot itself takes 1, 2 and 5; of minutes
# and hours the program knows better.
too_many = 9
step_of_two(low, high) = ceil(log(high / low) / log(2) / too_many)
decades(low, high) = log10(high / low)
mantissas(low, high) = decades(low, high) < 2.7 ? "1 2 5" : decades(low, high) < 4.5 ? "1 3" : "1"
step_of_ten(low, high) = ceil(decades(low, high) / too_many)
if (has("logx")) {
	low = number_of("xlow"); high = number_of("xhigh")
	set logscale x
	set xrange [low / (high / low) ** 0.03:high * (high / low) ** 0.03]
	set xtics (low / 1e6)
	if (has("xtwo") && !has("ticks")) {
		do for [e=floor(log(low) / log(2)):ceil(log(high) / log(2)):step_of_two(low, high)] { set xtics add (2.0 ** e) }
	}
	if (!has("xtwo") && !has("ticks")) { # the table names those
		do for [e=floor(log10(low)):ceil(log10(high)):step_of_ten(low, high)] {
			do for [m in mantissas(low, high)] { set xtics add (m * 10.0 ** e) }
		}
	}
}
if (has("logy")) {
	low = number_of("ylow"); high = number_of("yhigh")
	set logscale y
	set yrange [low / (high / low) ** 0.03:high * (high / low) ** 0.03]
	set ytics (low / 1e6)
	if (has("ytwo")) {
		do for [e=floor(log(low) / log(2)):ceil(log(high) / log(2)):step_of_two(low, high)] { set ytics add (2.0 ** e) }
	} else {
		do for [e=floor(log10(low)):ceil(log10(high)):step_of_ten(low, high)] {
			do for [m in mantissas(low, high)] { set ytics add (m * 10.0 ** e) }
		}
	}
}
if (at("xstep")) { set xtics number_of("xstep") }
if (at("ystep")) { set ytics number_of("ystep") }
