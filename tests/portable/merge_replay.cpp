// SPDX-License-Identifier: Apache-2.0
// merge_replay <file of fixtures/merge>...: replays each file's changes in every order that
// causality allows, prints a digest of what is seen at the end, and returns 0 where that is
// what the file expects. The output is the same on every target.
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "core/merge/past.hpp"
#include "tests/portable/merge_view.hpp"

namespace {

using trellis::Code;
using trellis::Error;
using trellis::Result;
using trellis::fixtures::Held;
using trellis::fixtures::KnownChange;
using trellis::fixtures::MergeFixture;

/// Enough for seven concurrent changes.
constexpr std::size_t orders_max = 5040;

Result<std::string> read_file(const char* path) {
    std::FILE* file = std::fopen(path, "rb");
    if (file == nullptr) return Error{Code::not_found, "cannot open the file"};
    std::string text;
    char buffer[4096];
    while (const auto size = std::fread(buffer, 1, sizeof buffer, file)) text.append(buffer, size);
    std::fclose(file);
    return text;
}

/// FNV-1a of 64 bits.
std::uint64_t digest(const std::string& text) {
    std::uint64_t hash = 14'695'981'039'346'656'037U;
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 1'099'511'628'211U;
    return hash;
}

/// Delivers the changes in one order after the other, each device starting from what another
/// already holds.
class Replay {
public:
    explicit Replay(const MergeFixture& fixture) : fixture_(fixture) {}

    Result<std::string> run() {
        for (const auto& known : fixture_.changes) TRELLIS_DO(check_past(known));
        TRELLIS_DO(deliver(Held(), {}, std::vector<bool>(fixture_.changes.size(), false)));
        if (orders_ == 0) return Error{Code::invalid, "some change waits for what never comes"};
        return seen_;
    }
    [[nodiscard]] std::size_t orders() const { return orders_; }

private:
    static Result<void> check_past(const KnownChange& known) {
        auto past = known.past;
        auto counter = known.change.first;
        for (const auto& op : known.change.ops) {
            if (!trellis::core::names_only_past(op, past)) {
                return Error{Code::invalid, "an op names what its author had not seen"};
            }
            past.raise(known.actor, counter++);
        }
        return {};
    }

    Result<void> deliver(const Held& held, const trellis::VersionVector& has,
                         const std::vector<bool>& delivered) {
        bool is_done = true;
        for (std::size_t i = 0; i < delivered.size(); ++i) {
            if (delivered[i]) continue;
            is_done = false;
            const auto& known = fixture_.changes[i];
            if (orders_ >= orders_max || !has.covers(known.past)) continue;
            auto next = held;
            auto next_has = has;
            auto next_delivered = delivered;
            next.apply(known);
            next_has.raise(known.actor, known.change.last());
            next_delivered[i] = true;
            TRELLIS_DO(deliver(next, next_has, next_delivered));
        }
        return is_done ? arrive(held) : Result<void>();
    }

    Result<void> arrive(const Held& held) {
        auto seen = trellis::print_json(trellis::fixtures::view(fixture_, held));
        if (orders_++ == 0) seen_ = std::move(seen);
        else if (seen != seen_) {
            return Error{Code::internal, "two orders end differently:\n" + seen_ + "\n" + seen};
        }
        return {};
    }

    const MergeFixture& fixture_;
    std::size_t orders_ = 0;
    std::string seen_;
};

Result<void> replay(const char* path) {
    TRELLIS_TRY(const auto text, read_file(path));
    TRELLIS_TRY(const auto json, trellis::parse_json(text));
    TRELLIS_TRY(const auto fixture, trellis::fixtures::parse_merge_fixture(json));
    Replay replay(fixture);
    TRELLIS_TRY(const auto seen, replay.run());
    std::printf("%016llx %s (%zu orders)\n", static_cast<unsigned long long>(digest(seen)), path,
                replay.orders());
    const auto expected = trellis::print_json(fixture.expect);
    if (seen == expected) return {};
    return Error{Code::internal, fixture.about + "\nexpected " + expected + "\nseen     " + seen};
}

}  // namespace

int main(int count, char** arguments) {
    int failures = count > 1 ? 0 : 1;
    for (int i = 1; i < count; ++i) {
        const auto done = replay(arguments[i]);
        if (done) continue;
        ++failures;
        std::printf("failed: %s: %s\n", arguments[i], done.error().message.c_str());
    }
    return failures == 0 ? 0 : 1;
}
