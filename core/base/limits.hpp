// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

/// Every maximum in the house. Each is tested at N and at N + 1. Sizes are bytes, times are
/// milliseconds, unless the name says otherwise.
namespace trellis::limits {

// Names and values
inline constexpr std::uint64_t counter_max = (std::uint64_t{1} << 40U) - 1;
/// The last millisecond of the year 9999, either way from 1970: what a stamp may claim.
inline constexpr std::int64_t time_max = 253'402'300'799'999;
inline constexpr std::size_t text_max = 16 * 1024;
inline constexpr std::size_t value_bytes_max = 48 * 1024;
inline constexpr std::size_t name_max = 120;       ///< of a space, a member, an organisation
inline constexpr std::size_t key_max = 256;        ///< of a `put` with a key
inline constexpr std::size_t reason_max = 1024;    ///< of a delete or a close
inline constexpr std::size_t schema_types_max = 512;
inline constexpr std::size_t schema_fields_max = 512;  ///< of one type
inline constexpr std::size_t json_depth_max = 32;
inline constexpr std::size_t json_bytes_max = 8 * 1024 * 1024;

// The C interface
/// Of a path, and of what says where a database lives: below the longest path of SQLite's, with
/// the suffixes that are added.
inline constexpr std::size_t path_max = 480;
inline constexpr std::uint32_t cache_kib_max = 1024 * 1024;  ///< KiB that SQLite may keep

// Changes
inline constexpr std::size_t op_max = 64 * 1024;      ///< one op, encoded
inline constexpr std::size_t change_ops_max = 512;    ///< ops of one change
inline constexpr std::size_t op_fields_max = 512;
inline constexpr std::size_t op_values_max = 4096;    ///< elements in one set op
inline constexpr std::size_t heads_max = 256;         ///< heads that one write names
inline constexpr std::int64_t increment_max = std::int64_t{1} << 40U;  ///< of a counter
inline constexpr std::size_t actors_max = 4096;       ///< of one envelope's actor table
inline constexpr std::size_t space_actors_max = (std::size_t{1} << 22U) - 1;

// Envelopes
inline constexpr std::size_t envelope_plain_max = 1024 * 1024;  ///< after decompression
inline constexpr std::size_t envelope_sealed_max = 256 * 1024;  ///< ciphertext with its tag
inline constexpr std::size_t envelope_seal_at = 64 * 1024;      ///< plaintext that fills one
inline constexpr std::size_t envelope_changes_max = 4096;
inline constexpr std::size_t pad_floor = 64;
inline constexpr std::size_t hold_envelopes_max = 1000;  ///< per space
inline constexpr std::size_t hold_bytes_max = 64 * 1024 * 1024;
inline constexpr std::size_t branch_envelopes_max = 10'000;  ///< of forked chains, per space
inline constexpr std::size_t heads_max_kept = 65'536;    ///< of a space's log, to compare with
inline constexpr std::size_t witnesses_max = 256;        ///< places ahead of us, per space
inline constexpr std::size_t alarms_max = 1000;
inline constexpr std::uint64_t receipt_every = 64;       ///< envelopes between two receipts
inline constexpr std::int64_t receipt_age_ms = 24 * 3'600'000;
inline constexpr std::int64_t receipt_doubt_ms = 10 * 60 * 1000;  ///< while a member claims a lie

// Membership log
inline constexpr std::size_t entry_max = 2 * 1024 * 1024;
inline constexpr std::size_t entry_ops_max = 64;
inline constexpr std::size_t entry_signers_max = 8;
inline constexpr std::size_t wraps_max = 4096;
inline constexpr std::size_t entry_wraps_aim = 2048;  ///< so that an entry crosses the wire
inline constexpr std::size_t invite_spaces_max = 64;
inline constexpr std::size_t rotation_tries = 4;    ///< readers who answer a due rotation at once
inline constexpr std::size_t adopt_max = 1024;      ///< envelopes that one op adopts
inline constexpr std::size_t removals_max = 1024;   ///< devices that one recovery removes
inline constexpr std::size_t admin_quorum_max = 8;  ///< as many as can sign one entry
inline constexpr std::int64_t emergency_max_ms = std::int64_t{7} * 24 * 3600 * 1000;
inline constexpr std::int64_t invite_life_max_ms = std::int64_t{7} * 24 * 3600 * 1000;

// The wire
inline constexpr std::size_t frame_max = 327'680 + 17;
inline constexpr std::size_t frame_before_proof_max = 512;
inline constexpr std::size_t page_max = 256 * 1024;      ///< sealed bytes of one page aimed at
inline constexpr std::size_t page_envelopes_max = 1024;
inline constexpr std::size_t session_spaces_max = 4096;
inline constexpr std::size_t vector_actors_max = 8192;
inline constexpr std::uint32_t credit_default = 4 * 1024 * 1024;
inline constexpr std::size_t push_window = 1024 * 1024;  ///< bytes pushed and not yet answered

// Seats and drop boxes
inline constexpr std::uint32_t password_ops_min = 3;
inline constexpr std::uint32_t password_ops_max = 10;
inline constexpr std::uint32_t password_kib_min = 32 * 1024;
inline constexpr std::uint32_t password_kib_max = 256 * 1024;
inline constexpr std::uint32_t password_kib_wanted_max = 128 * 1024;  ///< of a new vault
inline constexpr std::size_t pin_min = 6;          ///< characters
inline constexpr std::size_t passphrase_min = 15;  ///< characters that do without hardware
inline constexpr std::size_t pin_bytes_max = 256;
inline constexpr std::uint8_t pin_attempts_max = 10;
inline constexpr std::uint8_t pin_attempts_free = 4;
inline constexpr std::size_t vault_secret_max = 4096;  ///< what a vault holds, sealed
inline constexpr std::size_t rescuers_max = 8;         ///< supervisors of one seat
inline constexpr std::size_t seats_max = 64;           ///< of one installation
inline constexpr std::size_t courier_bag_max = 64 * 1024 * 1024;
inline constexpr std::size_t submission_max = 64 * 1024;  ///< padded
inline constexpr std::size_t submission_overhead = 184;    ///< around what is padded
inline constexpr std::size_t inboxes_max = 256;     ///< of an organisation, closed ones too
inline constexpr std::size_t space_inboxes_max = 8;  ///< of a space, open
inline constexpr std::int64_t inbox_late_ms = std::int64_t{7} * 24 * 3600 * 1000;  ///< an old key
inline constexpr std::size_t submissions_page_max = 64;  ///< of one frame
inline constexpr std::size_t filed_max = 1024;           ///< digests of one frame
inline constexpr std::int64_t inbox_lease_ms = 60'000;   ///< one device files, others wait
inline constexpr unsigned inbox_work_bits = 18;          ///< zeros that a post must show
inline constexpr unsigned inbox_work_bits_max = 30;
inline constexpr std::int64_t inbox_posts_per_minute = 600;  ///< over all, sustained
inline constexpr std::int64_t inbox_posts_at_once = 100;
inline constexpr std::int64_t inbox_asks_per_minute = 6'000;  ///< where an inbox is; over all
inline constexpr std::int64_t inbox_pending_max = 10'000;     ///< not fetched yet, of one inbox
inline constexpr std::int64_t inbox_bytes_max = 256 * 1024 * 1024;  ///< the same

// A device's share of a relay. Times of a day are UTC.
inline constexpr std::uint64_t device_bytes_per_day = std::uint64_t{2} * 1024 * 1024 * 1024;
inline constexpr std::uint64_t device_envelopes_per_day = 5'000;
inline constexpr std::uint64_t device_entries_per_day = 200;      ///< of its own making
inline constexpr std::uint64_t late_bytes_max = 64 * 1024 * 1024;  ///< of one former writer
inline constexpr std::int64_t device_checks_per_second = 200;     ///< signatures, sustained
inline constexpr std::int64_t device_checks_at_once = 2'000;      ///< after a quiet while
inline constexpr std::int64_t device_receipts_per_second = 100;
inline constexpr std::size_t false_signatures_max = 20;           ///< then the relay hangs up

// A relay's doors
inline constexpr std::size_t http_head_max = 8 * 1024;
inline constexpr std::size_t http_body_max = 72 * 1024;
inline constexpr std::int64_t http_body_ms = 30'000;  ///< from a body's first byte to its last
inline constexpr std::size_t outbound_max = 4 * 1024 * 1024;  ///< waiting for a slow reader
inline constexpr std::size_t sockets_max = 2'000;
inline constexpr std::size_t sockets_per_address_max = 500;
inline constexpr std::int64_t greeting_ms = 5'000;  ///< a request's head, TLS, WebSocket: each
inline constexpr std::int64_t idle_ms = 90'000;
inline constexpr std::int64_t proof_ms = 10'000;    ///< from connecting to an accepted proof

// Other people's files
inline constexpr std::size_t exchange_file_max = 64 * 1024 * 1024;
inline constexpr std::size_t exchange_unpacked_max = 256 * 1024 * 1024;  ///< of one archive
inline constexpr std::size_t exchange_members_max = 1024;                ///< of one archive
inline constexpr std::size_t exchange_rows_max = 1'000'000;
inline constexpr std::size_t exchange_columns_max = 512;
inline constexpr std::size_t exchange_cell_max = 64 * 1024;
inline constexpr std::size_t exchange_problems_max = 100;  ///< kept; the rest is counted
inline constexpr std::size_t roster_id_max = 200;          ///< a sourcedId
inline constexpr std::size_t roster_text_max = 1024;       ///< any other cell of a roster
inline constexpr std::size_t roster_links_max = 256;  ///< organisations or relatives of a person
inline constexpr std::size_t roster_batch_max = 200;  ///< edits of one change of an import

}  // namespace trellis::limits
