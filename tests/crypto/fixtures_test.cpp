// SPDX-License-Identifier: Apache-2.0
// Bytes of the first version, as they lie in fixtures/: still understood, still written so.
#include "core/base/json.hpp"
#include "crypto/public/handshake.hpp"
#include "crypto/public/inbox.hpp"
#include "crypto/secret/author.hpp"
#include "crypto/secret/inbox.hpp"
#include "crypto/secret/seal.hpp"
#include "tests/crypto/expect.hpp"
#include "tests/crypto/known_answers.hpp"
#include "tests/crypto/known_inbox.hpp"
#include "tests/crypto/known_shred.hpp"
#include "tests/crypto/known_trust.hpp"
#include "tests/support/fake_env.hpp"
#include "tests/support/people.hpp"

#include <fstream>
#include <iterator>

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

std::string file(const std::string& path) {
    std::ifstream stream("fixtures/" + path, std::ios::binary);
    INFO(path);
    REQUIRE(stream.good());
    return {std::istreambuf_iterator<char>(stream), {}};
}

Bytes hex_file(const std::string& path) {
    auto text = file(path);
    REQUIRE(text.back() == '\n');
    text.pop_back();
    const auto bytes = from_hex(text);
    REQUIRE(bytes.has_value());
    return *bytes;
}

template <class IdType>
IdType id(const Json& json) {
    REQUIRE(json.string() != nullptr);
    const auto parsed = IdType::parse(*json.string());
    REQUIRE(parsed.has_value());
    return *parsed;
}

Key key(const Json& json) {
    return Key::from(*from_hex(*json.string()));
}

struct Replayed {
    Json about;
    Membership membership;
};
/// The log of a folder, state by state; its files are those that are `known`.
Replayed replayed(const std::string& folder, const std::map<std::string, std::string>& known) {
    for (const auto& [path, content] : known) {
        CAPTURE(path);
        REQUIRE(file(path.substr(std::string("fixtures/").size())) == content);
    }
    auto about = must(parse_json(file(folder + "about.json")));
    auto membership = must(Membership::found(hex_file(folder + "00.hex")));
    const auto& digests = *about["post_states"].array();
    for (std::size_t i = 1; i < digests.size(); ++i) {
        const auto number = (i < 10 ? "0" : "") + std::to_string(i);
        must(membership.extend(hex_file(folder + number + ".hex")));
        CAPTURE(i);
        REQUIRE(membership.state().digest == id<Digest>(digests[i]));
    }
    return {std::move(about), std::move(membership)};
}

}  // namespace

TEST_CASE("this version writes the bytes that the first one wrote", "[crypto]") {
    const auto answers = known_answers();
    REQUIRE(answers.size() > 20);
    for (const auto& [path, content] : answers) {
        CAPTURE(path);
        REQUIRE(file(path.substr(std::string("fixtures/").size())) == content);
    }
}

TEST_CASE("envelopes of the first version open", "[crypto]") {
    const auto about = must(parse_json(file("envelope/v1/about.json")));
    EnvelopePlace place;
    place.org = id<OrgId>(about["org"]);
    place.space = id<SpaceId>(about["space"]);
    place.actor = id<ActorId>(about["actor"]);
    REQUIRE(actor_id(place.space, bob().id(place.org), id<Incarnation>(about["incarnation"])) ==
            place.actor);
    const auto batch = batch_key(key(about["epoch_key"]), place.space, 5, place.actor);
    for (const auto& one : *about["envelopes"].array()) {
        const auto envelope = hex_file("envelope/v1/" + *one["file"].string());
        place.first = static_cast<Counter>(*one["first"].integer());
        place.previous = id<Digest>(one["previous"]);
        const auto chain = chain_hash(place, envelope);
        REQUIRE(chain == id<Digest>(one["chain"]));
        REQUIRE(verify_envelope(bob().sign().key(), place.org, chain, envelope));
        REQUIRE(to_hex(must(open(place, batch, envelope))) == *one["body"].string());
    }
}

TEST_CASE("the log of the first version replays", "[crypto]") {
    const auto about = must(parse_json(file("membership/v1/about.json")));
    auto membership = must(Membership::found(hex_file("membership/v1/00.hex")));
    const auto& hashes = *about["entry_hashes"].array();
    for (std::size_t i = 1; i < hashes.size(); ++i) {
        const auto number = (i < 10 ? "0" : "") + std::to_string(i);
        must(membership.extend(hex_file("membership/v1/" + number + ".hex")));
        REQUIRE(membership.head() == id<Digest>(hashes[i]));
    }
    REQUIRE(membership.org() == id<OrgId>(about["org"]));
    REQUIRE(membership.state().digest == id<Digest>(about["state_digest"]));
    Keyring ring;
    ring.update(membership, alice());
    for (const auto& space : *about["spaces"].array()) {
        const auto name = id<SpaceId>(space["id"]);
        const auto epoch = static_cast<std::uint32_t>(*space["epoch"].integer());
        REQUIRE(membership.space(name)->epoch == epoch);
        REQUIRE(to_hex(ring.key(name, epoch)->view()) == *space["key"].string());
        for (const auto& [device, rights] : *space["rights"].object()) {
            REQUIRE(membership.rights(*DeviceId::parse(device), name) == *rights.integer());
        }
    }
    const auto invite = must(parse_invite(*about["invite"].string()));
    FakeEnv env;
    must(join(membership, invite, dave(), {"Dave"}, env.wall_time(), env));
    const auto& sheets = *about["recovery_sheets"].array();
    const auto seed = must(combine_sheets({*sheets[1].string(), *sheets[2].string()}));
    REQUIRE(root_keys(seed.seed).sign.key() == membership.state().root_sign);
}

TEST_CASE("a log that changes how trust works replays, state by state", "[crypto]") {
    const std::string folder = "membership/v1-trust/";
    const auto [about, membership] = replayed(folder, known_trust());
    REQUIRE(about["post_states"].array()->size() > 15);
    REQUIRE(membership.state().root_sign == id<SignKey>(about["root_sign"]));
    REQUIRE(static_cast<std::int64_t>(membership.admin_quorum()) ==
            *about["admin_quorum"].integer());
}

TEST_CASE("a log with an inbox replays, and what was dropped into it opens", "[crypto]") {
    const std::string folder = "membership/v1-inbox/";
    const auto [about, membership] = replayed(folder, known_inbox());
    Keyring ring;
    ring.update(membership, alice());
    const auto inbox = id<InboxId>(about["inbox"]);
    REQUIRE(membership.inbox(inbox)->is_closed);
    for (const auto& one : *about["submissions"].array()) {
        const auto key_epoch = static_cast<std::uint32_t>(*one["key_epoch"].integer());
        const auto& named = *membership.inbox_key(inbox, key_epoch);
        REQUIRE(named.key == id<BoxKey>(one["key"]));
        REQUIRE(inbox_print(membership.org(), inbox, key_epoch, named.key) ==
                id<Digest>(one["fingerprint"]));
        const auto bytes = hex_file(folder + *one["file"].string());
        REQUIRE(submission_digest(bytes) == id<Digest>(one["digest"]));
        REQUIRE(work_bits(membership.org(), id<Digest>(one["digest"]),
                          static_cast<std::uint64_t>(*one["proof"].integer())) >= 12);
        const auto secret = inbox_secret(*ring.key(id<SpaceId>(about["space"]), named.epoch), inbox,
                                         key_epoch);
        const auto opened = must(open_submission(
            membership.org(), {SubmissionKind::intake, inbox, key_epoch}, secret, bytes));
        REQUIRE(as_text(opened.body) == *one["text"].string());
    }
}

TEST_CASE("a log in which a space ends replays", "[crypto]") {
    const std::string folder = "membership/v1-shred/";
    const auto [about, membership] = replayed(folder, known_shred());
    const auto* over = membership.shredded(id<SpaceId>(about["space"]));
    REQUIRE(over != nullptr);
    REQUIRE(over->position == 12);
    REQUIRE(over->head == id<ShortDigest>(about["head"]));
    REQUIRE(over->reason == id<Digest>(about["reason"]));
}

TEST_CASE("the handshake of the first version is understood at both ends", "[crypto]") {
    const auto about = must(parse_json(file("handshake/v1/about.json")));
    FakeEnv device_env(30);
    FakeEnv relay_env(31);
    const auto relay = relay_key();
    ServerHandshake server(relay, relay_env);
    REQUIRE(must(server.receive_hello(hex_file("handshake/v1/hello.hex"))) ==
            hex_file("handshake/v1/answer.hex"));
    const auto proof = must(server.receive_proof(hex_file("handshake/v1/proof.hex")));
    REQUIRE(verify_proof(proof, bob().sign().key()));
    REQUIRE(proof.claim.log_head == id<Digest>(about["log_head"]));
    auto relay_end = server.take_channel();
    REQUIRE(as_text(must(relay_end.open(hex_file("handshake/v1/to_server.hex")))) == "up");
    ClientHandshake client(id<OrgId>(about["org"]), device_env);
    REQUIRE(client.hello() == hex_file("handshake/v1/hello.hex"));
    REQUIRE(must(client.receive_answer(
                hex_file("handshake/v1/answer.hex"), relay.key(), proof.claim, bob().sign())) ==
            hex_file("handshake/v1/proof.hex"));
    auto device_end = client.take_channel();
    REQUIRE(as_text(must(device_end.open(hex_file("handshake/v1/to_client.hex")))) == "down");
}

TEST_CASE("the people of the fixtures have the keys that are written there", "[crypto]") {
    const auto about = must(parse_json(file("people/v1.json")));
    for (const auto* name : {"alice", "bob", "carol", "dave"}) {
        const auto stored = *from_hex(*about[name]["stored"].string());
        const auto device = must(DeviceKey::restore(stored));
        REQUIRE(device.sign().key() == id<SignKey>(about[name]["sign_key"]));
        REQUIRE(device.box().key() == id<BoxKey>(about[name]["box_key"]));
        REQUIRE(device.id(OrgId{}) == id<DeviceId>(about[name]["id_in_org_of_zeros"]));
    }
}
