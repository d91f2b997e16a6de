/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/link_watch.h"

#include <errno.h>

#include "anyscan/clock.h"
#include "io/netlink/link.h"
#include "tools/anyscan-pipe/screen.h"

enum link_look link_watch_look(int ifindex)
{
	const int rc = ifindex > 0 ? netlink_link_running(ifindex) : 1;

	return rc == -ENODEV || rc == -ENXIO ? LINK_LOOK_GONE : rc == 0 ? LINK_LOOK_DOWN : LINK_LOOK_UP;
}

bool link_watch_note(struct link_watch *w, unsigned int port, enum link_look look, uint64_t now_ns)
{
	const enum link_look before = w->port[port].now;

	/* an index is not given to another interface: what has gone does not come back */
	if (look == before || before == LINK_LOOK_GONE)
		return false;
	if (before == LINK_LOOK_UP)
		w->port[port].since_ns = now_ns;
	else if (look == LINK_LOOK_UP)
		w->port[port].down_ns += now_ns - w->port[port].since_ns;
	w->port[port].now = look;
	return true;
}

double link_watch_down_s(const struct link_watch *w, unsigned int port, uint64_t now_ns)
{
	uint64_t ns = w->port[port].down_ns;

	if (w->port[port].now != LINK_LOOK_UP && now_ns > w->port[port].since_ns)
		ns += now_ns - w->port[port].since_ns;
	return (double)ns / 1e9;
}

static void say(const struct link_watch *w, unsigned int port, const char *name, uint64_t now_ns)
{
	switch (w->port[port].now) {
	case LINK_LOOK_DOWN:
		screen_say(LEVEL_WARNING, "%s is down: waiting", name);
		break;
	case LINK_LOOK_UP:
		screen_say(LEVEL_WARNING, "%s is up again: the scan goes on; down for %.0f s in all", name,
			   link_watch_down_s(w, port, now_ns));
		break;
	default:
		screen_say(LEVEL_ERROR,
			   "anyscan-pipe: %s was removed: what was sent has its cooldown, then the scan ends",
			   name);
	}
}

int link_watch_tick(struct link_watch *w, struct pipeline *p, const struct pipeline_port *ports,
		    unsigned int nports, uint64_t now_ns)
{
	int gone = -1;

	for (unsigned int i = 0; i < nports; i++) {
		enum link_look look = link_watch_look(ports[i].link.ifindex);

		if (ports[i].link.ifindex <= 0 && !pipeline_link_up(p, i))
			look = LINK_LOOK_DOWN;
		if (link_watch_note(w, i, look, now_ns))
			say(w, i, ports[i].link.name, now_ns);
		if (w->port[i].now == LINK_LOOK_GONE && gone < 0)
			gone = (int)i;
	}
	return gone;
}

bool link_watch_up(const struct link_watch *w, unsigned int nports)
{
	for (unsigned int i = 0; i < nports; i++)
		if (w->port[i].now != LINK_LOOK_UP)
			return false;
	return true;
}
