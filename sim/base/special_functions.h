#ifndef SIM_BASE_SPECIAL_FUNCTIONS_H
#define SIM_BASE_SPECIAL_FUNCTIONS_H

/*
 * What intervals and draws need of the special functions, the same to the last bit on every CPU
 * and with every library (see base/elementary.h): the GSL that a distribution ships is compiled
 * with fused multiply-add on some architectures and stands on the C library's logarithm.
 */

/* log(Gamma(a)) for a > 0. The error is below 1e-14 of the largest of 1 and the value. */
double special_log_gamma(double a);

/*
 * log(Gamma(a)) less Stirling's (a - 1/2) log(a) - a + log(2 pi) / 2, for a >= 10 (M. Abramowitz,
 * I. Stegun, "Handbook of Mathematical Functions", 1964, 6.1.41).
 */
double special_stirling_rest(double a);

/*
 * The value below which a standard normal variable lies with probability p; infinite at 0 and 1.
 * M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied
 * Statistics 37, 1988: relative error below 1e-14.
 */
double special_normal_quantile(double p);

/*
 * The same of Student's t with `freedom` > 0 degrees of freedom, whole or not; infinite at 0 and 1.
 * Newton's steps on the incomplete beta function (Abramowitz and Stegun, 26.7.1 and 26.5.8), from
 * 10,000 degrees on the expansion around the normal quantile (26.7.5): relative error below 1e-12
 * for tails down to 1e-12.
 */
double special_student_quantile(double p, double freedom);

#endif
