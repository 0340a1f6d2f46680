// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/co_sign.hpp"

#include "core/base/limits.hpp"

#include <algorithm>

namespace trellis::crypto {
namespace {

std::string joined(const std::vector<std::string>& sentences) {
    std::string all;
    for (const auto& sentence : sentences) {
        if (!all.empty()) all += ". And ";
        all += sentence;
    }
    return all;
}

}  // namespace

Result<std::string> missing_signatures(const Membership& membership, ByteView entry) {
    TRELLIS_TRY(const auto parsed, parse_entry(entry));
    TRELLIS_TRY(const auto lacking, membership.lacking(parsed));
    return joined(lacking);
}

Result<Bytes> co_sign(const Membership& membership, ByteView entry, const DeviceKey& device) {
    TRELLIS_TRY(auto parsed, parse_entry(entry));
    TRELLIS_TRY(const auto before, membership.lacking(parsed));
    if (before.empty()) {
        return Error{Code::conflict, "the entry has all its signatures; send it"};
    }
    auto& signatures = parsed.signatures;
    const auto me = signer(device.id(membership.org()));
    const auto place = std::lower_bound(
        signatures.begin(), signatures.end(), me, [](const auto& one, const auto& id) {
            return one.signer < id;
        });
    if (place != signatures.end() && place->signer == me) {
        return Error{Code::conflict, "this device has signed it already; ask somebody else"};
    }
    if (signatures.size() == limits::entry_signers_max) {
        return Error{Code::too_large, "the entry has as many signatures as one can have"};
    }
    signatures.insert(
        place, {me, sign(device.sign(), Label::log_sig, membership.org(), parsed.hash)});
    TRELLIS_TRY(const auto after, membership.lacking(parsed));
    if (after == before) {
        return Error{Code::denied,
                     "the signature of this device does not help: " + joined(before)};
    }
    auto bytes = write_unsigned_entry(parsed);
    append_signatures(bytes, signatures);
    return bytes;
}

}  // namespace trellis::crypto
