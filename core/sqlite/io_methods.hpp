// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

namespace trellis::sqlite {

/// The table that SQLite calls a file of ours by (sqlite.org/c3ref/io_methods.html), from the
/// static functions of `File`. They must be noexcept: nothing may be thrown through SQLite. No
/// shared memory and no memory mapping.
template <class File>
sqlite3_io_methods io_methods_of() {
    sqlite3_io_methods made{};
    made.iVersion = 1;
    made.xClose = File::close;
    made.xRead = File::read;
    made.xWrite = File::write;
    made.xTruncate = File::truncate;
    made.xSync = File::sync;
    made.xFileSize = File::file_size;
    made.xLock = File::lock;
    made.xUnlock = File::unlock;
    made.xCheckReservedLock = File::check_reserved_lock;
    made.xFileControl = File::file_control;
    made.xSectorSize = File::sector_size;
    made.xDeviceCharacteristics = File::device_characteristics;
    return made;
}

}  // namespace trellis::sqlite
