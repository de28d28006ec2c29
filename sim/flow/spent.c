#include "flow/spent.h"

#include "base/memory.h"

void spent_put_together(struct spent *spent)
{
	size_t kept = 0;

	for (size_t i = 0; i < spent->count; i++) {
		struct spent_entry entry = spent->entries[i];
		size_t at = 0;

		while (at < kept && spent->entries[at].part != entry.part)
			at++;
		if (at == kept)
			spent->entries[kept++] = entry;
		else
			spent->entries[at].ns += entry.ns;
	}
	spent->count = kept;
}

/* Half of the room at least is free then: putting together costs little for each entry. */
bool spent_make_room(struct spent *spent, struct error *error)
{
	enum { FEW = 32 };
	size_t needed;

	spent_put_together(spent);
	needed = 2 * spent->count < FEW ? FEW : 2 * spent->count;
	return memory_reserve(&spent->entries, &spent->capacity, needed, sizeof(*spent->entries),
			      "parts", error);
}

bool spent_take_over(struct spent *spent, struct spent *other, int64_t most_ns, int64_t *came_ns,
		     struct error *error)
{
	__int128 all_ns = 0;

	spent_put_together(other); /* each part is rounded once */
	*came_ns = 0;
	for (size_t i = 0; i < other->count; i++)
		all_ns += other->entries[i].ns;
	for (size_t i = 0; i < other->count; i++) {
		int64_t ns = other->entries[i].ns;

		if (all_ns > most_ns)
			ns = (int64_t)((__int128)ns * most_ns / all_ns);
		if (!spent_add(spent, other->entries[i].part, ns, error))
			return false;
		*came_ns += ns;
	}
	return true;
}
