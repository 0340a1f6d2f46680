// SPDX-License-Identifier: Apache-2.0
// `trellis watch`: rows on the screen that stay true, until Control-C.
#include <csignal>

#include "clients/cli/command.hpp"
#include "clients/cli/field_text.hpp"
#include "clients/cli/row_print.hpp"

namespace trellis::clients {
namespace {

constexpr std::chrono::milliseconds turn{250};
volatile std::sig_atomic_t is_over = 0;

Result<Json> request_of(Desk& desk, const Arguments& arguments, const core::Type& type) {
    Json list{Json::Object{}};
    list.set("type", type.name);
    if (!arguments.space.empty()) {
        TRELLIS_TRY(const auto space, desk.space(arguments.space));
        list.set("space", space);
    }
    TRELLIS_TRY(Json where, fields_of_words(desk, type.fields, type.name, arguments.where));
    if (!where.object()->empty()) list.set("where", std::move(where));
    if (!arguments.order.empty()) list.set("order", arguments.order);
    if (arguments.limit > 0) list.set("limit", arguments.limit);
    return list;
}

void draw(Desk& desk, const core::Type& type, const Json& request, const std::string& line) {
    Json list = request;
    list.set("op", "list");
    const auto reply = desk.call(list);
    if (!reply) return;
    const auto& out = desk.out();
    const std::string clear = out.is_terminal() ? "\x1b[H\x1b[2J" : "";
    out.print(clear + out.paint(Colour::bold, type.label) + "  " +
              out.paint(Colour::faint, line + "; Control-C ends") + "\n\n" +
              text_of_rows(desk, type, (*reply)["rows"]) + "\n");
}

std::string word_about(const Json& event) {
    const auto* connected = event["connected"].boolean();
    if (connected != nullptr && *connected) return "in sync";
    const auto message = text_in(event, "message");
    return "not connected" + (message.empty() ? "" : " (" + tame(message) + ")");
}

}  // namespace

Result<void> run_watch(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(const auto* type, type_named(desk, arguments.type));
    TRELLIS_TRY(const auto list, request_of(desk, arguments, *type));
    Json watch = list;
    watch.set("op", "watch");
    desk.host().on_event = [&desk](Json event) { desk.verbs().push_event(std::move(event)); };
    std::signal(SIGINT, [](int) { is_over = 1; });
    std::signal(SIGTERM, [](int) { is_over = 1; });
    TRELLIS_TRY(const auto first, desk.call(watch));
    TRELLIS_DO(desk.call(verb("sync_start")));
    std::string line = "connecting";
    if (!desk.print_json_reply(first)) draw(desk, *type, list, line);
    while (is_over == 0) {
        desk.host().loop().run_until([] { return is_over != 0; }, turn);
        bool is_stale = false;
        while (auto event = desk.verbs().next_event()) {
            desk.print_json_reply(*event);
            const auto before = line;
            if (text_in(*event, "event") == "sync") line = word_about(*event);
            is_stale = is_stale || text_in(*event, "event") == "rows" || line != before;
        }
        if (is_stale && !desk.options().json) draw(desk, *type, list, line);
    }
    desk.host().stop_live();
    return {};
}

}  // namespace trellis::clients
