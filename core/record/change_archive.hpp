// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/record/change.hpp"
#include "core/record/op_context.hpp"

namespace trellis::core {

/// Ops of kinds from here on carry their length, so that older versions can keep them whole.
inline constexpr std::uint8_t unknown_kind_min = 64;

/// Writes changes: a cereal archive that knows the place it has come to.
class ChangeWriter : public cereal::OutputArchive<ChangeWriter, cereal::AllowEmptyClassElision>,
                     public ByteWriter {
public:
    explicit ChangeWriter(const ActorIndex* actors) : OutputArchive(this) {
        context.actors = actors;
    }
    OpContext context;
};

/// Reads what ChangeWriter wrote, and fails on anything else. It checks the form of the bytes;
/// whether the op they make up is allowed is for check_op() to say.
class ChangeReader : public cereal::InputArchive<ChangeReader, cereal::AllowEmptyClassElision>,
                     public BoundedReader {
public:
    ChangeReader(ByteView bytes, const ActorIndex* actors)
        : InputArchive(this), BoundedReader(bytes) {
        context.actors = actors;
        context.mentioned = &mentioned;
        if (actors != nullptr) mentioned.resize(actors->size());
    }
    OpContext context;
    std::vector<bool> mentioned;  ///< which actors of the table have been
};

void save(ChangeWriter& archive, const Op& op);
void load(ChangeReader& archive, Op& op);

}  // namespace trellis::core

CEREAL_SETUP_ARCHIVE_TRAITS(trellis::core::ChangeReader, trellis::core::ChangeWriter)
