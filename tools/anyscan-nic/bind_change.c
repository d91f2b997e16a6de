/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "tools/anyscan-nic/bind.h"

int bind_put(struct binding *b, const char *path, const char *value, struct error *e)
{
	int rc;

	if (b->nic->config->dry_run) {
		printf("would write \"%s\" to %s\n", value, path);
		return 0;
	}
	rc = b->host->put(b->host, path, value);
	count_write(b->nic);
	if (rc < 0)
		return error_set(e, rc, "\"%s\" cannot be written to %s: %s%s", value, path, strerror(-rc),
				 rc == -EACCES || rc == -EPERM ? "; run as root" : "");
	return 0;
}

int bind_module(struct binding *b, const char *name, bool load, struct error *e)
{
	int rc;

	if (b->nic->config->dry_run) {
		printf("would %s the kernel module %s\n", load ? "load" : "unload", name);
		return 0;
	}
	rc = b->host->module(b->host, name, load);
	count_write(b->nic);
	if (rc < 0)
		return error_set(e, rc, "the kernel module %s cannot be %s: %s", name,
				 load ? "loaded" : "unloaded", strerror(-rc));
	return 0;
}
