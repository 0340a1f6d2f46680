// SPDX-License-Identifier: Apache-2.0
#include "tests/support/district.hpp"

#include <catch2/catch.hpp>

#include "core/domain/family_schema.hpp"
#include "core/query/query.hpp"

namespace trellis::test {
namespace {

constexpr std::uint8_t to_write = crypto::right_read | crypto::right_write;

template <class T>
T must(Result<T> result) {
    if (!result) FAIL(result.error().message);
    return std::move(*result);
}
void must(const Result<void>& result) {
    if (!result) FAIL(result.error().message);
}

}  // namespace

District::District(std::size_t count)
    : replicas(count, 1, core::family_schema()), spaces_{replicas.space()} {}

SpaceId District::compartment(const std::string& name, const std::vector<std::size_t>& others) {
    const auto space = must(replicas[0].create_space(name, crypto::SpaceClass::compartment));
    for (const auto at : others) {
        must(replicas[0].grant(replicas[at].device(), space, to_write));
    }
    replicas.publish(0);
    replicas.tell_all();
    spaces_.push_back(space);
    return space;
}

Result<RecordId> District::try_put(std::size_t at, const SpaceId& space, const std::string& type,
                                   const std::string& fields) {
    core::PutRecord edit{space, type, must(parse_json(fields)), {}};
    auto result = replicas[at].write(space, {std::move(edit)});
    if (!result) return std::move(result).error();
    return result->written[0].record;
}

RecordId District::put(std::size_t at, const SpaceId& space, const std::string& type,
                       const std::string& fields) {
    return must(try_put(at, space, type, fields));
}

void District::write(std::size_t at, const SpaceId& space, core::Edit edit) {
    must(replicas[at].write(space, {std::move(edit)}));
}

void District::carry(const SpaceId& space) {
    for (std::size_t from = 0; from < replicas.size(); ++from) {
        if (!replicas[from].membership().can(replicas[from].device(), space, crypto::right_read)) {
            continue;
        }
        const auto runs = must(replicas[from].outbox(space, 0, SIZE_MAX));
        for (std::size_t to = 0; to < replicas.size(); ++to) {
            const bool reads = replicas[to].membership().can(replicas[to].device(), space,
                                                             crypto::right_read);
            if (from != to && reads) must(replicas[to].receive_repair(space, runs));
        }
    }
}

void District::settle() {
    // What one device puts right another may answer; three rounds are more than it takes.
    for (int round = 0; round < 3; ++round) {
        for (const auto& space : spaces_) carry(space);
        for (std::size_t at = 0; at < replicas.size(); ++at) {
            must(replicas[at].seen_word(school()));
        }
    }
    for (const auto& space : spaces_) carry(space);
}

Json District::signs(std::size_t at) {
    core::ListRequest all;
    all.type = "restricted_sign";
    const auto rows = must(core::list_records(replicas[at], all));
    Json signs{Json::Object{}};
    for (const auto& row : *rows.array()) {
        const auto about = *row["fields"]["about"].string();
        CHECK_FALSE(signs.has(about));
        signs.set(about, row["fields"]["ask"]);
    }
    return signs;
}

std::string refers(const std::string& field, const RecordId& to) {
    return "{\"" + field + "\":\"" + to.hex() + "\"}";
}

}  // namespace trellis::test
