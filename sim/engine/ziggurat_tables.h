#ifndef SIM_ENGINE_ZIGGURAT_TABLES_H
#define SIM_ENGINE_ZIGGURAT_TABLES_H

#include <stdint.h>

/*
 * Ziggurats under exp(-x) and exp(-x^2 / 2), x >= 0: layers of one area, stacked. Layer i reaches
 * from height[i] to height[i + 1] and as far right as edge[i]; left of edge[i + 1] all of it lies
 * below the curve. Layer 0 is a rectangle up to edge[1] and the tail beyond; edge[0] is how wide
 * a rectangle of its area would be. edge[256] = 0 and height[256] = 1 are the top.
 */

enum { ZIGGURAT_LAYERS = 256 };

struct ziggurat {
	double edge[ZIGGURAT_LAYERS + 1], height[ZIGGURAT_LAYERS + 1];
};

/* A word gives its low bits to the layer and its high 53 bits to the place in it. */
static inline uint32_t ziggurat_layer(uint64_t word)
{
	return word % ZIGGURAT_LAYERS;
}

extern const struct ziggurat ziggurat_exponential, ziggurat_normal;

#endif
