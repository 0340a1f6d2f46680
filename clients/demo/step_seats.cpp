// SPDX-License-Identifier: Apache-2.0
// Second act, step 10: two people share a tablet, and one of them has forgotten her PIN.
#include "clients/cli/database_file.hpp"
#include "clients/demo/demo.hpp"

namespace trellis::demo {
namespace {

constexpr std::string_view locked_in = "Brambleford";

constexpr std::chrono::minutes patience{2};

}  // namespace

/// What a command answers with --json, a refusal too.
Result<Json> Demo::run_trellis(std::vector<std::string> words) {
    Process::Order order;
    order.words = {options_.trellis};
    words.insert(words.end(), {"--json", "--ca-file", path("certificate.pem")});
    order.words.insert(order.words.end(), words.begin(), words.end());
    order.error_file = path("seats.log");
    TRELLIS_TRY(auto program, Process::start(order));
    TRELLIS_TRY(const auto line, program->read_line(patience));
    static_cast<void>(program->wait());
    return parse_json(line);
}

Result<Json> Demo::in_seats(std::vector<std::string> words, std::string_view pin_file) {
    words.insert(words.end(), {"--seats", path("seats"), "--pin-file", path(std::string(pin_file))});
    return run_trellis(std::move(words));
}

Result<void> Demo::make_seats() {
    for (const auto& [file, pin] : {std::pair{"cara.pin", "the green bicycle by the gate"},
                                    std::pair{"dev.pin", "three owls on a tall chimney"},
                                    std::pair{"wrong.pin", "the green bicycle by the wall"},
                                    std::pair{"new.pin", "a kettle sings in the kitchen"}}) {
        TRELLIS_DO(clients::write_file(path(file), as_bytes(pin), true));
    }
    TRELLIS_TRY(const auto cara, in_seats({"seats", "add", "Cara"}, "cara.pin"));
    TRELLIS_TRY(const auto dev, in_seats({"seats", "add", "Dev"}, "dev.pin"));
    TRELLIS_TRY(const auto invite, make_invite("liaison"));
    TRELLIS_TRY(const auto joined, in_seats({"--seat", "Cara", "join", invite, "--name", "Cara"},
                                            "cara.pin"));
    stage_.promise(text_in(cara, "tier") == "strong" && text_in(dev, "tier") == "strong" &&
                       joined["ok"] == Json(true),
                   "Cara and Dev have a seat each on one tablet, under pass-phrases of their own.");
    return {};
}

Result<void> Demo::forget_a_pin() {
    stage_.step(10, "Cara writes on a shared tablet, locks it, and forgets her pass-phrase.");
    TRELLIS_DO(make_seats());
    TRELLIS_TRY(const auto written,
                in_seats({"--seat", "Cara", "put", "check_in", "method=phone", "status=complete",
                          "household=" + family_, "notes=Visited at " + std::string(locked_in)},
                         "cara.pin"));
    TRELLIS_TRY(const auto refused, in_seats({"seats", "unlock", "Cara"}, "wrong.pin"));
    stage_.promise(text_in(written, "ack") == "L0" && text_in(refused, "code") == "wrong_key",
                   "Her visit is saved; a wrong pass-phrase opens nothing.");
    TRELLIS_TRY(const auto uploaded, in_seats({"seats", "upload"}, "wrong.pin"));
    TRELLIS_DO(sync_centre());
    TRELLIS_TRY(const auto here, notes_of(*centre_, locked_in));
    stage_.promise(number_in(uploaded, "sent") > 0 && here == 1,
                   "With everybody locked out, the tablet hands her sealed visit in: the centre "
                   "reads it.");
    return rescue_cara();
}

Result<void> Demo::rescue_cara() {
    TRELLIS_TRY(const auto asked, in_seats({"seats", "rescue-request", "Cara"}, "wrong.pin"));
    // The supervisor's device answers; one program at a time has its database.
    if (!centre_->close()) return Error{Code::internal, "the centre's repl ended badly"};
    TRELLIS_TRY(const auto answer, run_trellis({"seats", "rescue-answer", text_in(asked, "request"),
                                                "--db", centre_->database()}));
    TRELLIS_DO(centre_->open());
    stage_.say("Her supervisor reads a code from her screen, and eight digits by telephone: " +
               text_in(asked, "spoken"));
    TRELLIS_TRY(const auto finished,
                in_seats({"seats", "rescue-finish", "Cara", text_in(answer, "answer")}, "new.pin"));
    TRELLIS_TRY(const auto found,
                in_seats({"--seat", "Cara", "query", "SELECT rec FROM check_in WHERE notes LIKE '%" +
                                                         std::string(locked_in) + "'"},
                         "new.pin"));
    const auto* rows = found["rows"].array();
    stage_.promise(text_in(asked, "spoken") == text_in(answer, "spoken") &&
                       text_in(finished, "tier") == "strong" && rows != nullptr &&
                       rows->size() == 1,
                   "With the answer she sets a new one, offline, and everything is there.");
    TRELLIS_TRY(const auto other, in_seats({"--seat", "Cara", "spaces"}, "dev.pin"));
    stage_.promise(text_in(other, "code") == "wrong_key",
                   "Dev's pass-phrase still opens Dev's seat only.");
    return {};
}

}  // namespace trellis::demo
