// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.hpp"
#include "core/net/address.hpp"
#include "core/net/stream.hpp"
#include "core/net/tls.hpp"

namespace trellis::net {

/// Resolves, connects and shakes hands: the addresses of a name are tried in order. `tls` is
/// absent for a plain connection. `offline` where nobody answers, `denied` where the one who
/// does is not trusted, `timeout` where all of it together took longer than `time`.
/// Requires: `tls` outlives the stream.
Awaitable<Result<StreamPtr>> dial(asio::any_io_executor executor, HostPort place, TlsContext* tls,
                                  Milliseconds time);

}  // namespace trellis::net
