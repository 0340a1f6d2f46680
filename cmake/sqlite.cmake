# SPDX-License-Identifier: Apache-2.0
# SQLite with encrypted pages, compiled by us on every target: the target sqlite3mc.
trellis_fetch(sqlite3mc_folder sqlite3mc.sh)

add_library(sqlite3mc STATIC "${sqlite3mc_folder}/sqlite3-ours.c")
target_include_directories(sqlite3mc SYSTEM INTERFACE "${sqlite3mc_folder}")
# -O2, or as small as can be where it is downloaded or carried; and no debug data in every build
# type: it is slow to compile, slow unoptimised, and not ours to step through. So build folders
# share one cached object.
target_compile_options(sqlite3mc PRIVATE -w -g0 $<IF:$<CONFIG:MinSizeRel>,-Oz,-O2>)
target_compile_definitions(sqlite3mc PRIVATE
    SQLITE_DQS=0                     # "text" is never a string by accident
    SQLITE_DEFAULT_MEMSTATUS=0       # no lock around every allocation
    SQLITE_LIKE_DOESNT_MATCH_BLOBS
    SQLITE_OMIT_DEPRECATED
    SQLITE_OMIT_LOAD_EXTENSION
    SQLITE_OMIT_SHARED_CACHE
    SQLITE_USE_ALLOCA
    SQLITE_ENABLE_FTS5
    SQLITE_USER_AUTHENTICATION=0
    SQLITE3MC_SECURE_MEMORY=1        # core/sqlite/database.cpp: what is freed can be zeroed first
    # AEGIS where the processor helps, ChaCha20 everywhere; what we never write is left out.
    CODEC_TYPE=CODEC_TYPE_CHACHA20
    HAVE_CIPHER_AES_128_CBC=0
    HAVE_CIPHER_AES_256_CBC=0
    HAVE_CIPHER_SQLCIPHER=0
    HAVE_CIPHER_RC4=0
    HAVE_CIPHER_ASCON128=0
    HAVE_CIPHER_AEGIS=1
    HAVE_CIPHER_CHACHA20=1)
if(CMAKE_CROSSCOMPILING)
    # What a page or a phone carries leaves out what neither we nor a query of our users can reach.
    target_compile_definitions(sqlite3mc PRIVATE
        SQLITE_UNTESTABLE SQLITE_OMIT_AUTOVACUUM SQLITE_OMIT_COMPLETE SQLITE_OMIT_DECLTYPE
        SQLITE_OMIT_DESERIALIZE SQLITE_OMIT_GET_TABLE SQLITE_OMIT_INTROSPECTION_PRAGMAS
        SQLITE_OMIT_PROGRESS_CALLBACK SQLITE_OMIT_TCL_VARIABLE SQLITE_OMIT_TRACE
        SQLITE_OMIT_UTF16)
    # SQLite cannot be thrown through: it would be left halfway. Where our callbacks find no memory, the
    # program stops there and then, and the next start finds what was committed.
    target_compile_options(sqlite3mc PRIVATE
        -fno-asynchronous-unwind-tables -fno-unwind-tables)
endif()
if(TRELLIS_TARGET STREQUAL "wasm")
    target_compile_definitions(sqlite3mc PRIVATE
        __WASM__=1                   # clang does not say so itself; picks getentropy, no AES-NI
        SQLITE_OS_OTHER=1            # files are ours to provide: core/sqlite/memory_vfs.cpp
        SQLITE_TEMP_STORE=2          # ... and so never a temporary one
        SQLITE_THREADSAFE=0
        ARGON2_NO_THREADS)           # there is no pthread.h
else()
    target_compile_definitions(sqlite3mc PRIVATE
        SQLITE_THREADSAFE=2)         # one connection is never used by two threads at once
    target_link_libraries(sqlite3mc PUBLIC Threads::Threads m)
endif()
add_library(trellis::sqlite ALIAS sqlite3mc)
