// SPDX-License-Identifier: Apache-2.0
// Syncing, and how far things have come.
#include <ctime>

#include "clients/cli/command.hpp"
#include "clients/cli/field_text.hpp"
#include "clients/cli/table_print.hpp"

namespace trellis::clients {
namespace {

constexpr std::int64_t quick_ms = 10'000;

std::string number_in(const Json& json, std::string_view name) {
    const auto* number = json[name].integer();
    return number == nullptr ? "0" : std::to_string(*number);
}

/// When this device last talked with the relay is nobody else's business: a note beside the
/// database.
std::string note_path(const Desk& desk) { return desk.path() + ".synced"; }

void note_sync(Desk& desk) {
    const auto now = std::to_string(desk.host().env().wall_time());
    // Without it only `status` knows less.
    static_cast<void>(write_file(note_path(desk), as_bytes(now)));
}

std::string last_sync(Desk& desk) {
    const auto note = read_file(note_path(desk));
    if (!note) return "never";
    const auto json = parse_json(as_text(*note));
    const auto* time = json ? json->integer() : nullptr;
    return time == nullptr ? "never" : text_of_instant(*time);
}

Result<Json> pass(Desk& desk, std::int64_t deadline_ms) {
    Progress progress("syncing: changes received", !desk.options().no_color);
    desk.host().on_progress = [&progress](const sync::SessionProgress& now) {
        progress.show(now.changes, 0);
    };
    Json request = verb("sync");
    request.set("deadline_ms", deadline_ms);
    auto reply = desk.call(request);
    desk.host().on_progress = nullptr;
    if (reply) note_sync(desk);
    return reply;
}

void tell_events(Desk& desk, const Json& reply) {
    if (reply["events"].array() == nullptr) return;
    for (const auto& each : *reply["events"].array()) {
        desk.say(desk.out().paint(Colour::yellow, "  ! ") + tame(text_in(each, "message")));
    }
}

Result<void> sync(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(const auto reply, pass(desk, arguments.seconds * 1000));
    if (desk.print_json_reply(reply)) return {};
    desk.say(desk.out().paint(Colour::green, "In sync.") + " Sent " + number_in(reply, "sent") +
             " envelopes (" + number_in(reply, "bytes_up") + " bytes), received " +
             number_in(reply, "received") + " (" + number_in(reply, "bytes_down") +
             " bytes) with " + number_in(reply, "changes") + " changes.");
    tell_events(desk, reply);
    return {};
}

struct Counts {
    std::int64_t saved = 0;   ///< on this device only
    std::int64_t stored = 0;  ///< and on the server
    std::int64_t seen = 0;    ///< and by another device
};

/// Own writes of one space by how far they have come.
Result<Counts> count_own(Desk& desk, const SpaceId& id) {
    auto& replica = desk.verbs().replica();
    const auto* state = replica.store().spaces.find(id);
    if (state == nullptr) return Counts{};
    TRELLIS_TRY(const auto version, replica.version(id));
    Counter last = 0;
    for (const auto& actor : replica.store().actors.all()) {
        const bool is_own = actor.space == state->index && actor.device == replica.device() &&
                            actor.incarnation == state->own;
        if (is_own) last = version.counter(actor.id);
    }
    Counts counts;
    counts.seen = static_cast<std::int64_t>(std::min(state->seen, last));
    counts.stored = static_cast<std::int64_t>(std::min(state->stored, last)) - counts.seen;
    counts.saved = static_cast<std::int64_t>(last) - counts.stored - counts.seen;
    return counts;
}

Result<Json> own_by_space(Desk& desk) {
    TRELLIS_TRY(const auto spaces, desk.call(verb("spaces")));
    Json list{Json::Array{}};
    for (auto each : *spaces["spaces"].array()) {
        const auto id = SpaceId::parse(text_in(each, "space"));
        if (!id) continue;
        TRELLIS_TRY(const auto counts, count_own(desk, *id));
        each.set("L0", counts.saved);
        each.set("L1", counts.stored);
        each.set("L2", counts.seen);
        list.push(std::move(each));
    }
    return list;
}

Result<void> status(Desk& desk, const Arguments& /*unused*/) {
    TRELLIS_TRY(Json reply, desk.call(verb("stats")));
    TRELLIS_TRY(const auto hello, desk.call(verb("hello")));
    TRELLIS_TRY(Json spaces, own_by_space(desk));
    TRELLIS_TRY(const auto conflicts, desk.call(verb("conflicts")));
    TRELLIS_TRY(const auto reviews, desk.call(verb("reviews")));
    reply.set("database", desk.path());
    reply.set("server", desk.verbs().replica().url());
    reply.set("device", hello["device"]);
    reply.set("spaces", spaces);
    reply.set("conflicts", std::uint64_t{conflicts["conflicts"].array()->size()});
    reply.set("reviews", std::uint64_t{reviews["reviews"].array()->size()});
    reply.set("last_sync", last_sync(desk));
    if (desk.print_json_reply(reply)) return {};
    TextTable facts({"", ""});
    facts.add({"Database", desk.path()});
    facts.add({"Server", text_in(reply, "server")});
    facts.add({"This device", desk.name_of_device(text_in(hello, "device"))});
    facts.add({"Last sync", last_sync(desk)});
    if (hello.has("recovery_waiting")) {
        facts.add({"Recovery sheets",
                   {"not printed yet: trellis recovery-sheets", Colour::yellow}});
    }
    facts.add({"Records", number_in(reply, "records")});
    const bool waits = number_in(reply, "pending") != "0";
    facts.add({"Waiting to be sent", {number_in(reply, "pending"),
                                      waits ? Colour::yellow : Colour::green}});
    facts.add({"Conflicts to settle", number_in(reply, "conflicts")});
    facts.add({"Deleted, then edited", number_in(reply, "reviews")});
    desk.say(facts.text(desk.out()));
    TextTable table({"space", "your writes: here only", "on the server", "seen by others"});
    for (const auto& each : *spaces.array()) {
        table.add({text_in(each, "name"), number_in(each, "L0"), number_in(each, "L1"),
                   number_in(each, "L2")});
    }
    desk.say(table.text(desk.out()));
    return {};
}

Result<void> acks(Desk& desk, const Arguments& arguments) {
    Json request = verb("acks");
    Json dots{Json::Array{}};
    for (const auto& word : arguments.words) dots.push(word);
    request.set("dots", std::move(dots));
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (desk.print_json_reply(reply)) return {};
    TextTable table({"change", "has come"});
    for (const auto& [dot, level] : *reply["acks"].object()) {
        const auto name = *level.string();
        table.add({dot, name == "L2" ? "to another device" : name == "L1" ? "to the server"
                                                                          : "to this device"});
    }
    desk.say(table.text(desk.out()));
    return {};
}

Result<void> bundle(Desk& desk, const Arguments& arguments) {
    Json request = verb("bundle");
    TRELLIS_TRY(const auto space, desk.space(arguments.space));
    request.set("space", space);
    request.set("path", arguments.path);
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (desk.print_json_reply(reply)) return {};
    desk.say("Wrote " + number_in(reply, "envelopes") + " sealed envelopes (" +
             number_in(reply, "bytes") + " bytes) to " + arguments.path + ".");
    return {};
}

Result<void> apply(Desk& desk, const Arguments& arguments) {
    Json request = verb("apply");
    request.set("path", arguments.path);
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (desk.print_json_reply(reply)) return {};
    desk.say("Took in " + number_in(reply, "changes") + " changes from " + arguments.path + ".");
    return {};
}

}  // namespace

void sync_if_possible(Desk& desk) {
    const auto reply = pass(desk, quick_ms);
    if (reply) return desk.say(desk.out().paint(Colour::faint, "Sent to the server."));
    const Terminal err(stderr, !desk.options().no_color);
    err.print("trellis: not sent to the server yet (" + tame(reply.error().message) +
              "): `trellis sync` does it later\n");
}

const std::vector<Command>& sync_commands() {
    using A = Arguments;
    constexpr auto group = "Syncing";
    constexpr auto existing = Desk::Opening::existing;
    static const std::vector<Command> commands = {
        {"sync", group, "Send and receive until nothing is left", existing,
         {{"--seconds", "how long to try", &A::seconds}}, &sync},
        {"status", group, "Show spaces, what waits, and how far your writes have come", existing,
         {}, &status},
        {"acks", group, "Show how far changes have come", existing,
         {{"change", "as a write answered it, with --json", &A::words, true}}, &acks},
        {"bundle", group, "Write a space's sealed envelopes to a file for a courier", existing,
         {{"path", "the file", &A::path, true}, {"--space", "the space", &A::space}}, &bundle},
        {"apply", group, "Take such a file in", existing,
         {{"path", "the file", &A::path, true}}, &apply},
    };
    return commands;
}

}  // namespace trellis::clients
