/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel of this host. Without a root its interfaces are real; what is asked of them is asked by netlink. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/netlink/link.h"
#include "tools/anyscan-nic/bind.h"
#include "tools/anyscan-nic/journal.h"
#include "tools/anyscan-nic/refusal.h"
#include "tools/device/guard.h"
#include "tools/device/kept.h"

static int put(const struct bind_host *host, const char *path, const char *value)
{
	char full[PATH_MAX], line[128];
	int fd, rc = 0, len;

	snprintf(full, sizeof(full), "%s%s", host->root, path);
	len = snprintf(line, sizeof(line), "%s\n", value);
	fd = open(full, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, line, (size_t)len) != len)
		rc = -errno;
	close(fd);
	return rc;
}

static int module(const struct bind_host *host, const char *name, bool load)
{
	char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", command[] = "modprobe", quiet[] = "-q";
	char word[64], unload[] = "-r";
	char *environment[] = { path, NULL };
	char *argv[] = { command, quiet, load ? word : unload, load ? NULL : word, NULL };
	int status;
	pid_t pid;

	(void)host;
	snprintf(word, sizeof(word), "%s", name);
	if (posix_spawnp(&pid, command, NULL, NULL, argv, environment) != 0)
		return -ENOENT;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ENOENT;
}

static bool refused(const struct bind_host *host, struct nic *nic, const char *name, struct error *e)
{
	struct device *all = NULL;
	size_t count = 0;
	struct journal j;
	char why[256];
	bool no = true;
	int rc;

	(void)host;
	if (device_find(name, &nic->device, e) < 0 || devices_read(&all, &count, e) < 0)
		return true;
	rc = guard_check(nic->device.ifindex, why, sizeof(why), e);
	if (rc > 0)
		error_set(e, -EPERM, "%s %s: bound, it is gone from the kernel; name another interface", name,
			  why);
	else if (rc == 0 && nic->device.type != ARPHRD_ETHER)
		error_set(e, -EINVAL, "%s is no Ethernet interface, and no scan leaves by it", name);
	else if (rc == 0 && nic->device.master != 0)
		error_set(e, -EBUSY,
			  "%s is part of a bridge or bond: take it out first, `ip link set %s nomaster`",
			  name, name);
	else if (rc == 0 && nic->device.xdp != XDP_NOTHING)
		error_set(e, -EBUSY, "%s has an XDP program: what runs it must end first", name);
	else
		no = rc != 0;
	for (size_t i = 0; !no && i < count; i++)
		if (all[i].below == nic->device.ifindex) {
			error_set(e, -EBUSY, "%s sits on %s, and would be gone with it: remove it first",
				  all[i].name, name);
			no = true;
		}
	free(all);
	if (!no && journal_open(nic, false, &j, e) < 0)
		return true;
	if (!no && journal_saved(&j) != NULL) {
		error_set(e, -EBUSY, "%s is prepared; `anyscan-nic restore %s` first", name, name);
		no = true;
		journal_close(&j);
	} else if (!no)
		journal_close(&j);
	return no;
}

static void add_text(struct json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_object_new_string(text));
}

static void add_address(struct json_object *o, const char *key, uint32_t addr)
{
	const struct in_addr shown = { htonl(addr) };
	char text[INET_ADDRSTRLEN];

	if (addr != 0)
		add_text(o, key, inet_ntop(AF_INET, &shown, text, sizeof(text)));
}

static void add_mac(struct json_object *o, const char *key, const uint8_t m[6])
{
	char text[18];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
	add_text(o, key, text);
}

/* What io/bound_nic.h reads. The gateway is asked for its MAC, if need be, while there is still a kernel that can. */
static struct json_object *read_link(const struct nic *nic)
{
	struct json_object *o = json_object_new_object();
	struct io_link link = { .mtu = nic->device.mtu };
	struct error unread;

	add_mac(o, "mac", nic->device.mac);
	if (netlink_find_link(nic->device.name, &link, &unread) == 0) {
		if (!nic->config->dry_run)
			netlink_find_gateway(&link);
		add_address(o, "address", link.addr);
		add_address(o, "gateway", link.gateway);
		add_address(o, "onlink_net", link.onlink_net);
		add_address(o, "onlink_mask", link.onlink_mask);
		if (link.gateway_mac_known)
			add_mac(o, "gateway_mac", link.gateway_mac);
	}
	json_object_object_add(o, "mtu", json_object_new_int((int)nic->device.mtu));
	return o;
}

static struct json_object *interface_read(const struct bind_host *host, struct nic *nic, const char *name,
					  struct error *e)
{
	struct json_object *o, *addresses, *routes, *settings = NULL;

	(void)host;
	if (device_find(name, &nic->device, e) < 0 || settings_read(nic, &settings, e) < 0)
		return NULL;
	if (kept_read(nic->device.ifindex, &addresses, &routes, e) < 0) {
		json_object_put(settings);
		return NULL;
	}
	o = json_object_new_object();
	add_text(o, "name", name);
	json_object_object_add(o, "ifindex", json_object_new_int(nic->device.ifindex));
	json_object_object_add(o, "up", json_object_new_boolean((nic->device.flags & IFF_UP) != 0));
	add_mac(o, "mac", nic->device.mac);
	json_object_object_add(o, "settings", settings);
	json_object_object_add(o, "addresses", addresses);
	json_object_object_add(o, "routes", routes);
	json_object_object_add(o, "link", read_link(nic));
	return o;
}

static int call(unsigned long request, struct ifreq *r)
{
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (ioctl(fd, request, r) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

static int set_up(const char *name, bool up)
{
	struct ifreq r = { .ifr_flags = 0 };
	int rc;

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	rc = call(SIOCGIFFLAGS, &r);
	if (rc < 0 || ((r.ifr_flags & IFF_UP) != 0) == up)
		return rc;
	r.ifr_flags = (short)(up ? r.ifr_flags | IFF_UP : r.ifr_flags & ~IFF_UP);
	return call(SIOCSIFFLAGS, &r);
}

/* A driver that is loaded anew may find its interface under the kernel's own name, and with the MAC of the factory. */
static int bring_identity(const char *now, const char *name, const char *mac)
{
	struct ifreq r = { .ifr_flags = 0 };
	uint8_t m[6];
	int rc = 0;

	if (strcmp(now, name) != 0) {
		rc = set_up(now, false);
		snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", now);
		snprintf(r.ifr_newname, sizeof(r.ifr_newname), "%s", name);
		if (rc == 0)
			rc = call(SIOCSIFNAME, &r);
	}
	memset(&r, 0, sizeof(r));
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (rc == 0)
		rc = call(SIOCGIFHWADDR, &r);
	if (rc == 0 && mac != NULL &&
	    sscanf(mac, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", m, m + 1, m + 2, m + 3, m + 4, m + 5) == 6 &&
	    memcmp(m, r.ifr_hwaddr.sa_data, 6) != 0) {
		memcpy(r.ifr_hwaddr.sa_data, m, 6);
		rc = call(SIOCSIFHWADDR, &r);
	}
	return rc;
}

static int interface_bring(const struct bind_host *host, struct nic *nic, const char *now,
			   struct json_object *saved, struct error *e)
{
	const char *name = json_object_get_string(json_object_object_get(saved, "name"));
	const int was = json_object_get_int(json_object_object_get(saved, "ifindex"));
	const bool up = json_object_get_boolean(json_object_object_get(saved, "up"));
	int rc;

	(void)host;
	if (name == NULL)
		return error_set(e, -EBADMSG, "the journal of %s has no name of an interface", now);
	rc = bring_identity(now, name, json_object_get_string(json_object_object_get(saved, "mac")));
	if (rc < 0)
		return error_set(e, rc, "%s cannot be given back its name %s and MAC: %s", now, name,
				 strerror(-rc));
	rc = device_find(name, &nic->device, e);
	if (rc == 0)
		rc = settings_bring(nic, json_object_object_get(saved, "settings"), e);
	if (rc == 0)
		rc = set_up(name, up);
	if (rc == 0)
		rc = kept_bring(was, nic->device.ifindex, json_object_object_get(saved, "addresses"), e);
	if (rc == 0 && up)
		rc = kept_bring(was, nic->device.ifindex, json_object_object_get(saved, "routes"), e);
	return rc;
}

const struct bind_host bind_host_real = {
	.root = "",
	.put = put,
	.module = module,
	.interface_read = interface_read,
	.interface_bring = interface_bring,
	.refused = refused,
};
