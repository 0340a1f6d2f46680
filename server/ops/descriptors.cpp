// SPDX-License-Identifier: Apache-2.0
#include "server/ops/descriptors.hpp"

#include <algorithm>

#include <sys/resource.h>

namespace trellis::server {

std::int64_t make_room_for_sockets(std::int64_t sockets) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    const auto wanted = static_cast<rlim_t>(sockets + own_descriptors);
    if (limit.rlim_cur < wanted) {
        const rlimit more{std::min(wanted, limit.rlim_max), limit.rlim_max};
        if (::setrlimit(RLIMIT_NOFILE, &more) == 0) limit.rlim_cur = more.rlim_cur;
    }
    return static_cast<std::int64_t>(std::min<rlim_t>(limit.rlim_cur, wanted)) - own_descriptors;
}

}  // namespace trellis::server
