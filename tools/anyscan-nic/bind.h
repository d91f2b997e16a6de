/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A NIC goes from its kernel driver to vfio-pci, for DPDK, and back. The order of things:
 *
 *   bind    journal of the NIC -> { journal of the host -> change of the host }... -> down, override, unbind, probe
 *   unbind  override, unbind, bind -> interface as it was -> journal of the NIC removed
 *           -> with the last NIC: the host as it was -> journal of the host removed
 *
 * Two journals, as hugepages, a module and its parameter are shared by all NICs that are bound. Every change can be
 * repeated, so whatever death bind or unbind dies at whatever moment, unbind afterwards brings back exactly what was.
 */
#ifndef ANYSCAN_NIC_BIND_H
#define ANYSCAN_NIC_BIND_H

#include <limits.h>

#include "tools/anyscan-nic/nic.h"

#define VFIO_DRIVER "vfio-pci"
#define PCI_NAME_MAX 16 /* "0000:00:05.0" and room for longer domains: 15 characters */

/* What is changed and asked, so that a test can stand in for a kernel. Paths are without the root. */
struct bind_host {
	const char *root; /* before /sys and /proc; "" */
	int (*put)(const struct bind_host *, const char *path, const char *value); /* 0 or negative errno */
	int (*module)(const struct bind_host *, const char *name, bool load); /* modprobe */
	/* The interface as it is, to bring back, and under "link" what io/bound_nic.h reads. NULL with *e. */
	struct json_object *(*interface_read)(const struct bind_host *, struct nic *, const char *name,
					      struct error *);
	int (*interface_bring)(const struct bind_host *, struct nic *, const char *name,
			       struct json_object *saved, struct error *);
	bool (*refused)(const struct bind_host *, struct nic *, const char *name, struct error *);
};

extern const struct bind_host bind_host_real; /* root "" */

struct binding {
	struct nic *nic; /* its config, and its count of writes */
	const struct bind_host *host;
	char pci[PCI_NAME_MAX];
	char driver[64], override[64], interface[IFNAMSIZ]; /* ""; none */
	unsigned int interfaces; /* that the function has here */
	int node; /* -1: not said */
	unsigned int vendor, device;
	bool iommu; /* it is in a group */
	int dir; /* of the journals */
	char name[64]; /* of its journal */
	struct json_object *content, *shared; /* the journals; NULL: none */
};

/* ---- what is there (bind_pci.c) */
/* An interface, a PCI address, or the former name of a NIC that is bound. *pci is "" where it is none of these. */
void bind_resolve(const struct bind_host *, const char *state_dir, const char *operand,
		  char pci[PCI_NAME_MAX]);
bool bind_journalled(const char *state_dir, const char *pci); /* it is bound, or a bind of it was killed */
int bind_look(struct binding *, struct error *); /* driver, interface and the rest of b->pci, anew */
bool bind_read(const struct binding *, const char *path, char *out,
	       size_t size); /* first line; false: no such file */
bool bind_exists(const struct binding *, const char *path);
/* Others of its IOMMU group that a kernel driver has, and who holds the group open. Fills *e. */
bool bind_group_refused(const struct binding *, struct error *);
bool bind_in_use(const struct binding *, struct error *);

/* ---- one change, or in a dry run a line that says it (bind_change.c) */
int bind_put(struct binding *, const char *path, const char *value, struct error *);
int bind_module(struct binding *, const char *name, bool load, struct error *);

/* ---- journals (bind_journal.c) */
int bind_journal_open(struct binding *, bool create, struct error *);
void bind_journal_close(struct binding *);
int bind_journal_write(struct binding *, struct json_object *interface, struct error *);
int bind_journal_remove(struct binding *, struct error *);
int bind_shared_write(struct binding *, struct error *);
int bind_shared_remove(struct binding *, struct error *);
bool bind_journal_last(const struct binding *); /* no NIC is bound any more */

/* ---- what all bound NICs share (bind_shared.c) */
int bind_shared_set(struct binding *, struct error *);
int bind_shared_back(struct binding *, struct error *);
/* Of the node of this NIC: so many bytes are free, in pages of one size. */
int bind_hugepages(struct binding *, struct error *);
/* Journals that this number or word stands in the file before it is written there. */
int bind_shared_put(struct binding *, const char *path, const char *value, struct error *);

/* ---- commands: an exit code with *e */
int bind_nic(struct nic *, const struct bind_host *, const char *pci, struct error *);
int unbind_nic(struct nic *, const struct bind_host *, const char *pci, struct error *);
int bind_status(struct nic *, const struct bind_host *, const char *pci, struct error *);
/* Of both: everything of this NIC is again as in its journal. */
int unbind_all(struct binding *, struct error *);
void bind_say_memory(const struct binding *); /* how its registers are mapped, where that matters */

#endif
