// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/rescue.hpp"

#include "core/base/limits.hpp"
#include "tests/crypto/expect.hpp"
#include "tests/crypto/vault_sample.hpp"
#include "tests/support/people.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

struct Tablet {
    FakeEnv env;
    OrgId org = sample_secrets().org;
    SeatId seat = sample_order().seat;
    SignSecret installation = SignSecret::generate(env);
    BoxSecret answer_key = BoxSecret::generate(env);
    Key database = sample_secrets().database.clone();

    DeviceId id_of(const DeviceKey& key) const { return key.id(org); }
    Rescue rescue() {
        return must(seal_rescue(org, seat, installation.key(), database,
                                {{id_of(alice()), alice().box().key()},
                                 {id_of(bob()), bob().box().key()}},
                                env));
    }
    RescueRequest request() {
        return make_rescue_request(rescue(), answer_key.key(), installation);
    }
    Result<std::string> answer(const RescueRequest& request, const DeviceKey& by) {
        return answer_rescue(request, org, id_of(by), by.box(), env);
    }
};

}  // namespace

TEST_CASE("a supervisor's answer gives the tablet its database key back", "[crypto]") {
    Tablet tablet;
    const auto asked = tablet.request();
    const auto read = must(parse_rescue_request(to_text(asked)));
    REQUIRE(read.digest == asked.digest);
    REQUIRE(spoken_code(read) == spoken_code(asked));
    for (const bool is_first : {true, false}) {
        const auto answer = must(tablet.answer(read, is_first ? alice() : bob()));
        const auto key = must(open_rescue_answer(answer, tablet.seat, asked.digest,
                                                 tablet.answer_key));
        REQUIRE(equal(key.view(), tablet.database.view()));
    }
}

TEST_CASE("somebody whom the seat did not name cannot answer", "[crypto]") {
    Tablet tablet;
    const auto asked = tablet.request();
    REQUIRE(outcome(tablet.answer(asked, carol())) == "denied");
    // With the name of one who can, but another key.
    REQUIRE(outcome(answer_rescue(asked, tablet.org, tablet.id_of(alice()), carol().box(),
                                  tablet.env)) == "wrong_key");
    REQUIRE(outcome(answer_rescue(asked, OrgId{}, tablet.id_of(alice()), alice().box(),
                                  tablet.env)) == "denied");
}

TEST_CASE("a request that another installation signed is not answered", "[crypto]") {
    Tablet tablet;
    const auto thief = SignSecret::generate(tablet.env);
    const auto own_key = BoxSecret::generate(tablet.env);
    const auto forged = make_rescue_request(tablet.rescue(), own_key.key(), thief);
    REQUIRE(outcome(tablet.answer(forged, alice())) == "denied");
    // The relay that carries the code puts its own key in.
    auto swapped = tablet.request();
    swapped.answer_to = own_key.key();
    const auto read = must(parse_rescue_request(to_text(swapped)));
    REQUIRE(outcome(tablet.answer(read, alice())) == "denied");
}

TEST_CASE("an answer opens on the tablet that asked, for what it asked last", "[crypto]") {
    Tablet tablet;
    const auto asked = tablet.request();
    const auto answer = must(tablet.answer(asked, alice()));
    const auto other = BoxSecret::generate(tablet.env);
    REQUIRE(outcome(open_rescue_answer(answer, tablet.seat, asked.digest, other)) == "wrong_key");
    REQUIRE(outcome(open_rescue_answer(answer, SeatId{}, asked.digest, tablet.answer_key)) ==
            "wrong_key");
    REQUIRE(outcome(open_rescue_answer(answer, tablet.seat, Digest{}, tablet.answer_key)) ==
            "wrong_key");
}

TEST_CASE("every mistyped letter of both codes is noticed", "[crypto]") {
    Tablet tablet;
    const auto asked = tablet.request();
    const auto request = to_text(asked);
    const auto answer = must(tablet.answer(asked, alice()));
    for (std::size_t at = 0; at < request.size(); ++at) {
        auto wrong = request;
        wrong[at] = wrong[at] == '7' ? '8' : '7';
        CAPTURE(at);
        CHECK(outcome(parse_rescue_request(wrong)) == "invalid");
        CHECK(outcome(parse_rescue_request(request.substr(0, at))) == "invalid");
    }
    for (std::size_t at = 0; at < answer.size(); ++at) {
        auto wrong = answer;
        wrong[at] = wrong[at] == '7' ? '8' : '7';
        CAPTURE(at);
        CHECK(outcome(open_rescue_answer(wrong, tablet.seat, asked.digest, tablet.answer_key)) ==
              "invalid");
    }
}

TEST_CASE("a rescue file comes back, and is refused cut short", "[crypto]") {
    Tablet tablet;
    const auto bytes = to_bytes(tablet.rescue());
    const auto read = must(parse_rescue(bytes));
    REQUIRE(to_bytes(read) == bytes);
    REQUIRE(read.rescuers.size() == 2);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        REQUIRE(outcome(parse_rescue(ByteView(bytes).first(size))) == "corrupt");
    }
    std::vector<Rescuer> many(limits::rescuers_max, {tablet.id_of(bob()), bob().box().key()});
    REQUIRE(seal_rescue(tablet.org, tablet.seat, tablet.installation.key(), tablet.database, many,
                        tablet.env).has_value());
    many.push_back(many[0]);
    REQUIRE(outcome(seal_rescue(tablet.org, tablet.seat, tablet.installation.key(),
                                tablet.database, many, tablet.env)) == "too_large");
}
