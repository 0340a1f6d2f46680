// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace trellis::sqlite {

/// One prepared statement, kept for many uses. Parameters count from 1, columns from 0. Texts
/// and bytes bound are borrowed until the next reset(); texts and bytes read are borrowed until
/// the next step() or reset().
class Statement {
public:
    Statement() = default;
    explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
    Statement(Statement&& other) noexcept : handle_(other.handle_) { other.handle_ = nullptr; }
    Statement& operator=(Statement&& other) noexcept;
    ~Statement();

    Statement& bind(int at, std::int64_t value);
    Statement& bind(int at, double value);
    Statement& bind_text(int at, std::string_view value);
    Statement& bind_bytes(int at, ByteView value);
    Statement& bind_null(int at);

    /// True: a row is there to read. False: done, and reset.
    Result<bool> step();
    /// Runs to the end and resets.
    Result<void> run();
    /// Ready for the next use; bindings stay.
    void reset();
    void clear_bindings();

    enum class Kind : std::uint8_t { null, integer, real, text, bytes };
    [[nodiscard]] Kind kind(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double real(int column) const;
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] ByteView bytes(int column) const;
    [[nodiscard]] bool is_null(int column) const { return kind(column) == Kind::null; }
    [[nodiscard]] int columns() const;
    [[nodiscard]] std::string_view name(int column) const;

    [[nodiscard]] bool is_ready() const { return handle_ != nullptr; }
    [[nodiscard]] sqlite3_stmt* handle() const { return handle_; }

private:
    sqlite3_stmt* handle_ = nullptr;
};

}  // namespace trellis::sqlite
