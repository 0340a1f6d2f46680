// SPDX-License-Identifier: Apache-2.0
#include "clients/c/status.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

namespace trellis::c {

trellis_status status_of(Code code) { return static_cast<trellis_status>(code) + 1; }

Code code_of(trellis_status status) {
    if (status < TRELLIS_INVALID || status > TRELLIS_INTERNAL) return Code::internal;
    return static_cast<Code>(status - 1);
}

trellis_status answer(trellis_error* error, trellis_status status, std::string_view message) {
    if (error == nullptr) return status;
    error->status = status;
    auto size = std::min(message.size(), sizeof error->message - 1);
    // Never half a character.
    while (size > 0 && size < message.size() && (message[size] & 0xC0) == 0x80) --size;
    std::memcpy(error->message, message.data(), size);
    error->message[size] = '\0';
    return status;
}

trellis_status answer(trellis_error* error, const Error& what) {
    return answer(error, status_of(what.code), what.message);
}

trellis_status give(ByteView bytes, trellis_buffer* buffer, trellis_error* error) {
    *buffer = {nullptr, 0};
    if (bytes.empty()) return TRELLIS_OK;
    auto* data = static_cast<std::uint8_t*>(std::malloc(bytes.size()));
    if (data == nullptr) return answer(error, TRELLIS_INTERNAL, "there is no memory for the answer");
    std::memcpy(data, bytes.data(), bytes.size());
    *buffer = {data, bytes.size()};
    return TRELLIS_OK;
}

Result<std::string_view> text_in(trellis_bytes bytes, std::size_t size_max) {
    if (bytes.data == nullptr && bytes.size > 0) {
        return Error{Code::invalid, "the bytes are null, yet have a size"};
    }
    if (bytes.size > size_max) {
        return Error{Code::too_large, "a text of " + std::to_string(bytes.size) +
                                          " bytes: at most " + std::to_string(size_max) +
                                          " are taken"};
    }
    const auto text = as_text({bytes.data, bytes.size});
    if (!is_utf8(text)) return Error{Code::invalid, "the text is no UTF-8"};
    return text;
}

Result<std::string> text_in(const char* text, std::size_t size_max) {
    if (text == nullptr) return std::string();
    std::size_t size = 0;
    while (size <= size_max && text[size] != '\0') ++size;
    if (size > size_max) {
        return Error{Code::too_large, "a text is longer than " + std::to_string(size_max) +
                                          " bytes, or does not end"};
    }
    const std::string_view view(text, size);
    if (!is_utf8(view)) return Error{Code::invalid, "the text is no UTF-8"};
    return std::string(view);
}

Result<void> copy_struct(const void* from, std::size_t least, void* to, std::size_t size) {
    std::size_t theirs = 0;
    std::memcpy(&theirs, from, sizeof theirs);
    if (theirs < least) {
        return Error{Code::invalid, "struct_size must be the sizeof of the struct"};
    }
    const auto* bytes = static_cast<const std::uint8_t*>(from);
    constexpr std::size_t sane = 4096;
    if (theirs > sane) return Error{Code::invalid, "struct_size is no size of such a struct"};
    for (std::size_t i = size; i < theirs; ++i) {
        if (bytes[i] == 0) continue;
        return Error{Code::unsupported, "a struct says more than this version of the library "
                                        "understands: use the library that fits the header"};
    }
    std::memset(to, 0, size);
    std::memcpy(to, from, std::min(size, theirs));
    return {};
}

}  // namespace trellis::c
