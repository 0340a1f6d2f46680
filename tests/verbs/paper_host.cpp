// SPDX-License-Identifier: Apache-2.0
#include "tests/verbs/paper_host.hpp"

#include <catch2/catch.hpp>

namespace trellis::test {
namespace {

const Error unused{Code::unsupported, "this host has none"};
const Error broken{Code::offline, "the line broke"};

}  // namespace

bool PaperLog::knows(const crypto::SignSecret& root) const {
    const auto membership = core::verify_log(entries);
    return membership && membership->state().root_sign == root.key();
}

bool PaperLog::take(const Bytes& entry) {
    auto longer = entries;
    longer.push_back(entry);
    if (!core::verify_log(longer)) return false;
    entries = std::move(longer);
    return true;
}

PaperHost::PaperHost(PaperLog& log, const std::string& name, FakeEnv& env)
    : log_(log), env_(env), disk_(std::make_unique<sqlite::MemoryDisk>("paper-" + name)) {
    restart();
}

void PaperHost::restart() {
    verbs_.reset();
    auto replica = open_replica();
    if (!replica) FAIL(replica.error().message);
    verbs_ = std::make_unique<clients::Verbs>(*this, std::move(*replica));
}

Result<std::unique_ptr<core::Replica>> PaperHost::open_replica() {
    core::ReplicaOptions options;
    options.schema = every_kind_schema();
    options.database.path = "replica.db";
    options.database.key = Bytes(32, 9);
    options.database.cipher = sqlite::Cipher::chacha20;
    options.database.shared_memory = false;
    options.database.vfs = disk_->encrypted_vfs();
    return core::Replica::open(std::move(options), env_);
}

Result<void> PaperHost::erase_database() {
    ++erased;
    const auto name = "paper-erased-" + std::to_string(erased);
    disk_ = std::make_unique<sqlite::MemoryDisk>(name);
    return {};
}

Result<clients::Host::Joined> PaperHost::recover(const OrgId& /*org*/, const std::string& /*url*/,
                                        crypto::SignSecret root, MakeEntries make_entries) {
    if (!log_.knows(root)) return Error{Code::denied, "the relay knows no such root"};
    TRELLIS_TRY(const auto made, make_entries(log_.entries));
    if (breaks == Break::before_entries) return broken;
    for (const auto& entry : made) {
        if (!log_.take(entry)) return Error{Code::invalid, "the relay refuses the entry"};
        if (breaks == Break::amid_entries) return broken;
    }
    if (breaks == Break::before_answer) return broken;
    return Joined{log_.entries, root.key()};
}

Result<Bytes> PaperHost::read_file(const std::string& /*path*/) { return unused; }
Result<void> PaperHost::write_file(const std::string& /*path*/, ByteView /*bytes*/) {
    return unused;
}
Result<void> PaperHost::replace_database(const std::string& /*path*/) { return unused; }
Result<sync::SessionProgress> PaperHost::sync_once(core::Replica& /*replica*/,
                                                   std::int64_t /*deadline_ms*/) {
    return unused;
}
Result<void> PaperHost::start_live(core::Replica& /*replica*/) { return {}; }
Result<clients::Host::Joined> PaperHost::join(const crypto::Invite& /*invite*/,
                                              MakeEntry /*make_entry*/) {
    return unused;
}

}  // namespace trellis::test
