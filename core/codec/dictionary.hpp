// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.hpp"

namespace trellis {

/// The zstd dictionary that packed bytes of kind 1 need: core/codec/dictionary/v1.zdict. Its
/// bytes never change; a better one gets the next number.
ByteView dictionary_1();

}  // namespace trellis
