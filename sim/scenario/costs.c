#include "scenario/costs.h"

#include <math.h>
#include <sha256.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "document/digest.h"
#include "document/record.h"
#include "flow/model.h"
#include "flow/version.h"

/* --- the format ------------------------------------------------------------- */

struct raw_cost {
	double mean_ns, cv, range_ns[2];
	int64_t moved_bytes;
	int crowd;                 /* enum crowd */
	int status, speeds_status; /* enum term_status */
	char *source, *speeds_source;
};

#define AT(struct_, member) offsetof(struct struct_, member)

static const struct field cost_fields[] = {
	{ "mean", FIELD_PRICE, AT(raw_cost, mean_ns), "null", .help = "of one unit" },
	{ "cv", FIELD_NUMBER, AT(raw_cost, cv), "null", 0, 100,
	  .help = "standard deviation of one unit, divided by its mean" },
	{ "range", FIELD_RANGE, AT(raw_cost, range_ns), "null",
	  .help = "plausible low and high end of the mean; without it a mean scales the range" },
	{ "moves", FIELD_BYTES, AT(raw_cost, moved_bytes), "null", 0, 0x1p40,
	  .help = "what one unit moves over the memory bus, which the host's cores share" },
	{ "uses", FIELD_ANY, 0, "null",
	  .help = "what one unit uses of other capacities of the host: {\"NAME\": 1}" },
	{ "crowd", FIELD_CHOICE, AT(raw_cost, crowd), "null", .choices = crowd_names,
	  .help = "what it gets in the way of when others do it at the same time: giving pages "
		  "back "
		  "under zone->lock, clearing memory, flushing TLBs of other CPUs" },
	{ "speeds", FIELD_ANY, 0, "null",
	  .help = "how fast it is then when 2, 3, ... of the crowd have a core, as a share of its "
		  "speed alone: at most four numbers, [0.67, 0.5]; more together do no more" },
	{ "speeds_range", FIELD_ANY, 0, "null",
	  .help = "plausible ends of the first of the speeds, [0.5, 1]; without it other speeds "
		  "scale what they are" },
	{ "speeds_status", FIELD_CHOICE, AT(raw_cost, speeds_status), "null",
	  .choices = term_status_names, .help = "their evidence; without it that of the price" },
	{ "speeds_source", FIELD_TEXT, AT(raw_cost, speeds_source), "null",
	  .help = "where they come from; without it the price's" },
	{ "status", FIELD_CHOICE, AT(raw_cost, status), "\"assumed\"", .choices = term_status_names,
	  .help = "the evidence; what is not assumed needs a source" },
	{ "source", FIELD_TEXT, AT(raw_cost, source), "null",
	  .help = "author, title, year; of an assumption the reasoning" },
	{ .key = NULL },
};
const struct record cost_record = { "cost term", "A price, over what it was.",
				    sizeof(struct raw_cost), cost_fields };

/* --- one term ------------------------------------------------------------- */

static struct sharing default_sharing(const struct model *model, const struct term *term)
{
	for (size_t i = 0; i < term_sharing_count; i++) {
		const struct term_sharing *row = &term_sharing_table[i];

		if (strcmp(row->term, term->name) == 0 &&
		    (!row->model || strcmp(row->model, model->name) == 0))
			return row->sharing;
	}
	return (struct sharing){ 0 };
}

struct cost cost_default(const struct model *model, const struct term *term)
{
	return (struct cost){
		.law = law_of(term->mean_ns, term->cv),
		.sharing = default_sharing(model, term),
		.low_ns = term->low_ns,
		.high_ns = term->high_ns,
		.status = term->status,
		.source = term->source,
	};
}

struct cost cost_of_guest(const struct guest_config *guest, size_t term)
{
	const struct version_row *row = version_price(guest, term);
	struct cost cost = cost_default(guest->model, &guest->model->terms[term]);

	if (!row)
		return cost;
	cost.law = law_of(row->mean_ns, guest->model->terms[term].cv);
	cost.low_ns = row->low_ns;
	cost.high_ns = row->high_ns;
	cost.status = row->status;
	cost.source = row->what;
	return cost;
}

bool costs_default(const struct guest_config *guest, struct cost **costs, struct error *error)
{
	*costs = memory_array(guest->model->term_count, sizeof(**costs), "costs", error);
	if (!*costs)
		return false;
	for (size_t i = FIRST_TERM; i < guest->model->term_count; i++)
		(*costs)[i] = cost_of_guest(guest, i);
	return true;
}

static bool read_speeds(const struct document *document, const char *pointer, const json_t *list,
			struct sharing *sharing, struct error *error)
{
	size_t count = json_array_size(list);
	bool ok = json_is_array(list) && count <= CROWD_SPEEDS_MAX;

	memset(sharing->speeds, 0, sizeof(sharing->speeds));
	for (size_t i = 0; ok && i < count; i++) {
		sharing->speeds[i] = json_number_value(json_array_get(list, i));
		ok = sharing->speeds[i] > 0 && sharing->speeds[i] <= 1;
	}
	return ok ||
	       document_error_at(document, pointer, "speeds", error,
				 "a list of at most %d numbers above 0 and up to 1 is needed, "
				 "[0.67, 0.5]",
				 CROWD_SPEEDS_MAX);
}

/* The second one's part scales its ends: what is unsure of one is unsure of the other. */
static void scale_ends(struct sharing *sharing, double old)
{
	double new = sharing->speeds[0];

	if (!(new > 0) || !(old > 0) || old == 1) {
		sharing->slowest = sharing->fastest = new;
		return;
	}
	sharing->slowest = 1 / (1 + (1 / sharing->slowest - 1) * (1 / new - 1) / (1 / old - 1));
	sharing->fastest = 1 / (1 + (1 / sharing->fastest - 1) * (1 / new - 1) / (1 / old - 1));
}

static bool read_speeds_range(const struct document *document, const char *pointer,
			      const json_t *list, struct sharing *sharing, struct error *error)
{
	sharing->slowest = json_number_value(json_array_get(list, 0));
	sharing->fastest = json_number_value(json_array_get(list, 1));
	return (json_array_size(list) == 2 && sharing->slowest > 0 && sharing->fastest <= 1 &&
		sharing->slowest <= sharing->speeds[0] && sharing->speeds[0] <= sharing->fastest) ||
	       document_error_at(document, pointer, "speeds_range", error,
				 "the slowest and the fastest that the first of the speeds may be "
				 "is needed, from above 0 to 1 and around it: [0.5, 1]");
}

/* Of the capacities that the host names; what is not said stays. */
static bool read_uses(const struct document *document, const char *pointer, json_t *uses,
		      const struct host_config *host, struct sharing *sharing, struct error *error)
{
	struct candidates known = { 0 };
	const char *name;
	char hint[HINT_MAX];
	json_t *value;

	if (uses && !json_is_object(uses))
		return document_error_at(document, pointer, "uses", error,
					 "an object is needed, {\"NAME\": 1}");
	for (size_t i = 0; i < host->capacity_count; i++)
		candidates_add(&known, host->capacities[i].name);
	json_object_foreach(uses, name, value)
	{
		double amount = json_number_value(value);
		size_t i = 0;

		while (i < host->capacity_count && strcmp(host->capacities[i].name, name) != 0)
			i++;
		if (i == host->capacity_count)
			return document_error_at(document, pointer, "uses", error,
						 "the host has no capacity \"%.60s\"%s "
						 "(host.capacities)",
						 name, did_you_mean(hint, name, known.names));
		if (!json_is_number(value) || !(amount >= 0 && amount <= 1e18))
			return document_error_at(document, pointer, "uses", error,
						 "\"%.60s\" needs a number from 0 to 1e18", name);
		sharing->uses[CAPACITY_OWN + i] = amount;
	}
	return true;
}

static bool read_sharing(const struct document *document, const char *pointer, json_t *object,
			 const struct raw_cost *raw, const struct host_config *host,
			 struct sharing *sharing, struct error *error)
{
	const json_t *speeds = json_object_get(object, "speeds");
	const json_t *ends = json_object_get(object, "speeds_range");
	double old = sharing->speeds[0];

	if (json_object_get(object, "moves"))
		sharing->uses[CAPACITY_MEMORY] = (double)raw->moved_bytes;
	if (json_object_get(object, "crowd"))
		sharing->crowd = (enum crowd)raw->crowd;
	if (!read_uses(document, pointer, json_object_get(object, "uses"), host, sharing, error))
		return false;
	if (speeds && !read_speeds(document, pointer, speeds, sharing, error))
		return false;
	if (speeds)
		scale_ends(sharing, old);
	if (ends && !read_speeds_range(document, pointer, ends, sharing, error))
		return false;
	return !speeds || sharing->crowd ||
	       document_error_at(document, pointer, "speeds", error,
				 "whom it gets in the way of is needed, too: \"crowd\": \"zone\"");
}

/* Another mean moves the ends in proportion: what is unsure of one is unsure of the other. */
static void set_mean(struct cost *cost, double mean_ns)
{
	double old_ns = cost->law.mean_ns;

	cost->law.mean_ns = mean_ns;
	if (old_ns > 0) {
		cost->low_ns *= mean_ns / old_ns;
		cost->high_ns *= mean_ns / old_ns;
	}
	cost->low_ns = fmin(cost->low_ns, mean_ns);
	cost->high_ns = fmax(cost->high_ns, mean_ns);
}

bool cost_read(const struct document *document, const char *pointer, json_t *object,
	       const struct host_config *host, struct cost *cost, struct error *error)
{
	bool mean = json_object_get(object, "mean") != NULL;
	bool ranged = json_object_get(object, "range") != NULL;
	bool status = json_object_get(object, "status") != NULL;
	const char *source = json_string_value(json_object_get(object, "source"));
	struct raw_cost raw = { 0 };
	bool ok = record_read_whole(document, &cost_record, object, pointer, &raw, error);

	record_fini(&cost_record, &raw); /* the source is borrowed from the document */
	if (!ok || !read_sharing(document, pointer, object, &raw, host, &cost->sharing, error))
		return false;
	if (raw.status != TERM_ASSUMED && status && !source)
		return document_error(document, pointer, error,
				      "a cost that is not assumed needs its source");
	if (mean)
		set_mean(cost, raw.mean_ns);
	if (json_object_get(object, "cv"))
		cost->law = law_of(cost->law.mean_ns, raw.cv);
	if (ranged) {
		cost->low_ns = raw.range_ns[0];
		cost->high_ns = raw.range_ns[1];
	}
	/* The evidence for the default is none for another value. */
	if (mean || status)
		cost->status = (enum term_status)raw.status;
	if (mean || source)
		cost->source = source ? source : "given without a source";
	if (json_object_get(object, "speeds") || json_object_get(object, "speeds_range")) {
		cost->sharing.speeds_status = cost->status;
		cost->sharing.speeds_source = cost->source;
	}
	if (json_object_get(object, "speeds_status"))
		cost->sharing.speeds_status = (enum term_status)raw.speeds_status;
	if (json_object_get(object, "speeds_source"))
		cost->sharing.speeds_source =
			json_string_value(json_object_get(object, "speeds_source"));
	if (cost->law.mean_ns < cost->low_ns || cost->law.mean_ns > cost->high_ns)
		return document_error(document, pointer, error, "the mean lies outside its range");
	return true;
}

void cost_widen(struct cost *cost, const struct cost *anywhere)
{
	cost->low_ns = fmin(cost->low_ns, anywhere->low_ns);
	cost->high_ns = fmax(cost->high_ns, anywhere->high_ns);
	if (!(cost->sharing.speeds[0] > 0) || !(anywhere->sharing.speeds[0] > 0))
		return;
	cost->sharing.slowest = fmin(cost->sharing.slowest, anywhere->sharing.slowest);
	cost->sharing.fastest = fmax(cost->sharing.fastest, anywhere->sharing.fastest);
}

/* --- of guests -------------------------------------------------------------- */

void costs_of_pool(struct guest_config *guest)
{
	for (size_t t = FIRST_TERM; guest->hugetlb && t < guest->model->term_count; t++)
		if (guest->costs[t].sharing.crowd == CROWD_ZONE)
			guest->costs[t].sharing.crowd = CROWD_NONE;
}

/* What it shares is a part of a price; most of it is nothing, which its place says. */
static void hash_sharing(SHA2_CTX *context, const struct sharing *sharing)
{
	digest_whole(context, sharing->crowd);
	for (int r = 0; r < HOST_CAPACITIES_MAX; r++) {
		if (sharing->uses[r] > 0) {
			digest_whole(context, r);
			digest_real(context, sharing->uses[r]);
		}
	}
	if (sharing->crowd == CROWD_NONE)
		return;
	for (int i = 0; i < CROWD_SPEEDS_MAX; i++)
		digest_real(context, sharing->speeds[i]);
	digest_real(context, sharing->slowest);
	digest_real(context, sharing->fastest);
}

void costs_hash(const struct guest_config *guests, size_t guest_count, char hash[65])
{
	SHA2_CTX context;

	SHA256Init(&context);
	for (size_t g = 0; g < guest_count; g++) {
		digest_text(&context, guests[g].name);
		for (size_t t = FIRST_TERM; t < guests[g].model->term_count; t++) {
			const struct cost *cost = &guests[g].costs[t];

			digest_text(&context, guests[g].model->terms[t].name);
			digest_real(&context, cost->law.mean_ns);
			digest_real(&context, sqrt(cost->law.cv_squared)); /* as profiles say it */
			digest_real(&context, cost->low_ns);
			digest_real(&context, cost->high_ns);
			digest_whole(&context, cost->status);
			hash_sharing(&context, &cost->sharing);
		}
	}
	SHA256End(&context, hash);
}
