// SPDX-License-Identifier: Apache-2.0
#include "clients/seats/seats.hpp"

#include <algorithm>
#include <tuple>

#include "clients/seats/seat_names.hpp"
#include "core/base/limits.hpp"

namespace trellis::clients {
namespace {

std::string seconds(std::int64_t ms) { return std::to_string((ms + 999) / 1000); }

Error waiting(std::int64_t ms) {
    return {Code::busy, "too many wrong PINs: try again in " + seconds(ms) + " seconds"};
}

Error without_vault() {
    return {Code::not_found, "this seat cannot be opened by a PIN any more: ask a supervisor for "
                             "a rescue, or join with a new invite"};
}

bool is_good_label(std::string_view label) {
    return !label.empty() && label.size() <= limits::name_max && is_utf8(label) &&
           std::none_of(label.begin(), label.end(),
                        [](char c) { return static_cast<unsigned char>(c) < ' '; });
}

}  // namespace

std::string Seats::name(const crypto::SeatId& id, std::string_view file) {
    return id.hex() + "/" + std::string(file);
}

std::string Seats::database_path(const crypto::SeatId& id) const {
    return files_.path(name(id, seat_file::database));
}

bool Seats::has(const crypto::SeatId& id, std::string_view file) {
    return files_.read(name(id, file)).has_value();
}

Result<Seats> Seats::open(SeatFiles& files, KeyStore& keys, Opener opener, Env& env) {
    TRELLIS_TRY(auto installation, Installation::open(files, env));
    return Seats(files, keys, std::move(opener), env, std::move(installation));
}

Result<std::vector<SeatInfo>> Seats::list() {
    std::vector<SeatInfo> list;
    TRELLIS_TRY(const auto folders, files_.folders());
    for (const auto& folder : folders) {
        const auto id = crypto::SeatId::parse(folder);
        if (!id || list.size() >= limits::seats_max) continue;
        SeatInfo info;
        info.id = *id;
        const auto label = files_.read(name(*id, seat_file::label));
        info.label = label ? std::string(as_text(*label)) : folder.substr(0, 8);
        if (auto vault = read_vault(*id)) {
            info.has_vault = vault->attempts_left() > 0;
            info.attempts_left = vault->attempts_left();
            info.wait_ms = vault->wait_ms(env_);
        }
        info.can_be_rescued = has(*id, seat_file::rescue);
        info.has_bag = has(*id, seat_file::bag);
        list.push_back(std::move(info));
    }
    std::sort(list.begin(), list.end(), [](const SeatInfo& a, const SeatInfo& b) {
        return std::tie(a.label, a.id.bytes) < std::tie(b.label, b.id.bytes);
    });
    return list;
}

Result<crypto::SeatId> Seats::find(std::string_view words) {
    TRELLIS_TRY(const auto all, list());
    std::vector<crypto::SeatId> found;
    for (const auto& seat : all) {
        const bool begins = words.size() >= 4 && seat.id.hex().starts_with(words);
        if (seat.label == words || begins) found.push_back(seat.id);
    }
    if (found.size() == 1) return found[0];
    if (found.empty()) return Error{Code::not_found, "there is no such seat on this device"};
    return Error{Code::invalid, "several seats are called that: give digits of its id"};
}

Result<std::optional<crypto::Key>> Seats::factor(const crypto::SeatId& id, bool is_needed) {
    if (!is_needed || !keys_.is_there()) return std::optional<crypto::Key>();
    TRELLIS_TRY(auto key, keys_.factor(id));
    return std::optional<crypto::Key>(std::move(key));
}

Result<crypto::PinTier> Seats::write_vault(const crypto::SeatId& id, const crypto::Pin& pin,
                                           const crypto::PasswordCost& cost,
                                           const crypto::VaultSecrets& secrets) {
    TRELLIS_TRY(const auto tier, crypto::judge(pin, keys_.is_there()));
    TRELLIS_TRY(const auto hardware, factor(id, true));
    const crypto::VaultOrder order{id, installation_.mark(), cost};
    TRELLIS_TRY(const auto vault,
                crypto::Vault::make(order, pin, hardware ? &*hardware : nullptr, secrets, env_));
    TRELLIS_DO(files_.write(name(id, seat_file::vault), vault.bytes()));
    return tier;
}

Result<Seats::Added> Seats::add(std::string_view label, const crypto::Pin& pin,
                                const crypto::PasswordCost& cost, bool may_be_rescued) {
    if (!is_good_label(label)) {
        return Error{Code::invalid, "a seat is called by 1 to 120 bytes of text on one line"};
    }
    TRELLIS_TRY(const auto all, list());
    if (all.size() >= limits::seats_max) {
        return Error{Code::no_space, "this device has as many seats as it may have"};
    }
    const auto has_label = [&](const SeatInfo& seat) { return seat.label == label; };
    if (std::any_of(all.begin(), all.end(), has_label)) {
        return Error{Code::conflict, "there is a seat of that name already; choose another"};
    }
    Added added;
    env_.random(added.id.bytes);
    crypto::VaultSecrets secrets;
    env_.random(secrets.database.span());
    secrets.may_be_rescued = may_be_rescued;
    TRELLIS_TRY(added.tier, write_vault(added.id, pin, cost, secrets));
    TRELLIS_DO(files_.write(name(added.id, seat_file::label), as_bytes(label)));
    env_.log("seat.added", added.id.hex());
    return added;
}

Result<crypto::Vault> Seats::read_vault(const crypto::SeatId& id) {
    auto bytes = files_.read(name(id, seat_file::vault));
    if (!bytes) {
        if (bytes.error().code == Code::not_found) return without_vault();
        return std::move(bytes).error();
    }
    TRELLIS_TRY(auto vault, crypto::Vault::parse(*bytes));
    // Carried here from another device, or from another seat's folder.
    const bool is_at_home = vault.seat() == id && vault.installation() == installation_.mark();
    if (!is_at_home) return crypto::vault_error();
    return vault;
}

Result<std::unique_ptr<OpenSeat>> Seats::unlock(const crypto::SeatId& id, const crypto::Pin& pin) {
    const auto file = name(id, seat_file::vault);
    TRELLIS_TRY(auto vault, read_vault(id));
    if (vault.attempts_left() == 0) {
        TRELLIS_DO(destroy_vault(id));
        return without_vault();
    }
    if (const auto wait = vault.wait_ms(env_); wait > 0) {
        TRELLIS_DO(files_.write(file, vault.bytes()));
        return waiting(wait);
    }
    vault.count_attempt(env_);
    TRELLIS_DO(files_.write(file, vault.bytes()));
    TRELLIS_TRY(const auto hardware, factor(id, vault.needs_hardware()));
    auto opened = vault.open(pin, hardware ? &*hardware : nullptr);
    if (!opened) {
        env_.log("seat.refused", id.hex());
        if (opened.error().code == Code::wrong_key && vault.attempts_left() == 0) {
            TRELLIS_DO(destroy_vault(id));
        }
        return std::move(opened).error();
    }
    vault.forgive();
    TRELLIS_DO(files_.write(file, vault.bytes()));
    auto seat = std::make_unique<OpenSeat>();
    seat->id = id;
    seat->vault_key = std::move(opened->key);
    seat->secrets = std::move(opened->secrets);
    TRELLIS_TRY(seat->replica, opener_(database_path(id), seat->secrets.database));
    TRELLIS_DO(check(*seat));
    env_.log("seat.unlocked", id.hex());
    return seat;
}

/// That the records are this seat's, and not older than when it was locked.
Result<void> Seats::check(OpenSeat& seat) {
    auto& replica = *seat.replica;
    if (seat.secrets.device.is_zero()) return {};
    const Error foreign{Code::denied, "the records beside this vault belong to another device: "
                                      "this seat stays locked; tell an administrator"};
    if (!replica.has_org() || replica.org() != seat.secrets.org ||
        replica.device() != seat.secrets.device) {
        return foreign;
    }
    const auto* member = replica.membership().device(seat.secrets.device);
    const auto& key = replica.device_key();
    if (member == nullptr || member->sign != key.sign().key() || member->box != key.box().key()) {
        return foreign;
    }
    if (replica.membership().length() < seat.secrets.log_length) {
        env_.log("seat.set_back", seat.id.hex());
        seat.is_older_copy = true;
        return replica.become_new_incarnation();
    }
    return {};
}

Result<void> Seats::keep_bag(const OpenSeat& seat, core::Replica& replica) {
    const auto file = name(seat.id, seat_file::bag);
    TRELLIS_TRY(const auto bag, pack_bag(replica, installation_.secret().key()));
    if (bag.spaces.empty()) return files_.erase(file);
    return files_.write(file, installation_.seal(crypto::Label::tablet_outbox, seat.id,
                                                 to_bytes(bag), env_));
}

Result<void> Seats::put_away(OpenSeat& seat, core::Replica& replica) {
    if (replica.has_org()) {
        // Somebody who may write no more has nothing more to seal, and locks all the same.
        const auto sealed = replica.seal();
        if (!sealed && sealed.error().code != Code::denied) return sealed.error();
        TRELLIS_DO(keep_bag(seat, replica));
        TRELLIS_DO(keep_rescue(seat, replica));
        seat.secrets.org = replica.org();
        seat.secrets.device = replica.device();
        seat.secrets.log_length = replica.membership().length();
    }
    TRELLIS_TRY(auto vault, read_vault(seat.id));
    vault.reseal(seat.vault_key, seat.secrets, env_);
    TRELLIS_DO(files_.write(name(seat.id, seat_file::vault), vault.bytes()));
    env_.log("seat.locked", seat.id.hex());
    return {};
}

Result<void> Seats::lock(std::unique_ptr<OpenSeat> seat) {
    auto replica = std::move(seat->replica);
    return put_away(*seat, *replica);
}

Result<crypto::PinTier> Seats::set_pin(const OpenSeat& seat, const crypto::Pin& pin,
                                       const crypto::PasswordCost& cost) {
    return write_vault(seat.id, pin, cost, seat.secrets);
}

/// The supervisors' part and the database stay where a rescue can still open them.
Result<void> Seats::destroy_vault(const crypto::SeatId& id) {
    TRELLIS_DO(files_.erase(name(id, seat_file::vault)));
    TRELLIS_DO(keys_.erase(id));
    env_.log("seat.destroyed", id.hex());
    return has(id, seat_file::rescue) ? Result<void>{} : erase_database(id);
}

Result<void> Seats::erase_database(const crypto::SeatId& id) {
    for (const auto* suffix : {"", "-wal", "-shm", ".synced"}) {
        TRELLIS_DO(files_.erase(name(id, seat_file::database) + suffix));
    }
    return {};
}

Result<void> Seats::destroy(const crypto::SeatId& id) {
    TRELLIS_DO(files_.erase(name(id, seat_file::rescue)));
    TRELLIS_DO(files_.erase(name(id, seat_file::request)));
    return destroy_vault(id);
}

Result<std::optional<CourierBag>> Seats::bag(const crypto::SeatId& id) {
    auto sealed = files_.read(name(id, seat_file::bag));
    if (!sealed) {
        if (sealed.error().code == Code::not_found) return std::optional<CourierBag>();
        return std::move(sealed).error();
    }
    TRELLIS_TRY(const auto bytes, installation_.open(crypto::Label::tablet_outbox, id, *sealed));
    TRELLIS_TRY(auto bag, parse_bag(bytes));
    return std::optional<CourierBag>(std::move(bag));
}

Result<void> Seats::bag_delivered(const crypto::SeatId& id) {
    return files_.erase(name(id, seat_file::bag));
}

}  // namespace trellis::clients
