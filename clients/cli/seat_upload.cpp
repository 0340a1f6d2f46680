// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/seat_upload.hpp"

#include "clients/cli/drive.hpp"
#include "sync/device/courier_session.hpp"

namespace trellis::clients {
namespace {

constexpr std::int64_t upload_time_ms = 120'000;

sync::CourierOrder order_of(CourierBag bag, const Installation& installation) {
    sync::CourierOrder order{bag.org, std::nullopt, bag.device, bag.bind,
                             installation.secret().clone(), {}};
    if (!bag.relay_key.is_zero()) order.relay_key = bag.relay_key;
    for (auto& space : bag.spaces) {
        order.chains.push_back({space.space, space.own, std::move(space.runs)});
    }
    return order;
}

}  // namespace

Result<std::size_t> upload_bag(Seats& seats, const crypto::SeatId& id,
                               const CommonOptions& options, ClientEnv& env) {
    TRELLIS_TRY(auto bag, seats.bag(id));
    if (!bag) return std::size_t{0};
    const auto envelopes = bag->envelopes();
    const auto url = bag->url;
    EventLoop loop;
    SocketOptions trust;
    trust.ca_file = options.ca_file;
    TRELLIS_TRY(auto socket, ClientSocket::connect(loop, url, trust));
    const auto now = env.monotonic_time();
    sync::CourierSession session(order_of(std::move(*bag), seats.installation()), {}, env, now);
    TRELLIS_DO(drive(session, *socket, env, now + upload_time_ms));
    for (const auto& result : session.results()) {
        if (result.refused) return *result.refused;
    }
    TRELLIS_DO(seats.bag_delivered(id));
    return envelopes;
}

}  // namespace trellis::clients
