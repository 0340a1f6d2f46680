// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/vault.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"
#include "crypto/primitive/hash.hpp"
#include "crypto/primitive/sodium.hpp"

namespace trellis::crypto {
namespace {

// magic 4 | version 1 | kdf 1 | factors 1 | fails 1 | ops 4 | memory 4 | salt 16 | seat 16
// | installation 16 || commit 32 | nonce 24 || sealed size 4 | sealed || boot 8 | tried at 8
constexpr std::string_view magic = "TRV1";
constexpr std::uint8_t version = 1;
constexpr std::uint8_t kdf_argon2id = 2;
constexpr std::uint8_t factor_pin = 1;
constexpr std::uint8_t factor_hardware = 2;
constexpr std::uint8_t secrets_version = 1;
constexpr std::uint8_t flag_rescue = 1;
constexpr std::int64_t second = 1000;
constexpr std::int64_t minute = 60 * second;

Bytes write_secrets(const VaultSecrets& secrets) {
    ByteWriter writer;
    writer.reserve(128);  // in one place, so that nothing of it is left behind
    writer.u8(secrets_version);
    writer.raw(secrets.database.view());
    writer.raw(secrets.org.view());
    writer.raw(secrets.device.view());
    writer.u64(secrets.log_length);
    writer.u8(secrets.may_be_rescued ? flag_rescue : 0);
    return writer.take();
}

Result<VaultSecrets> read_secrets(ByteView plain) {
    ByteReader reader(plain);
    VaultSecrets secrets;
    if (reader.u8() != secrets_version) return vault_error();
    if (const auto key = reader.raw(Key::size); !key.empty()) secrets.database = Key::from(key);
    secrets.org = reader.id<OrgId>();
    secrets.device = reader.id<DeviceId>();
    secrets.log_length = reader.u64();
    const auto flags = reader.u8();
    secrets.may_be_rescued = (flags & flag_rescue) != 0;
    if (!reader.finish("a vault") || flags > flag_rescue) return vault_error();
    return secrets;
}

Digest commitment(const Key& key, ByteView header) {
    return Digest::from(derive(key, Label::vault_commit, header).view());
}

/// What is bound to the sealed part: the header, the commitment and the nonce.
Bytes associated(ByteView header, const Digest& commit, const Nonce& nonce) {
    Bytes bytes = to_bytes(header);
    append(bytes, commit.view());
    append(bytes, nonce);
    return bytes;
}

/// Before the attempt that follows so many failures.
std::int64_t wait_after(unsigned fails) {
    if (fails < limits::pin_attempts_free) return 0;
    switch (fails - limits::pin_attempts_free) {
        case 0: return 30 * second;
        case 1: return minute;
        case 2: return 5 * minute;
        case 3: return 15 * minute;
        default: return 60 * minute;
    }
}

}  // namespace

Error vault_error() {
    return {Code::wrong_key, "that PIN does not open this seat"};
}

/// The first 64 bytes, with no failures counted: what the commitment covers.
Bytes Vault::header() const {
    ByteWriter writer;
    writer.raw(as_bytes(magic));
    writer.u8(version);
    writer.u8(kdf_argon2id);
    writer.u8(needs_hardware_ ? factor_pin | factor_hardware : factor_pin);
    writer.u8(0);
    writer.u32(order_.cost.ops);
    writer.u32(order_.cost.kib);
    writer.raw(salt_);
    writer.raw(order_.seat.view());
    writer.raw(order_.installation.view());
    return writer.take();
}

Result<Key> Vault::key_of(const Pin& pin, const Key* hardware) const {
    TRELLIS_TRY(const Key stretched, stretch(pin.view(), salt_, order_.cost));
    SecretBytes<Key::size + SeatId::size> context;
    const auto out = context.span();
    if (hardware != nullptr) copy_secret(out.data(), hardware->view());
    copy_secret(out.subspan(Key::size).data(), order_.seat.view());
    return derive(stretched, Label::vault_kek, context.view());
}

Result<Vault> Vault::make(const VaultOrder& order, const Pin& pin, const Key* hardware,
                          const VaultSecrets& secrets, Env& env) {
    Vault vault;
    vault.order_ = order;
    vault.needs_hardware_ = hardware != nullptr;
    env.random(vault.salt_);
    TRELLIS_TRY(const Key key, vault.key_of(pin, hardware));
    vault.commit_ = commitment(key, vault.header());
    vault.reseal(key, secrets, env);
    return vault;
}

Result<Vault> Vault::parse(ByteView file) {
    ByteReader reader(file);
    Vault vault;
    const bool is_ours = equal(reader.raw(magic.size()), as_bytes(magic)) &&
                         reader.u8() == version && reader.u8() == kdf_argon2id;
    const auto factors = reader.u8();
    vault.needs_hardware_ = factors == (factor_pin | factor_hardware);
    if (!is_ours || (factors != factor_pin && !vault.needs_hardware_)) return vault_error();
    vault.fails_ = reader.u8();
    vault.order_.cost.ops = reader.u32();
    vault.order_.cost.kib = reader.u32();
    const auto salt = reader.raw(vault.salt_.size());
    std::copy(salt.begin(), salt.end(), vault.salt_.begin());
    vault.order_.seat = reader.id<SeatId>();
    vault.order_.installation = reader.id<InstallationMark>();
    vault.commit_ = reader.id<Digest>();
    const auto nonce = reader.raw(vault.nonce_.size());
    std::copy(nonce.begin(), nonce.end(), vault.nonce_.begin());
    vault.sealed_ = to_bytes(reader.blob(limits::vault_secret_max));
    vault.boot_ = reader.u64();
    vault.tried_at_ = static_cast<std::int64_t>(reader.u64());
    if (!reader.finish("a vault") || !is_allowed(vault.order_.cost)) return vault_error();
    return vault;
}

Bytes Vault::bytes() const {
    auto bytes = header();
    bytes[magic.size() + 3] = fails_;
    ByteWriter writer;
    writer.raw(bytes);
    writer.raw(commit_.view());
    writer.raw(nonce_);
    writer.blob(sealed_);
    writer.u64(boot_);
    writer.u64(static_cast<std::uint64_t>(tried_at_));
    return writer.take();
}

std::int64_t Vault::wait_ms(Env& env) {
    const auto wait = wait_after(fails_);
    if (wait == 0) return 0;
    const auto now = env.monotonic_time();
    // Setting the wall clock gains nothing, and neither does a restart.
    if (boot_ != env.boot_id() || tried_at_ < 0 || tried_at_ > now) {
        boot_ = env.boot_id();
        tried_at_ = now;
    }
    return std::max<std::int64_t>(tried_at_ + wait - now, 0);
}

void Vault::count_attempt(Env& env) {
    if (fails_ < limits::pin_attempts_max) ++fails_;
    boot_ = env.boot_id();
    tried_at_ = env.monotonic_time();
}

unsigned Vault::attempts_left() const {
    return limits::pin_attempts_max - std::min(fails_, limits::pin_attempts_max);
}

Result<Vault::Opened> Vault::open(const Pin& pin, const Key* hardware) const {
    TRELLIS_TRY(Key key, key_of(pin, needs_hardware_ ? hardware : nullptr));
    const auto head = header();
    if (!equal_in_constant_time(commitment(key, head).view(), commit_.view())) {
        return vault_error();
    }
    const auto inner = derive(key, Label::vault_enc, {});
    auto plain = aead_open(inner, nonce_, associated(head, commit_, nonce_), sealed_);
    if (!plain) return vault_error();
    auto secrets = read_secrets(*plain);
    wipe(*plain);
    if (!secrets) return std::move(secrets).error();
    return Opened{std::move(key), std::move(*secrets)};
}

void Vault::reseal(const Key& key, const VaultSecrets& secrets, Env& env) {
    const auto inner = derive(key, Label::vault_enc, {});
    auto plain = write_secrets(secrets);
    // Even where the random source says zeros, other secrets get another nonce.
    ByteArray<16> salt{};
    env.random(salt);
    nonce_ = keyed_hash<Nonce{}.size()>(inner, Label::vault_enc, {salt, plain});
    sealed_ = aead_seal(inner, nonce_, associated(header(), commit_, nonce_), plain);
    wipe(plain);
}

}  // namespace trellis::crypto
