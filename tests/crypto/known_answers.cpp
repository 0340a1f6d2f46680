// SPDX-License-Identifier: Apache-2.0
#include "tests/crypto/known_answers.hpp"

#include "core/base/json.hpp"
#include "crypto/public/handshake.hpp"
#include "crypto/secret/seal.hpp"
#include "tests/support/organisation.hpp"
#include "tests/support/people.hpp"

namespace trellis::test {
namespace {

using namespace trellis::crypto;
using Files = std::map<std::string, std::string>;

std::string hex_file(ByteView bytes) {
    return to_hex(bytes) + "\n";
}
std::string json_file(const Json& json) {
    return print_json(json) + "\n";
}

template <class T>
T must(Result<T> result) {
    TRELLIS_CHECK(result.has_value());
    return std::move(result).value();
}

Json about(const DeviceKey& device) {
    Json json;
    json.set("stored", to_hex(device.store().view()));
    json.set("sign_key", device.sign().key().hex());
    json.set("box_key", device.box().key().hex());
    json.set("id_in_org_of_zeros", device.id(OrgId{}).hex());
    return json;
}

void add_people(Files& files) {
    Json json;
    json.set("alice", about(alice()));
    json.set("bob", about(bob()));
    json.set("carol", about(carol()));
    json.set("dave", about(dave()));
    Json relay;
    relay.set("seed", to_hex(relay_key().seed()));
    relay.set("sign_key", relay_key().key().hex());
    json.set("relay", relay);
    files["fixtures/people/v1.json"] = json_file(json);
}

void add_envelopes(Files& files) {
    FakeEnv env(20);
    Key epoch_key;
    env.random(epoch_key.span());
    EnvelopePlace place;
    env.random(place.org.bytes);
    env.random(place.space.bytes);
    const auto device = bob();
    Incarnation incarnation;
    env.random(incarnation.bytes);
    place.actor = actor_id(place.space, device.id(place.org), incarnation);
    place.first = 1;
    const auto key = batch_key(epoch_key, place.space, 5, place.actor);
    Json json;
    json.set("org", place.org.hex());
    json.set("space", place.space.hex());
    json.set("device", "bob");
    json.set("incarnation", incarnation.hex());
    json.set("actor", place.actor.hex());
    json.set("epoch", 5);
    json.set("epoch_key", to_hex(epoch_key.view()));
    json.set("batch_key", to_hex(key.view()));
    const std::vector<std::pair<std::string, Bytes>> bodies{
        {"empty", {}},
        {"small", to_bytes(as_bytes("a check-in"))},
        {"larger", Bytes(500, 0x80)},
    };
    for (std::uint16_t i = 0; i < bodies.size(); ++i) {
        const auto& [name, body] = bodies[i];
        const auto ops = static_cast<std::uint16_t>(i + 1);
        const auto envelope = must(seal({place, 5, ops, body}, key, device, env));
        files["fixtures/envelope/v1/" + name + ".hex"] = hex_file(envelope);
        Json one;
        one.set("file", name + ".hex");
        one.set("first", place.first);
        one.set("ops", std::int64_t{ops});
        one.set("previous", place.previous.hex());
        one.set("body", to_hex(body));
        place.previous = chain_hash(place, envelope);
        place.first += ops;
        one.set("chain", place.previous.hex());
        Json all = json["envelopes"];
        all.push(one);
        json.set("envelopes", all);
    }
    files["fixtures/envelope/v1/about.json"] = json_file(json);
}

Json about(const Organisation& it) {
    Json json;
    const auto& m = it.membership;
    json.set("org", it.org().hex());
    json.set("head", m.head().hex());
    json.set("state_digest", m.state().digest.hex());
    json.set("directory", it.directory.hex());
    for (const auto& [id, device] : m.devices()) {
        Json one;
        one.set("id", id.hex());
        one.set("admin", device.is_admin());
        one.set("active", device.is_active);
        Json devices = json["devices"];
        devices.push(one);
        json.set("devices", devices);
    }
    for (const auto& [id, space] : m.spaces()) {
        Json one;
        one.set("id", id.hex());
        one.set("epoch", std::int64_t{space.epoch});
        one.set("due", space.is_rotation_due);
        for (const auto& member : space.members) {
            Json rights = one["rights"];
            rights.set(member.device.hex(), std::int64_t{member.rights});
            one.set("rights", rights);
        }
        one.set("key", to_hex(it.key(it.alice, id).view()));
        Json spaces = json["spaces"];
        spaces.push(one);
        json.set("spaces", spaces);
    }
    return json;
}

void add_membership(Files& files) {
    Organisation it;
    it.append(grant(it.as(it.alice), it.id(it.carol), it.school, right_read));
    it.append(grant(it.as(it.alice), it.id(it.carol), it.counselling, right_read | right_write));
    it.append(rename(it.as(it.bob), NameKind::device, name_target(it.id(it.bob)), "Bob"));
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    it.append(set_server_key(it.as(it.carol), relay_key().key()));
    InviteOrder order;
    order.grants = {{it.school, right_read}};
    order.expiry = it.env.wall_time() + 3'600'000;
    order.url = "https://relay.example";
    const auto spent = must(invite_create(it.as(it.carol), order));
    it.append(spent.entry);
    it.append(invite_revoke(it.as(it.alice), invite_keys(spent.invite).id));
    it.append(revoke_grant(
        it.as(it.alice), it.id(it.bob), it.school, {{it.school, ActorId{}, 4, Digest{}}}));
    it.append(revoke_device(it.as(it.alice), it.id(it.bob), {}));
    const auto open = must(invite_create(it.as(it.alice), order));
    it.append(open.entry);
    auto json = about(it);
    json.set("invite", must(to_text(open.invite)));
    for (std::size_t i = 0; i < it.log.size(); ++i) {
        const auto number = (i < 10 ? "0" : "") + std::to_string(i);
        files["fixtures/membership/v1/" + number + ".hex"] = hex_file(it.log[i]);
        Json hashes = json["entry_hashes"];
        hashes.push(it.membership.entry_hash(i).hex());
        json.set("entry_hashes", hashes);
    }
    for (const auto& sheet : it.sheets) {
        Json sheets = json["recovery_sheets"];
        sheets.push(sheet);
        json.set("recovery_sheets", sheets);
    }
    files["fixtures/membership/v1/about.json"] = json_file(json);
}

void add_handshake(Files& files) {
    FakeEnv device_env(30);
    FakeEnv relay_env(31);
    OrgId org;
    org.bytes.fill(3);
    const auto device = bob();
    const auto relay = relay_key();
    ClientHandshake client(org, device_env);
    ServerHandshake server(relay, relay_env);
    ProofClaim claim;
    claim.id = signer(device.id(org));
    claim.log_length = 12;
    claim.log_head.bytes.fill(4);
    const auto answer = must(server.receive_hello(client.hello()));
    const auto proof = must(client.receive_answer(answer, relay.key(), claim, device.sign()));
    TRELLIS_CHECK(server.receive_proof(proof).has_value());
    auto device_end = client.take_channel();
    auto relay_end = server.take_channel();
    const std::string folder = "fixtures/handshake/v1/";
    files[folder + "hello.hex"] = hex_file(client.hello());
    files[folder + "answer.hex"] = hex_file(answer);
    files[folder + "proof.hex"] = hex_file(proof);
    files[folder + "to_server.hex"] = hex_file(device_end.seal(as_bytes("up")));
    files[folder + "to_client.hex"] = hex_file(relay_end.seal(as_bytes("down")));
    Json json;
    json.set("org", org.hex());
    json.set("device", "bob");
    json.set("device_random_seed", 30);
    json.set("relay_random_seed", 31);
    json.set("time", relay_env.wall_time());
    json.set("log_length", 12);
    json.set("log_head", claim.log_head.hex());
    json.set("to_server", "up");
    json.set("to_client", "down");
    // What the other end could compute: for readers in other languages.
    FakeEnv again(30);
    json.set("device_one_time_scalar", to_hex(BoxSecret::generate(again).seed()));
    files[folder + "about.json"] = json_file(json);
}

}  // namespace

std::map<std::string, std::string> known_answers() {
    Files files;
    add_people(files);
    add_envelopes(files);
    add_membership(files);
    add_handshake(files);
    return files;
}

}  // namespace trellis::test
