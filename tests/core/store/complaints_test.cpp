// SPDX-License-Identifier: Apache-2.0
// A reader that was given a wrong key says so by itself, and gets a right one.
#include <catch2/catch.hpp>

#include "core/store/alarms.hpp"
#include "crypto/public/membership_entry.hpp"
#include "tests/support/replicas.hpp"

using namespace trellis;
using trellis::test::Replicas;

namespace {

template <class T>
T must(Result<T> result) {
    if (!result) FAIL(result.error().message);
    return std::move(*result);
}

/// Writes entries as a device's own, past what its replica would do.
class Hand {
public:
    Hand(Replicas& replicas, std::size_t at) : replica_(replicas[at]), env_(replicas.env()) {
        ring_.update(replica_.membership(), replica_.device_key());
    }
    crypto::Author author() {
        return {replica_.membership(), ring_, replica_.device_key(), env_.wall_time(), env_};
    }
    /// A new key of the space, whose copy for `cheated` opens and is another.
    Bytes rotate_wrongly(const SpaceId& space, const DeviceId& cheated) {
        auto ops = must(crypto::parse_entry(must(crypto::rotate(author(), space)))).ops;
        for (auto& op : ops) {
            auto* rotation = std::get_if<crypto::RotateOp>(&op);
            if (rotation == nullptr) continue;
            for (auto& wrap : rotation->wraps) {
                if (wrap.device != cheated) continue;
                crypto::Key wrong;
                env_.random(wrong.span());
                const auto& box = replica_.membership().device(cheated)->box;
                wrap.sealed = must(crypto::seal_key_to(box, wrong, env_));
            }
        }
        return must(crypto::make_entry(author(), std::move(ops)));
    }

private:
    core::Replica& replica_;
    trellis::test::FakeEnv& env_;
    crypto::Keyring ring_;
};

/// Everybody hears everything and says what it has to, until nobody has anything to say.
/// Returns how many entries that took.
std::size_t talk(Replicas& replicas) {
    const auto before = replicas.entries().size();
    for (int round = 0; round < 12; ++round) {
        const auto length = replicas.entries().size();
        for (std::size_t at = 0; at < replicas.size(); ++at) replicas.publish(at);
        replicas.tell_all();
        if (replicas.entries().size() == length) return length - before;
    }
    FAIL("they never stop");
    return 0;
}

std::size_t complaints(const Replicas& replicas) {
    std::size_t count = 0;
    for (const auto& bytes : replicas.entries()) {
        for (const auto& op : must(crypto::parse_entry(bytes)).ops) {
            count += std::holds_alternative<crypto::ComplaintOp>(op) ? 1 : 0;
        }
    }
    return count;
}

void require_all_work(Replicas& replicas) {
    for (std::size_t at = 0; at < replicas.size(); ++at) replicas.put(at, R"({"name":"n"})");
    replicas.settle();
    for (std::size_t at = 1; at < replicas.size(); ++at) {
        CHECK(replicas.digest(at) == replicas.digest(0));
        CHECK(replicas.problems(at).empty());
    }
}

}  // namespace

TEST_CASE("who is given a wrong key complains, and gets a right one", "[core]") {
    Replicas replicas(3);
    require_all_work(replicas);
    const auto space = replicas.space();
    const auto epoch = replicas[0].membership().space(space)->epoch;
    replicas.append(Hand(replicas, 0).rotate_wrongly(space, replicas[2].device()));
    // The complaint and the new key, and no more.
    CHECK(talk(replicas) == 2);
    CHECK(complaints(replicas) == 1);
    CHECK(replicas[2].membership().space(space)->epoch == epoch + 2);
    CHECK_FALSE(replicas[2].membership().is_rotation_due(space));
    CHECK(replicas[2].alarms()->size() == 1);
    CHECK(replicas[2].alarms()->front().kind == core::AlarmKind::key_refused);
    CHECK(replicas[0].alarms()->empty());
    require_all_work(replicas);
    CHECK(talk(replicas) == 0);
}

TEST_CASE("what was written under the key that one reader lacks reaches it in the end", "[core]") {
    Replicas replicas(3);
    const auto space = replicas.space();
    replicas.append(Hand(replicas, 0).rotate_wrongly(space, replicas[2].device()));
    replicas.tell(0);
    replicas.put(0, R"({"name":"in between"})");
    REQUIRE(replicas[0].seal().has_value());
    replicas.tell(2);
    replicas.carry(0, 2);
    CHECK(replicas.digest(0) != replicas.digest(2));
    talk(replicas);
    replicas.settle();
    CHECK(replicas.digest(0) == replicas.digest(2));
}

TEST_CASE("a device that is let in without a key has not to complain", "[core]") {
    Replicas replicas(3);
    const auto space = must(replicas[0].create_space("other", crypto::SpaceClass::general));
    replicas.publish(0);
    replicas.tell_all();
    crypto::GrantOp op{replicas[2].device(), space, crypto::right_read, {}};
    replicas.append(must(crypto::make_entry(Hand(replicas, 0).author(), {op})));
    CHECK(talk(replicas) == 1);  // the new key
    CHECK(complaints(replicas) == 0);
    CHECK(replicas[2].membership().wrap(space, 2, replicas[2].device()) != nullptr);
    CHECK(replicas[2].alarms()->empty());
}

TEST_CASE("a false complaint costs one new key and harms nobody", "[core]") {
    Replicas replicas(3);
    require_all_work(replicas);
    const auto space = replicas.space();
    const auto epoch = replicas[0].membership().space(space)->epoch;
    for (std::uint32_t lie = 1; lie <= 3; ++lie) {
        Hand liar(replicas, 1);
        const auto complaint = must(crypto::complain(liar.author(), space));
        replicas.append(complaint);
        auto after = replicas[1].membership();
        REQUIRE(after.extend(complaint).has_value());
        const auto now = liar.author();
        const crypto::Author again{after, now.keyring, now.device, now.time, now.env};
        CHECK(crypto::complain(again, space).error().code == Code::conflict);
        // Work that is sealed before the new key has come counts like any other.
        replicas.put(2, R"({"name":"meanwhile"})");
        REQUIRE(replicas[2].seal().has_value());
        CHECK(talk(replicas) == 1);
        CHECK(replicas[0].membership().space(space)->epoch == epoch + lie);
        require_all_work(replicas);
    }
    for (std::size_t at = 0; at < replicas.size(); ++at) CHECK(replicas[at].alarms()->empty());
}
