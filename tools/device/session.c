/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/device/session.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOCKETS_MAX 4096
#define ANCESTORS_MAX 64
#define TCP_STATE_ESTABLISHED 1 /* include/net/tcp_states.h */

struct sockets { /* inodes */
	unsigned long inode[SOCKETS_MAX];
	size_t count;
};

static void collect_sockets(pid_t pid, struct sockets *s)
{
	char path[320], target[64];
	struct dirent *entry;
	ssize_t len;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	while (dir != NULL && (entry = readdir(dir)) != NULL && s->count < SOCKETS_MAX) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%s", (int)pid, entry->d_name);
		len = readlink(path, target, sizeof(target) - 1);
		if (len <= 0)
			continue;
		target[len] = '\0';
		if (strncmp(target, "socket:[", 8) == 0)
			s->inode[s->count++] = strtoul(target + 8, NULL, 10);
	}
	if (dir != NULL)
		closedir(dir);
}

/* Field 4 of /proc/PID/stat; the name before it may hold blanks and parentheses. */
static pid_t parent_of(pid_t pid)
{
	char path[64], line[512], *name_end;
	int parent = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	if (fgets(line, sizeof(line), f) != NULL && (name_end = strrchr(line, ')')) != NULL &&
	    sscanf(name_end + 1, " %*c %d", &parent) != 1)
		parent = 0;
	fclose(f);
	return parent;
}

/* /proc/net writes an address as 32-bit words in the byte order of the machine. */
static bool parse_address(const char *text, int family, struct route_address *out)
{
	const size_t words = family == AF_INET6 ? 4 : 1;

	memset(out, 0, sizeof(*out));
	out->family = family;
	for (size_t i = 0; i < words; i++) {
		uint32_t word;

		if (sscanf(text + 8 * i, "%8x", &word) != 1)
			return false;
		memcpy(out->bytes + 4 * i, &word, sizeof(word));
	}
	return true;
}

/* ::ffff:a.b.c.d is routed as a.b.c.d */
static void unmap(struct route_address *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (a->family == AF_INET6 && memcmp(a->bytes, mapped, sizeof(mapped)) == 0) {
		a->family = AF_INET;
		memmove(a->bytes, a->bytes + 12, 4);
	}
}

static size_t add_table(const char *path, int family, const struct sockets *s, struct session_peer *out,
			size_t n)
{
	char line[512], near[40], far[40];
	unsigned long inode;
	unsigned int state;
	FILE *f = fopen(path, "re");

	while (f != NULL && n < SESSION_MAX && fgets(line, sizeof(line), f) != NULL) {
		bool ours = false;

		if (sscanf(line, " %*d: %39[0-9A-F]:%*x %39[0-9A-F]:%*x %x %*s %*s %*s %*d %*d %lu", near,
			   far, &state, &inode) != 4 ||
		    state != TCP_STATE_ESTABLISHED)
			continue;
		for (size_t i = 0; i < s->count; i++)
			ours |= s->inode[i] == inode;
		if (!ours || !parse_address(near, family, &out[n].near) ||
		    !parse_address(far, family, &out[n].far))
			continue;
		unmap(&out[n].near);
		unmap(&out[n].far);
		out[n++].near_known = true;
	}
	if (f != NULL)
		fclose(f);
	return n;
}

/* "203.0.113.7 51514 198.51.100.2 22", or of SSH_CLIENT "203.0.113.7 51514 22" */
static size_t add_variable(const char *name, struct session_peer *out, size_t n)
{
	const char *value = getenv(name);
	char far[64];

	if (value == NULL || n == SESSION_MAX || sscanf(value, "%63[^ %]", far) != 1)
		return n;
	memset(&out[n], 0, sizeof(out[n]));
	out[n].far.family = strchr(far, ':') != NULL ? AF_INET6 : AF_INET;
	if (inet_pton(out[n].far.family, far, out[n].far.bytes) != 1)
		return n;
	unmap(&out[n].far);
	return n + 1;
}

size_t session_peers(struct session_peer out[SESSION_MAX])
{
	struct sockets *s = calloc(1, sizeof(*s));
	pid_t pid = getpid();
	size_t n = 0;

	n = add_variable("SSH_CONNECTION", out, n);
	n = add_variable("SSH_CLIENT", out, n);
	if (s == NULL)
		return n;
	for (int i = 0; i < ANCESTORS_MAX && pid > 0; i++) {
		collect_sockets(pid, s);
		pid = parent_of(pid);
	}
	n = add_table("/proc/self/net/tcp", AF_INET, s, out, n);
	n = add_table("/proc/self/net/tcp6", AF_INET6, s, out, n);
	free(s);
	return n;
}
