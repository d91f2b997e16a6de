/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For LD_PRELOAD: /dev/vfio/vfio is a container of the version FAKE_VFIO, or with "refused" one that a device cgroup
 * keeps from being opened.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

int open(const char *path, int flags, ...)
{
	int (*next)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
	va_list args;
	int mode;

	if (strcmp(path, "/dev/vfio/vfio") == 0 && strcmp(getenv("FAKE_VFIO"), "refused") == 0) {
		errno = EPERM;
		return -1;
	}
	va_start(args, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(args, int) : 0;
	va_end(args);
	return next(path, flags, mode);
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*next)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
	va_list args;
	void *arg;

	if (request == VFIO_GET_API_VERSION)
		return atoi(getenv("FAKE_VFIO"));
	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	return next(fd, request, arg);
}
