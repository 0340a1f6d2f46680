// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.hpp"
#include "core/base/limits.hpp"
#include "core/codec/compress.hpp"
#include "core/domain/family_schema.hpp"
#include "core/record/change.hpp"
#include "core/replica.hpp"
#include "core/sqlite/memory_vfs.hpp"
#include "sync/wire/frame.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/fake_env.hpp"

namespace trellis::test {
namespace {

using namespace trellis::core;

/// A body as it lies inside an envelope, its author as in the fixtures.
ActorTable table() {
    ActorTable table;
    table.author.bytes.fill(0xA1);
    return table;
}

void body(ByteView bytes) {
    const auto decoded = decode_body(table(), 1, bytes);
    if (decoded) TRELLIS_CHECK(equal(encode_body(table(), *decoded), bytes));
    if (const auto change = decode_change(bytes)) {
        TRELLIS_CHECK(equal(encode_change(*change), bytes));
    }
}
std::vector<Bytes> body_seeds() { return hex_seeds("fixtures/change/v1"); }

void compressed(ByteView bytes) {
    static Compressor compressor;
    const auto plain = compressor.decompress(bytes, limits::envelope_plain_max);
    if (plain) TRELLIS_CHECK(plain->size() <= limits::envelope_plain_max);
}
std::vector<Bytes> compressed_seeds() {
    Compressor compressor;
    std::vector<Bytes> seeds;
    for (const auto& seed : body_seeds()) seeds.push_back(compressor.compress(seed));
    seeds.push_back(compressor.compress(Bytes(100'000, 'a')));
    return seeds;
}

void frame(ByteView bytes) {
    if (const auto message = sync::decode(bytes)) {
        TRELLIS_CHECK(equal(sync::encode(*message), bytes));
    }
}
std::vector<Bytes> frame_seeds() { return hex_seeds("fixtures/frame/v1"); }

void json(ByteView bytes) {
    const auto parsed = parse_json(as_text(bytes));
    if (!parsed) return;
    const auto text = print_json(*parsed);
    const auto again = parse_json(text);
    TRELLIS_CHECK(again.has_value());
    TRELLIS_CHECK(print_json(*again) == text);
    static_cast<void>(Schema::parse(*parsed));
}
std::vector<Bytes> json_seeds() {
    auto seeds = text_seeds("core/domain/types", ".json");
    for (auto& more : text_seeds("fixtures/value", ".json")) seeds.push_back(std::move(more));
    seeds.push_back(to_bytes(as_bytes(R"({"op":"put","fields":{"a":[1,-2.5e3,null,true,"\u00e9"]}})")));
    return seeds;
}

/// A replica of an organisation of its own; it stays what it is.
class Target {
public:
    Target() : disk_("fuzz") {
        ReplicaOptions options;
        options.schema = family_schema();
        options.database.path = "replica.db";
        options.database.key = Bytes(32, 9);
        options.database.cipher = sqlite::Cipher::chacha20;
        options.database.shared_memory = false;
        options.database.vfs = disk_.encrypted_vfs();
        replica_ = *Replica::open(std::move(options), env_);
        TRELLIS_CHECK(replica_->create_org("Fuzz", "one", "ws://127.0.0.1:1/sync").has_value());
        space_ = *replica_->create_space("school", crypto::SpaceClass::general);
        Json fields;
        fields.set("display_name", "Ruiz");
        TRELLIS_CHECK(
            replica_->write(space_, {PutRecord{space_, "household", fields, {}}}).has_value());
        TRELLIS_CHECK(replica_->write_bundle(space_, {}, bundle_).has_value());
    }
    [[nodiscard]] Replica& replica() { return *replica_; }
    [[nodiscard]] const Bytes& bundle() const { return bundle_; }

private:
    FakeEnv env_;
    sqlite::MemoryDisk disk_;
    std::unique_ptr<Replica> replica_;
    SpaceId space_;
    Bytes bundle_;
};

Target& target() {
    static Target target;
    return target;
}

void bundle(ByteView bytes) { static_cast<void>(target().replica().apply_bundle(bytes)); }
std::vector<Bytes> bundle_seeds() { return {target().bundle()}; }

}  // namespace

std::vector<FuzzTarget> record_targets() {
    return {{"body", &body, &body_seeds},
            {"compressed", &compressed, &compressed_seeds},
            {"frame", &frame, &frame_seeds},
            {"json", &json, &json_seeds},
            {"bundle", &bundle, &bundle_seeds}};
}

}  // namespace trellis::test
