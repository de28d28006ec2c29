#ifndef SIM_DOCUMENT_DIGEST_H
#define SIM_DOCUMENT_DIGEST_H

/*
 * SHA-256 of a scenario: of the file's bytes, or of a canonical text once --set changed it;
 * and of the designs that it names.
 */

#include "base/error.h"
#include "document/companions.h"

bool digest_document(const struct document *document, const struct companions *companions,
		     char hash[65], struct error *error);

#endif
