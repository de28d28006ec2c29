#include "fast_variate.h"

#include <math.h>

struct fast_layers fast_layers;

static double right; /* edge of the lowest rectangle */

/*
 * The area of each layer when the lowest rectangle ends at `edge`, and how far the layers stacked
 * on it miss the top of the curve: positive when they do not reach it.
 */
static double missing_height(double edge, double edges[FAST_LAYERS + 1])
{
	double area = edge * exp(-edge) + exp(-edge), x = edge, height = exp(-edge);

	edges[0] = area / exp(-edge); /* of a rectangle as large as layer 0 and its tail */
	for (int i = 1; i < FAST_LAYERS; i++) {
		edges[i] = x;
		height += area / x;
		if (height >= 1 && i < FAST_LAYERS - 1)
			return -1;
		x = -log(height);
	}
	edges[FAST_LAYERS] = 0;
	return 1 - height;
}

static void fill_layers(void)
{
	double edges[FAST_LAYERS + 1] = { 0 }, low = 7, high = 9; /* the answer is 7.697 */

	/* The further right the edge, the thinner the layers. */
	while (right = low + (high - low) / 2, right > low && right < high) {
		if (missing_height(right, edges) > 0)
			high = right;
		else
			low = right;
	}
	right = high;
	missing_height(right, edges);
	for (int i = 0; i < FAST_LAYERS; i++) {
		fast_layers.inside[i] = (uint64_t)(edges[i + 1] / edges[i] * 0x1p53);
		fast_layers.width[i] = edges[i] * 0x1p-53;
		fast_layers.height[i] = i ? exp(-edges[i]) : 0;
	}
	fast_layers.height[FAST_LAYERS] = 1;
}

void fast_begin(struct fast *fast, uint64_t seed)
{
	if (!(right > 0))
		fill_layers();
	for (int i = 0; i < 4; i++) {
		uint64_t word = seed += 0x9e3779b97f4a7c15;

		word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9;
		word = (word ^ word >> 27) * 0x94d049bb133111eb;
		fast->state[i] = word ^ word >> 31;
	}
}

double fast_exponential_rest(struct fast *fast, uint64_t word)
{
	double from = 0;

	for (;; word = fast_word(fast)) {
		uint64_t layer = word % FAST_LAYERS, place = word >> 11;
		double x = (double)(int64_t)place * fast_layers.width[layer], up;

		if (place < fast_layers.inside[layer])
			return from + x;
		if (layer == 0) { /* the tail is the whole again, further right */
			from += right;
			continue;
		}
		up = (double)(int64_t)(fast_word(fast) >> 11) * 0x1p-53;
		if (fast_layers.height[layer] +
			    up * (fast_layers.height[layer + 1] - fast_layers.height[layer]) <
		    exp(-x))
			return from + x;
	}
}
