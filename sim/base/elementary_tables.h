#ifndef SIM_BASE_ELEMENTARY_TABLES_H
#define SIM_BASE_ELEMENTARY_TABLES_H

/* The constants of elementary.c. Values that need more than a double are sums of two. */

enum {
	LOG_PARTS = 128,  /* centres are i / LOG_PARTS, */
	LOG_FIRST = 91,   /* from about sqrt(1/2) */
	LOG_ENTRIES = 91, /* to about sqrt(2) */
	EXP_PARTS = 128,  /* powers 2^(j / EXP_PARTS) */
};

struct log_entry {
	double inverse;   /* of the centre */
	double high, low; /* the logarithm of the centre; high is a multiple of 2^-41 */
};

struct exp_entry {
	double high, low; /* 2^(j / EXP_PARTS) */
};

extern const struct log_entry elementary_log_table[LOG_ENTRIES];
extern const struct exp_entry elementary_exp_table[EXP_PARTS];

#endif
