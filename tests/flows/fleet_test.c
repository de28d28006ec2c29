/* Fleets: every VM is accounted for, waits for memory in limbo, and limbo follows its laws. */

#include "held.h"

#include "fleet_run.h"

/* The first is shut down at 100 s; its memory is freed from 102 s on for a third of a second. */
#define TWO_VMS "0,1,8,100\n102.4,1,8,50\n"

/* Room is taken by a dead VM: the next one waits for it, or goes to another host. */
static void test_waiting(void **state)
{
	struct simulation *simulation = run(TWO_VMS, ONE_HOST, "\"hosts\": 1");
	/* stop 1 s, exit 1 ms, KVM 5 ms, poll 1 s, exit 1 ms; 6 of 8 GiB must be free again */
	double gone_s = 100 + 1 + 0.001 + 0.005 + 1 + 0.001, page_s = 129e-9;

	(void)state;
	assert_accounted(simulation);
	assert_int_equal(counter_of(simulation, "vms.waited"), 0);
	done(simulation);
	simulation = run("0,1,8,100\n101.2,1,8,50\n", ONE_HOST, "\"hosts\": 1");
	assert_accounted(simulation);
	assert_int_equal(counter_of(simulation, "vms.waited"), 1);
	assert_int_equal(counter_of(simulation, "vms.torn_down"), 2);
	assert_int_equal(observation(simulation, "start.delay", 0), 0);
	assert_true(fabs((double)observation(simulation, "start.delay", 1) * 1e-9 + 101.2 -
			 (gone_s + 6 * 262144 * page_s)) < 1e-4);
	done(simulation);
	simulation = run("0,1,8,100\n101.2,1,8,50\n", ONE_HOST, "\"hosts\": 2");
	assert_int_equal(counter_of(simulation, "vms.waited"), 0);
	assert_int_equal(observation(simulation, "start.delay", 1), 0);
	done(simulation);
}

static void test_rejected(void **state)
{
	struct simulation *simulation =
		run("0,1,8,\n1,1,8,5\n2,1,1,5\n", ONE_HOST, "\"hosts\": 1, \"patience\": \"3s\"");

	(void)state;
	assert_accounted(simulation);
	assert_int_equal(counter_of(simulation, "vms.rejected"), 1);
	assert_int_equal(counter_of(simulation, "vms.waited"), 1);
	assert_int_equal(counter_of(simulation, "vms.running"), 1);
	assert_int_equal(counter_of(simulation, "vms.torn_down"), 1);
	done(simulation);
	/* vCPUs bind as well */
	simulation = run("0,8,1,\n1,8,1,\n2,1,1,\n", ONE_HOST,
			 "\"hosts\": 1, \"vcpus_per_core\": 2, \"patience\": \"0s\"");
	assert_int_equal(counter_of(simulation, "vms.rejected"), 1);
	assert_int_equal(counter_of(simulation, "vms.running"), 2);
	done(simulation);
}

/* 6 GiB on host 0, 8 on host 1; then 1 GiB: the first, the fullest, or the one without limbo. */
static void test_placement(void **state)
{
	static const char *const lines = "0,1,6,\n1,1,8,\n10,1,1,\n";
	struct simulation *simulation = run(lines, ONE_HOST, "\"hosts\": 3");

	(void)state;
	assert_int_equal(started_on(simulation, "host 0"), 2);
	done(simulation);
	simulation = run(lines, ONE_HOST, "\"hosts\": 3, \"placement\": \"best-fit\"");
	assert_int_equal(started_on(simulation, "host 1"), 2);
	done(simulation);
	/* host 0 still holds a dead VM's memory */
	simulation = run("0,1,6,10\n11.3,1,1,\n", ONE_HOST,
			 "\"hosts\": 2, \"placement\": \"least-limbo\"");
	assert_int_equal(started_on(simulation, "host 1"), 1);
	done(simulation);
}

/*
 * Dead VMs with a thread each: the integral of limbo is the sum of S (wait + S / 2r), so at
 * Poisson rate lambda its mean is lambda (E[S] wait + E[S^2] / 2r).
 */
static void test_limbo_of_own_threads(void **state)
{
	static const double sizes[] = { 1, 2, 4, 8 };
	char lines[1 << 12] = "";
	double wait_s = 1.001, rate = 4096 / 129e-9, integral = 0, last = 0;
	struct simulation *simulation;

	(void)state;
	for (int i = 0; i < 40; i++) {
		double size = sizes[i % 4] * 0x1p30;

		snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines), "%d,1,%g,%d\n",
			 i * 3, sizes[i % 4], 50);
		integral += size * (wait_s + size / rate / 2) + size * 0.006;
		last = i * 3 + 50 + 1.006 + wait_s + size / rate;
	}
	simulation = run(lines, "\"cores\": 64, \"memory\": \"1TiB\"", "\"hosts\": 1");
	assert_true(fabs((double)observation(simulation, "limbo.mean", 0) * last / integral - 1) <
		    1e-4);
	done(simulation);
}

/*
 * A wave of B VMs of S bytes, one every g seconds, that one core frees at rate R: the peak is
 * S + (B - 1) (S - g R) when the core cannot follow, else S.
 */
static void test_wave(void **state)
{
	enum { B = 8 };
	double rate = 4096 / 129e-9, size = 8 * 0x1p30;
	static const double gaps[] = { 0.1, 0.2, 1 };

	(void)state;
	/* the helper notices at once, and nothing else takes time */
	costs = "{\"helper.poll\": {\"mean\": \"0s\"}, \"kvm.destroy_vm\": {\"mean\": \"0s\"},"
		" \"kernel.exit\": {\"mean\": \"0s\"}}";
	for (int k = 0; k < 3; k++) {
		double wanted = size + (B - 1) * fmax(0, size - gaps[k] * rate);
		char lines[1 << 10] = "";
		struct simulation *simulation;

		for (int i = 0; i < B; i++)
			snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines),
				 "%g,1,8,%g\n", i * 60.0, (B - i) * 60 + 1000 + i * gaps[k]);
		simulation = run(lines, "\"cores\": 1, \"memory\": \"1TiB\"", "\"hosts\": 1");
		print_message("gap %g s: peak %.4g GiB, law %.4g GiB\n", gaps[k],
			      (double)observation(simulation, "limbo.peak", 0) / 0x1p30,
			      wanted / 0x1p30);
		/* the exits themselves use the core a little, too */
		assert_true(fabs((double)observation(simulation, "limbo.peak", 0) / wanted - 1) <
			    0.02);
		done(simulation);
	}
}

/*
 * Lives that end at one instant, one that ends while its VM is on its way to another host (it
 * arrives, and goes at once), and one that is over when the trace is.
 */
static void test_ends_of_lives(void **state)
{
	struct simulation *simulation;

	(void)state;
	events = EVACUATE_0 "}";
	simulation = run("0,1,1,100.5\n50,1,1,50.5\n60,1,1,40.5\n70,1,1,\n80,1,1,5\n", ONE_HOST,
			 "\"hosts\": 2");
	assert_accounted(simulation);
	assert_int_equal(counter_of(simulation, "vms.moved"), 4);
	assert_int_equal(counter_of(simulation, "vms.torn_down"), 4);
	assert_int_equal(counter_of(simulation, "vms.running"), 1);
	/* each is told to start and to shut down once on each host */
	assert_int_equal(counter_of(simulation, "operations.requested"), 5 + 4 + 4 + 4);
	assert_int_equal(counter_of(simulation, "operations.refused"), 0);
	done(simulation);
	simulation = run("0,1,1,100\n50,1,1,50\n60,1,1,40\n", ONE_HOST, "\"hosts\": 2");
	assert_int_equal(counter_of(simulation, "vms.torn_down"), 3);
	/* they share the host's cores from one instant on, and are down at one */
	assert_int_equal(observation(simulation, "shutdown.latency", 0),
			 observation(simulation, "shutdown.latency", 2));
	done(simulation);
}

/* Twenty VMs, from 0 s on every 10 s; each runs for ever. Five on each of four hosts. */
static struct simulation *run_twenty(void)
{
	char lines[1 << 10] = "";

	for (int i = 0; i < 20; i++)
		snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines), "%d,1,2,\n", i * 10);
	return run(lines, ONE_HOST, "\"hosts\": 4");
}

/* Whom an event meets: all that run, those of a host, those that are old; who comes later is not. */
static void test_whom_events_meet(void **state)
{
	static const struct {
		const char *event;
		size_t reboots;
	} rows[] = {
		{ "\"at\": \"300s\"", 20 },
		{ "\"at\": \"102s\"", 10 }, /* the eleventh is not up yet */
		{ "\"at\": \"300s\", \"host\": 2", 5 },
		{ "\"at\": \"300s\", \"older_than\": \"200s\"", 10 },
		{ "\"at\": \"300s\", \"older_than\": \"200s\", \"host\": 1", 5 },
		{ "\"at\": \"300s\", \"older_than\": \"200s\", \"host\": 3", 0 },
		{ "\"at\": \"300s\", \"every\": \"100s\", \"times\": 3", 60 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct simulation *simulation;
		char text[256];

		snprintf(text, sizeof(text), "{\"do\": \"reboot\", \"guests\": \"vm\", %s}",
			 rows[i].event);
		events = text;
		simulation = run_twenty();
		assert_accounted(simulation);
		assert_int_equal(times_done(simulation, "reboot.latency"), rows[i].reboots);
		assert_int_equal(counter_of(simulation, "vms.running"), 20);
		assert_int_equal(counter_of(simulation, "operations.refused"), 0);
		done(simulation);
	}
}

/* A tenth of the VMs, and a fifth: the same ones and more; all again for every occurrence. */
static void test_share(void **state)
{
	static const char *const format =
		"{\"do\": \"reboot\", \"guests\": \"vm\", \"at\": \"300s\", \"share\": %g, "
		"\"every\": \"100s\", \"times\": 200}";
	static const double shares[] = { 0.1, 0.2, 1 };
	size_t reboots, last = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct simulation *simulation;
		char text[256];

		snprintf(text, sizeof(text), format, shares[i]);
		events = text;
		simulation = run_twenty();
		reboots = times_done(simulation, "reboot.latency");
		/* binomial: 4000 draws, three standard deviations of the sum */
		assert_true(fabs((double)reboots - 4000 * shares[i]) <=
			    3 * sqrt(4000 * shares[i] * (1 - shares[i])));
		assert_true(reboots > last);
		last = reboots;
		done(simulation);
	}
}

/* Each VM by itself, from its start on: the number of reboots is Poisson. */
static void test_rate(void **state)
{
	static const double hours = 30 * 24 - 300 / 3600.0;
	struct simulation *simulation;
	size_t reboots;

	(void)state;
	events = "{\"do\": \"reboot\", \"guests\": \"vm\", \"at\": \"300s\", \"rate\": "
		 "\"0.1/h\"}";
	simulation = run_twenty();
	reboots = times_done(simulation, "reboot.latency");
	assert_true(fabs((double)reboots - 20 * 0.1 * hours) < 3 * sqrt(20 * 0.1 * hours));
	done(simulation);
	/* half of the VMs have reboots, the others have none */
	events = "{\"do\": \"reboot\", \"guests\": \"vm\", \"at\": \"300s\", \"rate\": "
		 "\"0.1/h\", \"share\": 0.5}";
	simulation = run_twenty();
	assert_true(times_done(simulation, "reboot.latency") < reboots * 3 / 4);
	assert_true(times_done(simulation, "reboot.latency") > reboots / 4);
	done(simulation);
}

/*
 * A wave of two at once, each of which takes as long: half as many times one reboot. One VM is
 * killed meanwhile: it is passed over. One that ends during its reboot ends behind it.
 */
static void test_wave_of_reboots(void **state)
{
	static const char *const wave =
		"{\"do\": \"reboot\", \"guests\": \"vm\", \"at\": \"300s\", \"concurrency\": 2}";
	struct simulation *simulation;
	int64_t alone_ns;
	char text[512];

	(void)state;
	events = wave;
	simulation = run_twenty();
	assert_int_equal(times_done(simulation, "wave.duration"), 1);
	assert_int_equal(times_done(simulation, "reboot.latency"), 20);
	alone_ns = observation(simulation, "reboot.latency", 0);
	assert_true(llabs(observation(simulation, "wave.duration", 0) - 10 * alone_ns) < 10000);
	done(simulation);
	snprintf(text, sizeof(text),
		 "%s, {\"do\": \"kill\", \"guests\": \"vm\", \"at\": \"300.1s\", \"host\": 3}",
		 wave);
	events = text;
	simulation = run_twenty();
	assert_accounted(simulation);
	assert_int_equal(times_done(simulation, "reboot.latency"), 15);
	assert_int_equal(counter_of(simulation, "vms.torn_down"), 5);
	assert_int_equal(counter_of(simulation, "vms.running"), 15);
	assert_int_equal(times_done(simulation, "wave.duration"), 1);
	done(simulation);
	events = wave;
	simulation = run("0,1,8,300.5\n", ONE_HOST, "\"hosts\": 1");
	assert_int_equal(times_done(simulation, "reboot.latency"), 1);
	assert_int_equal(counter_of(simulation, "vms.torn_down"), 1);
	assert_int_equal(observation(simulation, "wave.duration", 0),
			 observation(simulation, "reboot.latency", 0));
	done(simulation);
}

/*
 * Killed VMs are gone for good and give their room to who waits; what the trace says of the end
 * of their lives is void, also for the VM that has their place then.
 */
static void test_kills(void **state)
{
	struct simulation *simulation;

	(void)state;
	events = "{\"do\": \"kill\", \"guests\": \"vm\", \"at\": \"100s\"}";
	simulation =
		run("0,1,8,200\n90,1,8,10000\n", ONE_HOST, "\"hosts\": 1, \"patience\": \"1h\"");
	assert_accounted(simulation);
	assert_int_equal(counter_of(simulation, "vms.waited"), 1);
	assert_int_equal(counter_of(simulation, "vms.torn_down"), 2);
	assert_int_equal(times_done(simulation, "shutdown.latency"), 2);
	/* a kill has no guest that stops: the memory was there before 104 s */
	assert_true(observation(simulation, "start.delay", 1) > (int64_t)10e9);
	assert_true(observation(simulation, "start.delay", 1) < (int64_t)14e9);
	/* and the wait is a part of the start */
	assert_true(observation(simulation, "start.latency", 1) >
		    observation(simulation, "start.delay", 1));
	assert_int_equal(counter_of(simulation, "operations.refused"), 0);
	done(simulation);
}

/*
 * A reboot whose strategy leaves the old process's memory to the background: until that is back
 * the host has no room for another VM, though nobody but the rebooting one needs any.
 */
static void test_room_during_reboots(void **state)
{
	struct simulation *simulation;

	(void)state;
	guest = "\"model\": \"cca\", \"strategy\": \"background\"";
	events = "{\"do\": \"reboot\", \"guests\": \"vm\", \"at\": \"100s\"}";
	costs = "{}";
	simulation = run("0,1,4,\n104,1,4,\n", ONE_HOST, "\"hosts\": 1, \"patience\": \"1h\"");
	guest = KVM;
	assert_accounted(simulation);
	assert_int_equal(counter_of(simulation, "vms.running"), 2);
	assert_int_equal(counter_of(simulation, "vms.waited"), 1);
	assert_int_equal(counter_of(simulation, "vms.lost"), 0);
	assert_true(observation(simulation, "start.delay", 1) > 0);
	done(simulation);
}

/* What a VM has lost stays taken on its host when nobody uses its place any more. */
static void test_leak(void **state)
{
	struct simulation *simulation;

	(void)state;
	guest = "\"model\": \"s390-pv\", \"strategy\": \"sync\", \"faults\": [{\"step\": "
		"\"uvc.destroy_conf\", \"call\": 1}]";
	simulation = run("0,1,4,100\n", ONE_HOST, "\"hosts\": 2");
	guest = KVM;
	assert_accounted(simulation);
	assert_int_equal(counter_of(simulation, "vms.torn_down"), 1);
	/* 1 MiB for the configuration, 4096 B for each of 4096 MiB, and the vCPU's */
	assert_int_equal(bytes_in_use(simulation), counter_of(simulation, "memory.leaked_bytes"));
	assert_true(bytes_in_use(simulation) >= (1 << 20) + 4096 * 4096);
	done(simulation);
}

/* One VM of 4 vCPUs and 8 of 10 GiB for two hours, on 8 cores; then nothing more happens. */
static void test_use_by_the_hour(void **state)
{
	struct simulation *simulation = run("0,4,8,7200\n", ONE_HOST, "\"hosts\": 2");
	static const char *const of_host_0[] = { "host.memory.used", "host.vcpus.used" };
	static const int64_t ppm[] = { 800000, 500000 };

	(void)state;
	for (size_t i = 0; i < 2; i++) { /* host 0, host 1, for each hour */
		assert_int_equal(times_done(simulation, of_host_0[i]), 4);
		assert_int_equal(observation(simulation, of_host_0[i], 0), ppm[i]);
		assert_int_equal(observation(simulation, of_host_0[i], 1), 0);
		assert_int_equal(observation(simulation, of_host_0[i], 2), ppm[i]);
	}
	assert_true(observation(simulation, "time.observed", 0) > (int64_t)7200e9);
	assert_true(observation(simulation, "time.observed", 0) < (int64_t)7300e9);
	done(simulation);
	/* it goes on to the end where a VM does */
	simulation = run("0,4,8,\n", ONE_HOST, "\"hosts\": 1");
	assert_int_equal(times_done(simulation, "host.memory.used"), 30 * 24);
	assert_int_equal(observation(simulation, "time.observed", 0), (int64_t)(30 * 86400e9));
	done(simulation);
}

/* What hosts used by the hour, and in all, is what all of them together did. */
static void test_use_adds_up(void **state)
{
	struct simulation *simulation;
	double busy = 0, hours = 0, moved = 0;
	const struct counter *counters;
	size_t count;

	(void)state;
	events = "{\"do\": \"reboot\", \"guests\": \"vm\", \"at\": \"300s\", \"every\": \"10min\"}";
	guest = "\"model\": \"kvm\", \"strategy\": \"exit\""; /* its boots touch memory */
	simulation = run_twenty();
	guest = KVM;
	counters = simulation_counters(simulation, &count);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(counters[i].name, "cores.busy_ns") == 0)
			busy += (double)counters[i].value;
		if (strcmp(counters[i].name, "memory.moved_bytes") == 0)
			moved += (double)counters[i].value;
	}
	for (size_t i = 0; i < times_done(simulation, "host.cores.used"); i++)
		hours += (double)observation(simulation, "host.cores.used", i) * 1e-6 * 8 * 3600e9;
	assert_true(busy > 1e9 && moved > 0x1p30);
	assert_true(fabs(busy - (double)observation(simulation, "cores.busy", 0)) < 10);
	assert_true(fabs(moved - (double)observation(simulation, "memory.moved", 0)) < 10);
	assert_true(fabs(hours / busy - 1) < 1e-2);
	done(simulation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_rejected),
		cmocka_unit_test(test_placement),
		cmocka_unit_test(test_limbo_of_own_threads),
		cmocka_unit_test(test_wave),
		cmocka_unit_test(test_ends_of_lives),
		cmocka_unit_test(test_whom_events_meet),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_wave_of_reboots),
		cmocka_unit_test(test_kills),
		cmocka_unit_test(test_room_during_reboots),
		cmocka_unit_test(test_leak),
		cmocka_unit_test(test_use_by_the_hour),
		cmocka_unit_test(test_use_adds_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
