#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/progress.h"
#include "cli/command.h"
#include "decide/validate.h"
#include "document/data_folder.h"
#include "report/output.h"

static const char folder_name[] = "scenarios/published";

/* In the order of enum text_or_json. */
static report_writer *const writers[] = { validation_write_text, validation_write_json };

struct arguments {
	struct field_list names;
	const char *output;
	int format; /* in writers */
	int64_t jobs;
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION_JOBS(AT(jobs), 0),
	OPTION_FORMAT(AT(format), text_or_json_names, 0),
	OPTION_OUTPUT(AT(output), 0),
	{ .field.key = NULL },
};

/* The tables as read, and what was predicted of them: the latter borrow the former's texts. */
struct work {
	struct memory_keeper paths;
	struct published_table *published;
	size_t read_count;
	struct validation validation;
};

/* --- which tables ------------------------------------------------------------- */

static bool is_path(const char *name)
{
	size_t length = strlen(name);

	return strchr(name, '/') || strcmp(name, "-") == 0 ||
	       (length > 5 && strcmp(name + length - 5, ".json") == 0);
}

static bool add_named(struct work *work, const char *name, struct error *error)
{
	char file[PATH_MAX], path[PATH_MAX];

	if (is_path(name))
		return memory_keep_text(&work->paths, name, error) != NULL;
	snprintf(file, sizeof(file), "%s/%s.json", folder_name, name);
	if (!data_folder_find(NULL, file, path, sizeof(path)))
		return error_set(error, ERROR_INPUT,
				 "sim validate: there is no table \"%.60s\" in %s of $SIM_PATH or "
				 "of the program's data folder",
				 name, folder_name);
	return memory_keep_text(&work->paths, path, error) != NULL;
}

static int is_table(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > 5 &&
	       strcmp(entry->d_name + length - 5, ".json") == 0 &&
	       strcmp(entry->d_name, "published.schema.json") != 0;
}

/* By bytes: the order must not depend on the locale. */
static int by_name(const struct dirent **left, const struct dirent **right)
{
	return strcmp((*left)->d_name, (*right)->d_name);
}

static bool add_all(struct work *work, struct error *error)
{
	struct dirent **entries = NULL;
	char folder[PATH_MAX], path[PATH_MAX + 256];
	int count = 0;

	if (data_folder_find(NULL, folder_name, folder, sizeof(folder)))
		count = scandir(folder, &entries, is_table, by_name);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		memory_keep_text(&work->paths, path, error);
		free(entries[i]);
	}
	free(entries);
	return count > 0 ? error->kind == ERROR_NONE
			 : error_set(error, ERROR_INPUT,
				     "sim validate: there are no tables in %s of $SIM_PATH or of "
				     "the program's data folder",
				     folder_name);
}

static bool choose(struct work *work, const struct arguments *arguments, struct error *error)
{
	char **names = arguments->names.items;

	if (!arguments->names.count)
		return add_all(work, error);
	for (size_t i = 0; i < arguments->names.count; i++)
		if (!add_named(work, names[i], error))
			return false;
	return true;
}

/* --- the whole ---------------------------------------------------------------- */

/* All tables are read before the first is run: a mistake is told at once. */
static bool read_tables(struct work *work, struct error *error)
{
	struct validation *validation = &work->validation;

	work->published =
		memory_array(work->paths.count, sizeof(*work->published), "tables", error);
	validation->tables =
		memory_array(work->paths.count, sizeof(*validation->tables), "tables", error);
	if (!work->published || !validation->tables)
		return false;
	for (; work->read_count < work->paths.count; work->read_count++)
		if (!published_read(&work->published[work->read_count],
				    work->paths.blocks[work->read_count], error))
			return false;
	return true;
}

static bool predict_tables(struct work *work, unsigned int threads, struct error *error)
{
	struct experiment_options experiment = {
		.replicate = { .threads = threads, .stop = &interrupted },
		.version = SIM_VERSION,
	};
	struct validation *validation = &work->validation;

	for (; validation->table_count < work->read_count; validation->table_count++) {
		double count = (double)work->read_count, done = (double)validation->table_count;

		progress_part(done / count, (done + 1) / count, "table %zu of %zu",
			      validation->table_count + 1, work->read_count);
		if (!validate_table(&work->published[validation->table_count], &experiment,
				    &validation->tables[validation->table_count], error))
			return false;
	}
	return validation_judge(validation, error);
}

static void work_fini(struct work *work)
{
	for (size_t i = 0; i < work->validation.table_count; i++)
		free(work->validation.tables[i].rows);
	free(work->validation.tables);
	for (size_t i = 0; i < work->read_count; i++)
		published_fini(&work->published[i]);
	free(work->published);
	memory_keeper_fini(&work->paths);
}

static int validate(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	struct work work = { .validation.version = SIM_VERSION };
	int status = 1;

	command_parse(&command_validate, argc, argv, &arguments);
	if (choose(&work, &arguments, error) && read_tables(&work, error) &&
	    predict_tables(&work, command_threads(arguments.jobs), error) &&
	    output_write(arguments.output, writers[arguments.format], &work.validation, error))
		status = work.validation.summary.missed ? 3 : 0;
	work_fini(&work);
	return status;
}

const struct command command_validate = {
	.name = "validate",
	.summary = "compare predictions with published figures",
	.arguments = "[TABLE]...",
	.about = "Predict published figures and show by how much the predictions are off. A TABLE "
		 "is "
		 "the name of a file in scenarios/published without .json, or a path; none: all of "
		 "them. A figure that is judged and missed gives exit status 3. Beside each stands "
		 "the band of 95 % of draws of all prices over their ranges, on the machine's own "
		 "profile if there is one and as if the machine were not known, and whether it "
		 "holds the measured value; that changes no status.\v"
		 "Example:\n  sim validate snp-concurrent tdx-accept --format json -o "
		 "validation.json\n"
		 "  sim validate ./my-table.json\n",
	.options = { { options, 0 } },
	.words = { "tables", FIELD_TEXTS, AT(names), .maximum = WORDS_MOST },
	.run = validate,
};
