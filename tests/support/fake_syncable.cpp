// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_syncable.hpp"

#include <algorithm>
#include <utility>

#include "crypto/public/log_roll.hpp"
#include "crypto/secret/seal.hpp"

// The spaces of a FakeSyncable.
namespace trellis::test {

void FakeSyncable::write(const SpaceId& space, std::string text) {
    space_state(space).unsealed.push_back(std::move(text));
}

std::vector<std::string> FakeSyncable::texts(const SpaceId& space) const {
    std::vector<std::string> all;
    const auto found = state_.spaces.find(space);
    if (found == state_.spaces.end()) return all;
    for (const auto& [name, links] : found->second.chains) {
        for (const auto& link : links) {
            all.push_back(name.first.hex() + ":" + name.second.hex() + ":" +
                          std::to_string(link.first) + " " + link.text);
        }
    }
    return all;
}

bool FakeSyncable::is_all_stored() const {
    return std::all_of(state_.spaces.begin(), state_.spaces.end(), [&](const auto& item) {
        const auto& state = item.second;
        const auto own = state.chains.find({device(), state.own});
        const Counter sealed =
            own == state.chains.end() || own->second.empty() ? 0 : own->second.back().last;
        return state.unsealed.empty() && state.stored == sealed;
    });
}

std::uint64_t FakeSyncable::seen_by(const SpaceId& space, const DeviceId& device) const {
    const auto& seen = state_.spaces.at(space).seen;
    const auto found = seen.find(device);
    return found == seen.end() ? 0 : found->second.position;
}

const Cursor& FakeSyncable::cursor(const SpaceId& space) const {
    return state_.spaces.at(space).cursor;
}

FakeSyncable::Space& FakeSyncable::space_state(const SpaceId& space) {
    auto& state = state_.spaces[space];
    if (state.own.is_zero()) env.random(state.own.bytes);
    return state;
}

bool FakeSyncable::has_late_work(const SpaceId& space) const {
    const auto found = state_.spaces.find(space);
    if (found == state_.spaces.end() || !membership_->is_or_was_writer(device(), space)) {
        return false;
    }
    const auto own = found->second.chains.find({device(), found->second.own});
    const bool is_behind = own != found->second.chains.end() && !own->second.empty() &&
                           own->second.back().last > found->second.stored;
    return is_behind || !found->second.unsealed.empty();
}

std::vector<core::SpaceSync> FakeSyncable::sync_spaces() {
    std::vector<core::SpaceSync> spaces;
    for (const auto& [space, record] : membership_->spaces()) {
        const bool is_reader = membership_->can(device(), space, crypto::right_read);
        if (!is_reader && !has_late_work(space)) continue;
        auto& state = space_state(space);
        core::SpaceSync sync{.space = space,
                             .cursor = state.cursor,
                             .own = state.own,
                             .sealed = 0,
                             .chain = {},
                             .stored = state.stored};
        const auto& own = state.chains[{device(), state.own}];
        if (!own.empty()) {
            sync.sealed = own.back().last;
            sync.chain = own.back().chain;
        }
        spaces.push_back(sync);
    }
    return spaces;
}

Result<crypto::Key> FakeSyncable::chain_key(const SpaceId& space, std::uint32_t epoch,
                                            const ChainName& name) {
    const auto* key = keyring_.key(space, epoch);
    if (key == nullptr) return Error{Code::wrong_key, "no key of that epoch"};
    return crypto::batch_key(*key, space, epoch,
                             crypto::actor_id(space, name.first, name.second));
}

Result<void> FakeSyncable::seal_all(const SpaceId& space) {
    auto& state = space_state(space);
    const ChainName name{device(), state.own};
    auto& own = state.chains[name];
    while (!state.unsealed.empty()) {
        const auto& text = state.unsealed.front();
        const auto epoch = keyring_.newest(space);
        TRELLIS_TRY(const auto key, chain_key(space, epoch, name));
        Link link{.first = own.empty() ? 1 : own.back().last + 1,
                  .last = 0,
                  .chain = {},
                  .envelope = {},
                  .text = text};
        link.last = link.first;
        const crypto::EnvelopePlace place{
            .org = org(),
            .space = space,
            .actor = crypto::actor_id(space, name.first, name.second),
            .first = link.first,
            .previous = own.empty() ? Digest() : own.back().chain};
        const crypto::SealOrder order{
            .place = place, .epoch = epoch, .ops = 1, .packed = as_bytes(text)};
        TRELLIS_TRY(link.envelope, crypto::seal(order, key, key_, env));
        link.chain = crypto::chain_hash(place, link.envelope);
        own.push_back(std::move(link));
        state.unsealed.pop_front();
    }
    return {};
}

Result<std::vector<crypto::EnvelopeRun>> FakeSyncable::outbox(const SpaceId& space, Counter after,
                                                              std::size_t max_bytes) {
    if (outbox_error) return *outbox_error;
    TRELLIS_DO(seal_all(space));
    return envelopes(space, {device(), space_state(space).own, after, {}}, max_bytes);
}

Result<std::vector<crypto::EnvelopeRun>> FakeSyncable::envelopes(const SpaceId& space,
                                                                 const core::ChainEnd& after,
                                                                 std::size_t max_bytes) {
    crypto::EnvelopeRun run{after.device, after.incarnation, 0, {}};
    std::size_t bytes = 0;
    for (const auto& link : space_state(space).chains[{after.device, after.incarnation}]) {
        if (link.first <= after.last) continue;
        if (!run.envelopes.empty() && bytes + link.envelope.size() > max_bytes) break;
        if (run.envelopes.empty()) run.first = link.first;
        bytes += link.envelope.size();
        run.envelopes.push_back(link.envelope);
    }
    if (run.envelopes.empty()) return std::vector<crypto::EnvelopeRun>();
    return std::vector<crypto::EnvelopeRun>{std::move(run)};
}

Result<void> FakeSyncable::confirm(const SpaceId& space, const Incarnation& own, Counter last) {
    auto& state = space_state(space);
    if (own == state.own) state.stored = std::max(state.stored, last);
    return {};
}

Result<std::size_t> FakeSyncable::take_run(const SpaceId& space, Space& state, Cursor& end,
                                           const crypto::EnvelopeRun& run) {
    const auto* author = membership_->device(run.device);
    if (author == nullptr) return Error{Code::denied, "an envelope of a stranger"};
    const ChainName name{run.device, run.incarnation};
    auto& links = state.chains[name];
    crypto::EnvelopePlace place{
        .org = org(),
        .space = space,
        .actor = crypto::actor_id(space, run.device, run.incarnation),
        .first = run.first,
        .previous = {}};
    std::size_t added = 0;
    for (const auto& envelope : run.envelopes) {
        const auto known =
            std::find_if(links.begin(), links.end(),
                         [&](const Link& link) { return link.first == place.first; });
        const Counter held = links.empty() ? 0 : links.back().last;
        if (known == links.end() && place.first != held + 1) {
            return Error{Code::corrupt, "an envelope from the middle of nowhere"};
        }
        if (known != links.begin() && !links.empty()) place.previous = (known - 1)->chain;
        TRELLIS_TRY(const auto header, crypto::parse_envelope(envelope));
        Link link{.first = place.first,
                  .last = place.first + header.ops - 1,
                  .chain = crypto::chain_hash(place, envelope),
                  .envelope = envelope,
                  .text = {}};
        if (!crypto::verify_envelope(author->sign, org(), link.chain, envelope)) {
            return Error{Code::corrupt, "an envelope whose signature is not its author's"};
        }
        end.head = crypto::next_head(end.head, ++end.position, link.chain);
        place.first = link.last + 1;
        if (known != links.end()) {
            if (known->chain != link.chain) return Error{Code::fork, "two envelopes at one place"};
            ++known_again;
            continue;
        }
        TRELLIS_TRY(const auto key, chain_key(space, header.epoch, name));
        crypto::EnvelopePlace sealed_at = place;
        sealed_at.first = link.first;
        TRELLIS_TRY(const auto body, crypto::open(sealed_at, key, envelope));
        link.text = as_text(body);
        links.push_back(std::move(link));
        ++added;
    }
    return added;
}

Result<core::Received> FakeSyncable::receive(const SpaceId& space, const Cursor& from,
                                             const Cursor& to,
                                             const std::vector<crypto::EnvelopeRun>& runs) {
    if (auto error = std::exchange(receive_error, std::nullopt)) return *error;
    auto& state = space_state(space);
    if (from != state.cursor) return Error{Code::conflict, "not from our cursor"};
    auto next = state;
    Cursor end = from;
    end.incarnation = to.incarnation;
    std::size_t added = 0;
    for (const auto& run : runs) {
        const auto more = take_run(space, next, end, run);
        const bool is_ours = run.device == device() && run.incarnation == state.own;
        if (!more && more.error().code == Code::fork && is_ours) {
            TRELLIS_DO(forked(space));
            return receive(space, from, to, runs);
        }
        if (!more) return more.error();
        added += *more;
    }
    if (end != to) return Error{Code::conflict, "not the rolling hash of these envelopes"};
    next.cursor = to;
    state = std::move(next);
    for (const auto& run : runs) {
        TRELLIS_TRY(const auto last, crypto::last_of(run));
        TRELLIS_DO(settle_lacked(space, {run.device, run.incarnation, last, Digest()}));
    }
    applied += added;
    return core::Received{added, added};
}

Result<core::Received> FakeSyncable::receive_repair(
    const SpaceId& space, const std::vector<crypto::EnvelopeRun>& runs) {
    if (auto error = std::exchange(receive_error, std::nullopt)) return *error;
    auto next = space_state(space);
    Cursor ignored;
    std::size_t added = 0;
    for (const auto& run : runs) {
        TRELLIS_TRY(const auto more, take_run(space, next, ignored, run));
        added += more;
    }
    space_state(space) = std::move(next);
    applied += added;
    return core::Received{added, added};
}

Result<void> FakeSyncable::move_cursor(const SpaceId& space, const Cursor& to) {
    space_state(space).cursor = to;
    space_state(space).told = 0;
    return {};
}

Result<std::vector<core::ChainEnd>> FakeSyncable::chains(const SpaceId& space) {
    std::vector<core::ChainEnd> ends;
    for (const auto& [name, links] : space_state(space).chains) {
        if (links.empty()) continue;
        ends.push_back({name.first, name.second, links.back().last, links.back().chain});
    }
    return ends;
}

void FakeSyncable::take_bundle(FakeSyncable& other, const SpaceId& space) {
    const auto theirs = other.chains(space);
    for (auto end : *theirs) {
        const auto& ours = space_state(space).chains[{end.device, end.incarnation}];
        const Counter held = ours.empty() ? 0 : ours.back().last;
        if (end.last <= held) continue;
        end.last = held;
        const auto runs = other.envelopes(space, end, SIZE_MAX);
        TRELLIS_CHECK(receive_repair(space, *runs).has_value());
        TRELLIS_CHECK(note_lacked(space, {end}).has_value());
    }
}

Result<std::optional<Digest>> FakeSyncable::chain_at(const SpaceId& space,
                                                     const core::ChainEnd& place) {
    if (place.last == 0) return std::optional(Digest());
    for (const auto& link : space_state(space).chains[{place.device, place.incarnation}]) {
        if (link.last == place.last) return std::optional(link.chain);
    }
    return std::optional<Digest>();
}

Result<std::vector<core::ChainEnd>> FakeSyncable::lacked(const SpaceId& space) {
    std::vector<core::ChainEnd> ends;
    for (const auto& [name, last] : space_state(space).lacked) {
        ends.push_back({name.first, name.second, last, Digest()});
    }
    return ends;
}

Result<void> FakeSyncable::note_lacked(const SpaceId& space,
                                       const std::vector<core::ChainEnd>& ends) {
    for (const auto& end : ends) {
        space_state(space).lacked[{end.device, end.incarnation}] = end.last;
    }
    return {};
}

Result<void> FakeSyncable::settle_lacked(const SpaceId& space, const core::ChainEnd& end) {
    auto& state = space_state(space);
    const auto noted = state.lacked.find({end.device, end.incarnation});
    if (noted == state.lacked.end()) return {};
    noted->second = std::max(noted->second, end.last);
    if (noted->second >= state.chains[noted->first].back().last) state.lacked.erase(noted);
    return {};
}

Result<void> FakeSyncable::rolled_back(const SpaceId& space) {
    auto& state = space_state(space);
    env.random(state.own.bytes);
    state.stored = 0;
    ++rollbacks;
    return {};
}

/// What the relay has of our chain comes in; what we had sealed instead is said again.
Result<void> FakeSyncable::forked(const SpaceId& space) {
    auto& state = space_state(space);
    auto& links = state.chains[{device(), state.own}];
    if (links.empty()) return {};  // its page has come in before the refusal
    ++forks;
    std::deque<std::string> again;
    while (!links.empty() && links.back().last > state.stored) {
        again.push_front(links.back().text);
        links.pop_back();
    }
    state.unsealed.insert(state.unsealed.begin(), again.begin(), again.end());
    env.random(state.own.bytes);
    state.stored = 0;
    return {};
}

Result<std::optional<core::SeenWord>> FakeSyncable::seen_word(const SpaceId& space) {
    auto& state = space_state(space);
    if (state.cursor.position <= state.told) return std::optional<core::SeenWord>();
    state.told = state.cursor.position;
    const auto signature = crypto::sign(key_.sign(), crypto::Label::seen_sig, org(),
                                        crypto::seen_digest(space, state.cursor));
    const core::SeenWord word{state.cursor.incarnation, state.cursor.position, state.cursor.head,
                              signature};
    return std::optional<core::SeenWord>(word);
}

Result<void> FakeSyncable::receive_seen(const SpaceId& space, const DeviceId& device,
                                        const core::SeenWord& word) {
    const auto* author = membership_->device(device);
    if (author == nullptr) return Error{Code::denied, "the word of a stranger"};
    const Cursor place{word.incarnation, word.position, word.head};
    if (!crypto::verify(author->sign, crypto::Label::seen_sig, org(),
                        crypto::seen_digest(space, place), word.signature)) {
        return Error{Code::corrupt, "a word that is not its author's"};
    }
    space_state(space).seen[device] = word;
    return {};
}

}  // namespace trellis::test
