// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/invite.hpp"

#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"
#include "crypto/primitive/hash.hpp"
#include "crypto/primitive/sodium.hpp"
#include "crypto/secret/base32.hpp"

#include <algorithm>

namespace trellis::crypto {
namespace {

// version 1 | secret 16 | org 32 | server key 32 | log length 8 | log head 32 | url size 1, url
// | checksum 4
constexpr std::string_view prefix = "TRL1:";
constexpr std::uint8_t version = 1;
constexpr std::size_t check_size = 4;

ByteArray<check_size> checksum(ByteView bytes) {
    const auto digest = hash(Label::invite_check, {bytes});
    ByteArray<check_size> sum{};
    std::copy_n(digest.bytes.begin(), check_size, sum.begin());
    return sum;
}

bool is_url(std::string_view url) {
    return url.size() <= invite_url_max &&
           std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Error mistyped() {
    return {Code::invalid, "that is no invite, or a letter of it is wrong; copy it again in full"};
}

Result<Invite> read(ByteView bytes) {
    ByteReader reader(bytes);
    if (reader.u8() != version) {
        return Error{Code::unsupported, "the invite was made by a newer version; update"};
    }
    Invite invite;
    if (const auto secret = reader.raw(16); !secret.empty()) {
        invite.secret = SecretBytes<16>::from(secret);
    }
    invite.org = reader.id<OrgId>();
    invite.server_key = reader.id<SignKey>();
    invite.log_length = reader.u64();
    invite.log_head = reader.id<Digest>();
    invite.url = as_text(reader.raw(reader.u8()));
    if (!reader.finish("an invite") || !is_url(invite.url)) return mistyped();
    return invite;
}

}  // namespace

Result<std::string> to_text(const Invite& invite) {
    if (!is_url(invite.url)) {
        return Error{Code::invalid, "the server's address must be plain text of at most 255 bytes"};
    }
    ByteWriter writer;
    writer.u8(version);
    writer.raw(invite.secret.view());
    writer.raw(invite.org.view());
    writer.raw(invite.server_key.view());
    writer.u64(invite.log_length);
    writer.raw(invite.log_head.view());
    writer.u8(static_cast<std::uint8_t>(invite.url.size()));
    writer.raw(as_bytes(invite.url));
    writer.raw(checksum(writer.view()));
    auto bytes = writer.take();
    auto text = std::string(prefix) + to_base32(bytes);
    wipe(bytes);
    return text;
}

Result<Invite> parse_invite(std::string_view text) {
    while (!text.empty() && text.back() <= ' ')
        text.remove_suffix(1);
    while (!text.empty() && text.front() <= ' ')
        text.remove_prefix(1);
    const auto same_letter = [](char a, char b) {
        return a == b || (a >= 'A' && a <= 'Z' && b == a - 'A' + 'a');
    };
    if (text.size() < prefix.size() ||
        !std::equal(prefix.begin(), prefix.end(), text.begin(), same_letter)) {
        return mistyped();
    }
    auto bytes = from_base32(text.substr(prefix.size()));
    if (!bytes || bytes->size() <= check_size) return mistyped();
    const auto body = ByteView(*bytes).first(bytes->size() - check_size);
    if (!equal(checksum(body), ByteView(*bytes).last(check_size))) return mistyped();
    auto invite = read(body);
    wipe(*bytes);
    return invite;
}

InviteKeys invite_keys(const Invite& invite) {
    auto sign = SignSecret::from_seed(derive(invite.secret.view(), Label::invite_sign, {}).view());
    auto box = BoxSecret::from_seed(derive(invite.secret.view(), Label::invite_box, {}).view());
    const auto id = invite_id(sign.key(), box.key());
    return {std::move(sign), std::move(box), id};
}

}  // namespace trellis::crypto
