/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A probe as people read it. The shape is ZMap's (print_packet of its TCP
 * probe modules), so that what reads its dry runs reads ours:
 *
 *   tcp { source: 33000 | dest: 443 | seq: 1 | checksum: 0x0123 }
 *   ip { saddr: 198.18.0.1 | daddr: 192.0.2.1 | checksum: 0x4567 }
 *   eth { shost: 02:00:00:00:00:01 | dhost: 02:00:00:00:00:02 }
 *   ------------------------------------------------------
 */
#ifndef DRYRUN_PROBE_TEXT_H
#define DRYRUN_PROBE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define PROBE_TEXT_MAX 320 /* bytes of one probe's text */

/* Writes the text of a frame, every bound checked, into out[PROBE_TEXT_MAX]; returns bytes. Any thread. */
size_t probe_text(const uint8_t *frame, size_t len, char *out);

#endif
