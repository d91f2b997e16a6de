/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>

#include "tools/anyscan-nic/nic.h"
#include "tools/anyscan-nic/refusal.h"

static const struct command {
	const char *name;
	bool guarded; /* changes the interface, whatever is journalled */
	int (*run)(struct nic *, struct error *e);
} commands[] = {
	{ "prepare", true, prepare },
	{ "restore", false, restore },
	{ "status", false, status },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct command *find_command(const struct config *c, struct error *e)
{
	if (c->command == NULL || c->interface == NULL) {
		error_set(e, -EINVAL,
			  "write anyscan-nic prepare, restore or status, and an interface; --help says more");
		return NULL;
	}
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, c->command) == 0)
			return &commands[i];
	error_set(e, -EINVAL, "\"%s\" is not a command; there are prepare, restore and status", c->command);
	return NULL;
}

static int work(const struct config *c, struct error *e)
{
	const struct command *command = find_command(c, e);
	struct nic nic = { .config = c };

	if (command == NULL)
		return EXIT_COMMAND;
	if (c->force != NULL && strcmp(c->force, c->interface) != 0) {
		error_set(e, -EINVAL, "--force %s does not name the interface, %s", c->force, c->interface);
		return EXIT_COMMAND;
	}
	if (c->state_dir[0] != '/') {
		error_set(e, -EINVAL, "--state-dir %s: write a path that begins with /", c->state_dir);
		return EXIT_COMMAND;
	}
	if (device_find(c->interface, &nic.device, e) < 0)
		return EXIT_HOST;
	if (command->guarded && nic.device.type != ARPHRD_ETHER) {
		error_set(
			e, -EINVAL,
			"%s is no Ethernet interface, and no scan leaves by it; `ip link` lists what there is",
			c->interface);
		return EXIT_HOST;
	}
	if (command->guarded && refuse(&nic, e))
		return EXIT_HOST;
	return command->run(&nic, e);
}

int main(int argc, char **argv)
{
	struct config config = { .task = TASK_WORK };
	struct error e = { .code = 0 };
	int code;

	if (command_line_parse(&command_line, argc, argv, &config, config.given, &e) != 0)
		code = EXIT_COMMAND;
	else if (program_print(&program, config.task, stdout))
		code = EXIT_DONE;
	else
		code = work(&config, &e);
	if (code != EXIT_DONE)
		fprintf(stderr, "anyscan-nic: %s\n", e.text);
	if (fflush(stdout) != 0 && code == EXIT_DONE) {
		fputs("anyscan-nic: cannot write to standard output\n", stderr);
		code = EXIT_HOST;
	}
	return code;
}
