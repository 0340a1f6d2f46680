// SPDX-License-Identifier: Apache-2.0
// Step 6: what the server could know, and what it all costs.
#include <filesystem>

#include "clients/cli/database_file.hpp"
#include "clients/demo/demo.hpp"
#include "clients/demo/search.hpp"

namespace trellis::demo {
namespace {

namespace fs = std::filesystem;

using clients::TextTable;

std::uint64_t size_of(const std::string& path) {
    std::error_code failure;
    const auto size = fs::file_size(path, failure);
    return failure ? 0 : size;
}

std::string share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? "" : std::to_string((part * 100 + whole / 2) / whole) + " %";
}

}  // namespace

/// A search that cannot find proves nothing: first where the words must be.
Result<void> Demo::search_plain_view() {
    std::string view;
    for (const auto* op : {"export", "members", "spaces"}) {
        TRELLIS_TRY(const auto reply, centre_->call(request(op)));
        view += op == std::string_view("export") ? text_in(reply, "canonical") : print_json(reply);
    }
    // What is no longer shown, such as a reason or a number that was replaced, is in the past.
    for (const auto& record : {duplicate_, worker_}) {
        TRELLIS_TRY(const auto past, centre_->call(request("history", {{"rec", record}})));
        view += print_json(past);
    }
    TRELLIS_DO(clients::write_file(path("plain-view.json"), as_bytes(view), true));
    Search search(words_.taken());
    TRELLIS_DO(search.add_file(path("plain-view.json")));
    const auto found = search.found().size();
    std::string missing;
    for (const auto& word : words_.taken()) {
        if (search.found().count(word) == 0) missing += " " + word;
    }
    stage_.promise(words_.taken().size() == word_count && found == word_count,
                   "In what the centre can read, the search finds " + std::to_string(found) +
                       " of the " + std::to_string(word_count) + " words" +
                       (missing.empty() ? "." : ", but not" + missing + "."));
    return {};
}

Result<void> Demo::search_server() {
    stage_.step(6, "What can the server read?");
    stage_.say("Two hundred made-up names and telephone numbers were planted: in families, notes,");
    stage_.say("reasons, in the names of spaces and of devices.");
    TRELLIS_DO(search_plain_view());
    // While it runs: its write-ahead log is there, too.
    auto words = words_.taken();
    words.emplace_back(org_word);
    Search search(words);
    TextTable table({"Searched on the server", "size"});
    std::uint64_t total = 0;
    for (const auto& entry : fs::directory_iterator(path("server"))) {
        TRELLIS_TRY(const auto size, search.add_file(entry.path().string()));
        total += size;
        table.add({entry.path().filename().string(), size_text(size)});
    }
    stage_.show(table);
    stage_.say("Each word was looked for as plain text, as UTF-16, in base64 and in hexadecimal.");
    std::string which;
    for (const auto& word : search.found()) which += " " + word;
    stage_.promise(total > 0 && search.found().empty(),
                   "In " + size_text(total) + " of the server's files and of all that it received, "
                   "the search finds " + (which.empty() ? "none" : "these:" + which) + ".");
    std::uint64_t own = 0;
    for (auto* device : devices()) {
        TRELLIS_TRY(const auto size, search.add_file(device->database()));
        own += size;
    }
    stage_.promise(own > 0 && search.found().empty(),
                   "Nor in the " + size_text(own) + " of the devices' files: they are encrypted, "
                   "too.");
    return show_sizes();
}

Result<void> Demo::show_sizes() {
    stage_.title("  What it costs");
    TRELLIS_TRY(const auto reply, centre_->call(request("export", {{"space", space_}})));
    const auto all = std::uint64_t{text_in(reply, "canonical").size()};
    TRELLIS_TRY(const auto stats, centre_->call(request("stats")));
    const auto stored = size_of(path("server/store.db")) + size_of(path("server/store.db-wal"));
    const auto kept = static_cast<std::uint64_t>(number_in(stats, "envelope_bytes"));
    const auto device = size_of(centre_->database()) + size_of(centre_->database() + "-wal");
    TextTable table({"", "as JSON", "really", "share"});
    const auto add = [&table](const char* what, std::uint64_t json, std::uint64_t real) {
        table.add({what, size_text(json), size_text(real), share(real, json)});
    };
    add("The roster on the wire, sealed", all, roster_wire_);
    add("A day's work of two liaisons on the wire, sealed", offline_json_, offline_wire_);
    add("Everything as envelopes, sealed", all, kept);
    add("Everything on the server's disk", all, stored);
    add("Everything on a device's disk, searchable", all, device);
    stage_.show(table);
    stage_.promise(roster_wire_ < all && kept < all,
                   "Sealed, it is smaller than the plain JSON.");
    return {};
}

Result<void> Demo::finish() {
    for (auto* device : devices()) {
        if (device->close()) continue;
        return Error{Code::internal, device->person() + "'s repl ended badly"};
    }
    std::error_code failure;
    if (!options_.keep) {
        TRELLIS_DO(stop_server());
        fs::remove_all(folder_, failure);
        return {};
    }
    const auto id = server_->let_go();
    const auto files = " --db " + centre_->database() + " --ca-file " + path("certificate.pem");
    stage_.title("Go on from here");
    stage_.say("The server is still running (process " + std::to_string(id) + "; `kill " +
               std::to_string(id) + "` stops it). Try:");
    stage_.command(options_.trellis + " conflicts" + files);
    stage_.command(options_.trellis + " list check_in --limit 5" + files);
    stage_.command(options_.trellis + " status" + files);
    return {};
}

}  // namespace trellis::demo
