/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ladder against a kernel of our own that grants what a test wants: zero-copy too, which no device of a lab has.
 * The kernel's side of the rings is not played; tests/net/xdp_faults.c climbs the same ladder on a veth.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/af_xdp/port.h"
#include "io/netlink/xdp_features.h"
#include "tests/unit/xdp_inject.h"

#define QUEUES 2
#define RING "fake-xdp-ring" /* of every ring's mapping, in /proc/self/maps */

static struct {
	int features_rc;
	uint64_t features;
	bool native, zerocopy, forced; /* grants; forced: binds zero-copy and then does not say so */
	unsigned int busy; /* binds that are answered EBUSY, each time the queue was closed before */
	unsigned int busy_left;
	uint64_t locked; /* bytes of memory that a socket may pin; 0 = any */
	uint32_t foreign; /* id of somebody's program */
	/* what was asked */
	uint64_t waited_ns;
	uint32_t attached_flags;
	uint32_t chunk;
	unsigned int binds, puts;
	bool bound_zerocopy;
} kernel;

static int fake_attached(int ifindex, struct xdp_attached *out)
{
	(void)ifindex;
	*out = (struct xdp_attached){ .id = kernel.foreign, .mode = XDP_ATTACHED_DRV };
	if (kernel.foreign != 0)
		strcpy(out->name, "their_firewall");
	return 0;
}
static int fake_features(int ifindex, uint64_t *out)
{
	(void)ifindex;
	*out = kernel.features;
	return kernel.features_rc;
}
static int fake_load(struct reply_redirect *program)
{
	(void)program;
	return 0;
}
static int fake_attach(int program, int ifindex, uint32_t flags)
{
	(void)program;
	(void)ifindex;
	kernel.attached_flags = flags;
	if (flags == XDP_FLAGS_DRV_MODE && !kernel.native)
		return -EOPNOTSUPP;
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}
static int fake_put(int map, uint32_t queue, int fd)
{
	(void)map;
	(void)queue;
	(void)fd;
	kernel.puts++;
	return 0;
}
static int fake_socket(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}
static int fake_set(int fd, int option, const void *value, socklen_t size)
{
	const struct xdp_umem_reg *memory = value;

	(void)fd;
	(void)size;
	if (option != XDP_UMEM_REG)
		return 0;
	kernel.chunk = memory->chunk_size;
	return kernel.locked > 0 && memory->len > kernel.locked ? -ENOBUFS : 0;
}
static int fake_get(int fd, int option, void *value, socklen_t size)
{
	const struct xdp_ring_offset at = { .producer = 0, .consumer = 64, .flags = 128, .desc = 192 };

	(void)fd;
	memset(value, 0, size);
	if (option == XDP_MMAP_OFFSETS)
		*(struct xdp_mmap_offsets *)value = (struct xdp_mmap_offsets){ at, at, at, at };
	else if (option == XDP_OPTIONS && kernel.bound_zerocopy && !kernel.forced)
		((struct xdp_options *)value)->flags = XDP_OPTIONS_ZEROCOPY;
	return 0;
}
static int fake_map(int fd, uint64_t offset, size_t bytes, void **out)
{
	int memory = memfd_create(RING, MFD_CLOEXEC);

	(void)fd;
	(void)offset;
	cr_assert_eq(ftruncate(memory, (off_t)bytes), 0);
	*out = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	close(memory);
	return *out != MAP_FAILED ? 0 : -errno;
}
static int fake_bind(int fd, const struct sockaddr_xdp *address)
{
	(void)fd;
	kernel.binds++;
	kernel.bound_zerocopy = (address->sxdp_flags & XDP_ZEROCOPY) != 0;
	cr_assert(address->sxdp_flags & XDP_USE_NEED_WAKEUP);
	cr_assert((address->sxdp_flags & XDP_COPY) || kernel.bound_zerocopy,
		  "the mode is never left to chance");
	if (kernel.busy_left > 0) {
		kernel.busy_left--;
		return -EBUSY;
	}
	return kernel.bound_zerocopy && !kernel.zerocopy ? -EOPNOTSUPP : 0;
}
static void fake_wait(uint64_t ns)
{
	kernel.waited_ns += ns;
}

static const struct xdp_calls fake_calls = {
	.attached = fake_attached,
	.features = fake_features,
	.load = fake_load,
	.attach = fake_attach,
	.put = fake_put,
	.socket = fake_socket,
	.set = fake_set,
	.get = fake_get,
	.map = fake_map,
	.bind = fake_bind,
	.wait = fake_wait,
};

static const struct io_link link0 = {
	.name = "nic0", .ifindex = 1, .mtu = 1500, .tx_queues = QUEUES, .rx_queues = QUEUES
};
static struct error error;

static int climb(const struct xdp_calls *calls, const char *mode, struct xdp_port **port)
{
	const struct io_port_options o = { .link = &link0,
					   .tx_queues = 1,
					   .rx_queues = QUEUES,
					   .frames = 256,
					   .frame_len = 54,
					   .match = { .ip_proto = IPPROTO_TCP },
					   .xdp_mode = mode };

	error = (struct error){ .code = 0 };
	return xdp_port_open(&o, 0, calls, port, &error);
}

/* Everything, unless a test takes it away. */
static void start(void)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.features = XDP_FEATURE_BASIC | XDP_FEATURE_REDIRECT | XDP_FEATURE_ZEROCOPY;
	kernel.native = kernel.zerocopy = true;
}

TestSuite(xdp_ladder, .init = start);

Test(xdp_ladder, the_best_rung)
{
	struct xdp_port *port;

	cr_assert_eq(climb(&fake_calls, NULL, &port), 0, "%s", error.text);
	cr_assert_eq(port->mode, XDP_MODE_ZEROCOPY);
	cr_assert_str_eq(port->text, "zerocopy");
	cr_assert_eq(kernel.attached_flags, XDP_FLAGS_DRV_MODE);
	cr_assert_eq(kernel.chunk, 4096, "some drivers take pages only");
	cr_assert_eq(kernel.puts, QUEUES, "every rx queue has its socket, also those that nobody sends on");
	xdp_port_close(port);
}

Test(xdp_ladder, driver_without_zerocopy)
{
	struct xdp_port *port;

	kernel.features &= ~(uint64_t)XDP_FEATURE_ZEROCOPY;
	kernel.zerocopy = false;
	cr_assert_eq(climb(&fake_calls, NULL, &port), 0, "%s", error.text);
	cr_assert_eq(port->mode, XDP_MODE_COPY);
	cr_assert_eq(kernel.chunk, 2048);
	cr_assert_eq(kernel.binds, QUEUES, "what the driver says it cannot is not tried");
	cr_assert_str_eq(port->text,
			 "copy (zerocopy: the driver of nic0 does not offer it (XDP features 0x3))");
	xdp_port_close(port);
}

/* Kernels before 6.3 do not tell: tried by doing. */
Test(xdp_ladder, nobody_knows_the_features)
{
	struct xdp_port *port;

	kernel.features_rc = -EOPNOTSUPP;
	kernel.zerocopy = kernel.native = false;
	cr_assert_eq(climb(&fake_calls, NULL, &port), 0, "%s", error.text);
	cr_assert_eq(port->mode, XDP_MODE_SKB);
	cr_assert_eq(kernel.attached_flags, XDP_FLAGS_SKB_MODE);
	cr_assert(strstr(port->text, "skb (zerocopy: native XDP does not attach: ") == port->text, "%s",
		  port->text);
	cr_assert_not_null(strstr(port->text, "; copy: native XDP does not attach: "), "%s", port->text);
	xdp_port_close(port);
}

/* The bind goes through, and the kernel then says that it copies. */
Test(xdp_ladder, granted_is_what_is_read_back)
{
	struct xdp_port *port;

	kernel.forced = true;
	cr_assert_eq(climb(&fake_calls, NULL, &port), 0, "%s", error.text);
	cr_assert_eq(port->mode, XDP_MODE_COPY);
	xdp_port_close(port);
}

Test(xdp_ladder, a_queue_that_was_just_closed_is_waited_for)
{
	struct xdp_port *port;

	kernel.busy_left = 8; /* 40 ms */
	cr_assert_eq(climb(&fake_calls, NULL, &port), 0, "%s", error.text);
	cr_assert_eq(port->mode, XDP_MODE_ZEROCOPY, "busy is no reason to step down");
	cr_assert_eq(kernel.waited_ns, 40000000);
	xdp_port_close(port);
}

Test(xdp_ladder, a_queue_of_somebody_else_is_not_waited_for_ever)
{
	struct xdp_port *port;

	kernel.busy_left = UINT32_MAX;
	cr_assert_eq(climb(&fake_calls, NULL, &port), -EBUSY);
	cr_assert_eq(kernel.waited_ns, 3 * 200000000ULL);
	cr_assert_not_null(strstr(error.text, "another AF_XDP socket has it"), "%s", error.text);
	cr_assert_not_null(strstr(error.text, "use --io-engine af_packet"), "%s", error.text);
}

/* 256 + 1,024 TX frames of 128 bytes, and 1,024 RX frames of 4,096: the next power of two does not fit. */
Test(xdp_ladder, little_locked_memory_means_fewer_frames)
{
	struct xdp_port *port;

	kernel.locked = 8 << 20;
	cr_assert_eq(climb(&fake_calls, NULL, &port), 0, "%s", error.text);
	cr_assert_eq(port->mode, XDP_MODE_ZEROCOPY, "memory is no reason to step down");
	for (unsigned int i = 0; i < QUEUES; i++)
		cr_assert_eq(port->queue[i].umem.rx_frames, 1024);
	cr_assert_str_eq(port->text,
			 "zerocopy (1024 of 16384 RX frames a queue: raise the limit of locked memory, "
			 "ulimit -l, or give CAP_IPC_LOCK)");
	xdp_port_close(port);
}

Test(xdp_ladder, too_little_locked_memory_for_any_frames)
{
	struct xdp_port *port;

	kernel.locked = 64 << 10;
	cr_assert_eq(climb(&fake_calls, NULL, &port), -ENOBUFS);
	cr_assert_not_null(strstr(error.text, "ulimit -l unlimited, or CAP_IPC_LOCK"), "%s", error.text);
}

Test(xdp_ladder, one_mode_or_none)
{
	struct xdp_port *port;

	kernel.zerocopy = false;
	cr_assert_eq(climb(&fake_calls, "zerocopy", &port), -EOPNOTSUPP);
	cr_assert(strstr(error.text,
			 "--xdp-mode zerocopy is not granted on nic0: cannot bind to queue 0 of nic0: ") ==
			  error.text,
		  "%s", error.text);
	for (int m = XDP_MODE_COPY; m <= XDP_MODE_SKB; m++) {
		cr_assert_eq(climb(&fake_calls, xdp_mode_names[m], &port), 0, "%s", error.text);
		cr_assert_eq((int)port->mode, m);
		cr_assert_str_eq(port->text, xdp_mode_names[m],
				 "better modes were not tried, so not refused");
		xdp_port_close(port);
	}
	cr_assert_eq(climb(&fake_calls, "turbo", &port), -EINVAL);
}

Test(xdp_ladder, a_foreign_program_is_named_and_left_alone)
{
	struct xdp_port *port;

	kernel.foreign = 4711;
	cr_assert_eq(climb(&fake_calls, NULL, &port), -EEXIST);
	cr_assert_not_null(strstr(error.text, "\"their_firewall\" (id 4711)"), "%s", error.text);
	cr_assert_not_null(strstr(error.text, "ip link set dev nic0 xdp off"), "%s", error.text);
	cr_assert_eq(kernel.attached_flags, 0, "nothing was attached");
	cr_assert_eq(kernel.binds, 0);
}

/* An rx queue that this NIC does not have, where another NIC of the scan has it. */
Test(xdp_ladder, absent_rx_queues_are_empty)
{
	const struct io_port_options o = { .link = &link0,
					   .tx_queues = 1,
					   .rx_queues = QUEUES + 2,
					   .frames = 256,
					   .frame_len = 54,
					   .match = { .ip_proto = IPPROTO_TCP } };
	struct frame_view view[4];
	struct xdp_port *port;

	cr_assert_eq(xdp_port_open(&o, 0, &fake_calls, &port, &error), 0, "%s", error.text);
	cr_assert_eq(kernel.binds, QUEUES);
	for (unsigned int i = QUEUES; i < QUEUES + 2; i++) {
		cr_assert_eq(xdp_rx_receive(&port->queue[i].rx.io, view, 4), 0);
		cr_assert_eq(xdp_rx_next(&port->queue[i].rx.io, 1000), UINT64_MAX);
	}
	xdp_port_close(port);
}

/* Frames of the two threads never meet, and no frame crosses a chunk. */
Test(xdp_ladder, halves_of_the_memory)
{
	struct xdp_port *port;

	cr_assert_eq(climb(&fake_calls, NULL, &port), 0, "%s", error.text);
	const struct xdp_queue *q = &port->queue[0];
	const size_t sent = (size_t)q->tx.io.nframes * q->tx.io.stride;

	cr_assert_eq(q->tx.io.nframes, 256 + XDP_TX_DEPTH);
	cr_assert_eq(q->umem.chunk % q->tx.io.stride, 0);
	cr_assert_leq(sent, q->umem.tx_bytes);
	cr_assert_eq(*ring_addr(&q->rx.fill, 0), q->umem.tx_bytes);
	cr_assert_eq(*ring_addr(&q->rx.fill, q->umem.rx_frames - 1) + q->umem.chunk, q->umem.bytes);
	cr_assert_eq(q->rx.fill.size, 2 * q->umem.rx_frames);
	cr_assert_eq(port->queue[1].tx.io.nframes, 0, "nobody sends on it");
	xdp_port_close(port);
}

static void refuse_each(bool from_there_on)
{
	const unsigned int before = open_fds();
	unsigned int granted[XDP_MODES] = { 0 }, none = 0, nth = 0;

	do {
		struct xdp_port *port;
		int rc;

		inject_begin(&fake_calls, ++nth, from_there_on);
		rc = climb(&inject_calls, NULL, &port);
		if (rc == 0) {
			granted[port->mode]++;
			xdp_port_close(port);
		} else {
			none++;
			cr_assert(error.text[0] != '\0' && error.code == rc, "%s: no reason", inject.refused);
		}
		cr_assert_eq(open_fds(), before, "call %u, %s: file descriptors leak", nth, inject.refused);
		cr_assert_eq(mappings(RING), 0, "call %u, %s: rings leak", nth, inject.refused);
	} while (inject.refused != NULL);
	cr_assert_gt(nth, 30, "as many calls as steps");
	if (from_there_on) {
		cr_assert_gt(none, 20);
	} else { /* a single refusal costs a rung at most, one of memory half the frames; without the program there is none */
		cr_assert_gt(granted[XDP_MODE_COPY], 20);
		cr_assert_eq(granted[XDP_MODE_SKB], 0);
		cr_assert_eq(none, 1);
	}
}

Test(xdp_ladder, any_one_call_refused)
{
	refuse_each(false);
}

Test(xdp_ladder, any_call_and_all_after_it_refused)
{
	refuse_each(true);
}
