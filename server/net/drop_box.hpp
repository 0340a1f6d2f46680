// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/net/http.hpp"
#include "server/net/relay_host.hpp"

#include <string_view>

namespace trellis::server {

inline constexpr std::string_view drop_box_prefix = "/inbox/";

/// The door for people without a device (docs/protocol.md, "Drop boxes"): GET
/// /inbox/ORG/INBOX says to what key a page seals, POST of a sealed submission to it, with
/// ?proof=N, stores it. Needs no name, sets no cookie, notes no address.
/// Requires: `host` outlives the coroutine.
net::Awaitable<HttpResponse> serve_drop_box(RelayHost& host, HttpRequest request);

}  // namespace trellis::server
