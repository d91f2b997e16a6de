/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded before ZMap's own libraries: a sendmmsg() that takes every frame and does nothing with it, so that what is left
 * is what ZMap itself does for a probe. Says at the end how many it took: "swallowed FRAMES".
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned long long frames; /* ZMap runs with one sender here */
static int words; /* ZMap closes its own standard error before it ends */

__attribute__((constructor)) static void keep_words(void)
{
	words = dup(STDERR_FILENO);
}

int sendmmsg(int fd, struct mmsghdr *message, unsigned int n, int flags)
{
	(void)fd, (void)flags;
	for (unsigned int i = 0; i < n; i++)
		message[i].msg_len = (unsigned int)message[i].msg_hdr.msg_iov->iov_len;
	frames += n;
	return (int)n;
}

__attribute__((destructor)) static void say(void)
{
	dprintf(words, "swallowed %llu\n", frames);
}
