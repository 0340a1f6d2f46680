// SPDX-License-Identifier: Apache-2.0
// Second act, steps 7 to 9: a tablet is lost, a liaison leaves, the server goes back a week.
#include <filesystem>

#include "clients/demo/demo.hpp"

namespace trellis::demo {
namespace {

// What the second act writes; looked for where it must not be, as the planted words are.
constexpr std::string_view last_visit = "Thistlemere";
constexpr std::string_view after_the_loss = "Harrowfell";
constexpr std::string_view claimed_date = "Quillonbrae";

constexpr std::int64_t month_ms = std::int64_t{31} * 24 * 3600 * 1000;

}  // namespace

Result<void> Demo::run_trellisd(const std::vector<std::string>& words) {
    Process::Order order;
    order.words = {options_.trellisd};
    order.words.insert(order.words.end(), words.begin(), words.end());
    order.words.insert(order.words.end(), {"--store", "sqlite:" + path("server/store.db")});
    order.error_file = path("server/log.jsonl");
    TRELLIS_TRY(auto program, Process::start(order));
    if (program->wait() == 0) return {};
    return Error{Code::internal, "trellisd " + words[0] + " failed; " + order.error_file +
                                     " says why"};
}

Result<void> Demo::note(Device& device, std::string_view word) {
    TRELLIS_TRY(const auto made, make(device, "check_in",
                                      object({{"household", family_},
                                              {"method", "home_visit"},
                                              {"wellbeing", "some_concerns"},
                                              {"status", "complete"},
                                              {"notes", "Visited at " + std::string(word)}})));
    static_cast<void>(made);
    return {};
}

/// How many check-ins that a device shows speak of it.
Result<std::size_t> Demo::notes_of(Device& device, std::string_view word) {
    TRELLIS_TRY(const auto found,
                device.call(request("query",
                                    {{"sql", "SELECT rec FROM check_in WHERE notes LIKE ?1"},
                                     {"params", Json::Array{Json("%" + std::string(word))}}})));
    return found["rows"].array()->size();
}

Result<std::vector<Json>> Demo::quarantine_of(Device& device) {
    TRELLIS_TRY(const auto reply, device.call(request("quarantine")));
    return *reply["quarantine"].array();
}

Result<void> Demo::show_quarantine() {
    TRELLIS_TRY(const auto waiting, quarantine_of(*centre_));
    clients::TextTable table({"Waits for a decision", "from", "why"});
    for (const auto& each : waiting) {
        table.add({std::to_string(number_in(each, "changes")) + " change",
                   name_of_device(text_in(each, "device")), text_in(each, "reason")});
    }
    stage_.show(table);
    return {};
}

Result<void> Demo::sync_centre() {
    for (int round = 0; round < 2; ++round) {
        for (auto* device : {centre_.get(), desk_.get()}) {
            TRELLIS_TRY(const auto done, device->call(request("sync")));
            static_cast<void>(done);
        }
    }
    return {};
}

Result<void> Demo::promise_equal_digests(std::initializer_list<Device*> of,
                                         std::string_view text) {
    std::set<std::string> digests;
    for (auto* device : of) {
        TRELLIS_TRY(const auto reply, device->call(request("digest", {{"space", space_}})));
        digests.insert(text_in(reply, "digest"));
    }
    stage_.promise(digests.size() == 1, text);
    return {};
}

Result<void> Demo::lose_a_tablet() {
    stage_.title("Second act: what goes wrong in a year");
    TRELLIS_DO(run_trellisd({"backup", path("last-week.db")}));
    stage_.say("The server is backed up, as every week.");
    stage_.step(7, "Ben's tablet is lost, with a visit on it that nobody has seen yet.");
    TRELLIS_DO(note(*ben_, last_visit));
    TRELLIS_TRY(const auto removed, centre_->call(request("revoke", {{"device", id_of("Ben")}})));
    static_cast<void>(removed);
    TRELLIS_DO(note(*centre_, after_the_loss));
    TRELLIS_DO(sync_centre());
    stage_.say("The centre removes it, and goes on writing. Somebody finds the tablet, and it");
    stage_.say("finds a network:");
    TRELLIS_TRY(const auto handed_in, ben_->ask(request("sync")));
    TRELLIS_DO(sync_centre());
    TRELLIS_TRY(const auto leaked, notes_of(*ben_, after_the_loss));
    stage_.promise(leaked == 0, "It receives nothing of what was written after it was removed.");
    TRELLIS_DO(show_quarantine());
    TRELLIS_TRY(const auto waiting, quarantine_of(*centre_));
    TRELLIS_TRY(const auto before, notes_of(*centre_, last_visit));
    stage_.promise(number_in(handed_in, "sent") > 0 && waiting.size() == 1 && before == 0,
                   "The visit it hands in is kept, and counts for nobody before a person says so.");
    if (waiting.empty()) return {};
    TRELLIS_TRY(const auto adopted,
                centre_->call(request("adopt", {{"ids", Json::Array{waiting[0]["id"]}}})));
    static_cast<void>(adopted);
    TRELLIS_DO(sync_centre());
    TRELLIS_TRY(const auto here, notes_of(*centre_, last_visit));
    TRELLIS_TRY(const auto there, notes_of(*desk_, last_visit));
    stage_.promise(here == 1 && there == 1,
                   "The centre knows Ben's hand and adopts it: both desks show the visit.");
    return {};
}

Result<void> Demo::lose_a_liaison() {
    stage_.step(8, "Ana leaves in anger, and writes a note under last month's date.");
    TRELLIS_TRY(const auto removed, centre_->call(request("revoke", {{"device", id_of("Ana")}})));
    static_cast<void>(removed);
    TRELLIS_DO(sync_centre());
    TRELLIS_TRY(const auto turned,
                ana_->call(request("clock", {{"offset_ms", Json(-month_ms)}})));
    static_cast<void>(turned);
    TRELLIS_DO(note(*ana_, claimed_date));
    TRELLIS_TRY(const auto pushed, ana_->ask(request("sync")));
    static_cast<void>(pushed);
    TRELLIS_DO(sync_centre());
    TRELLIS_DO(show_quarantine());
    TRELLIS_TRY(const auto waiting, quarantine_of(*centre_));
    TRELLIS_TRY(const auto here, notes_of(*centre_, claimed_date));
    TRELLIS_TRY(const auto there, notes_of(*desk_, claimed_date));
    stage_.promise(waiting.size() == 1 && here == 0 && there == 0,
                   "No date helps: it stays aside, on every device, for as long as nobody adopts it.");
    return promise_equal_digests({centre_.get(), desk_.get()},
                                 "Both desks agree to the last digit.");
}

Result<void> Demo::restore_last_week() {
    stage_.step(9, "The server's disk dies; last week's backup is all there is.");
    TRELLIS_DO(stop_server());
    TRELLIS_DO(run_trellisd({"restore", path("last-week.db")}));
    TRELLIS_DO(start_server());
    stage_.say("It knows nothing of the loss, of the leaving, of what was written since. The two");
    stage_.say("desks sync as on any day:");
    TRELLIS_DO(sync_centre());
    TRELLIS_TRY(auto dora, join_one("Dora", "dora.db", "liaison", "north"));
    TRELLIS_TRY(const auto visit, notes_of(*dora, last_visit));
    TRELLIS_TRY(const auto later, notes_of(*dora, after_the_loss));
    stage_.promise(visit == 1 && later == 1,
                   "A new tablet, which only ever met the restored server, has all of it.");
    TRELLIS_DO(promise_equal_digests({centre_.get(), desk_.get(), dora.get()},
                                     "Three devices, one digest."));
    TRELLIS_TRY(const auto alarms, centre_->call(request("alarms")));
    for (const auto& each : *alarms["alarms"].array()) {
        stage_.say(stage_.out().paint(clients::Colour::yellow, "The centre notes: ") +
                   clients::tame(text_in(each, "message")));
    }
    if (!dora->close()) return Error{Code::internal, "Dora's repl ended badly"};
    return {};
}

/// The same search as in the first act, with what the second one wrote.
Result<void> Demo::search_again() {
    Search search({std::string(last_visit), std::string(after_the_loss),
                   std::string(claimed_date), "Brambleford"});
    std::uint64_t total = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path("server"))) {
        TRELLIS_TRY(const auto size, search.add_file(entry.path().string()));
        total += size;
    }
    TRELLIS_TRY(const auto size, search.add_file(path("last-week.db")));
    stage_.promise(search.found().empty(),
                   "And the server, its backup and its logs, " + size_text(total + size) +
                       " by now, still hold not a word.");
    return {};
}

}  // namespace trellis::demo
