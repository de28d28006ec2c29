#ifndef SIM_BASE_ELEMENTARY_H
#define SIM_BASE_ELEMENTARY_H

/*
 * exp, log and their kin, the same to the last bit on every CPU and with every C library.
 *
 * The C library picks a variant of these by what the CPU can do (with or without fused
 * multiply-add), and the variants, as those of two versions of a library, differ in the last
 * bit. Everything that can change a simulated event uses these instead: additions and
 * multiplications of IEEE doubles, and tables that are constants (P. T. P. Tang, "Table-driven
 * implementation of the exponential function", ACM TOMS 15, 1989, and "... of the logarithm
 * function", TOMS 16, 1990). Build with -ffp-contract=off.
 *
 * Errors are below 2 units in the last place (exp 0.8, log 1.4). Infinities, NaN and arguments
 * out of the domain give what the C library gives; errno is left alone.
 */

/* e to the x. */
double elementary_exp(double x);

/* e to the x, less 1: exact near 0 too. */
double elementary_expm1(double x);

/* The natural logarithm. */
double elementary_log(double x);

/* log(1 + x): exact near 0 too. */
double elementary_log1p(double x);

#endif
