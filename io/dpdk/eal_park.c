/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nobody ends the EAL's interrupt thread. rte_eal_cleanup() wakes it up, by taking its alarms away, and unmaps the
 * memory where net_memif has left it something to look at: a segmentation fault in one of ten ends (22.11). So the
 * thread is held in a handler that never returns; not in an alarm, for whose end rte_eal_cleanup() waits.
 */
#define ALLOW_EXPERIMENTAL_API /* rte_intr_instance_alloc() and what fills it: so marked since 21.11, and unchanged */
#include "io/dpdk/eal_park.h"

#include <rte_interrupts.h>
#include <semaphore.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void park(void *parked)
{
	sem_post(parked);
	for (;;)
		pause(); /* pthread_exit() would load a library, which a confined process cannot */
}

void dpdk_park_interrupts(void)
{
	struct rte_intr_handle *handle = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	const int fd = eventfd(1, EFD_CLOEXEC); /* readable at once */
	sem_t parked;

	sem_init(&parked, 0, 0);
	if (handle != NULL && fd >= 0 && rte_intr_fd_set(handle, fd) == 0 &&
	    rte_intr_type_set(handle, RTE_INTR_HANDLE_EXT) == 0 &&
	    rte_intr_callback_register(handle, park, &parked) == 0)
		while (sem_wait(&parked) != 0)
			;
	rte_intr_instance_free(handle); /* the thread has a copy */
	sem_destroy(&parked);
	if (fd >= 0)
		close(fd);
}
