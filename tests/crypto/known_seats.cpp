// SPDX-License-Identifier: Apache-2.0
#include "tests/crypto/known_seats.hpp"

#include "crypto/public/inbox.hpp"
#include "crypto/secret/rescue.hpp"
#include "tests/crypto/vault_sample.hpp"
#include "tests/support/people.hpp"

namespace trellis::test {

using namespace trellis::crypto;

std::map<std::string, std::string> known_seats() {
    std::map<std::string, std::string> files;
    const auto hex = [](ByteView bytes) { return to_hex(bytes) + "\n"; };
    FakeEnv env(30);
    files["fixtures/vault/v1/pin.hex"] = hex(sample_vault(env).bytes());

    const auto org = sample_secrets().org;
    const auto installation = SignSecret::generate(env);
    const auto rescue = seal_rescue(org, sample_order().seat, installation.key(),
                                    sample_secrets().database,
                                    {{alice().id(org), alice().box().key()}}, env);
    files["fixtures/vault/v1/rescue.hex"] = hex(to_bytes(*rescue));
    const auto request = make_rescue_request(*rescue, bob().box().key(), installation);
    const auto answer = answer_rescue(request, org, alice().id(org), alice().box(), env);
    files["fixtures/vault/v1/rescue.txt"] = to_text(request) + "\n" + *answer + "\n";

    Submission submission;
    submission.reply = carol().box().key();
    submission.body = to_bytes(as_bytes("Please call after six."));
    SubmissionHeader to;
    to.inbox.bytes.fill(0x66);
    to.key_epoch = 3;
    const auto sealed = seal_submission(org, to, bob().box().key(), submission, env);
    files["fixtures/inbox/v1/intake.hex"] = hex(*sealed);
    return files;
}

}  // namespace trellis::test
