/*
 * A model out of tree: guests whose whole memory is pinned for a device that is passed through. Build and run it:
 *
 *   cc -o model model.c $(pkg-config --cflags --libs sim-model)
 *   ./model pinned.json
 *
 * It makes the model known and prints the result of a scenario that names it, as `sim run --format json` would. The
 * order of the sections is that of CONTRIBUTING ("Add a model"). All prices are made up: none of its results
 * says anything about a machine.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <sim.h>

#include "models/common.h"

/* --- parameters ------------------------------------------------------------- */

struct parameters {
	int64_t devices;
};

static const struct field parameter_fields[] = {
	{ "devices", FIELD_COUNT, offsetof(struct parameters, devices), "1", 1, 64, NULL, NULL,
	  "devices that are passed through; each is reset by itself" },
	{ .key = NULL },
};
static const struct record parameters =
	PARAMETER_RECORD("pinned guest", "Parameters of a guest whose memory is pinned.");

/* --- cost terms --------------------------------------------------------------- */

enum { GUEST_STOP = FIRST_TERM, GUEST_BOOT, DEVICE_RESET, PAGE_PIN, PAGE_UNPIN, EXIT, TERM_COUNT };

#define MADE_UP "made up for this example"
static const struct term terms[TERM_COUNT] = {
	[GUEST_STOP] = GUEST_STOP_TERM(""),
	[GUEST_BOOT] = { "guest.boot", TERM_PER_CALL, 2e9, 0.05, 1e9, 4e9, TERM_ASSUMED, MADE_UP },
	[DEVICE_RESET] = { "device.reset", TERM_PER_CALL, 100e6, 0.1, 10e6, 1e9, TERM_ASSUMED,
			   MADE_UP },
	[PAGE_PIN] = { "page.pin", TERM_PER_PAGE, 300, 0.1, 100, 1e3, TERM_ASSUMED, MADE_UP },
	[PAGE_UNPIN] = { "page.unpin", TERM_PER_PAGE, 100, 0.1, 50, 500, TERM_ASSUMED, MADE_UP },
	[EXIT] = { "process.exit", TERM_PER_CALL, 5e6, 0.1, 1e6, 20e6, TERM_ASSUMED, MADE_UP },
};

/* --- locks, state --------------------------------------------------------------- */

static const struct lock_kind *const locks[] = { &mmap_lock };

enum page_state { FRESH = PAGE_FIRST, PINNED, DEAD };
static const char *const page_states[] = { "fresh", "pinned", "dead" };

STATIC_COUNT(per_device, "devices", parameters_of(guest)->devices);

/* --- hooks ------------------------------------------------------------------------ */

STATIC_EFFECT(start_process, "a new address space",
	      page_map_fill(&guest->pages, guest_resident_pages(guest), FRESH));

STATIC_HOOK(end_generation, "the process is dead")
{
	*generation = guest_generation_dies(guest, 0);
	page_map_turn(&guest->pages, FRESH, DEAD);
	page_map_turn(&guest->pages, PINNED, DEAD);
	return *generation ? 0 : ENOMEM;
}

/* --- page loops --------------------------------------------------------------------- */

static const struct page_loop pin = {
	.name = "pin",
	.range = all_pages,
	.interruptible = true,
	.yields = true,
	.acts = &(const struct page_acts){ { [FRESH] = { { PRICE(PAGE_PIN) }, PINNED, true },
					     PASS(PINNED),
					     PASS(DEAD) } },
};
static const struct page_loop unpin = {
	.name = "unpin",
	.range = all_pages,
	.yields = true,
	.acts =
		&(const struct page_acts){
			{ PASS(FRESH), [PINNED] = { { PRICE(PAGE_UNPIN) }, FRESH, true },
			  PASS(DEAD) } },
};
static const struct page_loop unpin_and_free = {
	.name = "unpin and free",
	.range = all_pages,
	.yields = true,
	.frees = true,
	.acts =
		&(const struct page_acts){
			{ PASS(FRESH),
			  PASS(PINNED), [DEAD] = { { PRICE(PAGE_UNPIN) }, PAGE_GONE, true } } },
};

/* --- flows ---------------------------------------------------------------------------- */

static const struct step start_steps[] = {
	ALLOCATE(guest_memory, resident_bytes, "out", "mmap"),
	DO(start_process, "kvm_create_vm"),
	PAGES(pin, "out", "vfio_pin_map_dma"),
	USER(GUEST_BOOT, NULL, "guest: start_kernel"),
	MARK(MILESTONE_DONE),
	LABEL("out"),
};
static const struct flow start = FLOW("start", "pin all memory, boot", start_steps);

static const struct step again_steps[] = {
	SLEEP(GUEST_STOP, NULL, "guest: kernel_restart"),
	SPEND(DEVICE_RESET, &per_device, "vfio_pci_reset"),
	PAGES(unpin, NULL, "vfio_unmap_unpin"),
	PAGES(pin, "out", "vfio_pin_map_dma"),
	USER(GUEST_BOOT, NULL, "guest: start_kernel"),
	MARK(MILESTONE_DONE),
	LABEL("out"),
};
static const struct flow reboot_again = FLOW("reboot", "unpin, pin again, boot", again_steps);

static const struct step kept_steps[] = {
	SLEEP(GUEST_STOP, NULL, "guest: kernel_restart"),
	SPEND(DEVICE_RESET, &per_device, "vfio_pci_reset"),
	USER(GUEST_BOOT, NULL, "guest: start_kernel"),
	MARK(MILESTONE_DONE),
};
static const struct flow reboot_kept = FLOW("reboot", "the pins stay", kept_steps);

static const struct step exit_steps[] = {
	TRY(end_generation, 0, "out", "do_exit"),
	SPEND(EXIT, NULL, "do_exit"),
	LOCK(mmap_lock, "exit_mmap"),
	PAGES(unpin_and_free, NULL, "vfio_unmap_unpin"),
	UNLOCK(mmap_lock, "exit_mmap"),
	MARK(MILESTONE_RECLAIMED),
	MARK(MILESTONE_DONE),
	LABEL("out"),
};
static const struct flow process_exit = FLOW("process_exit", "the process ends", exit_steps);

static const struct flow shutdown = SHUTDOWN(POWER_OFF(process_exit));

/* --- the model ---------------------------------------------------------------------------- */

static const struct strategy strategies[] = {
	{ "again", "a reboot unpins all memory and pins it again",
	  FLOWS(start, reboot_again, shutdown, process_exit) },
	{ "keep", "a reboot keeps the pins", FLOWS(start, reboot_kept, shutdown, process_exit) },
};

static void begin(struct guest *guest, bool running)
{
	page_map_fill(&guest->pages, running ? guest_resident_pages(guest) : 0, PINNED);
}

static const struct model model = {
	.name = "pinned",
	.architectures = ON_X86_64 | ON_ARM64,
	.summary = "an example: guests whose memory is pinned for a device",
	.modelled = "Pinning page by page at the start, and again at a reboot or not.",
	.not_modelled = "Nearly everything.",
	.sources = MADE_UP,
	.strategies = TABLE(strategies),
	.terms = terms,
	.term_count = TERM_COUNT,
	.parameters = &parameters,
	.locks = TABLE(locks),
	.page_states = TABLE(page_states),
	.limbo_states = 1u << DEAD,
	.begin = begin,
};

int main(int argc, char **argv)
{
	struct sim_scenario *scenario = NULL;
	struct sim_result *result = NULL;
	struct sim_error error;
	char *json = NULL;

	if (argc < 2) {
		fprintf(stderr, "usage: %s SCENARIO.json [/json/pointer=VALUE]...\n", argv[0]);
		return 2;
	}
	if (sim_add_model(&model, &error))
		scenario = sim_read_file(argv[1], (const char *const *)argv + 2, &error);
	if (scenario)
		result = sim_run(scenario, NULL, &error);
	if (result)
		json = sim_result_json(result, &error);
	if (json)
		fputs(json, stdout);
	else
		fprintf(stderr, "%s\n", error.message);
	free(json);
	sim_result_free(result);
	sim_scenario_free(scenario);
	return json ? 0 : (int)error.status;
}
