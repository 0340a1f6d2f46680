// SPDX-License-Identifier: Apache-2.0
// What fate does to disks, processes and machines.
#include "tests/sim/fate.hpp"

namespace trellis::sim {
namespace {

using test::Fault;

constexpr Time second_ms = 1'000;
constexpr Time minute_ms = 60 * second_ms;

/// How long a machine stays down.
Time down(Random& random) { return random.log_uniform(second_ms, 30 * minute_ms); }

/// A fault somewhere among the next few things that a program asks of its disk.
Fault soon(Fault::Kind kind, Random& random, unsigned of = test::io_change) {
    Fault fault;
    fault.kind = kind;
    fault.at = static_cast<std::uint64_t>(random.log_uniform(1, 150));
    fault.of = of;
    return fault;
}

}  // namespace

bool Fate::disk(const Step& step, Device& device) {
    if (!device.is_running()) return false;
    Random random(mixed(step.salt, 7));
    auto& disk = device.disk();
    switch (step.what) {
        case What::kill:
            device.kill();
            device.start_after(down(random));
            break;
        case What::power_cut:
            device.cut_power();
            device.start_after(down(random));
            break;
        case What::kill_at_io:
            disk.inject(soon(Fault::Kind::kill, random));
            break;
        case What::cut_at_io:
            disk.inject(soon(Fault::Kind::power_cut, random));
            break;
        case What::disk_error: {
            auto fault = soon(random.chance(500) ? Fault::Kind::error : Fault::Kind::partial, random,
                              test::io_any);
            disk.inject(fault);
            break;
        }
        case What::disk_full: {
            auto fault = soon(Fault::Kind::full, random, test::io_write);
            fault.is_sticky = random.chance(300);
            disk.inject(fault);
            if (fault.is_sticky) {
                fleet_.world.after(10 * minute_ms, [&disk] { disk.heal(); });
            }
            break;
        }
        case What::failed_sync: {
            auto fault = soon(Fault::Kind::error, random, test::io_sync);
            fault.at = 1 + fault.at % 5;
            fault.reverts = random.chance(500);
            disk.inject(fault);
            break;
        }
        default: return false;
    }
    return true;
}

bool Fate::server_disk(const Step& step) {
    Random random(mixed(step.salt, 7));
    auto& server = fleet_.server;
    if (!server.is_up()) return false;
    switch (step.what) {
        case What::server_kill:
            server.kill();
            server.restart_after(down(random));
            break;
        case What::server_power_cut:
            server.cut_power();
            server.restart_after(down(random));
            break;
        case What::server_cut_at_io:
            server.disk().inject(soon(Fault::Kind::power_cut, random));
            break;
        case What::server_disk_full: {
            auto fault = soon(Fault::Kind::full, random, test::io_write);
            fault.is_sticky = true;
            server.disk().inject(fault);
            fleet_.world.after(5 * minute_ms, [&server] { server.disk().heal(); });
            break;
        }
        default: return false;
    }
    return true;
}

}  // namespace trellis::sim
