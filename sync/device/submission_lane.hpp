// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "sync/device/session_parts.hpp"

namespace trellis::sync {

/// What people without a device dropped into the inboxes of one space: asked for, made into
/// records, and given up by the relay once it holds the records. Remembers nothing: whatever
/// ends the connection, the next one asks again, and the records are the same.
class SubmissionLane {
public:
    SubmissionLane(const SessionParts& parts, const SpaceId& space, Channel channel)
        : parts_(parts), space_(space), channel_(channel) {}

    /// Asks for everything, once for each generation of the membership log.
    void look(std::uint64_t generation);
    /// True where a record was written, which must go up now.
    Result<bool> receive(Submissions& submissions);
    void receive(const SubmissionNews& news);
    /// Gives up what the relay holds as records. `is_pushed`: nothing of ours is on its way.
    Result<void> settle(bool is_pushed);
    /// The relay answers nothing any more.
    void close();

    [[nodiscard]] bool is_waiting() const { return asked_count_ > 0; }
    [[nodiscard]] bool is_settled() const { return asked_count_ == 0 && filed_.empty(); }

private:
    struct Asked {
        bool is_out = false;
        bool has_news = false;    ///< came while an answer was due
        std::uint64_t after = 0;  ///< of what was asked last
    };
    void ask(const crypto::InboxId& inbox, std::uint64_t after);

    SessionParts parts_;
    SpaceId space_;
    Channel channel_;
    std::optional<std::uint64_t> looked_at_;
    std::map<crypto::InboxId, Asked> asked_;
    std::size_t asked_count_ = 0;
    std::map<crypto::InboxId, std::vector<core::Filing::Item>> filed_;  ///< wait to be stored
};

}  // namespace trellis::sync
