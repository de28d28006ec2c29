#ifndef SIM_ENGINE_SERVER_H
#define SIM_ENGINE_SERVER_H

/*
 * A FIFO queue in front of `servers` identical servers that do not use the
 * host's cores: firmware such as the AMD PSP (one server), a disk.
 */

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"

struct server;
struct server_request;
typedef void server_done(struct server *server, struct server_request *request);

struct server_request {
	server_done *done;  /* set by the owner; called when service ends */
	struct event event; /* its handler is set by server_request_init */
	struct server *server;
	int64_t service_ns;
	int64_t arrived_ns, begun_ns;
	struct server_request *next;
};

struct server_statistics {
	uint64_t served;
	int64_t wait_total_ns, busy_ns;
	unsigned __int128 present_ns; /* integral of requests waiting or in service dt */
};

struct server {
	struct engine *engine;
	uint32_t servers, busy, present;
	struct server_request *first, *last; /* waiting */
	int64_t updated_ns;
	struct server_statistics statistics;
};

void server_init(struct server *server, struct engine *engine, uint32_t servers);
void server_reset(struct server *server);
bool server_request_init(struct server *server, struct server_request *request, server_done *done,
			 struct error *error);
void server_request_fini(struct server *server, struct server_request *request);

/* Queue a request of `service_ns` (>= 0). */
void server_submit(struct server *server, struct server_request *request, int64_t service_ns);

/* Bring the statistics up to the present instant. */
void server_settle(struct server *server);

#endif
