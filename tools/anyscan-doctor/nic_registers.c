/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tools/anyscan-doctor/dpdk.h"
#include "tools/device/registers.h"

static bool write_combines(void)
{
	FILE *f = fopen("/sys/module/igb_uio/parameters/wc_activate", "re");
	const int c = f != NULL ? fgetc(f) : EOF;

	if (f != NULL)
		fclose(f);
	return c == '1' || c == 'Y';
}

void look_at_registers(struct json_object *nic, const char *address, const char *driver)
{
	static const char key[] = "write_combining";
	struct json_object *registers = json_object_new_object();
	char type[64];

	json_object_object_add(nic, "registers", registers);
	if (registers_mapped("", address, 2, type, sizeof(type))) {
		if (strcmp(type, "write-combining") == 0)
			can(registers, key);
		else
			cannot(registers, key, "take " REGISTERS_WC_REMEDY,
			       "BAR 2 is mapped %s: ENA's low-latency queues are slow like that", type);
	} else if (strcmp(driver, "igb_uio") != 0) {
		cannot(registers, key,
		       "look again as root during a scan, with debugfs mounted; if it is not write-combining, take " REGISTERS_WC_REMEDY,
		       "nobody has BAR 2 mapped now, and %s of mainline maps it uncached, which makes ENA's "
		       "low-latency queues slow",
		       driver);
	} else if (write_combines()) {
		can(registers, key);
	} else {
		cannot(registers, key, "modprobe -r igb_uio && modprobe igb_uio wc_activate=1",
		       "igb_uio was loaded without wc_activate=1: ENA's low-latency queues are slow like that");
	}
}
