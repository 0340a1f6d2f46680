// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/base/bytes.hpp"
#include "core/base/json.hpp"
#include "core/base/limits.hpp"

// Before RapidJSON: its assertions guard its own use, which is here and nowhere else, and must
// not stop the program because of a text.
#define RAPIDJSON_ASSERT(condition) static_cast<void>(condition)
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace trellis {
namespace {

/// Builds a value out of RapidJSON's events. A handler that returns false ends the parsing.
class Builder {
public:
    // NOLINTBEGIN(readability-identifier-naming): RapidJSON's names.
    bool Null() { return add(nullptr); }
    bool Bool(bool value) { return add(value); }
    bool Int(int value) { return add(value); }
    bool Uint(unsigned value) { return add(std::int64_t{value}); }
    bool Int64(std::int64_t value) { return add(value); }
    bool Uint64(std::uint64_t value) { return add(value); }
    bool Double(double value) { return add(value); }
    bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; }
    bool String(const char* text, rapidjson::SizeType size, bool) {
        return is_well_formed({text, size}) && add(std::string(text, size));
    }
    bool StartObject() { return open(Json::Object{}); }
    bool Key(const char* text, rapidjson::SizeType size, bool) {
        if (!is_well_formed({text, size})) return false;
        open_.back().name.assign(text, size);
        if (!open_.back().value.has(open_.back().name)) return true;
        return refuse("an object has the same name twice");
    }
    bool EndObject(rapidjson::SizeType) { return close(); }
    bool StartArray() { return open(Json::Array{}); }
    bool EndArray(rapidjson::SizeType) { return close(); }
    // NOLINTEND(readability-identifier-naming)

    [[nodiscard]] std::string_view reason() const { return reason_; }
    Json take() { return std::move(root_); }

private:
    struct Open {
        Json value;
        std::string name;  ///< of the member that comes next
    };

    bool add(Json value) {
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (auto* members = open_.back().value.object()) {
            members->insert_or_assign(std::move(open_.back().name), std::move(value));
        } else {
            open_.back().value.array()->push_back(std::move(value));
        }
        return true;
    }
    bool open(Json value) {
        if (open_.size() == limits::json_depth_max) return refuse("it is nested too deeply");
        open_.push_back({std::move(value), {}});
        return true;
    }
    bool close() {
        Json done = std::move(open_.back().value);
        open_.pop_back();
        return add(std::move(done));
    }
    /// RapidJSON lets a low surrogate alone pass when it is written as an escape.
    bool is_well_formed(std::string_view text) {
        return is_utf8(text) || refuse("a string holds a surrogate alone");
    }
    bool refuse(const char* reason) {
        reason_ = reason;
        return false;
    }

    Json root_;
    std::vector<Open> open_;
    std::string_view reason_;
};

/// The same values at the same places with 0e0 for a zero to any power: RapidJSON shifts a mantissa
/// of zero without end where the power is large.
std::string with_plain_zeros(std::string_view text) {
    std::string plain(text);
    bool is_quoted = false;
    for (std::size_t i = 0; i < plain.size(); ++i) {
        if (plain[i] == '"') is_quoted = !is_quoted;
        if (is_quoted && plain[i] == '\\') ++i;
        if (is_quoted || plain[i] < '0' || plain[i] > '9') continue;
        const auto end = std::min(plain.find_first_not_of("0123456789.eE+-", i), plain.size());
        // Within the number, or a long text would cost its square.
        bool is_zero = true;
        bool is_power = false;
        for (auto at = i; at < end; ++at) {
            if (plain[at] == 'e' || plain[at] == 'E') is_power = true;
            if (plain[at] < '1' || plain[at] > '9') continue;
            if (!is_power) is_zero = false;
            if (is_zero) plain[at] = '0';
        }
        i = end - 1;
    }
    return plain;
}

Error not_json(std::size_t offset, std::string_view reason) {
    return {Code::invalid,
            "this is not JSON: at byte " + std::to_string(offset) + ", " + std::string(reason)};
}

}  // namespace

Result<Json> parse_json(std::string_view text) {
    if (text.size() > limits::json_bytes_max) {
        return Error{
            Code::too_large,
            "a JSON text may have at most " + std::to_string(limits::json_bytes_max) + " bytes"};
    }
    std::string plain;
    if (text.find("0e") != std::string_view::npos || text.find("0E") != std::string_view::npos) {
        plain = with_plain_zeros(text);
        text = plain;
    }
    constexpr unsigned flags = rapidjson::kParseIterativeFlag |
                               rapidjson::kParseValidateEncodingFlag |
                               rapidjson::kParseFullPrecisionFlag;
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    Builder builder;
    const auto outcome = reader.Parse<flags>(stream, builder);
    if (!builder.reason().empty()) return not_json(outcome.Offset(), builder.reason());
    if (outcome.IsError()) {
        return not_json(outcome.Offset(), rapidjson::GetParseError_En(outcome.Code()));
    }
    // To RapidJSON a NUL is the end of the text.
    if (stream.Tell() != text.size()) return not_json(stream.Tell(), "there is a NUL");
    return builder.take();
}

}  // namespace trellis
