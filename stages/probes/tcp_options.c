/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/probes/tcp_options.h"

#include <string.h>

/* RFC 9293 3.2, RFC 7323 2.2 and 3.2, RFC 2018 2 */
#define EOL 0
#define NOP 1
#define MSS(n) 2, 4, (n) >> 8, (n)&0xff
#define WSCALE(n) 3, 3, (n)
#define SACK_PERM 4, 2
#define TS 8, 10, 0, 0, 0, 0, 0, 0, 0, 0 /* value, echo */
#define TS_VALUE 2 /* bytes from the kind to the value */

const struct tcp_options tcp_options[] = {
	{ /* Windows 10 and 11: 66 bytes of frame */
	  .name = "windows",
	  .window = 64240,
	  .len = 12,
	  .bytes = { MSS(1460), NOP, WSCALE(8), NOP, NOP, SACK_PERM } },
	{ /* 58 bytes */
	  .name = "smallest-probes",
	  .window = 65535,
	  .len = 4,
	  .bytes = { MSS(1460) } },
	{ /* Linux since 2.6.17: 74 bytes */
	  .name = "linux",
	  .window = 64240,
	  .len = 20,
	  .ts_val = 6 + TS_VALUE,
	  .bytes = { MSS(1460), SACK_PERM, TS, NOP, WSCALE(7) } },
	{ /* FreeBSD, macOS: 78 bytes */
	  .name = "bsd",
	  .window = 65535,
	  .len = 24,
	  .ts_val = 10 + TS_VALUE,
	  .bytes = { MSS(1460), NOP, WSCALE(6), NOP, NOP, TS, SACK_PERM, EOL, EOL } },
	{ .name = NULL },
};

const struct tcp_options *tcp_options_find(const char *name)
{
	for (const struct tcp_options *o = tcp_options; o->name != NULL; o++)
		if (strcmp(o->name, name) == 0)
			return o;
	return NULL;
}
