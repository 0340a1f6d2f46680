// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/seat_guard.hpp"

#include "clients/cli/pin_entry.hpp"

namespace trellis::clients {
namespace {

std::string folder_of(const CommonOptions& options) {
    return options.seats.empty() ? default_seats_folder() : options.seats;
}

}  // namespace

SeatDesk::SeatDesk(const CommonOptions& options)
    : env_(options.verbose), folder_(folder_of(options)) {}

Result<std::unique_ptr<SeatDesk>> SeatDesk::open(const CommonOptions& options) {
    std::unique_ptr<SeatDesk> desk(new SeatDesk(options));
    auto opener = [options, &env = desk->env_](const std::string& path, const crypto::Key& key)
        -> Result<std::unique_ptr<core::Replica>> {
        TRELLIS_TRY(const auto schema, schema_of(options));
        auto file = database_of(options);
        file.path = path;
        file.key = std::make_shared<const crypto::Key>(key.clone());
        return file.open(schema, env);
    };
    TRELLIS_TRY(auto seats, Seats::open(desk->folder_, desk->keys_, opener, desk->env_));
    desk->seats_ = std::make_unique<Seats>(std::move(seats));
    return desk;
}

Result<std::unique_ptr<SeatGuard>> SeatGuard::open(CommonOptions& options) {
    if (options.seat.empty()) return std::unique_ptr<SeatGuard>();
    auto guard = std::make_unique<SeatGuard>();
    TRELLIS_TRY(guard->desk_, SeatDesk::open(options));
    auto& seats = guard->desk_->seats();
    TRELLIS_TRY(const auto id, seats.find(options.seat));
    TRELLIS_TRY(const auto pin, ask_pin(options.pin_file, "PIN of " + options.seat));
    TRELLIS_TRY(guard->seat_, seats.unlock(id, pin));
    // The command opens it again, by the key.
    guard->seat_->replica.reset();
    options.database = seats.database_path(id);
    options.database_key =
        std::make_shared<const crypto::Key>(guard->seat_->secrets.database.clone());
    return guard;
}

}  // namespace trellis::clients
