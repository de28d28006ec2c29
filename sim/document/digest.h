#ifndef SIM_DOCUMENT_DIGEST_H
#define SIM_DOCUMENT_DIGEST_H

/*
 * Values under SHA-256 as they are in memory, not printed first: a number is eight bytes, the
 * lowest first, on every machine.
 */

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <jansson.h>
#include <sha256.h>

#include "base/error.h"

static inline void digest_whole(SHA2_CTX *context, int64_t value)
{
	const uint64_t bytes = htole64((uint64_t)value);

	SHA256Update(context, (const uint8_t *)&bytes, sizeof(bytes));
}

/* A real by its bits (IEEE 754); the two zeros are one. */
static inline void digest_real(SHA2_CTX *context, double value)
{
	const double one_zero = value + 0.0;
	int64_t bits;

	memcpy(&bits, &one_zero, sizeof(bits));
	digest_whole(context, bits);
}

/* With its length before it, so that no two lists of texts are alike. */
static inline void digest_text(SHA2_CTX *context, const char *text)
{
	const size_t length = strlen(text);

	digest_whole(context, (int64_t)length);
	SHA256Update(context, (const uint8_t *)text, length);
}

/*
 * JSON: equal values give equal hashes, whatever the order of keys and the machine.
 * False: memory has run out.
 */
bool json_digest(SHA2_CTX *context, json_t *value, struct error *error);

#endif
