// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/codec/archive.hpp"

namespace trellis {

/// The one form of a value whose type has save and load (or serialize) functions.
template <class T>
Bytes encode(const T& value) {
    BodyWriter writer;
    writer(value);
    return writer.take();
}

/// Its inverse: `corrupt`, naming `what`, for anything that is malformed or left over, and
/// `too_large` for a list over its limit.
template <class T>
Result<T> decode(ByteView bytes, std::string_view what) {
    BodyReader reader(bytes);
    T value{};
    reader(value);
    TRELLIS_DO(reader.finish(what));
    return value;
}

}  // namespace trellis
