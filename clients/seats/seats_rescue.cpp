// SPDX-License-Identifier: Apache-2.0
// A forgotten PIN: the locked device asks, a supervisor's device answers, offline.
#include <algorithm>

#include "clients/seats/seat_names.hpp"
#include "clients/seats/seats.hpp"
#include "core/base/limits.hpp"
#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"
#include "crypto/primitive/sodium.hpp"

namespace trellis::clients {
namespace {

/// The administrators of now, other than the seat itself.
std::vector<crypto::Rescuer> rescuers_of(core::Replica& replica) {
    std::vector<crypto::Rescuer> list;
    for (const auto& [id, device] : replica.membership().devices()) {
        if (!device.is_admin() || id == replica.device()) continue;
        if (list.size() < limits::rescuers_max) list.push_back({id, device.box});
    }
    return list;
}

bool is_for(const crypto::Rescue& rescue, const OrgId& org,
            const std::vector<crypto::Rescuer>& rescuers) {
    return rescue.org == org && rescue.rescuers.size() == rescuers.size() &&
           std::equal(rescuers.begin(), rescuers.end(), rescue.rescuers.begin(),
                      [](const auto& a, const auto& b) { return a.device == b.device; });
}

}  // namespace

/// Sealed again whenever the administrators have changed: one who left holds nothing.
Result<void> Seats::keep_rescue(const OpenSeat& seat, core::Replica& replica) {
    const auto file = name(seat.id, seat_file::rescue);
    const auto rescuers = rescuers_of(replica);
    if (!seat.secrets.may_be_rescued || rescuers.empty()) return files_.erase(file);
    if (const auto bytes = files_.read(file)) {
        const auto kept = crypto::parse_rescue(*bytes);
        if (kept && kept->seat == seat.id && is_for(*kept, replica.org(), rescuers)) return {};
    }
    TRELLIS_TRY(const auto rescue,
                crypto::seal_rescue(replica.org(), seat.id, installation_.secret().key(),
                                    seat.secrets.database, rescuers, env_));
    return files_.write(file, crypto::to_bytes(rescue));
}

Result<Seats::Asked> Seats::ask_rescue(const crypto::SeatId& id) {
    auto bytes = files_.read(name(id, seat_file::rescue));
    if (!bytes) {
        if (bytes.error().code != Code::not_found) return std::move(bytes).error();
        return Error{Code::not_found, "no supervisor holds a key of this seat: destroy it and "
                                      "join with a new invite; what was sealed is not lost"};
    }
    TRELLIS_TRY(auto rescue, crypto::parse_rescue(*bytes));
    if (rescue.seat != id) return Error{Code::corrupt, "the rescue file is of another seat"};
    const auto answer_key = crypto::BoxSecret::generate(env_);
    const auto request = crypto::make_rescue_request(std::move(rescue), answer_key.key(),
                                                     installation_.secret());
    // request: digest 32 | scalar 32
    ByteWriter writer;
    writer.reserve(crypto::Key::size + Digest::size);
    writer.raw(request.digest.view());
    writer.raw(answer_key.seed());
    auto plain = writer.take();
    const auto written =
        files_.write(name(id, seat_file::request),
                     installation_.seal(crypto::Label::tablet_secret, id, plain, env_));
    crypto::wipe(plain);
    if (!written) return written.error();
    env_.log("seat.rescue_asked", id.hex());
    return Asked{crypto::to_text(request), crypto::spoken_code(request)};
}

Result<crypto::PinTier> Seats::finish_rescue(const crypto::SeatId& id, std::string_view answer,
                                             const crypto::Pin& pin,
                                             const crypto::PasswordCost& cost) {
    TRELLIS_TRY(const auto tier, crypto::judge(pin, keys_.is_there()));
    auto sealed = files_.read(name(id, seat_file::request));
    if (!sealed) return Error{Code::not_found, "this seat has not asked for a rescue: ask first"};
    TRELLIS_TRY(auto plain, installation_.open(crypto::Label::tablet_secret, id, *sealed));
    ByteReader reader(plain);
    const auto digest = reader.id<Digest>();
    const auto scalar = reader.raw(crypto::Key::size);
    if (!reader.finish("a request for rescue")) {
        return Error{Code::corrupt, "the request for rescue is damaged: ask again"};
    }
    const auto answer_key = crypto::BoxSecret::from_seed(scalar);
    crypto::wipe(plain);
    crypto::VaultSecrets secrets;
    TRELLIS_TRY(secrets.database, crypto::open_rescue_answer(answer, id, digest, answer_key));
    {
        // The key is right only where it opens the records.
        TRELLIS_TRY(const auto replica,
                    opener_(database_path(id), secrets.database));
        if (!replica->has_org()) {
            return Error{Code::corrupt, "the records of this seat are gone; join anew"};
        }
        secrets.org = replica->org();
        secrets.device = replica->device();
        secrets.log_length = replica->membership().length();
    }
    TRELLIS_TRY(const auto written, write_vault(id, pin, cost, secrets));
    static_cast<void>(written);
    TRELLIS_DO(files_.erase(name(id, seat_file::request)));
    env_.log("seat.rescued", id.hex());
    return tier;
}

}  // namespace trellis::clients
