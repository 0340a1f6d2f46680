// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "crypto/primitive/sign.hpp"
#include "sync/relay/action.hpp"
#include "tests/server/daemon.hpp"

namespace trellis::test {

/// All that a server keeps of one organisation, as values for its operator to rewrite.
struct StoreView {
    using Log = std::vector<sync::PlacedEnvelope>;
    struct Space {
        LogIncarnation incarnation;
        Log log;
        std::vector<sync::Seen> seen;
    };

    OrgId org;
    Bytes seed;  ///< of the server's key
    std::vector<Bytes> entries;
    std::map<SpaceId, Space> spaces;

    [[nodiscard]] Log& log(const SpaceId& space) { return spaces.at(space).log; }
    [[nodiscard]] crypto::SignSecret secret() const { return crypto::SignSecret::from_seed(seed); }
    /// Makes places, chains and heads fit the envelopes, so that only what these prove
    /// themselves gives a lie away. Every space, or one.
    void reroll();
    void reroll(const SpaceId& space);

    // What an operator does to a space's log; reroll() afterwards.
    void withhold(const SpaceId& space, std::size_t at);
    void withhold_tail(const SpaceId& space, std::size_t count);
    void swap(const SpaceId& space, std::size_t one, std::size_t other);
    void repeat(const SpaceId& space, std::size_t at, std::size_t times);
};

/// The real server, a process of its own over a real store, whose operator is the attacker:
/// he stops it, rewrites the store and starts it again, or edits the file beneath it.
class RealRelay {
public:
    /// Starts on the store in that folder, which is made where it is not there.
    explicit RealRelay(std::string folder, std::vector<std::string> more = {});
    /// A second server with another's view: another's key, and whatever history it wants.
    RealRelay(std::string folder, const StoreView& view);

    [[nodiscard]] std::string url(const std::string& scheme = "ws") const {
        return daemon_->url(scheme);
    }
    [[nodiscard]] std::uint16_t port() const { return daemon_->port(); }

    /// What the store that it shows holds. Starts the server anew, which then reads from there.
    StoreView view(const OrgId& org);
    /// Shows this instead of the truth, which is kept.
    void show(const StoreView& view);
    void show_truth();
    void restart(std::vector<std::string> more = {});
    /// Ends the server; what it wrote for its operator.
    std::string end();
    /// Every byte of the store's files.
    [[nodiscard]] std::string store_bytes() const;

    /// Puts other bytes in the place of an envelope in the file of the running server, with the
    /// heads of that place and of the log made to fit. Requires: the server has not delivered
    /// or stored that place since it started.
    void edit(const OrgId& org, const SpaceId& space, const sync::PlacedEnvelope& placed);

private:
    void start(const std::string& path);

    std::string folder_;
    std::string store_;  ///< the truth
    std::string shown_;
    std::vector<std::string> more_;
    std::size_t lies_ = 0;
    std::unique_ptr<server::test::Daemon> daemon_;
};

/// Reads a store that no server has open, and writes a new one.
StoreView read_view(const std::string& path, const OrgId& org);
void write_view(const std::string& path, const StoreView& view);

}  // namespace trellis::test
