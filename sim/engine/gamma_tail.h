#ifndef SIM_ENGINE_GAMMA_TAIL_H
#define SIM_ENGINE_GAMMA_TAIL_H

/*
 * The value that a gamma variable of the given shape > 0 and scale 1 exceeds with probability
 * `tail`: its upper quantile. Decreases with the tail; infinite at 0, and 0 at 1.
 *
 * The incomplete gamma function is a series or a continued fraction (M. Abramowitz, I. Stegun,
 * "Handbook of Mathematical Functions", 1964, 6.5.29 and 6.5.31). The relative error is below
 * 1e-9. From a shape of 1000 on the cube root of the variable is taken as normal, which is right
 * to 3e-5 for tails down to 1e-6 and to 3e-4 for 1e-25 (E. B. Wilson, M. M. Hilferty, "The distribution of chi-square", 1931).
 */
double gamma_upper_quantile(double tail, double shape);

#endif
