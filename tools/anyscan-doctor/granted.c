/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-doctor/granted.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/if_xdp.h>
#include <unistd.h>

#include "tools/anyscan-doctor/xsk.h"

const char *const granted_names[GRANTED_MODES] = { "zerocopy", "copy", "skb" };

static const struct {
	uint32_t attach;
	uint16_t bind;
} flags[GRANTED_MODES] = {
	[GRANTED_ZEROCOPY] = { XDP_FLAGS_DRV_MODE, XDP_ZEROCOPY },
	[GRANTED_COPY] = { XDP_FLAGS_DRV_MODE, XDP_COPY },
	[GRANTED_SKB] = { XDP_FLAGS_SKB_MODE, XDP_COPY },
};

static int load_pass(void)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "doctor", "Dual BSD/GPL", code,
			     sizeof(code) / sizeof(code[0]), NULL);
}

static int bind_mode(int ifindex, uint32_t queue, enum granted_mode mode, const char **step)
{
	struct xsk x;
	int rc = xsk_open(&x);

	if (rc == 0)
		rc = xsk_bind(&x, ifindex, queue, flags[mode].bind);
	*step = x.step;
	if (rc == 0 && mode == GRANTED_ZEROCOPY && xsk_is_zerocopy(&x) != 1) {
		*step = "bind() granted zero-copy, XDP_OPTIONS says otherwise";
		rc = -EOPNOTSUPP;
	}
	xsk_close(&x);
	return rc;
}

static int try_mode(int ifindex, int program, uint32_t last, enum granted_mode mode, struct granted *g)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = flags[mode].attach);
	int link, rc = -EBUSY;

	g->step[mode] = "attaching an XDP program";
	link = bpf_link_create(program, ifindex, BPF_XDP, &options);
	if (link < 0)
		return link;
	for (uint32_t queue = last + 1; rc == -EBUSY && queue-- > 0;) {
		g->queue = queue;
		rc = bind_mode(ifindex, queue, mode, &g->step[mode]);
	}
	close(link);
	return rc;
}

void granted_try(int ifindex, uint32_t last_queue, struct granted *g)
{
	const int program = load_pass();

	g->queue = last_queue;
	for (int m = 0; m < GRANTED_MODES; m++) {
		g->step[m] = "loading an XDP program";
		g->rc[m] = program < 0 ? program :
					 try_mode(ifindex, program, last_queue, (enum granted_mode)m, g);
	}
	if (program >= 0)
		close(program);
}
