// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/replica.hpp"

/// Arguments out of a request, each with a sentence that names it where it is missing or wrong.
namespace trellis::clients {

Result<std::string> text_of(const Json& request, std::string_view name);
Result<std::optional<std::string>> text_if_any(const Json& request, std::string_view name);
Result<std::int64_t> integer_of(const Json& request, std::string_view name);
Result<std::optional<std::int64_t>> integer_if_any(const Json& request, std::string_view name);
Result<std::vector<Json>> list_of(const Json& request, std::string_view name);

Result<SpaceId> space_of(const Json& request);
Result<std::optional<SpaceId>> space_if_any(const Json& request);
Result<crypto::InboxId> inbox_of(const Json& request);
Result<DeviceId> device_of(const Json& request);
Result<RecordId> record_of(const Json& request, std::string_view name = "rec");
Result<Dot> dot_of(const Json& value, std::string_view name);

/// Rights as bits: a list or text of read, write, steward, or the bits themselves.
Result<std::uint8_t> rights_of(const Json& value);
/// The same without the reading that other rights bring along.
Result<std::uint8_t> rights_named(const Json& value);
Json rights_to_json(std::uint8_t rights);
Result<std::uint16_t> role_of(const Json& value);
std::string_view role_name(std::uint16_t role);

/// {actor: counter}
Json to_json(const VersionVector& vector);
Result<VersionVector> vector_of(const Json& value);

}  // namespace trellis::clients
