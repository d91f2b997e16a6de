/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For LD_PRELOAD: calls that fail by appointment. FAULTS holds rules, separated by blanks:
 *
 *   CALL[:END]=ERROR[@FIRST][+COUNT][/EVERY]    or @now: calls before there is a file "now" do not count
 *
 * CALL is write, fsync, close, open, rename, link, ftruncate, sendmmsg, send, or sendto of nothing (which starts what is in a
 * ring; netlink has its own), on files whose path ends with END. After
 * FIRST calls that match come COUNT that fail (all later ones), of those each one or every EVERYth. ERROR is a name of
 * errno(3), or SHORT: half of a write is written. The first rule that has it fail decides.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define RULES_MAX 8
#define SHORT (-1)

static struct rule {
	char call[16], end[128];
	int error;
	uint64_t first, count, every, seen;
	bool now;
} rules[RULES_MAX];
static unsigned int nrules;

static void refuse(const char *text)
{
	fprintf(stderr, "faulty: %s is not CALL[:END]=ERROR[@FIRST][+COUNT][/EVERY]\n", text);
	_exit(125);
}

static int error_number(const char *name)
{
	if (strcmp(name, "SHORT") == 0)
		return SHORT;
	for (int e = 1; e < 134; e++)
		if (strerrorname_np(e) != NULL && strcmp(strerrorname_np(e), name) == 0)
			return e;
	refuse(name);
	return 0;
}

static uint64_t number_behind(const char *text, char sign, uint64_t otherwise)
{
	const char *at = strchr(text, sign);

	return at != NULL ? strtoull(at + 1, NULL, 10) : otherwise;
}

static void parse(const char *text)
{
	struct rule *r = &rules[nrules];
	const char *equals = strchr(text, '=');
	char name[32];
	int n = 0;

	if (equals == NULL || nrules == RULES_MAX || sscanf(text, "%15[a-z]%n", r->call, &n) != 1)
		refuse(text);
	if (text[n] == ':')
		snprintf(r->end, sizeof(r->end), "%.*s", (int)(equals - text - n - 1), text + n + 1);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(equals + 1, "@+/"), equals + 1);
	r->error = error_number(name);
	r->first = number_behind(equals, '@', 0);
	r->now = strstr(equals, "@now") != NULL;
	r->count = number_behind(equals, '+', UINT64_MAX);
	r->every = number_behind(equals, '/', 1);
	nrules++;
}

__attribute__((constructor)) static void parse_all(void)
{
	const char *faults = getenv("FAULTS");
	char *const all = faults != NULL ? strdup(faults) : NULL, *next;

	for (char *text = all; text != NULL; text = next) {
		next = strchr(text, ' ');
		if (next != NULL)
			*next++ = '\0';
		if (*text != '\0')
			parse(text);
	}
	free(all);
}

static bool ends(const char *path, const char *end)
{
	const size_t n = strlen(path), m = strlen(end);

	return n >= m && strcmp(path + n - m, end) == 0;
}

/* What is to happen to this call: 0, or how it fails. path NULL: of the descriptor. */
static int fate(const char *call, const char *path, int fd)
{
	const int saved = errno;
	char link[64], own[4096];
	struct stat st;
	int error = 0;

	for (unsigned int i = 0; i < nrules; i++) {
		struct rule *r = &rules[i];
		uint64_t seen;

		if (strcmp(r->call, call) != 0)
			continue;
		if (path == NULL && r->end[0] != '\0') {
			ssize_t n;

			snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
			n = readlink(link, own, sizeof(own) - 1);
			own[n > 0 ? n : 0] = '\0';
			path = own;
		}
		if ((r->end[0] != '\0' && !ends(path, r->end)) || (r->now && stat("now", &st) != 0))
			continue;
		seen = __atomic_fetch_add(&r->seen, 1, __ATOMIC_RELAXED);
		if (seen >= r->first && seen - r->first < r->count && (seen - r->first) % r->every == 0)
			error = r->error;
		if (error != 0)
			break;
	}
	errno = error > 0 ? error : saved;
	return error;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *buf, size_t size)
{
	static __typeof__(&write) real;
	const int error = fate("write", NULL, fd);

	if (real == NULL)
		real = REAL(write);
	if (error > 0)
		return -1;
	return real(fd, buf, error == SHORT && size > 1 ? size / 2 : size);
}

int fsync(int fd)
{
	return fate("fsync", NULL, fd) != 0 ? -1 : REAL(fsync)(fd);
}

/* The descriptor is closed all the same, as by the kernel. */
int close(int fd)
{
	static __typeof__(&close) real;
	const int error = fate("close", NULL, fd);
	int rc;

	if (real == NULL)
		real = REAL(close);
	rc = real(fd);
	if (error == 0)
		return rc;
	errno = error;
	return -1;
}

int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	return fate("open", path, -1) != 0 ? -1 : REAL(open)(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	return fate("open", path, -1) != 0 ? -1 : REAL(openat)(folder, path, flags, mode);
}

int rename(const char *from, const char *to)
{
	return fate("rename", to, -1) != 0 ? -1 : REAL(rename)(from, to);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned int flags)
{
	return fate("rename", to, -1) != 0 ? -1 : REAL(renameat2)(from_folder, from, to_folder, to, flags);
}

int link(const char *from, const char *to)
{
	return fate("link", to, -1) != 0 ? -1 : REAL(link)(from, to);
}

int ftruncate(int fd, off_t size)
{
	return fate("ftruncate", NULL, fd) != 0 ? -1 : REAL(ftruncate)(fd, size);
}

int sendmmsg(int fd, struct mmsghdr *messages, unsigned int n, int flags)
{
	static __typeof__(&sendmmsg) real;
	const int error = fate("sendmmsg", NULL, fd);

	if (real == NULL)
		real = REAL(sendmmsg);
	if (error > 0)
		return -1;
	return real(fd, messages, error == SHORT && n > 1 ? n / 2 : n, flags);
}

ssize_t send(int fd, const void *buf, size_t size, int flags)
{
	static __typeof__(&send) real;

	if (real == NULL)
		real = REAL(send);
	return fate("send", NULL, fd) > 0 ? -1 : real(fd, buf, size, flags);
}

ssize_t sendto(int fd, const void *buf, size_t size, int flags, const struct sockaddr *to, socklen_t length)
{
	static __typeof__(&sendto) real;

	if (real == NULL)
		real = REAL(sendto);
	return size == 0 && fate("sendto", NULL, fd) > 0 ? -1 : real(fd, buf, size, flags, to, length);
}
