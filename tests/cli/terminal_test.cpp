// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "clients/cli/table_print.hpp"

using namespace trellis::clients;

TEST_CASE("text from elsewhere cannot steer the terminal", "[cli]") {
    CHECK(tame("a\x1b[31mb") == "a\xEF\xBF\xBD[31mb");
    CHECK(tame("one\ntwo\tthree") == "one two three");
    CHECK(tame("a\xC2\x9B" "b") == "a\xEF\xBF\xBD" "b");      // a control of the second set
    CHECK(tame("a\xE2\x80\xAE" "b") == "a\xEF\xBF\xBD" "b");  // turns what follows around
    CHECK(tame("Nguyễn 張") == "Nguyễn 張");
}

TEST_CASE("widths count columns, not bytes", "[cli]") {
    CHECK(display_width("Ruiz") == 4);
    CHECK(display_width("Ñandú") == 5);
    CHECK(display_width("張") == 2);
    CHECK(display_width("e\xCC\x81") == 1);
    CHECK(cut_to_width("Familia Ruiz", 8) == "Familia…");
    CHECK(cut_to_width("Ruiz", 4) == "Ruiz");
    CHECK(display_width(cut_to_width("張張張", 4)) <= 4);
}

TEST_CASE("a table aligns its columns and cuts nothing where there is no terminal", "[cli]") {
    std::FILE* const file = std::tmpfile();
    const Terminal terminal(file, true);
    TextTable table({"id", "name"});
    table.add({"1", "張 Ruiz"});
    table.add({"12345", std::string(300, 'x')});
    CHECK(table.text(terminal, 2) == "  id     name\n  1      張 Ruiz\n  12345  " +
                                         std::string(300, 'x') + "\n");
    CHECK_FALSE(terminal.has_colour());
    std::fclose(file);
}
