// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace trellis {

/// The smaller of: the bytes as they are, or one zstd frame with the dictionary trained on
/// made-up data only; the first byte says which (0 stored, 1 zstd with dictionary 1).
/// Contexts are kept between calls: one compressor serves one thread.
class Compressor {
public:
    Compressor();
    Compressor(const Compressor&) = delete;
    Compressor& operator=(const Compressor&) = delete;
    ~Compressor();

    Bytes compress(ByteView plain);
    /// `corrupt` for anything but one whole frame that declares its size; `too_large` where
    /// that is over `max`, before any of it is inflated.
    Result<Bytes> decompress(ByteView packed, std::size_t max);

private:
    struct State;
    State* state_;
};

}  // namespace trellis
