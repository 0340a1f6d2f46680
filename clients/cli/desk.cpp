// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/desk.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

namespace trellis::clients {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t short_max = 8;
constexpr std::size_t id_digits = 32;
constexpr std::size_t device_digits = 4;
constexpr std::size_t prefix_digits = 20;  ///< of a record's id: who made it

bool is_hex(std::string_view words) {
    return !words.empty() && std::all_of(words.begin(), words.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
}

/// The folder of a new database, for its owner only.
Result<void> make_folder(const std::string& path) {
    const auto folder = fs::path(path).parent_path();
    std::error_code failure;
    if (folder.empty() || fs::exists(folder, failure)) return {};
    fs::create_directories(folder, failure);
    if (failure) {
        return Error{Code::denied,
                     "making the folder " + folder.string() + ": " + failure.message()};
    }
    fs::permissions(folder, fs::perms::owner_all, failure);
    return {};
}

/// What a LIKE finds of a short name: "66bc-1f" is a record that 66bc… numbered 0x1f.
Result<std::string> pattern_of(const std::string& words) {
    const auto dash = words.find('-');
    const auto first = words.substr(0, dash);
    const auto number = dash == std::string::npos ? "" : words.substr(dash + 1);
    const bool is_short = dash == device_digits && is_hex(first) && is_hex(number) &&
                          number.size() <= id_digits - prefix_digits;
    if (is_short) {
        return first + "%" + std::string(id_digits - prefix_digits - number.size(), '0') + number;
    }
    if (is_hex(words) && words.size() >= device_digits && words.size() <= id_digits) {
        return words + "%";
    }
    return Error{Code::invalid, "'" + words + "' names no record: give its id or the first four or "
                                "more digits of it, as the lists show them"};
}

}  // namespace

Result<std::unique_ptr<Desk>> Desk::open(const CommonOptions& options, Opening opening) {
    auto desk = std::unique_ptr<Desk>(new Desk(options));
    auto file = database_of(options);
    desk->path_ = file.path;
    if (opening == Opening::existing && !fs::exists(file.path)) {
        return Error{Code::not_found, "there is no database at " + file.path +
                                          ": make one with `trellis init` or `trellis join`"};
    }
    TRELLIS_DO(make_folder(file.path));
    TRELLIS_TRY(auto schema, schema_of(options));
    SocketOptions trust;
    trust.ca_file = options.ca_file;
    desk->host_ = std::make_unique<CliHost>(std::move(file), std::move(schema), std::move(trust),
                                            desk->env_);
    TRELLIS_TRY(auto replica, desk->host_->open_replica());
    desk->verbs_ = std::make_unique<Verbs>(*desk->host_, std::move(replica));
    return desk;
}

Result<Json> Desk::call(const Json& request) {
    Json reply = verbs_->call(request);
    const auto* ok = reply["ok"].boolean();
    if (ok != nullptr && *ok) return reply;
    return Error{code_from_string(text_in(reply, "code")), text_in(reply, "message")};
}

/// One of the named things that a verb lists; null where there is none.
Result<Json> Desk::find_named(const char* op, const char* list, const char* id,
                              const std::string& words) {
    TRELLIS_TRY(const auto reply, call(verb(op)));
    std::vector<Json> found;
    std::string names;
    for (const auto& each : *reply[list].array()) {
        if (text_in(each, id) == words) return each;
        const auto name = text_in(each, "name");
        names += (names.empty() ? "" : ", ") + name;
        const bool begins = words.size() >= device_digits && text_in(each, id).starts_with(words);
        if (name == words || begins) found.push_back(each);
    }
    if (found.size() == 1) return found[0];
    if (found.empty()) {
        return Error{Code::not_found, "there is no " + std::string(id) + " '" + words +
                                          "' here; there are: " + (names.empty() ? "none" : names)};
    }
    return Error{Code::invalid, "'" + words + "' fits more than one " + std::string(id) +
                                    ": give more digits of its id"};
}

Result<std::string> Desk::space(const std::string& words) {
    if (!words.empty()) {
        TRELLIS_TRY(const auto found, find_named("spaces", "spaces", "space", words));
        return text_in(found, "space");
    }
    TRELLIS_TRY(const auto reply, call(verb("spaces")));
    std::string only;
    std::string names;
    std::size_t count = 0;
    for (const auto& each : *reply["spaces"].array()) {
        if (each.has("directory")) continue;
        only = text_in(each, "space");
        names += (count++ == 0 ? "" : ", ") + text_in(each, "name");
    }
    if (count == 1) return only;
    if (count == 0) return Error{Code::not_found, "this device has no space yet: make one with "
                                                  "`trellis space NAME`"};
    return Error{Code::invalid, "say which space with --space; there are: " + names};
}

Result<std::string> Desk::device(const std::string& words) {
    TRELLIS_TRY(const auto found, find_named("members", "members", "device", words));
    return text_in(found, "device");
}

Result<std::string> Desk::record(const std::string& words) {
    if (words.size() == id_digits && is_hex(words)) return words;
    TRELLIS_TRY(const auto pattern, pattern_of(words));
    std::vector<std::string> found;
    for (const auto& type : schema().types()) {
        Json query = verb("query");
        query.set("sql", "SELECT rec FROM \"" + type.name + "\" WHERE rec LIKE ?1 LIMIT 2");
        query.set("params", Json::Array{Json(pattern)});
        TRELLIS_TRY(const auto reply, call(query));
        for (const auto& row : *reply["rows"].array()) found.push_back(text_in(row, "rec"));
    }
    if (found.size() == 1) return found[0];
    if (found.empty()) return Error{Code::not_found, "there is no record " + words + " here"};
    return Error{Code::invalid, words + " fits more than one record: give more digits of its id"};
}

std::string Desk::name_of_record(const std::string& id) {
    auto& name = names_[id];
    if (!name.empty()) return name;
    name = short_name(id);
    Json get = verb("get");
    get.set("rec", id);
    const auto reply = call(get);
    if (!reply) return name;
    for (const auto* field : {"display_name", "name", "title", "number"}) {
        const auto given = text_in((*reply)["fields"], field);
        if (!given.empty()) return name = given;
    }
    return name;
}

std::string Desk::name_of_device(const std::string& id) {
    auto& name = names_[id];
    if (!name.empty()) return name;
    name = short_id(id);
    const auto reply = call(verb("members"));
    if (!reply) return name;
    for (const auto& each : *(*reply)["members"].array()) {
        names_[text_in(each, "device")] = text_in(each, "name");
    }
    return name;
}

std::string Desk::name_of_space(const std::string& id) {
    const auto found = find_named("spaces", "spaces", "space", id);
    return found ? text_in((*found), "name") : short_id(id);
}

bool Desk::print_json_reply(const Json& reply) const {
    if (!options_.json) return false;
    out_.print(print_json(reply) + "\n");
    return true;
}

void Desk::say(std::string_view text) const {
    if (!options_.json) out_.print(std::string(text) + "\n");
}

std::string short_id(const std::string& id) { return id.substr(0, short_max); }

std::string short_name(const std::string& id) {
    const auto parsed = RecordId::parse(id);
    if (!parsed || parsed->is_keyed()) return short_id(id);
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                   parsed->counter(), 16);
    return id.substr(0, device_digits) + "-" + std::string(digits.data(), end.ptr);
}

int complain(const Error& error, const CommonOptions& options) {
    if (options.json) {
        Json reply;
        reply.set("ok", false);
        reply.set("code", to_string(error.code));
        reply.set("message", error.message);
        std::fprintf(stdout, "%s\n", print_json(reply).c_str());
    } else {
        const Terminal terminal(stderr, !options.no_color);
        const auto code = "[" + std::string(to_string(error.code)) + "]";
        terminal.print(terminal.paint(Colour::red, "trellis: ") + tame(error.message) + " " +
                       terminal.paint(Colour::faint, code) + "\n");
    }
    return error.code == Code::invalid ? 2 : 1;
}

Json verb(std::string_view op) {
    Json request;
    request.set("op", op);
    return request;
}

std::string text_in(const Json& json, std::string_view name) {
    const auto* text = json[name].string();
    return text == nullptr ? "" : *text;
}

}  // namespace trellis::clients
