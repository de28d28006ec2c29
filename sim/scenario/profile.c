#include "scenario/profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "document/document.h"
#include "document/record.h"
#include "flow/term.h"

#define AT(struct_, member) offsetof(struct struct_, member)

/* --- the format ------------------------------------------------------------- */

static const struct field platform_fields[] = {
	{ "architecture", FIELD_CHOICE, AT(platform, architecture), NULL,
	  .choices = architecture_names, .help = "of the host's processors" },
	{ "machine", FIELD_NAME, AT(platform, machine), "null", .help = "the computer" },
	{ "cpu", FIELD_NAME, AT(platform, cpu), "null", .help = "model of its processors" },
	{ "kernel", FIELD_NAME, AT(platform, kernel), "null", .help = "version of the host's" },
	{ "qemu", FIELD_NAME, AT(platform, qemu), "null", .help = "version of QEMU" },
	{ "date", FIELD_NAME, AT(platform, date), "null",
	  .help = "when it was measured: YYYY, YYYY-MM or YYYY-MM-DD" },
	{ .key = NULL },
};
const struct record platform_record = { "platform",
					"What the prices were measured on. On any other platform a "
					"price is as uncertain as the model's default.",
					sizeof(struct platform), platform_fields };

struct raw_bandwidth {
	double mean, range[2];
	int status; /* enum term_status */
	char *source;
};

static const struct field bandwidth_fields[] = {
	{ "mean", FIELD_BANDWIDTH, AT(raw_bandwidth, mean), NULL, 1e6, 1e15,
	  .help = "bytes per second that all cores together can clear" },
	{ "range", FIELD_BANDWIDTHS, AT(raw_bandwidth, range), "null", 1e6, 1e15,
	  .help = "plausible low and high end; without it the range before is scaled" },
	{ "status", FIELD_CHOICE, AT(raw_bandwidth, status), "\"assumed\"",
	  .choices = term_status_names,
	  .help = "the evidence; what is not assumed needs a source" },
	{ "source", FIELD_TEXT, AT(raw_bandwidth, source), "null",
	  .help = "author, title, year; of an assumption the reasoning" },
	{ .key = NULL },
};
const struct record bandwidth_record = {
	"memory bandwidth", "Of a host of which the scenario does not say host.memory_bandwidth.",
	sizeof(struct raw_bandwidth), bandwidth_fields
};

static const struct field profile_fields[] = {
	{ "$schema", FIELD_ANY, 0, "null", .help = "path of profile.schema.json, for editors" },
	{ "name", FIELD_NAME, AT(profile, name), "null", .help = "the machine" },
	{ "about", FIELD_TEXT, AT(profile, about), "null", .help = "where the values come from" },
	{ "platform", FIELD_ANY, 0, "null", .record = &platform_record,
	  .help = "what the prices were measured on; none: they hold wherever they are given" },
	{ "memory_bandwidth", FIELD_ANY, 0, "null", .record = &bandwidth_record,
	  .help = "default of host.memory_bandwidth" },
	{ "correlations", FIELD_ANY, 0, "null",
	  .help = "prices of one estimate that err together: a list of "
		  "[\"TERM\", \"OTHER\", RHO], the correlation of their logarithms; draws follow "
		  "it" },
	{ "costs", FIELD_ANY, 0, NULL, .help = "an object of cost terms by their names" },
	{ .key = NULL },
};
const struct record profile_record = { "cost profile", "Prices of one machine and kernel.",
				       sizeof(struct profile), profile_fields };

/* --- platform --------------------------------------------------------------- */

/* YYYY, YYYY-MM or YYYY-MM-DD. */
static bool is_date(const char *text)
{
	static const char *const formats[] = { [4] = "%Y", [7] = "%Y-%m", [10] = "%Y-%m-%d" };
	size_t length = strlen(text);
	const char *format = length <= 10 ? formats[length] : NULL, *end;
	struct tm date;

	end = format ? strptime(text, format, &date) : NULL;
	return end && !*end;
}

static bool read_platform(const struct document *document, json_t *object, struct profile *profile,
			  struct error *error)
{
	profile->measured = true;
	if (!json_is_object(object))
		return document_error(document, "/platform", error,
				      "an object is needed, {\"architecture\": \"x86_64\"}");
	if (!record_read_whole(document, &platform_record, object, "/platform", &profile->platform,
			       error))
		return false;
	return !profile->platform.date || is_date(profile->platform.date) ||
	       document_error_at(document, "/platform", "date", error,
				 "a date is needed: YYYY, YYYY-MM or YYYY-MM-DD");
}

static bool holds(const char *one, const char *other)
{
	return !one || (other && strcmp(one, other) == 0);
}

bool platform_is_generic(const struct platform *platform)
{
	return !platform->machine && !platform->cpu && !platform->kernel && !platform->qemu;
}

bool platform_holds(const struct platform *one, const struct platform *other)
{
	return one->architecture == other->architecture && holds(one->machine, other->machine) &&
	       holds(one->cpu, other->cpu) && holds(one->kernel, other->kernel) &&
	       holds(one->qemu, other->qemu);
}

/* --- bandwidth -------------------------------------------------------------- */

void bandwidth_default(struct host_config *host)
{
	host->bandwidth = (struct bandwidth_range){
		.low = host->memory_bandwidth / 4,
		.high = host->memory_bandwidth * 4,
		.status = TERM_ASSUMED,
		.source = "half of what 16 channels of DDR4-3200 carry, a quarter to four times as "
			  "much: two EPYC 7003",
	};
}

void bandwidth_widen(struct host_config *host, struct bandwidth_range any)
{
	host->bandwidth.low = fmin(host->bandwidth.low, any.low);
	host->bandwidth.high = fmax(host->bandwidth.high, any.high);
}

bool profile_bandwidth(const struct document *document, const struct profile *profile,
		       struct host_config *host, struct error *error)
{
	static const char at[] = "/memory_bandwidth";
	json_t *object = profile->bandwidth;
	const char *source = json_string_value(json_object_get(object, "source"));
	struct bandwidth_range *range = &host->bandwidth;
	struct raw_bandwidth raw = { 0 };
	bool ok;

	if (!object)
		return true;
	ok = record_read_whole(document, &bandwidth_record, object, at, &raw, error);
	record_fini(&bandwidth_record, &raw); /* the source is borrowed from the document */
	if (!ok)
		return false;
	if (raw.status != TERM_ASSUMED && !source)
		return document_error(document, at, error,
				      "a bandwidth that is not assumed needs its source");
	if (!json_object_get(object, "range")) {
		raw.range[0] = range->low * (raw.mean / host->memory_bandwidth);
		raw.range[1] = range->high * (raw.mean / host->memory_bandwidth);
	}
	if (raw.mean < raw.range[0] || raw.mean > raw.range[1])
		return document_error(document, at, error, "the mean lies outside its range");
	host->memory_bandwidth = raw.mean;
	*range = (struct bandwidth_range){ .low = raw.range[0],
					   .high = raw.range[1],
					   .status = (enum term_status)raw.status,
					   .source = source ? source : "given without a source" };
	return true;
}

/* --- correlations ----------------------------------------------------------- */

static bool read_correlation(const struct document *document, const char *pointer,
			     const json_t *item, const json_t *costs,
			     struct correlation *correlation, struct error *error)
{
	const char *one = json_string_value(json_array_get(item, 0));
	const char *other = json_string_value(json_array_get(item, 1));
	const json_t *value = json_array_get(item, 2);

	if (json_array_size(item) != 3 || !one || !other || !json_is_number(value))
		return document_error(
			document, pointer, error,
			"two terms and a number are needed, [\"mm.fault\", \"mm.zero_4k\", -0.83]");
	*correlation = (struct correlation){ { one, other }, json_number_value(value) };
	for (size_t i = 0; i < 2; i++)
		if (!json_object_get(costs, correlation->terms[i]))
			return document_error(document, pointer, error,
					      "\"%.60s\" is not among the costs of this profile: "
					      "prices err together that were estimated together",
					      correlation->terms[i]);
	if (strcmp(one, other) == 0)
		return document_error(document, pointer, error, "two different terms are needed");
	return (correlation->value > -1 && correlation->value < 1) ||
	       document_error(document, pointer, error,
			      "a correlation lies between -1 and 1, both excluded");
}

static bool read_correlations(const struct document *document, const json_t *list,
			      struct profile *profile, struct error *error)
{
	size_t count = json_array_size(list);

	if (!json_is_array(list))
		return document_error(document, "/correlations", error,
				      "a list of [\"TERM\", \"OTHER\", RHO] is needed");
	profile->correlations =
		memory_array(count, sizeof(*profile->correlations), "correlations", error);
	if (!profile->correlations)
		return false;
	for (size_t i = 0; i < count; i++) {
		char pointer[POINTER_MAX];

		pointer_to_index(pointer, "/correlations", i);
		if (!read_correlation(document, pointer, json_array_get(list, i), profile->costs,
				      &profile->correlations[i], error))
			return false;
	}
	profile->correlation_count = count;
	return true;
}

/* --- the whole -------------------------------------------------------------- */

bool profile_read(const struct document *document, struct profile *profile, struct error *error)
{
	json_t *root = document->root, *platform = json_object_get(root, "platform");
	json_t *correlations = json_object_get(root, "correlations");

	*profile = (struct profile){ 0 };
	if (json_is_object(root) && !json_object_get(root, "costs") &&
	    (json_object_get(root, "terms") || document_kind(root)))
		return document_error(
			document, "", error,
			"%s%s, a cost profile is needed: {\"name\": \"mine\", "
			"\"costs\": {\"mm.fault\": {\"mean\": \"1us\"}}}",
			document_kind(root) ? "this is " : "the prices are called \"costs\"",
			document_kind(root) ? document_kind(root) : ", not \"terms\"");
	if (!record_read_whole(document, &profile_record, root, "", profile, error))
		return false;
	profile->costs = json_object_get(root, "costs");
	profile->bandwidth = json_object_get(root, "memory_bandwidth");
	return (!platform || read_platform(document, platform, profile, error)) &&
	       (!correlations || read_correlations(document, correlations, profile, error));
}

void profile_fini(struct profile *profile)
{
	record_fini(&platform_record, &profile->platform);
	record_fini(&profile_record, profile);
	free(profile->correlations);
	*profile = (struct profile){ 0 };
}

void chosen_platform_fini(struct chosen_platform *platform)
{
	record_fini(&platform_record, &platform->is);
	free(platform->name);
	*platform = (struct chosen_platform){ 0 };
}
