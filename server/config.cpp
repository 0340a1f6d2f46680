// SPDX-License-Identifier: Apache-2.0
#include "server/config.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <fstream>
#include <limits>
#include <sstream>
#include <variant>

namespace trellis::server {
namespace {

using Text = std::string Config::*;
using Number = std::int64_t Config::*;
using Switch = bool Config::*;
using Severity = Level Config::*;

struct Setting {
    std::string_view key;
    std::variant<Text, Number, Switch, Severity> place;
    std::string_view help;
    std::int64_t least = 1;
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t message_max = limits::frame_max;

constexpr auto settings = std::to_array<Setting>({
    {"store", &Config::store, "where everything is kept: sqlite:PATH"},
    {"listen", &Config::listen, "HOST:PORT; port 0 picks a free one"},
    {"tls-cert", &Config::tls_cert, "certificate chain (PEM); without one: no TLS"},
    {"tls-key", &Config::tls_key, "its private key (PEM)"},
    {"static", &Config::static_folder, "folder of the web app to serve"},
    {"origins",
     &Config::origins,
     "other web origins whose pages may connect, separated by commas: https://app.example"},
    {"ready-fd", &Config::ready_fd, "descriptor for the line {\"port\":N}", 0, 1'000'000},
    {"new-orgs", &Config::new_orgs, "strangers may found organisations here"},
    {"capture", &Config::capture, "append all that is received to this file (for tests)"},
    {"log-level", &Config::log_level, "debug, info, warn or error"},
    {"http-head-bytes-max", &Config::http_head_bytes_max, "of a request", 256, 65'536},
    {"http-head-ms", &Config::http_head_ms, "from a request's first byte to its last", 1, hour_ms},
    {"http-body-ms", &Config::http_body_ms, "from a body's first byte to its last", 1, hour_ms},
    {"handshake-ms", &Config::handshake_ms, "of TLS and of WebSocket, each", 1, hour_ms},
    {"idle-ms", &Config::idle_ms, "silence that ends a connection", 100, 24 * hour_ms},
    {"message-bytes-max", &Config::message_bytes_max, "of a WebSocket message", 1024, message_max},
    {"before-proof-bytes-max",
     &Config::before_proof_bytes_max,
     "of a message of somebody unproven",
     256,
     message_max},
    {"before-proof-ms", &Config::before_proof_ms, "from connecting to a proof", 1, hour_ms},
    {"sockets-max", &Config::sockets_max, "connections; the oldest unproven one makes room"},
    {"sockets-per-address-max", &Config::sockets_per_address_max, "connections of one address"},
    {"outbound-bytes-max",
     &Config::outbound_bytes_max,
     "waiting for a slow reader, who is then dropped",
     message_max},
    {"drain-ms", &Config::drain_ms, "to finish what was pushed, once told to stop", 1, hour_ms},
    {"device-bytes-per-day", &Config::device_bytes_per_day, "pushed by a device"},
    {"device-envelopes-per-day", &Config::device_envelopes_per_day, "pushed by a device"},
    {"device-entries-per-day", &Config::device_entries_per_day, "of the membership log"},
    {"late-bytes-max", &Config::late_bytes_max, "of a former writer, beyond where its work ended"},
    {"device-checks-per-second",
     &Config::device_checks_per_second,
     "signatures checked for a device, sustained",
     1,
     1'000'000},
    {"space-bytes-max", &Config::space_bytes_max, "envelopes of one space"},
    {"pushed-bytes-max",
     &Config::pushed_bytes_max,
     "received and not stored yet, over all",
     message_max},
    {"disk-free-percent-min",
     &Config::disk_free_percent_min,
     "less free disk than this: nothing more is stored",
     0,
     99},
    {"disk-free-bytes-enough",
     &Config::disk_free_bytes_enough,
     "free disk that is enough whatever its share",
     0},
    {"inbox-work-bits",
     &Config::inbox_work_bits,
     "zero bits that a post to an inbox must show; 0: none",
     0,
     limits::inbox_work_bits_max},
    {"inbox-posts-per-minute",
     &Config::inbox_posts_per_minute,
     "to all inboxes together, sustained",
     1,
     1'000'000},
    {"inbox-posts-at-once",
     &Config::inbox_posts_at_once,
     "of them, after a quiet while",
     1,
     1'000'000},
    {"inbox-asks-per-minute",
     &Config::inbox_asks_per_minute,
     "for where an inbox is, over all",
     1,
     1'000'000},
    {"inbox-pending-max", &Config::inbox_pending_max, "submissions of one inbox not fetched yet"},
    {"inbox-bytes-max", &Config::inbox_bytes_max, "bytes of these"},
    {"verify-threads", &Config::verify_threads, "check signatures; 0: as the cores allow", 0, 256},
    {"catch-up-threads", &Config::catch_up_threads, "read for those who were away", 1, 64},
    {"inbox-items-max", &Config::inbox_items_max, "waiting before a stage", 16, 1'000'000},
});

Error invalid(std::string message) {
    return {Code::invalid, std::move(message)};
}

Result<void> set_number(const Setting& setting, std::string_view value, std::int64_t& place) {
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (code == std::errc() && end == value.data() + value.size() && number >= setting.least &&
        number <= setting.most) {
        place = number;
        return {};
    }
    return invalid(
        setting.most == std::numeric_limits<std::int64_t>::max()
            ? fmt::format(
                  "{}: '{}' is not a number of at least {}", setting.key, value, setting.least)
            : fmt::format("{}: '{}' is not a number from {} to {}",
                          setting.key,
                          value,
                          setting.least,
                          setting.most));
}

Result<void> set_switch(const Setting& setting, std::string_view value, bool& place) {
    if (value != "true" && value != "false") {
        return invalid(fmt::format("{}: '{}' is neither true nor false", setting.key, value));
    }
    place = value == "true";
    return {};
}

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warn", "error"};

Result<void> set_level(const Setting& setting, std::string_view value, Level& place) {
    for (std::size_t level = 0; level < level_names.size(); ++level) {
        if (level_names[level] != value) continue;
        place = static_cast<Level>(level);
        return {};
    }
    return invalid(fmt::format("{}: '{}' is not debug, info, warn or error", setting.key, value));
}

Result<void> set(const Setting& setting, std::string_view value, Config& config) {
    if (const auto* text = std::get_if<Text>(&setting.place)) {
        config.** text = value;
        return {};
    }
    if (const auto* number = std::get_if<Number>(&setting.place)) {
        return set_number(setting, value, config.**number);
    }
    if (const auto* flag = std::get_if<Switch>(&setting.place)) {
        return set_switch(setting, value, config.**flag);
    }
    return set_level(setting, value, config.*std::get<Severity>(setting.place));
}

std::string default_of(const Setting& setting) {
    const Config config;
    if (const auto* text = std::get_if<Text>(&setting.place)) return config.**text;
    if (const auto* number = std::get_if<Number>(&setting.place)) {
        return std::to_string(config.**number);
    }
    if (const auto* flag = std::get_if<Switch>(&setting.place)) {
        return config.**flag ? "true" : "false";
    }
    return std::string(
        level_names[static_cast<std::size_t>(config.*std::get<Severity>(setting.place))]);
}

const Setting* find_setting(std::string_view key) {
    for (const Setting& setting : settings) {
        if (setting.key == key) return &setting;
    }
    return nullptr;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view space = " \t\r";
    const auto begin = text.find_first_not_of(space);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

Result<void> read_line(std::string_view line, Config& config) {
    line = trimmed(line);
    if (line.empty() || line.front() == '#') return {};
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return invalid("this is not 'key = value'");
    const std::string_view key = trimmed(line.substr(0, equals));
    std::string_view value = trimmed(line.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
    }
    const Setting* const setting = find_setting(key);
    if (setting == nullptr) {
        return invalid(fmt::format("there is no key '{}'; trellisd --help lists them", key));
    }
    return set(*setting, value, config);
}

Result<void> read_file(const std::string& path, Config& config) {
    std::ifstream file(path);
    std::ostringstream text;
    if (file) text << file.rdbuf();
    if (!file || file.bad()) {
        return Error{Code::not_found, "the configuration file " + path + " cannot be read"};
    }
    return read_config(text.str(), path, config);
}

/// What belongs together.
Result<void> check_whole(const Request& request) {
    const Config& config = request.config;
    if (config.store.empty()) {
        return invalid("no store is named: say where with --store sqlite:PATH");
    }
    if (config.tls_cert.empty() != config.tls_key.empty()) {
        return invalid("tls-cert and tls-key belong together: name both or neither");
    }
    return {};
}

/// The flags and subcommands, for CLI11 to read and to explain.
struct CommandLine {
    CommandLine();

    CLI::App app{"The sync server of Trellis: keeps and passes on what it cannot read.",
                 "trellisd"};
    std::array<std::string, settings.size()> values;
    std::string config_file;
    std::string path;
    CLI::App* backup = nullptr;
    CLI::App* restore = nullptr;
    CLI::App* check = nullptr;
    CLI::App* stats = nullptr;
};

CommandLine::CommandLine() {
    app.set_version_flag("--version", "trellisd 0.1.0");
    app.fallthrough();
    app.require_subcommand(0, 1);
    app.add_option("--config", config_file, "file of lines key = value; flags win over it");
    for (std::size_t at = 0; at < settings.size(); ++at) {
        const Setting& setting = settings[at];
        app.add_option("--" + std::string(setting.key), values[at], std::string(setting.help))
            ->default_str(default_of(setting));
    }
    backup = app.add_subcommand("backup", "copy the store, also while a server runs on it");
    backup->add_option("path", path, "the new file")->required();
    restore = app.add_subcommand("restore", "put a backup in the store's place");
    restore->add_option("path", path, "the backup")->required();
    check = app.add_subcommand("check", "look for damage; exit status 1 where there is any");
    stats = app.add_subcommand("stats", "counts and sizes, as one line of JSON");
}

Request::Verb verb_of(const CommandLine& line) {
    if (line.backup->parsed()) return Request::Verb::backup;
    if (line.restore->parsed()) return Request::Verb::restore;
    if (line.check->parsed()) return Request::Verb::check;
    if (line.stats->parsed()) return Request::Verb::stats;
    return Request::Verb::serve;
}

Result<Request> gather(const CommandLine& line) {
    Request request;
    request.verb = verb_of(line);
    request.path = line.path;
    if (!line.config_file.empty()) TRELLIS_DO(read_file(line.config_file, request.config));
    for (std::size_t at = 0; at < settings.size(); ++at) {
        if (line.app.count("--" + std::string(settings[at].key)) == 0) continue;
        auto done = set(settings[at], line.values[at], request.config);
        if (!done) return invalid("--" + done.error().message);
    }
    TRELLIS_DO(check_whole(request));
    return request;
}

}  // namespace

Result<void> read_config(std::string_view text, const std::string& name, Config& config) {
    for (std::size_t line = 1; !text.empty(); ++line) {
        const auto end = text.find('\n');
        const auto done = read_line(text.substr(0, end), config);
        if (!done) {
            return invalid(fmt::format("{}, line {}: {}", name, line, done.error().message));
        }
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return {};
}

Result<Request> read_request(const std::vector<std::string>& arguments) {
    CommandLine line;
    try {
        // CLI11 takes them from the back.
        line.app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::CallForHelp&) {
        Request request;
        request.verb = Request::Verb::help;
        request.text = line.app.help();
        return request;
    } catch (const CLI::CallForVersion&) {
        Request request;
        request.verb = Request::Verb::version;
        request.text = "trellisd 0.1.0\n";
        return request;
    } catch (const CLI::ParseError& error) {
        return invalid(std::string(error.what()) + "; trellisd --help lists what there is");
    }
    return gather(line);
}

}  // namespace trellis::server
