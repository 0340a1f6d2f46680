// SPDX-License-Identifier: Apache-2.0
#include "core/store/search.hpp"

#include <vector>

namespace trellis::core {
namespace {

/// Code point ranges of scripts written without spaces (Unicode 15 block names in order: Thai,
/// Lao; Myanmar; Khmer; Hiragana and Katakana; CJK extension A; CJK ideographs; CJK
/// compatibility ideographs; CJK extensions B and later).
bool stands_alone(char32_t c) {
    return (c >= 0x0E00 && c <= 0x0EFF) || (c >= 0x1000 && c <= 0x109F) ||
           (c >= 0x1780 && c <= 0x17FF) || (c >= 0x3040 && c <= 0x30FF) ||
           (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF);
}

/// Length of the UTF-8 sequence at `lead`, 1 where it is not well-formed.
std::size_t sequence_length(std::string_view text, std::size_t at, char32_t& code) {
    const auto lead = static_cast<std::uint8_t>(text[at]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (at + length > text.size()) return 1;
    code = length == 1 ? lead : lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        code = code << 6U | (static_cast<std::uint8_t>(text[at + i]) & 0x3FU);
    }
    return length;
}

/// Words as a person separates them; characters that stand alone are words.
std::vector<std::string> words_of(std::string_view typed) {
    std::vector<std::string> words;
    std::string word;
    const auto end_word = [&] {
        if (!word.empty()) words.push_back(std::move(word));
        word.clear();
    };
    for (std::size_t at = 0; at < typed.size();) {
        char32_t code = 0;
        const std::size_t length = sequence_length(typed, at, code);
        const auto sequence = typed.substr(at, length);
        at += length;
        if (code <= ' ' || code == '"' || code == '*') {
            end_word();
        } else if (stands_alone(code)) {
            end_word();
            words.emplace_back(sequence);
        } else {
            word += sequence;
        }
    }
    end_word();
    return words;
}

}  // namespace

std::string search_text(std::string_view text) {
    std::string spaced;
    spaced.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        char32_t code = 0;
        const std::size_t length = sequence_length(text, at, code);
        const bool alone = stands_alone(code);
        if (alone) spaced += ' ';
        spaced += text.substr(at, length);
        if (alone) spaced += ' ';
        at += length;
    }
    return spaced;
}

std::string search_query(std::string_view typed) {
    // Quoted, so that nothing typed is an operator. Characters that stand alone and follow one
    // another directly would have to be a phrase to be exact; requiring each finds no less.
    std::string query;
    for (const auto& word : words_of(typed)) {
        if (!query.empty()) query += ' ';
        query += '"' + word + '"';
    }
    if (!query.empty()) query += '*';
    return query;
}

Result<void> Search::put(TypeId type, std::int64_t row, std::string_view text, bool exists) {
    auto& statements = statements_[type];
    if (!statements.insert.is_ready()) {
        const std::string table = search_table(type);
        TRELLIS_TRY(statements.insert,
                    database_.prepare("INSERT INTO " + table + "(rowid, body) VALUES(?1, ?2)"));
        TRELLIS_TRY(statements.remove,
                    database_.prepare("DELETE FROM " + table + " WHERE rowid=?1"));
    }
    if (exists) {
        statements.remove.bind(1, row);
        TRELLIS_DO(statements.remove.run());
    }
    if (text.empty()) return {};
    const std::string spaced = search_text(text);
    statements.insert.bind(1, row).bind_text(2, spaced);
    return statements.insert.run();
}

}  // namespace trellis::core
