/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-nic/nic.h"

const struct step steps[] = {
	/* clang-format off */
	[STEP_CHANNELS] = { "channels", { "channels" }, channels_read, channels_want, channels_write, NULL },
	[STEP_RSS] = { "rss", { "rss" }, rss_read, rss_want, rss_write, rss_settle },
	{ "rings", { "rings" }, rings_read, rings_want, rings_write, NULL },
	{ "mtu", { "mtu" }, mtu_read, mtu_want, mtu_write, NULL },
	{ "napi_defer_hard_irqs", { "napi-defer", "busy-poll" }, napi_read, napi_want, napi_write, NULL },
	{ "gro_flush_timeout", { "gro-flush-timeout", "busy-poll" }, gro_read, gro_want, gro_write, NULL },
	{ .name = NULL },
	/* clang-format on */
};
