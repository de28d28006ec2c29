#include "document/page_data.h"

#include <string.h>

const char page_data_begin[] = "<script type=\"application/json\" id=\"sim-result\">\n";
const char page_data_end[] = "</script>\n";

bool page_data_is_page(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '<';
}

static void blank(char *from, const char *to)
{
	for (; from < to; from++)
		if (*from != '\n')
			*from = ' ';
}

bool page_data_keep(char *text)
{
	char *begin = strstr(text, page_data_begin), *end;

	if (!begin)
		return false;
	begin += strlen(page_data_begin);
	end = strstr(begin, page_data_end);
	if (!end)
		return false;
	blank(text, begin);
	blank(end, end + strlen(end));
	return true;
}
