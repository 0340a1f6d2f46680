// SPDX-License-Identifier: Apache-2.0
#include "clients/seats/installation.hpp"

#include <algorithm>

#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"
#include "crypto/primitive/aead.hpp"
#include "crypto/primitive/hash.hpp"
#include "crypto/primitive/sodium.hpp"

namespace trellis::clients {
namespace {

// magic 5 | signing seed 32 | mark 16
constexpr std::string_view magic = "TRLN1";
constexpr const char* file_name = "installation";

Result<Installation> make(SeatFiles& files, Env& env) {
    auto secret = crypto::SignSecret::generate(env);
    crypto::InstallationMark mark;
    env.random(mark.bytes);
    ByteWriter writer;
    writer.reserve(64);
    writer.raw(as_bytes(magic));
    writer.raw(secret.seed());
    writer.raw(mark.view());
    auto bytes = writer.take();
    const auto written = files.write(file_name, bytes);
    crypto::wipe(bytes);
    if (!written) return written.error();
    return Installation::open(files, env);
}

/// The header of what is sealed is bound too, so a seat's file does not pass for another's.
Bytes associated(crypto::Label label, const crypto::SeatId& seat) {
    Bytes bytes = to_bytes(as_bytes(text_of(label)));
    append(bytes, seat.view());
    return bytes;
}

}  // namespace

Result<Installation> Installation::open(SeatFiles& files, Env& env) {
    auto bytes = files.read(file_name);
    if (!bytes) {
        if (bytes.error().code == Code::not_found) return make(files, env);
        return std::move(bytes).error();
    }
    ByteReader reader(*bytes);
    const bool is_ours = equal(reader.raw(magic.size()), as_bytes(magic));
    const auto seed = reader.raw(crypto::Key::size);
    const auto mark = reader.id<crypto::InstallationMark>();
    if (!is_ours || !reader.finish("the installation")) {
        return Error{Code::corrupt, "the installation's own file is damaged; take a new folder "
                                    "and join with new invites"};
    }
    Installation installation(crypto::SignSecret::from_seed(seed), mark);
    crypto::wipe(*bytes);
    return installation;
}

Bytes Installation::seal(crypto::Label label, const crypto::SeatId& seat, ByteView plain,
                         Env& env) const {
    const auto key = crypto::derive(secret_.seed(), label, seat.view());
    ByteArray<16> salt{};
    env.random(salt);
    const auto nonce = crypto::keyed_hash<crypto::Nonce{}.size()>(key, label, {salt, plain});
    Bytes sealed(nonce.begin(), nonce.end());
    append(sealed, crypto::aead_seal(key, nonce, associated(label, seat), plain));
    return sealed;
}

Result<Bytes> Installation::open(crypto::Label label, const crypto::SeatId& seat,
                                 ByteView sealed) const {
    crypto::Nonce nonce{};
    const Error damaged{Code::corrupt, "a file that a seat left behind is damaged"};
    if (sealed.size() < nonce.size()) return damaged;
    std::copy_n(sealed.begin(), nonce.size(), nonce.begin());
    const auto key = crypto::derive(secret_.seed(), label, seat.view());
    auto plain = crypto::aead_open(key, nonce, associated(label, seat),
                                   sealed.subspan(nonce.size()));
    if (!plain) return damaged;
    return std::move(*plain);
}

}  // namespace trellis::clients
