/* SPDX-License-Identifier: Apache-2.0 */
/* What is sent: the probe module, and the options that only some modules can have. */
#include <errno.h>
#include <string.h>

#include "tools/anyscan-pipe/scan.h"

static enum exit_code find_module(struct scan *s, struct error *e)
{
	const struct config *c = s->config;
	const char *name = c->icmp ? "icmp_echoscan" : c->module;

	if (c->icmp && option_given(c, "probe-module") && strcmp(name, c->module) != 0) {
		error_set(e, -EINVAL,
			  "--icmp is --probe-module %s, and --probe-module %s is another; write one of them",
			  name, c->module);
		return EXIT_COMMAND;
	}
	s->options.module = probe_find(name);
	if (s->options.module != NULL)
		return EXIT_DONE;
	error_set(e, -EINVAL, "--probe-module: there is no \"%s\"; --list-probe-modules names what to write",
		  name);
	return EXIT_COMMAND;
}

/* tried now, so that a wrong --probe-args is found before anything is opened; the length gives the bandwidth */
static enum exit_code try_template(struct scan *s, struct error *e)
{
	const struct config *c = s->config;
	struct probe_template template;
	struct probe_identity id = { .saddr = 1,
				     .sport_first = c->sport_first,
				     .sport_last = c->sport_last,
				     .ttl = (uint8_t)c->ttl,
				     .vlan = (uint16_t)c->vlan };

	memset(&template, 0, sizeof(template));
	if (s->options.module->prepare(&id, c->probe_args, &template, e) != 0)
		return EXIT_COMMAND;
	s->frame_len = probe_frame_len(&template);
	return EXIT_DONE;
}

static enum exit_code check_ports(const struct scan *s, struct error *e)
{
	const struct config *c = s->config;
	const unsigned int sports = (unsigned int)(c->sport_last - c->sport_first) + 1;

	/* a list may bring a port for each of its lines: scan_targets() looks */
	if (c->ports == NULL && (c->targets.count + c->allowlists.count > 0 || c->address_lists.count == 0)) {
		error_set(e, -EINVAL, "%s needs ports: write -p 443, -p 80,8000-8100 or -p '*'",
			  s->options.module->name);
		return EXIT_COMMAND;
	}
	if (c->probes > sports) {
		error_set(
			e, -EINVAL,
			"--probes %llu: each probe of a target takes another source port, and --source-port "
			"has %u; widen it, or write --probes %u",
			(unsigned long long)c->probes, sports, sports);
		return EXIT_COMMAND;
	}
	return EXIT_DONE;
}

static enum exit_code check_no_ports(const struct scan *s, struct error *e)
{
	const struct config *c = s->config;
	const char *name = s->options.module->name;

	/* some scanners ping first and then probe the ports of who answered: the same in two steps */
	if (c->ports != NULL) {
		error_set(
			e, -EINVAL,
			"-p %s: %s probes hosts, not ports. Leave -p out; for the ports of the hosts that answer, first "
			"anyscan-pipe --icmp TARGET -o alive.txt, then anyscan-pipe -I alive.txt -p %s",
			c->ports, c->icmp ? "--icmp" : name, c->ports);
		return EXIT_COMMAND;
	}
	if (option_given(c, "source-port")) {
		error_set(e, -EINVAL, "--source-port: %s has no ports; leave it out", name);
		return EXIT_COMMAND;
	}
	if (c->rst == CHOICE_RST_ON) {
		error_set(e, -EINVAL, "--rst on: %s opens no connection to reset; leave it out", name);
		return EXIT_COMMAND;
	}
	return EXIT_DONE;
}

/* Where the kernel sees the SYN-ACKs it resets them itself, and ours would be a second RST. */
void scan_choose_rst(struct scan *s)
{
	const int choice = s->config->rst;

	s->options.rst = (choice == CHOICE_RST_ON || (choice == CHOICE_RST_AUTO && s->ops->hides_replies)) &&
			 s->ops->rx_receive != NULL && s->options.module->answer != NULL;
}

enum exit_code scan_module(struct scan *s, struct error *e)
{
	enum exit_code code;

	if (s->config->probe_spacing > 0 && s->config->probes == 1) {
		error_set(
			e, -EINVAL,
			"--probe-spacing %g: a target gets one probe, which follows none; add --probes 2, or leave "
			"it out",
			s->config->probe_spacing);
		return EXIT_COMMAND;
	}
	code = find_module(s, e);
	if (code == EXIT_DONE)
		code = s->options.module->needs_ports ? check_ports(s, e) : check_no_ports(s, e);
	if (code == EXIT_DONE)
		code = try_template(s, e);
	if (code == EXIT_DONE)
		scan_choose_rst(s);
	return code;
}
