// SPDX-License-Identifier: Apache-2.0
// Step 4: no network, and everybody goes on working.
#include "clients/demo/demo.hpp"

namespace trellis::demo {
namespace {

constexpr std::size_t visits_each = 20;

}  // namespace

Result<void> Demo::work_offline() {
    stage_.step(4, "The network goes. Both liaisons go on working.");
    TRELLIS_DO(stop_server());
    TRELLIS_DO(prove_offline());
    TRELLIS_DO(visit_families(*ana_, 1, visits_each));
    TRELLIS_DO(visit_families(*ben_, 1 + visits_each / 2, visits_each));
    TRELLIS_DO(story_of_ana());
    TRELLIS_DO(story_of_ben());
    show_offline_work();
    std::size_t saved = 0;
    for (const auto& each : writes_) {
        TRELLIS_TRY(const auto level, level_of(each));
        if (level == "L0") ++saved;
    }
    stage_.promise(saved == writes_.size(),
                   "All " + std::to_string(saved) + " writes are saved on the devices (L0), and " +
                       "none claims to be anywhere else.");
    return {};
}

Result<void> Demo::prove_offline() {
    stage_.say("trellisd is stopped. Ana tries to sync:");
    TRELLIS_TRY(const auto reply, ana_->ask(request("sync")));
    stage_.say(stage_.out().paint(clients::Colour::yellow, text_in(reply, "code") + ": ") +
               clients::tame(text_in(reply, "message")));
    stage_.promise(text_in(reply, "code") == "offline", "She is offline, and is told so plainly.");
    return {};
}

Result<void> Demo::write(Device& device, const std::string& what, const Json& request) {
    TRELLIS_TRY(const auto reply, device.call(request));
    writes_.push_back({device.person(), what, text_in(reply, "dot")});
    return {};
}

Result<void> Demo::visit_families(Device& device, std::size_t first, std::size_t count) {
    clients::Progress progress(device.person() + " calls families");
    for (std::size_t i = 0; i < count; ++i) {
        // The first call of each is to the same family.
        const auto& household = i == 0 ? family_ : households_[first + i - 1];
        const auto note = "Spoke with " + words_.name() + " about the school bus";
        TRELLIS_DO(write(device, "check-ins with families",
                         request("put", {{"space", space_},
                                         {"type", "check_in"},
                                         {"fields", object({{"household", household},
                                                            {"method", "phone"},
                                                            {"wellbeing", "some_concerns"},
                                                            {"status", "complete"},
                                                            {"notes", note}})}})));
        progress.show(i + 1, count);
    }
    for (std::size_t i = 0; i < count / 2; ++i) {
        const auto next = "Call again at " + words_.name() + " Street";
        TRELLIS_DO(write(device, "calls that nobody answered",
                         request("put", {{"space", space_},
                                         {"type", "outreach_attempt"},
                                         {"fields", object({{"household", households_[i]},
                                                            {"method", "phone"},
                                                            {"outcome", "no_answer"},
                                                            {"next_step", next}})}})));
    }
    return {};
}

Result<void> Demo::story_of_ana() {
    auto& ana = *ana_;
    const auto number = words_.phone();
    TRELLIS_DO(write(ana, "a mother's new number",
                     request("add", {{"rec", parent_}, {"field", "phones"},
                                     {"values", Json::Array{Json(number)}}})));
    TRELLIS_DO(write(ana, "the interpreter's number",
                     request("set", {{"rec", worker_},
                                     {"fields", object({{"work_phone", words_.phone()}})}})));
    TRELLIS_DO(write(ana, "status of a need: in progress",
                     request("set", {{"rec", need_},
                                     {"fields", object({{"status", "in_progress"}})}})));
    TRELLIS_DO(write(ana, "raises the escalation again",
                     request("raise", {{"rec", escalation_}, {"field", "status"},
                                       {"level", "raised"}})));
    TRELLIS_DO(write(ana, "a meeting in the case's log",
                     request("append", {{"rec", case_}, {"field", "meetings"},
                                        {"fields", object({{"date", "2026-11-20"},
                                                           {"decisions", "Plan of " +
                                                                             words_.name()}})}})));
    TRELLIS_DO(write(ana, "urgency of a doubtful request",
                     request("set", {{"rec", duplicate_},
                                     {"fields", object({{"urgency", "same_day"}})}})));
    return write(ana, "a new need: warm clothes",
                 request("put", {{"space", space_}, {"type", "request"},
                                 {"fields", object({{"household", family_},
                                                    {"status", "received"},
                                                    {"description", "Coats for the " +
                                                                        words_.name() +
                                                                        " twins"}})}}));
}

Result<void> Demo::story_of_ben() {
    auto& ben = *ben_;
    const auto number = words_.phone();
    TRELLIS_DO(write(ben, "a mother's new number",
                     request("add", {{"rec", parent_}, {"field", "phones"},
                                     {"values", Json::Array{Json(number)}}})));
    TRELLIS_DO(write(ben, "the interpreter's number",
                     request("set", {{"rec", worker_},
                                     {"fields", object({{"work_phone", words_.phone()}})}})));
    TRELLIS_DO(write(ben, "status of a need: met",
                     request("set", {{"rec", need_}, {"fields", object({{"status", "met"}})}})));
    TRELLIS_DO(write(ben, "closes the case: goals met",
                     request("set", {{"rec", case_},
                                     {"fields", object({{"status", "closed_goals_met"}})}})));
    TRELLIS_DO(write(ben, "closes the escalation he sees",
                     request("close", {{"rec", escalation_}, {"field", "status"},
                                       {"tokens", Json::Array{Json(alarm_)}},
                                       {"reason", "resolved"}})));
    TRELLIS_DO(write(ben, "a meeting in the case's log",
                     request("append", {{"rec", case_}, {"field", "meetings"},
                                        {"fields", object({{"date", "2026-11-20"},
                                                           {"decisions", "Agreed with " +
                                                                             words_.name()}})}})));
    TRELLIS_DO(write(ben, "deletes the doubtful request",
                     request("delete", {{"rec", duplicate_},
                                        {"reason", "Same as that of " + words_.name()}})));
    return write(ben, "a new need: a ride to the clinic",
                 request("put", {{"space", space_}, {"type", "request"},
                                 {"fields", object({{"household", family_},
                                                    {"status", "received"},
                                                    {"description", "A ride to the " +
                                                                        words_.name() +
                                                                        " clinic"}})}}));
}

void Demo::show_offline_work() {
    std::vector<std::string> order;
    std::map<std::string, std::map<std::string, int>> counts;
    for (const auto& each : writes_) {
        if (counts.count(each.what) == 0) order.push_back(each.what);
        ++counts[each.what][each.person];
    }
    const auto number = [](int count) { return count == 0 ? "" : std::to_string(count); };
    clients::TextTable table({"Written with no network", "Ana", "Ben"});
    for (const auto& what : order) {
        table.add({what, number(counts[what]["Ana"]), number(counts[what]["Ben"])});
    }
    stage_.show(table);
}

}  // namespace trellis::demo
