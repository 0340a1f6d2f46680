// SPDX-License-Identifier: Apache-2.0
// V: the vault, the PIN, a stolen tablet.
#include <algorithm>

#include "core/base/limits.hpp"
#include "crypto/primitive/hash.hpp"
#include "tests/crypto/expect.hpp"
#include "tests/crypto/vault_sample.hpp"
#include "tests/support/shared_tablet.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

constexpr std::size_t fails_at = 7;
constexpr std::size_t ops_at = 8;
constexpr std::size_t memory_at = 12;
constexpr std::size_t commit_at = 64;
constexpr std::size_t nonce_at = 96;
constexpr std::size_t sealed_at = 124;
constexpr std::size_t state_size = 16;

Error refusal_of(ByteView file) {
    const auto vault = Vault::parse(file);
    if (!vault) return vault.error();
    const auto opened = vault->open(sample_pin(), nullptr);
    return opened ? Error{Code::internal, "it opened"} : opened.error();
}

void put_u32(Bytes& file, std::size_t at, std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i) file[at + i] = static_cast<std::uint8_t>(value >> (8U * i));
}

}  // namespace

TEST_CASE("V-02 ten wrong PINs destroy the vault and leave the sealed work", "[adversary]") {
    SharedTablet tablet;
    const auto ana = tablet.member("Ana", "830517", 5);
    for (unsigned left = limits::pin_attempts_max; left > 0; --left) {
        REQUIRE(must(tablet.seats().list())[0].attempts_left == left);
        const auto wait = must(tablet.seats().list())[0].wait_ms;
        if (wait > 0) {
            REQUIRE(outcome(tablet.seats().unlock(ana, SharedTablet::pin("830517"))) == "busy");
            tablet.env().advance(wait);
        }
        REQUIRE(outcome(tablet.seats().unlock(ana, SharedTablet::pin("274910"))) == "wrong_key");
    }
    tablet.env().advance(1000LL * 3600 * 24);
    REQUIRE(outcome(tablet.seats().unlock(ana, SharedTablet::pin("830517"))) == "not_found");
    const auto image = tablet.folder().image();
    REQUIRE_FALSE(image.contains(ana.hex() + "/vault"));
    const auto bag = *must(tablet.seats().bag(ana));
    REQUIRE(must(tablet.admin().receive_repair(tablet.space(), bag.spaces[0].runs)).changes == 5);
}

TEST_CASE("R-12 a destroyed seat's work arrives, and its person comes back as a new seat",
          "[adversary]") {
    SharedTablet tablet;
    const auto old_seat = tablet.member("Ana", "830517", 5);
    must(tablet.seats().destroy(old_seat));
    const auto bag = *must(tablet.seats().bag(old_seat));
    must(tablet.admin().receive_repair(tablet.space(), bag.spaces[0].runs));
    CHECK(tablet.households(tablet.admin()) == 5);
    const auto fresh = tablet.add("Ana again", "274910");
    auto seat = tablet.unlock(fresh, "274910");
    tablet.join(*seat, "Ana");
    must(seat->replica->receive_repair(tablet.space(), bag.spaces[0].runs));
    CHECK(tablet.households(*seat->replica) == 5);
    CHECK(seat->replica->device() != bag.device);
    must(tablet.seats().lock(std::move(seat)));
}

TEST_CASE("V-03 every altered byte of a vault is the error of a wrong PIN", "[adversary]") {
    FakeEnv env;
    const auto good = sample_vault(env).bytes();
    const auto wrong_pin = must(Vault::parse(good)).open(must(Pin::parse(as_bytes("830518"))),
                                                         nullptr);
    REQUIRE(wrong_pin.error() == vault_error());
    for (std::size_t at = 0; at + state_size < good.size(); ++at) {
        // The count of failures is no part of what is sealed: V-05.
        if (at == fails_at) continue;
        // Of long random parts a few bytes are as good as all.
        if (at > commit_at && at % 7 != 0) continue;
        auto altered = good;
        altered[at] ^= 0x20U;
        CAPTURE(at);
        REQUIRE(refusal_of(altered) == vault_error());
    }
    for (std::size_t size = 0; size < good.size(); size += size < sealed_at ? 1 : 9) {
        CAPTURE(size);
        REQUIRE(refusal_of(ByteView(good).first(size)) == vault_error());
    }
    auto longer = good;
    longer.push_back(0);
    REQUIRE(refusal_of(longer) == vault_error());
}

TEST_CASE("V-04 a vault crafted to open with a second PIN is refused before it is decrypted",
          "[adversary]") {
    // The attacker knows both PINs and the format, and keeps the commitment of one while the
    // sealed part fits the other: exactly what an AEAD alone would let through.
    FakeEnv env;
    const auto vault = sample_vault(env);
    const auto mine = must(vault.open(sample_pin(), nullptr));
    auto other_env = FakeEnv(9);
    const auto other_pin = must(Pin::parse(as_bytes("274910")));
    auto crafted = sample_vault(env).bytes();
    const auto target = must(Vault::make(sample_order(), other_pin, nullptr, sample_secrets(),
                                         other_env)).bytes();
    // Same salt, so that both PINs stretch under one header.
    std::copy_n(target.begin() + 16, 16, crafted.begin() + 16);
    std::copy(target.begin() + nonce_at, target.end(), crafted.begin() + nonce_at);
    const auto parsed = must(Vault::parse(crafted));
    CHECK(outcome(parsed.open(other_pin, nullptr)) == "wrong_key");
    CHECK(outcome(parsed.open(sample_pin(), nullptr)) == "wrong_key");
    // With its own commitment the other PIN opens it, and then the first does not.
    std::copy_n(target.begin() + commit_at, 32, crafted.begin() + commit_at);
    CHECK(must(Vault::parse(crafted)).open(other_pin, nullptr).has_value());
    CHECK(outcome(must(Vault::parse(crafted)).open(sample_pin(), nullptr)) == "wrong_key");
    CHECK(mine.secrets.log_length == 41);
}

TEST_CASE("V-05 a counter set back gains attempts, but not without the hardware", "[adversary]") {
    SharedTablet tablet;
    tablet.keys().plug_in();
    const auto ana = tablet.member("Ana", "830517", 1);
    const auto image = tablet.folder().image();
    for (int i = 0; i < 4; ++i) {
        REQUIRE_FALSE(tablet.seats().unlock(ana, SharedTablet::pin("111213")).has_value());
    }
    REQUIRE(must(tablet.seats().list())[0].wait_ms > 0);
    tablet.folder().restore(image);  // what a thief with a copy of the memory can always do
    REQUIRE(must(tablet.seats().list())[0].wait_ms == 0);
    // Off the device even the right PIN is of no use.
    const auto vault = must(Vault::parse(image.at(ana.hex() + "/vault")));
    REQUIRE(vault.needs_hardware());
    CHECK(outcome(vault.open(SharedTablet::pin("830517"), nullptr)) == "wrong_key");
    const Key zeros;
    CHECK(outcome(vault.open(SharedTablet::pin("830517"), &zeros)) == "wrong_key");
}

TEST_CASE("V-06 a cost that was lowered or raised in the file is refused before it is run",
          "[adversary]") {
    FakeEnv env;
    const auto good = sample_vault(env).bytes();
    const std::pair<std::uint32_t, std::uint32_t> costs[] = {
        {1, 8}, {3, 4U * 1024 * 1024}, {0xFFFFFFFF, 64 * 1024}, {3, 0}, {0, 64 * 1024}};
    for (const auto& [ops, kib] : costs) {
        auto altered = good;
        put_u32(altered, ops_at, ops);
        put_u32(altered, memory_at, kib);
        CAPTURE(ops, kib);
        const auto vault = Vault::parse(altered);
        REQUIRE_FALSE(vault.has_value());  // so nothing was there to run it
        CHECK(vault.error() == vault_error());
    }
}

TEST_CASE("V-07 a vault that was copied to another tablet does not open there", "[adversary]") {
    SharedTablet tablet;
    SharedTablet other(4);
    const auto ana = tablet.member("Ana", "830517", 1);
    auto image = tablet.folder().image();
    image["installation"] = other.folder().image().at("installation");
    other.folder().restore(image);
    other.restart();
    CHECK(outcome(other.seats().unlock(ana, SharedTablet::pin("830517"))) == "wrong_key");
    // With the installation's file too, the hardware's factor is what is missing.
    SharedTablet guarded;
    guarded.keys().plug_in();
    const auto ben = guarded.member("Ben", "274910", 1);
    SharedTablet clone;
    clone.keys().plug_in();
    FakeKeyStore stranger(77);
    stranger.plug_in();
    clone.folder().restore(guarded.folder().image());
    clients::SeatFolder files(clone.folder().path());
    auto seats = must(clients::Seats::open(files, stranger, clone.opener(), clone.env()));
    CHECK(outcome(seats.unlock(ben, SharedTablet::pin("274910"))) == "wrong_key");
}

TEST_CASE("V-08 a vault beside somebody else's records stays locked", "[adversary]") {
    SharedTablet tablet;
    const auto ana = tablet.member("Ana", "830517", 1);
    const auto ben = tablet.member("Ben", "274910", 1);
    // The opener stands for whoever can put other records under the seat's key: here Ben's.
    Key bens;
    clients::SeatFolder files(tablet.folder().path());
    {
        auto learn = [&](const std::string& path, const Key& key) {
            bens = key.clone();
            return tablet.opener()(path, key);
        };
        auto seats = must(clients::Seats::open(files, tablet.keys(), learn, tablet.env()));
        must(seats.lock(must(seats.unlock(ben, SharedTablet::pin("274910")))));
    }
    auto swap = [&](const std::string&, const Key&) {
        return tablet.opener()(tablet.seats().database_path(ben), bens);
    };
    auto seats = must(clients::Seats::open(files, tablet.keys(), swap, tablet.env()));
    CHECK(outcome(seats.unlock(ana, SharedTablet::pin("830517"))) == "denied");
}

TEST_CASE("V-10 records set back to an older copy are noticed when the seat opens", "[adversary]") {
    SharedTablet tablet;
    const auto ana = tablet.member("Ana", "830517", 1);
    const auto old = tablet.folder().image().at(ana.hex() + "/records");
    auto seat = tablet.unlock(ana, "830517");
    CHECK_FALSE(seat->is_older_copy);
    must(tablet.admin().create_space("another", SpaceClass::general));
    tablet.catch_up(*seat);
    must(tablet.seats().lock(std::move(seat)));
    auto image = tablet.folder().image();
    for (const auto* suffix : {"-wal", "-shm"}) image.erase(ana.hex() + "/records" + suffix);
    image[ana.hex() + "/records"] = old;
    tablet.folder().restore(image);
    seat = tablet.unlock(ana, "830517");
    CHECK(seat->is_older_copy);
}

TEST_CASE("V-11 PINs are judged and made one form before they count", "[adversary]") {
    SharedTablet tablet;
    const auto cost = password_cost_floor;
    for (const auto* typed : {"123456", "１２３４５６", "000000", "12345", "qwerty", "20252025"}) {
        CAPTURE(typed);
        CHECK(outcome(tablet.seats().add("Ana", SharedTablet::pin(typed), cost, true)) ==
              "invalid");
    }
    const auto ana = tablet.add("Ana", "８３０５１７");
    tablet.unlock(ana, "830517").reset();
    tablet.unlock(ana, "٨٣٠٥١٧").reset();
    tablet.unlock(ana, " 830517\n").reset();
}
