/* The locks of the host's ASIDs and the one processor behind every command. */

#include "models/psp.h"

const struct lock_kind sev_bitmap_lock = { "sev_bitmap_lock", "sev_bitmap_lock",
					   .scope = SCOPE_HOST };
const struct lock_kind sev_deactivate_lock = { "sev_deactivate_lock", "sev_deactivate_lock",
					       .scope = SCOPE_HOST };

const struct server_kind sev_psp = { "PSP" };
