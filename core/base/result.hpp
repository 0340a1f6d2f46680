// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "core/base/check.hpp"
#include "core/base/error.hpp"

namespace trellis {

/// A value of type T, or an Error. Member names follow std::expected (C++23), which the
/// reference compiler does not have, so that one day this is an alias.
template <class T>
class [[nodiscard]] Result {
    using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

public:
    using value_type = T;

    Result() requires std::is_void_v<T> : state_(std::in_place_index<0>) {}

    template <class U = Stored>
        requires(!std::is_void_v<T> && std::is_convertible_v<U &&, Stored> &&
                 !std::is_same_v<std::remove_cvref_t<U>, Error> &&
                 !std::is_same_v<std::remove_cvref_t<U>, Result>)
    Result(U&& value)  // NOLINT(google-explicit-constructor): `return value;` must read well
        : state_(std::in_place_index<0>, std::forward<U>(value)) {}

    Result(Error error)  // NOLINT(google-explicit-constructor): `return Error{...};` likewise
        : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    /// Requires: has_value().
    Stored& value() & {
        TRELLIS_CHECK(has_value());
        return *std::get_if<0>(&state_);
    }
    const Stored& value() const& {
        TRELLIS_CHECK(has_value());
        return *std::get_if<0>(&state_);
    }
    Stored&& value() && {
        TRELLIS_CHECK(has_value());
        return std::move(*std::get_if<0>(&state_));
    }
    Stored& operator*() & { return value(); }
    const Stored& operator*() const& { return value(); }
    Stored&& operator*() && { return std::move(*this).value(); }
    Stored* operator->() { return &value(); }
    const Stored* operator->() const { return &value(); }

    /// Requires: !has_value().
    const Error& error() const& {
        TRELLIS_CHECK(!has_value());
        return *std::get_if<1>(&state_);
    }
    Error&& error() && {
        TRELLIS_CHECK(!has_value());
        return std::move(*std::get_if<1>(&state_));
    }

private:
    std::variant<Stored, Error> state_;
};

}  // namespace trellis

#define TRELLIS_CONCAT_(a, b) a##b
#define TRELLIS_CONCAT(a, b) TRELLIS_CONCAT_(a, b)

/// TRELLIS_TRY(auto x, f()): x is f's value, or the enclosing function returns f's error.
#define TRELLIS_TRY(declaration, expression)                                     \
    auto TRELLIS_CONCAT(result_, __LINE__) = (expression);                       \
    if (!TRELLIS_CONCAT(result_, __LINE__))                                      \
        return std::move(TRELLIS_CONCAT(result_, __LINE__)).error();             \
    declaration = std::move(TRELLIS_CONCAT(result_, __LINE__)).value()

/// TRELLIS_DO(f()): the same for a function whose value is not needed. A lambda inside `f`
/// that uses it too is given a name first, or its result shadows this one.
#define TRELLIS_DO(expression)                                                        \
    do {                                                                              \
        if (auto result_ = (expression); !result_) return std::move(result_).error(); \
    } while (false)
