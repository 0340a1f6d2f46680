// SPDX-License-Identifier: Apache-2.0
#include "tests/adversary/real_relay.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <tuple>

#include "crypto/public/log_roll.hpp"
#include "crypto/public/membership.hpp"
#include "server/store/sqlite_schema.hpp"
#include "server/store/sqlite_store.hpp"

namespace trellis::test {
namespace {

template <class T>
T must(Result<T> result) {
    if (!result) FAIL(result.error().message);
    return std::move(*result);
}
void must(const Result<void>& result) {
    if (!result) FAIL(result.error().message);
}

std::unique_ptr<server::Store> open_store_at(const std::string& path) {
    return must(server::open_store("sqlite:" + path, {}));
}

StoreView::Space read_space(server::StoreReader& reader, const OrgId& org, const SpaceId& id) {
    StoreView::Space space;
    const auto loaded = must(reader.space(org, id));
    if (!loaded) return space;
    space.incarnation = loaded->end.incarnation;
    space.seen = loaded->seen;
    sync::CatchUp all;
    all.org = org;
    all.space = id;
    all.max_bytes = all.max_envelopes = std::numeric_limits<std::size_t>::max();
    for (auto& logged : must(reader.page(all)).envelopes) {
        sync::PlacedEnvelope placed;
        placed.device = logged.device;
        placed.incarnation = logged.incarnation;
        placed.first = logged.first;
        placed.envelope = std::move(logged.envelope);
        space.log.push_back(std::move(placed));
    }
    return space;
}

crypto::Membership replay(const std::vector<Bytes>& entries) {
    auto membership = must(crypto::Membership::found(entries.at(0)));
    for (std::size_t i = 1; i < entries.size(); ++i) must(membership.extend(entries[i]));
    return membership;
}

}  // namespace

StoreView read_view(const std::string& path, const OrgId& org) {
    const auto store = open_store_at(path);
    const auto reader = must(store->open_reader());
    StoreView view;
    view.org = org;
    view.seed = must(store->server_seed(Bytes(32)));
    view.entries = must(reader->entries(org));
    const auto membership = replay(view.entries);
    for (const auto& [id, record] : membership.spaces()) {
        auto space = read_space(*reader, org, id);
        if (!space.incarnation.is_zero()) view.spaces[id] = std::move(space);
    }
    view.reroll();
    return view;
}

void write_view(const std::string& path, const StoreView& view) {
    const auto store = open_store_at(path);
    must(store->server_seed(view.seed));
    const auto writer = must(store->open_writer());
    must(writer->begin());
    for (std::size_t i = 0; i < view.entries.size(); ++i) {
        must(must(writer->append_entry(view.org, i, view.entries[i])));
    }
    for (const auto& [id, space] : view.spaces) {
        must(must(writer->create_space({0, view.org, id, space.incarnation})));
        if (!space.log.empty()) {
            must(must(writer->append({view.org, id, space.incarnation, 0, space.log})));
        }
        for (const auto& seen : space.seen) must(writer->save_seen({view.org, id, seen}));
    }
    must(writer->commit());
}

void StoreView::reroll() {
    for (const auto& [id, space] : spaces) reroll(id);
}

void StoreView::reroll(const SpaceId& id) {
    // Chain hashes by the counter that the next envelope follows.
    std::map<std::tuple<DeviceId, Incarnation, Counter>, Digest> chains;
    std::uint64_t position = 0;
    Digest head;
    for (auto& placed : log(id)) {
        placed.actor = crypto::actor_id(id, placed.device, placed.incarnation);
        const auto before = chains.find({placed.device, placed.incarnation, placed.first - 1});
        const auto header = crypto::parse_envelope(placed.envelope);
        // Of one whose predecessor is withheld the true hash is known from before.
        if (header && (placed.first == 1 || before != chains.end())) {
            placed.last = placed.first + header->ops - 1;
            placed.epoch = header->epoch;
            const auto previous = placed.first == 1 ? Digest() : before->second;
            placed.chain = crypto::chain_hash({org, id, placed.actor, placed.first, previous},
                                              placed.envelope);
        }
        chains[{placed.device, placed.incarnation, placed.last}] = placed.chain;
        placed.position = ++position;
        head = placed.head = crypto::next_head(head, position, placed.chain);
    }
}

void StoreView::withhold(const SpaceId& space, std::size_t at) {
    log(space).erase(log(space).begin() + static_cast<std::ptrdiff_t>(at));
}

void StoreView::withhold_tail(const SpaceId& space, std::size_t count) {
    log(space).resize(log(space).size() - count);
}

void StoreView::swap(const SpaceId& space, std::size_t one, std::size_t other) {
    std::swap(log(space).at(one), log(space).at(other));
}

void StoreView::repeat(const SpaceId& space, std::size_t at, std::size_t times) {
    const auto one = log(space).at(at);
    log(space).insert(log(space).begin() + static_cast<std::ptrdiff_t>(at), times, one);
}

RealRelay::RealRelay(std::string folder, std::vector<std::string> more)
    : folder_(std::move(folder)), store_(folder_ + "/store"), more_(std::move(more)) {
    std::filesystem::create_directories(folder_);
    start(store_);
}

RealRelay::RealRelay(std::string folder, const StoreView& view)
    : folder_(std::move(folder)), store_(folder_ + "/store") {
    std::filesystem::create_directories(folder_);
    write_view(store_, view);
    start(store_);
}

void RealRelay::start(const std::string& path) {
    daemon_.reset();
    shown_ = path;
    std::vector<std::string> arguments{"--store", "sqlite:" + path};
    arguments.insert(arguments.end(), more_.begin(), more_.end());
    daemon_ = std::make_unique<server::test::Daemon>(arguments);
    if (daemon_->port() == 0) FAIL("the server did not start: " + daemon_->wait().err);
}

StoreView RealRelay::view(const OrgId& org) {
    daemon_.reset();
    auto view = read_view(shown_, org);
    start(shown_);
    return view;
}

void RealRelay::show(const StoreView& view) {
    daemon_.reset();
    const auto path = folder_ + "/lie-" + std::to_string(++lies_);
    write_view(path, view);
    start(path);
}

void RealRelay::show_truth() { start(store_); }

void RealRelay::restart(std::vector<std::string> more) {
    more_ = std::move(more);
    start(shown_);
}

std::string RealRelay::end() {
    daemon_->signal(SIGTERM);
    const auto ended = daemon_->wait();
    daemon_.reset();
    return ended.out + ended.err;
}

std::string RealRelay::store_bytes() const {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
        std::ifstream file(entry.path(), std::ios::binary);
        all.append(std::istreambuf_iterator<char>(file), {});
    }
    return all;
}

void RealRelay::edit(const OrgId& org, const SpaceId& space, const sync::PlacedEnvelope& placed) {
    auto file = must(server::open_store_file(shown_, false));
    auto find = must(file.prepare(
        "SELECT space.number FROM space JOIN org ON org.number = space.org "
        "WHERE org.id = ?1 AND space.id = ?2"));
    find.bind_bytes(1, org.view()).bind_bytes(2, space.view());
    REQUIRE(must(find.step()));
    const auto number = find.integer(0);
    find.reset();
    auto change = must(file.prepare(
        "UPDATE envelope SET bytes = ?2, hash = ?3, head = ?4 WHERE id = ?1"));
    change.bind(1, server::envelope_key(number, placed.position));
    change.bind_bytes(2, placed.envelope);
    change.bind_bytes(3, placed.chain.view()).bind_bytes(4, placed.head.view());
    must(change.run());
}

}  // namespace trellis::test
