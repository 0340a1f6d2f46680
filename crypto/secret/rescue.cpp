// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/rescue.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"
#include "crypto/primitive/hash.hpp"
#include "crypto/primitive/sodium.hpp"
#include "crypto/secret/base32.hpp"

namespace trellis::crypto {
namespace {

// file:    magic 4 | version 1 | org 32 | seat 16 | u8 count | (device 16, sealed 128) …
// sealed:  seat 16 | installation's key 32 | database key 32
// request: version 1 | the file's org, seat and list | answer to 32 | signature 64 | checksum 4
// answer:  version 1 | seat 16 | sealed (request's digest 32 | database key 32) | checksum 4
constexpr std::string_view magic = "TRR1";
constexpr std::string_view request_prefix = "TRQ1:";
constexpr std::string_view answer_prefix = "TRA1:";
constexpr std::uint8_t version = 1;
constexpr std::size_t check_size = 4;
constexpr std::size_t answer_sealed = Digest::size + Key::size + sealed_box_overhead;
constexpr std::size_t code_digits = 8;

using Plain = SecretBytes<SeatId::size + SignKey::size + Key::size>;
static_assert(Rescue::Sealed::size == Plain::size + sealed_box_overhead);

std::string coded(std::string_view prefix, ByteView body) {
    Bytes bytes = trellis::to_bytes(body);
    append(bytes, hash(Label::rescue_check, {body}).view().first(check_size));
    return std::string(prefix) + to_base32(bytes);
}

Error mistyped() {
    return {Code::invalid, "that is no such code, or a letter of it is wrong; copy it in full"};
}

Result<Bytes> decoded(std::string_view prefix, std::string_view text) {
    const auto start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return mistyped();
    text.remove_prefix(start);
    const auto same_letter = [](char a, char b) {
        return a == b || (b >= 'a' && b <= 'z' && a == b - 'a' + 'A');
    };
    if (text.size() < prefix.size() ||
        !std::equal(prefix.begin(), prefix.end(), text.begin(), same_letter)) {
        return mistyped();
    }
    std::string digits;
    for (const char letter : text.substr(prefix.size())) {
        if (letter > ' ') digits.push_back(letter);
    }
    auto bytes = from_base32(digits);
    if (!bytes || bytes->size() <= check_size) return mistyped();
    const auto body = ByteView(*bytes).first(bytes->size() - check_size);
    if (!equal(hash(Label::rescue_check, {body}).view().first(check_size),
               ByteView(*bytes).last(check_size))) {
        return mistyped();
    }
    bytes->resize(body.size());
    return std::move(*bytes);
}

void write(ByteWriter& writer, const Rescue& rescue) {
    writer.raw(rescue.org.view());
    writer.raw(rescue.seat.view());
    writer.u8(static_cast<std::uint8_t>(rescue.rescuers.size()));
    for (const auto& each : rescue.rescuers) {
        writer.raw(each.device.view());
        writer.raw(each.sealed.view());
    }
}

Rescue read(ByteReader& reader) {
    Rescue rescue;
    rescue.org = reader.id<OrgId>();
    rescue.seat = reader.id<SeatId>();
    const auto count = reader.u8();
    if (count > limits::rescuers_max) reader.fail();
    for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
        Rescue::ForOne each;
        each.device = reader.id<DeviceId>();
        each.sealed = reader.id<Rescue::Sealed>();
        rescue.rescuers.push_back(each);
    }
    return rescue;
}

/// What the installation signs.
Bytes signed_part(const RescueRequest& request) {
    ByteWriter writer;
    writer.u8(version);
    write(writer, request.rescue);
    writer.raw(request.answer_to.view());
    return writer.take();
}

Digest digest_of(const RescueRequest& request) {
    return hash(Label::rescue_check, {signed_part(request)});
}

}  // namespace

Result<Rescue> seal_rescue(const OrgId& org, const SeatId& seat, const SignKey& installation,
                           const Key& database, const std::vector<Rescuer>& rescuers, Env& env) {
    if (rescuers.size() > limits::rescuers_max) {
        return Error{Code::too_large, "a seat has at most eight supervisors"};
    }
    Plain plain;
    const auto out = plain.span();
    copy_secret(out.data(), seat.view());
    copy_secret(out.subspan(SeatId::size).data(), installation.view());
    copy_secret(out.subspan(SeatId::size + SignKey::size).data(), database.view());
    Rescue rescue{org, seat, {}};
    for (const auto& each : rescuers) {
        TRELLIS_TRY(const auto sealed, seal_to(each.box, plain.view(), env));
        rescue.rescuers.push_back({each.device, Rescue::Sealed::from(sealed)});
    }
    return rescue;
}

Bytes to_bytes(const Rescue& rescue) {
    ByteWriter writer;
    writer.raw(as_bytes(magic));
    writer.u8(version);
    write(writer, rescue);
    return writer.take();
}

Result<Rescue> parse_rescue(ByteView bytes) {
    ByteReader reader(bytes);
    const bool is_ours = equal(reader.raw(magic.size()), as_bytes(magic)) && reader.u8() == version;
    if (!is_ours) return Error{Code::corrupt, "that is no rescue file of this version"};
    auto rescue = read(reader);
    TRELLIS_DO(reader.finish("a rescue file"));
    return rescue;
}

RescueRequest make_rescue_request(Rescue rescue, const BoxKey& answer_to,
                                  const SignSecret& installation) {
    RescueRequest request{std::move(rescue), answer_to, {}, {}};
    request.digest = digest_of(request);
    request.signature =
        sign(installation, Label::rescue_sig, request.rescue.org, request.digest);
    return request;
}

std::string to_text(const RescueRequest& request) {
    auto bytes = signed_part(request);
    append(bytes, request.signature.view());
    return coded(request_prefix, bytes);
}

Result<RescueRequest> parse_rescue_request(std::string_view text) {
    TRELLIS_TRY(const auto bytes, decoded(request_prefix, text));
    ByteReader reader(bytes);
    if (reader.u8() != version) {
        return Error{Code::unsupported, "the code was made by a newer version; update"};
    }
    RescueRequest request;
    request.rescue = read(reader);
    request.answer_to = reader.id<BoxKey>();
    request.signature = reader.id<Signature>();
    if (!reader.finish("a request for rescue")) return mistyped();
    request.digest = digest_of(request);
    return request;
}

std::string spoken_code(const RescueRequest& request) {
    const auto digits = to_base32(request.digest.view()).substr(0, code_digits);
    return digits.substr(0, code_digits / 2) + " " + digits.substr(code_digits / 2);
}

Result<std::string> answer_rescue(const RescueRequest& request, const OrgId& org,
                                  const DeviceId& self, const BoxSecret& own, Env& env) {
    const auto& list = request.rescue.rescuers;
    const auto ours = std::find_if(list.begin(), list.end(),
                                   [&](const auto& each) { return each.device == self; });
    if (request.rescue.org != org || ours == list.end()) {
        return Error{Code::denied, "this device is no supervisor of that seat; ask another"};
    }
    auto opened = open_box(own, ours->sealed.view());
    if (!opened || opened->size() != Plain::size) {
        return Error{Code::wrong_key, "the seat's key was sealed to another device, or altered"};
    }
    const auto plain = Plain::from(*opened);
    wipe(*opened);
    const auto installation = SignKey::from(plain.view().subspan(SeatId::size, SignKey::size));
    const bool is_genuine =
        equal(plain.view().first(SeatId::size), request.rescue.seat.view()) &&
        verify(installation, Label::rescue_sig, org, request.digest, request.signature);
    if (!is_genuine) {
        return Error{Code::denied, "the request does not come from the tablet of that seat"};
    }
    SecretBytes<Digest::size + Key::size> answer;
    copy_secret(answer.span().data(), request.digest.view());
    copy_secret(answer.span().data() + Digest::size, plain.view().last(Key::size));
    TRELLIS_TRY(const auto sealed, seal_to(request.answer_to, answer.view(), env));
    ByteWriter writer;
    writer.u8(version);
    writer.raw(request.rescue.seat.view());
    writer.raw(sealed);
    return coded(answer_prefix, writer.view());
}

Result<Key> open_rescue_answer(std::string_view text, const SeatId& seat, const Digest& request,
                               const BoxSecret& answer_key) {
    TRELLIS_TRY(const auto bytes, decoded(answer_prefix, text));
    ByteReader reader(bytes);
    if (reader.u8() != version) {
        return Error{Code::unsupported, "the code was made by a newer version; update"};
    }
    const auto of_seat = reader.id<SeatId>();
    const auto sealed = reader.raw(answer_sealed);
    if (!reader.finish("an answer")) return mistyped();
    const Error foreign{Code::wrong_key, "that code answers another request; make a new one"};
    if (of_seat != seat) return foreign;
    auto opened = open_box(answer_key, sealed);
    if (!opened) return foreign;
    const bool is_ours =
        equal_in_constant_time(ByteView(*opened).first(Digest::size), request.view());
    auto key = Key::from(ByteView(*opened).last(Key::size));
    wipe(*opened);
    if (!is_ours) return foreign;
    return key;
}

}  // namespace trellis::crypto
