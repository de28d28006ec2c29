/* What models refuse, at which key; and which keys have no effect, and why: each is held against its contrary. */

#include "scenario_run.h"

#include "flow/model.h"

#define SCENARIO                                                                                   \
	"{\"host\": {\"memory\": \"64GiB\", \"features\": [\"sme_coherent\"]},"                    \
	" \"guests\": [{\"name\": \"g\", \"memory\": \"4GiB\", %s}],"                              \
	" \"events\": [{\"do\": \"start\", \"guests\": \"g\"}]}"

#define ARM64(strategy) "\"model\": \"arm64\", \"strategy\": \"" strategy "\""
#define CCA(strategy)   "\"model\": \"cca\", \"strategy\": \"" strategy "\""
#define KVM(strategy)   "\"model\": \"kvm\", \"strategy\": \"" strategy "\""
#define SLOTS(strategy) "\"model\": \"memslots\", \"strategy\": \"" strategy "\""
#define S390(strategy)  "\"model\": \"s390-pv\", \"strategy\": \"" strategy "\""
#define SEV(strategy)   "\"model\": \"sev\", \"strategy\": \"" strategy "\""
#define SNP(strategy)   "\"model\": \"sev-snp\", \"strategy\": \"" strategy "\""
#define TDX(strategy)   "\"model\": \"tdx\", \"strategy\": \"" strategy "\""
#define VFIO            ", \"devices\": [{\"kind\": \"vfio\"}]"
#define NO_UPDATES      ", \"creates\": 0, \"deletes\": 0, \"moves\": 0, \"flags\": 0"

/* `why`: words of the reason; NULL: the key has an effect. */
static const struct {
	const char *guest, *key, *why;
} effects[] = {
	{ ARM64("unlocked") ", \"direct_boot\": true", "firmware_touch", "no firmware" },
	{ ARM64("unlocked"), "firmware_touch", NULL },
	{ ARM64("unlocked"), "lock_retries", "locks no memory" },
	{ ARM64("unlocked"), "error_path_bugs", "locks no memory" },
	{ ARM64("immediate"), "lock_retries", NULL },
	{ ARM64("immediate"), "boot_touchers", "before the guest runs" },
	{ ARM64("immediate") ", \"resident\": 0.5", "resident", "pins all" },
	{ ARM64("immediate") ", \"resident\": 1", "resident", NULL },
	{ ARM64("immediate"), "memlock_used", "cap_ipc_lock" },
	{ ARM64("immediate") ", \"cap_ipc_lock\": false", "memlock_used", NULL },
	{ ARM64("immediate") ", \"lock_rule\": \"v4\"", "pause_for_lock", "no lock succeeds" },
	{ CCA("exit"), "contiguous_run", "only strategy ranges" },
	{ CCA("ranges"), "contiguous_run", NULL },
	{ KVM("exit"), "helper_in_time", "no helper" },
	{ KVM("async-teardown"), "helper_in_time", NULL },
	{ KVM("exit"), "boot_touch", NULL },
	{ KVM("exit") ", \"preallocate\": \"touch\"", "boot_touch_ratio", "preallocation" },
	{ KVM("exit") ", \"preallocate\": \"touch\"", "helper_poll", "no helper" },
	{ KVM("exit") VFIO, "boot_touch", "passed through" },
	{ KVM("exit") VFIO ", \"resident\": 0.5", "resident", "passed through" },
	{ KVM("exit") VFIO ", \"resident\": 1", "resident", NULL },
	{ KVM("exit") ", \"resident\": 0.5", "resident", NULL },
	{ KVM("exit"), "balloon_returned", "no balloon" },
	{ KVM("exit") ", \"balloon\": \"1GiB\"", "balloon_returned", NULL },
	{ KVM("exit") ", \"balloon\": \"1GiB\"", "discard_slice", "never grows" },
	{ KVM("exit") ", \"balloon_target\": \"1GiB\"", "discard_slice", NULL },
	{ KVM("exit"), "pin_folios", "no device is passed" },
	{ KVM("exit") VFIO, "pin_folios", NULL },
	{ KVM("exit"), "memory_updates", "no devices" },
	{ KVM("exit") VFIO, "memory_updates", NULL },
	{ KVM("exit") ", \"prealloc_threads\": 2", "preallocate", "and they touch" },
	{ KVM("exit"), "preallocate", NULL },
	{ KVM("exit"), "prezeroed", "only pages of the host's pools" },
	{ KVM("exit") ", \"vcpus\": 1, \"boot_touchers\": 2", "boot_touchers", "one vCPU" },
	{ KVM("exit") ", \"vcpus\": 2, \"boot_touchers\": 2", "boot_touchers", NULL },
	{ KVM("exit") ", \"vcpus\": 1, \"memmap_threads\": 2", "memmap_threads", "one vCPU" },
	{ KVM("exit") ", \"vcpus\": 2, \"memmap_threads\": 2", "memmap_threads", NULL },
	{ SLOTS("sequential"), "concurrent_updates", "only a list" },
	{ SLOTS("batch"), "concurrent_updates", NULL },
	{ SLOTS("one-swap-batch"), "concurrent_updates", NULL },
	{ SLOTS("sequential"), "address_spaces", "one address space" },
	{ SLOTS("batch"), "address_spaces", NULL },
	{ SLOTS("batch"), "touched", NULL },
	{ SLOTS("batch") NO_UPDATES, "touched", "comes back" },
	{ SLOTS("batch") NO_UPDATES, "fast_zap", "nothing is removed" },
	{ SLOTS("batch") NO_UPDATES, "zap", "nothing is removed" },
	{ SLOTS("batch"), "fast_zap", NULL },
	{ SLOTS("batch"), "zap", NULL },
	{ SLOTS("batch") ", \"zap\": \"async\"", "fast_zap", "all roots" },
	{ SLOTS("batch") ", \"zap\": \"async\"", "zap", NULL },
	{ SLOTS("batch"), "hotplug", NULL },
	{ SLOTS("batch") ", \"deletes\": 2", "hotplug", "place of a deleted" },
	{ SLOTS("batch") ", \"deletes\": 2", "memmap_on_memory", "place of a deleted" },
	{ SLOTS("batch") ", \"architecture\": \"s390\"", "fetch_share", "on s390" },
	{ SLOTS("batch"), "fetch_share", NULL },
	{ SLOTS("inhibit"), "access_rate", "no vCPU runs" },
	{ SLOTS("kick-all"), "fetch_share", "no vCPU runs" },
	{ SLOTS("kick-all"), "reader_hold", "no exit handler" },
	{ SLOTS("sequential"), "access_rate", NULL },
	{ SLOTS("sequential"), "reader_hold", NULL },
	{ S390("sync"), "perform_delay", "no such step" },
	{ S390("async"), "perform_delay", NULL },
	{ S390("async"), "crypto_queues_bound", "no such step" },
	{ S390("async-fast"), "crypto_queues_bound", NULL },
	{ S390("async"), "oom_notifier", "no such step" },
	{ S390("lazy"), "oom_notifier", NULL },
	{ S390("lazy"), "exit_notifier", "no such step" },
	{ S390("sync"), "exit_notifier", NULL },
	{ S390("sync"), "vmm_memory", "vmm_resident" },
	{ SEV("upfront"), "slot_limit", "no metadata" },
	{ SEV("demand"), "slot_limit", NULL },
	{ SEV("upfront"), "workload_rate", "before the guest runs" },
	{ SEV("demand"), "workload_rate", NULL },
	{ SEV("upfront"), "repinned", "before the guest runs" },
	{ SEV("upfront"), "boot_touchers", "before the guest runs" },
	{ SEV("demand"), "boot_touchers", NULL },
	{ SEV("demand"), "reset_in_process", "without es" },
	{ SEV("demand") ", \"es\": true", "reset_in_process", NULL },
	{ SEV("demand-longterm"), "longterm", "always pins" },
	{ SEV("demand"), "longterm", NULL },
	{ SEV("demand"), "movable", "FOLL_LONGTERM" },
	{ SEV("demand-longterm"), "movable", NULL },
	{ SEV("upfront") ", \"longterm\": true", "movable", NULL },
	{ SEV("demand"), "extra_reference", "FOLL_LONGTERM" },
	{ SEV("demand") ", \"longterm\": true", "extra_reference", "own reference" },
	{ SEV("demand-longterm") ", \"movable\": 0", "extra_reference", "no page is movable" },
	{ SEV("demand-longterm") ", \"movable\": 0.1", "extra_reference", NULL },
	{ TDX("remove-while-runnable"), "vcpu_running", "mutexes" },
	{ TDX("terminate-first"), "vcpu_running", NULL },
};

static void test_effects(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(effects) / sizeof(effects[0]); i++) {
		const struct guest_config *guest;
		const char *why;

		load(&scenario, SCENARIO, effects[i].guest);
		guest = &scenario.simulation.guests[0];
		why = guest->model->ignored(guest, &scenario.simulation.host, effects[i].key);
		if (!why != !effects[i].why || (why && !strstr(why, effects[i].why)))
			fail_msg("%s: %s: \"%s\", expected: \"%s\"", effects[i].guest,
				 effects[i].key, why ? why : "it has an effect",
				 effects[i].why ? effects[i].why : "it has an effect");
		scenario_fini(&scenario);
	}
}

/* `words`: of the message; NULL: it is accepted. */
static const struct {
	const char *guest, *key, *words;
} refusals[] = {
	{ S390("sync") ", \"vcpus\": 249", "vcpus", "248" },
	{ S390("sync") ", \"vcpus\": 248", NULL, NULL },
	{ S390("sync") ", \"page_size\": \"2MiB\"", "page_size", "4 KiB" },
	{ ARM64("pkvm-non-protected") ", \"page_size\": \"1GiB\"", "page_size", "2 MiB" },
	{ ARM64("pkvm-non-protected") ", \"page_size\": \"2MiB\"", NULL, NULL },
	{ ARM64("unlocked") ", \"page_size\": \"1GiB\"", NULL, NULL },
	{ ARM64("deferred") ", \"page_size\": \"2MiB\"", "page_size", "4 KiB" },
	{ ARM64("pkvm") ", \"page_size\": \"2MiB\"", "page_size", "4 KiB" },
	{ ARM64("pkvm") VFIO, "devices", "pKVM" },
	{ CCA("exit") ", \"page_size\": \"2MiB\"", "page_size", "4 KiB" },
	{ SNP("fault") ", \"page_size\": \"1GiB\"", "page_size", "RMP" },
	{ SNP("fault") ", \"page_size\": \"2MiB\"", NULL, NULL },
	{ TDX("terminate-first") ", \"page_size\": \"2MiB\"", "page_size", "4 KiB" },
	{ KVM("exit") ", \"balloon\": \"1GiB\"" VFIO, "devices", "balloon" },
	{ KVM("exit") ", \"balloon\": \"1GiB\"", NULL, NULL },
	{ SLOTS("batch") ", \"architecture\": \"arm64\", \"zap\": \"async\"", "zap", "x86" },
	{ SLOTS("batch") ", \"slot\": \"8GiB\", \"creates\": 1, \"deletes\": 1", "slot",
	  "created" },
	{ SLOTS("batch") ", \"slot\": \"4GiB\", \"creates\": 1, \"deletes\": 1", NULL, NULL },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct error error = { 0 };
		char text[2048], place[64];
		bool loaded;

		snprintf(text, sizeof(text), SCENARIO, refusals[i].guest);
		loaded = scenario_load_text(&scenario, "<memory>", text, strlen(text), &error);
		if (loaded)
			scenario_fini(&scenario);
		if (loaded != !refusals[i].words)
			fail_msg("%s: %s", refusals[i].guest, loaded ? "accepted" : error.message);
		if (loaded)
			continue;
		snprintf(place, sizeof(place), "/guests/0/%s: ", refusals[i].key);
		if (!strstr(error.message, place) || !strstr(error.message, refusals[i].words))
			fail_msg("%s: \"%s\" names neither %s nor %s", refusals[i].guest,
				 error.message, place, refusals[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_effects),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
