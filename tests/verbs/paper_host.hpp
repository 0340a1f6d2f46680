// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/verbs/host.hpp"
#include "clients/verbs/verbs.hpp"
#include "tests/support/replicas.hpp"

namespace trellis::test {

/// A relay that is a membership log, for all the hosts of a test.
struct PaperLog {
    std::vector<Bytes> entries;

    /// As the relay judges the proof of who holds recovery sheets.
    [[nodiscard]] bool knows(const crypto::SignSecret& root) const;
    /// False where it does not follow.
    bool take(const Bytes& entry);
};

/// One device's platform: a database on a disk in memory, and a line to the log that can break.
class PaperHost final : public clients::Host {
public:
    /// Where the line breaks in the next conversation.
    enum class Break : std::uint8_t {
        never,
        before_entries,  ///< the relay has got nothing
        amid_entries,    ///< the relay has got the first of them
        before_answer    ///< the relay has got all of them
    };

    PaperHost(PaperLog& log, const std::string& name, FakeEnv& env);

    Break breaks = Break::never;
    /// The program dies, and is started again.
    void restart();
    Json ask(const Json& request) { return verbs_->call(request); }
    [[nodiscard]] core::Replica& replica() { return verbs_->replica(); }

    Result<Bytes> read_file(const std::string& path) override;
    Result<void> write_file(const std::string& path, ByteView bytes) override;
    Result<std::unique_ptr<core::Replica>> open_replica() override;
    Result<void> replace_database(const std::string& path) override;
    Result<void> erase_database() override;
    Result<sync::SessionProgress> sync_once(core::Replica& replica,
                                            std::int64_t deadline_ms) override;
    Result<void> start_live(core::Replica& replica) override;
    void stop_live() override { ++stops; }
    Result<Joined> join(const crypto::Invite& invite, MakeEntry make_entry) override;
    Result<Joined> recover(const OrgId& org, const std::string& url, crypto::SignSecret root,
                           MakeEntries make_entries) override;
    void outbox_changed() override {}
    Env& env() override { return env_; }
    void shift_clock(std::int64_t /*offset_ms*/) override {}

    int stops = 0;
    int erased = 0;
    clients::Verbs& verbs() { return *verbs_; }

private:
    PaperLog& log_;
    FakeEnv& env_;
    std::unique_ptr<sqlite::MemoryDisk> disk_;
    std::unique_ptr<clients::Verbs> verbs_;
};

}  // namespace trellis::test
