// SPDX-License-Identifier: Apache-2.0
#include "tests/support/crash_disk.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>

#include "core/base/check.hpp"
#include "tests/support/crash_file.hpp"

namespace trellis::test {

CrashDisk::CrashDisk(std::string name, std::uint64_t seed)
    : name_(std::move(name))
    , memory_(name_ + "-memory", SIZE_MAX / 2)
    , random_(seed)
    , vfs_(make_crash_vfs(this, name_.c_str())) {
    constexpr int not_the_default = 0;
    TRELLIS_CHECK(sqlite3_vfs_register(vfs_.get(), not_the_default) == SQLITE_OK);
}

CrashDisk::~CrashDisk() {
    TRELLIS_CHECK(open_files_ == 0);
    // The wrapper that encrypts points at us; it exists once such a database was opened.
    sqlite3mc_vfs_destroy(encrypted_vfs().c_str());
    sqlite3_vfs_unregister(vfs_.get());
}

/// splitmix64: good enough to choose what breaks.
std::uint64_t CrashDisk::draw(std::uint64_t below) {
    random_ += 0x9E3779B97F4A7C15;
    std::uint64_t mixed = random_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return (mixed ^ (mixed >> 31)) % below;
}

void CrashDisk::inject(const Fault& fault) {
    TRELLIS_CHECK(fault.at > 0);
    fault_ = fault;
    until_fault_ = fault.at;
    hits_ = 0;
}

void CrashDisk::heal() {
    fault_.reset();
    lies_ = false;
    quota_ = UINT64_MAX;
}

std::uint64_t CrashDisk::ios(unsigned of) const {
    std::uint64_t sum = 0;
    for (const auto& [io, count] : ios_) {
        if ((io & of) != 0) sum += count;
    }
    return sum;
}

/// Counts one I/O and says what becomes of it.
CrashDisk::Verdict CrashDisk::count(Io io) {
    if (is_down_) return {false, Fault::Kind::error};
    ++ios_[io];
    if (is_spared_ || !fault_ || (fault_->of & io) == 0 || until_fault_ == 0) return {};
    if (until_fault_ > 1) {
        --until_fault_;
        return {};
    }
    // A sticky fault stays at one to go.
    if (!fault_->is_sticky) until_fault_ = 0;
    ++hits_;
    if (fault_->kind == Fault::Kind::kill) kill();
    if (fault_->kind == Fault::Kind::power_cut) cut_power();
    return {false, fault_->kind};
}

std::uint64_t CrashDisk::used() const {
    std::uint64_t sum = 0;
    for (const auto& [name, file] : names_) sum += file->size;
    return sum;
}

bool CrashDisk::has_room(const File& file, std::uint64_t size) const {
    if (quota_ == UINT64_MAX || size <= file.size) return true;
    return used() + (size - file.size) <= quota_;
}

std::shared_ptr<CrashDisk::File> CrashDisk::find(const std::string& name) const {
    const auto at = names_.find(name);
    return at == names_.end() ? nullptr : at->second;
}

std::shared_ptr<CrashDisk::File> CrashDisk::create(const std::string& name) {
    auto file = std::make_shared<File>();
    names_[name] = file;
    name_changes_.push_back({name, file});
    return file;
}

void CrashDisk::drop_name(const std::string& name) {
    names_.erase(name);
    name_changes_.push_back({name, nullptr});
}

void CrashDisk::sync_folder() {
    if (lies_) return;
    durable_names_ = names_;
    name_changes_.clear();
}

bool CrashDisk::rename(const std::string& from, const std::string& to) {
    const auto file = find(from);
    if (file == nullptr) return false;
    memory_.write(to, *memory_.read(from));
    memory_.remove(from);
    drop_name(from);
    names_[to] = file;
    name_changes_.push_back({to, file});
    return true;
}

void CrashDisk::wrote(File& file, std::uint64_t offset, ByteView bytes) {
    file.size = std::max(file.size, offset + bytes.size());
    file.unsynced.push_back({offset, to_bytes(bytes)});
}

void CrashDisk::truncated(File& file, std::uint64_t size) {
    file.size = size;
    file.unsynced.push_back({size, std::nullopt});
}

void perform(const CrashDisk::File::Unsynced& change, Bytes& bytes) {
    const auto offset = static_cast<std::size_t>(change.offset);
    if (!change.bytes) {
        bytes.resize(offset);
        return;
    }
    bytes.resize(std::max(bytes.size(), offset + change.bytes->size()));
    if (!change.bytes->empty()) {
        std::memcpy(bytes.data() + offset, change.bytes->data(), change.bytes->size());
    }
}

void CrashDisk::synced(File& file) {
    if (lies_) return;
    for (const auto& change : file.unsynced) perform(change, file.durable);
    file.unsynced.clear();
}

/// The kernel reports the failure once and forgets which pages it was about: some of them are
/// on the disk, and no later sync will write the others.
void CrashDisk::lost_sync(File& file) {
    for (const auto& change : file.unsynced) {
        if (draw(2) == 0) perform(change, file.durable);
    }
    file.unsynced.clear();
    if (!fault_->reverts) return;
    for (const auto& [name, named] : names_) {
        if (named.get() == &file) memory_.write(name, file.durable);
    }
    file.size = file.durable.size();
}

namespace {

constexpr std::size_t sector_bytes = 512;

/// The part of a write that lies in one sector of the file.
struct Piece {
    std::size_t from = 0;
    std::size_t size = 0;
};

std::vector<Piece> sectors_of(std::uint64_t offset, std::size_t size) {
    std::vector<Piece> pieces;
    for (std::size_t at = 0; at < size;) {
        const auto into = static_cast<std::size_t>((offset + at) % sector_bytes);
        const std::size_t count = std::min(sector_bytes - into, size - at);
        pieces.push_back({at, count});
        at += count;
    }
    return pieces;
}

}  // namespace

/// What the platters hold of the unsynced changes when the power fails.
void CrashDisk::settle_writes(File& file) {
    // Some machines lose nearly all of them, some nearly nothing.
    const std::uint64_t keep_of_4 = draw(5);
    for (const auto& change : file.unsynced) {
        const bool is_garbled = change.bytes && draw(10) == 0;
        if (!is_garbled && draw(4) < keep_of_4) {
            perform(change, file.durable);
            continue;
        }
        if (!change.bytes) continue;
        const bool is_torn = !is_garbled && draw(2) == 0;
        const bool has_size = is_garbled || is_torn || draw(4) == 0;
        if (!has_size) continue;
        const auto offset = static_cast<std::size_t>(change.offset);
        // The file's size may reach the disk without the bytes.
        file.durable.resize(std::max(file.durable.size(), offset + change.bytes->size()));
        if (!is_garbled && !is_torn) continue;
        const auto pieces = sectors_of(change.offset, change.bytes->size());
        const bool in_order = draw(2) == 0;
        const auto first_lost = static_cast<std::size_t>(draw(pieces.size() + 1));
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            std::uint8_t* const to = file.durable.data() + offset + pieces[i].from;
            if (is_garbled && draw(2) == 0) {
                for (std::size_t at = 0; at < pieces[i].size; ++at) {
                    to[at] = static_cast<std::uint8_t>(draw(256));
                }
            } else if (in_order ? i < first_lost : draw(2) == 0) {
                std::memcpy(to, change.bytes->data() + pieces[i].from, pieces[i].size);
            }
        }
    }
    file.unsynced.clear();
}

void CrashDisk::kill() {
    is_down_ = true;
    ++life_;
}

void CrashDisk::cut_power() {
    kill();
    for (auto& change : name_changes_) {
        if (draw(2) == 0) continue;
        if (change.file != nullptr) {
            durable_names_[change.name] = change.file;
        } else {
            durable_names_.erase(change.name);
        }
    }
    name_changes_.clear();
    for (auto& [name, file] : durable_names_) settle_writes(*file);
    put_back(durable_names_);
}

/// The disk as a program finds it that starts now.
void CrashDisk::put_back(const Names& names) {
    for (const auto& file : memory_.files()) {
        if (!names.contains(file)) memory_.remove(file);
    }
    names_ = names;
    for (auto& [name, file] : names_) {
        file->size = file->durable.size();
        memory_.write(name, file->durable);
    }
}

void CrashDisk::start() {
    TRELLIS_CHECK(open_files_ == 0);
    is_down_ = false;
}

void CrashDisk::write(const std::string& file, Bytes bytes) {
    auto written = std::make_shared<File>();
    written->durable = std::move(bytes);
    written->size = written->durable.size();
    memory_.write(file, written->durable);
    names_[file] = written;
    std::erase_if(name_changes_, [&](const auto& change) { return change.name == file; });
    durable_names_[file] = std::move(written);
}

void CrashDisk::remove(const std::string& file) {
    memory_.remove(file);
    names_.erase(file);
    durable_names_.erase(file);
    std::erase_if(name_changes_, [&](const auto& change) { return change.name == file; });
}

bool CrashDisk::flip_bit(const std::string& name) {
    const auto file = find(name);
    if (file == nullptr || file->size == 0) return false;
    auto bytes = *memory_.read(name);
    const auto bit = draw(bytes.size() * 8);
    const auto at = static_cast<std::size_t>(bit / 8);
    const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
    bytes[at] ^= mask;
    if (at < file->durable.size()) file->durable[at] ^= mask;
    for (auto& change : file->unsynced) {
        if (!change.bytes || at < change.offset) continue;
        const auto into = at - static_cast<std::size_t>(change.offset);
        if (into < change.bytes->size()) (*change.bytes)[into] ^= mask;
    }
    memory_.write(name, std::move(bytes));
    return true;
}

std::shared_ptr<const CrashDisk::Snapshot> CrashDisk::snapshot() const {
    auto made = std::make_shared<Snapshot>();
    std::map<const File*, std::size_t> numbers;
    const auto number = [&](const std::shared_ptr<File>& file, Bytes current) {
        const auto [at, is_new] = numbers.emplace(file.get(), made->files.size());
        if (is_new) made->files.push_back({std::move(current), file->durable, file->unsynced});
        return at->second;
    };
    for (const auto& [name, file] : names_) {
        made->names[name] = number(file, *memory_.read(name));
    }
    for (const auto& [name, file] : durable_names_) made->durable_names[name] = number(file, {});
    for (const auto& [name, file] : name_changes_) {
        Snapshot::Change change{name, std::nullopt};
        if (file != nullptr) change.file = number(file, {});
        made->changes.push_back(std::move(change));
    }
    return made;
}

void CrashDisk::restore(const Snapshot& snapshot) {
    TRELLIS_CHECK(open_files_ == 0);
    std::vector<std::shared_ptr<File>> files;
    for (const auto& kept : snapshot.files) {
        auto file = std::make_shared<File>();
        file->durable = kept.durable;
        file->unsynced = kept.unsynced;
        file->size = kept.current.size();
        files.push_back(std::move(file));
    }
    for (const auto& file : memory_.files()) memory_.remove(file);
    names_.clear();
    durable_names_.clear();
    name_changes_.clear();
    for (const auto& [name, at] : snapshot.names) {
        names_[name] = files[at];
        memory_.write(name, snapshot.files[at].current);
    }
    for (const auto& [name, at] : snapshot.durable_names) durable_names_[name] = files[at];
    for (const auto& [name, at] : snapshot.changes) {
        name_changes_.push_back({name, at ? files[*at] : nullptr});
    }
    is_down_ = false;
}

}  // namespace trellis::test
