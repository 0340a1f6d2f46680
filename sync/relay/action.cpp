// SPDX-License-Identifier: Apache-2.0
#include "sync/relay/action.hpp"

namespace trellis::sync {

bool is_genuine(const SignatureCheck& check) {
    return crypto::verify(
        check.key, crypto::Label::batch_sig, check.org, check.chain, check.signature);
}

}  // namespace trellis::sync
