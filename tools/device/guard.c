/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/device/guard.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/device/links.h"
#include "tools/device/routes.h"
#include "tools/device/session.h"

static const char *name_of(const struct device *d, size_t count, int ifindex)
{
	for (size_t i = 0; i < count; i++)
		if (d[i].ifindex == ifindex)
			return d[i].name;
	return "?";
}

static int check_default(const struct device *d, size_t count, int ifindex, char *why, size_t size,
			 struct error *e)
{
	int found[ROUTES_DEFAULT_MAX];
	const int n = routes_default(found, e);

	for (int i = 0; i < n; i++) {
		if (!device_passes(d, count, found[i], ifindex))
			continue;
		if (found[i] == ifindex)
			snprintf(why, size, "carries the default route");
		else
			snprintf(why, size, "carries the default route, which goes by %s",
				 name_of(d, count, found[i]));
		return 1;
	}
	return n < 0 ? n : 0;
}

static int check_session(const struct device *d, size_t count, int ifindex, char *why, size_t size)
{
	struct session_peer peers[SESSION_MAX];
	const size_t n = session_peers(peers);
	char text[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < n; i++) {
		const int by = route_to(&peers[i].far, peers[i].near_known ? &peers[i].near : NULL);

		if (by <= 0 || !device_passes(d, count, by, ifindex))
			continue;
		inet_ntop(peers[i].far.family, peers[i].far.bytes, text, sizeof(text));
		snprintf(why, size, "carries your own connection, from %s", text);
		return 1;
	}
	return 0;
}

int guard_check(int ifindex, char *why, size_t size, struct error *e)
{
	struct device *d = NULL;
	size_t count = 0;
	int rc = devices_read(&d, &count, e);

	if (rc < 0)
		return rc;
	rc = check_default(d, count, ifindex, why, size, e);
	if (rc == 0)
		rc = check_session(d, count, ifindex, why, size);
	free(d);
	return rc;
}
