// SPDX-License-Identifier: Apache-2.0
#include "clients/c/portable_host.hpp"

#include "core/sqlite/whole_file.hpp"

namespace trellis::c {
namespace {

constexpr std::size_t key_size = 32;

const Error needs_session{Code::unsupported,
                          "this verb talks with the relay, whose socket is yours: start a session "
                          "with this request (trellis_session_start)"};

bool has_aes() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("aes") != 0;
#else
    return false;
#endif
}

}  // namespace

PortableHost::PortableHost(Settings settings, const std::string& unique)
    : settings_(std::move(settings)), world_(settings_.host) {
    if (settings_.storage) {
        storage_.emplace(*settings_.storage);
        store_vfs_ = std::make_unique<sqlite::StoreVfs>("trellis-store-" + unique, *storage_,
                                                        world_);
    } else if (settings_.path.empty()) {
        memory_ = std::make_unique<sqlite::MemoryDisk>("trellis-disk-" + unique);
        memory_->set_time(world_.wall_time());
        settings_.path = "trellis.db";
    }
    // In memory nobody needs to know it.
    if (settings_.key.empty()) {
        settings_.key.resize(key_size);
        world_.random(settings_.key);
    }
}

/// Where files that are no databases lie; empty: the system's own.
std::string PortableHost::files_vfs() const {
    if (store_vfs_ != nullptr) return store_vfs_->name();
    return memory_ != nullptr ? memory_->name() : std::string();
}

Result<Bytes> PortableHost::read_file(const std::string& path) {
    return sqlite::read_file(files_vfs(), path);
}

Result<void> PortableHost::write_file(const std::string& path, ByteView bytes) {
    return sqlite::write_file(files_vfs(), path, bytes);
}

Result<std::unique_ptr<core::Replica>> PortableHost::open_replica() {
    core::ReplicaOptions options;
    options.schema = settings_.schema;
    options.custody = settings_.custody;
    options.database.path = settings_.path;
    options.database.key = settings_.key;
    // What a replica holds in memory would not follow another process's writes.
    options.database.shared_memory = false;
    if (settings_.cache_kib > 0) options.database.cache_kib = settings_.cache_kib;
    if (store_vfs_ != nullptr) options.database.vfs = store_vfs_->encrypted_vfs();
    if (memory_ != nullptr) options.database.vfs = memory_->encrypted_vfs();
    options.database.cipher = has_aes() ? sqlite::Cipher::aegis : sqlite::Cipher::chacha20;
    auto replica = core::Replica::open(options, world_);
    if (replica || replica.error().code != Code::wrong_key) return replica;
    // It may have come from a machine with the other cipher.
    options.database.cipher = has_aes() ? sqlite::Cipher::chacha20 : sqlite::Cipher::aegis;
    auto second = core::Replica::open(std::move(options), world_);
    return second ? std::move(second) : std::move(replica);
}

Result<void> PortableHost::keep_custody(core::Replica& replica, std::string custody) {
    TRELLIS_DO(replica.keep_custody(custody));
    settings_.custody = std::move(custody);
    return {};
}

Result<void> PortableHost::replace_database(const std::string& path) {
    TRELLIS_TRY(const auto copy, read_file(path));
    // The copy holds everything; a log of the old file must not be replayed into it.
    for (const auto* suffix : {"-wal", "-journal"}) {
        TRELLIS_DO(sqlite::remove_file(files_vfs(), settings_.path + suffix));
    }
    return write_file(settings_.path, copy);
}

Result<void> PortableHost::erase_database() {
    for (const auto* suffix : {"", "-wal", "-journal"}) {
        TRELLIS_DO(sqlite::remove_file(files_vfs(), settings_.path + suffix));
    }
    return {};
}

Result<sync::SessionProgress> PortableHost::sync_once(core::Replica&, std::int64_t) {
    return needs_session;
}
Result<void> PortableHost::start_live(core::Replica&) { return needs_session; }
Result<clients::Host::Joined> PortableHost::join(const crypto::Invite&, MakeEntry) {
    return needs_session;
}
Result<clients::Host::Joined> PortableHost::recover(const OrgId&, const std::string&,
                                                    crypto::SignSecret, MakeEntries) {
    return needs_session;
}

}  // namespace trellis::c
