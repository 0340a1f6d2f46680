// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

/// The files of one seat's folder (docs/seats.md).
namespace trellis::clients::seat_file {

inline constexpr std::string_view vault = "vault";
inline constexpr std::string_view label = "label";
inline constexpr std::string_view database = "records";
inline constexpr std::string_view bag = "outbox";
inline constexpr std::string_view rescue = "rescue";
inline constexpr std::string_view request = "request";

}  // namespace trellis::clients::seat_file
