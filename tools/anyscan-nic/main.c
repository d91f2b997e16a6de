/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>

#include "tools/anyscan-nic/bind.h"
#include "tools/anyscan-nic/reclaim.h"
#include "tools/anyscan-nic/refusal.h"

static const struct command {
	const char *name;
	bool guarded; /* changes the interface, whatever is journalled */
	int (*run)(struct nic *, struct error *e); /* on an interface; NULL: it has no such work */
	/* On a PCI device; of restore and status when the interface is bound. */
	int (*run_pci)(struct nic *, const struct bind_host *, const char *pci, struct error *e);
	/* Of the host: no interface is named. */
	int (*run_host)(const struct config *, struct error *e);
} commands[] = {
	{ "prepare", true, prepare, NULL, NULL },	{ "restore", false, restore, unbind_nic, NULL },
	{ "status", false, status, bind_status, NULL }, { "bind", false, NULL, bind_nic, NULL },
	{ "unbind", false, NULL, unbind_nic, NULL },	{ "reclaim", false, NULL, NULL, reclaim },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct command *find_command(const struct config *c, struct error *e)
{
	const struct command *found = NULL;

	for (size_t i = 0; i < COMMANDS && c->command != NULL; i++)
		if (strcmp(commands[i].name, c->command) == 0)
			found = &commands[i];
	if (c->command != NULL && found == NULL)
		error_set(
			e, -EINVAL,
			"\"%s\" is not a command; there are prepare, restore, status, bind, unbind and reclaim",
			c->command);
	else if (found == NULL || (c->interface == NULL && found->run_host == NULL))
		error_set(
			e, -EINVAL,
			"write anyscan-nic prepare, restore, status, bind or unbind, and an interface, or reclaim; "
			"--help says more");
	else if (found->run_host != NULL && (c->interface != NULL || c->force != NULL))
		error_set(e, -EINVAL, "%s is of the whole host: leave \"%s\" out", c->command,
			  c->interface != NULL ? c->interface : "--force");
	else
		return found;
	return NULL;
}

static int work_pci(const struct command *command, struct nic *nic, const struct bind_host *host,
		    const char *pci, struct error *e)
{
	if (pci[0] == '\0') {
		error_set(e, -ENODEV,
			  "%s is neither an interface on the PCI bus nor the address of a device on it, as "
			  "0000:00:06.0; `lspci` lists what there is",
			  nic->config->interface);
		return EXIT_HOST;
	}
	if (nic->config->force != NULL) {
		error_set(
			e, -EINVAL,
			"--force is not for %s: an interface that you live on would not come back by itself",
			command->name);
		return EXIT_COMMAND;
	}
	return command->run_pci(nic, host, pci, e);
}

static int work(const struct config *c, struct error *e)
{
	const struct command *command = find_command(c, e);
	struct nic nic = { .config = c };
	struct bind_host host = bind_host_real;
	char pci[PCI_NAME_MAX] = "";

	if (command == NULL)
		return EXIT_COMMAND;
	if (command->run_host != NULL)
		return command->run_host(c, e);
	if (c->force != NULL && strcmp(c->force, c->interface) != 0) {
		error_set(e, -EINVAL, "--force %s does not name the interface, %s", c->force, c->interface);
		return EXIT_COMMAND;
	}
	if (c->state_dir[0] != '/') {
		error_set(e, -EINVAL, "--state-dir %s: write a path that begins with /", c->state_dir);
		return EXIT_COMMAND;
	}
	host.root = c->host_root != NULL ? c->host_root : "";
	if (command->run_pci != NULL)
		bind_resolve(&host, c->state_dir, c->interface, pci);
	if (command->run == NULL || (command->run_pci != NULL && bind_journalled(c->state_dir, pci)))
		return work_pci(command, &nic, &host, pci, e);
	if (device_find(c->interface, &nic.device, e) < 0) {
		if (pci[0] != '\0')
			return work_pci(command, &nic, &host, pci, e);
		return EXIT_HOST;
	}
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
