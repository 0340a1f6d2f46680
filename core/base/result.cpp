// SPDX-License-Identifier: Apache-2.0
#include "core/base/result.hpp"

namespace trellis {

Failure::Failure(Error&& error) : error_(new Error(std::move(error))) {}

Failure::Failure(const Error& error) : error_(new Error(error)) {}

Failure::Failure(const Failure& other)
    : error_(other.error_ == nullptr ? nullptr : new Error(*other.error_)) {}

void Failure::drop(Error* error) noexcept {
    delete error;
}

void result_misread() {
    check_failed("a result is asked for what it has not", __FILE__, __LINE__);
}

}  // namespace trellis
