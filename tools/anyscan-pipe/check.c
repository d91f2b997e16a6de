/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What no option can tell alone: combinations, names of engines, the filter. Sends and opens
 * nothing.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "io/engines.h"
#include "io/sim/world_spec.h"
#include "tools/anyscan-pipe/scan.h"
#include "tools/anyscan-pipe/screen.h"

#define WIRE_OVERHEAD 24 /* bytes: preamble 7, start 1, FCS 4, gap 12 (IEEE 802.3) */
#define WIRE_MINIMUM 84 /* bytes that the shortest frame takes */

static enum exit_code check_engine(struct scan *s, struct error *e)
{
	const struct config *c = s->config;
	const bool file = strcmp(s->ops->name, "pcap") == 0;
	const char *name = s->engine_open ? "auto" : s->ops->name;

	if (file && s->engine_args[0] == '\0') {
		error_set(e, -EINVAL, "--io-engine pcap: the file is missing; write pcap:FILE");
		return EXIT_COMMAND;
	}
	if (!file && s->engine_args[0] != '\0') {
		error_set(e, -EINVAL, "--io-engine %s: %s takes nothing after a colon; leave it out",
			  c->engine, name);
		return EXIT_COMMAND;
	}
	if (c->dpdk_eal != NULL && strcmp(s->ops->name, "dpdk") != 0) {
		error_set(e, -EINVAL,
			  "--dpdk-eal is for --io-engine dpdk, and the engine is %s; leave it out", name);
		return EXIT_COMMAND;
	}
	if (c->dpdk_eal != NULL)
		s->engine_args = c->dpdk_eal;
	if (option_given(c, "xdp-mode") && strcmp(s->ops->name, "af_xdp") != 0) {
		error_set(e, -EINVAL,
			  "--xdp-mode is for --io-engine af_xdp, and the engine is %s; leave it out", name);
		return EXIT_COMMAND;
	}
	s->options.xdp_mode = c->xdp_mode > 0 ? xdp_mode_choices[c->xdp_mode] : NULL;
	if (c->gateway_ips.count > 0 && c->gateway_macs.count > 0) {
		error_set(
			e, -EINVAL,
			"--gateway-ip asks for the Ethernet address that --gateway-mac gives; leave one of them out");
		return EXIT_COMMAND;
	}
	if (c->vlan != 0 && (s->ops->needs_interface || strcmp(s->ops->name, "dpdk") == 0) &&
	    c->gateway_macs.count == 0) {
		error_set(
			e, -EINVAL,
			"--vlan %u: who is behind the tag is not asked by ARP; add --gateway-mac, or scan on a device "
			"of that VLAN: ip link add link ens1 name ens1.%u type vlan id %u, then -i ens1.%u",
			(unsigned int)c->vlan, (unsigned int)c->vlan, (unsigned int)c->vlan,
			(unsigned int)c->vlan);
		return EXIT_COMMAND;
	}
	if (c->world != NULL && strcmp(s->ops->name, "sim") != 0) {
		error_set(
			e, -EINVAL,
			"--world describes the internet of --io-engine sim, and the engine is %s; leave one of them "
			"out",
			name);
		return EXIT_COMMAND;
	}
	if (strcmp(s->ops->name, "sim") != 0)
		return EXIT_DONE;
	if (world_parse(c->world, &s->world, s->world_seen, sizeof(s->world_seen), e) != 0)
		return EXIT_COMMAND;
	s->options.world = &s->world;
	s->options.world_seen = s->world_seen[0] != '\0' ? s->world_seen : NULL;
	return EXIT_DONE;
}

static enum exit_code check_shards(const struct config *c, struct error *e)
{
	if (c->shards_named != 0 && c->shards_named != c->shards) {
		error_set(e, -EINVAL, "--shard %llu/%llu and --shards %llu do not agree; write one of them",
			  (unsigned long long)c->shard, (unsigned long long)c->shards_named,
			  (unsigned long long)c->shards);
		return EXIT_COMMAND;
	}
	if (c->shard >= c->shards) {
		if (c->shards == 1 && !option_given(c, "shards"))
			error_set(e, -EINVAL,
				  "--shard %llu: of how many? write --shard %llu/N or add --shards N",
				  (unsigned long long)c->shard, (unsigned long long)c->shard);
		else
			error_set(e, -EINVAL, "--shard %llu: shards are 0-based; the last of %llu is %llu",
				  (unsigned long long)c->shard, (unsigned long long)c->shards,
				  (unsigned long long)c->shards - 1);
		return EXIT_COMMAND;
	}
	if (c->shards > 1 && !option_given(c, "shard")) {
		error_set(e, -EINVAL, "--shards %llu: which of them is this? add --shard 0 to --shard %llu",
			  (unsigned long long)c->shards, (unsigned long long)c->shards - 1);
		return EXIT_COMMAND;
	}
	if (c->shards > 1 && !option_given(c, "seed")) {
		error_set(e, -EINVAL,
			  "shards need --seed N, the same for all of them, or they overlap and leave gaps");
		return EXIT_COMMAND;
	}
	return EXIT_DONE;
}

static enum exit_code check_rate(struct scan *s, struct error *e)
{
	const struct config *c = s->config;
	const unsigned int len = s->frame_len + WIRE_OVERHEAD;

	s->options.rate = c->rate.rate;
	if (c->bandwidth == 0)
		return EXIT_DONE;
	if (option_given(c, "rate")) {
		error_set(e, -EINVAL, "--rate and --bandwidth say the same thing twice; write one of them");
		return EXIT_COMMAND;
	}
	s->options.rate = c->bandwidth / (8.0 * (len > WIRE_MINIMUM ? len : WIRE_MINIMUM));
	screen_say(LEVEL_NOTICE, "bandwidth: %g bits/s is %.1f probes/s of %u bytes", c->bandwidth,
		   s->options.rate, s->frame_len);
	return EXIT_DONE;
}

/*
 * What the command line does not fix is random: the order, and above all the key that replies are validated
 * with.
 */
static enum exit_code choose_seed_and_key(struct scan *s, struct error *e)
{
	const struct config *c = s->config;
	uint64_t draw[3];

	if (getrandom(draw, sizeof(draw), 0) != (ssize_t)sizeof(draw)) {
		error_set(e, -EIO, "getrandom: the kernel gives no random numbers");
		return EXIT_HOST;
	}
	s->options.seed = s->resume->from.memory != NULL ? s->resume->from.seed :
			  option_given(c, "seed")	 ? c->seed :
							   draw[0];
	if (option_given(c, "validation-key"))
		s->options.key = (struct cookie_key){ .k0 = c->key[0], .k1 = c->key[1] };
	else
		s->options.key = (struct cookie_key){ .k0 = draw[1], .k1 = draw[2] };
	return EXIT_DONE;
}

static enum exit_code check_output(struct scan *s, struct error *e)
{
	const struct config *c = s->config;
	struct error why = { .code = 0 };

	if ((c->metadata_file != NULL && strcmp(c->metadata_file, "-") == 0) ||
	    (c->status_file != NULL && strcmp(c->status_file, "-") == 0)) {
		error_set(e, -EINVAL,
			  "--%s -: only results go to standard output; write a file, or /dev/stderr",
			  c->metadata_file != NULL && strcmp(c->metadata_file, "-") == 0 ?
				  "metadata-file" :
				  "status-updates-file");
		return EXIT_COMMAND;
	}
	if (c->remark != NULL && c->metadata_file == NULL) {
		error_set(e, -EINVAL,
			  "--notes goes into the metadata, which no file is named for; write -m FILE");
		return EXIT_COMMAND;
	}
	if (option_given(c, "rotate-interval") && c->rotate_interval < 0.001) {
		error_set(
			e, -EINVAL,
			"--rotate-interval %g: a file takes a millisecond at least; write 3600, or leave it out",
			c->rotate_interval);
		return EXIT_COMMAND;
	}
	if (scan_rotates(s) && (c->output_file == NULL || strcmp(c->output_file, "-") == 0 ||
				c->task == TASK_DRYRUN || c->task == TASK_LISTING)) {
		error_set(
			e, -EINVAL,
			"--rotate-size and --rotate-interval number the files of a scan's results: name them with "
			"--output-file FILE, or leave the two out");
		return EXIT_COMMAND;
	}
	if (c->output_module != NULL && output_find(c->output_module) == NULL) {
		error_set(e, -EINVAL,
			  "--output-module: there is no \"%s\"; write list, endpoint, csv or json",
			  c->output_module);
		return EXIT_COMMAND;
	}
	if (c->output_module != NULL && strcmp(c->output_module, "endpoint") == 0 &&
	    !s->options.module->needs_ports) {
		error_set(e, -EINVAL,
			  "--output-module endpoint writes address:port, and %s has no ports; write list",
			  s->options.module->name);
		return EXIT_COMMAND;
	}
	if (filter_parse(c->filter, &s->filter, &why) != 0) {
		error_set(e, why.code, "--output-filter '%s': %s", c->filter, why.text);
		return EXIT_COMMAND;
	}
	s->options.filter = s->filter;
	return EXIT_DONE;
}

enum exit_code scan_check(struct scan *s, struct error *e)
{
	const struct config *c = s->config;
	enum exit_code code;

	if (c->targets.count + c->allowlists.count + c->address_lists.count == 0) {
		error_set(e, -EINVAL,
			  "no targets: name addresses, prefixes or ranges, or a file with -w or -I; "
			  "there is no default: all of IPv4 is 0.0.0.0/0");
		return EXIT_COMMAND;
	}
	if (plan_check(&c->plan, e) != 0)
		return EXIT_COMMAND;
	code = scan_engine(s, e);
	if (code == EXIT_DONE)
		code = check_engine(s, e);
	if (code == EXIT_DONE)
		code = check_shards(c, e);
	if (code == EXIT_DONE)
		code = scan_module(s, e);
	if (code == EXIT_DONE)
		code = check_rate(s, e);
	if (code == EXIT_DONE)
		code = check_output(s, e);
	if (code == EXIT_DONE)
		code = choose_seed_and_key(s, e);
	s->options.shard = (uint32_t)c->shard;
	s->options.shards = (uint32_t)c->shards;
	s->options.probes = (uint32_t)c->probes;
	s->options.spacing_ns = c->probes > 1 ? (uint64_t)(c->probe_spacing * 1e9) : 0;
	s->options.probe_args = c->probe_args;
	s->options.sport_first = c->sport_first;
	s->options.sport_last = c->sport_last;
	s->options.ttl = (uint8_t)c->ttl;
	s->options.vlan = (uint16_t)c->vlan;
	s->options.cooldown_s = c->cooldown;
	s->options.plan = c->plan;
	s->options.dedup_memory = c->dedup_memory;
	s->options.result_buffer = c->result_buffer;
	s->options.max_results = c->max_results;
	return code;
}
