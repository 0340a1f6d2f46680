// SPDX-License-Identifier: Apache-2.0
#include "tests/crypto/known_trust.hpp"

#include "core/base/json.hpp"
#include "crypto/secret/co_sign.hpp"
#include "crypto/secret/recover.hpp"
#include "tests/support/organisation.hpp"

namespace trellis::test {
namespace {

using namespace trellis::crypto;

template <class T>
T must(Result<T> result) {
    TRELLIS_CHECK(result.has_value());
    return std::move(result).value();
}

// Every op of the second part of the table once, the root's last.
void change_trust(Organisation& it) {
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    it.append(set_admin_quorum(it.as(it.alice), 2));
    const Author draft{it.membership, it.alice.ring, it.alice.key, it.env.wall_time(), it.env, true};
    const auto until = it.env.wall_time() + 3'600'000;
    const auto entry = must(break_glass(draft, {it.id(it.bob), it.counselling, until, Digest{}}));
    it.append(co_sign(it.membership, entry, it.carol.key));
    it.append(complain(it.as(it.bob), it.school));
    it.env.advance(3'600'001);
    it.append(rotate(it.as(it.alice), it.counselling));
    const auto bob = it.id(it.bob);
    const auto user = it.membership.device(bob)->user;
    ActorId actor;
    actor.bytes.fill(7);
    it.append(revoke_user(
        it.as(it.alice), user, {{bob, {{it.school, actor, 12, Digest{}}}}}, removed_left));
    it.append(adopt(it.as(it.alice), it.school, {Digest{}}));
    const auto seed = must(combine_sheets({it.sheets[0], it.sheets[1]}));
    RecoverOrder order;
    order.device_name = "New desk";
    order.removals = {{it.id(it.carol), removed_lost, {}}};
    const auto made = must(recover(it.membership,
                                   root_keys(seed.seed),
                                   order,
                                   DeviceKey::generate(it.env),
                                   it.env.wall_time(),
                                   it.env));
    for (const auto& one : made.entries) it.append(one);
}

}  // namespace

std::map<std::string, std::string> known_trust() {
    Organisation it;
    change_trust(it);
    std::map<std::string, std::string> files;
    const std::string folder = "fixtures/membership/v1-trust/";
    auto again = must(Membership::found(it.log.front()));
    Json json;
    for (std::size_t i = 0; i < it.log.size(); ++i) {
        if (i > 0) TRELLIS_CHECK(again.extend(it.log[i]).has_value());
        const auto number = (i < 10 ? "0" : "") + std::to_string(i);
        files[folder + number + ".hex"] = to_hex(it.log[i]) + "\n";
        Json digests = json["post_states"];
        digests.push(again.state().digest.hex());
        json.set("post_states", digests);
    }
    json.set("org", it.org().hex());
    json.set("root_sign", it.membership.state().root_sign.hex());
    json.set("admin_quorum", static_cast<std::int64_t>(it.membership.admin_quorum()));
    files[folder + "about.json"] = print_json(json) + "\n";
    return files;
}

}  // namespace trellis::test
