/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DEVICE_XDP_MTU_H
#define DEVICE_XDP_MTU_H

/*
 * The MTU up to which every driver known to us takes a native XDP program without fragments: a page of 4096
 * bytes less headroom, struct skb_shared_info, Ethernet header and two VLAN tags (ena: 3498; virtio_net and
 * veth: 3506 and more).
 */
#define XDP_MTU_SAFE 3498

#endif
