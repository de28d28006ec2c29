#include "engine/server.h"

#include "base/sum.h"

void server_init(struct server *server, struct engine *engine, uint32_t servers)
{
	*server = (struct server){ .engine = engine, .servers = servers };
}

void server_reset(struct server *server)
{
	server_init(server, server->engine, server->servers);
	server->updated_ns = server->engine->now_ns;
}

void server_settle(struct server *server)
{
	int64_t elapsed_ns = server->engine->now_ns - server->updated_ns;

	server->statistics.present_ns += (unsigned __int128)elapsed_ns * server->present;
	server->updated_ns = server->engine->now_ns;
}

static void begin_service(struct server *server, struct server_request *request)
{
	server->busy++;
	request->begun_ns = server->engine->now_ns;
	sum_add(&server->statistics.wait_total_ns, server->engine->now_ns - request->arrived_ns);
	event_schedule_in(server->engine, &request->event, request->service_ns);
}

static void service_ends(struct engine *engine, struct event *event)
{
	struct server_request *request =
		(struct server_request *)((char *)event - offsetof(struct server_request, event));
	struct server *server = request->server;

	(void)engine;
	server_settle(server);
	server->present--;
	server->busy--;
	server->statistics.served++;
	sum_add(&server->statistics.busy_ns, request->service_ns);
	if (server->first) {
		struct server_request *next = server->first;

		server->first = next->next;
		begin_service(server, next);
	}
	request->done(server, request);
}

bool server_request_init(struct server *server, struct server_request *request, server_done *done,
			 struct error *error)
{
	*request = (struct server_request){ .done = done, .server = server };
	return event_init(server->engine, &request->event, service_ends, error);
}

void server_request_fini(struct server *server, struct server_request *request)
{
	event_fini(server->engine, &request->event);
}

void server_submit(struct server *server, struct server_request *request, int64_t service_ns)
{
	server_settle(server);
	server->present++;
	request->service_ns = service_ns;
	request->arrived_ns = server->engine->now_ns;
	request->next = NULL;
	if (server->busy < server->servers) {
		begin_service(server, request);
		return;
	}
	if (server->first)
		server->last->next = request;
	else
		server->first = request;
	server->last = request;
}
