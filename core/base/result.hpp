// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "core/base/check.hpp"
#include "core/base/error.hpp"

namespace trellis {

/// An Error on its way up. No larger than a pointer: most functions only pass one on, and what
/// that takes is most of what a module that is downloaded consists of.
class Failure {
public:
    Failure() = default;
    explicit Failure(Error&& error);
    explicit Failure(const Error& error);
    Failure(const Failure& other);
    Failure(Failure&& other) noexcept : error_(std::exchange(other.error_, nullptr)) {}
    Failure& operator=(const Failure& other) { return *this = Failure(other); }
    Failure& operator=(Failure&& other) noexcept {
        std::swap(error_, other.error_);
        return *this;
    }
    ~Failure() {
        if (error_ != nullptr) drop(error_);
    }

    /// None: where there is a value, and in what was moved from.
    explicit operator bool() const { return error_ != nullptr; }
    /// Requires: there is one.
    Error& operator*() const { return *error_; }
    operator Error() && { return std::move(*error_); }  // NOLINT(google-explicit-constructor)

private:
    static void drop(Error* error) noexcept;

    Error* error_ = nullptr;
};

/// Stops the program: a value was asked of an error, or an error of a value.
[[noreturn]] void result_misread();

/// A value of type T, or an Error. Member names follow std::expected (C++23), which the
/// reference compiler does not have, so that one day this is an alias.
template <class T>
class [[nodiscard]] Result {
    using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

public:
    using value_type = T;

    Result() requires std::is_void_v<T> : value_(std::in_place) {}

    template <class U = Stored>
        requires(!std::is_void_v<T> && std::is_convertible_v<U &&, Stored> &&
                 !std::is_same_v<std::remove_cvref_t<U>, Error> &&
                 !std::is_same_v<std::remove_cvref_t<U>, Failure> &&
                 !std::is_same_v<std::remove_cvref_t<U>, Result>)
    Result(U&& value)  // NOLINT(google-explicit-constructor): `return value;` must read well
        : value_(std::in_place, std::forward<U>(value)) {}

    // NOLINTBEGIN(google-explicit-constructor): `return Error{...};` likewise
    Result(Error&& error) : failure_(std::move(error)) {}
    Result(const Error& error) : failure_(error) {}
    Result(Failure&& failure) : failure_(std::move(failure)) {}
    // NOLINTEND(google-explicit-constructor)

    [[nodiscard]] bool has_value() const { return value_.has_value(); }
    explicit operator bool() const { return has_value(); }

    /// Requires: has_value().
    Stored& value() & {
        if (!has_value()) result_misread();
        return *value_;
    }
    const Stored& value() const& {
        if (!has_value()) result_misread();
        return *value_;
    }
    Stored&& value() && {
        if (!has_value()) result_misread();
        return std::move(*value_);
    }
    Stored& operator*() & { return value(); }
    const Stored& operator*() const& { return value(); }
    Stored&& operator*() && { return std::move(*this).value(); }
    Stored* operator->() { return &value(); }
    const Stored* operator->() const { return &value(); }

    /// Requires: !has_value().
    const Error& error() const& {
        if (!failure_) result_misread();
        return *failure_;
    }
    Error&& error() && {
        if (!failure_) result_misread();
        return std::move(*failure_);
    }
    /// The same, to be passed on.
    Failure&& failure() && { return std::move(failure_); }

private:
    std::optional<Stored> value_;
    Failure failure_;
};

}  // namespace trellis

#define TRELLIS_CONCAT_(a, b) a##b
#define TRELLIS_CONCAT(a, b) TRELLIS_CONCAT_(a, b)

/// TRELLIS_TRY(auto x, f()): x is f's value, or the enclosing function returns f's error.
#define TRELLIS_TRY(declaration, expression)                                     \
    auto TRELLIS_CONCAT(result_, __LINE__) = (expression);                       \
    if (!TRELLIS_CONCAT(result_, __LINE__))                                      \
        return std::move(TRELLIS_CONCAT(result_, __LINE__)).failure();           \
    declaration = std::move(TRELLIS_CONCAT(result_, __LINE__)).value()

/// TRELLIS_DO(f()): the same for a function whose value is not needed. A lambda inside `f`
/// that uses it too is given a name first, or its result shadows this one.
#define TRELLIS_DO(expression)                                                        \
    do {                                                                              \
        if (auto result_ = (expression); !result_) return std::move(result_).failure(); \
    } while (false)
