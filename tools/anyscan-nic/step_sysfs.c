/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a NIC's interrupts come back: with both set, a busy poller that pauses keeps them off for a while
 * (Documentation/networking/napi.rst). The files are per device; a write sets all of its queues.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/anyscan-nic/nic.h"

/* What the kernel's own documentation of SO_PREFER_BUSY_POLL sets. */
#define BUSY_POLL_DEFER 2
#define BUSY_POLL_FLUSH_NS 200000

static int open_file(const struct nic *nic, const char *file, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/class/net/%s/%s", nic->device.name, file);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int read_number(const struct nic *nic, const char *file, long long *value)
{
	const int fd = open_file(nic, file, O_RDONLY);
	char text[32];
	ssize_t len;

	if (fd < 0)
		return fd == -ENOENT ? -EOPNOTSUPP : fd;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return -EIO;
	text[len] = '\0';
	*value = strtoll(text, NULL, 10);
	return 0;
}

/* A sysfs that was mounted in another network namespace shows that one's interface of this name, or none. */
static struct json_object *read_file(const struct nic *nic, const char *file, int *rc)
{
	long long ifindex, value;

	*rc = read_number(nic, "ifindex", &ifindex);
	if (*rc == 0 && ifindex != nic->device.ifindex)
		*rc = -EOPNOTSUPP;
	if (*rc == 0)
		*rc = read_number(nic, file, &value);
	return *rc == 0 ? json_object_new_int64(value) : NULL;
}

static int write_file(const struct nic *nic, const char *file, struct json_object *value)
{
	const int fd = open_file(nic, file, O_WRONLY);
	char text[32];
	int len, rc = 0;

	if (fd < 0)
		return fd;
	len = snprintf(text, sizeof(text), "%lld\n", (long long)json_object_get_int64(value));
	if (write(fd, text, (size_t)len) != len)
		rc = -errno;
	close(fd);
	return rc;
}

static struct json_object *wanted_of(const struct nic *nic, const char *option, uint64_t value,
				     int64_t busy_poll)
{
	if (option_given(nic->config, option))
		return json_object_new_int64((int64_t)value);
	return nic->config->busy_poll ? json_object_new_int64(busy_poll) : NULL;
}

struct json_object *napi_read(const struct nic *nic, int *rc)
{
	return read_file(nic, "napi_defer_hard_irqs", rc);
}

int napi_want(struct nic *nic, struct json_object *now, struct json_object **wanted, struct error *e)
{
	(void)now, (void)e;
	*wanted = wanted_of(nic, "napi-defer", nic->config->napi_defer, BUSY_POLL_DEFER);
	return 0;
}

int napi_write(const struct nic *nic, struct json_object *value)
{
	return write_file(nic, "napi_defer_hard_irqs", value);
}

struct json_object *gro_read(const struct nic *nic, int *rc)
{
	return read_file(nic, "gro_flush_timeout", rc);
}

int gro_want(struct nic *nic, struct json_object *now, struct json_object **wanted, struct error *e)
{
	(void)now, (void)e;
	*wanted = wanted_of(nic, "gro-flush-timeout", nic->config->gro_flush, BUSY_POLL_FLUSH_NS);
	return 0;
}

int gro_write(const struct nic *nic, struct json_object *value)
{
	return write_file(nic, "gro_flush_timeout", value);
}
