// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/device_key.hpp"

#include "crypto/primitive/hash.hpp"

namespace trellis::crypto {
namespace {

constexpr std::uint8_t stored_version = 1;

}  // namespace

DeviceKey::DeviceKey(SignSecret sign, BoxSecret box, Key nonce_seed)
    : sign_(std::move(sign))
    , box_(std::move(box))
    , nonce_seed_(std::move(nonce_seed))
    , nonce_key_(derive(nonce_seed_, Label::batch_nonce, {})) {}

DeviceKey DeviceKey::generate(Env& env) {
    auto sign = SignSecret::generate(env);
    auto box = BoxSecret::generate(env);
    Key nonce_seed;
    env.random(nonce_seed.span());
    return {std::move(sign), std::move(box), std::move(nonce_seed)};
}

Result<DeviceKey> DeviceKey::restore(ByteView stored) {
    if (stored.size() != stored_size) {
        return Error{Code::corrupt, "the device's stored key has the wrong size"};
    }
    if (stored[0] != stored_version) {
        return Error{Code::unsupported, "the device's key was stored by a newer version; update"};
    }
    return DeviceKey(SignSecret::from_seed(stored.subspan(1, 32)),
                     BoxSecret::from_seed(stored.subspan(33, 32)),
                     Key::from(stored.last(32)));
}

SecretBytes<DeviceKey::stored_size> DeviceKey::store() const {
    SecretBytes<stored_size> stored;
    const auto out = stored.span();
    out[0] = stored_version;
    copy_secret(&out[1], sign_.seed());
    copy_secret(&out[33], box_.seed());
    copy_secret(&out[65], nonce_seed_.view());
    return stored;
}

DeviceKey DeviceKey::clone() const {
    return {sign_.clone(), box_.clone(), nonce_seed_.clone()};
}

}  // namespace trellis::crypto
