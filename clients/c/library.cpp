// SPDX-License-Identifier: Apache-2.0
// The functions of trellis.h that need no handle.
#include <cstdlib>

#include "clients/c/status.hpp"
#include "crypto/primitive/sodium.hpp"

using namespace trellis;

extern "C" {

uint32_t trellis_abi(void) { return TRELLIS_ABI; }

const char* trellis_version(void) { return TRELLIS_VERSION; }

const char* trellis_status_name(trellis_status status) {
    switch (status) {
        case TRELLIS_OK: return "ok";
        case TRELLIS_WRONG_THREAD: return "wrong_thread";
        case TRELLIS_CLOSED: return "closed";
        case TRELLIS_REENTERED: return "reentered";
        case TRELLIS_SUSPENDED: return "suspended";
        default: break;
    }
    if (status < TRELLIS_INVALID || status > TRELLIS_INTERNAL) return "unknown";
    // The names are literals, so that they end with a zero and last.
    return to_string(c::code_of(status)).data();
}

void trellis_buffer_free(trellis_buffer* buffer) {
    if (buffer == nullptr) return;
    // It may have held recovery sheets, or a family's words.
    if (buffer->data != nullptr) crypto::wipe({buffer->data, buffer->size});
    std::free(buffer->data);
    *buffer = {nullptr, 0};
}

}  // extern "C"
