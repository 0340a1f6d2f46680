// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/names.hpp"

#include "core/base/limits.hpp"
#include "crypto/primitive/aead.hpp"
#include "crypto/primitive/hash.hpp"
#include "crypto/primitive/sodium.hpp"

namespace trellis::crypto {
namespace {

constexpr std::size_t step = 64;
constexpr std::uint8_t end_mark = 0x80;

Key name_key(const Key& epoch_key, const NamePlace& place) {
    ByteWriter context;
    context.raw(place.key_space.view());
    context.u32(place.epoch);
    return derive(epoch_key, Label::name, context.view());
}

Bytes binding(const NamePlace& place) {
    ByteWriter writer;
    writer.raw(place.org.view());
    writer.u8(static_cast<std::uint8_t>(place.kind));
    writer.raw(place.target.view());
    writer.raw(place.key_space.view());
    writer.u32(place.epoch);
    return writer.take();
}

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= limits::name_max && is_utf8(name) &&
           name.find('\0') == std::string_view::npos;
}

Bytes pad_name(std::string_view name) {
    auto padded = to_bytes(as_bytes(name));
    padded.push_back(end_mark);
    padded.resize((padded.size() + step - 1) / step * step, 0);
    return padded;
}

}  // namespace

Result<NameOp> seal_name(const NamePlace& place,
                         const Key& epoch_key,
                         std::string_view name,
                         Env& env) {
    if (!is_name(name)) {
        return Error{Code::invalid, "a name needs 1 to 120 bytes of ordinary text; shorten it"};
    }
    const auto key = name_key(epoch_key, place);
    auto padded = pad_name(name);
    ByteArray<24> random{};
    env.random(random);
    // Hedged like the salt of an envelope.
    const Nonce nonce = keyed_hash<24>(key, Label::name_nonce, {random, binding(place), padded});
    NameOp op{
        place.kind, place.target, place.key_space, place.epoch, Bytes(nonce.begin(), nonce.end())};
    append(op.sealed, aead_seal(key, nonce, binding(place), padded));
    wipe(padded);
    return op;
}

Result<std::string> open_name(const NamePlace& place, const Key& epoch_key, ByteView sealed) {
    Nonce nonce{};
    if (sealed.size() < nonce.size()) return Error{Code::corrupt, "a sealed name is too short"};
    std::copy_n(sealed.begin(), nonce.size(), nonce.begin());
    TRELLIS_TRY(
        const auto padded,
        aead_open(name_key(epoch_key, place), nonce, binding(place), sealed.subspan(nonce.size())));
    auto size = padded.size();
    while (size > 0 && padded[size - 1] == 0)
        --size;
    const bool is_marked = size > 0 && padded[size - 1] == end_mark;
    std::string name(as_text(ByteView(padded).first(is_marked ? size - 1 : 0)));
    if (!is_name(name) || pad_name(name) != padded) {
        return Error{Code::corrupt, "a sealed name holds no proper name"};
    }
    return name;
}

Result<std::string> name_of(const Membership& membership,
                            const Keyring& keyring,
                            NameKind kind,
                            const TargetId& target) {
    const auto* record = membership.name(kind, target);
    if (record == nullptr) return Error{Code::not_found, "it has no name"};
    const auto* key = keyring.key(record->key_space, record->epoch);
    if (key == nullptr) return Error{Code::wrong_key, "this device has no key to read that name"};
    return open_name(
        {membership.org(), kind, target, record->key_space, record->epoch}, *key, record->sealed);
}

}  // namespace trellis::crypto
