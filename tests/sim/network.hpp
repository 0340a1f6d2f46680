// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <vector>

#include "core/base/bytes.hpp"
#include "tests/sim/world.hpp"

namespace trellis::sim {

using WireId = std::uint64_t;

enum class End : std::uint8_t { device, server };
inline End other(End end) { return end == End::device ? End::server : End::device; }

/// The road between one device and the server, and what is wrong with it.
struct Road {
    std::int64_t latency_ms = 30;
    std::int64_t bytes_per_second = 1'000'000;
    std::int64_t resets_per_million = 0;  ///< of frames
    Time down_until = 0;                  ///< nothing goes through, either way
    std::array<Time, 2> hole_until{};     ///< nothing of what this End sends goes through
    // Each for the next frame, then over.
    std::array<bool, 2> corrupts_next{};
    bool cuts_next = false;     ///< the connection ends in the middle of it
    bool replays_next = false;  ///< a frame of an earlier connection comes first
};

/// Connections that carry whole frames in order, each way, until they break.
class Network {
public:
    /// What a connection's two ends are told. Calls come from the event loop.
    struct Ends {
        std::function<void()> opened;  ///< at the device
        std::function<void(ByteView)> device_hears;
        std::function<void()> device_lost;  ///< the connection is over, or was never made
    };
    struct Server {
        std::function<bool()> listens;
        std::function<void(WireId)> accepted;
        std::function<void(WireId, ByteView)> hears;
        std::function<void(WireId)> lost;
        std::function<void(WireId, std::size_t)> written;  ///< the device's side has taken it
    };

    Network(World& world, std::size_t roads, std::string canary);
    void serve(Server server) { server_ = std::move(server); }

    [[nodiscard]] Road& road(std::size_t device) { return roads_[device].road; }
    void add_road() { roads_.emplace_back(); }

    /// Dials from a device's road. Answered by opened or device_lost.
    WireId dial(std::size_t road, Ends ends);
    void send(WireId wire, End from, Bytes frame);
    /// Closes one end; what was sent before still arrives, then the other end learns it.
    void close(WireId wire, End from);
    /// One end is gone without a word: its machine stopped.
    void vanish(WireId wire, End from);
    /// Both ends learn at once that it is over.
    void reset(WireId wire);
    void reset_road(std::size_t road);
    /// Every wire of the server's: its process ended (`says_so`) or its machine did.
    void drop_server(bool says_so);

    [[nodiscard]] std::uint64_t frames() const { return frames_; }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    /// Frames that this road's device has sent.
    [[nodiscard]] std::uint64_t sent_by(std::size_t road) const { return roads_[road].sent; }

private:
    struct Wire {
        std::size_t road = 0;
        Ends ends;
        std::array<bool, 2> is_open{};      ///< by End
        std::array<Time, 2> last_arrival{};  ///< of what this End sends
        std::array<std::deque<Bytes>, 2> under_way;
    };
    struct RoadState {
        Road road;
        std::array<std::deque<Bytes>, 2> recorded;  ///< frames of earlier connections
        std::uint64_t sent = 0;
    };

    [[nodiscard]] Time arrival(Wire& wire, End from, std::size_t size);
    void carry(WireId id, End from, Bytes frame);
    void deliver(WireId id, End from);
    void lost(WireId id, End at);
    void spoil(RoadState& road, End from, Bytes& frame);
    void record(RoadState& road, End from, const Bytes& frame);

    World& world_;
    std::vector<RoadState> roads_;
    std::map<WireId, Wire> wires_;
    Server server_;
    std::string canary_;
    WireId last_ = 0;
    std::uint64_t frames_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace trellis::sim
