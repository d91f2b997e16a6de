/* SPDX-License-Identifier: Apache-2.0 */
/* -i: interfaces, PCI addresses, DPDK devices and what belongs to them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "tools/anyscan-pipe/interface_list.c"

static struct interface_name name[PIPELINE_PORTS_MAX];
static struct error error;

static int names(const char *value)
{
	const char *item[] = { value };
	const struct text_list list = { .item = item, .count = 1 };

	memset(name, 0, sizeof(name));
	error.text[0] = '\0';
	return interface_names(&list, name, &error);
}

Test(interface_list, interfaces)
{
	cr_assert_eq(names("ens1,ens2"), 2);
	cr_assert_str_eq(name[0].name, "ens1");
	cr_assert_str_eq(name[1].name, "ens2");
	cr_assert_eq(name[0].queues, 0);
	cr_assert_eq(names("ens1:0-7"), 1);
	cr_assert_str_eq(name[0].name, "ens1");
	cr_assert_eq(name[0].queues, 8);
}

Test(interface_list, arguments_belong_to_the_device_before_them)
{
	cr_assert_eq(names("net_af_packet0,iface=ens1,qpairs=2,net_memif1,role=client,mac=02:00:00:00:00:01"),
		     2);
	cr_assert_str_eq(name[0].name, "net_af_packet0,iface=ens1,qpairs=2");
	cr_assert_str_eq(name[1].name, "net_memif1,role=client,mac=02:00:00:00:00:01");
	cr_assert_eq(name[1].queues, 0, "a colon in an argument is no queue");
	cr_assert_eq(names("net_af_packet0:0-3,iface=ens1"), 1);
	cr_assert_str_eq(name[0].name, "net_af_packet0,iface=ens1");
	cr_assert_eq(name[0].queues, 4);
}

Test(interface_list, an_argument_without_a_device)
{
	cr_assert_eq(names("iface=ens1"), -EINVAL);
	cr_assert_str_eq(error.text,
			 "--interface: \"iface=ens1\" is an argument of a DPDK device; write the device "
			 "before it: net_af_packet0,iface=ens1");
}

Test(interface_list, pci_addresses)
{
	cr_assert_eq(names("0000:00:06.0,00:07.1:0-3"), -EINVAL, "queues are the same for all");
	cr_assert_eq(names("0000:00:06.0,0000:5e:00.1"), 2);
	cr_assert_str_eq(name[0].name, "0000:00:06.0");
	cr_assert_str_eq(name[1].name, "0000:5e:00.1");
	cr_assert_eq(names("0000:00:06.0:0-3,large_llq_hdr=0"), 1);
	cr_assert_str_eq(name[0].name, "0000:00:06.0,large_llq_hdr=0");
	cr_assert_eq(name[0].queues, 4);
	cr_assert_eq(names("00:06.0"), 1);
	cr_assert_str_eq(name[0].name, "00:06.0");
}

Test(interface_list, too_long)
{
	char value[2 * IO_NAME_MAX];

	memset(value, 'x', sizeof(value));
	memcpy(value, "net_memif0,socket=", 18);
	value[IO_NAME_MAX - 1] = '\0';
	cr_assert_eq(names(value), 1);
	value[IO_NAME_MAX - 1] = 'x';
	value[IO_NAME_MAX] = '\0';
	cr_assert_eq(names(value), -EINVAL);
	cr_assert(strstr(error.text, "is longer than 255 bytes"), "%s", error.text);
}
