/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "anyscan/world.h"
#include "responder.skel.h"
#include "world_port.h"

struct world_xdp {
	struct world_port port;
	const struct area *area;
	struct responder *skel;
	uint64_t *seen;
	size_t seen_len;
	uint64_t *times;
	size_t times_len;
	uint32_t times_room;
	int link; /* of BPF: the program leaves the interface with this process */
};

static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args;
	return 0; /* what it would say comes back as errno, and is said in our words */
}

static int load(struct world_xdp *x, unsigned int ifindex, const struct world *world, struct error *e)
{
	int rc;

	x->skel = responder__open();
	if (x->skel == NULL)
		return error_set(e, -errno, "cannot open the BPF program: %m");
	x->skel->data->world = *world;
	x->skel->data->area_first = x->area->first;
	x->skel->data->area_last = x->area->last;
	x->skel->data->area_ports = x->area->ports.count;
	x->skel->data->area_echo = x->area->echo;
	x->skel->data->times_room = x->times_room;
	memcpy(x->skel->data_ports->port_index, x->area->index, sizeof(x->area->index));
	rc = bpf_map__set_max_entries(x->skel->maps.seen, (uint32_t)area_words(x->area));
	if (rc == 0 && x->times_room > 0)
		rc = bpf_map__set_max_entries(x->skel->maps.times, x->times_room);
	if (rc == 0)
		rc = responder__load(x->skel);
	if (rc == -EPERM || rc == -EACCES)
		return error_set(e, rc, "the kernel does not let us load BPF programs: run as root");
	if (rc != 0)
		return error_set(e, rc,
				 "the kernel does not take the BPF program: %s; "
				 "it needs 5.14 or newer, with BTF",
				 strerror(-rc));
	for (uint32_t i = 0; i < 2; i++) {
		rc = bpf_map_update_elem(bpf_map__fd(x->skel->maps.twice), &i, &ifindex, BPF_ANY);
		if (rc != 0)
			return error_set(e, rc,
					 "cannot redirect to this interface: %s; its driver has no "
					 "ndo_xdp_xmit: use a veth",
					 strerror(-rc));
	}
	return 0;
}

static void *map_array(const struct bpf_map *map, uint64_t entries, size_t *len)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *p;

	*len = (entries * 8 + page - 1) & ~(page - 1);
	p = mmap(NULL, *len, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);
	return p == MAP_FAILED ? NULL : p;
}

static int map_arrays(struct world_xdp *x, struct error *e)
{
	x->seen = map_array(x->skel->maps.seen, area_words(x->area), &x->seen_len);
	if (x->seen == NULL)
		return error_set(e, -errno, "cannot map the bitmap of targets seen: %m");
	if (x->times_room == 0)
		return 0;
	x->times = map_array(x->skel->maps.times, x->times_room, &x->times_len);
	if (x->times == NULL)
		return error_set(e, -errno, "cannot map the times of arrival: %m");
	return 0;
}

static int attach(struct world_xdp *x, const char *dev, unsigned int ifindex, struct error *e)
{
	static const struct {
		const char *name, *words;
		uint32_t flags;
	} modes[] = { { "native", "native XDP", XDP_FLAGS_DRV_MODE },
		      { "skb", "skb XDP", XDP_FLAGS_SKB_MODE } };

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		LIBBPF_OPTS(bpf_link_create_opts, options, .flags = modes[i].flags);

		x->link = bpf_link_create(bpf_program__fd(x->skel->progs.respond), (int)ifindex, BPF_XDP,
					  &options);
		x->port.mode = modes[i].name;
		x->port.words = modes[i].words;
		if (x->link >= 0)
			return 0;
		if (x->link == -EBUSY || x->link == -EEXIST)
			return error_set(e, x->link,
					 "%s has an XDP program already: "
					 "`ip link set %s xdp off` takes it off",
					 dev, dev);
	}
	return error_set(e, x->link, "cannot attach to %s: %s", dev, strerror(-x->link));
}

static void xdp_close(struct world_port *port)
{
	struct world_xdp *x = (struct world_xdp *)port;

	if (x->link >= 0)
		close(x->link);
	if (x->seen != NULL)
		munmap(x->seen, x->seen_len);
	if (x->times != NULL)
		munmap(x->times, x->times_len);
	responder__destroy(x->skel);
	free(x);
}

static struct world_port *xdp_open(const struct world_port_options *o, struct error *e)
{
	const unsigned int ifindex = if_nametoindex(o->dev);
	struct world_xdp *x;

	if (ifindex == 0) {
		error_set(e, -ENODEV, "there is no interface \"%s\" here; `ip link` lists them", o->dev);
		return NULL;
	}
	x = calloc(1, sizeof(*x));
	if (x == NULL) {
		error_set(e, -ENOMEM, "no memory");
		return NULL;
	}
	x->port.ops = &world_xdp;
	x->area = o->area;
	x->times_room = o->times_room;
	x->link = -1;
	libbpf_set_print(silent);
	if (load(x, ifindex, o->world, e) != 0 || map_arrays(x, e) != 0 ||
	    attach(x, o->dev, ifindex, e) != 0) {
		xdp_close(&x->port);
		return NULL;
	}
	return &x->port;
}

static const uint64_t *xdp_seen(struct world_port *port)
{
	return ((const struct world_xdp *)port)->seen;
}

static size_t xdp_times(struct world_port *port, const uint64_t **times)
{
	const struct world_xdp *x = (const struct world_xdp *)port;
	const uint32_t n = __atomic_load_n(&x->skel->data->times_next, __ATOMIC_RELAXED);

	*times = x->times;
	return n < x->times_room ? n : x->times_room;
}

static void xdp_counts(struct world_port *port, struct counts *sum)
{
	const struct world_xdp *x = (const struct world_xdp *)port;
	const int cpus = libbpf_num_possible_cpus();
	const uint32_t zero = 0;
	struct counts *each = calloc(cpus > 0 ? (size_t)cpus : 1, sizeof(*each));

	memset(sum, 0, sizeof(*sum));
	if (each != NULL && bpf_map_lookup_elem(bpf_map__fd(x->skel->maps.counters), &zero, each) == 0)
		for (int i = 0; i < cpus; i++) {
#define X(name) sum->name += each[i].name;
			COUNTS(X)
#undef X
			if (each[i].first_ns != 0 && (sum->first_ns == 0 || each[i].first_ns < sum->first_ns))
				sum->first_ns = each[i].first_ns;
			if (each[i].last_ns > sum->last_ns)
				sum->last_ns = each[i].last_ns;
		}
	free(each);
}

const struct world_port_ops world_xdp = {
	.open = xdp_open,
	.close = xdp_close,
	.counts = xdp_counts,
	.seen = xdp_seen,
	.times = xdp_times,
};
