// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "clients/cli/seat_folder.hpp"
#include "clients/seats/seats.hpp"
#include "tests/support/fake_env.hpp"

namespace trellis::test {

/// A hardware keystore that lies in memory.
class FakeKeyStore final : public clients::KeyStore {
public:
    explicit FakeKeyStore(std::uint64_t seed = 5) : env_(seed) {}
    [[nodiscard]] bool is_there() const override { return is_there_; }
    Result<crypto::Key> factor(const crypto::SeatId& seat) override;
    Result<void> erase(const crypto::SeatId& seat) override {
        keys_.erase(seat);
        return {};
    }
    void plug_in() { is_there_ = true; }
    [[nodiscard]] std::size_t size() const { return keys_.size(); }

private:
    FakeEnv env_;
    bool is_there_ = false;
    std::map<crypto::SeatId, crypto::Key> keys_;
};

/// A folder on the real disk, gone at the end.
class TabletFolder {
public:
    TabletFolder();
    TabletFolder(const TabletFolder&) = delete;
    TabletFolder& operator=(const TabletFolder&) = delete;
    ~TabletFolder();
    [[nodiscard]] const std::string& path() const { return path_; }
    /// Every byte of every file in it, by name.
    [[nodiscard]] std::map<std::string, Bytes> image() const;
    /// Puts the files of an image in the place of what is here.
    void restore(const std::map<std::string, Bytes>& image) const;

private:
    std::string path_;
};

/// An organisation with an administrator's device, and a tablet that several people share. Real
/// files, real encryption; envelopes are carried by hand. Fails the test where anything fails.
class SharedTablet {
public:
    explicit SharedTablet(std::uint64_t seed = 3);

    [[nodiscard]] clients::Seats& seats() { return *seats_; }
    [[nodiscard]] FakeEnv& env() { return env_; }
    [[nodiscard]] FakeKeyStore& keys() { return keys_; }
    [[nodiscard]] const TabletFolder& folder() const { return folder_; }
    [[nodiscard]] core::Replica& admin() { return *admin_; }
    [[nodiscard]] const SpaceId& space() const { return space_; }

    static crypto::Pin pin(std::string_view digits) {
        return *crypto::Pin::parse(as_bytes(digits));
    }
    crypto::SeatId add(std::string_view label, std::string_view digits, bool may_be_rescued = true);
    std::unique_ptr<clients::OpenSeat> unlock(const crypto::SeatId& id, std::string_view digits);
    /// Makes the seat a member of the administrator's space.
    void join(clients::OpenSeat& seat, std::string_view name);
    /// Gives the seat what the administrator's device knows of the membership log.
    void catch_up(clients::OpenSeat& seat);
    void write(clients::OpenSeat& seat, const std::string& household);
    /// A seat that has joined, with so many records, locked again.
    crypto::SeatId member(std::string_view label, std::string_view digits, std::size_t records);
    std::size_t households(core::Replica& replica);
    /// The same installation opened anew, as after a restart of the program.
    void restart();
    clients::Seats::Opener opener();

private:
    void take_entries();

    FakeEnv env_;
    FakeKeyStore keys_;
    TabletFolder folder_;
    TabletFolder office_;
    clients::SeatFolder files_;
    std::unique_ptr<core::Replica> admin_;
    std::unique_ptr<clients::Seats> seats_;
    std::vector<Bytes> entries_;
    SpaceId space_;
};

}  // namespace trellis::test
