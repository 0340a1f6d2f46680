// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/repl.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "core/base/limits.hpp"

namespace trellis::clients {
namespace {

/// Lines of standard input, read without waiting while live sync has its turns.
class LineReader {
public:
    /// Reads what is there now. False at the end of the input.
    bool fill() {
        char block[64 * 1024];
        for (;;) {
            const auto got = ::read(STDIN_FILENO, block, sizeof block);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) return false;
            buffer_.append(block, static_cast<std::size_t>(got));
            return true;
        }
    }

    /// The next whole line; at the end of the input what is left counts as one.
    std::optional<std::string> next(bool at_end) {
        const auto end = buffer_.find('\n', start_);
        if (end == std::string::npos && (!at_end || start_ == buffer_.size())) {
            buffer_.erase(0, start_);
            start_ = 0;
            return std::nullopt;
        }
        const auto stop = end == std::string::npos ? buffer_.size() : end;
        std::string line = buffer_.substr(start_, stop - start_);
        start_ = end == std::string::npos ? stop : stop + 1;
        return line;
    }

private:
    std::string buffer_;
    std::size_t start_ = 0;
};

void print_line(const Json& json) {
    std::string text = print_json(json);
    text += '\n';
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

void print_events(Verbs& verbs) {
    while (auto event = verbs.next_event()) print_line(*event);
}

void converse(CliHost& host, Verbs& verbs) {
    LineReader reader;
    bool at_end = false;
    while (!verbs.has_quit()) {
        while (auto line = reader.next(at_end)) {
            if (line->find_first_not_of(" \t\r") == std::string::npos) continue;
            print_line(verbs.call_text(*line));
            print_events(verbs);
            if (verbs.has_quit()) return;
        }
        if (at_end) return;
        bool readable = false;
        auto waiting = host.loop().when_readable(STDIN_FILENO, [&readable] { readable = true; });
        if (!waiting) {
            readable = true;  // an ordinary file is always ready
        }
        while (!readable) {
            bool turned = false;
            host.loop().run_until([&] { return readable || std::exchange(turned, true); });
            print_events(verbs);
        }
        at_end = !reader.fill();
    }
}

}  // namespace

int run_repl(CliHost& host, Verbs& verbs) {
    host.on_event = [&verbs](Json event) { verbs.push_event(std::move(event)); };
    converse(host, verbs);
    // As at a lock: two copies of the closed file then hold the same sealed work, not each its
    // own to seal.
    if (const auto sealed = verbs.replica().seal(); !sealed) {
        host.env().log("repl.unsealed", to_string(sealed.error().code));
    }
    return 0;
}

}  // namespace trellis::clients
