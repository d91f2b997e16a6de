/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "command.h"

static const struct command {
	const char *name, *usage;
	int (*main)(int argc, char **argv);
} commands[] = {
	{ "run",
	  "--dev IF --net PREFIX --ports LIST --world SPEC [--seen F] [--stats F] [--times F] [--pidfile F]\n"
	  "  anyscan-world run --dpdk DEVICE[,KEY=VALUE...] [--dpdk-eal ARGS] --net ... (as above)\n"
	  "      answers SYNs that arrive on IF, or with --ports icmp ICMP echo requests; says \"ready\" when it does;\n"
	  "      --dpdk answers, ARP too, on a port of DPDK: net_memif0,role=server or net_vhost0,iface=SOCKET, with the\n"
	  "      scanner in another process; the port is polled on the core that -l N of --dpdk-eal names;\n"
	  "      SIGUSR1 writes stats and map, SIGTERM and SIGINT write them and end;\n"
	  "      --times F: when each of the first 2^20 of them came, CLOCK_MONOTONIC ns, as binary 64-bit words",
	  run_main },
	{ "truth",
	  "--net PREFIX --ports LIST --world SPEC [--class open|closed|unreach|all]\n"
	  "      [--exclude LIST] [--seen F]\n"
	  "      prints saddr,sport,classification of every target that answers validly;\n"
	  "      --seen F: of those that F marks",
	  truth_main },
	{ "seen", "--net PREFIX --ports LIST FILE\n      prints saddr,sport of every target that FILE marks",
	  seen_main },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

int fail(int exit_code, const struct error *e)
{
	fprintf(stderr, "anyscan-world: %s\n", e->text);
	return exit_code;
}

static int usage(FILE *f, int exit_code)
{
	fprintf(f,
		"A simulated internet for the lab. What it answers is a function of the seed: see --world.\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(f, "  anyscan-world %s %s\n", commands[i].name, commands[i].usage);
	fprintf(f, "\nSPEC: seed=1,open=0.02,closed=0.3,unreach=0.05,dup=0.01,loss=0,forged=0,seen=FILE\n");
	return exit_code;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return usage(stderr, EXIT_USAGE);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return usage(stdout, 0);
	if (strcmp(argv[1], "--version") == 0)
		return puts("anyscan-world " ANYSCAN_VERSION) < 0 ? EXIT_OUTPUT : 0;
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].main(argc - 1, argv + 1);
	fprintf(stderr, "anyscan-world: \"%s\" is not a command; there are run, truth and seen\n", argv[1]);
	return EXIT_USAGE;
}
