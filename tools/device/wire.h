/* SPDX-License-Identifier: Apache-2.0 */
/* Devices to send on that reach nobody: in a network namespace of one's own, which ends with the process. Root. */
#ifndef DEVICE_WIRE_H
#define DEVICE_WIRE_H

#include <stdbool.h>

#include "anyscan/io.h"

/* Into a namespace of one's own, the whole process. False: this host does not let us. */
bool wire_namespace(void);

/* near, up, with so many queues, whose peer is far. drop: the peer drops every frame in XDP. False: it cannot be made. */
bool wire_veth(const char *near, const char *far, unsigned int queues, bool drop);

/* Up, with so many queues; frames end there. */
bool wire_ifb(const char *name, unsigned int queues);

/* The identity of a device, its gateway's address made up. */
int wire_link(const char *device, struct io_link *, struct error *);

#endif
