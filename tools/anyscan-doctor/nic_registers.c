/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tools/anyscan-doctor/dpdk.h"
#include "tools/device/registers.h"

/* What igb_uio was loaded with is not to be read: its parameter has no file. */
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
	} else if (strcmp(driver, "igb_uio") == 0) {
		cannot(registers, key,
		       "look again as root during a scan, with debugfs mounted; if it is not write-combining: modprobe -r "
		       "igb_uio && modprobe igb_uio wc_activate=1",
		       "nobody has BAR 2 mapped now; without wc_activate=1 igb_uio maps it uncached, which makes ENA's "
		       "low-latency queues slow");
	} else {
		cannot(registers, key,
		       "look again as root during a scan, with debugfs mounted; if it is not write-combining, take " REGISTERS_WC_REMEDY,
		       "nobody has BAR 2 mapped now, and %s of mainline maps it uncached, which makes ENA's "
		       "low-latency queues slow",
		       driver);
	}
}
