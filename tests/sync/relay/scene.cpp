// SPDX-License-Identifier: Apache-2.0
#include "tests/sync/relay/scene.hpp"

namespace trellis::test {

using namespace sync;

// Scene ------------------------------------------------------------------------------------

Scene::Scene(std::size_t members, const RelayOptions& relay_options)
    : options(relay_options), server(crypto::SignSecret::generate(env)) {
    keys.push_back(crypto::DeviceKey::generate(env));
    const auto founding = crypto::found_org({.org_name = "District",
                                             .directory_name = "Directory",
                                             .device_name = "Centre",
                                             .server_key = server.key(),
                                             .device_kind = crypto::DeviceKind::desktop,
                                             .recovery = {}},
                                            keys[0],
                                            now,
                                            env);
    REQUIRE(founding);
    membership = *crypto::Membership::found(founding->entry);
    store.orgs[membership->org()].push_back(founding->entry);
    keyring.update(*membership, keys[0]);
    devices.push_back(keys[0].id(membership->org()));
    const auto created =
        crypto::create_space(author(), "Mission High", crypto::SpaceClass::general);
    REQUIRE(created);
    add_entry(created->entry);
    space = created->space;
    for (std::size_t i = 1; i < members; ++i)
        join_member();
    restart();
}

void Scene::add_reader() {
    join_member(crypto::right_read);
}

void Scene::join_member(std::uint8_t rights) {
    crypto::InviteOrder order;
    order.grants = {{space, rights}};
    order.expiry = now + 3'600'000;
    const auto invited = crypto::invite_create(author(), order);
    REQUIRE(invited);
    add_entry(invited->entry);
    keys.push_back(crypto::DeviceKey::generate(env));
    const auto joined =
        crypto::join(*membership,
                     invited->invite,
                     keys.back(),
                     {.device_name = "Tablet", .device_kind = crypto::DeviceKind::tablet},
                     now,
                     env);
    REQUIRE(joined);
    add_entry(*joined);
    devices.push_back(keys.back().id(membership->org()));
}

void Scene::add_entry(const Bytes& entry) {
    REQUIRE(membership->extend(entry));
    store.orgs[membership->org()].push_back(entry);
    keyring.update(*membership, keys[0]);
}

void Scene::restart() {
    host.reset();
    relay = std::make_unique<Relay>(server, options, env);
    host = std::make_unique<MemoryRelayHost>(*relay, store);
}

Pen Scene::pen(std::size_t index, std::uint8_t incarnation) const {
    Pen pen{.key = keys[index].clone(),
            .device = devices[index],
            .org = membership->org(),
            .space = space,
            .incarnation = {},
            .last = 0,
            .chain = {}};
    pen.incarnation.bytes.fill(incarnation);
    return pen;
}

// Line -------------------------------------------------------------------------------------

Line::Line(Scene& scene) : session(scene.relay->connected(scene.now)), scene_(scene) {}

Line& Line::greet(std::size_t index) {
    const auto& key = scene_.keys[index];
    const auto org = scene_.membership->org();
    crypto::ProofClaim claim;
    claim.id = crypto::signer(scene_.devices[index]);
    prove(org, claim, key.sign());
    const auto welcome = expect<Welcome>();
    CHECK(welcome.time == scene_.now);
    return *this;
}

Line& Line::prove(const OrgId& org,
                  const crypto::ProofClaim& claim,
                  const crypto::SignSecret& secret) {
    crypto::ClientHandshake handshake(org, scene_.env);
    say_raw(handshake.hello());
    auto answers = scene_.host->take_frames(session);
    REQUIRE(answers.size() == 1);
    const auto proof =
        handshake.receive_answer(answers.front(), scene_.server.key(), claim, secret);
    REQUIRE(proof);
    channel_ = handshake.take_channel();
    return say_raw(*proof);
}

Line& Line::say(const Message& message) {
    return say_raw(seal(message));
}

Line& Line::say_raw(ByteView frame) {
    scene_.relay->receive(session, frame, scene_.now);
    scene_.host->settle();
    return *this;
}

Line& Line::open(const Cursor& cursor, bool follow, std::uint8_t incarnation) {
    Open open{.space = scene_.space,
              .incarnation = cursor.incarnation,
              .position = cursor.position,
              .head = short_digest(cursor.head),
              .own = {},
              .follow = follow};
    open.own.bytes.fill(incarnation);
    return say(open);
}

Line& Line::push(Counter first, std::vector<Bytes> envelopes) {
    return say(Push{
        .channel = 0,
        .runs = {
            {.device = {}, .incarnation = {}, .first = first, .envelopes = std::move(envelopes)}}});
}

Line& Line::push_of(const Pen& pen, Counter first, std::vector<Bytes> envelopes) {
    return say(Push{.channel = 0,
                    .runs = {{.device = pen.device,
                              .incarnation = pen.incarnation,
                              .first = first,
                              .envelopes = std::move(envelopes)}}});
}

void Line::listen() {
    for (const auto& frame : scene_.host->take_frames(session)) {
        const auto plain = channel_->open(frame);
        REQUIRE(plain);
        auto message = decode(*plain);
        REQUIRE(message);
        heard_.push_back(*std::move(message));
    }
}

std::vector<Message> Line::rest() {
    listen();
    std::vector<Message> all(heard_.begin(), heard_.end());
    heard_.clear();
    return all;
}

std::vector<Bytes> envelopes_of(const std::vector<crypto::EnvelopeRun>& runs) {
    std::vector<Bytes> all;
    for (const auto& run : runs) {
        all.insert(all.end(), run.envelopes.begin(), run.envelopes.end());
    }
    return all;
}

}  // namespace trellis::test
