// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/sim/device.hpp"
#include "tests/sim/values.hpp"

namespace trellis::sim {

/// What a person does at once; weights by role in people.cpp.
enum class Work : std::uint8_t {
    create, create_keyed, amend, insist, note, status, tag, count, raise, advance, close, resolve,
    erase, restore, link, unlink, bulk, several, read
};

/// People at their devices: each call is one thing somebody does, decided by a salt and by what
/// that device shows at that moment.
class People {
public:
    People(World& world, Truth& truth, std::string canary)
        : world_(world), truth_(truth), canary_(std::move(canary)) {}

    /// The spaces people work in; the first is everybody's.
    void use(std::vector<SpaceId> spaces) { spaces_ = std::move(spaces); }
    [[nodiscard]] const std::vector<SpaceId>& spaces() const { return spaces_; }

    /// Nothing happens where the device cannot be used, or shows nothing to work on.
    void work(Device& device, std::uint64_t salt);
    /// What work() with this salt does, to the same record, in another way.
    void contradict(Device& device, std::uint64_t salt);
    /// Of three minds about one field of one record (three_minds), this salt's.
    void differ(Device& device, std::uint64_t salt);
    /// One certain thing; false where it could not be done here and now.
    bool do_it(Device& device, Work work, std::uint64_t salt);

    [[nodiscard]] const Tally& done() const { return done_; }

private:
    struct Desk;  ///< one person's moment at one device
    bool write(Desk& desk, std::vector<core::Edit> edits, const RecordId& record);
    bool create(Desk& desk, bool keyed);
    bool amend(Desk& desk);
    bool insist(Desk& desk);
    bool note(Desk& desk);
    bool tag(Desk& desk);
    bool raise(Desk& desk);
    bool advance(Desk& desk);
    bool close(Desk& desk);
    bool resolve(Desk& desk);
    bool erase(Desk& desk, bool on);
    bool link(Desk& desk, bool on);
    bool bulk(Desk& desk);
    bool several(Desk& desk);
    bool read(Desk& desk);
    bool find_record(Desk& desk, core::TypeId only);
    Json fields_of(Desk& desk, const core::Type& type, std::size_t count, bool is_new);

    World& world_;
    Truth& truth_;
    std::string canary_;
    std::vector<SpaceId> spaces_;
    Tally done_;
};

}  // namespace trellis::sim
