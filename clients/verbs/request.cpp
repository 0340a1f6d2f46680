// SPDX-License-Identifier: Apache-2.0
#include "clients/verbs/request.hpp"

#include "core/base/limits.hpp"

namespace trellis::clients {
namespace {

Error wrong(std::string_view name, std::string_view expected) {
    return {Code::invalid, std::string(name) + " must be " + std::string(expected)};
}

struct Right {
    std::string_view name;
    std::uint8_t bit;
};
constexpr Right rights[] = {{"read", crypto::right_read},
                            {"write", crypto::right_write},
                            {"steward", crypto::right_steward}};

/// Writing and stewarding need reading.
std::uint8_t with_reading(std::uint8_t bits) {
    return bits == 0 ? bits : static_cast<std::uint8_t>(bits | crypto::right_read);
}

std::uint8_t rights_in(std::string_view text) {
    std::uint8_t bits = 0;
    for (const auto& right : rights) {
        if (text.find(right.name) != std::string_view::npos) {
            bits = static_cast<std::uint8_t>(bits | right.bit);
        }
    }
    return bits;
}

}  // namespace

Result<std::string> text_of(const Json& request, std::string_view name) {
    const auto* text = request[name].string();
    if (text == nullptr) return wrong(name, "a text");
    return *text;
}

Result<std::optional<std::string>> text_if_any(const Json& request, std::string_view name) {
    if (request[name].is_null()) return std::optional<std::string>();
    TRELLIS_TRY(auto text, text_of(request, name));
    return std::optional(std::move(text));
}

Result<std::int64_t> integer_of(const Json& request, std::string_view name) {
    const auto* number = request[name].integer();
    if (number == nullptr) return wrong(name, "an integer");
    return *number;
}

Result<std::optional<std::int64_t>> integer_if_any(const Json& request, std::string_view name) {
    if (request[name].is_null()) return std::optional<std::int64_t>();
    TRELLIS_TRY(const auto number, integer_of(request, name));
    return std::optional(number);
}

Result<std::vector<Json>> list_of(const Json& request, std::string_view name) {
    const auto* list = request[name].array();
    if (list == nullptr) return wrong(name, "a list");
    return *list;
}

Result<SpaceId> space_of(const Json& request) {
    TRELLIS_TRY(const auto text, text_of(request, "space"));
    const auto id = SpaceId::parse(text);
    if (!id) return wrong("space", "the identifier of a space, as `spaces` lists it");
    return *id;
}

Result<std::optional<SpaceId>> space_if_any(const Json& request) {
    if (request["space"].is_null()) return std::optional<SpaceId>();
    TRELLIS_TRY(const auto id, space_of(request));
    return std::optional(id);
}

Result<DeviceId> device_of(const Json& request) {
    TRELLIS_TRY(const auto text, text_of(request, "device"));
    const auto id = DeviceId::parse(text);
    if (!id) return wrong("device", "the identifier of a device, as `members` lists it");
    return *id;
}

Result<crypto::InboxId> inbox_of(const Json& request) {
    TRELLIS_TRY(const auto text, text_of(request, "inbox"));
    const auto id = crypto::InboxId::parse(text);
    if (!id) return wrong("inbox", "the identifier of an inbox, as `inbox_info` lists it");
    return *id;
}

Result<RecordId> record_of(const Json& request, std::string_view name) {
    TRELLIS_TRY(const auto text, text_of(request, name));
    const auto id = RecordId::parse(text);
    if (!id) return wrong(name, "the identifier of a record, as `put` answered it");
    return *id;
}

Result<Dot> dot_of(const Json& value, std::string_view name) {
    const auto* text = value.string();
    const auto dot = text == nullptr ? std::nullopt : parse_dot(*text);
    if (!dot) return wrong(name, "the name of a change, as a write answered it");
    return *dot;
}

Result<std::uint8_t> rights_of(const Json& value) {
    if (value.is_null()) return static_cast<std::uint8_t>(crypto::right_read | crypto::right_write);
    TRELLIS_TRY(const auto bits, rights_named(value));
    return with_reading(bits);
}

Result<std::uint8_t> rights_named(const Json& value) {
    std::uint8_t bits = 0;
    if (const auto* number = value.integer()) {
        if (*number > 0 && *number < 8) bits = static_cast<std::uint8_t>(*number);
    } else if (const auto* text = value.string()) {
        bits = rights_in(*text);
        if (*text == "rw") bits = crypto::right_read | crypto::right_write;
        if (*text == "r") bits = crypto::right_read;
    } else if (const auto* list = value.array()) {
        for (const auto& each : *list) {
            const auto* name = each.string();
            bits = static_cast<std::uint8_t>(bits | rights_in(name == nullptr ? "" : *name));
        }
    }
    if (bits == 0) return wrong("rights", "read, write or steward, one or several of them");
    return bits;
}

Json rights_to_json(std::uint8_t bits) {
    Json list{Json::Array{}};
    for (const auto& right : rights) {
        if ((bits & right.bit) != 0) list.push(right.name);
    }
    return list;
}

Result<std::uint16_t> role_of(const Json& value) {
    const auto* name = value.string();
    if (value.is_null() || (name != nullptr && *name == "member")) return crypto::role_member;
    if (name != nullptr && (*name == "central" || *name == "staff")) return crypto::role_central;
    if (name != nullptr && *name == "liaison") return crypto::role_liaison;
    if (name != nullptr && *name == "admin") return crypto::role_admin;
    return wrong("role", "member, liaison, central or admin");
}

std::string_view role_name(std::uint16_t role) {
    if ((role & crypto::role_admin) != 0) return "admin";
    if ((role & crypto::role_central) != 0) return "central";
    if ((role & crypto::role_liaison) != 0) return "liaison";
    return "member";
}

Json to_json(const VersionVector& vector) {
    Json json{Json::Object{}};
    for (const auto& entry : vector.entries()) json.set(entry.actor.hex(), entry.counter);
    return json;
}

Result<VersionVector> vector_of(const Json& value) {
    VersionVector vector;
    if (value.is_null()) return vector;
    if (value.object() == nullptr) return wrong("have", "an object of actors and counters");
    for (const auto& [name, counter] : *value.object()) {
        const auto actor = ActorId::parse(name);
        const auto* number = counter.integer();
        if (!actor || number == nullptr || *number < 0 ||
            static_cast<std::uint64_t>(*number) > limits::counter_max) {
            return wrong("have", "an object of actors and counters, as `version` answers it");
        }
        if (*number > 0) vector.raise(*actor, static_cast<Counter>(*number));
    }
    return vector;
}

}  // namespace trellis::clients
