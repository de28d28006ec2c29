/* What becomes of gnuplot's SVG. */

#include <setjmp.h>
#include <stdarg.h>
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
	char *text = alone("a \"name\" <b>");

	(void)state;
	assert_ptr_equal(strstr(text, "<?xml"), text);
	assert_non_null(strstr(text, "aria-label=\"a &quot;name&quot; &lt;b&gt;\""));
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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_colours),
					    cmocka_unit_test(test_alone),
					    cmocka_unit_test(test_in_page) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
