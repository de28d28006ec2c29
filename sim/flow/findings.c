#include "flow/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void findings_add(struct findings *findings, struct finding_place place, const char *format, ...)
{
	char text[sizeof(findings->texts[0])];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->texts[i], text) == 0)
			return;
	if (findings->count == FINDINGS_MAX)
		return;
	findings->places[findings->count] = place;
	memcpy(findings->texts[findings->count++], text, sizeof(text));
}
