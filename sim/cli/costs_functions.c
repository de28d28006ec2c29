/* Which functions of the kernel tell the prices: sim costs --functions, and how to trace them. */

#include <stdio.h>
#include <string.h>

#include "base/layout.h"
#include "cli/costs_functions.h"
#include "decide/traced.h"
#include "report/json_tools.h"

static bool applies(const struct term_function *row, const struct model *model)
{
	return traced_term(model, row->term) || (row->also && traced_term(model, row->also));
}

/* "end - addr, in bytes", or what else tells the amount. */
static const char *amount_text(const struct term_function *row, char text[80])
{
	if (row->amount == AMOUNT_CALL)
		return "a call";
	snprintf(text, 80, "%s, in %s", row->arguments ? row->arguments : "--per",
		 row->amount == AMOUNT_BYTES ? "bytes" : "pages of 4 KiB");
	return text;
}

static void print_function(const struct term_function *row, FILE *out)
{
	char amount[80];

	fprintf(out, "%s\t%s%s%s: %s%s%s%s%s\n", row->function, row->term, row->also ? ", " : "",
		row->also ? row->also : "", amount_text(row, amount), row->which ? ", where " : "",
		row->which ? row->which : "", row->which ? " is " : "",
		row->which ? row->value : "");
	if (row->architecture)
		fprintf(out, "\ton %s\n", row->architecture);
	if (row->less)
		fprintf(out, "\twith %s in it\n", row->less);
	if (row->note)
		fprintf(out, "\t%s\n", row->note);
}

bool functions_print(const struct model *model, FILE *out, struct error *error)
{
	struct layout layout;

	if (!layout_open(&layout, out, error))
		return false;
	for (size_t i = 0; i < term_function_count; i++)
		if (applies(&term_function_table[i], model))
			print_function(&term_function_table[i], layout.stream);
	return layout_close(&layout, error);
}

json_t *functions_to_json(const struct model *model)
{
	static const char *const amounts[] = { "call", "bytes", "pages" };
	json_t *list = json_array();

	for (size_t i = 0; i < term_function_count; i++) {
		const struct term_function *row = &term_function_table[i];

		if (applies(row, model))
			json_add(&list,
				 json_pack("{s:s, s:s, s:s?, s:s?, s:s, s:s?, s:s?, s:s?, s:s?, "
					   "s:s?}",
					   "function", row->function, "term", row->term, "also",
					   row->also, "architecture", row->architecture, "amount",
					   amounts[row->amount], "arguments", row->arguments,
					   "which", row->which, "value", row->value, "less",
					   row->less, "note", row->note));
	}
	return list;
}

/* --- a program for bpftrace ----------------------------------------------------------------- */

/* A system call is two tracepoints, a function two probes. */
static void print_probe(const struct term_function *row)
{
	size_t length = strcspn(row->function, "(");
	bool call = row->function[length] == '(';
	int n = (int)length;
	const char *name = row->function;

	printf("%s%.*s { @begin[tid] = nsecs;%s%s%s }\n",
	       call ? "tracepoint:syscalls:sys_enter_" : "kprobe:", n, name,
	       row->probe ? " @did[tid] = " : "", row->probe ? row->probe : "",
	       row->probe ? ";" : "");
	printf("%s%.*s /@begin[tid]/ {\n\t$ns = nsecs - @begin[tid];\n",
	       call ? "tracepoint:syscalls:sys_exit_" : "kretprobe:", n, name);
	if (row->probe)
		printf("\t@%.*s[@did[tid]] = stats($ns);\n\tdelete(@did[tid]);\n", n, name);
	else
		printf("\t@%.*s = stats($ns);\n\t@%.*s_hist = hist($ns);\n", n, name, n, name);
	puts("\tdelete(@begin[tid]);\n}");
}

bool probe_print(const char *function, struct error *error)
{
	for (size_t i = 0; i < term_function_count; i++) {
		const struct term_function *row = &term_function_table[i];

		if (strcmp(row->function, function) != 0)
			continue;
		if (row->which && !row->probe)
			return error_set(error, ERROR_INPUT,
					 "sim costs: calls of %s are told apart by name: use perf "
					 "trace -e %.*s",
					 function, (int)strcspn(function, "("), function);
		if (row->which || !strchr(function, '(') || row->probe) {
			print_probe(row);
			return true;
		}
	}
	return error_set(error, ERROR_INPUT,
			 "sim costs: \"%.60s\" tells no price; sim costs --functions lists those "
			 "that do",
			 function);
}
