// SPDX-License-Identifier: Apache-2.0
#include "tests/support/memory_relay_host.hpp"

#include <type_traits>

namespace trellis::test {

using namespace sync;

// The store --------------------------------------------------------------------------------

Result<void> MemoryRelayStore::append_entry(const AppendEntry& request) {
    auto& entries = orgs[request.org];
    if (entries.size() != request.index) return Error{Code::conflict, "the log is not there"};
    entries.push_back(request.entry);
    return {};
}

LoadedSpace MemoryRelayStore::load(const LoadSpace& request) {
    auto& space = spaces[{request.org, request.space}];
    if (space.end.incarnation.is_zero()) space.end.incarnation = request.fresh;
    std::map<std::pair<DeviceId, Incarnation>, ChainState> chains;
    for (const auto& placed : space.log) {
        chains[{placed.device, placed.incarnation}] = {.device = placed.device,
                                                       .incarnation = placed.incarnation,
                                                       .last = placed.last,
                                                       .chain = placed.chain,
                                                       .epoch = placed.epoch};
    }
    LoadedSpace loaded{.end = space.end, .chains = {}, .seen = {}};
    for (const auto& [name, chain] : chains)
        loaded.chains.push_back(chain);
    for (const auto& [device, seen] : space.seen)
        loaded.seen.push_back(seen);
    return loaded;
}

Result<void> MemoryRelayStore::append(const SpaceAppend& request) {
    auto& space = spaces[{request.org, request.space}];
    if (space.end.incarnation != request.incarnation || space.end.position != request.after) {
        return Error{Code::conflict, "the log is not at that place"};
    }
    for (const auto& placed : request.envelopes) {
        if (placed.position != space.end.position + 1) {
            return Error{Code::internal, "a position was left out"};
        }
        space.log.push_back(placed);
        space.end.position = placed.position;
        space.end.head = placed.head;
    }
    return {};
}

LogPage MemoryRelayStore::page(const CatchUp& request) const {
    LogPage page;
    const auto found = spaces.find({request.org, request.space});
    if (found == spaces.end()) return page;
    std::size_t bytes = 0;
    for (const auto& placed : found->second.log) {
        if (placed.position <= request.after) continue;
        bytes += placed.envelope.size();
        if (!page.envelopes.empty() && bytes > request.max_bytes) break;
        if (page.envelopes.size() == request.max_envelopes) break;
        page.envelopes.push_back(
            {placed.device, placed.incarnation, placed.first, placed.envelope});
        page.head = placed.head;
    }
    return page;
}

ChainPage MemoryRelayStore::chain(const FetchChain& request) const {
    ChainPage page;
    const auto found = spaces.find({request.org, request.space});
    if (found == spaces.end()) return page;
    std::size_t bytes = 0;
    for (const auto& placed : found->second.log) {
        if (placed.device != request.device || placed.incarnation != request.incarnation) continue;
        if (placed.first <= request.after) {
            page.previous = placed.chain;
            continue;
        }
        if (placed.first > request.until) break;
        bytes += placed.envelope.size();
        if (!page.envelopes.empty() && bytes > request.max_bytes) break;
        page.envelopes.push_back({placed.first, placed.envelope});
    }
    return page;
}

Digest MemoryRelayStore::head_at(const HeadAt& request) const {
    const auto& space = spaces.at({request.org, request.space});
    return space.log.at(static_cast<std::size_t>(request.position) - 1).head;
}

Result<void> MemoryRelayStore::store(const StoreSubmission& request) {
    auto& inbox = inboxes[{request.org, request.inbox}];
    for (const auto& one : inbox) {
        if (one.digest == request.digest) return {};
    }
    inbox.push_back({++last_submission, request.digest, request.hour, request.bytes});
    return {};
}

std::vector<SubmissionItem> MemoryRelayStore::submissions(const LoadSubmissions& request) const {
    std::vector<SubmissionItem> items;
    const auto found = inboxes.find({request.org, request.inbox});
    if (found == inboxes.end()) return items;
    std::size_t bytes = 0;
    for (const auto& one : found->second) {
        if (one.number <= request.after) continue;
        bytes += one.bytes.size();
        if (!items.empty() && bytes > request.max_bytes) break;
        if (items.size() == request.max_items) break;
        items.push_back({one.number, one.hour, one.bytes});
    }
    return items;
}

void MemoryRelayStore::drop(const DropSubmissions& request) {
    auto& inbox = inboxes[{request.org, request.inbox}];
    for (const auto& digest : request.submissions) {
        std::erase_if(inbox, [&](const auto& one) { return one.digest == digest; });
    }
}

void MemoryRelayStore::shred(const ShredSpace& request) {
    spaces.erase({request.org, request.space});
    for (const auto& inbox : request.inboxes)
        inboxes.erase({request.org, inbox});
}

void MemoryRelayStore::renew_incarnations(Env& env) {
    for (auto& [name, space] : spaces)
        env.random(space.end.incarnation.bytes);
}

// The host ---------------------------------------------------------------------------------

namespace {

std::optional<MemoryRelayHost::Kind> kind_of(const RelayAction& action) {
    using Kind = MemoryRelayHost::Kind;
    if (std::holds_alternative<LoadOrg>(action)) return Kind::org;
    if (std::holds_alternative<AppendEntry>(action)) return Kind::entry;
    if (std::holds_alternative<LoadSpace>(action)) return Kind::space;
    if (std::holds_alternative<Append>(action)) return Kind::append;
    if (std::holds_alternative<CatchUp>(action)) return Kind::page;
    if (std::holds_alternative<FetchChain>(action)) return Kind::chain;
    if (std::holds_alternative<HeadAt>(action)) return Kind::head;
    if (std::holds_alternative<Verify>(action)) return Kind::verify;
    if (std::holds_alternative<StoreSubmission>(action)) return Kind::submission;
    if (std::holds_alternative<LoadSubmissions>(action)) return Kind::filing;
    return std::nullopt;
}

}  // namespace

void MemoryRelayHost::settle() {
    while (auto action = relay_->next_action()) {
        const auto kind = kind_of(*action);
        if (kind && held_kinds_.contains(*kind)) {
            held_.push_back(*std::move(action));
        } else {
            perform(*action);
        }
    }
}

void MemoryRelayHost::release() {
    held_kinds_.clear();
    for (auto& action : std::exchange(held_, {}))
        perform(action);
    settle();
}

void MemoryRelayHost::perform(RelayAction& action) {
    if (auto* send = std::get_if<Send>(&action)) {
        const auto size = send->frame.size();
        frames_[send->session].push_back(std::move(send->frame));
        if (!are_sockets_stopped_) relay_->written(send->session, size);
    } else if (auto* close = std::get_if<Close>(&action)) {
        closed_[close->session] = close->code;
    } else if (auto* org = std::get_if<LoadOrg>(&action)) {
        ++figures.loads;
        const auto found = store_.orgs.find(org->org);
        relay_->org_loaded(org->ticket,
                           found == store_.orgs.end() ? std::vector<Bytes>() : found->second);
    } else if (auto* entry = std::get_if<AppendEntry>(&action)) {
        relay_->entry_appended(entry->ticket, store_.append_entry(*entry));
    } else if (auto* space = std::get_if<LoadSpace>(&action)) {
        ++figures.loads;
        relay_->space_loaded(space->ticket, store_.load(*space));
    } else if (auto* append = std::get_if<Append>(&action)) {
        perform_append(*append);
    } else if (auto* page = std::get_if<CatchUp>(&action)) {
        ++figures.pages;
        relay_->caught_up(page->ticket, store_.page(*page));
    } else if (auto* chain = std::get_if<FetchChain>(&action)) {
        ++figures.chains;
        relay_->chain_fetched(chain->ticket, store_.chain(*chain));
    } else if (auto* head = std::get_if<HeadAt>(&action)) {
        ++figures.heads;
        relay_->head_found(head->ticket, store_.head_at(*head));
    } else if (auto* seen = std::get_if<SaveSeen>(&action)) {
        store_.spaces[{seen->org, seen->space}].seen[seen->seen.device] = seen->seen;
    } else if (auto* verify = std::get_if<Verify>(&action)) {
        perform_verify(*verify);
    } else if (auto* submission = std::get_if<StoreSubmission>(&action)) {
        relay_->submission_stored(submission->ticket, store_.store(*submission));
    } else if (auto* filing = std::get_if<LoadSubmissions>(&action)) {
        relay_->submissions_loaded(filing->ticket, store_.submissions(*filing));
    } else if (auto* drop = std::get_if<DropSubmissions>(&action)) {
        store_.drop(*drop);
        relay_->submissions_dropped(drop->ticket);
    } else if (auto* shred = std::get_if<ShredSpace>(&action)) {
        store_.shred(*shred);
        relay_->space_shredded(shred->ticket, {});
    } else if (auto* answer = std::get_if<PostAnswer>(&action)) {
        answers_.emplace(answer->ticket, std::move(*answer));
    }
}

void MemoryRelayHost::perform_verify(Verify& request) {
    ++figures.verifies;
    figures.signatures += request.checks.size();
    std::vector<bool> genuine;
    for (const auto& check : request.checks)
        genuine.push_back(is_genuine(check));
    relay_->verified(request.ticket, genuine);
}

void MemoryRelayHost::perform_append(Append& request) {
    ++figures.appends;
    std::vector<Result<void>> stored;
    for (const auto& space : request.spaces) {
        figures.appended += space.envelopes.size();
        if (append_error_) {
            stored.emplace_back(*append_error_);
        } else {
            stored.push_back(store_.append(space));
        }
    }
    relay_->appended(request.ticket, std::move(stored));
}

std::deque<Bytes> MemoryRelayHost::take_frames(SessionId session) {
    return std::exchange(frames_[session], {});
}

std::optional<PostAnswer> MemoryRelayHost::take_answer(Ticket ticket) {
    const auto found = answers_.find(ticket);
    if (found == answers_.end()) return std::nullopt;
    auto answer = std::move(found->second);
    answers_.erase(found);
    return answer;
}

std::optional<Code> MemoryRelayHost::closed(SessionId session) const {
    const auto found = closed_.find(session);
    if (found == closed_.end()) return std::nullopt;
    return found->second;
}

}  // namespace trellis::test
