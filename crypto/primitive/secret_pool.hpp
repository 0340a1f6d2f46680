// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace trellis::crypto {

/// A secret of up to so many bytes shares its pages with others.
constexpr std::size_t secret_cell_size = 64;
/// Cells that are locked and guarded together: with libsodium's canary they fill four pages.
constexpr std::size_t secret_slab_cells = 255;

/// A cell of `secret_cell_size` zero bytes in locked pages between guard pages; null where the
/// system gives no more. Like malloc, of the whole process and for any thread. A page of its own
/// for each key would cost a server 8 KiB and three mappings, of which Linux gives a process
/// 65,530; so ten thousand connections, with two keys each, would have been its end.
std::uint8_t* take_secret_cell();
/// Wipes the cell before anybody else may have it. It is kept for the next one.
void give_secret_cell(std::uint8_t* cell);

}  // namespace trellis::crypto
