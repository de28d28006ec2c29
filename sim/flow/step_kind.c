#include "flow/step_kind.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "flow/model.h"

#define AT(member_) offsetof(struct step, member_)

const struct operand_kind operand_kinds[OPERAND_KINDS] = {
	[OPERAND_NONE] = { "nothing", 0, false },
	[OPERAND_LOCK] = { "lock", AT(lock), true },
	[OPERAND_TERM] = { "term", AT(term), false },
	[OPERAND_NAME] = { "name", AT(name), false },
	[OPERAND_SERVER] = { "server", AT(server), true },
	[OPERAND_LOOP] = { "page loop", AT(loop), true },
	[OPERAND_MEMORY] = { "kind of memory", AT(memory), true },
	[OPERAND_HOOK] = { "hook", AT(hook), true },
	[OPERAND_FLOW] = { "flow", AT(flow), true },
	[OPERAND_CHANCE] = { "chance", AT(chance), true },
	[OPERAND_CONDITION] = { "condition", AT(condition), true },
	[OPERAND_LABEL] = { "label", AT(label), false },
	[OPERAND_ERROR] = { "errno", AT(error), false },
	[OPERAND_MILESTONE] = { "milestone", AT(milestone), false },
	[OPERAND_COUNT] = { "count", AT(count), true },
	[OPERAND_RATIO] = { "ratio", 0, true },
	[OPERAND_FLAG] = { "flag", 0, false },
};

const struct step_member_kind step_members[STEP_MEMBERS] = {
	[MEMBER_TERM] = { "term", OPERAND_TERM, AT(term), "the price of one unit" },
	[MEMBER_COUNT] = { "count", OPERAND_COUNT, AT(count), "how many units, or bytes" },
	[MEMBER_LABEL] = { "or", OPERAND_LABEL, AT(label),
			   "the label to go to on failure; without one the flow returns" },
	[MEMBER_ERROR] = { "error", OPERAND_ERROR, AT(error), "the errno of a failure" },
	[MEMBER_NAME] = { "name", OPERAND_NAME, AT(name), "of the fault point" },
	[MEMBER_USER] = { "user", OPERAND_FLAG, AT(user),
			  "outside the kernel: can be preempted and killed at any point" },
	[MEMBER_YIELDS] = { "yields", OPERAND_FLAG, AT(yields),
			    "a reschedule point after each unit" },
	[MEMBER_STALL] = { "stall", OPERAND_FLAG, AT(stall), "time that the guest's vCPUs lose" },
	[MEMBER_NOTIFIED] = { "notified", OPERAND_CONDITION, AT(condition),
			      "while this holds, an OOM notifier of the kernel answers instead of "
			      "the OOM killer: the step fails" },
	[MEMBER_WHERE] = { "where", OPERAND_NAME, AT(where),
			   "function of the kernel, QEMU, guest or firmware" },
};

#define TERM     (1u << MEMBER_TERM)
#define COUNT    (1u << MEMBER_COUNT)
#define LABEL_   (1u << MEMBER_LABEL)
#define ERROR    (1u << MEMBER_ERROR)
#define NAME     (1u << MEMBER_NAME)
#define NOTIFIED (1u << MEMBER_NOTIFIED)
#define YIELDS   (1u << MEMBER_YIELDS)
#define WAYS     (1u << MEMBER_USER | 1u << MEMBER_YIELDS | 1u << MEMBER_STALL)

/* Columns: verb, printed, operand, needs, takes, fails, time, locks, help. */
const struct step_form step_forms[STEP_KINDS] = {
	[STEP_END] = { NULL, "end", OPERAND_NONE, 0, 0, FAILS_NEVER, TIME_NONE, LOCKS_NOTHING,
		       "behind the last step of each flow" },
	[STEP_LOCK] = { "lock", "lock ", OPERAND_LOCK, 0, 0, FAILS_NEVER, TIME_WAITING, LOCKS_TAKES,
			"take a mutex, or a reader-writer lock for writing" },
	[STEP_READ_LOCK] = { "read_lock", "read-lock ", OPERAND_LOCK, 0, 0, FAILS_NEVER,
			     TIME_WAITING, LOCKS_TAKES,
			     "take a reader-writer lock or an SRCU for reading" },
	[STEP_TRYLOCK] = { "trylock", "trylock ", OPERAND_LOCK, 0, LABEL_, FAILS_ALWAYS, TIME_NONE,
			   LOCKS_TAKES, "take a lock, or fail with EBUSY" },
	[STEP_UNLOCK] = { "unlock", "unlock ", OPERAND_LOCK, 0, 0, FAILS_NEVER, TIME_NONE,
			  LOCKS_RELEASES, "release a lock" },
	[STEP_SPEND] = { "spend", "", OPERAND_TERM, 0, COUNT | LABEL_ | ERROR | NAME | WAYS,
			 FAILS_IF_SAID, TIME_ON_CORE, LOCKS_NOTHING, "work on a core" },
	[STEP_SLEEP] = { "sleep", "", OPERAND_TERM, 0, COUNT | LABEL_ | ERROR | NAME | WAYS,
			 FAILS_IF_SAID, TIME_OFF_CORE, LOCKS_NOTHING, "time passes off the cores" },
	[STEP_PAUSE] = { "pause", "", OPERAND_NAME, COUNT, LABEL_ | ERROR | WAYS, FAILS_IF_SAID,
			 TIME_OFF_CORE, LOCKS_NOTHING, "so many nanoseconds pass off the cores" },
	[STEP_SERVE] = { "serve", "", OPERAND_SERVER, TERM, COUNT | LABEL_ | ERROR | NAME | WAYS,
			 FAILS_IF_SAID, TIME_SERVED, LOCKS_NOTHING,
			 "a server of the host works for the thread" },
	[STEP_CORES] = { "all_cores", "on all cores: ", OPERAND_TERM, 0, COUNT | YIELDS,
			 FAILS_NEVER, TIME_SERVED, LOCKS_NOTHING,
			 "work on all cores at once: no other thread has one meanwhile" },
	[STEP_GRACE] = { "grace", "synchronize ", OPERAND_LOCK, TERM, COUNT, FAILS_NEVER,
			 TIME_GRACE, LOCKS_NOTHING,
			 "grace periods of an SRCU: the readers of now must leave" },
	[STEP_PAGES] = { "pages", "", OPERAND_LOOP, 0, LABEL_, FAILS_BY_LOOP, TIME_OF_LOOP,
			 LOCKS_NOTHING, "a loop over pages of the guest" },
	[STEP_ALLOCATE] = { "allocate", "allocate ", OPERAND_MEMORY, COUNT, LABEL_ | NOTIFIED,
			    FAILS_ALWAYS, TIME_NONE, LOCKS_NOTHING,
			    "take so many bytes of the host's memory, wait for them, or fail with "
			    "ENOMEM" },
	[STEP_FREE] = { "free", "free ", OPERAND_MEMORY, 0, COUNT, FAILS_NEVER, TIME_NONE,
			LOCKS_NOTHING, "give them back; without a count all that the guest has" },
	[STEP_DO] = { "do", "", OPERAND_HOOK, 0, LABEL_ | ERROR | NAME, FAILS_IF_SAID, TIME_NONE,
		      LOCKS_NOTHING, "a change of the model's state, in zero time" },
	[STEP_CALL] = { "call", "call ", OPERAND_FLOW, 0, LABEL_, FAILS_BY_FLOW, TIME_NONE,
			LOCKS_NOTHING, "run another flow" },
	[STEP_SPAWN] = { "spawn", "spawn ", OPERAND_FLOW, 0, 0, FAILS_NEVER, TIME_NONE,
			 LOCKS_NOTHING, "let a new thread run another flow" },
	[STEP_JOIN] = { "join", "join ", OPERAND_FLOW, 0, 0, FAILS_NEVER, TIME_WAITING,
			LOCKS_NOTHING,
			"wait until the guest's threads that run a flow have ended" },
	[STEP_STOP] = { "stop", "stop ", OPERAND_FLOW, 0, 0, FAILS_NEVER, TIME_WAITING,
			LOCKS_NOTHING, "signal them first" },
	[STEP_DIE] = { "die", "exit(1)", OPERAND_NONE, 0, 0, FAILS_NEVER, TIME_NONE, LOCKS_NOTHING,
		       "the VM's process exits: the guest is killed" },
	[STEP_CHANCE] = { "chance", "", OPERAND_CHANCE, ERROR, LABEL_, FAILS_ALWAYS, TIME_NONE,
			  LOCKS_NOTHING, "fail with the errno by chance" },
	[STEP_UNLESS] = { "unless", "unless ", OPERAND_CONDITION, LABEL_, 0, FAILS_NEVER, TIME_NONE,
			  LOCKS_NOTHING, "go to the label unless the condition holds" },
	[STEP_GOTO] = { "goto", "goto ", OPERAND_LABEL, 0, 0, FAILS_NEVER, TIME_NONE, LOCKS_NOTHING,
			"go to the label" },
	[STEP_LABEL] = { "label", "", OPERAND_LABEL, 0, 0, FAILS_NEVER, TIME_NONE, LOCKS_NOTHING,
			 "a place to go to" },
	[STEP_RECOVER] = { "recover", "recover", OPERAND_NONE, 0, 0, FAILS_NEVER, TIME_NONE,
			   LOCKS_NOTHING,
			   "go on another way: the errno is forgotten, and counted as fallback" },
	[STEP_FORGET] = { "forget", "pretend success", OPERAND_NONE, 0, 0, FAILS_NEVER, TIME_NONE,
			  LOCKS_NOTHING, "pretend that all went well" },
	[STEP_FAIL] = { "fail", "fail", OPERAND_ERROR, 0, LABEL_, FAILS_NEVER, TIME_NONE,
			LOCKS_NOTHING, "set the errno, go to the label or return" },
	[STEP_MARK] = { "mark", "", OPERAND_MILESTONE, 0, 0, FAILS_NEVER, TIME_NONE, LOCKS_NOTHING,
			"the operation is done, or a dead generation's memory is back" },
};

const char *const milestone_names[] = { "done", "reclaimed", "all reclaimed", NULL };

const int step_errnos[] = { EPERM,  ESRCH, EINTR,  EIO,    EAGAIN, ENOMEM,
			    EFAULT, EBUSY, EEXIST, EINVAL, 0 };
const size_t step_errno_count = sizeof(step_errnos) / sizeof(step_errnos[0]) - 1;

const char *step_errno_name(int error)
{
	return strerrorname_np(error);
}

enum step_kind step_kind_of(const char *verb)
{
	int kind = STEP_END;

	while (kind < STEP_KINDS &&
	       (!step_forms[kind].verb || strcmp(step_forms[kind].verb, verb) != 0))
		kind++;
	return (enum step_kind)kind;
}

const void *step_operand(const struct step *step, enum operand operand)
{
	const void *thing;

	if (!operand_kinds[operand].is_thing)
		return NULL;
	memcpy(&thing, (const char *)step + operand_kinds[operand].offset, sizeof(thing));
	return thing;
}

const char *operand_name(const void *thing)
{
	const char *name = NULL;

	if (thing)
		memcpy(&name, thing, sizeof(name));
	return name;
}

static bool has(const struct step *step, enum operand operand)
{
	switch (operand) {
	case OPERAND_TERM:
		return step->term != NO_TERM;
	case OPERAND_NAME:
		return step->name != NULL;
	case OPERAND_LABEL:
		return step->label != NULL;
	case OPERAND_ERROR:
		return step->error != 0;
	default:
		return !operand_kinds[operand].is_thing || step_operand(step, operand);
	}
}

const char *step_missing(const struct step *step)
{
	const struct step_form *form = &step_forms[step->kind];

	if (!has(step, form->operand))
		return operand_kinds[form->operand].what;
	for (int m = 0; m < STEP_MEMBERS; m++)
		if (form->needs >> m & 1 && !has(step, step_members[m].operand))
			return operand_kinds[step_members[m].operand].what;
	return NULL;
}

void step_name(const struct model *model, const struct step *step, char *name, size_t size)
{
	const struct step_form *form = &step_forms[step->kind];
	const char *term = step->term == NO_TERM ? "" : model->terms[step->term].name;

	switch (form->operand) {
	case OPERAND_TERM:
		snprintf(name, size, "%s%s", form->printed, term);
		break;
	case OPERAND_SERVER:
		snprintf(name, size, "%s: %s", step->server->name, term);
		break;
	case OPERAND_NAME:
		snprintf(name, size, "%s%s", form->printed, step->name);
		break;
	case OPERAND_LABEL:
		snprintf(name, size, "%s%s", form->printed, step->label);
		break;
	case OPERAND_MILESTONE:
		snprintf(name, size, "%s%s", form->printed, milestone_names[step->milestone]);
		break;
	case OPERAND_NONE:
	case OPERAND_ERROR:
		snprintf(name, size, "%s", form->printed);
		break;
	default:
		snprintf(name, size, "%s%s", form->printed,
			 operand_name(step_operand(step, form->operand)));
		break;
	}
}

const char *step_fault_name(const struct model *model, const struct step *step)
{
	if (step->kind == STEP_PAGES) {
		for (size_t state = 0; state < PAGE_STATES_MAX; state++)
			if (step->loop->fault && step->loop->acts->of[state].handled)
				return step->loop->fault;
		return NULL;
	}
	if (!step->error || step->kind == STEP_FAIL)
		return NULL;
	if (step->name)
		return step->name;
	if (step->term != NO_TERM)
		return model->terms[step->term].name;
	return operand_name(step_operand(step, step_forms[step->kind].operand));
}

bool step_may_fail(const struct step *step)
{
	switch (step_forms[step->kind].fails) {
	case FAILS_ALWAYS:
		return true;
	case FAILS_IF_SAID:
		return step->error != 0 || step->label != NULL;
	case FAILS_BY_LOOP:
		return step->loop->interruptible || step->loop->calls;
	case FAILS_NEVER:
	case FAILS_BY_FLOW:
		break;
	}
	return false;
}

bool step_on_core(const struct step *step)
{
	enum step_time time = step_forms[step->kind].time;

	return time == TIME_ON_CORE || (time == TIME_OF_LOOP && !step->loop->pace_ns);
}

const char *step_waits_for(const struct step *step)
{
	enum step_time time = step_forms[step->kind].time;

	return time == TIME_SERVED ? "queue" : time == TIME_GRACE ? "readers" : "run queue";
}
