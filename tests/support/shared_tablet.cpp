// SPDX-License-Identifier: Apache-2.0
#include "tests/support/shared_tablet.hpp"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/domain/family_schema.hpp"
#include "tests/crypto/expect.hpp"

namespace trellis::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* url = "ws://127.0.0.1:1/sync";

Result<std::unique_ptr<core::Replica>> open_file(const std::string& path, ByteView key, Env& env) {
    core::ReplicaOptions options;
    options.schema = core::family_schema();
    options.database.path = path;
    options.database.key = to_bytes(key);
    options.database.cipher = sqlite::Cipher::chacha20;
    return core::Replica::open(std::move(options), env);
}

}  // namespace

Result<crypto::Key> FakeKeyStore::factor(const crypto::SeatId& seat) {
    const auto found = keys_.find(seat);
    if (found != keys_.end()) return found->second.clone();
    crypto::Key key;
    env_.random(key.span());
    return keys_.emplace(seat, std::move(key)).first->second.clone();
}

TabletFolder::TabletFolder() {
    path_ = (fs::temp_directory_path() / "trellis-tablet-XXXXXX").string();
    REQUIRE(::mkdtemp(path_.data()) != nullptr);
}

TabletFolder::~TabletFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::map<std::string, Bytes> TabletFolder::image() const {
    std::map<std::string, Bytes> files;
    for (const auto& entry : fs::recursive_directory_iterator(path_)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream stream(entry.path(), std::ios::binary);
        files[fs::relative(entry.path(), path_).string()] =
            Bytes{std::istreambuf_iterator<char>(stream), {}};
    }
    return files;
}

void TabletFolder::restore(const std::map<std::string, Bytes>& image) const {
    for (const auto& entry : fs::directory_iterator(path_)) fs::remove_all(entry.path());
    for (const auto& [name, bytes] : image) {
        const auto path = fs::path(path_) / name;
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << as_text(bytes);
    }
}

SharedTablet::SharedTablet(std::uint64_t seed) : env_(seed), files_(folder_.path()) {
    admin_ = must(open_file(office_.path() + "/admin.db", Bytes(32, 7), env_));
    must(admin_->create_org("Made-up District", "office", url));
    space_ = must(admin_->create_space("school", crypto::SpaceClass::general));
    take_entries();
    restart();
}

clients::Seats::Opener SharedTablet::opener() {
    return [this](const std::string& path, const crypto::Key& key) {
        return open_file(path, key.view(), env_);
    };
}

void SharedTablet::restart() {
    seats_ = std::make_unique<clients::Seats>(
        must(clients::Seats::open(files_, keys_, opener(), env_)));
}

void SharedTablet::take_entries() {
    while (auto entry = admin_->next_entry()) {
        entries_.push_back(*entry);
        must(admin_->entry_accepted());
    }
}

crypto::SeatId SharedTablet::add(std::string_view label, std::string_view digits,
                                 bool may_be_rescued) {
    return must(seats_->add(label, pin(digits), crypto::password_cost_floor, may_be_rescued)).id;
}

std::unique_ptr<clients::OpenSeat> SharedTablet::unlock(const crypto::SeatId& id,
                                                        std::string_view digits) {
    return must(seats_->unlock(id, pin(digits)));
}

void SharedTablet::join(clients::OpenSeat& seat, std::string_view name) {
    crypto::InviteOrder order;
    order.grants.push_back({space_, crypto::right_read | crypto::right_write});
    order.expiry = admin_->clock().now().time + 3'600'000;
    order.url = url;
    const auto invite = must(crypto::parse_invite(must(admin_->invite(order))));
    take_entries();
    auto& replica = *seat.replica;
    auto key = must(replica.joining_key());
    const auto entry = must(replica.join_entry(invite, key, name, entries_));
    must(admin_->receive_entries(entries_.size(), {entry}));
    entries_.push_back(entry);
    must(replica.joined(std::move(key), invite, entries_));
}

void SharedTablet::catch_up(clients::OpenSeat& seat) {
    take_entries();
    must(seat.replica->receive_entries(0, entries_));
}

void SharedTablet::write(clients::OpenSeat& seat, const std::string& household) {
    Json fields;
    fields.set("display_name", household);
    must(seat.replica->write(space_, {core::PutRecord{space_, "household", fields, {}}}));
}

crypto::SeatId SharedTablet::member(std::string_view label, std::string_view digits,
                                    std::size_t records) {
    const auto id = add(label, digits);
    auto seat = unlock(id, digits);
    join(*seat, label);
    for (std::size_t i = 0; i < records; ++i) write(*seat, "family " + std::to_string(i));
    must(seats_->lock(std::move(seat)));
    return id;
}

std::size_t SharedTablet::households(core::Replica& replica) {
    return static_cast<std::size_t>(
        must(replica.store().database.integer("SELECT count(*) FROM household")));
}

}  // namespace trellis::test
