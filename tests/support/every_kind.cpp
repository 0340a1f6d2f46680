// SPDX-License-Identifier: Apache-2.0
#include "tests/support/every_kind.hpp"

namespace trellis::test {

core::Schema every_kind_schema() {
    const auto json = parse_json(R"({
      "enums":{"level":{"values":[{"code":"low"},{"code":"middle"},{"code":"high"}]}},
      "types":[{"id":1,"name":"thing","fields":[
        {"id":1,"name":"name","search":true,"index":true},
        {"id":2,"name":"phone","resolver":"manual"},
        {"id":3,"name":"most","value":"integer","resolver":"max"},
        {"id":4,"name":"least","value":"integer","resolver":"min"},
        {"id":5,"name":"risk","value":"enum","enum":"level","resolver":"protect"},
        {"id":6,"name":"tags","kind":"set"},
        {"id":7,"name":"minutes","kind":"counter"},
        {"id":8,"name":"visits","kind":"log","fields":[
          {"id":1,"name":"text"},{"id":2,"name":"day","value":"date"}]},
        {"id":9,"name":"alarm","kind":"status","levels":["raised","owned"]},
        {"id":10,"name":"friend","value":"ref"},
        {"id":11,"name":"born","value":"date","immutable":true},
        {"id":12,"name":"note","kind":"text","search":true},
        {"id":13,"name":"agreed","value":"bool"},
        {"id":14,"name":"when","value":"instant"},
        {"id":15,"name":"share","value":"number"}]},
       {"id":2,"name":"other","fields":[{"id":1,"name":"name"}]}]})");
    TRELLIS_CHECK(json.has_value());
    auto schema = core::Schema::parse(*json);
    TRELLIS_CHECK(schema.has_value());
    return *std::move(schema);
}

}  // namespace trellis::test
