// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"
#include "core/record/value.hpp"

namespace trellis::core {

/// A value inside a row of this database only: one tag byte, then its bytes. What crosses the
/// wire is change.hpp's.
void write_value(const Value& value, ByteWriter& out);
/// Null, and a failed reader, where the bytes make no sense.
Value read_value(ByteReader& in);

}  // namespace trellis::core
