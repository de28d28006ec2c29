/* Who waits for whom at the end of a replication. */

#include <stdarg.h>
#include <stdio.h>

#include "flow/instance.h"
#include "flow/thread.h"

/* What is said of one thread that is blocked: "flow X waits for LOCK, which flow Y holds". */
struct sentence {
	char *text;
	size_t size, length;
};

static void say(struct sentence *sentence, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct sentence *sentence, const char *format, ...)
{
	va_list arguments;
	int length;

	if (sentence->length >= sentence->size)
		return;
	va_start(arguments, format);
	length = vsnprintf(sentence->text + sentence->length, sentence->size - sentence->length,
			   format, arguments);
	va_end(arguments);
	if (length > 0)
		sentence->length += (size_t)length;
}

static const char *root_name(const struct thread *thread)
{
	return thread->program->flows[thread->root_flow].flow->name;
}

/* The lock that the thread waits for (or whose readers), or NULL. */
static const struct lock *awaited(const struct thread *thread)
{
	for (uint32_t set = thread->held_set; set; set &= set - 1)
		if (thread->held[__builtin_ctz(set)].request.waiting)
			return thread->held[__builtin_ctz(set)].lock;
	if (thread->loop.phase == LOOP_LOCK)
		return thread->loop.lock;
	if (thread->grace_readers)
		return instance_lock(thread->instance, thread_step(thread)->step->lock);
	return NULL;
}

static const char *lock_name(const struct thread *thread, const struct lock *lock)
{
	const struct instance *instance = thread->instance;
	const struct model *model = instance->group->config->model;

	for (size_t i = 0; i < model->lock_count; i++)
		if (&instance->locks[i] == lock || &instance->resources->locks[i] == lock)
			return model->locks[i]->name;
	return "a lock";
}

static void say_holders(struct sentence *sentence, const struct thread *thread,
			const struct lock *lock)
{
	const struct simulation *simulation = thread->simulation;
	const char *join = ", which ";

	for (size_t i = 0; i < simulation->thread_count; i++) {
		const struct thread *other = simulation->all_threads[i];

		if (!other->run || other->finished || other == thread || !thread_holds(other, lock))
			continue;
		say(sentence, "%sflow %s of guest %s holds", join, root_name(other),
		    other->instance->guest.config->name);
		join = ", ";
	}
}

static bool describe(const struct thread *thread, struct sentence *sentence)
{
	const struct lock *lock = awaited(thread);
	const struct step *step = thread_step(thread)->step;

	bool for_ever = thread->blocked && step_forms[step->kind].time == TIME_OFF_CORE &&
			thread->step_work_ns >= LAW_LONGEST_NS;

	if (!lock && !thread->waiting_stop && !for_ever && !thread->wanted_bytes)
		return false;
	say(sentence, "guest %s: flow %s waits ", thread->instance->guest.config->name,
	    root_name(thread));
	if (for_ever) {
		say(sentence, "in \"%s\" (%s), which never ends", thread_step(thread)->name,
		    step->where);
	} else if (thread->wanted_bytes) {
		say(sentence, "for memory");
	} else if (lock) {
		say(sentence, "for %s%s", thread->grace_readers ? "the readers of " : "",
		    lock_name(thread, lock));
		say_holders(sentence, thread, lock);
	} else {
		say(sentence, "until flow %s has ended", step->flow->name);
	}
	return true;
}

size_t simulation_blocked(const struct simulation *simulation, char (*texts)[BLOCKED_TEXT],
			  size_t most)
{
	size_t count = 0;
	const struct instance *instance;

	for (size_t i = 0; (instance = simulation_instance(simulation, i)) && count < most; i++) {
		if (!instance->in_use)
			continue;
		for (const struct thread *thread = instance->threads; thread && count < most;
		     thread = thread->next) {
			struct sentence sentence = { texts[count], BLOCKED_TEXT, 0 };

			count += describe(thread, &sentence);
		}
	}
	return count;
}
