#include <errno.h>
#include <string.h>

#include "report/formats.h"
#include "report/output.h"

const struct report_format *const report_formats[] = { &format_text,        &format_json,
						       &format_csv,         &format_markdown,
						       &format_percentiles, NULL };

const struct report_format *report_format_find(const char *name)
{
	for (size_t i = 0; report_formats[i]; i++)
		if (strcmp(report_formats[i]->name, name) == 0)
			return report_formats[i];
	return NULL;
}

bool report_check(FILE *out, struct error *error)
{
	/* Buffered output may still fail; flushing now tells while the reason is known. */
	if (fflush(out) == 0 && !ferror(out))
		return true;
	return error_set(error, ERROR_OUTPUT, "cannot write the report: %s", strerror(errno));
}

bool report_write_file(const struct result *result, const struct report_format *format,
		       const char *path, struct error *error)
{
	struct output output;

	if (!output_open(&output, path, error))
		return false;
	format->write(result, output.stream, error);
	return output_close(&output, error);
}

bool metric_reasons(const struct result_metric *metric, char reasons[REASONS_SIZE])
{
	const struct maybe *const values[] = { &metric->mean, &metric->ci_low, &metric->ci_high,
					       &metric->min,  &metric->p50,    &metric->p90,
					       &metric->p99,  &metric->p999,   &metric->max };
	size_t used = 0;

	reasons[0] = '\0';
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const char *reason = values[i]->reason ? values[i]->reason : "unknown";

		if (values[i]->exists || strstr(reasons, reason) ||
		    used + strlen(reason) + 3 > REASONS_SIZE)
			continue;
		used = (size_t)(stpcpy(stpcpy(reasons + used, used ? "; " : ""), reason) - reasons);
	}
	return used > 0;
}
