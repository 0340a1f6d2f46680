// SPDX-License-Identifier: Apache-2.0
#include "clients/verbs/verbs.hpp"

namespace trellis::clients {

Json refusal(const Error& error) {
    Json reply;
    reply.set("ok", false);
    reply.set("code", to_string(error.code));
    reply.set("message", error.message);
    return reply;
}

const std::vector<Verbs::Verb>& Verbs::table() {
    static const std::vector<Verb> verbs = {
        {"hello", "says the version, this device and its organisation", &Verbs::hello},
        {"org_create", "founds an organisation with this device as its first", &Verbs::org_create},
        {"space_create", "makes a space: a group that shares records and keys",
         &Verbs::space_create},
        {"spaces", "lists the spaces this device can read", &Verbs::spaces},
        {"invite", "makes the code that lets one more device join", &Verbs::invite},
        {"join", "joins an organisation by an invite", &Verbs::join},
        {"members", "lists the devices of the organisation", &Verbs::members},
        {"grant", "gives a device rights in a space, or the admin role", &Verbs::grant},
        {"rotate", "gives a space a new key", &Verbs::rotate},
        {"revoke", "takes a device out, of a space or of the organisation", &Verbs::revoke},
        {"recover", "recovers an organisation from its sheets", &Verbs::recover},
        {"recovery_sheets", "shows recovery sheets that nobody has printed yet",
         &Verbs::recovery_sheets},
        {"recovery_kept", "says that they are printed, and wipes them here",
         &Verbs::recovery_kept},
        {"quarantine", "lists work that waits for a decision", &Verbs::quarantine},
        {"adopt", "takes quarantined work in", &Verbs::adopt_work},
        {"policy", "sets how many admins must sign changes of admins", &Verbs::policy},
        {"lend", "lets a device read a space for a while, in an emergency", &Verbs::lend},
        {"cosign", "signs what another admin has drafted", &Verbs::cosign},
        {"carry_over", "copies live records of a space into another, each once",
         &Verbs::carry_over},
        {"shred", "destroys a space and all that was written in it, everywhere", &Verbs::shred},
        {"alarms", "lists what does not fit together, with the evidence", &Verbs::alarms},
        {"inbox_open", "opens an inbox for people without a device", &Verbs::inbox_open},
        {"inbox_rotate", "gives an inbox, and its space, a new key", &Verbs::inbox_rotate},
        {"inbox_close", "closes an inbox", &Verbs::inbox_close},
        {"inbox_info", "says what a public form needs of an inbox", &Verbs::inbox_info},
        {"inbox_submit", "seals a submission, to be posted", &Verbs::inbox_submit},
        {"put", "creates a record", &Verbs::write_one},
        {"set", "assigns fields of a record", &Verbs::write_one},
        {"add", "adds elements to a set", &Verbs::write_one},
        {"remove", "removes elements from a set", &Verbs::write_one},
        {"inc", "adds to a counter", &Verbs::write_one},
        {"append", "adds an entry to a log", &Verbs::write_one},
        {"text", "edits a collaborative text (not in this version)", &Verbs::later},
        {"raise", "raises an alarm", &Verbs::write_one},
        {"advance", "moves an alarm on", &Verbs::write_one},
        {"close", "closes the alarms it names", &Verbs::write_one},
        {"resolve", "settles a conflict", &Verbs::write_one},
        {"delete", "deletes a record", &Verbs::write_one},
        {"link", "says that two records are the same", &Verbs::write_one},
        {"unlink", "takes that back", &Verbs::write_one},
        {"attach", "attaches a file (not in this version)", &Verbs::later},
        {"batch", "several writes, all or nothing", &Verbs::batch},
        {"get", "shows a record", &Verbs::get},
        {"list", "lists records of a type", &Verbs::list},
        {"query", "runs a read-only SQL query", &Verbs::query},
        {"conflicts", "lists fields with more than one value", &Verbs::conflicts},
        {"reviews", "lists records edited after they were deleted", &Verbs::reviews},
        {"history", "lists the changes of a record", &Verbs::history},
        {"watch", "keeps a list or query live", &Verbs::watch},
        {"unwatch", "ends that", &Verbs::unwatch},
        {"sync", "one pass with the relay", &Verbs::sync},
        {"sync_start", "stays in sync until sync_stop", &Verbs::sync_start},
        {"sync_stop", "ends live sync", &Verbs::sync_stop},
        {"acks", "says how far changes have come", &Verbs::acks},
        {"version", "says which changes of a space are here", &Verbs::version},
        {"bundle", "writes sealed envelopes to a file", &Verbs::bundle},
        {"apply", "takes a bundle in", &Verbs::apply},
        {"export", "the whole visible state as canonical JSON", &Verbs::export_all},
        {"export_family", "hands out all that is here about one family, and writes that down",
         &Verbs::export_family},
        {"digest", "a hash of the whole visible state", &Verbs::digest},
        {"check", "looks for damage", &Verbs::check},
        {"stats", "counts what is here", &Verbs::stats},
        {"backup", "copies the database to a file", &Verbs::backup},
        {"restore", "restores a record (rec), or the database from a copy (path)",
         &Verbs::restore},
        {"clock", "shifts this process's wall clock, for tests", &Verbs::clock},
        {"seal", "seals what is not sealed yet", &Verbs::seal},
        {"quit", "ends the program", &Verbs::quit},
    };
    return verbs;
}

Verbs::Verbs(Host& host, std::unique_ptr<core::Replica> replica) : host_(host) {
    adopt(std::move(replica));
}

void Verbs::adopt(std::unique_ptr<core::Replica> replica) {
    replica_ = std::move(replica);
    if (replica_ == nullptr) return;
    replica_->on_commit = [this](const std::set<core::TypeId>& types) { live_.touch(types); };
}

Json Verbs::call_text(std::string_view line) {
    const auto request = parse_json(line);
    if (!request) return refusal(request.error());
    return call(*request);
}

Json Verbs::call(const Json& request) {
    Json reply;
    const auto* name = request["op"].string();
    if (request.object() == nullptr || name == nullptr) {
        reply = refusal({Code::invalid, "a request is a JSON object with its verb in `op`"});
    } else {
        Result<Json> result = Error{Code::invalid, "there is no verb " + *name};
        for (const auto& verb : table()) {
            if (verb.name == *name) result = run(verb, request);
        }
        if (result) {
            reply = std::move(*result);
            reply.set("ok", true);
        } else {
            reply = refusal(result.error());
        }
    }
    if (request.has("id")) reply.set("id", request["id"]);
    return reply;
}

/// With {"draft":true} a change of the organisation that others must sign too comes back as a
/// draft for them, instead of being refused.
Result<Json> Verbs::run(const Verb& verb, const Json& request) {
    if (replica_ == nullptr || request["draft"] != Json(true)) return (this->*verb.run)(request);
    replica_->allow_drafts(true);
    auto reply = (this->*verb.run)(request);
    replica_->allow_drafts(false);
    const auto draft = replica_->take_draft();
    if (reply && draft) {
        reply->set("draft", to_base64(draft->entry));
        reply->set("missing", draft->missing);
    }
    return reply;
}

void Verbs::push_event(Json event) {
    is_former_ = is_former_ || event["former"] == Json(true);
    events_.push_back(std::move(event));
}

void Verbs::obey_live_sync() {
    if (!std::exchange(is_former_, false) || replica_ == nullptr) return;
    const auto erased = erase_if_lost();
    if (erased && !*erased) return;
    Json event;
    event.set("event", "sync");
    event.set("connected", false);
    event.set("former", true);
    event.set("erased", erased.has_value());
    if (!erased) {
        event.set("code", to_string(erased.error().code));
        event.set("message", erased.error().message);
    }
    events_.push_back(std::move(event));
}

std::optional<Json> Verbs::next_event() {
    obey_live_sync();
    collect_differences();
    if (events_.empty()) return std::nullopt;
    Json event = std::move(events_.front());
    events_.pop_front();
    return event;
}

void Verbs::collect_differences() {
    for (auto& difference : live_.collect()) {
        Json event;
        event.set("event", "rows");
        event.set("watch", difference.watch);
        event.set("added", std::move(difference.added));
        event.set("changed", std::move(difference.changed));
        event.set("removed", std::move(difference.removed));
        events_.push_back(std::move(event));
    }
}

Result<Json> Verbs::later(const Json& request) {
    return Error{Code::unsupported,
                 *request["op"].string() + " is not in this version of the program"};
}

Result<Json> Verbs::quit(const Json& /*unused*/) {
    has_quit_ = true;
    return Json{Json::Object{}};
}

}  // namespace trellis::clients
