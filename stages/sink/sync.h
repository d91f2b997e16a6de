/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_SYNC_H
#define SINK_SYNC_H

#include <errno.h>
#include <unistd.h>

/*
 * fsync(2) of a file or folder: 0 or negative errno, which may tell of a write that was said to have worked. EINVAL:
 * it cannot be synchronised, so there is nothing to hear. A second call after an error may succeed, and means nothing:
 * the kernel tells of lost pages once.
 */
static inline int file_sync(int fd)
{
	int rc;

	do
		rc = fsync(fd) != 0 && errno != EINVAL ? -errno : 0;
	while (rc == -EINTR);
	return rc;
}

#endif
