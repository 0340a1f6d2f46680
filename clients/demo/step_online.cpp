// SPDX-License-Identifier: Apache-2.0
// Step 5: the network is back, and what became of everything.
#include <algorithm>
#include <set>

#include "clients/demo/demo.hpp"

namespace trellis::demo {
namespace {

using clients::Colour;
using clients::TextTable;

constexpr int rounds_max = 4;

std::string joined(const Json& list) {
    std::string text;
    if (list.array() == nullptr) return text;
    for (const auto& each : *list.array()) {
        text += (text.empty() ? "" : " and ") + (each.string() == nullptr ? "" : *each.string());
    }
    return text;
}

std::string bytes_of(const Json& reply, const char* name) {
    return size_text(static_cast<std::uint64_t>(number_in(reply, name)));
}

}  // namespace

Result<void> Demo::go_online() {
    stage_.step(5, "The network is back. Everyone syncs.");
    TRELLIS_DO(start_server());
    for (auto* device : {ana_.get(), ben_.get()}) offline_json_ += device->take_written_bytes();
    TextTable table({"Device", "sent", "received", "new changes"});
    for (int round = 0; round < rounds_max; ++round) {
        for (auto* device : devices()) {
            TRELLIS_TRY(const auto done, device->call(request("sync")));
            const bool is_liaison = device == ana_.get() || device == ben_.get();
            if (round > 0) continue;
            const auto up = static_cast<std::uint64_t>(number_in(done, "bytes_up"));
            if (is_liaison) offline_wire_ += up;
            table.add({device->person(), bytes_of(done, "bytes_up"), bytes_of(done, "bytes_down"),
                       std::to_string(number_in(done, "changes"))});
        }
    }
    stage_.show(table);
    stage_.say("This is what the centre sees:");
    TRELLIS_DO(show_same_household());
    TRELLIS_DO(show_conflicts());
    TRELLIS_DO(show_escalation());
    TRELLIS_DO(show_reviews());
    TRELLIS_DO(show_acks());
    return show_digests();
}

/// Both calls to the same family, both numbers of the same mother, both entries of the log.
Result<void> Demo::show_same_household() {
    stage_.title("  Nothing that was added is lost");
    TRELLIS_TRY(const auto calls,
                centre_->call(request("list", {{"type", "check_in"},
                                               {"where", object({{"household", family_}})}})));
    stage_.promise(calls["rows"].array()->size() == 2,
                   "The family that both called has both check-ins.");
    TRELLIS_TRY(const auto parent, centre_->call(request("get", {{"rec", parent_}})));
    const auto& phones = parent["fields"]["phones"];
    stage_.promise(phones.array() != nullptr && phones.array()->size() == 3,
                   "The mother's old number and both new ones: " + joined(phones) + ".");
    TRELLIS_TRY(const auto the_case, centre_->call(request("get", {{"rec", case_}})));
    const auto& meetings = the_case["fields"]["meetings"];
    stage_.promise(meetings.array() != nullptr && meetings.array()->size() == 2,
                   "The case's log has both meetings, in the same order everywhere.");
    std::set<std::string> dots;
    TRELLIS_TRY(const auto rows, centre_->call(request("list", {{"type", "check_in"}})));
    TRELLIS_TRY(const auto tries, centre_->call(request("list", {{"type", "outreach_attempt"}})));
    const auto arrived = rows["rows"].array()->size() + tries["rows"].array()->size();
    const auto made = std::count_if(writes_.begin(), writes_.end(), [](const OfflineWrite& each) {
        return each.what.starts_with("check-ins") || each.what.starts_with("calls");
    });
    stage_.promise(arrived == static_cast<std::size_t>(made),
                   std::to_string(arrived) + " check-ins and attempts were written, and " +
                       std::to_string(made) + " have arrived.");
    return {};
}

Result<void> Demo::show_conflicts() {
    stage_.title("  Where both changed the same thing, both values are kept");
    TRELLIS_TRY(const auto reply, centre_->call(request("conflicts", {{"space", space_}})));
    TextTable table({"what", "value", "written by", ""});
    std::set<std::string> found;
    for (const auto& each : *reply["conflicts"].array()) {
        found.insert(text_in(each, "rec"));
        auto what = text_in(each, "type") + ", " + text_in(each, "field");
        std::replace(what.begin(), what.end(), '_', ' ');
        for (const auto& value : *each["values"].array()) {
            const bool is_shown = value["value"] == each["shown"];
            table.add({what, {text_in(value, "value"), is_shown ? Colour::bold : Colour::plain},
                       name_of_device(text_in(value, "device")), is_shown ? "shown" : ""});
            what.clear();
        }
    }
    stage_.show(table);
    stage_.promise(found.count(worker_) == 1 && found.count(need_) == 1 && found.size() == 2,
                   "Every conflict is listed with both values and their authors, and none else.");
    return {};
}

Result<void> Demo::show_escalation() {
    stage_.title("  An alarm is not closed by somebody who has not seen it");
    TRELLIS_TRY(const auto alarm, centre_->call(request("get", {{"rec", escalation_}})));
    TRELLIS_TRY(const auto the_case, centre_->call(request("get", {{"rec", case_}})));
    const auto& status = alarm["fields"]["status"];
    const auto& open = *status["tokens"].array();
    TextTable table({"", "", ""});
    table.add({"Case 2026-014", "closed: goals met", "by Ben"});
    for (const auto& each : open) {
        table.add({"Escalation", {text_in(each, "level") + ", open", Colour::red},
                   "by " + name_of_device(text_in(each, "device"))});
    }
    stage_.show(table);
    stage_.promise(text_in(the_case["fields"], "status") == "closed_goals_met" &&
                       open.size() == 1 && text_in(open[0], "token") != alarm_,
                   "Ben closed the alarm he knew of. Ana's, raised meanwhile, is still open.");
    return {};
}

Result<void> Demo::show_reviews() {
    stage_.title("  A deletion does not swallow an edit");
    TRELLIS_TRY(const auto reply, centre_->call(request("reviews", {{"space", space_}})));
    const auto& reviews = *reply["reviews"].array();
    TextTable table({"To review", "urgency", "state"});
    for (const auto& each : reviews) {
        table.add({text_in(each["fields"], "description"), text_in(each["fields"], "urgency"),
                   "deleted by one, edited by another"});
    }
    stage_.show(table);
    stage_.promise(reviews.size() == 1 && text_in(reviews[0], "rec") == duplicate_,
                   "Ben deleted a request that Ana made urgent: it waits for a person's decision.");
    return {};
}

Result<std::string> Demo::level_of(const OfflineWrite& write) {
    auto& author = write.person == "Ana" ? *ana_ : *ben_;
    TRELLIS_TRY(const auto reply,
                author.call(request("acks", {{"dots", Json::Array{Json(write.dot)}}})));
    return text_in(reply["acks"], write.dot);
}

Result<void> Demo::show_acks() {
    stage_.title("  How far each write has come");
    struct Count {
        std::size_t all = 0;
        std::size_t stored = 0;
        std::size_t seen = 0;
    };
    std::map<std::pair<std::string, std::string>, Count> counts;
    std::size_t seen = 0;
    for (const auto& each : writes_) {
        TRELLIS_TRY(const auto level, level_of(each));
        auto& count = counts[{each.person, each.what}];
        ++count.all;
        if (level != "L0") ++count.stored;
        if (level == "L2") ++count.seen;
        if (level == "L2") ++seen;
    }
    TextTable table({"by", "write", "saved here", "on the server", "on another device"});
    for (const auto& [name, count] : counts) {
        table.add({name.first, name.second, std::to_string(count.all),
                   std::to_string(count.stored), std::to_string(count.seen)});
    }
    stage_.show(table);
    stage_.promise(seen == writes_.size(),
                   "All " + std::to_string(writes_.size()) +
                       " writes are confirmed by another device (L2).");
    return {};
}

Result<void> Demo::show_digests() {
    stage_.title("  Everybody has the same");
    std::set<std::string> digests;
    TextTable table({"Device", "digest of all it shows"});
    for (auto* device : devices()) {
        TRELLIS_TRY(const auto reply, device->call(request("digest", {{"space", space_}})));
        const auto digest = text_in(reply, "digest");
        digests.insert(digest);
        // Eight groups of eight digits are easier to compare than sixty-four in a row.
        table.add({device->person(), digest.substr(0, 8) + " " + digest.substr(8, 8) + " …"});
    }
    stage_.show(table);
    stage_.promise(digests.size() == 1 && digests.begin()->size() == 64,
                   "All four digests are the same, to the last of their 64 digits.");
    return {};
}

}  // namespace trellis::demo
