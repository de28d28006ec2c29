#ifndef SIM_BASE_HASH_H
#define SIM_BASE_HASH_H

/* FNV-1a of 32 bits (draft-eastlake-fnv): what a thing is called names its random draws. */

#include <stdint.h>

#define HASH_BEGIN 2166136261u

/* Continue a hash with a text, its terminating zero included. */
static inline uint32_t hash_text(uint32_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	while (*text++);
	return hash;
}

#endif
