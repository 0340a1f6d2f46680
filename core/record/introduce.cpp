// SPDX-License-Identifier: Apache-2.0
#include "core/record/change.hpp"

#include <set>

namespace trellis::core {
namespace {

/// Walks over everything that mentions an actor.
class Introducer {
public:
    Introducer(const ActorTable& table, const ActorLookup& lookup, Body& body)
        : lookup_(lookup), introduced_(body.introduced) {
        know(table.author);
        for (const auto& actor : table.known)
            know(actor);
        for (const auto& actor : introduced_)
            know(actor);
    }

    void actor(const ActorId& actor) {
        if (know(actor)) introduced_.push_back(actor);
    }
    void record(const RecordId& record) {
        if (record.is_keyed() || !record.is_possible()) return;  // written in full
        if (prefixes_.count(record.actor_prefix()) > 0) return;
        if (const auto* found = lookup_.find(record.actor_prefix())) actor(*found);
    }
    void dots(const std::vector<Dot>& dots) {
        for (const auto& dot : dots)
            actor(dot.actor);
    }
    void value(const Value& value) {
        if (const auto* id = value.get<RecordId>()) record(*id);
    }
    void vector(const VersionVector& vector) {
        for (const auto& entry : vector.entries())
            actor(entry.actor);
    }

    void operator()(const Assign& assign) {
        dots(assign.seen);
        value(assign.value);
    }
    void operator()(const EditSet& edit) {
        for (const auto& element : edit.add)
            value(element);
        for (const auto& removal : edit.remove) {
            value(removal.element);
            dots(removal.seen);
        }
    }
    void operator()(const Increment&) {}
    void operator()(const Write& write) {
        for (const auto& edit : write.fields)
            std::visit(*this, edit.action);
    }
    void operator()(const Append& append) {
        for (const auto& part : append.entry)
            value(part.second);
    }
    void operator()(const Raise&) {}
    void operator()(const Advance& advance) { actor(advance.token.actor); }
    void operator()(const CloseTokens& close) { dots(close.tokens); }
    void operator()(const Delete& deletion) { vector(deletion.seen); }
    void operator()(const Restore& restore) { dots(restore.deletes); }
    void operator()(const Link& link) { record(link.other); }
    void operator()(const Unlink& unlink) {
        record(unlink.other);
        dots(unlink.links);
    }
    void operator()(const UnknownOp&) {}

private:
    bool know(const ActorId& actor) {
        if (!actors_.insert(actor).second) return false;
        RecordId::ActorPrefix prefix{};
        std::copy_n(actor.bytes.begin(), prefix.size(), prefix.begin());
        prefixes_.insert(prefix);
        return true;
    }

    const ActorLookup& lookup_;
    std::vector<ActorId>& introduced_;
    std::set<ActorId> actors_;
    std::set<RecordId::ActorPrefix> prefixes_;
};

}  // namespace

void introduce_actors(const ActorTable& table, const ActorLookup& lookup, Body& body) {
    Introducer introducer(table, lookup, body);
    introducer.vector(body.seen);
    for (const auto& change : body.changes) {
        for (const auto& op : change.ops) {
            introducer.record(op.record);
            std::visit(introducer, op.action);
        }
    }
}

}  // namespace trellis::core
