// SPDX-License-Identifier: Apache-2.0
#include "clients/demo/device.hpp"

namespace trellis::demo {
namespace {

constexpr std::chrono::minutes patience{5};

}  // namespace

Result<void> Device::open() {
    Process::Order order;
    order.words = {place_.program, "repl", "--db", database(), "--ca-file", place_.ca_file};
    order.error_file = error_file();
    TRELLIS_TRY(repl_, Process::start(order));
    return {};
}

bool Device::close() {
    if (repl_ == nullptr) return true;
    const bool is_well = repl_->wait() == 0;
    repl_.reset();
    return is_well;
}

Result<Json> Device::ask(const Json& request) {
    const auto line = print_json(request);
    TRELLIS_DO(repl_->write_line(line));
    TRELLIS_TRY(const auto answer, repl_->read_line(patience));
    TRELLIS_TRY(Json reply, parse_json(answer));
    if (reply.has("ack")) written_bytes_ += line.size();
    return reply;
}

Result<Json> Device::call(const Json& request) {
    TRELLIS_TRY(Json reply, ask(request));
    if (reply["ok"] == Json(true)) return reply;
    return Error{code_from_string(text_in(reply, "code")),
                 person_ + ", " + text_in(request, "op") + ": " + text_in(reply, "message")};
}

Json object(std::initializer_list<std::pair<const char*, Json>> members) {
    Json json{Json::Object{}};
    for (const auto& [name, value] : members) json.set(name, value);
    return json;
}

Json request(std::string_view op, std::initializer_list<std::pair<const char*, Json>> members) {
    Json json = object(members);
    json.set("op", op);
    return json;
}

std::string text_in(const Json& json, std::string_view name) {
    const auto* text = json[name].string();
    return text == nullptr ? "" : *text;
}

std::int64_t number_in(const Json& json, std::string_view name) {
    const auto* number = json[name].integer();
    return number == nullptr ? 0 : *number;
}

}  // namespace trellis::demo
