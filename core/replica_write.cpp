// SPDX-License-Identifier: Apache-2.0
// The way in from the app: edits become one change, merged into rows and kept, in one commit.
#include "core/replica.hpp"

namespace trellis::core {
namespace {

Result<std::vector<Written>> write_all(Writer& writer, const std::vector<Edit>& edits) {
    std::vector<Written> written;
    for (std::size_t i = 0; i < edits.size(); ++i) {
        auto one = writer.write(edits[i]);
        if (!one) {
            Error error = std::move(one).error();
            if (edits.size() > 1) error.message = "operation " + std::to_string(i + 1) + ": " + error.message;
            return error;
        }
        written.push_back(*one);
    }
    return written;
}

}  // namespace

/// One change of ours, merged and kept. After an error the transaction must be rolled back.
Result<WriteResult> Replica::write_in(const SpaceState& space, const std::vector<Edit>& edits,
                                      std::set<TypeId>& touched) {
    TRELLIS_TRY(const auto own, own_actor(space));
    TRELLIS_TRY(const auto first, next_counter(own));
    Writer writer(*store_, {own, first, clock_.now(), is_compartment(space.id)});
    TRELLIS_TRY(auto written, write_all(writer, edits));
    TRELLIS_TRY(const Change change, writer.finish());
    TRELLIS_DO(tail_.keep(own, change));
    TRELLIS_DO(store_->actors.save());
    next_[own] = change.last() + 1;
    touched.insert(writer.touched().begin(), writer.touched().end());
    return WriteResult{{store_->actors.at(own).id, first}, std::move(written)};
}

Result<WriteResult> Replica::write(const SpaceId& id, const std::vector<Edit>& edits) {
    if (edits.empty()) return Error{Code::invalid, "there is nothing to write"};
    TRELLIS_TRY(const auto* known, known_space(id));
    const SpaceState space = *known;
    if (!membership().can(device(), id, crypto::right_write)) {
        return Error{Code::denied, "this device may read space " + id.hex() + " but not write in it"};
    }
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_->database));
    std::set<TypeId> touched;
    const auto attempt = [&]() -> Result<WriteResult> {
        TRELLIS_TRY(auto result, write_in(space, edits, touched));
        TRELLIS_DO(follow_with_signs(space, edits, result.written, touched));
        TRELLIS_DO(transaction.commit());
        return result;
    };
    auto result = attempt();
    if (!result) {
        store_->roll_back();
        next_.clear();
        return result;
    }
    committed(touched);
    return result;
}

/// Nothing is sealed while it is open which of our words still have their name: what others
/// then build on has to mean the same to everybody.
Result<std::size_t> Replica::seal_space(const SpaceState& space, ActorIndex own,
                                        Doubt at_most) {
    TRELLIS_TRY(const auto doubt, this->doubt(space));
    if (doubt > at_most) return std::size_t{0};
    TRELLIS_TRY(const auto count, sealer_.seal(space, own, newest_witness(space)));
    // Where our name has meant other words as well, others may have waited for as many.
    if (count > 0) is_release_due_ = true;
    return count;
}

Result<std::size_t> Replica::seal() {
    std::size_t count = 0;
    for (std::size_t i = 1; i < store_->spaces.all().size(); ++i) {
        const SpaceState space = store_->spaces.at(static_cast<SpaceIndex>(i));
        TRELLIS_TRY(const auto own, own_actor(space));
        auto sealed = seal_space(space, own);
        // Without the right or the newest key the changes wait; the other spaces go on.
        if (!sealed && sealed.error().code == Code::denied) continue;
        if (!sealed) return std::move(sealed).error();
        count += *sealed;
    }
    return count;
}

}  // namespace trellis::core
