// SPDX-License-Identifier: Apache-2.0
#include "clients/seats/courier_bag.hpp"
#include "core/base/json.hpp"
#include "crypto/public/handshake.hpp"
#include "crypto/public/membership.hpp"
#include "crypto/public/membership_entry.hpp"
#include "crypto/secret/base32.hpp"
#include "crypto/secret/inbox.hpp"
#include "crypto/secret/invite.hpp"
#include "crypto/secret/recovery.hpp"
#include "crypto/secret/rescue.hpp"
#include "crypto/secret/vault.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/fake_env.hpp"
#include "tests/support/people.hpp"

namespace trellis::test {
namespace {

using namespace trellis::crypto;

/// Every op of the log occurs in one of these.
std::vector<Bytes> entry_seeds() {
    std::vector<Bytes> seeds;
    for (const auto* log : {"v1", "v1-trust", "v1-inbox", "v1-shred"}) {
        auto entries = hex_seeds("fixtures/membership/" + std::string(log));
        std::move(entries.begin(), entries.end(), std::back_inserter(seeds));
    }
    return seeds;
}

void membership_entry(ByteView bytes) {
    static_cast<void>(Membership::found(bytes));
    const auto entry = parse_entry(bytes);
    if (!entry || entry->unknown_op) return;
    auto again = write_unsigned_entry(*entry);
    if (!entry->signatures.empty()) append_signatures(again, entry->signatures);
    TRELLIS_CHECK(equal(again, bytes));
}

/// u16 kind | body. Seeds: the ops of the log of the fixtures.
void membership_op(ByteView bytes) {
    if (bytes.size() < 2) return;
    const auto kind = static_cast<std::uint16_t>(bytes[0] | bytes[1] << 8U);
    const auto op = read_op(kind, bytes.subspan(2));
    if (!op) return;
    ByteWriter writer;
    write_op(writer, *op);
    TRELLIS_CHECK(equal(writer.view().subspan(6), bytes.subspan(2)));
}

std::vector<Bytes> op_seeds() {
    std::vector<Bytes> seeds;
    for (const auto& bytes : entry_seeds()) {
        const auto entry = parse_entry(bytes);
        if (!entry) continue;
        for (const auto& op : entry->ops) {
            ByteWriter writer;
            write_op(writer, op);
            Bytes seed = writer.take();
            seed.erase(seed.begin() + 2, seed.begin() + 6);
            seeds.push_back(std::move(seed));
        }
    }
    return seeds;
}

void envelope(ByteView bytes) {
    if (!parse_envelope(bytes)) return;
    EnvelopePlace place;
    place.first = 1;
    const auto chain = chain_hash(place, bytes);
    static_cast<void>(verify_envelope(alice().sign().key(), {}, chain, bytes));
}
std::vector<Bytes> envelope_seeds() { return hex_seeds("fixtures/envelope/v1"); }

void invite_text(ByteView bytes) {
    const auto invite = parse_invite(as_text(bytes));
    if (!invite) return;
    const auto again = to_text(*invite);
    TRELLIS_CHECK(again.has_value());
    TRELLIS_CHECK(parse_invite(*again)->org == invite->org);
}
std::vector<Bytes> invite_seeds() {
    FakeEnv env(40);
    Invite invite;
    env.random(invite.secret.span());
    invite.url = "wss://relay.example:8443/sync";
    return {to_bytes(as_bytes(*to_text(invite)))};
}

/// Every sheet of one seed, then the bytes as one more.
void recovery_sheet(ByteView bytes) {
    FakeEnv env(41);
    const Key seed;
    static const auto sheets = split_seed({}, seed, {2, 3}, env);
    static_cast<void>(combine_sheets({std::string(as_text(bytes)), sheets[0]}));
    static_cast<void>(combine_sheets({std::string(as_text(bytes))}));
}
std::vector<Bytes> sheet_seeds() {
    FakeEnv env(41);
    std::vector<Bytes> seeds;
    for (const auto& sheet : split_seed({}, Key(), {2, 3}, env)) {
        seeds.push_back(to_bytes(as_bytes(sheet)));
    }
    return seeds;
}

/// Whatever a stranger says as the first, second and third message.
void handshake(ByteView bytes) {
    FakeEnv env(42);
    const auto relay = relay_key();
    ServerHandshake fresh(relay, env);
    static_cast<void>(fresh.receive_hello(bytes));
    ClientHandshake client({}, env);
    const auto hello = client.hello();
    static_cast<void>(client.receive_answer(bytes, std::nullopt, {}, alice().sign()));
    ServerHandshake server(relay, env);
    if (server.receive_hello(hello)) static_cast<void>(server.receive_proof(bytes));
}
std::vector<Bytes> handshake_seeds() { return hex_seeds("fixtures/handshake/v1"); }

/// Only the reading: what it costs to try a PIN is not for a fuzzer.
void vault(ByteView bytes) {
    FakeEnv env(43);
    if (auto vault = Vault::parse(bytes)) {
        TRELLIS_CHECK(equal(vault->bytes(), bytes));
        TRELLIS_CHECK(vault->wait_ms(env) >= 0);
        vault->count_attempt(env);
        TRELLIS_CHECK(vault->attempts_left() < 10);
    }
    if (const auto rescue = parse_rescue(bytes)) TRELLIS_CHECK(equal(to_bytes(*rescue), bytes));
}
std::vector<Bytes> vault_seeds() { return hex_seeds("fixtures/vault/v1"); }

void rescue_text(ByteView bytes) {
    const auto request = parse_rescue_request(as_text(bytes));
    if (request) TRELLIS_CHECK(parse_rescue_request(to_text(*request)).has_value());
    static_cast<void>(open_rescue_answer(as_text(bytes), {}, {}, bob().box()));
}
std::vector<Bytes> rescue_seeds() { return text_seeds("fixtures/vault/v1", ".txt"); }

void inbox(ByteView bytes) {
    const auto parts = parse_submission(bytes);
    if (!parts) return;
    OrgId org;
    org.bytes.fill(0x33);
    static_cast<void>(open_submission(org, parts->header, bob().box(), bytes));
}
std::vector<Bytes> inbox_seeds() { return hex_seeds("fixtures/inbox/v1"); }

void courier_bag(ByteView bytes) {
    if (const auto bag = clients::parse_bag(bytes)) {
        TRELLIS_CHECK(equal(clients::to_bytes(*bag), bytes));
    }
}
std::vector<Bytes> bag_seeds() {
    clients::CourierBag bag;
    bag.url = "wss://relay.example/sync";
    clients::CourierBag::Space space;
    for (const auto& envelope : envelope_seeds()) {
        space.runs.push_back({bag.device, space.own, space.runs.size() + 1, {envelope, envelope}});
    }
    bag.spaces = {space, space};
    return {clients::to_bytes(bag)};
}

void pin_and_base32(ByteView bytes) {
    if (const auto pin = Pin::parse(bytes)) {
        const auto again = Pin::parse(pin->view());
        TRELLIS_CHECK(again.has_value() && equal(again->view(), pin->view()));
        static_cast<void>(judge(*pin, false));
    }
    if (const auto decoded = from_base32(as_text(bytes))) {
        TRELLIS_CHECK(from_base32(to_base32(*decoded)) == decoded);
    }
}
std::vector<Bytes> pin_seeds() {
    return {to_bytes(as_bytes("８３０５１７")), to_bytes(as_bytes("  raven copper  lily\n")),
            to_bytes(as_bytes("04WWYP8TW9ZQQN6Q52KV6528XF"))};
}

}  // namespace

std::vector<FuzzTarget> crypto_targets() {
    return {{"membership_entry", &membership_entry, &entry_seeds},
            {"membership_op", &membership_op, &op_seeds},
            {"envelope", &envelope, &envelope_seeds},
            {"invite_text", &invite_text, &invite_seeds},
            {"recovery_sheet", &recovery_sheet, &sheet_seeds},
            {"handshake", &handshake, &handshake_seeds},
            {"vault", &vault, &vault_seeds},
            {"rescue_text", &rescue_text, &rescue_seeds},
            {"inbox", &inbox, &inbox_seeds},
            {"courier_bag", &courier_bag, &bag_seeds},
            {"pin_and_base32", &pin_and_base32, &pin_seeds}};
}

}  // namespace trellis::test
