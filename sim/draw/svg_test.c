/* What becomes of gnuplot's SVG. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draw/svg.h"

static const char drawn[] =
	"<?xml version=\"1.0\"?>\n<svg \n viewBox=\"0 0 9 6\">\n<title>Gnuplot</title>\n"
	"<desc>Produced</desc><g id=\"gnuplot_canvas\">"
	"<path id='gpPt1' stroke='rgb(  0, 114, 178)' fill = 'rgb(255,255,255)'/>"
	"<use xlink:href='#gpPt1' color=\"black\" stroke=\"currentColor\" fill=\"#D55E00\"/>"
	"<text fill=\"none\" class='fill'>say fill='black' &lt;b&gt; gpPt1</text></g></svg>\n";

static char *alone(const char *label)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	svg_write_alone(drawn, label, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static char *in_page(const char *name)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	svg_write_in_page(drawn, name, "what", out);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* However gnuplot writes a colour, rules know it; what is no attribute stays. */
static void test_colours(void **state)
{
	char *text = alone("x");

	(void)state;
	assert_non_null(strstr(text, "<path id='gpPt1' stroke=\"#0072b2\" fill=\"#ffffff\"/>"));
	assert_non_null(
		strstr(text, "color=\"#000000\" stroke=\"currentColor\" fill=\"#d55e00\"/>"));
	assert_non_null(
		strstr(text, "<text fill=\"none\" class='fill'>say fill='black' &lt;b&gt;"));
	free(text);
}

static void test_alone(void **state)
{
	char *text = alone("a \"name\"\n<b>");

	(void)state;
	assert_ptr_equal(strstr(text, "<?xml"), text);
	assert_non_null(strstr(text, "aria-label=\"a &quot;name&quot;: &lt;b&gt;\""));
	assert_non_null(strstr(text, "prefers-color-scheme:dark"));
	assert_non_null(strstr(text, "[stroke=\"#0072b2\"]{stroke:#"));
	assert_null(strstr(text, "Gnuplot"));
	assert_null(strstr(text, "Produced"));
	free(text);
}

static void test_in_page(void **state)
{
	char *text = in_page("abc");

	(void)state;
	assert_ptr_equal(strstr(text, "<svg role=\"img\" aria-label=\"what\""), text);
	assert_non_null(strstr(text, "id=\"abcgnuplot_canvas\""));
	assert_non_null(strstr(text, "id='abcgpPt1'"));
	assert_non_null(strstr(text, "href='#abcgpPt1'"));
	assert_non_null(strstr(text, " gpPt1</text>"));
	assert_null(strstr(text, "<style>")); /* the page has the rules */
	free(text);
}

/* WCAG 2.2, relative luminance. */
static double luminance(unsigned colour)
{
	static const double parts[] = { 0.2126, 0.7152, 0.0722 };
	double sum = 0;

	for (int i = 0; i < 3; i++) {
		double part = (double)(colour >> (16 - 8 * i) & 0xff) / 255;

		sum += parts[i] *
		       (part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4));
	}
	return sum;
}

/* On dark ground texts are told from it by 4.5, lines and areas by 3; the grid by less. */
static void dark_colours_can_be_seen(void **state)
{
	char *rules = NULL;
	size_t size;
	FILE *out = open_memstream(&rules, &size);
	int seen = 0;

	(void)state;
	svg_write_dark_rules(out);
	fclose(out);
	for (const char *at = rules; (at = strstr(at, "[fill=\"#")); at++) {
		unsigned light = (unsigned)strtoul(at + strlen("[fill=\"#"), NULL, 16);
		const char *value = strstr(at, "{fill:#");
		unsigned dark = (unsigned)strtoul(value + strlen("{fill:#"), NULL, 16);
		bool is_ground = light == 0xffffff,
		     is_grid = light == 0xd8d8d8 || light == 0xe8e8e8;
		bool is_text = light <= 0x555555 && light >> 16 == (light & 0xff);

		if (is_ground || is_grid)
			continue;
		assert_true((luminance(dark) + 0.05) / (luminance(0x161616) + 0.05) >=
			    (is_text ? 4.5 : 3));
		seen++;
	}
	assert_true(seen >= 11);
	free(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_colours),
					    cmocka_unit_test(test_alone),
					    cmocka_unit_test(test_in_page),
					    cmocka_unit_test(dark_colours_can_be_seen) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
