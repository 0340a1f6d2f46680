// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace trellis {

/// What kind of thing went wrong. The names cross the wire, the C ABI and the scripted
/// interface, so they are never renamed; new ones are added at the end.
enum class Code : unsigned char {
    invalid,      ///< the request or the bytes do not make sense
    not_found,    ///< nothing by that name is here
    denied,       ///< understood, and not allowed
    conflict,     ///< somebody else was first; read again and retry
    corrupt,      ///< bytes that were once right are not any more
    wrong_key,    ///< the key does not open this
    no_space,     ///< the disk or a quota is full
    busy,         ///< held by somebody else; try again later
    offline,      ///< no connection could be made
    timeout,      ///< no answer within the deadline
    fork,         ///< one actor has said two different things
    rolled_back,  ///< one side has gone back in time
    unsupported,  ///< a later version may know how
    too_large,    ///< over a limit of limits.hpp
    internal,     ///< our own mistake
};

/// The stable name of a code, such as "not_found".
std::string_view to_string(Code code);

/// The code of a stable name; `Code::internal` where the name is unknown.
Code code_from_string(std::string_view name);

/// What is wrong, where, and what to do: one sentence for a person.
/// `message` never holds a key, nor a value that a family gave us.
struct Error {
    Code code = Code::internal;
    std::string message;

    bool operator==(const Error&) const = default;
};

}  // namespace trellis
