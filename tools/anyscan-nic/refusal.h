/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANYSCAN_NIC_REFUSAL_H
#define ANYSCAN_NIC_REFUSAL_H

#include "tools/anyscan-nic/nic.h"

/* Whether the interface must not be touched: it carries what the user lives on, and --force does not name it. Fills *e. */
bool refuse(const struct nic *, struct error *e);

#endif
