/*
 * The module that speaks MPI. Only point-to-point messages of MPI-3.1, so that Open MPI and MPICH
 * both do. MPI ends all ranks at an error by itself, so its returns are not looked at.
 */

#include "sweep/transport.h"

#include <mpi.h>

static bool begin(int *rank, int *count)
{
	int provided;

	if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS)
		return false;
	MPI_Comm_rank(MPI_COMM_WORLD, rank);
	MPI_Comm_size(MPI_COMM_WORLD, count);
	return true;
}

static void end(void)
{
	MPI_Finalize();
}

static void end_all(int status)
{
	MPI_Abort(MPI_COMM_WORLD, status);
}

static void send(const void *bytes, size_t length, int to, int tag)
{
	MPI_Send(bytes, (int)length, MPI_BYTE, to, tag, MPI_COMM_WORLD);
}

static bool probe(struct envelope *envelope)
{
	MPI_Status status;
	int there, length;

	MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &status);
	if (!there)
		return false;
	MPI_Get_count(&status, MPI_BYTE, &length);
	*envelope = (struct envelope){ status.MPI_SOURCE, status.MPI_TAG, (size_t)length };
	return true;
}

static void receive(const struct envelope *envelope, void *bytes)
{
	MPI_Recv(bytes, (int)envelope->length, MPI_BYTE, envelope->from, envelope->tag,
		 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

const struct transport sim_transport = {
	.begin = begin,
	.end = end,
	.end_all = end_all,
	.send = send,
	.probe = probe,
	.receive = receive,
};
