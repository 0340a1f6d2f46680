// SPDX-License-Identifier: Apache-2.0
#include "clients/c/world.hpp"

#include <string>

namespace trellis::c {

World::World(const trellis_host& host) : host_(host), system_(system_world()), boot_id_(0) {
    std::uint8_t bytes[sizeof boot_id_];
    random(bytes);
    for (const auto byte : bytes) boot_id_ = (boot_id_ << 8U) | byte;
}

Time World::wall_time() {
    const auto now = host_.wall_ms == nullptr ? system_->wall_time() : host_.wall_ms(host_.context);
    return now + offset_ms_;
}

std::int64_t World::monotonic_time() {
    if (host_.monotonic_ms == nullptr) return system_->monotonic_time();
    return host_.monotonic_ms(host_.context);
}

std::uint64_t World::boot_id() {
    if (host_.boot_id != nullptr) return host_.boot_id(host_.context);
    // A clock of the platform's own: for all we know it began with this replica.
    return host_.monotonic_ms == nullptr ? system_->boot_id() : boot_id_;
}

void World::random(std::span<std::uint8_t> out) {
    if (host_.random == nullptr) return system_->random(out);
    host_.random(host_.context, out.data(), out.size());
}

void World::log(std::string_view event, std::string_view detail) {
    if (host_.log == nullptr) return;
    host_.log(host_.context, std::string(event).c_str(), std::string(detail).c_str());
}

}  // namespace trellis::c
