// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "clients/c/trellis.h"
#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/base/result.hpp"

/// What crosses the C interface besides handles: statuses, sentences and bytes.
namespace trellis::c {

trellis_status status_of(Code code);
/// `internal` for what is no code.
Code code_of(trellis_status status);

/// Writes both where there is an error to fill; returns the status.
trellis_status answer(trellis_error* error, trellis_status status, std::string_view message);
trellis_status answer(trellis_error* error, const Error& what);

/// A copy for the caller to free. TRELLIS_INTERNAL where there is no memory.
trellis_status give(ByteView bytes, trellis_buffer* buffer, trellis_error* error);

/// The caller's text: `invalid` for a null with a size and for what is no UTF-8, `too_large`.
Result<std::string_view> text_in(trellis_bytes bytes, std::size_t size_max);
/// A text that ends with a zero; empty for null.
Result<std::string> text_in(const char* text, std::size_t size_max);

/// A struct as the caller knows it: one of an older version is filled up with zeros; of a newer
/// one, what we do not know must be zeros.
Result<void> copy_struct(const void* from, std::size_t least, void* to, std::size_t size);

}  // namespace trellis::c
