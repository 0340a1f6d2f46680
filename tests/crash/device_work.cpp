// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/device_work.hpp"

#include <catch2/catch.hpp>

#include "core/query/export.hpp"

namespace trellis::test {
namespace {

using core::Replica;

Json json(const std::string& text) { return *parse_json(text); }

/// What a call brings is of no interest here.
template <class T>
Result<void> ignore(const Result<T>& result) {
    if (result) return {};
    return result.error();
}

/// One of every kind of edit, in one change.
std::vector<core::Edit> every_edit(const DeviceScene& scene) {
    const auto record = scene.record;
    return {core::PutRecord{scene.space, "thing", json(R"({"name":"fresh","least":4})"), "key"},
            core::SetFields{record, json(R"({"phone":"1","note":"a longer note"})")},
            core::ChangeSet{record, "tags", {Json("x")}, {Json("a")}},
            core::IncrementField{record, "minutes", 5},
            core::AppendEntry{record, "visits", json(R"({"text":"at home","day":"2026-05-28"})")},
            core::RaiseStatus{record, "alarm", Json("raised")}};
}

/// What is written with a log of a few pages only, so that it is moved into the file, too.
Result<void> write_and_move_log(Replica& replica, const DeviceScene& scene) {
    TRELLIS_DO(replica.store().database.run("PRAGMA wal_autocheckpoint=1"));
    return ignore(replica.write(scene.space, every_edit(scene)));
}

}  // namespace

std::vector<Subject> local_work(DeviceScene& scene) {
    return {
        scene.subject("write", [&scene](Replica& replica) {
            return ignore(replica.write(scene.space, every_edit(scene)));
        }),
        scene.subject("write and move the log", [&scene](Replica& replica) {
            return write_and_move_log(replica, scene);
        }),
        scene.subject("delete", [&scene](Replica& replica) {
            return ignore(replica.write(scene.space, {core::DeleteRecord{scene.record, "double"}}));
        }),
        scene.subject("seal", [](Replica& replica) { return ignore(replica.seal()); }),
        scene.subject("become a new incarnation",
                      [](Replica& replica) { return replica.become_new_incarnation(); }),
        scene.subject("keep custody", [](Replica& replica) { return replica.keep_custody("here"); }),
        scene.copying("back up"),
        scene.subject("export", [](Replica& replica) {
            return ignore(core::export_state(replica, std::nullopt));
        }),
        scene.subject("check", [](Replica& replica) -> Result<void> {
            TRELLIS_TRY(const auto problems, replica.check());
            if (problems.empty()) return {};
            return Error{Code::corrupt, problems.front()};
        }),
    };
}

std::vector<Subject> sync_work(DeviceScene& scene) {
    return {
        scene.subject("receive a page", [&scene](Replica& replica) -> Result<void> {
            return ignore(replica.receive(scene.space, scene.from, scene.to, scene.page));
        }),
        scene.subject("receive a repair", [&scene](Replica& replica) {
            return ignore(replica.receive_repair(scene.space, scene.repair));
        }),
        scene.subject("apply a bundle", [&scene](Replica& replica) {
            return ignore(replica.apply_bundle(scene.bundle));
        }),
        scene.subject("move the cursor", [&scene](Replica& replica) {
            return replica.move_cursor(scene.space, scene.to);
        }),
        scene.subject("confirm", [&scene](Replica& replica) {
            return replica.confirm(scene.space, scene.own, scene.sealed);
        }),
        scene.subject("hear what others have seen", [&scene](Replica& replica) {
            return replica.receive_seen(scene.space, scene.colleague, scene.word);
        }),
        scene.subject("say what we have seen", [&scene](Replica& replica) {
            return ignore(replica.seen_word(scene.space));
        }),
        scene.subject("hear of a fork", [&scene](Replica& replica) {
            return replica.forked(scene.space);
        }),
        scene.subject("hear of a rollback", [&scene](Replica& replica) {
            return replica.rolled_back(scene.space);
        }),
        scene.subject("entry accepted", [](Replica& replica) -> Result<void> {
            if (!replica.next_entry()) return {};
            return replica.entry_accepted();
        }),
        scene.subject("write a bundle", [&scene](Replica& replica) {
            Bytes bundle;
            return ignore(replica.write_bundle(scene.space, {}, bundle));
        }),
    };
}

std::vector<Subject> trust_work(DeviceScene& scene) {
    return {
        scene.steps("receive entries", [&scene](Replica& replica) {
            return replica.receive_entries(0, scene.entries);
        }),
        scene.steps("adopt late work",
                    [&scene](Replica& replica) -> Result<void> {
                        TRELLIS_TRY(const auto waiting, replica.quarantine());
                        if (waiting.empty()) return {};
                        return replica.adopt({scene.late});
                    }),
        scene.steps("revoke", [&scene](Replica& replica) -> Result<void> {
            const auto* device = replica.membership().device(scene.colleague);
            if (!device->is_active) return {};
            return replica.revoke(scene.colleague);
        }),
        scene.steps("rotate", [&scene](Replica& replica) { return replica.rotate(scene.space); }),
        scene.steps("create a space", [](Replica& replica) {
            return ignore(replica.create_space("another", crypto::SpaceClass::general));
        }),
        scene.steps("invite", [&scene](Replica& replica) {
            crypto::InviteOrder order;
            order.grants.push_back({scene.space, crypto::right_read});
            order.expiry = replica.clock().now().time + 3'600'000;
            order.url = "ws://127.0.0.1:1/sync";
            return ignore(replica.invite(order));
        }),
    };
}

std::vector<Subject> first_work(DeviceScene& scene) {
    return {
        scene.fresh("create an organisation", [](Replica& replica) {
            return ignore(replica.create_org("District", "tablet", "ws://127.0.0.1:1/sync"));
        }),
        scene.fresh_steps("join", [&scene](Replica& replica) -> Result<void> {
            TRELLIS_TRY(const auto invite, crypto::parse_invite(scene.invite));
            TRELLIS_TRY(auto key, replica.joining_key());
            auto log = scene.invited_log;
            TRELLIS_TRY(const auto entry, replica.join_entry(invite, key, "new", log));
            if (!entry.empty()) log.push_back(entry);
            return replica.joined(std::move(key), invite, log);
        }),
        scene.opening("open", scene.before),
        scene.opening("open an empty disk", scene.empty),
        scene.opening("open what was killed", scene.killed),
    };
}

}  // namespace trellis::test
