// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/dot.hpp"
#include "core/base/stamp.hpp"
#include "core/base/version_vector.hpp"
#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"

#include <cereal/cereal.hpp>

#include <concepts>
#include <limits>
#include <string>
#include <vector>

/// Canonical, bounded cereal archives for the bytes inside a seal. Unsigned numbers are
/// varints, signed ones zigzag varints, bools 0 or 1, texts and lists a varint count and then
/// their parts. Nothing else has a form: floats, maps and pointers do not compile, and neither
/// does an enumeration without load and save functions of its own, which must check it.
namespace trellis {

/// A ByteReader that tells a limit exceeded from bytes that make no sense.
class BoundedReader : public ByteReader {
public:
    explicit BoundedReader(ByteView bytes) : ByteReader(bytes) {}

    /// A count of things of at least `least` bytes each; `too_large` over `max`. A count that
    /// the bytes left cannot hold fails before anything is allocated for it.
    std::size_t list(std::size_t max, std::size_t least = 1) {
        const auto size = count(std::numeric_limits<std::size_t>::max(), least);
        if (size <= max) return size;
        fail_too_large();
        return 0;
    }
    void fail_too_large() {
        if (!failed()) too_large_ = true;
        fail();
    }
    /// As ByteReader::finish, with `too_large` where that was the first failure.
    [[nodiscard]] Result<void> finish(std::string_view what) const {
        if (too_large_) return Error{Code::too_large, std::string(what) + " is over a limit"};
        return ByteReader::finish(what);
    }

private:
    bool too_large_ = false;
};

class BodyWriter : public cereal::OutputArchive<BodyWriter, cereal::AllowEmptyClassElision>,
                   public ByteWriter {
public:
    BodyWriter() : OutputArchive(this) {}
};

/// The first failure empties it; later loads leave zeros. Check finish() before use.
class BodyReader : public cereal::InputArchive<BodyReader, cereal::AllowEmptyClassElision>,
                   public BoundedReader {
public:
    explicit BodyReader(ByteView bytes) : InputArchive(this), BoundedReader(bytes) {}
};

template <class T>
concept ArchiveWriter = std::derived_from<T, ByteWriter>;
template <class T>
concept ArchiveReader = std::derived_from<T, BoundedReader>;
template <class T>
concept ArchiveUnsigned = std::unsigned_integral<T> && !std::same_as<T, bool>;

template <ArchiveWriter A>
void save(A& archive, const bool& value) {
    archive.u8(value ? 1 : 0);
}
template <ArchiveReader A>
void load(A& archive, bool& value) {
    value = archive.varint_to(1) == 1;
}

template <ArchiveWriter A, ArchiveUnsigned T>
void save(A& archive, const T& value) {
    archive.varint(value);
}
template <ArchiveReader A, ArchiveUnsigned T>
void load(A& archive, T& value) {
    value = static_cast<T>(archive.varint_to(std::numeric_limits<T>::max()));
}

template <ArchiveWriter A, std::signed_integral T>
void save(A& archive, const T& value) {
    archive.zigzag(value);
}
template <ArchiveReader A, std::signed_integral T>
void load(A& archive, T& value) {
    const std::int64_t wide = archive.zigzag();
    value = static_cast<T>(wide);
    if (value != wide) archive.fail();
}

template <ArchiveWriter A>
void save(A& archive, const std::string& text) {
    archive.run(as_bytes(text));
}
template <ArchiveReader A>
void load(A& archive, std::string& text) {
    text = as_text(archive.raw(archive.list(std::numeric_limits<std::size_t>::max())));
    if (!is_utf8(text)) archive.fail();
}

template <ArchiveWriter A, class T>
void save(A& archive, const std::vector<T>& list) {
    archive.varint(list.size());
    if constexpr (std::same_as<T, std::uint8_t>) {
        archive.raw(list);
    } else {
        for (const auto& item : list)
            archive(item);
    }
}
template <ArchiveReader A, class T>
void load(A& archive, std::vector<T>& list) {
    const std::size_t size = archive.list(std::numeric_limits<std::size_t>::max());
    list.clear();
    if constexpr (std::same_as<T, std::uint8_t>) {
        append(list, archive.raw(size));
    } else {
        // Grown as it is read: a list of small bytes must not claim room for large items.
        for (std::size_t i = 0; i < size && !archive.failed(); ++i)
            archive(list.emplace_back());
    }
}

template <ArchiveWriter A, class First, class Second>
void save(A& archive, const std::pair<First, Second>& pair) {
    archive(pair.first, pair.second);
}
template <ArchiveReader A, class First, class Second>
void load(A& archive, std::pair<First, Second>& pair) {
    archive(pair.first, pair.second);
}

template <ArchiveWriter A, class Tag, std::size_t N>
void save(A& archive, const Id<Tag, N>& id) {
    archive.raw(id.view());
}
template <ArchiveReader A, class Tag, std::size_t N>
void load(A& archive, Id<Tag, N>& id) {
    id = archive.template id<Id<Tag, N>>();
}

template <ArchiveWriter A>
void save(A& archive, const Dot& dot) {
    archive(dot.actor, dot.counter);
}
template <ArchiveReader A>
void load(A& archive, Dot& dot) {
    archive(dot.actor, dot.counter);
}

template <ArchiveWriter A>
void save(A& archive, const VersionVector& vector) {
    archive.varint(vector.entries().size());
    for (const auto& entry : vector.entries())
        archive(entry.actor, entry.counter);
}
template <ArchiveReader A>
void load(A& archive, VersionVector& vector) {
    const std::size_t size =
        archive.list(std::numeric_limits<std::size_t>::max(), ActorId::size + 1);
    vector.clear();
    for (std::size_t i = 0; i < size; ++i) {
        VersionVector::Entry entry;
        archive(entry.actor, entry.counter);
        const bool ascends = vector.is_empty() || vector.entries().back().actor < entry.actor;
        if (entry.counter == 0 || !ascends) archive.fail();
        if (archive.failed()) return;
        vector.raise(entry.actor, entry.counter);
    }
}

template <ArchiveWriter A>
void save(A& archive, const Stamp& stamp) {
    archive(stamp.time);
    archive.u8(static_cast<std::uint8_t>(stamp.quality));
}
template <ArchiveReader A>
void load(A& archive, Stamp& stamp) {
    archive(stamp.time);
    stamp.quality = static_cast<ClockQuality>(
        archive.varint_to(static_cast<std::uint64_t>(ClockQuality::precise)));
}

}  // namespace trellis

CEREAL_SETUP_ARCHIVE_TRAITS(trellis::BodyReader, trellis::BodyWriter)

namespace cereal {

// cereal saves any enumeration as a number and loads any number into it. Ours must say how.
template <class Archive, class T>
requires(std::is_enum_v<T> &&
         (trellis::ArchiveWriter<Archive> ||
          trellis::ArchiveReader<
              Archive>)) struct specialize<Archive, T, specialization::non_member_load_save>
    : std::true_type {
};

}  // namespace cereal
