// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/commands_seats.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <iterator>

#include "clients/cli/desk.hpp"
#include "clients/cli/pin_entry.hpp"
#include "clients/cli/qr.hpp"
#include "clients/cli/recovery_page.hpp"
#include "clients/cli/seat_guard.hpp"
#include "clients/cli/seat_upload.hpp"
#include "clients/cli/table_print.hpp"

namespace trellis::clients {
namespace {

/// What deriving a key from a PIN may take on this device.
constexpr std::int64_t pin_time_ms = 400;

struct SeatWords {
    std::string name;
    std::string code;
    std::string out;
    std::string org_name;
    bool no_rescue = false;
    bool qr = false;
};

/// What a command for seats works with.
struct Context {
    const CommonOptions& options;
    const SeatWords& words;
    SeatDesk& desk;
    Terminal out;

    [[nodiscard]] Seats& seats() const { return desk.seats(); }
    void say(const std::string& text) const {
        if (!options.json) out.print(text + "\n");
    }
    void reply(Json json) const {
        if (!options.json) return;
        json.set("ok", true);
        out.print(print_json(json) + "\n");
    }
};

std::string words_of(crypto::PinTier tier) {
    switch (tier) {
        case crypto::PinTier::strong: return "strong: the passphrase alone protects this seat";
        case crypto::PinTier::hardware: return "hardware: the PIN counts on this device only";
        case crypto::PinTier::curious: break;
    }
    return "curious: this device keeps no keys in hardware, so a short PIN keeps out colleagues "
           "and not a thief with time; a passphrase of 15 letters or more does";
}

void show_code(const Context& context, const std::string& text) {
    context.say(text + "\n");
    if (!context.words.qr && context.words.out.empty()) return;
    if (const auto code = make_qr(text); code && !context.options.json) {
        context.out.print(terminal_text(*code));
    }
}

Result<void> add(const Context& context) {
    TRELLIS_TRY(const auto pin, ask_new_pin(context.options.pin_file));
    const auto cost = crypto::calibrate(pin_time_ms, context.desk.env());
    TRELLIS_TRY(const auto added, context.seats().add(context.words.name, pin, cost,
                                                      !context.words.no_rescue));
    Json reply;
    reply.set("seat", added.id.hex());
    reply.set("tier", std::string(to_string(added.tier)));
    context.reply(reply);
    context.say("Made the seat " + tame(context.words.name) + " (" +
                short_id(added.id.hex()) + ").\nProtection: " + words_of(added.tier) + ".");
    context.say("Next: trellis --seat \"" + tame(context.words.name) + "\" join INVITE");
    return {};
}

std::string state_of(const SeatInfo& seat) {
    if (!seat.has_vault) return seat.can_be_rescued ? "needs a rescue" : "closed";
    if (seat.wait_ms > 0) return "wait " + std::to_string((seat.wait_ms + 999) / 1000) + " s";
    return std::to_string(seat.attempts_left) + " attempts";
}

Result<void> list(const Context& context) {
    TRELLIS_TRY(const auto all, context.seats().list());
    Json reply;
    Json seats{Json::Array{}};
    TextTable table({"id", "seat", "PIN", "rescue", "sealed work"});
    for (const auto& seat : all) {
        Json one;
        one.set("seat", seat.id.hex());
        one.set("name", seat.label);
        one.set("vault", seat.has_vault);
        one.set("attempts_left", std::int64_t{seat.attempts_left});
        one.set("wait_ms", seat.wait_ms);
        one.set("rescue", seat.can_be_rescued);
        one.set("bag", seat.has_bag);
        seats.push(std::move(one));
        table.add({short_id(seat.id.hex()), seat.label, state_of(seat),
                   seat.can_be_rescued ? "yes" : "no", seat.has_bag ? "waits" : ""});
    }
    reply.set("seats", std::move(seats));
    context.reply(reply);
    context.say(table.text(context.out));
    return {};
}

/// Opens the seat and leaves it as a lock does: proves the PIN, seals, packs the bag.
Result<void> unlock(const Context& context) {
    TRELLIS_TRY(const auto id, context.seats().find(context.words.name));
    TRELLIS_TRY(const auto pin, ask_pin(context.options.pin_file, "PIN"));
    auto& env = context.desk.env();
    const auto start = env.monotonic_time();
    TRELLIS_TRY(auto seat, context.seats().unlock(id, pin));
    const auto opened = env.monotonic_time();
    const bool is_older = seat->is_older_copy;
    TRELLIS_DO(context.seats().lock(std::move(seat)));
    const auto locked = env.monotonic_time();
    Json reply;
    reply.set("unlock_ms", opened - start);
    reply.set("lock_ms", locked - opened);
    reply.set("older_copy", is_older);
    context.reply(reply);
    if (is_older) context.say("These records are an older copy: somebody set this device back.");
    context.say("The PIN is right. Unlocked in " + std::to_string(opened - start) +
                " ms, sealed and locked in " + std::to_string(locked - opened) + " ms.");
    return {};
}

Result<void> destroy(const Context& context) {
    TRELLIS_TRY(const auto id, context.seats().find(context.words.name));
    TRELLIS_DO(context.seats().destroy(id));
    context.reply(Json{Json::Object{}});
    context.say("The seat's keys and records are gone. Sealed work stays until it is uploaded.");
    return {};
}

Result<void> upload(const Context& context) {
    TRELLIS_TRY(const auto all, context.seats().list());
    std::int64_t sent = 0;
    for (const auto& seat : all) {
        if (!seat.has_bag || (!context.words.name.empty() && seat.label != context.words.name)) {
            continue;
        }
        TRELLIS_TRY(const auto count, upload_bag(context.seats(), seat.id, context.options,
                                                 context.desk.env()));
        sent += static_cast<std::int64_t>(count);
    }
    Json reply;
    reply.set("sent", sent);
    context.reply(reply);
    context.say("The relay has " + std::to_string(sent) + " more sealed envelopes.");
    return {};
}

Result<void> rescue_request(const Context& context) {
    TRELLIS_TRY(const auto id, context.seats().find(context.words.name));
    TRELLIS_TRY(const auto asked, context.seats().ask_rescue(id));
    Json reply;
    reply.set("request", asked.request);
    reply.set("spoken", asked.spoken);
    context.reply(reply);
    show_code(context, asked.request);
    context.say("Give this to a supervisor. Compare by voice: " + asked.spoken);
    context.say("The supervisor: trellis seats rescue-answer CODE");
    return {};
}

Result<void> rescue_finish(const Context& context) {
    TRELLIS_TRY(const auto id, context.seats().find(context.words.name));
    TRELLIS_TRY(const auto pin, ask_new_pin(context.options.pin_file));
    const auto cost = crypto::calibrate(pin_time_ms, context.desk.env());
    TRELLIS_TRY(const auto tier, context.seats().finish_rescue(id, context.words.code, pin, cost));
    Json reply;
    reply.set("tier", std::string(to_string(tier)));
    context.reply(reply);
    context.say("The seat has a new PIN; everything is there. Protection: " + words_of(tier) + ".");
    return {};
}

/// On the supervisor's device: with an ordinary database, or in a seat of their own.
Result<void> rescue_answer(CommonOptions& options, const SeatWords& words) {
    TRELLIS_TRY(const auto request, crypto::parse_rescue_request(words.code));
    TRELLIS_TRY(const auto guard, SeatGuard::open(options));
    TRELLIS_TRY(const auto desk, Desk::open(options, Desk::Opening::existing));
    auto& replica = desk->verbs().replica();
    TRELLIS_TRY(const auto answer,
                crypto::answer_rescue(request, replica.org(), replica.device(),
                                      replica.device_key().box(), desk->host().env()));
    Json reply;
    reply.set("ok", true);
    reply.set("answer", answer);
    reply.set("spoken", crypto::spoken_code(request));
    if (!desk->print_json_reply(reply)) {
        desk->say("Only where you know who asks, and their screen shows: " +
                  crypto::spoken_code(request) + "\n");
        desk->say(answer + "\n");
        desk->say("On their device: trellis seats rescue-finish NAME CODE");
    }
    return guard == nullptr ? Result<void>{} : guard->put_away(replica);
}

/// The sheets come on standard input: they are kept nowhere.
Result<void> page(const CommonOptions& options, const SeatWords& words) {
    std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    const auto sheets = split_sheets(text);
    TRELLIS_TRY(const auto html, recovery_page(words.org_name, sheets));
    TRELLIS_DO(write_file(words.out, as_bytes(html), true));
    if (!options.json) {
        std::printf("%zu sheets in %s: print it, then delete the file.\n", sheets.size(),
                    words.out.c_str());
    }
    return {};
}

struct SeatCommand {
    const char* name;
    const char* summary;
    Result<void> (*run)(const Context& context);
    bool has_name = true;
    bool has_code = false;
};

constexpr SeatCommand seat_commands[] = {
    {"add", "Make a seat for one more person on this device", &add},
    {"list", "Who has a seat here", &list, false},
    {"unlock", "Try a PIN: open the seat, seal its work, lock it", &unlock},
    {"lock", "Seal what is not sealed and pack it for upload", &unlock},
    {"upload", "Hand in the sealed work of locked seats", &upload, true},
    {"destroy", "Erase a seat's keys and records; sealed work stays", &destroy},
    {"rescue-request", "A code by which a supervisor can give a seat a new PIN", &rescue_request},
    {"rescue-finish", "Take a supervisor's answer and set a new PIN", &rescue_finish, true, true},
};

void add_options(CLI::App& app, CommonOptions& options) {
    app.add_option("--seats", options.seats, "the folder of this device's seats; else "
                                             "$TRELLIS_SEATS, else ~/.trellis/seats");
    app.add_option("--seat", options.seat, "run the command in this seat");
    app.add_option("--pin-file", options.pin_file, "its first line is the PIN; - is the standard "
                                                   "input; without it the terminal is asked");
}

}  // namespace

struct SeatCommands::Words : SeatWords {};

SeatCommands::SeatCommands(CLI::App& app, CommonOptions& options)
    : app_(app), options_(options), words_(std::make_unique<Words>()) {
    add_options(app, options);
    auto* seats = app.add_subcommand("seats", "The people who share this device");
    seats->group("Seats")->require_subcommand(1)->fallthrough();
    auto& words = *words_;
    const auto common = [&](CLI::App* sub) {
        sub->fallthrough();
        sub->add_flag("--json", options.json, "print the reply as one line of JSON");
        sub->add_flag("--verbose", options.verbose, "events on standard error");
        sub->add_option("--schema", options.schema_file, "a schema of the district's own");
        sub->add_option("--ca-file", options.ca_file, "whom to trust, in PEM");
        return sub;
    };
    for (const auto& command : seat_commands) {
        auto* sub = common(seats->add_subcommand(command.name, command.summary));
        if (command.has_name) {
            auto* name = sub->add_option("name", words.name, "whose");
            if (command.run != &upload) name->required();
        }
        if (command.has_code) sub->add_option("code", words.code, "the code")->required();
        if (command.run == &add) {
            sub->add_flag("--no-rescue", words.no_rescue, "no supervisor may give a new PIN");
        }
        if (command.run == &rescue_request) {
            sub->add_flag("--qr", words.qr, "for a camera too");
        }
    }
    auto* answer = common(seats->add_subcommand("rescue-answer", "Answer a seat that forgot its "
                                                                 "PIN"));
    answer->add_option("code", words.code, "the request")->required();
    answer->add_option("--db", options.database, "this supervisor's database");
    answer->add_option("--key-file", options.key_file, "32 bytes, or 64 hexadecimal digits");
    auto* print = common(app.add_subcommand("recovery-page", "Lay recovery sheets out for print"));
    print->group("Organisation");
    print->add_option("--out", words.out, "the page to write, such as sheets.html")->required();
    print->add_option("--org", words.org_name, "what to call the organisation on it");
}

SeatCommands::~SeatCommands() = default;

bool SeatCommands::was_given() const {
    return app_.got_subcommand("seats") || app_.got_subcommand("recovery-page");
}

int SeatCommands::run() {
    const auto finish = [this](const Result<void>& done) {
        return done ? 0 : complain(done.error(), options_);
    };
    if (app_.got_subcommand("recovery-page")) return finish(page(options_, *words_));
    const auto* seats = app_.get_subcommand("seats");
    if (seats->got_subcommand("rescue-answer")) return finish(rescue_answer(options_, *words_));
    auto desk = SeatDesk::open(options_);
    if (!desk) return complain(desk.error(), options_);
    const Context context{options_, *words_, **desk, Terminal(stdout, !options_.no_color)};
    for (const auto& command : seat_commands) {
        if (seats->got_subcommand(command.name)) return finish(command.run(context));
    }
    return 2;
}

}  // namespace trellis::clients
