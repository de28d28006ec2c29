#include "document/page_data.h"

#include <string.h>

const char page_data_result[] = "<script type=\"application/json\" id=\"sim-result\">\n";
const char page_data_comparison[] = "<script type=\"application/json\" id=\"sim-comparison\">\n";
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

bool page_data_keep(char *text, const char *begin)
{
	char *data = strstr(text, begin), *end;

	if (!data)
		return false;
	data += strlen(begin);
	end = strstr(data, page_data_end);
	if (!end)
		return false;
	blank(text, data);
	blank(end, end + strlen(end));
	return true;
}
