/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "anyscan/probe.h"
#include "stages/probes/icmp_echoscan.h"
#include "stages/probes/tcp_synscan.h"

const struct probe_module *const probe_modules[] = {
	&tcp_synscan,
	&icmp_echoscan,
	NULL,
};

const struct probe_module *probe_find(const char *name)
{
	for (const struct probe_module *const *m = probe_modules; *m != NULL; m++)
		if (strcmp((*m)->name, name) == 0)
			return *m;
	return NULL;
}

const char *const reject_names[REJECT_CAUSES] = {
	[REJECT_NONE] = "none",		  [REJECT_SHORT] = "short",	  [REJECT_NOT_IP] = "not_ip",
	[REJECT_FRAGMENT] = "fragment",	  [REJECT_PROTOCOL] = "protocol", [REJECT_ADDRESS] = "address",
	[REJECT_PORT] = "port",		  [REJECT_FLAGS] = "flags",	  [REJECT_COOKIE] = "cookie",
	[REJECT_ICMP_TYPE] = "icmp_type", [REJECT_UNASKED] = "unasked",
};
