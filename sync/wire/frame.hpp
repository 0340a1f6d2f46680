// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "sync/wire/message.hpp"

/// Message ↔ bytes. Fixed layouts, little-endian; docs/protocol.md draws them.
///
/// The first byte is the type: the place of the message in the variant, counted from 1.
/// Counters take 5 bytes, envelope lengths 3. Texts are u16 length and UTF-8. `who` is one byte
/// 0 and device 16 and incarnation 8, or the one byte 1: the chain named in the channel's Open
/// ("own"). In a struct, own is a device and an incarnation of zeros: a device may push its own
/// runs so and is then answered so. A Deliver without a head (zeros) is 32 bytes shorter.
namespace trellis::sync {

/// The longest message: sealed, it fits a frame of limits::frame_max.
inline constexpr std::size_t message_max = limits::frame_max - 17;

inline constexpr std::size_t deliver_header_size = 54;  ///< at most
inline constexpr std::size_t push_header_size = 5;
inline constexpr std::size_t run_header_size = 32;  ///< at most; 8 for an own run
inline constexpr std::size_t envelope_length_size = 3;
inline constexpr std::size_t entries_header_size = 12;
inline constexpr std::size_t entry_length_size = 4;

/// The longest membership entry that crosses the wire. Longer ones (limits::entry_max) need
/// slices, which this version does not have.
inline constexpr std::size_t wire_entry_max = 256 * 1024;

/// The longest text of a message; encode() cuts longer ones at a character.
inline constexpr std::size_t text_size_max = limits::reason_max;

/// Requires: the result is at most message_max bytes, every list keeps its limit, and every
/// counter is at most limits::counter_max.
Bytes encode(const Message& message);

/// `too_large`, `corrupt`, or a message whose encoding is exactly these bytes.
Result<Message> decode(ByteView bytes);

}  // namespace trellis::sync
