/* SPDX-License-Identifier: Apache-2.0 */
/* The base point times a scalar as any other point times it, in constant time like that: the same
 * result as libsodium's own function, without its table. */
#include "private/ed25519_ref10.h"

void ge25519_scalarmult_base(ge25519_p3* h, const unsigned char* a) {
    /* RFC 8032: y = 4/5, x positive. */
    static const unsigned char base[32] = {
        0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
        0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66};
    ge25519_p3 point;
    ge25519_frombytes(&point, base);
    ge25519_scalarmult(h, a, &point);
}
