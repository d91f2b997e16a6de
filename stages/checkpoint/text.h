/* SPDX-License-Identifier: Apache-2.0 */
/* How a checkpoint begins and ends, byte by byte; between, its members may come in any order. */
#ifndef CHECKPOINT_TEXT_H
#define CHECKPOINT_TEXT_H

#define CHECKPOINT_MAGIC "anyscan-pipe checkpoint"
#define CHECKPOINT_BEGIN "{\n  \"format\":\"" CHECKPOINT_MAGIC "\",\n  \"format_version\":"
#define CHECKPOINT_SEAL ",\n  \"crc32\":\""
#define CHECKPOINT_CRC_DIGITS 8
#define CHECKPOINT_END "\"\n}\n"

#endif
