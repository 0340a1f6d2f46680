// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/recovery.hpp"

#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"
#include "crypto/primitive/hash.hpp"
#include "crypto/primitive/sodium.hpp"
#include "crypto/secret/base32.hpp"

#include <algorithm>
#include <bit>
#include <map>

namespace trellis::crypto {
namespace {

// The seed is the exclusive or of one piece for each set of `needed - 1` sheets; a sheet has
// the pieces of the sets it is not in. So any `needed` sheets have every piece together, and
// any fewer lack at least one, which is random. No field arithmetic to get wrong.
//
// version 1 | needed 1 | sheets 1 | sheet 1 | org 32 | split 8 | pieces of 32 | checksum 4
// printed in lines of 15 bytes, each with two digits that notice a mistake in it.
constexpr std::string_view title = "TRELLIS-RECOVERY-1";
constexpr std::uint8_t version = 1;
constexpr std::size_t check_size = 4;
constexpr std::size_t head_size = 4 + 32 + 8;
constexpr std::size_t line_bytes = 15;
constexpr std::size_t line_digits = 24;
constexpr std::size_t line_check_digits = 2;
constexpr std::size_t group_digits = 4;
constexpr unsigned sheets_max = 7;
constexpr std::size_t pieces_max = 35;

using SheetSet = unsigned;  // bit i: sheet i + 1
using SplitId = Id<struct SplitTag, 8>;

std::vector<SheetSet> sets_without_pieces(const RecoveryPlan& plan) {
    std::vector<SheetSet> sets;
    for (SheetSet set = 0; set < 1U << plan.sheets; ++set) {
        if (std::popcount(set) == plan.needed - 1) sets.push_back(set);
    }
    return sets;
}

ByteArray<check_size> checksum(ByteView bytes) {
    const auto digest = hash(Label::sheet_check, {bytes});
    ByteArray<check_size> sum{};
    std::copy_n(digest.bytes.begin(), check_size, sum.begin());
    return sum;
}

// A cyclic code of ten bits (the one of ATM cells): it notices every wrong digit and every
// swap of two neighbours, where a hash of that size would now and then let one through.
std::string line_check(std::size_t line, ByteView bytes) {
    constexpr unsigned divisor = 0x633;
    unsigned rest = static_cast<unsigned>(line) & 0xFFU;
    for (const auto byte : bytes) {
        for (unsigned bit = 8; bit-- > 0;) {
            rest = rest << 1U | (byte >> bit & 1U);
            if ((rest & 0x400U) != 0) rest ^= divisor;
        }
    }
    for (unsigned bit = 0; bit < 10; ++bit) {
        rest <<= 1U;
        if ((rest & 0x400U) != 0) rest ^= divisor;
    }
    const ByteArray<2> shifted{static_cast<std::uint8_t>(rest >> 2U),
                               static_cast<std::uint8_t>(rest << 6U)};
    return to_base32(shifted).substr(0, line_check_digits);
}

std::string print(std::size_t sheet, const RecoveryPlan& plan, ByteView bytes) {
    std::string text(title);
    text += " " + std::to_string(sheet) + "/" + std::to_string(plan.sheets);
    for (std::size_t line = 0; line * line_bytes < bytes.size(); ++line) {
        const auto rest = bytes.subspan(line * line_bytes);
        const auto part = rest.first(std::min(rest.size(), line_bytes));
        const auto digits = to_base32(part);
        text += "\n";
        for (std::size_t at = 0; at < digits.size(); at += group_digits) {
            text += digits.substr(at, group_digits) + " ";
        }
        text += line_check(line, part);
    }
    return text;
}

struct Sheet {
    RecoveryPlan plan;
    unsigned number = 0;  // from 1
    OrgId org;
    SplitId split;
    std::map<SheetSet, Key> pieces;
};

// The digits of a sheet, without its title, spaces and line ends.
Result<std::string> digits_of(std::string_view text) {
    const auto start = text.find(title);
    const auto slash = text.find('/', start == std::string_view::npos ? text.size() : start);
    if (slash == std::string_view::npos) {
        return Error{Code::invalid, "that is no recovery sheet: its first line is missing"};
    }
    std::string digits;
    for (const char letter : text.substr(std::min(text.size(), slash + 2))) {
        if (letter > ' ' && letter != '-') digits.push_back(letter);
    }
    return digits;
}

Result<Bytes> scan(std::string_view text, const std::string& which) {
    TRELLIS_TRY(const std::string digits, digits_of(text));
    Bytes bytes;
    for (std::size_t line = 0; line * (line_digits + line_check_digits) < digits.size(); ++line) {
        const auto part = digits.substr(line * (line_digits + line_check_digits),
                                        line_digits + line_check_digits);
        const auto size = part.size() > line_check_digits ? part.size() - line_check_digits : 0;
        auto decoded = from_base32(part.substr(0, size));
        const auto expected = decoded ? line_check(line, *decoded) : std::string();
        // Read the check digits as forgivingly as the others.
        if (size == 0 || !decoded ||
            from_base32(expected + "000000") != from_base32(part.substr(size) + "000000")) {
            return Error{Code::invalid,
                         which + ": line " + std::to_string(line + 1) +
                             " of digits has a mistake; compare it with the print"};
        }
        append(bytes, *decoded);
        wipe(*decoded);
    }
    return bytes;
}

Result<Sheet> read_sheet(std::string_view text, const std::string& which) {
    TRELLIS_TRY(auto bytes, scan(text, which));
    const auto broken = Error{Code::invalid, which + " is not complete; type all of its lines"};
    if (bytes.size() < head_size + check_size) return broken;
    const auto body = ByteView(bytes).first(bytes.size() - check_size);
    if (!equal(checksum(body), ByteView(bytes).last(check_size))) return broken;
    ByteReader reader(body);
    if (reader.u8() != version) {
        return Error{Code::unsupported, which + " was printed by a newer version; update"};
    }
    Sheet sheet;
    sheet.plan.needed = reader.u8();
    sheet.plan.sheets = reader.u8();
    sheet.number = reader.u8();
    sheet.org = reader.id<OrgId>();
    sheet.split = reader.id<SplitId>();
    if (!is_possible(sheet.plan) || sheet.number == 0 || sheet.number > sheet.plan.sheets) {
        return broken;
    }
    for (const auto set : sets_without_pieces(sheet.plan)) {
        if ((set >> (sheet.number - 1) & 1U) != 0) continue;
        const auto piece = reader.raw(Key::size);
        if (!piece.empty()) sheet.pieces.insert_or_assign(set, Key::from(piece));
    }
    if (!reader.finish("a recovery sheet")) return broken;
    wipe(bytes);
    return sheet;
}

void add_to(Key& sum, const Key& piece) {
    const auto out = sum.span();
    for (std::size_t i = 0; i < Key::size; ++i)
        out[i] ^= piece.view()[i];
}

}  // namespace

bool is_possible(const RecoveryPlan& plan) {
    return plan.needed >= 1 && plan.needed <= plan.sheets && plan.sheets <= sheets_max &&
           sets_without_pieces(plan).size() <= pieces_max;
}

RootKeys root_keys(const Key& seed) {
    return {SignSecret::from_seed(derive(seed, Label::root_sign, {}).view()),
            BoxSecret::from_seed(derive(seed, Label::root_box, {}).view())};
}

std::vector<std::string> split_seed(const OrgId& org,
                                    const Key& seed,
                                    const RecoveryPlan& plan,
                                    Env& env) {
    TRELLIS_CHECK(is_possible(plan));
    const auto sets = sets_without_pieces(plan);
    std::vector<Key> pieces(sets.size());
    auto last = seed.clone();
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
        env.random(pieces[i].span());
        add_to(last, pieces[i]);
    }
    pieces.back() = std::move(last);
    SplitId split;
    env.random(split.bytes);
    std::vector<std::string> sheets;
    for (std::uint8_t number = 1; number <= plan.sheets; ++number) {
        ByteWriter writer;
        writer.u8(version);
        writer.u8(plan.needed);
        writer.u8(plan.sheets);
        writer.u8(number);
        writer.raw(org.view());
        writer.raw(split.view());
        for (std::size_t i = 0; i < sets.size(); ++i) {
            if ((sets[i] >> (number - 1U) & 1U) == 0) writer.raw(pieces[i].view());
        }
        writer.raw(checksum(writer.view()));
        auto bytes = writer.take();
        sheets.push_back(print(number, plan, bytes));
        wipe(bytes);
    }
    return sheets;
}

Result<RecoveredSeed> combine_sheets(const std::vector<std::string>& sheets) {
    std::map<unsigned, Sheet> by_number;
    for (std::size_t i = 0; i < sheets.size(); ++i) {
        const auto which = "recovery sheet " + std::to_string(i + 1) + " of those given";
        TRELLIS_TRY(auto sheet, read_sheet(sheets[i], which));
        if (!by_number.empty()) {
            const auto& first = by_number.begin()->second;
            if (sheet.org != first.org || sheet.split != first.split ||
                sheet.plan.needed != first.plan.needed || sheet.plan.sheets != first.plan.sheets) {
                return Error{Code::invalid, which + " does not belong with the others"};
            }
        }
        const auto number = sheet.number;
        by_number.insert_or_assign(number, std::move(sheet));
    }
    if (by_number.empty()) return Error{Code::invalid, "no recovery sheet was given"};
    const auto& first = by_number.begin()->second;
    if (by_number.size() < first.plan.needed) {
        return Error{Code::invalid,
                     std::to_string(first.plan.needed) +
                         " different recovery sheets are needed; fetch another"};
    }
    RecoveredSeed recovered{first.org, Key()};
    for (const auto set : sets_without_pieces(first.plan)) {
        const auto holder =
            std::find_if(by_number.begin(), by_number.end(), [set](const auto& one) {
                return one.second.pieces.contains(set);
            });
        TRELLIS_CHECK(holder != by_number.end());
        add_to(recovered.seed, holder->second.pieces.at(set));
    }
    return recovered;
}

}  // namespace trellis::crypto
