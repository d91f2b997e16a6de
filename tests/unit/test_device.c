/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/device/links.c"
#include "tools/device/session.c"

/* 1: a NIC; 2 and 3: parts of bond 4; 5: a VLAN on the bond; 6: a bridge with the VLAN and 7 in it; 8: another NIC */
static const struct device host[] = {
	{ .ifindex = 1 },
	{ .ifindex = 2, .master = 4 },
	{ .ifindex = 3, .master = 4 },
	{ .ifindex = 4 },
	{ .ifindex = 5, .below = 4, .master = 6 },
	{ .ifindex = 6 },
	{ .ifindex = 7, .master = 6 },
	{ .ifindex = 8 },
};
#define HOST (sizeof(host) / sizeof(host[0]))

Test(device, passes_itself)
{
	cr_expect(device_passes(host, HOST, 1, 1));
	cr_expect_not(device_passes(host, HOST, 1, 8));
}

Test(device, passes_what_is_below)
{
	for (int through = 2; through <= 7; through++)
		cr_expect(device_passes(host, HOST, 6, through), "through %d", through);
	cr_expect_not(device_passes(host, HOST, 6, 1));
	cr_expect_not(device_passes(host, HOST, 6, 8));
}

Test(device, passes_nothing_above)
{
	cr_expect_not(device_passes(host, HOST, 2, 4),
		      "a part carries the bond's traffic, not the other way round");
	cr_expect_not(device_passes(host, HOST, 4, 5));
	cr_expect(device_passes(host, HOST, 5, 3));
	cr_expect_not(device_passes(host, HOST, 5, 7));
}

Test(device, named)
{
	static const struct device two[] = { { .ifindex = 1, .name = "ens1" },
					     { .ifindex = 2, .name = "ens10" } };

	cr_expect_eq(device_named(two, 2, "ens10"), &two[1]);
	cr_expect_null(device_named(two, 2, "ens"));
	cr_expect_null(device_named(two, 0, "ens1"));
}

static const char *text_of(const struct route_address *a)
{
	static char text[INET6_ADDRSTRLEN];

	return inet_ntop(a->family, a->bytes, text, sizeof(text));
}

/* As /proc/net/tcp and tcp6 have them on a little-endian machine. */
Test(session, addresses_of_proc)
{
	struct route_address a;
	uint32_t word = htonl(0x7f000001);
	char text[33];

	snprintf(text, sizeof(text), "%08X", word);
	cr_assert(parse_address(text, AF_INET, &a));
	cr_expect_str_eq(text_of(&a), "127.0.0.1");
	snprintf(text, sizeof(text), "%08X%08X%08X%08X", htonl(0x20010db8), 0, htonl(0x01234567),
		 htonl(0x89abcdef));
	cr_assert(parse_address(text, AF_INET6, &a));
	cr_expect_str_eq(text_of(&a), "2001:db8::123:4567:89ab:cdef");
	unmap(&a);
	cr_expect_eq(a.family, AF_INET6);
	snprintf(text, sizeof(text), "%08X%08X%08X%08X", 0, 0, htonl(0xffff), htonl(0xc0000207));
	cr_assert(parse_address(text, AF_INET6, &a));
	unmap(&a);
	cr_expect_eq(a.family, AF_INET);
	cr_expect_str_eq(text_of(&a), "192.0.2.7");
}

Test(session, variables)
{
	struct session_peer peers[SESSION_MAX];

	setenv("SSH_CONNECTION", "192.0.2.7 51514 198.51.100.2 22", 1);
	setenv("SSH_CLIENT", "fe80::7%ens1 51514 22", 1);
	cr_assert_eq(add_variable("SSH_CONNECTION", peers, 0), 1);
	cr_expect_str_eq(text_of(&peers[0].far), "192.0.2.7");
	cr_expect_not(peers[0].near_known);
	cr_assert_eq(add_variable("SSH_CLIENT", peers, 1), 2);
	cr_expect_str_eq(text_of(&peers[1].far), "fe80::7");
	setenv("SSH_CLIENT", "nobody 51514 22", 1);
	cr_expect_eq(add_variable("SSH_CLIENT", peers, 1), 1);
	unsetenv("SSH_CLIENT");
	cr_expect_eq(add_variable("SSH_CLIENT", peers, 1), 1);
	setenv("SSH_CLIENT", "", 1);
	cr_expect_eq(add_variable("SSH_CLIENT", peers, 1), 1);
}

static size_t from_loopback(void)
{
	struct session_peer peers[SESSION_MAX];
	const size_t n = session_peers(peers);
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += strcmp(text_of(&peers[i].far), "127.0.0.1") == 0 && peers[i].near_known;
	return found;
}

/* A connection of this process is found by its descriptor; a listening socket is none. */
Test(session, own_connection)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(to);
	const int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	size_t before;

	cr_assert_eq(bind(server, (struct sockaddr *)&to, len), 0);
	cr_assert_eq(listen(server, 1), 0);
	cr_assert_eq(getsockname(server, (struct sockaddr *)&to, &len), 0);
	unsetenv("SSH_CONNECTION");
	unsetenv("SSH_CLIENT");
	before = from_loopback();
	cr_assert_eq(connect(client, (struct sockaddr *)&to, len), 0);
	cr_expect_eq(from_loopback(), before + 1);
	close(client);
	close(server);
}

Test(session, parent)
{
	cr_expect_eq(parent_of(getpid()), getppid());
	cr_expect_eq(parent_of(1), 0);
	cr_expect_eq(parent_of(0x7fffffff), 0);
}
