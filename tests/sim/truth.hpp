// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/record_id.hpp"
#include "core/base/stamp.hpp"
#include "core/base/version_vector.hpp"
#include "core/record/schema.hpp"
#include "core/replica.hpp"

namespace trellis::sim {

/// One change that a device was told is saved.
struct Deed {
    std::uint64_t serial = 0;
    std::size_t device = 0;
    DeviceId author;        ///< what that device was then: once wiped, it joins as another
    SpaceId space;
    RecordId record;
    Dot dot;
    Counter last = 0;       ///< of its ops
    VersionVector past;     ///< what its author had seen
    Time at = 0;
    std::uint32_t epoch = 0; ///< of the space's key, as its author knew for sure; 0: nothing
    bool is_marked = false; ///< an entry of a log carries its serial: found under any name
    core::Ack level = core::Ack::saved;
    bool has_namesake = false;  ///< its name had been given to something else before
    bool is_late = false;   ///< beyond where its author's work was ended: may be set aside
    bool is_gone = false;   ///< the fault model allows that nobody has it any more
};

/// A record that somebody made.
struct KnownRecord {
    SpaceId space;
    core::TypeId type = 0;
    RecordId record;
};

/// What really happened, as nobody in the simulated world knows it.
class Truth {
public:
    std::uint64_t next_serial() { return ++serials_; }
    void add(Deed deed);
    void add(const KnownRecord& record) { records_.push_back(record); }

    /// The author has been told that the relay holds its chain up to `last`, or that another
    /// device does. Returns the highest counter that is new to us; 0: nothing.
    Counter raise(const ActorId& actor, Counter last, core::Ack level);

    [[nodiscard]] const std::vector<KnownRecord>& records() const { return records_; }
    [[nodiscard]] std::vector<Deed>& deeds() { return deeds_; }
    [[nodiscard]] const std::vector<Deed>& deeds() const { return deeds_; }
    /// The deed whose ops include this dot; null where nobody was told of it.
    [[nodiscard]] const Deed* find(const Dot& dot) const;
    /// Its name has never meant anything else, so that whoever has the name has the change.
    [[nodiscard]] bool is_named(const Deed& deed) const {
        return find(deed.dot) == &deed && !deed.has_namesake;
    }
    /// The last counter that the author was told is saved; 0: none.
    [[nodiscard]] Counter saved(const ActorId& actor) const;
    /// The same at the relay.
    [[nodiscard]] Counter stored(const ActorId& actor) const;
    /// Actors that wrote, each with its deeds, oldest first.
    [[nodiscard]] const std::map<ActorId, std::vector<std::size_t>>& actors() const {
        return by_actor_;
    }
    /// The relay has been put back to an older state: it promises nothing that was there before.
    void forget_relay_promises() { promised_.clear(); }
    /// Nor does a word that was under way meanwhile: it is about no more than what is there.
    void limit_relay_promise(const ActorId& actor, Counter held);
    [[nodiscard]] const std::map<ActorId, Counter>& relay_promises() const { return promised_; }

private:
    std::vector<Deed> deeds_;
    std::map<ActorId, std::vector<std::size_t>> by_actor_;
    std::map<ActorId, Counter> given_;
    std::map<ActorId, Counter> stored_;
    std::map<ActorId, Counter> seen_;
    std::map<ActorId, Counter> promised_;
    std::vector<KnownRecord> records_;
    std::uint64_t serials_ = 0;
};

}  // namespace trellis::sim
