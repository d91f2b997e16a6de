/* SPDX-License-Identifier: Apache-2.0 */
#include "area.h"
#include "arguments.h"
#include "command.h"
#include "lines.h"

int seen_main(int argc, char **argv)
{
	static struct area area;
	static struct lines out;
	const char *net = NULL, *ports = NULL, *file = NULL;
	const struct argument table[] = { { "net", &net, true }, { "ports", &ports, true }, { 0 } };
	struct error e = { 0 };
	struct seen *seen;

	if (arguments_parse(argc, argv, table, &file, &e) != 0 || area_parse(net, ports, &area, &e) != 0)
		return fail(EXIT_USAGE, &e);
	if (area_load(file, &seen, &e) != 0) {
		area_free(&area);
		return fail(EXIT_FILE, &e);
	}
	out.file = stdout;
	for (uint64_t addr = area.first; addr <= area.last; addr++)
		for (uint32_t k = 0; k < area.ports.count; k++)
			if (seen_test(seen, (uint32_t)addr, area.ports.port[k]))
				lines_put(&out, (uint32_t)addr, area.ports.port[k], NULL);
	seen_close(seen);
	area_free(&area);
	return lines_end(&out) == 0 ? 0 : EXIT_OUTPUT;
}
